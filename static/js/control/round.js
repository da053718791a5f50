// A calibration round: it asks for each action a few times, and notes what was decided and when.
// The page shows the prompts and passes on the pictures and decisions; clocks are those of the page.

import { below } from '../core/random.js';
import { quantile, wilson } from '../core/votes.js';
import { advise } from './advice.js';
import { completed } from './decider.js';
import { Onset } from './onset.js';

/**
 * @typedef {string | null} Asked an action; null: nothing
 * @typedef {object} BoundClass
 * @property {string} id @property {string} label
 * @property {Asked} action
 * @property {number} [count] examples it has
 * @typedef {object} Answer to one prompt
 * @property {Asked} asked
 * @property {Asked} answered the first action after the prompt, else what is on at its end
 * @property {number} at when it was shown
 * @property {number | null} movedAt when the movement began, as the pictures show
 * @property {number | null} decidedAt when the first action, or for nothing the end of the last one, was decided
 * @property {number} flickers how often what had been decided was let go, while it was still asked for
 * @property {number} endAt
 * @typedef {{median_ms: number | null, p95_ms: number | null}} Times null: none is known
 * @typedef {{action: Asked, asked: number, right: number} & Times} PerAction
 * @typedef {object} RoundResult
 * @property {number} asked @property {number} right
 * @property {number | null} accuracy 0..1; null before the first prompt has ended
 * @property {[number, number]} interval Wilson, 95 %
 * @property {number[][]} confusion rows asked, columns answered: the actions in order, then nothing
 * @property {PerAction[]} perAction in the same order; times as the median and p95 below
 * @property {number | null} median_ms of right actions: from the movement where it was seen, else from the prompt
 * @property {number | null} p95_ms
 * @property {Times} total from the prompt to the action: the person's reaction is in it
 * @property {Times} machine from the first picture of the movement to the action
 * @property {Times} reaction from the prompt to the first picture of the movement
 * @property {number} flickers
 * @property {number | null} pictures per second
 * @property {Answer[]} answers
 * @property {import('./advice.js').Advice[]} advice most pressing first
 * @typedef {object} Samples what was seen in a round, for `propose`
 * @property {string[]} actions
 * @property {Float64Array} at when each picture was taken (ms)
 * @property {Float64Array} heard when it was dealt with (ms)
 * @property {Float32Array} strengths pictures * actions, raw
 * @property {Answer[]} answers
 */

/** How long a prompt stands at most, after an action was decided, and while nothing happens (ms). */
export const LIMIT = 3000;
export const STAY = 600;
export const CALM = 1000;

/**
 * Plan the prompts of a round.
 * @param {readonly Asked[]} actions null: nothing
 * @param {number} times each @param {() => number} random
 * @returns {Asked[]} shuffled; never twice the same in a row unless there is only one
 */
export function plan(actions, times, random) {
  const left = actions.map(() => times);
  /** @type {Asked[]} */
  const prompts = [];
  let last = -1;
  for (let length = actions.length * times; length > 0; length--) {
    // What may come without leaving too many of one kind for the end.
    const may = actions.map((_, i) => i).filter((i) => i !== last && left[i] > 0 && left.every((n, j) => j === i || n <= length / 2));
    const weights = may.map((i) => left[i]);
    let draw = below(random, weights.reduce((a, b) => a + b, 0));
    let chosen = may.find((_, j) => (draw -= weights[j]) < 0) ?? left.findIndex((n) => n > 0);
    left[chosen]--;
    prompts.push(actions[chosen]);
    last = chosen;
  }
  return prompts;
}

