import { html } from 'lit';
import { live } from 'lit/directives/live.js';
import { Light } from './element.js';
import { icon } from './icons.js';

/** @param {number} tolerance */
function strictness(tolerance) {
  const words = /** @type {[number, string][]} */ ([[0.9, 'very strict'], [1.3, 'strict'], [2, 'balanced'], [3, 'lenient'], [99, 'very lenient']]);
  return /** @type {[number, string]} */ (words.find(([limit]) => tolerance < limit))[1];
}

/**
 * The three dials of the answer: k, the strictness of 'None of these', smoothing.
 * Properties: settings, total (examples), delay (ms). Event: set-settings with a patch.
 */
export class Adjust extends Light {
  static properties = { settings: { attribute: false }, total: { type: Number }, delay: { type: Number } };

  constructor() {
    super();
    this.settings = { k: 10, tolerance: /** @type {number|null} */ (1.5), smoothing_ms: 200 };
    this.total = 0;
    this.delay = 0;
  }

  render() {
    const { k, tolerance, smoothing_ms: smoothing } = this.settings;
    const set = (/** @type {string} */ name) => (/** @type {any} */ e) => this.emit('set-settings', { [name]: Number(e.target.value) });
    return html`<details class="adjust" data-testid="adjust">
      <summary>${icon('dials')}<span>Adjust</span><span class="small muted nums">k ${k} · ${tolerance === null ? 'no “none”' : strictness(tolerance)} · ${smoothing} ms</span></summary>
      <div class="dials">
        <label class="slider"><span>Examples that vote (k)</span><output>${k}</output>
          <input type="range" min="1" max="50" .value=${live(String(k))} data-testid="k" @input=${set('k')}>
          <small>The nearest ${Math.min(k, this.total || k)} of ${this.total} examples decide.</small></label>
        <div>
          <label class="slider"><span>Tolerance before “none of these”</span><output>${tolerance === null ? 'off' : `× ${tolerance.toFixed(1)}`}</output>
            <input type="range" min="0.5" max="4" step="0.1" ?disabled=${tolerance === null} .value=${live(String(tolerance ?? 1.5))} data-testid="tolerance" @input=${set('tolerance')}>
            <small>${tolerance === null ? 'Every picture is given to one of the classes.' : `Now ${strictness(tolerance)}. A picture further from a class than its own examples are, times ${tolerance.toFixed(1)}, is none of these.`}</small></label>
          <label class="check"><input type="checkbox" .checked=${live(tolerance === null)} data-testid="tolerance-off" @change=${(/** @type {any} */ e) => this.emit('set-settings', { tolerance: e.target.checked ? null : 1.5 })}>Always choose a class</label>
        </div>
        <label class="slider"><span>Smoothing</span><output>${smoothing} ms</output>
          <input type="range" min="0" max="1000" step="50" .value=${live(String(smoothing))} data-testid="smoothing" @input=${set('smoothing_ms')}>
          <small>${smoothing ? `Calmer bars; the answer comes about ${Math.round(this.delay)} ms later.` : 'Every frame as it is, without delay.'}</small></label>
      </div>
    </details>`;
  }
}
customElements.define('st-adjust', Adjust);
