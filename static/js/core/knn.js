// The classifier of docs/knn.md: exact cosine nearest neighbours with calibrated votes. The examples
// lie in one growing matrix; an example keeps its row (slot) for life, and a freed row is used again.
// Nothing here waits: the leave-one-out work is done in slices by `step`.

import { CHUNK, createRows } from './knn_kernel.js';
import { LeaveOneOut } from './leave_one_out.js';
import { emptyEvaluation } from './fit.js';
import { enlarge } from './neighbour_lists.js';
import { SHORTLIST_FROM, Shortlist } from './knn_shortlist.js';
import { TopK } from './topk.js';
import { DEFAULT_BETA, DEFAULT_K, DEFAULT_TOLERANCE, borrowedSpread, isZero, none, novelty, score } from './votes.js';

/** @typedef {import('./fit.js').Evaluation} Evaluation */

/**
 * @typedef {{id: any, classId: string, group: any}} Example group: the recording burst, or null for an
 *   example that is a group of its own
 * @typedef {{id: any, classId: string, similarity: number, weight: number}} Neighbour weight: share of
 *   the votes, 0..1
 * @typedef {object} Result
 * @property {string} label id of the class with the highest score
 * @property {boolean} unknown whether the picture is like none of the examples
 * @property {number} none length of the "none of these" bar, 0..1
 * @property {number | null} novelty unknown above 1; null for a query of length 0
 * @property {Float32Array} scores in the order of the classes; they sum to 1
 * @property {Float32Array} shown (1 - none) * scores
 * @property {Neighbour[]} neighbours nearest first
 * @property {number} n examples there are
 * @property {string | null} by id of the trained classifier whose answer it is; null: this one's
 * @property {number | null} value what a regression says instead of a class
 */

const FREE = -1;

export class Knn {
  /**
   * @param {object} options
   * @param {number} options.size numbers in an embedding
   * @param {WebAssembly.Module | null} [options.kernel] from `loadKernel`; without it a plain loop runs
   * @param {number} [options.k] neighbours that vote
   * @param {number | null} [options.tolerance] above it a picture is unknown; null: never
   */
  constructor({ size, kernel = null, k = DEFAULT_K, tolerance = DEFAULT_TOLERANCE }) {
    this.size = size;
    this.rows = createRows(size, kernel);
    this.kernel = kernel;
    /** @type {Shortlist | null} there from SHORTLIST_FROM examples on */
    this.shortlist = null;
    this.k = DEFAULT_K;
    this.tolerance = /** @type {number | null} */ (DEFAULT_TOLERANCE);
    /** @type {string[]} */
    this.classIds = [];
    /** @type {Map<string, number>} */
    this.classIndex = new Map();
    this.counts = new Int32Array(0);
    this.classOf = new Int32Array(0);
    this.groupOf = new Int32Array(0);
    this.sequence = new Float64Array(0);
    this.nearest = new TopK(this.k);
    this.bounds = new TopK(this.k);
    /** Rows in use, freed ones included. */
    this.top = 0;
    this.count = 0;
    this.clock = 0;
    this.reused = false;
    /** @type {number[]} */
    this.free = [];
    /** @type {any[]} */
    this.ids = [];
    /** @type {Map<any, number>} */
    this.slotOf = new Map();
    /** @type {Map<any, number>} */
    this.groups = new Map();
    this.nextGroup = 0;
    this.beta = DEFAULT_BETA;
    /** @type {Map<string, number>} spread Q of each class, as far as it is known */
    this.spreads = new Map();
    this.latest = emptyEvaluation(this.classIds);
    this.leaveOneOut = new LeaveOneOut(this);
    this.setOptions({ k, tolerance });
  }

