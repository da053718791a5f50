// Leave-one-out evaluation that keeps up with teaching. Every example has two sorted lists of its
// nearest others: `mates` from its own group (recording burst) and `strangers` from all other groups.
// Which of the two count is decided per class when the lists are read, so that a second burst of a
// class changes no list. One example more costs one pass over the data; the rest are insertions.

import { NeighbourLists, enlarge } from './neighbour_lists.js';
import { BATCH, CHUNK } from './knn_kernel.js';
import { Fit } from './fit.js';
import { NEARLY_SAME } from './votes.js';

const DEAD = 0;
const PENDING = 1;
const LISTED = 2;
const NOBODY = -1;
const UNSURE = -2;
/** Examples of a fit between two looks at the clock. */
const PIECE = 256;

/** @typedef {import('./knn.js').Knn} Knn @typedef {import('./fit.js').Evaluation} Evaluation */

/** @param {number} k @param {number} rows */
function newLists(k, rows) {
  const lists = new NeighbourLists(k + Math.max(6, k >> 1));
  lists.reserve(rows);
  return lists;
}

/** The nearest of the same class that is not nearly the same picture, kept beside a list because the list may not reach that far. */
class NearestMates {
  constructor() {
    this.similarities = new Float32Array(0);
    this.slots = new Int32Array(0);
  }

  /** @param {number} rows */
  reserve(rows) {
    this.similarities = enlarge(this.similarities, rows);
    this.slots = enlarge(this.slots, rows);
  }

  /** @param {number} row @param {number} slot @param {number} similarity */
  offer(row, slot, similarity) {
    const known = this.slots[row];
    if (known === NOBODY || (known >= 0 && similarity > this.similarities[row])) {
      this.slots[row] = slot;
      this.similarities[row] = similarity;
    }
  }
}

export class LeaveOneOut {
  /** @param {Knn} knn whose examples are evaluated */
  constructor(knn) {
    this.knn = knn;
    this.capacity = 0;
    this.state = new Uint8Array(0);
    this.strangers = newLists(knn.k, 0);
    this.mates = newLists(knn.k, 0);
    this.nearestStranger = new NearestMates();
    this.nearestMate = new NearestMates();
    /** @type {number[]} slots that are in no list yet, in order of addition */
    this.pending = [];
    this.nextPending = 0;
    /** @type {number[]} slots whose own lists have to be made again */
    this.stale = [];
    /** @type {Set<number>} slots whose class changed */
    this.moved = new Set();
    this.listed = 0;
    /** The highest slot that was ever listed. */
    this.highest = -1;
    /** The examples that are being compared with all others, and how far. */
    this.batch = { slots: /** @type {number[]} */ ([]), kind: DEAD, from: 0, top: 0 };
    this.similarities = Array.from({ length: BATCH }, () => new Float32Array(0));
    this.stage = 'check';
    /** @type {Fit | null} */
    this.fit = null;
  }

  clear() {
    this.state.fill(DEAD);
    this.pending = [];
    this.nextPending = 0;
    this.stale = [];
    this.moved.clear();
    this.listed = 0;
    this.highest = -1;
    this.batch.slots = [];
    this.changed();
  }

  /** Note that the last fit is out of date. */
  changed() {
    this.stage = 'check';
    this.fit = null;
  }

  /** @param {number} rows */
  reserve(rows) {
    if (rows <= this.capacity) return;
    this.capacity = rows;
    this.state = enlarge(this.state, rows);
    for (const part of [this.strangers, this.mates, this.nearestStranger, this.nearestMate]) part.reserve(rows);
  }

  /** @param {number} slot */
  added(slot) {
    this.state[slot] = PENDING;
    this.pending.push(slot);
  }

