import { html } from 'lit';
import { live } from 'lit/directives/live.js';
import { Light } from './element.js';
import './hold.js';

const COLOR = '#7a5ea8';

/**
 * Teaches a number instead of classes: a slider says what the picture stands for, the button
 * records at that value. Each value becomes a class that is named by it.
 * Properties: numbers (whether the project is about numbers already), kind (of the source), recording
 * (id of the class that is), ready. Events: hold-number with the value, release-number.
 */
export class NumberCard extends Light {
  static properties = { numbers: { type: Boolean }, text: {}, recording: { type: Boolean }, ready: { type: Boolean }, open: { state: true }, value: { state: true }, low: { state: true }, high: { state: true } };

  constructor() {
    super();
    this.numbers = false;
    this.text = 'Hold to record';
    this.recording = false;
    this.ready = false;
    this.open = false;
    this.value = 50;
    this.low = 0;
    this.high = 100;
  }

  render() {
    if (!this.open && !this.numbers) {
      return html`<p class="number-offer small muted">Something in between? <button type="button" class="link" data-testid="learn-number" @click=${this.unfold}>Learn a number instead of classes</button></p>`;
    }
    const step = this.step();
    return html`<article class="number-card" data-testid="number-card" aria-label="Teach a number">
      <header><h3 class="display">A number</h3><span class="small muted">how far, how open, how many</span></header>
      <p class="small muted">Set the number that the picture stands for and record it. Three values or more, from end to end; then train <strong>A number</strong>. Each value is kept as a class of that name.</p>
      <div class="number-row">
        <label class="slider"><span>This picture stands for</span><output class="nums">${this.value}</output>
          <input type="range" min=${this.low} max=${this.high} step=${step} .value=${live(String(this.value))} data-testid="number" ?disabled=${this.recording} @input=${this.onValue}></label>
        <span class="small number-ends"><label>from <input type="number" class="number nums" .value=${live(String(this.low))} aria-label="Lowest number" @change=${this.onEnd('low')}></label>
          <label>to <input type="number" class="number nums" .value=${live(String(this.high))} aria-label="Highest number" @change=${this.onEnd('high')}></label></span>
      </div>
      <st-hold .item=${{ id: '', label: String(this.value), color: COLOR }} text=${`${this.text} at ${this.value}`} ?recording=${this.recording} ?disabled=${!this.ready}
        @hold-start=${this.onStart} @hold-stop=${this.onStop}></st-hold>
    </article>`;
  }

  /** A hundred steps from end to end, or tenths of that where the ends are near. */
  step() {
    const range = this.high - this.low;
    return range > 20 ? Math.max(1, Math.round(range / 100)) : 10 ** Math.floor(Math.log10(range / 20));
  }

  async unfold() {
    this.open = true;
    await this.updateComplete;
    this.need('input[type=range]').focus();
  }

  /** @param {any} event */
  onValue(event) {
    this.value = Number(Number(event.target.value).toPrecision(6));
  }

  /** @param {'low' | 'high'} end */
  onEnd(end) {
    return (/** @type {any} */ event) => {
      const number = event.target.valueAsNumber;
      const ends = { low: this.low, high: this.high, [end]: number };
      if (Number.isFinite(number) && ends.low < ends.high) {
        this[end] = number;
        this.value = Math.min(ends.high, Math.max(ends.low, this.value));
      }
      this.requestUpdate();
    };
  }

  /** @param {Event} event */
  onStart(event) {
    event.stopPropagation();
    this.emit('hold-number', this.value);
  }

  /** @param {Event} event */
  onStop(event) {
    event.stopPropagation();
    this.emit('release-number');
  }
}
customElements.define('st-number', NumberCard);
