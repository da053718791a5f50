// What every way to play has in common: a camera, a phone, keys, a finger, a gamepad, a recording or
// a bot all say the same few words, so that a game does not know which of them it is played by.

/**
 * @typedef {'ready' | 'waiting' | 'lost'} ControllerState waiting: not yet; lost: no longer
 * @typedef {object} ActionDetail
 * @property {'press' | 'repeat' | 'release'} type
 * @property {string} action
 * @property {number} at when it was decided (ms, performance.now())
 * @property {number} seenAt when the picture was taken, or the key went down
 */

/**
 * Events: 'action' with an `ActionDetail`, 'state' when `state` or `text` has changed.
 */
export class Controller extends EventTarget {
  /**
   * @param {string} kind as the table of controllers calls it
   * @param {string} title for people
   * @param {() => number} [now] ms
   */
  constructor(kind, title, now = () => performance.now()) {
    super();
    this.kind = kind;
    this.title = title;
    this.now = now;
    /** Which player it moves, from 0; `Input.connect` sets it. */
    this.player = 0;
    /** The one that hears it. @type {import('./input.js').Input | null} */
    this.input = null;
    /** Actions that are on. @type {Set<string>} */
    this.held = new Set();
    /** From the latest picture, or key, to its decision (ms). @type {number | null} */
    this.age = null;
    /** @type {ControllerState} */
    this.state = 'waiting';
    /** Why it waits, for people. */
    this.text = '';
    /** Which action each key, finger or button holds: two keys may mean the same. @type {Map<any, string>} */
    this.sources = new Map();
  }

  /** Begin to listen. */
  start() {
    this.become('ready');
  }

  /** Let go of everything and listen no more. */
  stop() {
    this.releaseAll();
    this.become('waiting');
  }

  /**
   * Do what must be done once for each tick of the game; `Input.take` calls it.
   * @param {number} _tick from 0
   */
  tick(_tick) {}

  /** @param {ControllerState} state @param {string} [text] */
  become(state, text = '') {
    if (state === this.state && text === this.text) return;
    this.state = state;
    this.text = text;
    this.dispatchEvent(new CustomEvent('state', { detail: { state, text } }));
  }

  /**
   * Say what was decided.
   * @param {ActionDetail['type']} type @param {string} action
   * @param {number} [seenAt] ms @param {number} [at] ms
   */
  decide(type, action, seenAt, at = this.now()) {
    if (type === 'release') this.held.delete(action);
    else this.held.add(action);
    this.dispatchEvent(new CustomEvent('action', { detail: { type, action, at, seenAt: seenAt ?? at } }));
  }

  /**
   * A key, a finger or a button begins to hold an action.
   * @param {any} source that which holds it @param {string} action @param {number} [seenAt] ms
   */
  hold(source, action, seenAt) {
    if (this.sources.get(source) === action) return;
    this.letGo(source, seenAt);
    const first = !this.held.has(action);
    this.sources.set(source, action);
    const at = this.now();
    // Clocks of events may be coarser than, or other than, our own.
    const from = seenAt !== undefined && seenAt > 0 && seenAt <= at ? seenAt : at;
    this.age = at - from;
    this.decide(first ? 'press' : 'repeat', action, from, at);
  }

  /** @param {any} source @param {number} [seenAt] ms */
  letGo(source, seenAt) {
    const action = this.sources.get(source);
    if (action === undefined) return;
    this.sources.delete(source);
    for (const other of this.sources.values()) if (other === action) return;
    this.decide('release', action, seenAt);
  }

  /** Let go of everything that is held. */
  releaseAll() {
    this.sources.clear();
    for (const action of [...this.held]) this.decide('release', action);
  }
}
