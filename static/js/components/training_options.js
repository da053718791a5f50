import { html } from 'lit';
import { live } from 'lit/directives/live.js';
import { Light } from './element.js';
import { icon } from './icons.js';
import { optionLabel } from './training_words.js';

/**
 * The options of a recipe, as its table has them. Properties: options (the table), values (what was
 * changed, by name). Event: set-option with {name, value}; value undefined goes back to the default.
 *
 * @typedef {import('./training_words.js').Option} Option
 */
export class TrainingOptions extends Light {
  static properties = { options: { attribute: false }, values: { attribute: false } };

  constructor() {
    super();
    /** @type {Option[]} */
    this.options = [];
    /** @type {Record<string, any>} */
    this.values = {};
  }

  render() {
    return html`<div class="option-list">${this.options.map((option) => this.row(option))}</div>`;
  }

  /** @param {Option} option */
  row(option) {
    const { name, help } = option;
    const changed = name in this.values;
    const id = `option-${name}`;
    return html`<div class="option ${changed ? 'changed' : ''}" data-testid="option" data-name=${name}>
      <label for=${id}>${optionLabel(name)}</label>
      ${changed ? html`<button type="button" class="button icon small ghost" title="Back to what it was" aria-label=${`Back to what it was: ${optionLabel(name)}`} @click=${() => this.reset(name)}>${icon('undo')}</button>` : html`<span></span>`}
      ${this.field(option, id)}
      <small class="muted" id=${`${id}-help`}>${help}${this.range(option)}</small>
    </div>`;
  }

  /** @param {Option} option @param {string} id */
  field(option, id) {
    const { name, choices } = option;
    const value = this.values[name] ?? option.default;
    const number = (/** @type {number|'any'} */ step) => html`<input class="number nums" type="number" id=${id} inputmode=${step === 1 ? 'numeric' : 'decimal'} step=${step} min=${option.low ?? ''} max=${option.high ?? ''} placeholder="by itself"
      aria-describedby=${`${id}-help`} .value=${live(value === null ? '' : String(value))} @change=${(/** @type {any} */ e) => this.number(e.target, option)}>`;
    const kinds = /** @type {Record<Option['kind'], () => any>} */ ({
      int: () => number(1),
      float: () => number('any'),
      choice: () => html`<select class="select small" id=${id} aria-describedby=${`${id}-help`} @change=${(/** @type {any} */ e) => this.set(option, e.target.value)}>
        ${choices.map((choice) => html`<option value=${choice} ?selected=${choice === value}>${choice}</option>`)}</select>`,
      bool: () => html`<input type="checkbox" class="toggle" id=${id} aria-describedby=${`${id}-help`} .checked=${live(!!value)} @change=${(/** @type {any} */ e) => this.set(option, e.target.checked)}>`,
    });
    return kinds[option.kind]();
  }

  /** @param {Option} option */
  range({ kind, low, high }) {
    if (kind !== 'int' && kind !== 'float') return '';
    return low === null || high === null ? '' : html` <span class="nowrap nums">${low.toLocaleString('en-GB')} to ${high.toLocaleString('en-GB')}.</span>`;
  }

  /** A number that cannot be is put right at once, where it can be seen. @param {HTMLInputElement} input @param {Option} option */
  number(input, option) {
    const typed = input.value.trim();
    const value = Number(typed);
    if (!typed || !Number.isFinite(value)) return this.reset(option.name);
    const whole = option.kind === 'int' ? Math.round(value) : value;
    return this.set(option, Math.min(option.high ?? Infinity, Math.max(option.low ?? -Infinity, whole)));
  }

  /** @param {Option} option @param {any} value */
  set({ name, default: usual }, value) {
    this.emit('set-option', { name, value: value === usual ? undefined : value });
    this.requestUpdate();
  }

  /** @param {string} name */
  reset(name) {
    this.emit('set-option', { name, value: undefined });
    this.requestUpdate();
    /** @type {HTMLElement|null} */ (this.querySelector(`#option-${name}`))?.focus();
  }
}
customElements.define('st-options', TrainingOptions);