  /** @param {number[]} slots that are dead from now on */
  removed(slots) {
    const gone = new Uint8Array(this.knn.top);
    for (const slot of slots) {
      gone[slot] = 1;
      if (this.state[slot] === LISTED) this.listed--;
      this.state[slot] = DEAD;
      this.moved.delete(slot);
    }
    if (this.nextPending < this.pending.length) {
      this.pending = this.pending.slice(this.nextPending).filter((slot) => !gone[slot]);
      this.nextPending = 0;
    }
    this.stale = this.stale.filter((slot) => !gone[slot]);
    this.batch.slots = []; // what it has compared may be gone
    this.strangers.strike(this.knn.top, gone);
    this.mates.strike(this.knn.top, gone);
    this.forget(gone);
  }

  /** @param {number[]} slots whose class is another from now on */
  reclassed(slots) {
    const gone = new Uint8Array(this.knn.top);
    for (const slot of slots) {
      if (this.state[slot] !== LISTED) continue;
      gone[slot] = 1;
      this.moved.add(slot);
    }
    this.forget(gone);
    for (const slot of this.moved) {
      this.nearestStranger.slots[slot] = UNSURE;
      this.nearestMate.slots[slot] = UNSURE;
    }
  }

  /** Forget nearest mates that left. @param {Uint8Array} gone */
  forget(gone) {
    for (const { slots } of [this.nearestStranger, this.nearestMate]) {
      for (let row = 0; row < gone.length; row++) if (slots[row] >= 0 && gone[slots[row]]) slots[row] = UNSURE;
    }
  }

  /** @param {number} k */
  setK(k) {
    if (k > this.strangers.depth) {
      this.strangers = newLists(k, this.capacity);
      this.mates = newLists(k, this.capacity);
      const slots = this.knn.order();
      this.clear();
      for (const slot of slots) this.added(slot);
    }
    this.changed();
  }

  get waiting() {
    return this.pending.length - this.nextPending + this.stale.length + this.moved.size;
  }

  /** Share of the work that is done, 0..1. */
  get progress() {
    const all = this.listed + this.waiting;
    if (this.waiting > 0) return (0.95 * this.listed) / Math.max(1, all);
    if (this.stage === 'done') return 1;
    return 0.95 + 0.05 * (this.fit?.progress ?? 0);
  }

  /**
   * Work on the evaluation for about `budget` milliseconds.
   * @param {number} budget @param {() => number} now clock in milliseconds
   * @returns {boolean} whether there is more to do
   */
  step(budget, now) {
    const end = now() + budget;
    while (this.stage !== 'done') {
      this.advance();
      if (now() >= end) break;
    }
    return this.stage !== 'done';
  }

  /** Do the next small piece of work. */
  advance() {
    if (this.batch.slots.length > 0 || this.nextBatch()) this.compare();
    else if (this.stage === 'check') this.check();
    else if (this.fit?.advance(PIECE)) {
      this.knn.accept(this.fit.result);
      this.stage = 'done';
      this.fit = null;
    }
  }

  /** Choose the examples to compare next. @returns {boolean} whether there are any */
  nextBatch() {
    const { batch, pending, nextPending, moved, stale } = this;
    if (nextPending < pending.length) {
      batch.slots = pending.slice(nextPending, nextPending + BATCH);
      batch.kind = PENDING;
    } else if (moved.size > 0) {
      batch.slots = [...moved].slice(0, BATCH);
      batch.kind = LISTED;
    } else {
      batch.slots = stale.slice(-BATCH);
      batch.kind = DEAD;
    }
    batch.from = 0;
    // Examples that wait further up are compared when it is their turn.
    batch.top = Math.max(this.highest, ...batch.slots) + 1;
    if (this.similarities[0].length < batch.top) {
      this.similarities = this.similarities.map(() => new Float32Array(this.capacity));
    }
    return batch.slots.length > 0;
  }