  /** Forget all examples; classes and options stay. */
  clear() {
    if (this.rows.capacity > 4096) this.rows = createRows(this.size, this.kernel);
    this.shortlist = null;
    this.top = 0;
    this.count = 0;
    this.clock = 0;
    this.reused = false;
    this.free = [];
    this.ids = [];
    this.slotOf.clear();
    this.groups.clear();
    this.nextGroup = 0;
    this.counts.fill(0);
    this.classOf.fill(FREE);
    this.beta = DEFAULT_BETA;
    this.spreads.clear();
    this.latest = emptyEvaluation(this.classIds);
    this.leaveOneOut.clear();
  }

  /**
   * Set the classes and their order. Examples of a class that is no longer there are removed.
   * @param {string[]} ids
   */
  setClasses(ids) {
    if (new Set(ids).size !== ids.length) throw new RangeError(`The classes ${ids.join(', ')} are not all different.`);
    const kept = new Set(ids);
    const orphans = [];
    for (let slot = 0; slot < this.top; slot++) {
      if (this.classOf[slot] !== FREE && !kept.has(this.classIds[this.classOf[slot]])) orphans.push(this.ids[slot]);
    }
    this.remove(orphans);
    const index = new Map(ids.map((id, i) => [id, i]));
    const moved = Int32Array.from(this.classIds, (id) => index.get(id) ?? FREE);
    for (let slot = 0; slot < this.top; slot++) {
      if (this.classOf[slot] !== FREE) this.classOf[slot] = moved[this.classOf[slot]];
    }
    const counts = new Int32Array(ids.length);
    moved.forEach((to, from) => to !== FREE && (counts[to] = this.counts[from]));
    this.counts = counts;
    this.classIds = [...ids];
    this.classIndex = index;
    this.leaveOneOut.changed();
  }

  /**
   * Change how answers are made.
   * @param {{k?: number, tolerance?: number | null}} options
   */
  setOptions({ k = this.k, tolerance = this.tolerance }) {
    if (!Number.isInteger(k) || k < 1 || k > 1000) {
      throw new RangeError(`k is ${k}; expected a whole number from 1 to 1,000.`);
    }
    if (tolerance !== null && !(tolerance > 0)) {
      throw new RangeError(`The tolerance is ${tolerance}; expected a number above 0, or null to switch it off.`);
    }
    if (k === this.k && tolerance === this.tolerance) return;
    this.k = k;
    this.tolerance = tolerance;
    this.nearest = new TopK(k);
    this.bounds = new TopK(k);
    this.leaveOneOut.setK(k);
  }

  /**
   * Add examples. All or none: an error changes nothing.
   * @param {Example[]} list
   * @param {Float32Array} vectors unit vectors, one after another
   */
  add(list, vectors) {
    if (vectors.length !== list.length * this.size) {
      throw new RangeError(
        `${list.length} examples came with ${vectors.length} numbers; expected ${list.length} x ${this.size}.`,
      );
    }
    const fresh = new Set();
    for (const { id, classId } of list) {
      if (this.slotOf.has(id) || fresh.has(id)) throw new RangeError(`The example ${id} is there already.`);
      fresh.add(id);
      if (!this.classIndex.has(classId)) {
        throw new RangeError(`The example ${id} is of the class ${classId}, which is not among the classes set.`);
      }
    }
    for (let i = 0; i < vectors.length; i++) {
      if (!Number.isFinite(vectors[i])) {
        throw new RangeError(`The embedding of ${list[Math.floor(i / this.size)].id} holds ${vectors[i]}; expected numbers.`);
      }
    }
    this.reserve(this.top + Math.max(0, list.length - this.free.length));
    list.forEach((example, i) => this.put(example, vectors.subarray(i * this.size, (i + 1) * this.size)));
    if (list.length > 0) this.leaveOneOut.changed();
  }

  /** @param {number} rows */
  reserve(rows) {
    this.rows.reserve(rows);
    const room = this.rows.capacity;
    this.reserveShortlist(rows, room);
    if (room <= this.classOf.length) return;
    const used = this.top;
    this.classOf = enlarge(this.classOf, room).fill(FREE, used);
    this.groupOf = enlarge(this.groupOf, room);
    this.sequence = enlarge(this.sequence, room);
    this.leaveOneOut.reserve(room);
  }

