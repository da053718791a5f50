// A shortlist before the exact search. Beyond a few thousand examples a search takes as long as the
// memory needs to hand over the matrix, so a second copy of it in 8 bits, a quarter of the bytes, is
// read first. Each row keeps a bound on what its rounding can have cost, so that a row which could be
// among the k nearest is never passed over; the rows that remain (about one in a hundred with real
// pictures) are compared exactly. The answer is the exact search's, to the last bit.
//
// Let x = h + r, h the rounded row and r what rounding took, likewise q = g + t. Then
//   |x.q - h.g| = |r.q + h.t| <= |r| |q| + |h| |t|       (Cauchy and Schwarz)
// with |q| = 1 and |h| <= 1 + |r|.

import { CHUNK, newMemory } from './knn_kernel.js';
import { enlarge } from './neighbour_lists.js';

const PAGE = 65536;

/** From so many examples on the shortlist pays for itself. */
export const SHORTLIST_FROM = 2000;

// What the exact kernel's own 32-bit sums may be off by; far more than was ever seen (7e-7).
const FLOAT_SLACK = 1e-5;

export class Shortlist {
  /**
   * @param {number} size numbers in a row
   * @param {WebAssembly.Module} kernel from `loadKernel`
   */
  constructor(size, kernel) {
    this.size = size;
    this.width = Math.ceil(size / 64) * 64;
    this.answersAt = this.width * 2;
    this.rowsAt = Math.ceil((this.answersAt + CHUNK * 4) / 64) * 64;
    this.memory = newMemory(Math.ceil(this.rowsAt / PAGE)).memory;
    const instance = new WebAssembly.Instance(kernel, { env: { memory: this.memory } });
    this.kernel = /** @type {(q: number, x: number, stride: number, n: number, out: number) => void} */ (
      instance.exports.dots8
    );
    this.capacity = 0;
    this.scales = new Float32Array(0);
    this.slacks = new Float32Array(0);
    this.uppers = new Float32Array(0);
    this.bytes = new Int8Array(0);
    this.query = new Int16Array(0);
    this.answers = new Int32Array(0);
    this.view();
  }

  /** Make the views again: growing a memory detaches the old ones. */
  view() {
    this.bytes = new Int8Array(this.memory.buffer);
    this.query = new Int16Array(this.memory.buffer, 0, this.width);
    this.answers = new Int32Array(this.memory.buffer, this.answersAt, CHUNK);
  }

  /**
   * Make room.
   * @param {number} rows as many as the exact matrix has room for
   * @throws {RangeError} where the browser has no memory left; the shortlist is then not usable
   */
  reserve(rows) {
    if (rows <= this.capacity) return;
    const missing = Math.ceil((this.rowsAt + rows * this.width) / PAGE) - this.memory.buffer.byteLength / PAGE;
    if (missing > 0) this.memory.grow(missing);
    this.view();
    this.scales = enlarge(this.scales, rows);
    this.slacks = enlarge(this.slacks, rows);
    this.uppers = new Float32Array(rows);
    this.capacity = rows;
  }

  /**
   * Round a row to 8 bits.
   * @param {number} row @param {ArrayLike<number>} vector of unit length, or 0
   */
  write(row, vector) {
    const { bytes, size, width } = this;
    const at = this.rowsAt + row * width;
    let largest = 0;
    for (let d = 0; d < size; d++) largest = Math.max(largest, Math.abs(vector[d]));
    const scale = Math.fround(largest / 127);
    let lost = 0;
    for (let d = 0; d < size; d++) {
      const rounded = scale > 0 ? Math.max(-127, Math.min(127, Math.round(vector[d] / scale))) : 0;
      const difference = vector[d] - rounded * scale;
      bytes[at + d] = rounded;
      lost += difference * difference;
    }
    bytes.fill(0, at + size, at + width);
    this.scales[row] = scale;
    // A hair more than the loss, so that storing it in 32 bits never makes the bound too small.
    this.slacks[row] = Math.sqrt(lost) * (1 + 1e-6) + FLOAT_SLACK;
  }

  /**
   * Round the query to 16 bits, few enough that a row's sum fits into 32.
   * @param {ArrayLike<number>} vector
   * @returns {{scale: number, slack: number}} what one step is worth; how much the rounding took
   */
  setQuery(vector) {
    let largest = 0;
    for (let d = 0; d < this.size; d++) largest = Math.max(largest, Math.abs(vector[d]));
    // |h.g| <= |h| |g|, and |h| <= 127 sqrt(width): with |g| <= 1 / scale no sum passes 2^31.
    const scale = Math.max(largest / 32767, (127 * Math.sqrt(this.width)) / 2 ** 30.9);
    let lost = 0;
    for (let d = 0; d < this.size; d++) {
      const rounded = Math.round(vector[d] / scale);
      const difference = vector[d] - rounded * scale;
      this.query[d] = rounded;
      lost += difference * difference;
    }
    this.query.fill(0, this.size);
    return { scale, slack: Math.sqrt(lost) };
  }

  /**
   * Offer the rows that can be among the k nearest to `nearest`, with their exact similarities.
   * @param {ArrayLike<number>} vector the query, which `rows` has been given too
   * @param {number} top rows in use, freed ones included
   * @param {Int32Array} classOf negative for a freed row
   * @param {import('./topk.js').TopK} bounds of the same k; overwritten
   * @param {import('./topk.js').TopK} nearest filled
   * @param {import('./knn_kernel.js').Rows} rows the exact matrix
   * @param {Float64Array} sequence
   * @returns {number} how many rows were compared exactly
   */
  search(vector, top, classOf, bounds, nearest, rows, sequence) {
    const { scales, slacks, uppers, width, answers } = this;
    const query = this.setQuery(vector);
    bounds.clear();
    let threshold = -Infinity;
    for (let from = 0; from < top; from += CHUNK) {
      const count = Math.min(CHUNK, top - from);
      this.kernel(0, this.rowsAt + from * width, width, count, this.answersAt);
      for (let i = 0; i < count; i++) {
        const row = from + i;
        const similarity = answers[i] * scales[row] * query.scale;
        const slack = slacks[row] + (1 + slacks[row]) * query.slack;
        uppers[row] = similarity + slack;
        if (similarity - slack > threshold && classOf[row] >= 0) {
          bounds.offer(similarity - slack, row, sequence);
          threshold = bounds.threshold;
        }
      }
    }
    // At least k rows are this near; one whose upper bound is lower cannot be among the k nearest.
    const least = bounds.threshold - FLOAT_SLACK;
    let compared = 0;
    for (let row = 0; row < top; row++) {
      if (uppers[row] < least || classOf[row] < 0) continue;
      const exact = rows.dots(-1, row, 1)[0];
      if (exact >= nearest.threshold) nearest.offer(exact, row, sequence);
      compared++;
    }
    return compared;
  }
}
