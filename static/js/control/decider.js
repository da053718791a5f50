// From how sure the classifier is, picture by picture, to one action at a time: smoothed, with two
// thresholds, held for a moment before it counts, repeated while it lasts. docs/control.md explains
// each value and what it costs in milliseconds. Nothing is allocated per picture.

/**
 * @typedef {{on: number, off: number}} Threshold 0..1: it begins at `on` and ends below `off`
 * @typedef {object} Control how confidence becomes action
 * @property {number} smoothing_ms time constant of the average, 0..2000
 * @property {number} hold_ms how long a change must last before it counts, 0..2000
 * @property {number} repeat_ms from one repeat to the next while held, 0..5000; 0: none
 * @property {number} repeat_delay_ms from the press to the first repeat
 * @property {Record<string, Partial<Threshold>>} thresholds by action; what is missing is the default
 * @typedef {object} Decision
 * @property {'press' | 'repeat' | 'release'} type
 * @property {string} action
 * @property {number} at when, on the clock of `push`
 * @property {number} strength the smoothed strength of the action then, 0..1
 * @typedef {object} Delay of one action, in milliseconds
 * @property {number} smoothing until the average is over the threshold
 * @property {number} hold
 * @property {number} total from nothing to the action
 * @property {number} change from another action to this one
 * @property {number} release from the action to nothing
 */

/**
 * Chosen by measurement: docs/control.md. Thresholds are those of every action that has none of its own.
 * @type {Readonly<Omit<Control, 'thresholds'> & Threshold>}
 */
export const DEFAULTS = Object.freeze({ smoothing_ms: 60, hold_ms: 30, repeat_ms: 0, repeat_delay_ms: 400, on: 0.6, off: 0.3 });

/** Another action must be so much stronger than the one that is on; else two equal ones would flicker. */
export const MARGIN = 0.1;

/** Times of pictures are sums of fractions: a hold of two frames must not take three. */
const ROUNDING = 1e-6;
const NOBODY = -1;

/** @param {unknown} value @param {number} otherwise @param {number} most */
function within(value, otherwise, most) {
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(most, Math.max(0, value)) : otherwise;
}

/**
 * Fill in what is missing and bring what is out of range into it.
 * @param {Partial<Control> | null | undefined} control @returns {Control}
 */
export function completed(control) {
  return {
    smoothing_ms: within(control?.smoothing_ms, DEFAULTS.smoothing_ms, 2000),
    hold_ms: within(control?.hold_ms, DEFAULTS.hold_ms, 2000),
    repeat_ms: within(control?.repeat_ms, DEFAULTS.repeat_ms, 5000),
    repeat_delay_ms: within(control?.repeat_delay_ms, DEFAULTS.repeat_delay_ms, 5000),
    thresholds: { ...control?.thresholds },
  };
}

/**
 * Give the thresholds of an action; where only `on` is set, `off` is half of it.
 * @param {Partial<Control> | null | undefined} control @param {string} action
 * @returns {Threshold} `off` is at most `on`
 */
export function thresholdOf(control, action) {
  const own = control?.thresholds?.[action];
  const on = within(own?.on, DEFAULTS.on, 1);
  return { on, off: Math.min(on, within(own?.off, on / 2, 1)) };
}

export class Decider {
  /**
   * @param {{actions: string[]} & Partial<Control>} options
   * @throws {RangeError} where the actions are not all different
   */
  constructor({ actions, ...control }) {
    if (new Set(actions).size !== actions.length) throw new RangeError(`The actions ${actions.join(', ')} are not all different.`);
    this.actions = [...actions];
    this.control = completed(control);
    const thresholds = actions.map((action) => thresholdOf(control, action));
    this.on = Float64Array.from(thresholds, ({ on }) => on);
    this.off = Float64Array.from(thresholds, ({ off }) => off);
    /** Smoothed strengths, in the order of the actions. */
    this.levels = new Float32Array(actions.length);
    this.current = NOBODY;
    /** What would come next, and since when it would. */
    this.pending = NOBODY;
    this.since = 0;
    /** Since when the current action is no longer wished for; NaN while it is. */
    this.leaving = NaN;
    this.nextRepeat = Infinity;
    /** When the last picture was; NaN before the first one. */
    this.time = NaN;
    /** @type {Decision[]} as many as one picture can bring */
    this.pool = [0, 1].map(() => ({ type: 'press', action: '', at: 0, strength: 0 }));
    /** @type {Decision[]} */
    this.decisions = [];
  }

  /** The action that is on. */
  get active() {
    return this.current === NOBODY ? null : this.actions[this.current];
  }

  /**
   * Take in what one picture says. The first one after `reset` without a time only starts the clock.
   * @param {ArrayLike<number>} strengths one per action, 0..1
   * @param {number} now ms, when the picture was taken
   * @returns {readonly Decision[]} what has been decided: the same list and objects at every call
   */
  push(strengths, now) {
    const { levels, control } = this;
    if (strengths.length !== levels.length) {
      throw new RangeError(`Got ${strengths.length} strengths for ${levels.length} actions (${this.actions.join(', ')}).`);
    }
    this.decisions.length = 0;
    const passed = now > this.time ? now - this.time : 0;
    if (!(this.time > now)) this.time = now;
    const share = control.smoothing_ms > 0 ? -Math.expm1(-passed / control.smoothing_ms) : 1;
    for (let i = 0; i < levels.length; i++) levels[i] += share * ((strengths[i] || 0) - levels[i]);
    const wish = this.wish();
    if (wish === this.current) this.stay(now);
    else this.consider(wish, now);
    return this.decisions;
  }