  /** Go on comparing the batch, a chunk at a time; at its end, place its examples. */
  compare() {
    const { batch } = this;
    if (batch.from < batch.top) {
      const count = Math.min(CHUNK, batch.top - batch.from);
      this.knn.rows.dotsOfRows(batch.slots, batch.from, count, this.similarities);
      batch.from += count;
      return;
    }
    batch.slots.forEach((slot, j) => this.place(slot, batch.kind, this.similarities[j]));
    if (batch.kind === PENDING) {
      this.nextPending += batch.slots.length;
      if (this.nextPending === this.pending.length) {
        this.pending = [];
        this.nextPending = 0;
      }
    } else if (batch.kind === LISTED) for (const slot of batch.slots) this.moved.delete(slot);
    else this.stale.length -= batch.slots.length;
    batch.slots = [];
  }

  /**
   * Make the lists of an example that was compared with all others.
   * @param {number} slot
   * @param {number} kind PENDING: enter it into the others' lists; LISTED: it is in them already, but
   *   its class is new to the others; DEAD: only its own lists
   * @param {Float32Array} similarities to all slots
   */
  place(slot, kind, similarities) {
    const { knn, state, strangers, mates, nearestStranger, nearestMate } = this;
    const { classOf, groupOf, sequence } = knn;
    const { top } = this.batch;
    const group = groupOf[slot];
    const label = classOf[slot];
    strangers.reset(slot);
    mates.reset(slot);
    nearestStranger.slots[slot] = NOBODY;
    nearestMate.slots[slot] = NOBODY;
    const enter = kind === PENDING;
    for (let other = 0; other < top; other++) {
      if (state[other] !== LISTED || other === slot) continue;
      const s = similarities[other];
      const together = groupOf[other] === group;
      const lists = together ? mates : strangers;
      if (s >= lists.floors[slot]) lists.offer(slot, other, s, sequence);
      if (enter && s >= lists.floors[other]) lists.offer(other, slot, s, sequence);
      if (classOf[other] !== label || s >= NEARLY_SAME) continue;
      const nearest = together ? nearestMate : nearestStranger;
      nearest.offer(slot, other, s);
      if (kind !== DEAD) nearest.offer(other, slot, s);
    }
    if (enter) {
      state[slot] = LISTED;
      this.listed++;
      this.highest = Math.max(this.highest, slot);
    }
  }

  /** Find the lists that are too short now; when there are none, begin the fit. */
  check() {
    const { knn, state } = this;
    const { top, classOf, groupOf } = knn;
    // Whether all examples of a class come from one group: -1 none seen, -2 several, else the group.
    const only = new Int32Array(knn.classIds.length).fill(-1);
    for (let slot = 0; slot < top; slot++) {
      if (state[slot] !== LISTED) continue;
      const label = classOf[slot];
      if (only[label] === -1) only[label] = groupOf[slot];
      else if (only[label] !== groupOf[slot]) only[label] = -2;
    }
    for (let slot = 0; slot < top; slot++) {
      if (state[slot] === LISTED && !this.complete(slot, only[classOf[slot]] !== -2)) this.stale.push(slot);
    }
    if (this.stale.length > 0) return;
    this.stage = 'fit';
    this.fit = new Fit(knn, this, only);
  }

  /** @param {number} slot @param {boolean} alone whether its group is all that its class has */
  complete(slot, alone) {
    const { k } = this.knn;
    if (!this.strangers.knows(slot, k) || (alone && !this.mates.knows(slot, k))) return false;
    const nearest = alone ? this.nearestMate : this.nearestStranger;
    if (nearest.slots[slot] !== UNSURE) return true;
    const lists = alone ? this.mates : this.strangers;
    const start = slot * lists.depth;
    for (let i = start; i < start + lists.lengths[slot]; i++) {
      if (this.knn.classOf[lists.slots[i]] !== this.knn.classOf[slot] || lists.similarities[i] >= NEARLY_SAME) continue;
      nearest.slots[slot] = lists.slots[i];
      nearest.similarities[slot] = lists.similarities[i];
      return true;
    }
    if (lists.whole[slot]) nearest.slots[slot] = NOBODY;
    return lists.whole[slot] === 1;
  }
}