export class Round {
  /**
   * @param {object} options
   * @param {readonly Asked[]} options.plan
   * @param {readonly string[]} options.actions of the game's scheme, in order
   * @param {Partial<import('./decider.js').Control>} [options.control] in use, for the advice
   * @param {Readonly<Record<string, string>>} [options.titles] of the actions, for the advice
   * @param {readonly BoundClass[]} [options.classes] what is bound to what, for the advice
   * @param {Onset | null} [options.onset] finds movements; null: only those that `moved` tells of
   * @param {boolean} [options.keep] whether to keep the pictures' strengths
   */
  constructor({ plan, actions, control, titles = {}, classes = [], onset = new Onset(), keep = true }) {
    this.plan = [...plan];
    this.actions = [...actions];
    this.control = completed(control);
    this.titles = titles;
    this.classes = classes;
    this.onset = onset;
    this.keep = keep;
    /** @type {Answer[]} */
    this.answers = [];
    /** The prompt that is shown. @type {Answer | null} */
    this.current = null;
    /** Whether an action was decided since. */
    this.pressed = false;
    /** @type {Asked} */
    this.active = null;
    this.pictures = 0;
    this.at = new Float64Array(keep ? 512 : 0);
    this.heard = new Float64Array(keep ? 512 : 0);
    this.strengths = new Float32Array(keep ? 512 * actions.length : 0);
  }

  /** Whether all prompts have been answered. */
  get done() {
    return this.answers.length === this.plan.length;
  }

  /** Prompts that were shown, the one that is shown included. */
  get shown() {
    return this.answers.length + (this.current ? 1 : 0);
  }

  /**
   * End the prompt that is shown, and begin the next one.
   * @param {number} now ms
   * @returns {{index: number, of: number, action: Asked} | null} null: that was the last
   */
  next(now) {
    this.end(now);
    if (this.done) return null;
    const index = this.answers.length;
    const asked = this.plan[index];
    this.current = { asked, answered: null, at: now, movedAt: null, decidedAt: null, flickers: 0, endAt: now };
    this.pressed = false;
    this.onset?.again();
    return { index, of: this.plan.length, action: asked };
  }

  /** @param {number} now ms */
  end(now) {
    const { current } = this;
    if (!current) return;
    // Nothing new was decided: then what is on, from before, is the answer.
    if (!this.pressed) current.answered = this.active;
    current.movedAt ??= this.onset?.movedAt ?? null;
    current.endAt = now;
    this.answers.push(current);
    this.current = null;
  }

  /**
   * Say whether the next prompt is due: something was decided and stood for a while, or nothing came.
   * @param {number} now ms
   */
  due(now) {
    const { current } = this;
    if (!current) return !this.done;
    if (this.pressed) return now - (current.decidedAt ?? current.at) >= STAY;
    if (current.asked === null && this.active === null) return now - (current.decidedAt ?? current.at) >= CALM;
    return now - current.at >= LIMIT;
  }

  /**
   * Take in what a picture says.
   * @param {ArrayLike<number>} strengths raw, in the order of the actions
   * @param {number} at when it was taken (ms) @param {number} now when it is dealt with (ms)
   * @param {ArrayLike<number>} [features] where movements show better: the shares of all classes, or the embedding
   */
  see(strengths, at, now, features = strengths) {
    if (this.keep) this.store(strengths, at, now);
    this.onset?.push(features, at);
  }

  /** Tell when the movement began, where that is known better. @param {number} at ms */
  moved(at) {
    if (this.current) this.current.movedAt ??= at;
  }

  /**
   * Take in what was decided: the `detail` of a controller's event.
   * @param {import('./controller.js').ActionDetail} detail
   */
  decide({ type, action, at, seenAt }) {
    const { current } = this;
    if (type === 'press') this.active = action;
    else if (type === 'release' && this.active === action) this.active = null;
    // A picture from before the prompt answers the one before.
    if (!current || seenAt < current.at || type === 'repeat') return;
    if (type === 'press' && !this.pressed) {
      this.pressed = true;
      current.answered = action;
      current.decidedAt = at;
      current.movedAt ??= this.onset?.likely ?? null;
    } else if (type === 'release' && this.pressed) {
      current.flickers++;
    } else if (type === 'release' && current.asked === null) {
      current.decidedAt = at;
      current.movedAt ??= this.onset?.likely ?? null;
    }
  }

