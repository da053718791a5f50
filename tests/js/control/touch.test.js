import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TouchController } from '../../../static/js/control/touch.js';
import { clock, heard } from './players.js';

/** A button of the page, as far as it is asked about. @param {string} action */
const button = (action) => /** @type {any} */ ({ closest: (/** @type {string} */ selector) => (selector === '[data-action]' ? { getAttribute: () => action } : null) });
/** What has nothing to do with the game. */
const link = /** @type {any} */ ({ closest: (/** @type {string} */ selector) => (selector === '[data-action]' ? null : {}) });

/** @param {{actions?: string[]}} [options] */
function started(options = {}) {
  const element = /** @type {any} */ (Object.assign(new EventTarget(), { style: { touchAction: 'pan-y' }, captured: /** @type {number[]} */ ([]), setPointerCapture: (/** @type {number} */ id) => element.captured.push(id) }));
  const now = clock(100);
  /** @type {any} */
  let under = null;
  const touch = new TouchController({ element, now, hit: () => under, ...options });
  const lines = heard(touch);
  touch.start();
  const send = (/** @type {string} */ type, /** @type {number} */ pointerId, x = 0, y = 0, target = element, more = {}) => {
    const event = Object.assign(new Event(type, { cancelable: true }), { pointerId, clientX: x, clientY: y, button: 0, ...more });
    if (target !== element) Object.defineProperty(event, 'target', { value: target });
    const handlers = /** @type {any} */ ({ pointerdown: touch.onDown, click: touch.onClick });
    // An event with a target of its own cannot be sent through another one.
    if (target !== element) handlers[type].call(touch, event);
    else element.dispatchEvent(event);
    return event;
  };
  return { element, touch, lines, now, send, over: (/** @type {any} */ what) => (under = what) };
}

test('a swipe holds its action until the finger is lifted', () => {
  const { send, lines, touch } = started();
  send('pointerdown', 1, 100, 100);
  send('pointermove', 1, 110, 100);
  assert.deepEqual(lines, []);
  send('pointermove', 1, 130, 104);
  assert.deepEqual([...touch.held], ['right']);
  send('pointerup', 1, 130, 104);
  assert.deepEqual(lines, ['press right', 'release right']);
});

test('swipes go four ways, and the next follows without lifting', () => {
  const { send, lines } = started();
  send('pointerdown', 1, 100, 100);
  for (const [x, y] of [[100, 70], [70, 70], [70, 100], [110, 100], [150, 100]]) send('pointermove', 1, x, y);
  send('pointerup', 1);
  assert.deepEqual(lines, ['press up', 'release up', 'press left', 'release left', 'press down', 'release down', 'press right', 'release right']);
});

test('a short tap is go, a long one nothing', () => {
  const { send, lines, now } = started();
  send('pointerdown', 1);
  now.time += 100;
  send('pointerup', 1);
  send('pointerdown', 1);
  now.time += 1000;
  send('pointerup', 1);
  assert.deepEqual(lines, ['press go', 'release go']);
});

test('buttons are held as long as they are, by several fingers at once', () => {
  const { send, lines, touch, element } = started();
  assert.equal(send('pointerdown', 1, 0, 0, button('left')).defaultPrevented, true);
  send('pointerdown', 2, 0, 0, button('go'));
  assert.deepEqual([...touch.held], ['left', 'go']);
  assert.deepEqual(element.captured, [1, 2]);
  send('pointerup', 1);
  send('pointercancel', 2);
  assert.deepEqual(lines, ['press left', 'press go', 'release left', 'release go']);
});

test('two fingers on one button: it ends with the second', () => {
  const { send, lines } = started();
  send('pointerdown', 1, 0, 0, button('left'));
  send('pointerdown', 2, 0, 0, button('left'));
  send('pointerup', 1);
  assert.equal(lines.includes('release left'), false);
  send('pointerup', 2);
  assert.equal(lines.at(-1), 'release left');
});

test('a thumb that slides to the next button presses it, and beside all of them none', () => {
  const { send, lines, over } = started();
  send('pointerdown', 1, 0, 0, button('left'));
  over(button('right'));
  send('pointermove', 1, 50, 0);
  over(null);
  send('pointermove', 1, 50, 90);
  send('pointerup', 1);
  assert.deepEqual(lines, ['press left', 'release left', 'press right', 'release right']);
});

test('a button pressed by a key or a screen reader counts, a click after a touch does not count again', () => {
  const { send, lines } = started();
  send('click', 0, 0, 0, button('up'), { detail: 0 });
  send('click', 0, 0, 0, button('up'), { detail: 1 });
  assert.deepEqual(lines, ['press up', 'release up']);
});

test('only actions of the game count', () => {
  const { send, lines } = started({ actions: ['left', 'right'] });
  send('pointerdown', 1, 100, 100);
  for (const [x, y] of [[70, 100], [70, 60]]) send('pointermove', 1, x, y);
  send('pointerup', 1);
  send('pointerdown', 1);
  send('pointerup', 1);
  assert.deepEqual(lines, ['press left', 'release left']);
});

test('links and other mouse buttons stay what they are', () => {
  const { send, lines, element } = started();
  send('pointerdown', 1, 0, 0, link);
  send('pointerdown', 2, 0, 0, element, { button: 2 });
  send('pointermove', 1, 90, 0);
  send('pointermove', 2, 90, 0);
  assert.deepEqual(lines, []);
});

test('the page does not scroll under the game while it is played, and does again afterwards', () => {
  const { element, touch, send, lines } = started();
  assert.equal(element.style.touchAction, 'none');
  send('pointerdown', 1, 0, 0, button('left'));
  touch.stop();
  assert.equal(element.style.touchAction, 'pan-y');
  assert.deepEqual(lines, ['press left', 'release left']);
  send('pointermove', 1, 90, 0);
  assert.equal(lines.length, 2);
});
