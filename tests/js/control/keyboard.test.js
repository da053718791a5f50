import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_KEYS, KeyboardController } from '../../../static/js/control/keyboard.js';
import { heard, states } from './players.js';

/** @param {string} type @param {string} code @param {object} [more] */
const key = (type, code, more) => Object.assign(new Event(type, { cancelable: true }), { code, ...more });

/** @param {ConstructorParameters<typeof KeyboardController>[0]} [options] */
function started(options) {
  const target = new EventTarget();
  const keyboard = new KeyboardController({ target, ...options });
  keyboard.start();
  return { target, keyboard, lines: heard(keyboard), send: (/** @type {Event} */ event) => (target.dispatchEvent(event), event) };
}

test('a key presses its action once and releases it, however often the system repeats it', () => {
  const { send, lines, keyboard } = started();
  send(key('keydown', 'ArrowLeft'));
  send(key('keydown', 'ArrowLeft', { repeat: true }));
  assert.deepEqual([...keyboard.held], ['left']);
  send(key('keyup', 'ArrowLeft'));
  assert.deepEqual(lines, ['press left', 'release left']);
});

test('two keys of one action: it ends with the second', () => {
  const { send, lines } = started();
  send(key('keydown', 'ArrowLeft'));
  send(key('keydown', 'KeyA'));
  send(key('keyup', 'ArrowLeft'));
  assert.deepEqual(lines, ['press left', 'repeat left']);
  send(key('keyup', 'KeyA'));
  assert.deepEqual(lines.at(-1), 'release left');
});

test('only keys of the game are kept from the page', () => {
  const { send } = started({ actions: ['left', 'right'] });
  assert.equal(send(key('keydown', 'ArrowLeft')).defaultPrevented, true);
  assert.equal(send(key('keydown', 'ArrowUp')).defaultPrevented, false);
  assert.equal(send(key('keydown', 'KeyQ')).defaultPrevented, false);
});

test('shortcuts of the browser stay its own', () => {
  const { send, lines } = started();
  for (const modifier of ['ctrlKey', 'metaKey', 'altKey', 'isComposing']) assert.equal(send(key('keydown', 'KeyA', { [modifier]: true })).defaultPrevented, false);
  assert.deepEqual(lines, []);
});

test('what is typed into a field, or presses a button, is not played', () => {
  const { target, keyboard, lines } = started();
  // Elements as a browser has them: each knows which selectors it lies within.
  const within = (/** @type {string} */ tag) => ({ closest: (/** @type {string} */ selector) => (selector.split(', ').some((one) => one.split('[')[0] === tag) ? {} : null) });
  const down = (/** @type {string} */ tag, /** @type {string} */ code) => {
    const event = key('keydown', code);
    Object.defineProperty(event, 'target', { value: within(tag) });
    keyboard.onDown(/** @type {KeyboardEvent} */ (event));
    const { length } = lines;
    target.dispatchEvent(key('keyup', code));
    return length > 0 && lines.splice(0).length > 0;
  };
  assert.deepEqual(['input', 'textarea', 'select', 'dialog'].map((tag) => down(tag, 'ArrowLeft')), [false, false, false, false]);
  assert.deepEqual([down('button', 'Space'), down('a', 'Enter'), down('button', 'ArrowLeft'), down('main', 'Space')], [false, false, true, true]);
});

test('when the window loses the focus nothing stays down', () => {
  const { target, send, lines, keyboard } = started();
  send(key('keydown', 'ArrowLeft'));
  send(key('keydown', 'Space'));
  target.dispatchEvent(new Event('blur'));
  assert.deepEqual(lines, ['press left', 'press go', 'release left', 'release go']);
  assert.equal(keyboard.held.size, 0);
  send(key('keydown', 'ArrowLeft', { repeat: true })); // still down, in a window that was left and came back
  assert.equal(keyboard.held.size, 0);
});

test('after stop it hears nothing and holds nothing', () => {
  const { send, lines, keyboard } = started();
  send(key('keydown', 'KeyD'));
  keyboard.stop();
  send(key('keydown', 'KeyA'));
  assert.deepEqual(lines, ['press right', 'release right']);
  assert.equal(keyboard.state, 'waiting');
  keyboard.start();
  keyboard.start(); // a second time is once
  send(key('keydown', 'KeyA'));
  assert.deepEqual(lines.slice(2), ['press left']);
});

test('it is ready from its start, and tells', () => {
  const keyboard = new KeyboardController({ target: new EventTarget() });
  const seen = states(keyboard);
  keyboard.start();
  keyboard.stop();
  assert.deepEqual(seen, ['ready', 'waiting']);
});

test('the age counts from when the key went down', () => {
  const { send, keyboard } = started({ now: () => 1e9 });
  /** @type {any} */
  let detail;
  keyboard.addEventListener('action', (event) => (detail = /** @type {CustomEvent} */ (event).detail));
  const event = send(key('keydown', 'ArrowUp'));
  assert.equal(keyboard.age, 1e9 - event.timeStamp);
  assert.deepEqual([detail.at, detail.seenAt], [1e9, event.timeStamp]);
});

test('a key from another clock is as old as nothing', () => {
  for (const timeStamp of [0, 1e12]) {
    const { send, keyboard } = started({ now: () => 5000 });
    const event = key('keydown', 'ArrowUp');
    Object.defineProperty(event, 'timeStamp', { value: timeStamp });
    send(event);
    assert.equal(keyboard.age, 0);
  }
});

test('every bin has its digit', () => {
  assert.deepEqual(Array.from({ length: 8 }, (_, i) => ALL_KEYS[`Digit${i + 1}`]), ['bin1', 'bin2', 'bin3', 'bin4', 'bin5', 'bin6', 'bin7', 'bin8']);
});
