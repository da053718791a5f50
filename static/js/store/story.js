/**
 * What a job has told: its log and its learning curves. Events come in order, each once; what is
 * missing in between is asked for again by `trainings.js`.
 *
 * @typedef {import('../net/api.js').WireEvent} JobEvent
 * @typedef {object} Curves arrays of equal length, one place an epoch; null where there is no such number
 * @property {number[]} epoch
 * @property {(number|null)[]} loss @property {(number|null)[]} accuracy
 * @property {(number|null)[]} val_loss @property {(number|null)[]} val_accuracy
 */

/** @typedef {'loss'|'accuracy'|'val_loss'|'val_accuracy'} Measure */
const MEASURES = /** @type {const} */ (['loss', 'accuracy', 'val_loss', 'val_accuracy']);

/** @returns {Curves} */
export const noCurves = () => ({ epoch: [], loss: [], accuracy: [], val_loss: [], val_accuracy: [] });

export class Story {
  constructor() {
    /** In the order of their numbers, none missing. @type {JobEvent[]} */
    this.events = [];
    this.curves = noCurves();
    /** Number of the newest event that is here. */
    this.last = 0;
    /** Number of the newest event that is known of. */
    this.heard = 0;
  }

  get complete() {
    return this.heard <= this.last;
  }

  /**
   * Take an event in, if it is the next.
   * @param {JobEvent} event
   * @returns {boolean} whether it was
   */
  take(event) {
    this.heard = Math.max(this.heard, event.sequence);
    if (event.sequence !== this.last + 1) return false;
    this.last = event.sequence;
    this.events.push(event);
    if (event.kind === 'metrics') this.plot(event);
    return true;
  }

  /** @param {JobEvent} event */
  plot(event) {
    const { curves } = this;
    const epoch = event.epoch ?? curves.epoch.length + 1;
    // A training that was begun again, or resumed, tells some epochs a second time: the later counts.
    let length = curves.epoch.length;
    while (length > 0 && curves.epoch[length - 1] >= epoch) length -= 1;
    curves.epoch.length = length;
    curves.epoch.push(epoch);
    for (const measure of MEASURES) {
      curves[measure].length = length;
      curves[measure].push(event[measure] ?? null);
    }
  }
}
