import { html } from 'lit';
import { Light } from './element.js';

/**
 * A name that is edited where it stands. Enter or leaving it commits, Escape takes it back. While
 * somebody types, nothing that happens elsewhere on the page may overwrite it.
 * Properties: value, label (accessible name), testid, kind (further class). Event: rename with the
 * new name, if it is one.
 */
export class NameField extends Light {
  static properties = { value: {}, label: {}, testid: {}, kind: {} };

  constructor() {
    super();
    this.value = '';
    this.label = '';
    this.testid = '';
    this.kind = '';
  }

  render() {
    return html`<input class="inline-name display ${this.kind}" aria-label=${this.label} data-testid=${this.testid} maxlength="200" spellcheck="false" autocomplete="off" @change=${this.commit} @blur=${this.settle} @keydown=${this.onKey}>`;
  }

  updated() {
    if (document.activeElement !== this.input) this.settle();
  }

  get input() {
    return /** @type {HTMLInputElement} */ (this.need('input'));
  }

  /** Show the name as it is: what was typed may have been refused or tidied. */
  settle() {
    if (this.input.value !== this.value) this.input.value = this.value;
  }

  commit() {
    const name = this.input.value.trim();
    if (name && name !== this.value) this.emit('rename', name);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key === 'Escape') this.settle();
    if (event.key === 'Enter' || event.key === 'Escape') this.input.blur();
  }
}
customElements.define('st-name', NameField);
