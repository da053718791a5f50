// Ids of examples on the page's side, numbers on the Worker's.

import { emptyEvaluation } from '../core/fit.js';

/**
 * @typedef {{id: string, taught: string, answered: string, score: number, novelty: number}} Item taught
 *   and answered: class ids; score: of the answered class
 * @typedef {Omit<import('../core/fit.js').Evaluation, 'ids'> & {items: Item[]}} Evaluation `items` is
 *   made when it is first read
 */

export class Numbering {
  constructor() {
    this.next = 0;
    /** @type {Map<string, number>} */
    this.numbers = new Map();
    /** @type {Map<number, {id: string, classId: string}>} */
    this.entries = new Map();
    /** @type {Evaluation | null} */
    this.latest = null;
  }

  clear() {
    this.numbers.clear();
    this.entries.clear();
    this.latest = null;
  }

  /**
   * Number new examples.
   * @param {{id: string, classId: string, group: any}[]} list
   * @returns {{id: number, classId: string, group: any}[]}
   */
  add(list) {
    const fresh = new Set(list.map(({ id }) => id));
    const twice = fresh.size !== list.length ? 'more than once in the list' : 'there already';
    const known = list.find(({ id }) => this.numbers.has(id));
    if (known || fresh.size !== list.length) throw new RangeError(`The example ${known?.id ?? ''} is ${twice}.`);
    return list.map(({ id, classId, group }) => {
      const number = this.next++;
      this.numbers.set(id, number);
      this.entries.set(number, { id, classId });
      return { id: number, classId, group };
    });
  }

  /** Forget ids and give their numbers. @param {string[]} ids */
  remove(ids) {
    return ids.flatMap((id) => {
      const number = this.numbers.get(id);
      if (number === undefined) return [];
      this.numbers.delete(id);
      this.entries.delete(number);
      return [number];
    });
  }

  /** @param {string[]} ids @param {string} classId */
  move(ids, classId) {
    return ids.flatMap((id) => {
      const number = this.numbers.get(id);
      if (number === undefined) return [];
      this.entries.set(number, { id, classId });
      return [number];
    });
  }

  /** Forget the examples of all other classes. @param {string[]} ids */
  keepClasses(ids) {
    const kept = new Set(ids);
    const gone = [...this.entries.values()].filter(({ classId }) => !kept.has(classId));
    this.remove(gone.map(({ id }) => id));
  }

  /** Give neighbours their ids; those that have been removed meanwhile are left out. @param {any[]} neighbours */
  named(neighbours) {
    return neighbours.flatMap((neighbour) => {
      const entry = this.entries.get(neighbour.id);
      return entry ? [{ ...neighbour, id: entry.id }] : [];
    });
  }

  /**
   * Take in an evaluation by numbers.
   * @param {import('../core/fit.js').Evaluation} numbered @returns {Evaluation}
   */
  accept({ ids, ...rest }) {
    const { entries } = this;
    /** @type {Item[] | null} */
    let items = null;
    const nearDuplicates = /** @type {[string, string][]} */ (
      rest.nearDuplicates
        .map((pair) => pair.map((number) => entries.get(number)?.id))
        .filter(([a, b]) => a !== undefined && b !== undefined)
    );
    /** @type {Evaluation} */
    const evaluation = {
      ...rest,
      nearDuplicates,
      get items() {
        items ??= Array.from(ids).flatMap((number, i) => {
          const entry = entries.get(number);
          if (!entry || rest.answered[i] < 0) return [];
          return {
            id: entry.id,
            taught: rest.classes[rest.taught[i]],
            answered: rest.classes[rest.answered[i]],
            score: rest.score[i],
            novelty: rest.novelty[i],
          };
        });
        return items;
      },
    };
    this.latest = evaluation;
    return evaluation;
  }

  /**
   * Give the latest evaluation again, out of date, with the progress of the next.
   * @param {number} progress 0..1 @returns {Evaluation}
   */
  waiting(progress) {
    const { latest } = this;
    const stale = latest ?? this.accept(emptyEvaluation([]));
    this.latest = latest;
    // `items` is carried over as it is: made only when it is read.
    return Object.defineProperties(/** @type {Evaluation} */ ({}), {
      ...Object.getOwnPropertyDescriptors(stale),
      complete: { value: false, enumerable: true },
      progress: { value: progress, enumerable: true },
    });
  }
}
