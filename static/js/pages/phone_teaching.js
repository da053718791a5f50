/**
 * Teaching from a phone: pictures go straight to the server, and the project's pages hear of them.
 *
 * @typedef {{id: string, label: string, color: string}} ClassInfo
 * @typedef {{id: string, jpeg: Blob, burst: string, source?: string}} Taken what a Recorder makes of a picture
 * @typedef {object} Burst pictures of one held button
 * @property {string} burst
 * @property {string} classId
 * @property {string} label
 * @property {string[]} ids all of them, sent or not
 * @property {Taken[]} waiting those that the server has not got yet
 */
import { ApiError, NetworkError } from '../net/errors.js';

/** Most pictures in one request, and how often pictures leave while a button is held (ms). */
const AT_ONCE = 40;
const SEND_EVERY = 1000;
/** After a lost connection it is tried again (ms). */
const TRY_AGAIN = 1500;

/**
 * Takes the place of the session for a `Recorder`. Event: 'change'; 'refused' with the error, when the
 * server takes no more.
 */
export class TeachAlong extends EventTarget {
  /**
   * @param {object} parts
   * @param {import('../net/api.js').Api} parts.api
   * @param {string} parts.projectId
   * @param {() => ClassInfo[]} parts.classes
   * @param {(id: string) => boolean} [parts.has] whether the project shows a picture now
   * @param {(run: () => void, ms: number) => unknown} [parts.later]
   */
  constructor({ api, projectId, classes: list, has = () => true, later = (run, ms) => setTimeout(run, ms) }) {
    super();
    this.api = api;
    this.projectId = projectId;
    this.list = list;
    this.has = has;
    /** Pictures that the project has shown once. @type {Set<string>} */
    this.arrived = new Set();
    this.later = later;
    /** Oldest first. @type {Burst[]} */
    this.bursts = [];
    this.isOffline = false;
    this.isUndoing = false;
    /** @type {Error|null} */
    this.problem = null;
    this.timed = false;
    /** @type {Promise<void>|null} */
    this.sending = null;
    /** Pictures that were sent, whether or not an answer came back. @type {Set<string>} */
    this.tried = new Set();
  }

  get classes() {
    return this.list();
  }

  /** How many pictures wait for the server. */
  get waiting() {
    return this.bursts.reduce((sum, { waiting }) => sum + waiting.length, 0);
  }

  /**
   * Pictures of a class that this phone has added and that are still there, and how many of them the
   * project does not show yet.
   * @param {string} classId
   */
  countOf(classId) {
    let [all, unseen] = [0, 0];
    for (const burst of this.bursts) {
      if (burst.classId !== classId) continue;
      for (const id of burst.ids) {
        if (!this.arrived.has(id)) unseen += 1;
        if (this.isThere(id)) all += 1;
      }
    }
    return { all, unseen };
  }

  /** The newest burst of which something is left. */
  get last() {
    return this.bursts.findLast(({ ids }) => ids.some((id) => this.isThere(id))) ?? null;
  }

  /** Whether a picture is on its way, or in the project: the big screen may have removed it. @param {string} id */
  isThere(id) {
    return !this.arrived.has(id) || this.has(id);
  }

  /** Look which pictures the project shows now. */
  settle() {
    for (const { ids } of this.bursts) for (const id of ids) if (this.has(id)) this.arrived.add(id);
    this.changed();
  }

  /**
   * Take pictures of one class; they leave soon.
   * @param {string} classId @param {Taken[]} samples
   */
  addSamples(classId, samples) {
    for (const sample of samples) {
      let burst = this.bursts.at(-1);
      if (burst?.burst !== sample.burst || burst.classId !== classId) {
        burst = { burst: sample.burst, classId, label: this.classes.find(({ id }) => id === classId)?.label ?? '', ids: [], waiting: [] };
        this.bursts.push(burst);
      }
      burst.ids.push(sample.id);
      burst.waiting.push(sample);
    }
    this.soon(SEND_EVERY);
    this.changed();
  }

  /** @param {number} ms */
  soon(ms) {
    if (this.timed) return;
    this.timed = true;
    this.later(() => {
      this.timed = false;
      void this.flush();
    }, ms);
  }

  /** Send all that waits; it is tried again by itself where the server does not answer. @returns {Promise<void>} */
  flush() {
    this.sending ??= this.send().finally(() => {
      this.sending = null;
      if (this.waiting && !this.problem) this.soon(this.isOffline ? TRY_AGAIN : SEND_EVERY);
      this.changed();
    });
    return this.sending;
  }

  async send() {
    for (const burst of [...this.bursts]) {
      while (burst.waiting.length) {
        const part = burst.waiting.slice(0, AT_ONCE);
        for (const { id } of part) this.tried.add(id);
        try {
          await this.api.addSamples(this.projectId, {
            classId: burst.classId,
            files: part.map(({ id, jpeg, source = 'camera' }) => ({ id, blob: jpeg, burst: burst.burst, source, created_at: new Date().toISOString() })),
          });
          this.isOffline = false;
          this.problem = null;
        } catch (error) {
          if (error instanceof NetworkError) {
            this.isOffline = true;
            return;
          }
          this.refuse(burst, part, /** @type {Error} */ (error));
          if (error instanceof ApiError && [401, 403].includes(error.status)) return;
          continue;
        }
        this.drop(burst, part);
        this.changed();
      }
    }
  }

  /** What the server will never take need not wait. @param {Burst} burst @param {Taken[]} part @param {Error} error */
  refuse(burst, part, error) {
    this.problem = error;
    this.drop(burst, part);
    const gone = new Set(part.map(({ id }) => id));
    burst.ids = burst.ids.filter((id) => !gone.has(id));
    if (!burst.ids.length) this.bursts = this.bursts.filter((other) => other !== burst);
    this.dispatchEvent(new CustomEvent('refused', { detail: error }));
  }

  /** @param {Burst} burst @param {Taken[]} part */
  drop(burst, part) {
    const gone = new Set(part.map(({ id }) => id));
    burst.waiting = burst.waiting.filter(({ id }) => !gone.has(id));
  }

  /**
   * Take the last burst back, also from the server.
   * @returns {Promise<{label: string, count: number}|null>} what was taken back
   * @throws {NetworkError} the server does not answer; what it still has can be taken back again
   */
  async undo() {
    const burst = this.last;
    if (!burst || this.isUndoing) return null;
    const count = burst.ids.filter((id) => this.isThere(id)).length;
    this.isUndoing = true;
    this.changed();
    try {
      // What is on its way must arrive before it can be taken back.
      await this.sending;
      const never = new Set(burst.waiting.filter(({ id }) => !this.tried.has(id)).map(({ id }) => id));
      burst.waiting = [];
      burst.ids = burst.ids.filter((id) => !never.has(id));
      for (const id of [...burst.ids].reverse()) {
        try {
          await this.api.deleteSample(id);
        } catch (error) {
          // It did not arrive, or was removed on the big screen: nothing is left to take back.
          if (!(error instanceof ApiError) || ![403, 404].includes(error.status)) throw error;
        }
        burst.ids = burst.ids.filter((other) => other !== id);
        this.changed();
      }
      this.bursts = this.bursts.filter((other) => other !== burst);
      return { label: burst.label, count };
    } finally {
      this.isUndoing = false;
      this.changed();
    }
  }

  changed() {
    this.dispatchEvent(new Event('change'));
  }
}