  /**
   * Begin a shortlist once there are enough examples, and let it grow with the matrix. Where there is
   * no memory for it, the exact search goes without.
   * @param {number} rows @param {number} room
   */
  reserveShortlist(rows, room) {
    if (!this.kernel || rows < SHORTLIST_FROM) return;
    try {
      const begun = this.shortlist !== null;
      this.shortlist ??= new Shortlist(this.size, this.kernel);
      this.shortlist.reserve(room);
      if (!begun) for (let slot = 0; slot < this.top; slot++) this.shortlist.write(slot, this.rows.read(slot));
    } catch {
      this.shortlist = null;
    }
  }

  /** @param {Example} example @param {Float32Array} vector */
  put({ id, classId, group }, vector) {
    this.reused ||= this.free.length > 0;
    const slot = this.free.pop() ?? this.top++;
    const label = /** @type {number} */ (this.classIndex.get(classId));
    this.rows.write(slot, vector);
    this.shortlist?.write(slot, vector);
    this.ids[slot] = id;
    this.slotOf.set(id, slot);
    this.classOf[slot] = label;
    this.groupOf[slot] = this.groupNumber(group);
    this.sequence[slot] = this.clock++;
    this.counts[label]++;
    this.count++;
    this.leaveOneOut.added(slot);
  }

  /** @param {any} group */
  groupNumber(group) {
    if (group === null || group === undefined) return this.nextGroup++;
    const known = this.groups.get(group);
    if (known !== undefined) return known;
    this.groups.set(group, this.nextGroup);
    return this.nextGroup++;
  }

  /**
   * Remove examples; ids that are not there are passed over.
   * @param {Iterable<any>} ids
   */
  remove(ids) {
    const slots = [];
    for (const id of ids) {
      const slot = this.slotOf.get(id);
      if (slot === undefined) continue;
      this.slotOf.delete(id);
      this.ids[slot] = undefined;
      this.counts[this.classOf[slot]]--;
      this.classOf[slot] = FREE;
      slots.push(slot);
    }
    if (slots.length === 0) return;
    this.count -= slots.length;
    if (this.count === 0) {
      this.clear();
      return;
    }
    this.leaveOneOut.removed(slots);
    this.free.push(...slots.reverse());
    this.leaveOneOut.changed();
  }

  /**
   * Move examples to another class; ids that are not there are passed over.
   * @param {Iterable<any>} ids @param {string} classId
   */
  move(ids, classId) {
    const label = this.classIndex.get(classId);
    if (label === undefined) throw new RangeError(`The class ${classId} is not among the classes set.`);
    const slots = [];
    for (const id of ids) {
      const slot = this.slotOf.get(id);
      if (slot === undefined || this.classOf[slot] === label) continue;
      this.counts[this.classOf[slot]]--;
      this.counts[label]++;
      this.classOf[slot] = label;
      slots.push(slot);
    }
    if (slots.length === 0) return;
    this.leaveOneOut.reclassed(slots);
    this.leaveOneOut.changed();
  }

  /** Give the slots in use, in order of addition. */
  order() {
    /** @type {number[]} */
    const slots = [];
    for (let slot = 0; slot < this.top; slot++) if (this.classOf[slot] !== FREE) slots.push(slot);
    if (this.reused) slots.sort((a, b) => this.sequence[a] - this.sequence[b]);
    return slots;
  }