  /** Find the strongest action over its threshold; the one that is on, or about to be, has an advantage. */
  wish() {
    const { levels, on, off, current } = this;
    const favoured = current === NOBODY ? this.pending : current;
    let best = NOBODY;
    let strongest = -Infinity;
    for (let i = 0; i < levels.length; i++) {
      if (levels[i] < (i === current ? off[i] : on[i])) continue;
      const level = i === favoured ? levels[i] + MARGIN : levels[i];
      if (level > strongest || (level === strongest && i === favoured)) {
        best = i;
        strongest = level;
      }
    }
    return best;
  }

  /** All stays as it is. @param {number} now */
  stay(now) {
    this.pending = NOBODY;
    this.leaving = NaN;
    if (this.current === NOBODY || now < this.nextRepeat) return;
    this.decide('repeat', this.current, now);
    const { repeat_ms } = this.control;
    this.nextRepeat += repeat_ms;
    // After a gap in the pictures there is one repeat, not all that were missed.
    if (this.nextRepeat <= now) this.nextRepeat = now + repeat_ms;
  }

  /** Something else is wished for: it must last. @param {number} wish @param {number} now */
  consider(wish, now) {
    const hold = this.control.hold_ms - ROUNDING;
    if (wish !== this.pending) {
      this.pending = wish;
      this.since = now;
    }
    if (Number.isNaN(this.leaving)) this.leaving = now;
    if (wish !== NOBODY && now - this.since >= hold) {
      this.letGo(now);
      this.current = wish;
      this.pending = NOBODY;
      this.leaving = NaN;
      this.nextRepeat = this.control.repeat_ms > 0 ? now + this.control.repeat_delay_ms : Infinity;
      this.decide('press', wish, now);
    } else if (this.current !== NOBODY && now - this.leaving >= hold) {
      this.letGo(now);
    }
  }

  /** @param {number} now */
  letGo(now) {
    if (this.current !== NOBODY) this.decide('release', this.current, now);
    this.current = NOBODY;
  }

  /** @param {Decision['type']} type @param {number} index @param {number} now */
  decide(type, index, now) {
    const decision = this.pool[this.decisions.length];
    decision.type = type;
    decision.action = this.actions[index];
    decision.at = now;
    decision.strength = this.levels[index];
    this.decisions.push(decision);
  }

  /**
   * Forget the past: all levels are 0, nothing is on.
   * @param {number} [now] ms; the next picture is then taken to have been seen since
   * @returns {readonly Decision[]} the release of what was on
   */
  reset(now = NaN) {
    this.decisions.length = 0;
    this.letGo(Number.isNaN(now) ? this.time : now);
    this.levels.fill(0);
    this.pending = NOBODY;
    this.leaving = NaN;
    this.nextRepeat = Infinity;
    this.time = now;
    return this.decisions;
  }

  /**
   * Say what smoothing and hold cost when one strength jumps and stays. An average with time constant
   * T has covered the share 1 - exp(-t / T) of a jump after t: it reaches `on` after
   * T ln(to / (to - on)), falls below `off` after T ln(to / off), and overtakes another that falls
   * as it rises after T ln(2 to / (to - margin)).
   * @param {object} [options]
   * @param {number} [options.to] strength after the jump, 0..1
   * @param {number} [options.every] ms between pictures: counts from the first picture after the jump,
   *   in whole pictures; 0: as if there were endlessly many
   * @returns {Record<string, Delay>} by action; Infinity where `to` does not reach the threshold
   */
  delays({ to = 1, every = 0 } = {}) {
    const { smoothing_ms, hold_ms } = this.control;
    const seen = (/** @type {number} */ ms) => (every > 0 && ms < Infinity ? (Math.max(1, Math.ceil(ms / every - ROUNDING)) - 1) * every : ms);
    const hold = every > 0 ? Math.ceil(hold_ms / every - ROUNDING) * every : hold_ms;
    // Without smoothing a jump is there at once, or never.
    const until = (/** @type {boolean} */ can, /** @type {number} */ ratio) => (!can ? Infinity : smoothing_ms > 0 ? smoothing_ms * Math.max(0, Math.log(ratio)) : 0);
    return Object.fromEntries(
      this.actions.map((action, i) => {
        const on = this.on[i];
        const off = this.off[i];
        const reach = until(to >= on, to / (to - on));
        const overtake = Math.max(reach, until(to > MARGIN, (2 * to) / (to - MARGIN)));
        const smoothing = seen(reach);
        return [action, { smoothing, hold, total: smoothing + hold, change: seen(overtake) + hold, release: seen(until(off > 0, to / off)) + hold }];
      }),
    );
  }
}
