// From finished neighbour lists to beta, the spread of each class, and the evaluation that the page
// shows. Runs in three passes over the examples, in pieces, so that it can pause anywhere.

import { BETAS, DEFAULT_BETA, LOSS_SLACK, borrowedSpread, novelty, score, spreadOf, wilson } from './votes.js';

const NEAR_DUPLICATE = 0.999;
const MOST_PAIRS = 200;

/**
 * @typedef {object} Evaluation leave-one-out, over all examples that have a neighbour
 * @property {boolean} complete whether it speaks of the examples as they are now
 * @property {number} progress of the work still to do, 0..1
 * @property {number} n examples that were classified
 * @property {number} correct
 * @property {number | null} accuracy 0..1
 * @property {[number, number]} ci 95 % interval of the accuracy
 * @property {string[]} classes ids, in their order
 * @property {Uint32Array} confusion C * C numbers: rows taught, columns answered
 * @property {any[]} ids of the examples, in order of addition
 * @property {Int32Array} taught index of the class of each example
 * @property {Int32Array} answered index of the class it was given, -1 where it has no neighbour
 * @property {Float32Array} score of that class, 0..1; NaN where it has no neighbour, as in the next two
 * @property {Float32Array} own score of the class that was taught, 0..1
 * @property {Float32Array} novelty
 * @property {number} beta sharpness of the votes
 * @property {[any, any][]} nearDuplicates pairs of ids, cosine at least 0.999, at most 200
 * @property {{id: string, n: number, correct: number, Q: number}[]} perClass
 */

/** Give the evaluation of no examples. @param {string[]} classes @returns {Evaluation} */
export function emptyEvaluation(classes) {
  return {
    complete: true,
    progress: 1,
    n: 0,
    correct: 0,
    accuracy: null,
    ci: [0, 1],
    classes: [...classes],
    confusion: new Uint32Array(classes.length ** 2),
    ids: [],
    taught: new Int32Array(0),
    answered: new Int32Array(0),
    score: new Float32Array(0),
    own: new Float32Array(0),
    novelty: new Float32Array(0),
    beta: DEFAULT_BETA,
    nearDuplicates: [],
    perClass: classes.map((id) => ({ id, n: 0, correct: 0, Q: borrowedSpread([]) })),
  };
}

export class Fit {
  /**
   * @param {import('./knn.js').Knn} knn
   * @param {import('./leave_one_out.js').LeaveOneOut} lists complete neighbour lists
   * @param {Int32Array} only per class -2 where its examples come from several groups
   */
  constructor(knn, lists, only) {
    this.knn = knn;
    this.lists = lists;
    this.only = only;
    this.order = knn.order();
    this.classCount = knn.counts.filter((count) => count > 0).length;
    this.fixed = this.classCount < 2 || this.order.length < 4;
    this.k = Math.min(knn.k, this.order.length);
    this.near = new Float64Array(this.k);
    this.labels = new Int32Array(this.k);
    this.slots = new Int32Array(this.k);
    this.losses = new Float64Array(BETAS.length);
    this.all = new Float64Array(BETAS.length);
    this.own = new Float64Array(BETAS.length);
    this.votes = new Float64Array(knn.classIds.length);
    /** @type {number[][]} per class the distances of its examples to their nearest in the class */
    this.distances = knn.classIds.map(() => []);
    /** @type {Map<string, number>} */
    this.spreads = new Map();
    this.beta = DEFAULT_BETA;
    /** Examples whose loss was added up. */
    this.measured = 0;
    this.pass = 0;
    this.at = 0;
    this.result = emptyEvaluation(knn.classIds);
    const { result, order } = this;
    result.ids = order.map((slot) => knn.ids[slot]);
    result.taught = Int32Array.from(order, (slot) => knn.classOf[slot]);
    result.answered = new Int32Array(order.length).fill(-1);
    result.score = new Float32Array(order.length).fill(NaN);
    result.own = new Float32Array(order.length).fill(NaN);
    result.novelty = new Float32Array(order.length).fill(NaN);
  }

  get progress() {
    return (this.pass + this.at / Math.max(1, this.order.length)) / 2;
  }

  /**
   * Go on for so many examples.
   * @param {number} batch @returns {boolean} whether the result is ready
   */
  advance(batch) {
    const end = Math.min(this.order.length, this.at + batch);
    const work = this.pass === 0 ? this.measure : this.answer;
    for (; this.at < end; this.at++) work.call(this, this.at);
    if (this.at < this.order.length) return false;
    this.at = 0;
    if (this.pass++ === 0) {
      this.choose();
      return false;
    }
    this.summarise();
    return true;
  }

