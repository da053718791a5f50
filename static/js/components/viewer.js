import { html } from 'lit';
import { Light, announce, count } from './element.js';
import { icon } from './icons.js';
import { outside } from './dialogs.js';
import './menu.js';
import './picture_grid.js';

/**
 * @typedef {object} View what the viewer shows
 * @property {string} title
 * @property {string} [hint]
 * @property {() => {id: string, color: string, note: string, about?: string}[]} list asked again after each change
 * @property {string} [at] the picture to begin with, selected
 */

/**
 * A dialog with the pictures of a class or of a cell of the matrix: select, delete, move.
 * Properties: classes, cache, undoLabel. Events: delete-samples (ids), move-samples ({ids, classId}).
 */
export class Viewer extends Light {
  static properties = { classes: { attribute: false }, cache: { attribute: false }, view: { state: true }, items: { state: true }, selected: { state: true } };

  constructor() {
    super();
    /** @type {{id: string, label: string, color: string}[]} */
    this.classes = [];
    /** @type {any} */
    this.cache = null;
    /** @type {View|null} */
    this.view = null;
    /** @type {ReturnType<View['list']>} */
    this.items = [];
    /** @type {Set<string>} */
    this.selected = new Set();
  }

  render() {
    const { view, items, selected, classes } = this;
    const n = selected.size;
    const one = n === 1 ? [...selected][0] : '';
    return html`<dialog class="viewer" aria-labelledby="viewer-title" data-testid="viewer" @click=${this.onClick} @close=${() => { this.view = null; }} @keydown=${this.onKey}>
      ${view ? html`<header><div><h2 id="viewer-title">${view.title}</h2><p class="small muted">${view.hint ?? 'Select pictures, then move or delete them.'}</p></div>
        <button type="button" class="button icon ghost" aria-label="Close" @click=${this.close}>${icon('close')}</button></header>
      <aside class="closer" aria-live="off">${one ? html`<st-picture .cache=${this.cache} .sample=${one} alt="The selected picture, larger"></st-picture><p class="small">${items.find((i) => i.id === one)?.note ?? ''}</p><p class="small muted">${items.find((i) => i.id === one)?.about ?? ''}</p>`
          : html`<p class="small muted">${n ? `${n} pictures are selected.` : 'Select one picture to see it larger.'}</p>`}</aside>
      ${items.length ? html`<st-picture-grid .items=${items} .cache=${this.cache} .selected=${selected} @select-pictures=${(/** @type {CustomEvent} */ e) => { this.selected = e.detail; }}></st-picture-grid>`
        : html`<p class="viewer-empty muted">No pictures here.</p>`}
      <footer>
        <span class="nums chosen" role="status">${n ? `${n} selected` : count(items.length, 'picture')}</span>
        <button type="button" class="button small ghost" data-testid="select-all" @click=${this.all}>${n === items.length && n ? 'Select none' : 'Select all'}</button>
        <label class="move"><span class="visually-hidden">Move the selected pictures to</span>
          <select class="select small" data-testid="move-to" ?disabled=${!n} @change=${this.move}>
            <option value="">Move to …</option>${classes.map((c) => html`<option value=${c.id}>${c.label}</option>`)}
          </select></label>
        <button type="button" class="button small danger" data-testid="delete-pictures" ?disabled=${!n} @click=${this.remove_}>${icon('trash')}Delete</button>
      </footer>` : ''}
    </dialog>`;
  }

  /** @param {View} view */
  async show(view) {
    this.view = view;
    this.items = view.list();
    this.selected = new Set(view.at ? [view.at] : []);
    await this.updateComplete;
    const dialog = /** @type {HTMLDialogElement} */ (this.need('dialog'));
    if (!dialog.open) dialog.showModal();
    const grid = /** @type {import('./picture_grid.js').PictureGrid|null} */ (this.querySelector('st-picture-grid'));
    await grid?.updateComplete;
    grid?.focusAt(Math.max(0, this.items.findIndex((item) => item.id === view.at)));
  }

  /** Ask again what there is to show: something changed. */
  refresh() {
    if (!this.view) return;
    this.items = this.view.list();
    const there = new Set(this.items.map((item) => item.id));
    this.selected = new Set([...this.selected].filter((id) => there.has(id)));
  }

  close() {
    /** @type {HTMLDialogElement} */ (this.need('dialog')).close();
  }

  all() {
    this.selected = this.selected.size === this.items.length ? new Set() : new Set(this.items.map((item) => item.id));
  }

  remove_() {
    const ids = [...this.selected];
    if (!ids.length) return;
    this.emit('delete-samples', ids);
    announce(`${count(ids.length, 'picture')} deleted`);
    this.settle();
  }

  /** @param {Event} event */
  move(event) {
    const select = /** @type {HTMLSelectElement} */ (event.target);
    const classId = select.value;
    select.value = '';
    const ids = [...this.selected];
    if (!classId || !ids.length) return;
    this.emit('move-samples', { ids, classId });
    announce(`${count(ids.length, 'picture')} moved to ${this.classes.find((c) => c.id === classId)?.label}`);
    this.settle();
  }

  /** Keep the keyboard in the grid after pictures have gone. */
  async settle() {
    this.selected = new Set();
    await this.updateComplete;
    const grid = /** @type {import('./picture_grid.js').PictureGrid|null} */ (this.querySelector('st-picture-grid'));
    if (grid && this.items.length) grid.focusAt(Math.min(grid.at, this.items.length - 1));
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const dialog = /** @type {HTMLDialogElement} */ (this.need('dialog'));
    if (event.target === dialog && outside(dialog, event)) dialog.close();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key === 'Delete' || event.key === 'Backspace') this.remove_();
  }
}
customElements.define('st-viewer', Viewer);
