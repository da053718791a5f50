// Fingers, a pen or a mouse as a controller: buttons with `data-action` inside an element, and swipes
// anywhere else in it. A swipe holds its action until the finger is lifted; the next one may follow
// without lifting it. A short tap is `go`.

import { Controller } from './controller.js';

/** How far a finger must go for a swipe (px), and how long a tap may last (ms). */
const SWIPE = 24;
const TAP = 250;
const TAPPED = 'go';

/** @typedef {{x: number, y: number, downAt: number, button: boolean, swiped: boolean}} Finger */

/** @param {EventTarget | null} target @returns {string | null} */
function actionOf(target) {
  const element = /** @type {Partial<Element> | null} */ (target);
  return element?.closest?.('[data-action]')?.getAttribute('data-action') ?? null;
}

/** @param {number} dx @param {number} dy */
function direction(dx, dy) {
  if (Math.abs(dx) >= Math.abs(dy)) return dx < 0 ? 'left' : 'right';
  return dy < 0 ? 'up' : 'down';
}

export class TouchController extends Controller {
  /**
   * @param {object} options
   * @param {HTMLElement} options.element where fingers count; buttons in it carry `data-action`
   * @param {Iterable<string> | null} [options.actions] only these; null: all
   * @param {number} [options.distance] px to a swipe
   * @param {() => number} [options.now] ms
   * @param {(x: number, y: number) => Element | null} [options.hit] what lies at a point of the window
   */
  constructor({ element, actions = null, distance = SWIPE, now, hit = (x, y) => document.elementFromPoint(x, y) }) {
    super('touch', 'Touch', now);
    this.element = element;
    this.actions = actions && new Set(actions);
    this.distance = distance;
    this.hit = hit;
    /** @type {Map<number, Finger>} by pointerId */
    this.fingers = new Map();
    /** @type {AbortController | null} */
    this.listening = null;
    this.touchAction = '';
  }

  start() {
    if (this.listening) return;
    this.listening = new AbortController();
    const { signal } = this.listening;
    const { element } = this;
    const hear = (/** @type {string} */ type, /** @type {(event: PointerEvent) => void} */ does) =>
      element.addEventListener(type, (event) => does.call(this, /** @type {PointerEvent} */ (event)), { signal });
    hear('pointerdown', this.onDown);
    hear('pointermove', this.onMove);
    hear('pointerup', this.onUp);
    hear('pointercancel', this.onCancel);
    hear('lostpointercapture', this.onCancel);
    element.addEventListener('click', (event) => this.onClick(event), { signal });
    // A long press would open a menu, and a drag would scroll the page, in the middle of a game.
    element.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
    this.touchAction = element.style.touchAction;
    element.style.touchAction = 'none';
    super.start();
  }

  stop() {
    if (!this.listening) return;
    this.listening.abort();
    this.listening = null;
    this.fingers.clear();
    this.element.style.touchAction = this.touchAction;
    super.stop();
  }

  /** Hold an action with a finger, if it is one of this game's. @param {PointerEvent} event @param {string} action */
  take({ pointerId, timeStamp }, action) {
    if (!this.actions || this.actions.has(action)) this.hold(pointerId, action, timeStamp);
    else this.letGo(pointerId, timeStamp);
  }

  /** @param {PointerEvent} event */
  onDown(event) {
    if (event.button > 0) return;
    const action = actionOf(event.target);
    if (action === null && elsewhere(event.target)) return;
    this.fingers.set(event.pointerId, { x: event.clientX, y: event.clientY, downAt: this.now(), button: action !== null, swiped: false });
    // From here on the finger is heard wherever it goes.
    this.element.setPointerCapture?.(event.pointerId);
    if (action !== null) {
      event.preventDefault();
      this.take(event, action);
    }
  }

  /** @param {PointerEvent} event */
  onMove(event) {
    const finger = this.fingers.get(event.pointerId);
    if (!finger) return;
    if (finger.button) {
      // A thumb that slides from one button to the next presses the next.
      const action = actionOf(this.hit(event.clientX, event.clientY));
      if (action === null) this.letGo(event.pointerId, event.timeStamp);
      else this.take(event, action);
      return;
    }
    const dx = event.clientX - finger.x;
    const dy = event.clientY - finger.y;
    if (Math.max(Math.abs(dx), Math.abs(dy)) < this.distance) return;
    finger.x = event.clientX;
    finger.y = event.clientY;
    finger.swiped = true;
    this.take(event, direction(dx, dy));
  }

  /** @param {PointerEvent} event */
  onUp(event) {
    const finger = this.fingers.get(event.pointerId);
    if (finger && !finger.button && !finger.swiped && this.now() - finger.downAt <= TAP) this.take(event, TAPPED);
    this.onCancel(event);
  }

  /** A button that was pressed without a pointer: by a key, or by a screen reader. @param {MouseEvent} event */
  onClick({ target, detail, timeStamp }) {
    const action = actionOf(target);
    if (detail > 0 || action === null || (this.actions && !this.actions.has(action))) return;
    this.hold(target, action, timeStamp);
    this.letGo(target, timeStamp);
  }

  /** @param {PointerEvent} event */
  onCancel({ pointerId, timeStamp }) {
    this.fingers.delete(pointerId);
    this.letGo(pointerId, timeStamp);
  }
}

/** What is pressed for something else than the game. @param {EventTarget | null} target */
function elsewhere(target) {
  const element = /** @type {Partial<Element> | null} */ (target);
  return Boolean(element?.closest?.('button, a[href], input, select, textarea, label, summary, dialog'));
}
