// A controller that is driven by what something sees: the camera here, or that of a phone. From the
// answer about each picture to strengths, and by the decider to actions.

import { Controller } from './controller.js';
import { Decider } from './decider.js';
import { strengths } from './strengths.js';

/**
 * @typedef {import('./strengths.js').Answer} Answer
 * @typedef {import('./decider.js').Control} Control
 * @typedef {object} SeenPicture
 * @property {Answer | null} result
 * @property {number} at when the picture was taken (ms, performance.now())
 * @property {number} [ageMs] how old it is now, where that is known better than from `at`
 * @typedef {(seen: SeenPicture) => void} SeenListener
 */

/** After so long without a picture it is lost (ms), and how often that is looked at. */
export const LOST_AFTER = 1500;
const WATCH_EVERY = 250;

/** Sends no event per picture: read `levels`, `raw` and `age` whenever something is drawn. */
export class SeenController extends Controller {
  /**
   * @param {string} kind @param {string} title
   * @param {object} options
   * @param {(listener: SeenListener) => (() => void)} options.onSeen begins to listen; returns what ends it
   * @param {() => readonly string[]} options.classIds in the order of the answers; asked at every picture
   * @param {readonly string[]} options.actions of the game's scheme
   * @param {Readonly<Record<string, string | null>>} options.map action by class id
   * @param {Partial<Control>} [options.control]
   * @param {() => number} [options.now] ms
   */
  constructor(kind, title, { onSeen, classIds, actions, map, control = {}, now }) {
    super(kind, title, now);
    this.onSeen = onSeen;
    this.classIds = classIds;
    this.actions = [...actions];
    this.map = map;
    this.decider = new Decider({ actions: this.actions, ...control });
    /** What the latest picture says, before smoothing, in the order of the actions. */
    this.raw = new Float32Array(this.actions.length);
    /** When the latest picture was taken, and when it was dealt with (ms). */
    this.seenAt = NaN;
    this.heardAt = NaN;
    /** @type {(() => void) | null} */
    this.ending = null;
    /** @type {ReturnType<typeof setInterval> | null} */
    this.watching = null;
  }

  /** Smoothed strengths in the order of the actions, 0..1. */
  get levels() {
    return this.decider.levels;
  }

  /** The action that is on. */
  get active() {
    return this.decider.active;
  }

  /** Words for people; what extends this may have better ones. */
  words = { waiting: 'Waiting for the first picture.', lost: 'No pictures are coming.', blank: 'There is nothing to tell apart yet: teach two classes.' };

  start() {
    if (this.ending) return;
    this.heardAt = NaN;
    this.forget();
    this.ending = this.onSeen((seen) => this.see(seen));
    this.watching = setInterval(() => this.watch(), WATCH_EVERY);
    this.become('waiting', this.words.waiting);
  }

  stop() {
    this.ending?.();
    this.ending = null;
    if (this.watching !== null) clearInterval(this.watching);
    this.watching = null;
    this.forget();
    super.stop();
  }

  /** Play by another binding from the next picture on. @param {Readonly<Record<string, string | null>>} map */
  setMap(map) {
    this.map = map;
  }

  /** Decide by other values from the next picture on; what is on is let go. @param {Partial<Control>} control */
  setControl(control) {
    this.forget();
    this.decider = new Decider({ actions: this.actions, ...control });
  }

  /** Let go, and start from nothing. */
  forget() {
    this.say(this.decider.reset(), this.now());
    this.raw.fill(0);
  }

  /** @param {SeenPicture} seen */
  see({ result, at, ageMs }) {
    const now = this.now();
    this.seenAt = at <= now ? at : now;
    this.heardAt = now;
    strengths(result, this.classIds(), this.map, this.actions, this.raw);
    this.age = ageMs ?? now - this.seenAt;
    this.say(this.decider.push(this.raw, this.seenAt), now);
    if (result) this.become('ready');
    else this.become('waiting', this.words.blank);
  }

  /** @param {readonly import('./decider.js').Decision[]} decisions @param {number} now ms */
  say(decisions, now) {
    for (const { type, action } of decisions) this.decide(type, action, now - (this.age ?? 0), now);
  }

  /** See whether pictures still come; called a few times a second. @param {number} [now] ms */
  watch(now = this.now()) {
    if (Number.isNaN(this.heardAt) || this.state === 'lost' || now - this.heardAt < LOST_AFTER) return;
    this.forget();
    this.become('lost', this.words.lost);
  }
}
