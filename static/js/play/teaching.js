/**
 * Guided teaching: says what to show, counts down, records by itself, hands free. Each class is shown
 * in two rounds, so that what is learned in one can be tested by the other.
 *
 * @typedef {object} Lesson
 * @property {string} classId
 * @property {string|null} action null: nothing
 * @property {string} title what is said: "Left"
 * @property {string} [icon]
 * @typedef {{first: number, next: number, second: number, record: number}} Times ms: to get ready for the first picture, for
 *   each other one, and for those of the second round; how long each is recorded
 * @typedef {{lesson: Lesson, round: number, burst: string|null}} Step
 */

/** What people keep up with. @type {Readonly<Times>} */
export const TIMES = Object.freeze({ first: 4000, next: 2600, second: 2000, record: 2000 });

/** So many pictures at least, however slow the machine, unless it takes longer than `MOST_MS`. */
const LEAST = 6;
const MOST_MS = 12_000;
export const ROUNDS = 2;

/**
 * Events: 'change' when the phase or the step has changed, 'cue' with detail 'tick', 'start', 'stop' or
 * 'done' for those who listen rather than look.
 */
export class GuidedTeaching extends EventTarget {
  /**
   * @param {object} parts
   * @param {{recorder: import('../recognition/recorder.js').Recorder, session: any, eyes: any}} parts.recogniser
   * @param {Lesson[]} parts.lessons
   * @param {number} [parts.rounds]
   * @param {Partial<Times>} [parts.times] ms
   */
  constructor({ recogniser, lessons, rounds = ROUNDS, times = {} }) {
    super();
    this.recogniser = recogniser;
    this.lessons = lessons;
    this.times = { ...TIMES, ...times };
    /** @type {Step[]} */
    this.steps = Array.from({ length: rounds }, (_, round) => lessons.map((lesson) => ({ lesson, round, burst: /** @type {string|null} */ (null) }))).flat();
    this.index = 0;
    /** @type {'ready'|'waiting'|'countdown'|'recording'|'done'|'stopped'} waiting: for the camera */
    this.phase = 'ready';
    /** When the phase began, and how long it lasts (ms). */
    this.since = 0;
    this.lasts = 0;
    this.ticks = 0;
  }

  /** The step that is on. @returns {Step|null} */
  get step() {
    return this.steps[this.index] ?? null;
  }

  get running() {
    return this.phase === 'waiting' || this.phase === 'countdown' || this.phase === 'recording';
  }

  /** How much of the phase is over, 0..1. @param {number} now ms */
  fraction(now) {
    return this.lasts > 0 ? Math.min(1, Math.max(0, (now - this.since) / this.lasts)) : 0;
  }

  /** Whole seconds that are left of the countdown. @param {number} now ms */
  secondsLeft(now) {
    return Math.max(1, Math.ceil((this.lasts - (now - this.since)) / 1000));
  }

  /** @param {number} now ms */
  start(now) {
    this.index = 0;
    this.countDown(now, this.times.first);
  }

  /**
   * Go on; called for every frame that is drawn.
   * @param {number} now ms
   */
  tick(now) {
    if (!this.running) return;
    const seeing = this.recogniser.eyes.source.ready;
    if (this.phase !== 'waiting' && !seeing) {
      this.recogniser.recorder.end();
      this.become('waiting', now, 0);
    } else if (this.phase === 'waiting' && seeing) {
      this.countDown(now, this.times.next);
    } else if (this.phase === 'countdown') {
      if (now - this.since >= this.lasts) this.record(now);
      else this.tickAloud(now);
    } else if (this.phase === 'recording') {
      const { taken, classId } = this.recogniser.recorder;
      const passed = now - this.since;
      // Recording may have been ended from elsewhere: the class was deleted, say.
      if (classId === null || (passed >= this.times.record && taken >= LEAST) || passed >= MOST_MS) this.endStep(now);
    }
  }

  /** Record the latest thing that was shown once more: its pictures of this round are dropped. @param {number} now ms */
  again(now) {
    if (!this.running && this.phase !== 'done') return;
    this.recogniser.recorder.end();
    if (this.phase !== 'recording' && this.index > 0) this.index -= 1;
    this.forget(this.steps[this.index]);
    this.countDown(now, this.times.next);
  }

