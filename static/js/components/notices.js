import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Light } from './element.js';
import { icon } from './icons.js';

/**
 * @typedef {object} Notice
 * @property {string} text
 * @property {'plain'|'bad'} [kind]
 * @property {{label: string, run: () => void}} [action]
 * @property {number|null} [progress] 0..1; a notice with progress stays until it is closed
 * @property {number} [seconds] how long it stays; 0 for ever
 */

/** Notices at the foot of the page: what happened, and how to take it back. */
export class Notices extends Light {
  constructor() {
    super();
    /** @type {(Notice & {id: number})[]} */
    this.items = [];
    this.next = 0;
  }

  /**
   * Show a notice.
   * @param {Notice} notice
   * @returns {{update: (patch: Partial<Notice>) => void, close: () => void}}
   */
  show(notice) {
    const item = { ...notice, id: this.next++ };
    this.items = [...this.items.slice(-2), item];
    this.requestUpdate();
    const close = () => {
      this.items = this.items.filter((other) => other !== item);
      this.requestUpdate();
    };
    const seconds = notice.seconds ?? (notice.progress === undefined ? (notice.kind === 'bad' ? 12 : 7) : 0);
    if (seconds) setTimeout(close, seconds * 1000);
    return {
      update: (patch) => {
        Object.assign(item, patch);
        this.requestUpdate();
      },
      close,
    };
  }

  render() {
    return repeat(this.items, (item) => item.id, (item) => html`
      <div class="notice ${item.kind ?? 'plain'}" role=${item.kind === 'bad' ? 'alert' : 'status'} data-testid="notice">
        <span>${item.text}</span>
        ${item.progress != null ? html`<progress max="1" .value=${item.progress} aria-label=${item.text}></progress>` : ''}
        ${item.action ? html`<button type="button" class="button small" @click=${() => this.act(item)}>${item.action.label}</button>` : ''}
        <button type="button" class="button icon small ghost" aria-label="Close this notice" @click=${() => this.remove_(item)}>${icon('close')}</button>
      </div>`);
  }

  /** @param {Notice & {id: number}} item */
  act(item) {
    item.action?.run();
    this.remove_(item);
  }

  /** @param {Notice & {id: number}} item */
  remove_(item) {
    this.items = this.items.filter((other) => other !== item);
    this.requestUpdate();
  }
}
customElements.define('st-notices', Notices);

/** @type {Notices|null} */
let shelf = null;

/**
 * Show a notice in the page's one shelf.
 * @param {Notice} notice
 */
export function notify(notice) {
  if (!shelf) {
    shelf = /** @type {Notices} */ (document.createElement('st-notices'));
    document.body.append(shelf);
  }
  return shelf.show(notice);
}
