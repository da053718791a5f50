import { html } from 'lit';

/**
 * A slider for how loud it is.
 * @param {number} value 0..1
 * @param {(value: number, done: boolean) => void} tell done: the slider was let go
 */
export const volumeSlider = (value, tell) => html`<label class="slider volume"><span>Volume</span><output class="nums">${Math.round(value * 100)} %</output>
  <input type="range" min="0" max="100" step="5" data-testid="volume" aria-valuetext=${`${Math.round(value * 100)} %`} .value=${String(Math.round(value * 100))}
    @input=${(/** @type {Event} */ e) => tell(Number(/** @type {HTMLInputElement} */ (e.target).value) / 100, false)}
    @change=${(/** @type {Event} */ e) => tell(Number(/** @type {HTMLInputElement} */ (e.target).value) / 100, true)}></label>`;