  /**
   * Read the allowed neighbours of an example into `near`, `labels` and `slots`, nearest first.
   * @param {number} slot @returns {number} how many there are, at most k
   */
  gather(slot) {
    const { knn, k, near, labels, slots } = this;
    const { strangers, mates } = this.lists;
    const { sequence } = knn;
    let a = slot * strangers.depth;
    const endA = a + strangers.lengths[slot];
    let b = slot * mates.depth;
    const endB = this.only[knn.classOf[slot]] === -2 ? b : b + mates.lengths[slot];
    let n = 0;
    for (; n < k && (a < endA || b < endB); n++) {
      const sa = a < endA ? strangers.similarities[a] : -Infinity;
      const sb = b < endB ? mates.similarities[b] : -Infinity;
      const first =
        sa > sb || (sa === sb && a < endA && (b >= endB || sequence[strangers.slots[a]] < sequence[mates.slots[b]]));
      near[n] = first ? sa : sb;
      slots[n] = first ? strangers.slots[a++] : mates.slots[b++];
      labels[n] = knn.classOf[slots[n]];
    }
    return n;
  }

  /** First pass: the log loss of every beta, and the distances within the classes. @param {number} i */
  measure(i) {
    const { knn, lists, near, labels, all, own, losses } = this;
    const slot = this.order[i];
    const label = knn.classOf[slot];
    const nearest = this.only[label] === -2 ? lists.nearestStranger : lists.nearestMate;
    if (nearest.slots[slot] >= 0) this.distances[label].push(1 - nearest.similarities[slot]);
    if (this.fixed) return;
    const n = this.gather(slot);
    if (n === 0) return;
    this.measured++;
    all.fill(0);
    own.fill(0);
    for (let j = 0; j < n; j++) {
      // Every second beta is twice the one before: its weight is the square.
      const difference = near[j] - near[0];
      let even = Math.exp(BETAS[0] * difference);
      let odd = Math.exp(BETAS[1] * difference);
      const mine = labels[j] === label;
      for (let b = 0; b < BETAS.length; b += 2) {
        all[b] += even;
        all[b + 1] += odd;
        if (mine) {
          own[b] += even;
          own[b + 1] += odd;
        }
        even *= even;
        odd *= odd;
      }
    }
    const others = this.order.length - 1;
    for (let b = 0; b < BETAS.length; b++) {
      losses[b] -= Math.log(score(own[b] / all[b], others, this.classCount));
    }
  }

  /** Between the passes: the best beta, and the spread of each class. */
  choose() {
    const { losses, distances, spreads, knn } = this;
    if (!this.fixed) {
      const good = Math.min(...losses) + LOSS_SLACK * Math.max(1, this.measured);
      this.beta = BETAS[losses.findIndex((loss) => loss <= good)];
    }
    distances.forEach((list, label) => {
      if (knn.counts[label] > 1) spreads.set(knn.classIds[label], spreadOf(Float64Array.from(list)));
    });
  }

  /** Second pass: what each example is taken for. @param {number} i */
  answer(i) {
    const { knn, votes, near, labels, result, beta } = this;
    const slot = this.order[i];
    const n = this.gather(slot);
    this.findDuplicates(slot);
    if (n === 0) return;
    let total = 0;
    for (let j = 0; j < n; j++) {
      const weight = Math.exp(beta * (near[j] - near[0]));
      votes[labels[j]] += weight;
      total += weight;
    }
    let best = labels[0];
    for (let j = 1; j < n; j++) {
      const label = labels[j];
      if (votes[label] > votes[best] || (votes[label] === votes[best] && label < best)) best = label;
    }
    result.answered[i] = best;
    const others = this.order.length - 1;
    result.score[i] = score(votes[best] / total, others, this.classCount);
    result.own[i] = score(votes[knn.classOf[slot]] / total, others, this.classCount);
    for (let j = 0; j < n; j++) votes[labels[j]] = 0;
    const spread = this.spreads.get(knn.classIds[labels[0]]) ?? borrowedSpread(this.spreads.values());
    result.novelty[i] = novelty(near[0], spread, knn.tolerance);
  }

  /** Note the pairs that an example makes with older, nearly identical ones. @param {number} slot */
  findDuplicates(slot) {
    const { knn, result } = this;
    for (const { depth, similarities, slots, lengths } of [this.lists.mates, this.lists.strangers]) {
      const end = slot * depth + lengths[slot];
      for (let i = slot * depth; i < end && similarities[i] >= NEAR_DUPLICATE; i++) {
        if (result.nearDuplicates.length >= MOST_PAIRS) return;
        if (knn.sequence[slots[i]] > knn.sequence[slot]) continue;
        result.nearDuplicates.push([knn.ids[slots[i]], knn.ids[slot]]);
      }
    }
  }

  summarise() {
    const { result, spreads, knn } = this;
    const width = knn.classIds.length;
    const borrowed = borrowedSpread(spreads.values());
    result.beta = this.beta;
    result.perClass = knn.classIds.map((id) => ({ id, n: 0, correct: 0, Q: spreads.get(id) ?? borrowed }));
    for (let i = 0; i < result.ids.length; i++) {
      if (result.answered[i] < 0) continue;
      const taught = result.taught[i];
      result.n++;
      result.perClass[taught].n++;
      result.confusion[taught * width + result.answered[i]]++;
      if (result.answered[i] !== taught) continue;
      result.correct++;
      result.perClass[taught].correct++;
    }
    result.accuracy = result.n > 0 ? result.correct / result.n : null;
    result.ci = wilson(result.correct, result.n);
  }
}
