import { Smoother } from '../core/smoothing.js';

/** Answers as the bars show them: a share for each class, then 'None of these'; smoothed over time. */
export class Shares {
  /** @param {number} ms smoothing */
  constructor(ms) {
    this.smoother = new Smoother(ms);
    this.ms = ms;
    /** @type {Float32Array} reused from frame to frame */
    this.buffer = new Float32Array(0);
  }

  get delay() {
    return this.smoother.delayMs;
  }

  /** @param {number} ms */
  setSmoothing(ms) {
    if (ms !== this.ms) this.smoother = new Smoother(ms);
    this.ms = ms;
  }

  reset() {
    this.smoother.reset();
  }

  /**
   * Shares of one answer, unsmoothed, in an array of their own.
   * @param {{shown: Float32Array, none: number}} result
   */
  raw({ shown, none }) {
    const shares = new Float32Array(shown.length + 1);
    shares.set(shown);
    shares[shown.length] = none;
    return shares;
  }

  /**
   * Take in an answer; the array that comes back is used again for the next one.
   * @param {{shown: Float32Array, none: number}} result
   * @param {number} now ms
   */
  push({ shown, none }, now) {
    if (this.buffer.length !== shown.length + 1) {
      this.buffer = new Float32Array(shown.length + 1);
      this.reset();
    }
    this.buffer.set(shown);
    this.buffer[shown.length] = none;
    return this.smoother.push(this.buffer, now);
  }
}
