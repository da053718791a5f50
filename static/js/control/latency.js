// How old inputs are, and how long things took: the latest few hundred, without allocating.

import { quantile } from '../core/votes.js';

export class Ages {
  /** @param {number} [size] how many are kept; older ones are forgotten */
  constructor(size = 240) {
    if (!Number.isInteger(size) || size < 1) throw new RangeError(`Ages keeps a whole number of at least 1, not ${size}.`);
    this.values = new Float32Array(size);
    this.sorted = new Float32Array(size);
    /** How many are kept now. */
    this.count = 0;
    this.next = 0;
    /** The latest; NaN before the first. */
    this.last = NaN;
  }

  /** @param {number} ms what is not a number is left out */
  push(ms) {
    if (!Number.isFinite(ms)) return;
    this.values[this.next] = ms;
    this.next = (this.next + 1) % this.values.length;
    this.count = Math.min(this.count + 1, this.values.length);
    this.last = ms;
  }

  /** @param {number} q 0..1 @returns {number | null} null: there is none yet */
  quantile(q) {
    if (this.count === 0) return null;
    this.sorted.set(this.values);
    return quantile(this.sorted.subarray(0, this.count).sort(), q);
  }

  median() {
    return this.quantile(0.5);
  }

  p95() {
    return this.quantile(0.95);
  }

  clear() {
    this.count = 0;
    this.next = 0;
    this.last = NaN;
  }
}
