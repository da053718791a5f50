// Keys as a controller.

import { Controller } from './controller.js';

/** Which keys do what, by the place of the key (KeyboardEvent.code), for one player and for two. */
export const ARROWS = Object.freeze({ ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down', Space: 'go', Enter: 'go' });
export const LETTERS = Object.freeze({ KeyA: 'left', KeyD: 'right', KeyW: 'up', KeyS: 'down', KeyE: 'go' });
export const DIGITS = Object.freeze(
  Object.fromEntries(Array.from({ length: 8 }, (_, i) => i + 1).flatMap((n) => [[`Digit${n}`, `bin${n}`], [`Numpad${n}`, `bin${n}`]])),
);
/** All of them together, for a single player. @type {Readonly<Record<string, string>>} */
export const ALL_KEYS = Object.freeze({ ...ARROWS, ...LETTERS, ...DIGITS });

/** What uses keys of its own: there they are not the game's. */
const TAKES_KEYS = 'input, select, textarea, [contenteditable], dialog, [role=menu], [role=slider]';
/** What Space and Enter press. */
const TAKES_PRESSES = 'button, a[href], summary, label, [role=button]';

/** Whether a key belongs to what has the focus. @param {KeyboardEvent} event */
function belongsElsewhere({ target, code }) {
  const element = /** @type {Partial<Element> | null} */ (target);
  if (!element?.closest) return false;
  return Boolean(element.closest(TAKES_KEYS) || ((code === 'Space' || code === 'Enter') && element.closest(TAKES_PRESSES)));
}

export class KeyboardController extends Controller {
  /**
   * @param {object} [options]
   * @param {EventTarget} [options.target] what hears the keys; the window where there is one
   * @param {Readonly<Record<string, string>>} [options.keys] action by KeyboardEvent.code
   * @param {Iterable<string> | null} [options.actions] only these; null: all of `keys`
   * @param {() => number} [options.now] ms
   */
  constructor({ target = globalThis.window, keys = ALL_KEYS, actions = null, now } = {}) {
    super('keyboard', 'Keyboard', now);
    this.target = target;
    const wanted = actions && new Set(actions);
    this.keys = new Map(Object.entries(keys).filter(([, action]) => !wanted || wanted.has(action)));
    /** @type {AbortController | null} */
    this.listening = null;
  }

  start() {
    if (this.listening) return;
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.target.addEventListener('keydown', (event) => this.onDown(/** @type {KeyboardEvent} */ (event)), { signal });
    this.target.addEventListener('keyup', (event) => this.letGo(/** @type {KeyboardEvent} */ (event).code, event.timeStamp), { signal });
    // A key that comes up while another window has the focus is never reported.
    const page = globalThis.window;
    for (const target of new Set([this.target, ...(page ? [page] : [])])) {
      target.addEventListener('blur', () => this.releaseAll(), { signal });
    }
    globalThis.document?.addEventListener('visibilitychange', () => this.releaseAll(), { signal });
    super.start();
  }

  stop() {
    this.listening?.abort();
    this.listening = null;
    super.stop();
  }

  /** @param {KeyboardEvent} event */
  onDown(event) {
    const action = this.keys.get(event.code);
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || belongsElsewhere(event)) return;
    event.preventDefault(); // arrows and Space would scroll the page
    if (!event.repeat) this.hold(event.code, action, event.timeStamp);
  }
}
