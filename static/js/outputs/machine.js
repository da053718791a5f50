// From what is seen to what is set off: one class at a time, decided as in games.
import { Decider } from '../control/decider.js';
import { strengths } from '../control/strengths.js';
import { KINDS, usable } from './kinds.js';

/**
 * @typedef {{id: string, label: string, color: string}} Class
 * @typedef {{outputs?: Record<string, unknown>, control?: Partial<import('../control/decider.js').Control>}} MachineSettings
 * @typedef {{result: import('../core/knn.js').Result|null, at: number}} Seen
 */

/** How long something is tried (ms): what lasts while a class is seen ends then. */
export const TRY_MS = 1600;

/**
 * Runs the outputs of the class that is decided. Events: 'change' whenever another class, or none, is;
 * 'problem' with an Error, once for the same one in a row.
 */
export class Machine extends EventTarget {
  /**
   * @param {object} options
   * @param {MachineSettings} [options.settings]
   * @param {readonly Class[]} [options.classes]
   * @param {import('./kinds.js').Parts} options.parts
   * @param {Record<string, import('./kinds.js').Kind>} [options.kinds]
   * @param {(run: () => void, ms: number) => any} [options.later]
   */
  constructor({ settings = {}, classes = [], parts, kinds = KINDS, later = (run, ms) => setTimeout(run, ms) }) {
    super();
    this.parts = parts;
    this.kinds = kinds;
    this.later = later;
    /** Id of the class that is decided. @type {string|null} */
    this.active = null;
    /** What ends what the class has begun. @type {(() => void)[]} */
    this.endings = [];
    /** Counts what was entered or tried: an ending that comes late is not of this. */
    this.turn = 0;
    this.told = '';
    /** @type {readonly Class[]} */
    this.classes = [];
    this.ids = /** @type {string[]} */ ([]);
    this.map = /** @type {Record<string, string>} */ ({});
    this.levels = new Float32Array(0);
    this.decider = new Decider({ actions: [] });
    this.control = '';
    this.configure({ settings, classes });
  }

  /**
   * Take other classes, outputs or times; what is on goes on where its class is still there.
   * @param {{settings?: MachineSettings, classes?: readonly Class[]}} change
   */
  configure({ settings = this.settings, classes = this.classes }) {
    this.settings = settings;
    const ids = classes.map(({ id }) => id);
    const { smoothing_ms, hold_ms } = settings.control ?? {};
    const control = JSON.stringify([smoothing_ms, hold_ms]);
    const isOther = control !== this.control || ids.length !== this.ids.length || ids.some((id, i) => id !== this.ids[i]);
    this.classes = classes;
    if (!isOther) return;
    this.control = control;
    this.ids = ids;
    this.map = Object.fromEntries(ids.map((id) => [id, id]));
    this.levels = new Float32Array(ids.length);
    // Thresholds belong to the actions of games; times are of the person and the camera.
    this.decider = new Decider({ actions: ids, smoothing_ms, hold_ms });
    if (this.active !== null) this.leave(this.active);
  }

  /** @param {string} id @returns {import('./kinds.js').Output[]} */
  outputsOf(id) {
    const { outputs } = this.settings ?? {};
    return outputs && Object.hasOwn(outputs, id) ? usable(outputs[id]) : [];
  }

  /**
   * Take in what one picture says.
   * @param {Seen} seen
   */
  see({ result, at }) {
    strengths(result, this.ids, this.map, this.ids, this.levels);
    const decisions = this.decider.push(this.levels, at);
    for (let i = 0; i < decisions.length; i++) {
      const { type, action, strength } = decisions[i];
      if (type === 'press') this.enter(action, strength);
      // Where the next class comes with the same picture, the screen goes from one to the other.
      else if (type === 'release' && decisions[i + 1]?.type !== 'press') this.leave(action);
    }
  }

  /** Nothing is seen any more: the camera is gone, or looking was paused. */
  rest() {
    this.decider.reset();
    if (this.active !== null) this.leave(this.active);
  }

  /**
   * Begin what belongs to a class; what another has begun ends.
   * @param {string} id
   * @param {number|null} [confidence] 0..1; null where it is only tried
   */
  enter(id, confidence = null) {
    const found = this.classes.find((c) => c.id === id);
    if (!found) return;
    this.end();
    this.active = id;
    const turn = ++this.turn;
    this.begin(found, this.outputsOf(id), confidence, () => this.turn === turn && this.active === id);
    this.dispatchEvent(new Event('change'));
  }

  /** End what belongs to a class. @param {string} id */
  leave(id) {
    if (this.active !== id) return;
    this.end();
    this.active = null;
    this.turn += 1;
    this.parts.screen?.put(null);
    this.dispatchEvent(new Event('change'));
  }

  /**
   * Try outputs for a moment, as if their class were seen.
   * @param {string} id of the class
   * @param {import('./kinds.js').Output[]} [outputs] else all of the class
   */
  test(id, outputs = this.outputsOf(id)) {
    const found = this.classes.find((c) => c.id === id);
    if (!found) return;
    this.end();
    const turn = ++this.turn;
    this.begin(found, usable(outputs), null, () => this.turn === turn);
    this.later(() => {
      if (this.turn !== turn) return;
      this.end();
      this.parts.screen?.put(null);
    }, TRY_MS);
  }

  /**
   * @param {Class} found @param {import('./kinds.js').Output[]} outputs @param {number|null} confidence
   * @param {() => boolean} isOn
   */
  begin({ id, label, color }, outputs, confidence, isOn) {
    const { parts, kinds } = this;
    const about = { classId: id, label, color, confidence, isOn };
    /** @type {import('./kinds.js').Item[]} */
    const items = [];
    for (const output of outputs) {
      const kind = kinds[output.kind];
      try {
        const item = kind.item?.(output, parts);
        if (item) items.push(item);
        const ending = kind.enter?.(output, parts, about, (error) => this.complain(error));
        if (ending) this.endings.push(ending);
      } catch (error) {
        // One output that fails must not silence the others.
        this.complain(/** @type {Error} */ (error));
      }
    }
    parts.screen?.put({ classId: id, label, color, items });
  }

  end() {
    for (const ending of this.endings.splice(0)) {
      try {
        ending();
      } catch (error) {
        this.complain(/** @type {Error} */ (error));
      }
    }
  }

  /** @param {Error} error */
  complain(error) {
    // A hook whose lamp is unplugged fails at every change for days: it is said once.
    if (error.message === this.told) return;
    this.told = error.message;
    this.dispatchEvent(new CustomEvent('problem', { detail: error }));
  }

  /** End everything. */
  close() {
    this.rest();
    this.end();
    this.turn += 1;
    this.parts.speech?.stop();
    this.parts.sounds?.stop();
    this.parts.synth?.stop();
    this.parts.midi?.stop();
    this.parts.screen?.clear();
  }
}
