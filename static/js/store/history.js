/**
 * The undo stack: steps as plain data, so that it can be kept in IndexedDB and outlives a reload.
 *
 * A step holds the edits that will be applied next: those that take it back while it is done, those
 * that do it again once it has been undone.
 * @typedef {import('./edits.js').Edit} Edit
 * @typedef {{label: string, key: string|null, at: number, edits: Edit[]}} Step
 */

/** Steps that are kept. Older ones go, and with them the pictures that only they could bring back. */
export const LONGEST_HISTORY = 200;

/** Changes of one value that follow within so many milliseconds are one step. */
const SAME_GESTURE_MS = 1500;

export class History {
  /**
   * @param {{steps?: [number, Step][], done?: number}} [stored] numbered steps; `done` is the number
   *   after the last step that is done
   */
  constructor({ steps = [], done } = {}) {
    /** @type {Map<number, Step>} numbered without gaps */
    this.steps = new Map([...steps].sort(([a], [b]) => a - b));
    const numbers = [...this.steps.keys()];
    /** Number of the oldest step. */
    this.first = numbers.length ? numbers[0] : (done ?? 0);
    /** Number that the next step gets. */
    this.done = Math.min(Math.max(done ?? this.end, this.first), this.end);
    /** Numbers of steps that have changed since they were last written. @type {Set<number>} */
    this.touched = new Set();
    /** Whether a step has gone for good since this was last set to false. */
    this.forgot = false;
  }

  get end() {
    return this.first + this.steps.size;
  }

  /** What undo would take back, as words for a button; null where nothing. */
  get undoLabel() {
    return this.steps.get(this.done - 1)?.label ?? null;
  }

  get redoLabel() {
    return this.steps.get(this.done)?.label ?? null;
  }

  /**
   * Adds a step, or lengthens the last one where both are the same gesture.
   * @param {Step} step `key` names the gesture; null for a step of its own
   */
  push(step) {
    for (let number = this.end - 1; number >= this.done; number -= 1) this.#drop(number);
    const last = this.steps.get(this.done - 1);
    if (last && step.key !== null && last.key === step.key && this.#lengthen(last, step)) {
      this.touched.add(this.done - 1);
      return;
    }
    this.steps.set(this.done, step);
    this.touched.add(this.done);
    this.done += 1;
    while (this.steps.size > LONGEST_HISTORY) {
      this.#drop(this.first);
      this.first += 1;
    }
  }

  /**
   * Gives the step to take back; `replace` then says what would do it again.
   * @returns {{step: Step, replace: (edits: Edit[]) => void}|null}
   */
  undo() {
    return this.#turn(this.done - 1, -1);
  }

  redo() {
    return this.#turn(this.done, 1);
  }

  /** Samples that some step may still bring back. @returns {Set<string>} */
  references() {
    const ids = new Set();
    for (const { edits } of this.steps.values()) {
      for (const edit of edits) for (const id of edit.op === 'samples-restore' ? edit.ids : []) ids.add(id);
    }
    return ids;
  }

  /**
   * Takes over what another tab has done to the stack.
   * @param {[number, Step|undefined][]} steps by number; undefined where one is gone
   * @param {number} done
   */
  follow(steps, done) {
    for (const [number, step] of steps) {
      if (step) this.steps.set(number, step);
      else this.steps.delete(number);
    }
    const numbers = [...this.steps.keys()].sort((a, b) => a - b);
    this.steps = new Map(numbers.map((number) => [number, /** @type {Step} */ (this.steps.get(number))]));
    this.first = numbers[0] ?? done;
    this.done = done;
  }

  /** @param {number} number @param {1|-1} direction */
  #turn(number, direction) {
    const step = this.steps.get(number);
    if (!step) return null;
    this.done += direction;
    this.touched.add(number);
    /** @param {Edit[]} edits */
    const replace = (edits) => {
      // The gesture is over: what comes next is a step of its own.
      this.steps.set(number, { ...step, key: null, edits });
    };
    return { step, replace };
  }

  /** @param {Step} last @param {Step} step */
  #lengthen(last, step) {
    if (step.key?.startsWith('burst:')) {
      const [a, b] = [last.edits[0], step.edits[0]];
      if (last.edits.length !== 1 || step.edits.length !== 1) return false;
      last.edits = [{ ...a, ids: [...a.ids, ...b.ids] }];
      const count = last.edits[0].ids.length;
      last.label = last.label.replace(/^Add \d+ pictures?/, `Add ${count} pictures`);
      return true;
    }
    if (step.at - last.at > SAME_GESTURE_MS) return false;
    last.at = step.at; // the older edits lead back to where the gesture began
    return true;
  }

  /** @param {number} number */
  #drop(number) {
    this.steps.delete(number);
    this.touched.add(number);
    this.forgot = true;
  }
}
