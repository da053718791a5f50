import { html } from 'lit';
import { live } from 'lit/directives/live.js';
import { Light, percent } from './element.js';
import { icon } from './icons.js';

/** @param {number} ms */
const cost = (ms) => (Number.isFinite(ms) ? `adds about ${Math.round(ms)} ms` : 'is never reached');

/**
 * How answers become actions. Properties: control, actions, thresholds (by action), delays (by action).
 * Events: set-control with a patch, reset-control.
 */
export class ControlTune extends Light {
  static properties = { control: { attribute: false }, actions: { attribute: false }, thresholds: { attribute: false }, delays: { attribute: false }, isDefault: { type: Boolean } };

  constructor() {
    super();
    /** @type {import('../control/decider.js').Control} */
    this.control = { smoothing_ms: 0, hold_ms: 0, repeat_ms: 0, repeat_delay_ms: 0, thresholds: {} };
    /** @type {{id: string, title: string, icon: string}[]} */
    this.actions = [];
    /** @type {Record<string, {on: number, off: number}>} */
    this.thresholds = {};
    /** @type {Record<string, import('../control/decider.js').Delay>} */
    this.delays = {};
    this.isDefault = true;
  }

  render() {
    const { control, delays } = this;
    const slowest = (/** @type {'smoothing'|'hold'|'total'} */ part) => Math.max(0, ...Object.values(delays).map((delay) => delay[part]));
    return html`<details class="adjust tune" data-testid="tune">
      <summary>${icon('dials')}<span>Fine tuning</span><span class="small muted nums">together ${cost(slowest('total'))}</span></summary>
      <div class="dials">
        ${this.dial('smoothing_ms', 'Smoothing', 400, 10, control.smoothing_ms ? `Evens out single wrong pictures: ${cost(slowest('smoothing'))}.` : 'Every picture counts by itself: quick, and nervous.')}
        ${this.dial('hold_ms', 'Hold', 400, 10, control.hold_ms ? `An action must last so long before it counts: ${cost(slowest('hold'))}.` : 'It counts at once.')}
        ${this.dial('repeat_ms', 'Repeat', 1000, 20, control.repeat_ms ? `While it is held, it is done again every ${control.repeat_ms} ms.` : 'Off: an action is done once until it is shown anew.')}
        ${control.repeat_ms ? this.dial('repeat_delay_ms', 'First repeat after', 1500, 50, 'Adds no delay to the action itself.') : ''}
      </div>
      <div class="thresholds" role="group" aria-label="Thresholds">
        ${this.actions.map((action) => this.threshold(action))}
      </div>
      <button type="button" class="button small" data-testid="reset-control" ?disabled=${this.isDefault} @click=${() => this.emit('reset-control')}>${icon('undo')}Back to the start values</button>
    </details>`;
  }

  /**
   * @param {'smoothing_ms'|'hold_ms'|'repeat_ms'|'repeat_delay_ms'} name @param {string} title
   * @param {number} most ms @param {number} step @param {string} text
   */
  dial(name, title, most, step, text) {
    const value = this.control[name];
    return html`<label class="slider"><span>${title}</span><output>${value} ms</output>
      <input type="range" min="0" max=${Math.max(most, value)} step=${step} .value=${live(String(value))} data-testid=${name} @input=${(/** @type {any} */ e) => this.emit('set-control', { [name]: Number(e.target.value) })}>
      <small>${text}</small></label>`;
  }

  /** @param {{id: string, title: string, icon: string}} action */
  threshold({ id, title, icon: sign }) {
    const { on, off } = this.thresholds[id] ?? { on: 1, off: 1 };
    const set = (/** @type {number} */ begins, /** @type {number} */ ends) => this.emit('set-control', { thresholds: { ...this.control.thresholds, [id]: { on: begins, off: Math.min(begins, ends) } } });
    const slider = (/** @type {string} */ name, /** @type {string} */ text, /** @type {number} */ value, /** @type {(value: number) => void} */ run) => html`<label class="slider"><span class="small">${text}</span><output class="small">${percent(value)}</output>
      <input type="range" min="0.05" max="1" step="0.05" .value=${live(String(value))} aria-label=${`${title} ${text}`} data-testid=${`${name}-${id}`} @input=${(/** @type {any} */ e) => run(Number(e.target.value))}></label>`;
    const delay = this.delays[id];
    return html`<div class="threshold"><span class="sign" aria-hidden="true">${sign}</span><b>${title}</b>
      ${slider('on', 'begins at', on, (value) => set(value, off))}
      ${slider('off', 'ends below', off, (value) => set(on, value))}
      <small class="muted nums">${delay ? html`Begin ${cost(delay.total)}; end ${cost(delay.release)}.` : ''}</small></div>`;
  }
}
customElements.define('st-control-tune', ControlTune);
