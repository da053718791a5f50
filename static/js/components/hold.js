import { html } from 'lit';
import { Light } from './element.js';
import { tint } from './colours.js';

/**
 * The button that records while it is held: pointer, touch, Space or Enter. A click that comes
 * without a press (a screen reader's) records for a second.
 * Properties: item (the class), recording, text, hint (a key). Events: hold-start, hold-stop.
 */
export class HoldButton extends Light {
  static properties = { item: { attribute: false }, recording: { type: Boolean }, text: {}, hint: {}, disabled: { type: Boolean } };

  constructor() {
    super();
    /** @type {{id: string, label: string, color: string}} */
    this.item = { id: '', label: '', color: '#777777' };
    this.recording = false;
    this.disabled = false;
    this.text = '';
    this.hint = '';
    this.held = false;
    this.pressed = false;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.stop();
  }

  render() {
    return html`<button type="button" class="hold ${this.recording ? 'recording' : ''}" .style=${tint(this.item)}
      data-testid="hold-button" aria-pressed=${this.recording} ?disabled=${this.disabled}
      aria-label=${`${this.text}: ${this.item.label}`} aria-keyshortcuts=${this.hint}
      @pointerdown=${this.onPointerDown} @pointerup=${this.stop} @pointercancel=${this.stop} @lostpointercapture=${this.stop}
      @keydown=${this.onKeyDown} @keyup=${this.onKeyUp} @blur=${this.stop} @click=${this.onClick}
      @contextmenu=${(/** @type {Event} */ e) => e.preventDefault()}>
      <span class="hold-dot" aria-hidden="true"></span><span>${this.text}</span>${this.hint ? html`<kbd aria-hidden="true">${this.hint}</kbd>` : ''}
    </button>`;
  }

  start() {
    if (this.held || this.disabled) return;
    this.held = true;
    this.emit('hold-start', this.item.id);
  }

  stop() {
    if (!this.held) return;
    this.held = false;
    this.emit('hold-stop', this.item.id);
  }

  /** @param {PointerEvent} event */
  onPointerDown(event) {
    if (event.button !== 0) return;
    this.pressed = true;
    /** @type {HTMLElement} */ (event.currentTarget).setPointerCapture(event.pointerId);
    this.start();
  }

  /** @param {KeyboardEvent} event */
  onKeyDown(event) {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    if (!event.repeat) this.start();
  }

  /** @param {KeyboardEvent} event */
  onKeyUp(event) {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    this.stop();
  }

  onClick() {
    if (this.pressed) {
      this.pressed = false;
      return;
    }
    this.start();
    setTimeout(() => this.stop(), 1000);
  }
}
customElements.define('st-hold', HoldButton);