  /**
   * Classify an embedding.
   * @param {ArrayLike<number>} vector of unit length, or all zeros
   * @returns {Result | null} null while there are no examples
   */
  classify(vector) {
    if (vector.length !== this.size) {
      throw new RangeError(`The embedding has ${vector.length} numbers; expected ${this.size}.`);
    }
    if (this.count === 0) return null;
    this.search(vector);
    const { nearest, classOf, beta } = this;
    const n = nearest.size;
    const classes = this.counts.filter((count) => count > 0).length;
    const blank = isZero(vector);
    const weights = new Float64Array(n);
    const votes = new Float64Array(this.classIds.length);
    let total = 0;
    for (let i = 0; i < n; i++) {
      weights[i] = Math.exp(beta * (nearest.similarities[i] - nearest.similarities[0]));
      votes[classOf[nearest.slots[i]]] += weights[i];
      total += weights[i];
    }
    const scores = new Float32Array(votes.length);
    let best = -1;
    for (let c = 0; c < votes.length; c++) {
      if (this.counts[c] === 0) continue;
      scores[c] = blank ? 1 / classes : score(votes[c] / total, this.count, classes);
      if (best < 0 || (!blank && votes[c] > votes[best])) best = c;
    }
    const r = blank ? null : novelty(nearest.similarities[0], this.spread(classOf[nearest.slots[0]]), this.tolerance);
    const foreign = r === null ? 1 : none(r);
    /** @type {Neighbour[]} */
    const neighbours = [];
    for (let i = 0; i < n && !blank; i++) {
      const slot = nearest.slots[i];
      neighbours.push({
        id: this.ids[slot],
        classId: this.classIds[classOf[slot]],
        similarity: nearest.similarities[i],
        weight: weights[i] / total,
      });
    }
    return {
      label: this.classIds[best],
      unknown: r === null || r > 1,
      none: foreign,
      novelty: r,
      scores,
      shown: scores.map((s) => (1 - foreign) * s),
      neighbours,
      n: this.count,
      by: null,
      value: null,
    };
  }

  /** Find the nearest examples of an embedding. @param {ArrayLike<number>} vector */
  search(vector) {
    const { rows, nearest, classOf, sequence, top } = this;
    rows.setQuery(vector);
    nearest.clear();
    if (this.shortlist) {
      this.shortlist.search(vector, top, classOf, this.bounds, nearest, rows, sequence);
      return;
    }
    for (let from = 0; from < top; from += CHUNK) {
      const count = Math.min(CHUNK, top - from);
      const similarities = rows.dots(-1, from, count);
      let threshold = nearest.threshold;
      for (let i = 0; i < count; i++) {
        if (similarities[i] < threshold || classOf[from + i] === FREE) continue;
        nearest.offer(similarities[i], from + i, sequence);
        threshold = nearest.threshold;
      }
    }
  }

  /** Give the spread Q of a class. @param {number} label its index */
  spread(label) {
    return this.spreads.get(this.classIds[label]) ?? borrowedSpread(this.spreads.values());
  }

  /**
   * Work on beta, the spreads and the evaluation for about `budget` milliseconds.
   * @param {number} budget @param {() => number} [now] clock in milliseconds
   * @returns {boolean} whether there is more to do
   */
  step(budget, now = () => performance.now()) {
    return this.leaveOneOut.step(budget, now);
  }

  /** Take over a finished fit. @param {Evaluation} evaluation */
  accept(evaluation) {
    this.latest = evaluation;
    this.beta = evaluation.beta;
    this.spreads = new Map();
    for (const { id, Q } of evaluation.perClass) {
      if (this.counts[/** @type {number} */ (this.classIndex.get(id))] > 0) this.spreads.set(id, Q);
    }
  }

  /** The latest evaluation, and how far the next one is. @returns {Evaluation} */
  get evaluation() {
    const complete = this.leaveOneOut.stage === 'done';
    return { ...this.latest, complete, progress: this.leaveOneOut.progress };
  }

  /** Let go of the arrays of the latest evaluation, which may have been transferred. */
  release() {
    this.latest = { ...emptyEvaluation(this.classIds), beta: this.beta };
  }

  /** Work until the evaluation is complete, and give it. */
  finish() {
    this.step(Infinity);
    return this.evaluation;
  }
}
