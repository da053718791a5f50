import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Light } from './element.js';
import { css } from './colours.js';
import './picture.js';

const CELL = 104;

/**
 * Any number of pictures to select from; only the rows in sight exist. Arrow keys walk, Space
 * selects, Shift extends, Ctrl/Cmd+A selects all.
 * Properties: items ([{id, color, note}]), cache, selected (Set of ids). Event: select with the new Set.
 */
export class PictureGrid extends Light {
  static properties = { items: { attribute: false }, cache: { attribute: false }, selected: { attribute: false }, at: { state: true }, window_: { state: true } };

  constructor() {
    super();
    /** @type {{id: string, color: string, note: string}[]} */
    this.items = [];
    /** @type {any} */
    this.cache = null;
    /** @type {Set<string>} */
    this.selected = new Set();
    this.at = 0;
    this.anchor = 0;
    this.columns = 4;
    this.window_ = { first: 0, last: 40 };
    this.observer = new ResizeObserver(() => this.measure());
  }

  connectedCallback() {
    super.connectedCallback();
    this.observer.observe(this);
    this.addEventListener('scroll', this.measure);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.observer.disconnect();
  }

  /** Find which rows are in sight. */
  measure() {
    this.columns = Math.max(1, Math.floor(this.clientWidth / CELL));
    const first = Math.max(0, Math.floor(this.scrollTop / CELL) - 2) * this.columns;
    const last = (Math.ceil((this.scrollTop + this.clientHeight) / CELL) + 2) * this.columns;
    if (first !== this.window_.first || last !== this.window_.last) this.window_ = { first, last };
  }

  render() {
    const { items, columns } = this;
    const { first, last } = this.window_;
    const width = this.clientWidth ? this.clientWidth / columns : CELL;
    return html`<div class="grid-all" role="listbox" aria-multiselectable="true" aria-label="Pictures" .style=${css({ height: `${Math.ceil(items.length / columns) * CELL}px` })} @keydown=${this.onKey}>
      ${repeat(items.slice(first, last), (item) => item.id, (item, i) => {
        const index = first + i;
        const chosen = this.selected.has(item.id);
        return html`<button type="button" role="option" class="grid-cell" aria-selected=${chosen} data-testid="picture" data-id=${item.id} data-index=${index} tabindex=${index === this.at ? 0 : -1}
          aria-label=${`Picture ${index + 1} of ${items.length}${item.note ? `, ${item.note}` : ''}`}
          .style=${css({ left: `${(index % columns) * width}px`, top: `${Math.floor(index / columns) * CELL}px`, '--class': item.color })}
          @click=${(/** @type {MouseEvent} */ e) => this.choose(index, e.shiftKey)}><st-picture .cache=${this.cache} .sample=${item.id}></st-picture>${item.note ? html`<span class="note">${item.note}</span>` : ''}</button>`;
      })}
    </div>`;
  }

  /** @param {number} index @param {boolean} extend */
  choose(index, extend) {
    const selected = new Set(this.selected);
    if (extend) {
      const [low, high] = [Math.min(this.anchor, index), Math.max(this.anchor, index)];
      for (const { id } of this.items.slice(low, high + 1)) selected.add(id);
    } else {
      const { id } = this.items[index];
      if (!selected.delete(id)) selected.add(id);
      this.anchor = index;
    }
    this.at = index;
    this.emit('select-pictures', selected);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const { at, columns, items } = this;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
      event.preventDefault();
      this.emit('select-pictures', new Set(items.map((item) => item.id)));
      return;
    }
    const to = /** @type {Record<string, number>} */ ({
      ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + columns, ArrowUp: at - columns, Home: 0, End: items.length - 1,
    })[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.focusAt(Math.max(0, Math.min(items.length - 1, to)));
    if (event.shiftKey) this.choose(this.at, true);
  }

  /** @param {number} index */
  async focusAt(index) {
    this.at = index;
    const top = Math.floor(index / this.columns) * CELL;
    const { scrollTop, clientHeight } = this;
    if (top < scrollTop) this.scrollTo({ top });
    else if (top + CELL > scrollTop + clientHeight) this.scrollTo({ top: top + CELL - clientHeight });
    this.measure();
    await this.updateComplete;
    /** @type {HTMLElement|null} */ (this.querySelector(`[data-index="${index}"]`))?.focus({ preventScroll: true });
  }
}
customElements.define('st-picture-grid', PictureGrid);
