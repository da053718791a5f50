import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { live } from 'lit/directives/live.js';
import { Light, announce, count } from './element.js';
import { tint } from './colours.js';

/**
 * Which class does what: a bay for each action and one for nothing. A class is dragged to a bay, or
 * sent there by the list on it. Properties: classes [{id, label, color, count}], actions, map.
 * Event: bind with {classId, action}.
 */
export class ControlBind extends Light {
  static properties = { classes: { attribute: false }, actions: { attribute: false }, map: { attribute: false }, over: { state: true }, dragged: { state: true } };

  constructor() {
    super();
    /** @type {{id: string, label: string, color: string, count: number}[]} */
    this.classes = [];
    /** @type {{id: string, title: string, does: string, icon: string}[]} */
    this.actions = [];
    /** @type {Record<string, string|null>} */
    this.map = {};
    /** The bay under what is dragged; '' is nothing. @type {string|null} */
    this.over = null;
    /** @type {string|null} */
    this.dragged = null;
  }

  render() {
    return html`<div class="bays ${this.actions.length > 4 ? 'many' : ''}" data-testid="bays">
      ${repeat(this.actions, (a) => a.id, (action) => this.bay(action))}
      ${this.bay({ id: '', title: 'Nothing', does: 'leaves things as they are', icon: '·' })}
    </div>`;
  }

  /** @param {{id: string, title: string, does: string, icon: string}} action */
  bay({ id, title, does, icon }) {
    const mine = this.classes.filter((c) => (this.map[c.id] ?? '') === id);
    return html`<section class="bay ${this.over === id && this.dragged !== null ? 'over' : ''} ${id ? '' : 'nothing'}" data-testid="bay" data-action=${id} aria-label=${title}
      @dragover=${(/** @type {DragEvent} */ e) => this.onOver(e, id)} @dragleave=${() => this.onLeave(id)} @drop=${(/** @type {DragEvent} */ e) => this.onDrop(e, id)}>
      <header><span class="sign" aria-hidden="true">${icon}</span><span><b>${title}</b> <span class="small muted">${does}</span></span></header>
      <div class="bay-classes">
        ${repeat(mine, (c) => c.id, (c) => this.chip(c))}
        ${id ? '' : html`<span class="bind-chip fixed" title="What is like none of your classes never does anything.">None of these</span>`}
        ${id && !mine.length ? html`<p class="small muted bay-empty">Nothing does this yet. Drag a class here, or choose it on the class.</p>` : ''}
      </div>
    </section>`;
  }

  /** @param {{id: string, label: string, color: string, count: number}} item */
  chip(item) {
    const { id, label, count: n } = item;
    return html`<span class="bind-chip ${this.dragged === id ? 'dragged' : ''}" .style=${tint(item)} draggable="true" data-testid="bind-chip" data-id=${id}
      @dragstart=${(/** @type {DragEvent} */ e) => this.onDrag(e, id)} @dragend=${() => this.endDrag()}>
      <span class="swatch"></span><span class="chip-name">${label}</span><span class="small muted nums" title=${count(n, 'picture')}>${n}</span>
      <select aria-label=${`What ${label} does`} data-testid="bind-select" .value=${live(this.map[id] ?? '')} @change=${(/** @type {any} */ e) => this.bind(id, e.target.value || null)}>
        ${this.actions.map((a) => html`<option value=${a.id} ?selected=${this.map[id] === a.id}>${a.title}</option>`)}
        <option value="" ?selected=${!this.map[id]}>Nothing</option>
      </select>
    </span>`;
  }

  /** @param {DragEvent} event @param {string} id */
  onDrag(event, id) {
    event.dataTransfer?.setData('text/plain', id);
    if (event.dataTransfer) event.dataTransfer.effectAllowed = 'move';
    this.dragged = id;
  }

  endDrag() {
    this.dragged = null;
    this.over = null;
  }

  /** @param {DragEvent} event @param {string} bay */
  onOver(event, bay) {
    if (this.dragged === null) return;
    event.preventDefault();
    this.over = bay;
  }

  /** @param {string} bay */
  onLeave(bay) {
    if (this.over === bay) this.over = null;
  }

  /** @param {DragEvent} event @param {string} bay */
  onDrop(event, bay) {
    if (this.dragged === null) return;
    event.preventDefault();
    this.bind(this.dragged, bay || null);
    this.endDrag();
  }

  /** @param {string} classId @param {string|null} action */
  async bind(classId, action) {
    const item = this.classes.find(({ id }) => id === classId);
    const title = this.actions.find(({ id }) => id === action)?.title ?? 'Nothing';
    this.emit('bind', { classId, action });
    announce(`${item?.label}: ${title}`);
    await this.updateComplete;
    // It has moved to another bay: whoever steers by keys goes on where they were.
    requestAnimationFrame(() => /** @type {HTMLElement|null} */ (this.querySelector(`[data-id="${classId}"] select`))?.focus({ preventScroll: true }));
  }
}
customElements.define('st-control-bind', ControlBind);
