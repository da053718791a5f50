// When a movement begins, as far as pictures show it: the first one that is clearly further from those
// of rest than they are from each other.

/** Pictures that are remembered, and how far back they show rest (ms). */
const KEPT = 24;
const REST = 350;

export class Onset {
  /**
   * @param {object} [options]
   * @param {number} [options.least] distance that always counts as rest; 0.2 suits strengths from 0 to 1,
   *   and unit vectors of a network
   * @param {number} [options.times] how many times the usual distance at rest is a movement
   */
  constructor({ least = 0.2, times = 4 } = {}) {
    this.least = least;
    this.times = times;
    /** The latest pictures, in a ring. @type {{at: number, vector: Float32Array}[]} */
    this.recent = [];
    this.next = 0;
    this.mean = new Float32Array(0);
    /** Mean distance of the pictures of rest from their mean. */
    this.noise = 0;
    /** When the first of the latest far pictures was taken; NaN: the latest was not far. */
    this.first = NaN;
    /** When the movement began. @type {number | null} */
    this.movedAt = null;
  }

  /** Wait for a movement: what was seen in the last third of a second is rest. */
  again() {
    this.first = NaN;
    this.movedAt = null;
    const latest = Math.max(...this.recent.map(({ at }) => at));
    const rest = this.recent.filter(({ at }) => at > latest - REST);
    this.mean.fill(0);
    for (const { vector } of rest) for (let i = 0; i < vector.length; i++) this.mean[i] += vector[i] / rest.length;
    this.noise = rest.reduce((sum, { vector }) => sum + this.distance(vector) / rest.length, 0);
  }

  /**
   * Take in every picture, at rest or not. A single odd one is no movement: the next must be as far.
   * @param {ArrayLike<number>} vector strengths, or an embedding; of another length than before starts anew
   * @param {number} at when it was taken (ms)
   * @returns {number | null} when the movement began, until `again` is called
   */
  push(vector, at) {
    if (vector.length !== this.mean.length) {
      this.recent = [];
      this.next = 0;
      this.mean = Float32Array.from(vector);
      this.noise = 0;
      this.first = NaN;
    }
    if (this.movedAt === null) {
      if (this.distance(vector) <= Math.max(this.least, this.times * this.noise)) this.first = NaN;
      else if (Number.isNaN(this.first)) this.first = at;
      else this.movedAt = this.first;
    }
    const slot = (this.recent[this.next] ??= { at, vector: new Float32Array(vector.length) });
    slot.at = at;
    slot.vector.set(vector);
    this.next = (this.next + 1) % KEPT;
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
