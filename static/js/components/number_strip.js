import { html } from 'lit';
import { Light } from './element.js';
import { isDark } from './theme.js';

/** Redrawn at most so often (ms): it is there to be watched, not to be read. */
const EVERY = 66;

/**
 * An embedding as a strip of numbers: one small square a number, darker for larger, drawn into a
 * canvas of one pixel a number that CSS scales up. Property: size (how many numbers).
 */
export class NumberStrip extends Light {
  static properties = { size: { type: Number } };

  constructor() {
    super();
    this.size = 0;
    this.drawn = -1e9;
    /** @type {Float32Array|null} */
    this.values = null;
  }

  render() {
    const columns = this.columns;
    return html`<canvas class="number-strip" width=${columns} height=${Math.max(1, Math.ceil(this.size / columns))} role="img" aria-label=${`The ${this.size} numbers of the embedding, drawn as squares`} @pointermove=${this.onPoint} @pointerleave=${this.onLeave}></canvas>
      <p class="strip-read small muted nums">Point at a square to read its number.</p>`;
  }

  /** Four to one, rounded to whole columns. */
  get columns() {
    return Math.max(1, Math.ceil(Math.sqrt(this.size * 8) / 8) * 8);
  }

  updated() {
    const canvas = /** @type {HTMLCanvasElement} */ (this.need('canvas'));
    this.context = canvas.getContext('2d');
    this.image = this.context?.createImageData(canvas.width, canvas.height);
    this.read = this.need('.strip-read');
  }

  /**
   * Draw an embedding.
   * @param {Float32Array} values
   * @param {number} now ms
   */
  show(values, now) {
    if (now - this.drawn < EVERY || !this.context || !this.image || values.length !== this.size) return;
    this.drawn = now;
    this.values = values;
    let largest = 1e-6;
    for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
    const { data } = this.image;
    // Ink for positive numbers, blue for negative ones; transparent for 0, so that both schemes work.
    const ink = isDark() ? [255, 178, 140] : [150, 45, 16];
    for (let i = 0; i < values.length; i++) {
      const negative = values[i] < 0;
      data[4 * i] = negative ? 70 : ink[0];
      data[4 * i + 1] = negative ? 120 : ink[1];
      data[4 * i + 2] = negative ? 220 : ink[2];
      data[4 * i + 3] = 255 * Math.sqrt(Math.abs(values[i]) / largest);
    }
    this.context.putImageData(this.image, 0, 0);
  }

  /** @param {PointerEvent} event */
  onPoint(event) {
    if (!this.values || !this.read) return;
    const canvas = /** @type {HTMLCanvasElement} */ (event.currentTarget);
    const x = Math.min(canvas.width - 1, Math.floor((event.offsetX / canvas.clientWidth) * canvas.width));
    const y = Math.min(canvas.height - 1, Math.floor((event.offsetY / canvas.clientHeight) * canvas.height));
    const i = y * canvas.width + x;
    if (i < this.values.length) this.read.textContent = `Number ${i + 1} of ${this.size}: ${this.values[i].toFixed(4)}`;
  }

  onLeave() {
    if (this.read) this.read.textContent = 'Point at a square to read its number.';
  }
}
customElements.define('st-number-strip', NumberStrip);
