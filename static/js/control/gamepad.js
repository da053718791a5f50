// A gamepad as a controller. Browsers tell of gamepads only when asked, so it is asked once a tick.

import { Controller } from './controller.js';

/** Buttons of the standard layout (W3C Gamepad, "standard"). @type {Readonly<Record<number, string>>} */
export const BUTTONS = Object.freeze({ 0: 'go', 9: 'go', 12: 'up', 13: 'down', 14: 'left', 15: 'right' });
/** The same for a game of bins: the face buttons and those at the shoulders. @type {Readonly<Record<number, string>>} */
export const BIN_BUTTONS = Object.freeze(Object.fromEntries(Array.from({ length: 8 }, (_, i) => [i, `bin${i + 1}`])));

/** A stick rests near, not at, its middle: it counts from `on` and until under `off` of its way. */
const STICK = { on: 0.5, off: 0.35 };
/** A button that yields gradually is down from half of its way. */
const DOWN = 0.5;
const POLE = 'stick';

/**
 * @typedef {object} Pad what is needed of a Gamepad
 * @property {boolean} connected @property {string} id @property {number} index
 * @property {readonly number[]} axes @property {readonly {pressed: boolean, value: number}[]} buttons
 */

/** @returns {(Pad | null)[]} */
const browserPads = () => [...(globalThis.navigator?.getGamepads?.() ?? [])];

export class GamepadController extends Controller {
  /**
   * @param {object} [options]
   * @param {number} [options.which] 0: the first gamepad there is, 1: the second
   * @param {Readonly<Record<number, string>>} [options.buttons] action by number of the button
   * @param {Iterable<string> | null} [options.actions] only these; null: all
   * @param {() => (Pad | null)[]} [options.pads] the gamepads there are
   * @param {EventTarget} [options.target] what tells of gamepads that come and go; the window where there is one
   * @param {() => number} [options.now] ms
   */
  constructor({ which = 0, buttons = BUTTONS, actions = null, pads = browserPads, target = globalThis.window, now } = {}) {
    super('gamepad', 'Gamepad', now);
    this.which = which;
    this.actions = actions && new Set(actions);
    /** @type {[number, string][]} */
    this.buttons = Object.entries(buttons).flatMap(([index, action]) => (this.means(action) ? [[Number(index), action]] : []));
    this.pads = pads;
    this.target = target;
    /** @type {AbortController | null} */
    this.listening = null;
  }

  start() {
    if (this.listening) return;
    this.listening = new AbortController();
    // While a game is paused there are no ticks to ask in: one that comes back must be noticed all the same.
    const { signal } = this.listening;
    for (const type of ['gamepadconnected', 'gamepaddisconnected']) this.target?.addEventListener(type, () => this.poll(), { signal });
    this.become('waiting', 'Press a button of the gamepad.');
    this.poll();
  }

  stop() {
    this.listening?.abort();
    this.listening = null;
    super.stop();
  }

  tick() {
    this.poll();
  }

  /** @param {string} action */
  means(action) {
    return !this.actions || this.actions.has(action);
  }

  /** Ask the gamepad what is pressed. @param {number} [now] ms */
  poll(now = this.now()) {
    if (!this.listening) return;
    const pad = this.pads().filter((pad) => pad?.connected)[this.which];
    if (!pad) {
      this.releaseAll();
      if (this.state === 'ready') this.become('lost', 'The gamepad is gone. Plug it in, or press one of its buttons.');
      return;
    }
    this.become('ready');
    for (const [index, action] of this.buttons) {
      const button = pad.buttons[index];
      if (button && (button.pressed || button.value > DOWN)) this.hold(index, action, now);
      else this.letGo(index, now);
    }
    const pushed = this.stick(pad.axes[0] ?? 0, pad.axes[1] ?? 0);
    if (pushed !== null && this.means(pushed)) this.hold(POLE, pushed, now);
    else this.letGo(POLE, now);
  }

  /**
   * Say where the stick is pushed: along the axis on which it is further out.
   * @param {number} x -1 left to 1 right @param {number} y -1 up to 1 down
   * @returns {string | null}
   */
  stick(x, y) {
    const held = this.sources.get(POLE);
    const ways = { left: -x, right: x, up: -y, down: y };
    /** @type {string | null} */
    let best = null;
    let furthest = 0;
    for (const [way, out] of Object.entries(ways)) {
      // The way it is pushed already needs less, and another must be clearly further out.
      const far = way === held ? out + (STICK.on - STICK.off) : out;
      if (far >= STICK.on && far > furthest) {
        best = way;
        furthest = far;
      }
    }
    return best;
  }
}