  /** End it; what was recorded stays. */
  stop() {
    if (!this.running) return;
    this.recogniser.recorder.end();
    this.become('stopped', 0, 0);
  }

  /** @param {number} now ms @param {number} ms */
  countDown(now, ms) {
    this.ticks = 0;
    this.become('countdown', now, ms);
  }

  /** @param {number} now ms */
  record(now) {
    const { recorder } = this.recogniser;
    const step = /** @type {Step} */ (this.step);
    recorder.start(step.lesson.classId, false);
    step.burst = recorder.burst;
    this.become('recording', now, this.times.record);
    this.cue('start');
  }

  /** @param {number} now ms */
  endStep(now) {
    const { recorder } = this.recogniser;
    recorder.end();
    this.index += 1;
    if (this.index === this.steps.length) {
      this.become('done', now, 0);
      this.cue('done');
      return;
    }
    this.cue('stop');
    this.countDown(now, /** @type {Step} */ (this.step).round ? this.times.second : this.times.next);
  }

  /** @param {Step} step */
  forget(step) {
    const { session } = this.recogniser;
    const ids = session.samplesOf(step.lesson.classId).filter((/** @type {any} */ s) => s.burst === step.burst).map((/** @type {any} */ s) => s.id);
    if (step.burst && ids.length) session.deleteSamples(ids);
    step.burst = null;
  }

  /** @param {number} now ms */
  tickAloud(now) {
    const left = this.secondsLeft(now);
    if (left > 3 || left === this.ticks) return;
    this.ticks = left;
    this.cue('tick');
  }

  /** @param {'tick'|'start'|'stop'|'done'} cue */
  cue(cue) {
    this.dispatchEvent(new CustomEvent('cue', { detail: cue }));
  }

  /** @param {GuidedTeaching['phase']} phase @param {number} now @param {number} lasts ms */
  become(phase, now, lasts) {
    this.phase = phase;
    this.since = now;
    this.lasts = lasts;
    this.dispatchEvent(new Event('change'));
  }
}

/** Names that a new project gives: such a class may be given a better one. */
const UNNAMED = /^class \d+$/i;

/**
 * Find a class for every action, and one for nothing; make those that are missing. A class without a
 * name of its own and without pictures is named after its action.
 * @param {any} session
 * @param {{id: string, title: string, icon: string}[]} actions
 * @param {Record<string, string|null>} map class id to action
 * @param {(label: string) => boolean} isNothing
 * @returns {{lessons: Lesson[], map: Record<string, string|null>}} the map with the new ones
 */
export function lessonsFor(session, actions, map, isNothing) {
  /** @type {Record<string, string|null>} */
  const bound = { ...map };
  const isFree = (/** @type {any} */ c) => UNNAMED.test(c.label) && !session.samplesOf(c.id).length;
  const taken = new Set();
  const claim = (/** @type {string} */ label, /** @type {any} */ found) => {
    const known = found ?? session.classes.find((/** @type {any} */ c) => isFree(c) && !bound[c.id] && !taken.has(c.id));
    const { id } = known ?? session.addClass(label);
    if (known && isFree(known)) session.renameClass(id, label);
    taken.add(id);
    return id;
  };
  const lessons = actions.map(({ id: action, title, icon }) => {
    const mine = session.classes.filter((/** @type {any} */ c) => bound[c.id] === action);
    // Of several that mean the same, the one that has most pictures is the one that is shown.
    mine.sort((/** @type {any} */ a, /** @type {any} */ b) => session.samplesOf(b.id).length - session.samplesOf(a.id).length);
    const classId = claim(title, mine[0]);
    bound[classId] = action;
    return { classId, action, title, icon };
  });
  const nothing = claim('Nothing', session.classes.find((/** @type {any} */ c) => !bound[c.id] && !taken.has(c.id) && isNothing(c.label)));
  bound[nothing] = null;
  return { lessons: [...lessons, { classId: nothing, action: null, title: 'Nothing', icon: '' }], map: bound };
}
