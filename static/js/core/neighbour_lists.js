// For every example a sorted list of its nearest others, kept up to date while examples come and go:
// an arriving example is inserted into the lists it belongs to, a leaving one is struck out. A list is
// always exact down to its length. It is `whole` while nothing was ever left out of it; a list that is
// neither whole nor long enough has to be made again, which its owner does in the background.

export class NeighbourLists {
  /** @param {number} depth entries that a list keeps at most, more than k so that removals rarely hurt */
  constructor(depth) {
    this.depth = depth;
    this.capacity = 0;
    this.similarities = new Float32Array(0);
    this.slots = new Int32Array(0);
    this.lengths = new Uint16Array(0);
    this.whole = new Uint8Array(0);
    /** Per list the similarity under which an offer is in vain. */
    this.floors = new Float32Array(0);
  }

  /** @param {number} rows */
  reserve(rows) {
    if (rows <= this.capacity) return;
    this.capacity = rows;
    this.similarities = enlarge(this.similarities, rows * this.depth);
    this.slots = enlarge(this.slots, rows * this.depth);
    this.lengths = enlarge(this.lengths, rows);
    this.whole = enlarge(this.whole, rows);
    this.floors = enlarge(this.floors, rows);
  }

  /** Start the list of `row` anew, empty. @param {number} row */
  reset(row) {
    this.lengths[row] = 0;
    this.whole[row] = 1;
    this.floors[row] = -Infinity;
  }

  /** Whether the `needed` nearest of `row` are known. @param {number} row @param {number} needed */
  knows(row, needed) {
    return this.whole[row] === 1 || this.lengths[row] >= needed;
  }

  /** @param {number} row */
  setFloor(row) {
    const length = this.lengths[row];
    // Below the last entry there may be some that fell out: what ranks there is not known.
    if (this.whole[row]) this.floors[row] = -Infinity;
    else this.floors[row] = length > 0 ? this.similarities[row * this.depth + length - 1] : Infinity;
  }

  /**
   * Offer `slot` to the list of `row`; in vain, and then not needed, under `floors[row]`.
   * @param {number} row @param {number} slot @param {number} similarity
   * @param {Float64Array} sequence when each slot's example was added; the earlier wins a tie
   */
  offer(row, slot, similarity, sequence) {
    const { depth, similarities, slots } = this;
    const start = row * depth;
    const length = this.lengths[row];
    let i = start + length;
    if (this.whole[row] === 0 && (length === 0 || !ranksAfter(similarities[i - 1], slots[i - 1]))) return;
    if (length === depth) i--;
    else if (++this.lengths[row] === depth) this.whole[row] = 0; // from now on offers are passed over
    for (; i > start && ranksAfter(similarities[i - 1], slots[i - 1]); i--) {
      similarities[i] = similarities[i - 1];
      slots[i] = slots[i - 1];
    }
    similarities[i] = similarity;
    slots[i] = slot;
    this.setFloor(row);

    /** @param {number} s @param {number} other */
    function ranksAfter(s, other) {
      return s < similarity || (s === similarity && sequence[other] > sequence[slot]);
    }
  }

  /**
   * Strike out of all lists every slot that `gone` marks.
   * @param {number} rows number of rows in use @param {Uint8Array} gone 1 for a slot that leaves
   */
  strike(rows, gone) {
    const { depth, similarities, slots, lengths } = this;
    for (let row = 0; row < rows; row++) {
      const start = row * depth;
      const end = start + lengths[row];
      let to = start;
      for (let from = start; from < end; from++) {
        if (gone[slots[from]]) continue;
        slots[to] = slots[from];
        similarities[to++] = similarities[from];
      }
      lengths[row] = to - start;
      this.setFloor(row);
    }
  }
}

/**
 * Copy a typed array into a longer one of its kind.
 * @template {Float32Array | Float64Array | Int32Array | Uint8Array | Uint16Array} T
 * @param {T} array @param {number} length @returns {T}
 */
export function enlarge(array, length) {
  const larger = /** @type {T} */ (new /** @type {any} */ (array.constructor)(length));
  larger.set(/** @type {any} */ (array));
  return larger;
}
