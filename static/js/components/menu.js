import { html } from 'lit';
import { Light } from './element.js';
import { icon } from './icons.js';

/**
 * @typedef {object} MenuItem
 * @property {string} label
 * @property {string} [hint]
 * @property {string} [icon]
 * @property {string} [testid]
 * @property {boolean} [disabled]
 * @property {() => void} run
 */

/**
 * A button that opens a list of commands; arrow keys walk it, Escape closes it.
 * Properties: label (accessible name), icon, text (shown beside the icon), items.
 */
export class Menu extends Light {
  static properties = { label: {}, icon: {}, text: {}, items: { attribute: false }, open: { state: true }, kind: {}, testid: {} };

  constructor() {
    super();
    this.label = '';
    this.icon = 'more';
    this.text = '';
    this.kind = '';
    this.testid = '';
    this.open = false;
    /** @type {MenuItem[]} */
    this.items = [];
    this.onOutside = (/** @type {Event} */ event) => {
      if (!this.contains(/** @type {Node} */ (event.target))) this.open = false;
    };
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener('pointerdown', this.onOutside);
  }

  render() {
    return html`<div class="menu" @keydown=${this.onKey} @focusout=${this.onFocusOut}>
      <button type="button" class="button ${this.kind} ${this.text ? '' : 'icon'}" aria-haspopup="menu" aria-expanded=${this.open}
        aria-label=${this.label} title=${this.label} data-testid=${this.testid} @click=${this.toggle}>${icon(this.icon)}${this.text ? html`<span>${this.text}</span>` : ''}</button>
      ${this.open ? html`<div class="menu-list" role="menu" aria-label=${this.label}>
        ${this.items.map((item) => html`<button type="button" role="menuitem" tabindex="-1" data-testid=${item.testid ?? ''} ?disabled=${item.disabled} @click=${() => this.choose(item)}>
          ${item.icon ? icon(item.icon) : ''}<span>${item.label}${item.hint ? html`<small>${item.hint}</small>` : ''}</span></button>`)}
      </div>` : ''}
    </div>`;
  }

  async toggle() {
    this.open = !this.open;
    const listen = this.open ? 'addEventListener' : 'removeEventListener';
    document[listen]('pointerdown', this.onOutside);
    await this.updateComplete;
    if (this.open) this.entries()[0]?.focus();
  }

  entries() {
    return /** @type {HTMLButtonElement[]} */ ([...this.querySelectorAll('[role=menuitem]:not(:disabled)')]);
  }

  /** @param {MenuItem} item */
  choose(item) {
    this.close();
    item.run();
  }

  close() {
    this.open = false;
    /** @type {HTMLElement|null} */ (this.querySelector('[aria-haspopup]'))?.focus();
  }

  /** @param {FocusEvent} event */
  onFocusOut(event) {
    const next = /** @type {Node|null} */ (event.relatedTarget);
    if (next && !this.contains(next)) this.open = false;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (!this.open) return;
    const entries = this.entries();
    const at = entries.indexOf(/** @type {any} */ (document.activeElement));
    const moves = /** @type {Record<string, number>} */ ({ ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 });
    if (event.key in moves) entries[(moves[event.key] + entries.length) % entries.length]?.focus();
    else if (event.key === 'Escape') this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
customElements.define('st-menu', Menu);
