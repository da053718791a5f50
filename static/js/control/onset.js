// When a movement begins, as far as pictures show it: the first one that is clearly further from those
// of rest than they are from each other.

/** A single odd picture is no movement: the next one must be as far away. */
export class Onset {
  /**
   * @param {object} [options]
   * @param {number} [options.least] distance that always counts as rest; 0.2 suits strengths from 0 to 1,
   *   and unit vectors of a network
   * @param {number} [options.times] how many times the usual distance at rest is a movement
   * @param {number} [options.weight] of the newest picture in the mean of rest, 0..1
   */
  constructor({ least = 0.2, times = 4, weight = 0.25 } = {}) {
    this.least = least;
    this.times = times;
    this.weight = weight;
    this.mean = new Float32Array(0);
    this.noise = 0;
    /** When the first of the latest far pictures was taken; NaN: the latest was not far. */
    this.first = NaN;
    /** @type {number | null} */
    this.movedAt = null;
  }

  /** Learn what rest looks like. @param {ArrayLike<number>} vector strengths, or an embedding */
  rest(vector) {
    if (vector.length !== this.mean.length) {
      this.mean = Float32Array.from(vector);
      this.noise = 0;
      return;
    }
    this.noise += this.weight * (this.distance(vector) - this.noise);
    for (let i = 0; i < vector.length; i++) this.mean[i] += this.weight * (vector[i] - this.mean[i]);
  }

  /** Wait for the next movement; what rest looks like is kept. */
  again() {
    this.first = NaN;
    this.movedAt = null;
  }

  /**
   * See whether this is a movement.
   * @param {ArrayLike<number>} vector as long as those of rest @param {number} at when the picture was taken (ms)
   * @returns {number | null} when the movement began, as long as `again` is not called
   */
  push(vector, at) {
    if (this.movedAt !== null || vector.length !== this.mean.length) return this.movedAt;
    if (this.distance(vector) <= Math.max(this.least, this.times * this.noise)) this.first = NaN;
    else if (Number.isNaN(this.first)) this.first = at;
    else this.movedAt = this.first;
    return this.movedAt;
  }

  /** When it may have begun: one far picture is enough where a decision confirms it. @returns {number | null} */
  get likely() {
    return this.movedAt ?? (Number.isNaN(this.first) ? null : this.first);
  }

  /** @param {ArrayLike<number>} vector */
  distance(vector) {
    let sum = 0;
    for (let i = 0; i < vector.length; i++) sum += (vector[i] - this.mean[i]) ** 2;
    return Math.sqrt(sum);
  }
}
