// The k largest of a stream of similarities, by insertion into two small typed arrays: no sorting of
// all N, no garbage. Equal similarities keep the order in which the examples were added.

export class TopK {
  /**
   * @param {number} k how many to keep, at least 1
   */
  constructor(k) {
    this.k = k;
    this.size = 0;
    this.similarities = new Float32Array(k);
    this.slots = new Int32Array(k);
  }

  clear() {
    this.size = 0;
  }

  /** The least similarity that can still enter. */
  get threshold() {
    return this.size < this.k ? -Infinity : this.similarities[this.k - 1];
  }

  /**
   * Offer one similarity.
   * @param {number} similarity
   * @param {number} slot
   * @param {Float64Array} sequence when each slot's example was added; the earlier wins a tie
   */
  offer(similarity, slot, sequence) {
    const { similarities, slots, k } = this;
    const before = (/** @type {number} */ i) =>
      similarities[i] > similarity || (similarities[i] === similarity && sequence[slots[i]] < sequence[slot]);
    let i = this.size;
    if (i === k) {
      if (before(k - 1)) return;
      i = k - 1;
    } else this.size++;
    for (; i > 0 && !before(i - 1); i--) {
      similarities[i] = similarities[i - 1];
      slots[i] = slots[i - 1];
    }
    similarities[i] = similarity;
    slots[i] = slot;
  }
}