  /** @param {ArrayLike<number>} strengths @param {number} at @param {number} now */
  store(strengths, at, now) {
    const width = this.actions.length;
    if (this.pictures === this.at.length) {
      this.at = grown(this.at, Float64Array);
      this.heard = grown(this.heard, Float64Array);
      this.strengths = grown(this.strengths, Float32Array);
    }
    this.at[this.pictures] = at;
    this.heard[this.pictures] = now;
    for (let i = 0; i < width; i++) this.strengths[this.pictures * width + i] = strengths[i];
    this.pictures++;
  }

  /** What was seen so far. @returns {Samples} */
  get samples() {
    const { pictures, actions, answers } = this;
    return {
      actions: [...actions],
      at: this.at.slice(0, pictures),
      heard: this.heard.slice(0, pictures),
      strengths: this.strengths.slice(0, pictures * actions.length),
      answers: answers.map((answer) => ({ ...answer })),
    };
  }

  /** Sum up the prompts that have ended. @returns {RoundResult} */
  result() {
    const { answers } = this;
    const order = [...this.actions, null];
    const confusion = order.map(() => order.map(() => 0));
    for (const { asked, answered } of answers) {
      const column = order.indexOf(answered);
      confusion[order.indexOf(asked)][column < 0 ? order.length - 1 : column]++;
    }
    const correct = answers.filter(({ asked, answered }) => asked === answered);
    const actions = correct.filter(({ asked }) => asked !== null);
    const perAction = order.map((action, i) => ({
      action,
      asked: confusion[i].reduce((a, b) => a + b, 0),
      right: confusion[i][i],
      ...times(correct.filter(({ asked }) => asked === action).map(felt)),
    }));
    const asked = answers.length;
    const right = correct.length;
    /** @type {Omit<RoundResult, 'advice'>} */
    const result = {
      asked,
      right,
      accuracy: asked ? right / asked : null,
      interval: wilson(right, asked),
      confusion,
      perAction: this.plan.includes(null) ? perAction : perAction.slice(0, -1),
      ...times(actions.map(felt)),
      total: times(actions.map(({ at, decidedAt }) => between(at, decidedAt))),
      machine: times(actions.map(({ movedAt, decidedAt }) => between(movedAt, decidedAt))),
      reaction: times(actions.map(({ at, movedAt }) => between(at, movedAt))),
      flickers: answers.reduce((sum, { flickers }) => sum + flickers, 0),
      pictures: this.rate(),
      answers: answers.map((answer) => ({ ...answer })),
    };
    return { ...result, advice: advise({ ...result, actions: this.actions }, this) };
  }

  /** Pictures per second. */
  rate() {
    const { pictures, at } = this;
    return pictures > 1 && at[pictures - 1] > at[0] ? (1000 * (pictures - 1)) / (at[pictures - 1] - at[0]) : null;
  }
}

/** @param {number | null} from @param {number | null} to */
const between = (from, to) => (from === null || to === null ? null : to - from);

/** What a player feels: the time since the movement, as far as that is known. @param {Answer} answer */
const felt = ({ at, movedAt, decidedAt }) => between(movedAt ?? at, decidedAt);

/** @param {(number | null)[]} list @returns {Times} */
function times(list) {
  const known = Float64Array.from(list.filter((ms) => ms !== null)).sort();
  if (known.length === 0) return { median_ms: null, p95_ms: null };
  return { median_ms: quantile(known, 0.5), p95_ms: quantile(known, 0.95) };
}

/** @template {Float32Array | Float64Array} T @param {T} array @param {new (length: number) => T} Kind @returns {T} */
function grown(array, Kind) {
  const larger = new Kind(2 * array.length);
  larger.set(array);
  return larger;
}
