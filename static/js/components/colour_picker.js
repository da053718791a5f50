import { html } from 'lit';
import { Light } from './element.js';
import { SWATCHES, css, tint } from './colours.js';

/**
 * A class's colour: a round button that opens ten swatches and a free choice.
 * Properties: item (the class). Event: recolor with the new colour.
 */
export class ColourPicker extends Light {
  static properties = { item: { attribute: false }, open: { state: true } };

  constructor() {
    super();
    this.item = { id: '', label: '', color: '#777777' };
    this.open = false;
    this.onOutside = (/** @type {Event} */ event) => {
      if (!this.contains(/** @type {Node} */ (event.target))) this.toggle(false);
    };
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener('pointerdown', this.onOutside);
  }

  render() {
    const { item } = this;
    return html`<div class="menu start" @keydown=${this.onKey}>
      <button type="button" class="colour" .style=${tint(item)} aria-label=${`Colour of ${item.label}`} title="Colour" aria-expanded=${this.open} @click=${() => this.toggle(!this.open)}></button>
      ${this.open ? html`<div class="menu-list swatches" role="group" aria-label=${`Colour of ${item.label}`}>
        ${SWATCHES.map(({ name, value }) => html`<button type="button" class="colour" .style=${css({ '--class': value })} aria-label=${name} title=${name} aria-pressed=${value === item.color} @click=${() => this.choose(value)}></button>`)}
        <label class="own">Another<input type="color" .value=${item.color} @change=${(/** @type {any} */ e) => this.choose(e.target.value)}></label>
      </div>` : ''}
    </div>`;
  }

  /** @param {boolean} open */
  toggle(open) {
    this.open = open;
    document[open ? 'addEventListener' : 'removeEventListener']('pointerdown', this.onOutside);
  }

  /** @param {string} value */
  choose(value) {
    this.toggle(false);
    this.emit('recolor', value);
    this.need('.colour').focus();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key !== 'Escape' || !this.open) return;
    this.toggle(false);
    this.need('.colour').focus();
    event.stopPropagation();
  }
}
customElements.define('st-colour', ColourPicker);
