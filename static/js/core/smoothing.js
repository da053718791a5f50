// Calm bars: an exponential average over time, independent of the frame rate.

export class Smoother {
  /**
   * @param {number} ms time constant: after so long 63 % of a jump is shown; 0 switches it off
   */
  constructor(ms) {
    this.ms = ms;
    this.time = 0;
    this.values = new Float32Array(0);
  }

  /** How much later than the picture the bars are, in milliseconds, while the picture changes steadily. */
  get delayMs() {
    return this.ms;
  }

  /**
   * Take in the latest values.
   * @param {Float32Array} values another number of values than before starts anew
   * @param {number} timeMs when they were seen
   * @returns {Float32Array} the smoothed values, in the same buffer at every call
   */
  push(values, timeMs) {
    if (values.length !== this.values.length) {
      this.values = Float32Array.from(values);
      this.time = timeMs;
      return this.values;
    }
    const passed = Math.max(0, timeMs - this.time);
    this.time = timeMs;
    const share = this.ms > 0 ? 1 - Math.exp(-passed / this.ms) : 1;
    for (let i = 0; i < values.length; i++) this.values[i] += share * (values[i] - this.values[i]);
    return this.values;
  }

  /** Forget the past: the next values are shown as they are. */
  reset() {
    this.values = new Float32Array(0);
  }
}
