import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BIN_BUTTONS, GamepadController } from '../../../static/js/control/gamepad.js';
import { heard } from './players.js';

function pad(index = 0) {
  return { connected: true, id: 'pad', index, axes: [0, 0, 0, 0], buttons: Array.from({ length: 17 }, () => ({ pressed: false, value: 0 })) };
}

/** @param {ReturnType<typeof pad>[]} pads @param {object} [options] */
function started(pads, options) {
  const gamepad = new GamepadController({ pads: () => pads, now: () => 5, ...options });
  const lines = heard(gamepad);
  gamepad.start();
  return { gamepad, lines };
}

test('buttons and the cross press and release', () => {
  const one = pad();
  const { gamepad, lines } = started([one]);
  one.buttons[0].pressed = true;
  one.buttons[14].value = 0.7;
  gamepad.tick();
  gamepad.tick();
  assert.deepEqual([...gamepad.held], ['go', 'left']);
  one.buttons[0].pressed = false;
  one.buttons[14].value = 0.2;
  gamepad.tick();
  assert.deepEqual(lines, ['press go', 'press left', 'release go', 'release left']);
});

test('a stick has a dead zone, and lets go later than it takes', () => {
  const one = pad();
  const { gamepad, lines } = started([one]);
  for (const x of [0.1, 0.49, 0.5, 0.36, 0.34, 0.45, -0.6, 0]) {
    one.axes[0] = x;
    gamepad.poll();
  }
  assert.deepEqual(lines, ['press right', 'release right', 'press left', 'release left']);
});

test('a stick in a corner keeps its way until another is clearly further out', () => {
  const one = pad();
  const { gamepad, lines } = started([one]);
  for (const [x, y] of [[0.8, 0.1], [0.7, 0.75], [0.6, 0.8], [0.7, 0.6]]) {
    one.axes.splice(0, 2, x, y);
    gamepad.poll();
  }
  assert.deepEqual(lines, ['press right', 'release right', 'press down']);
});

test('stick and cross together hold an action until both let go', () => {
  const one = pad();
  const { gamepad, lines } = started([one]);
  one.axes[1] = -1;
  one.buttons[12].pressed = true;
  gamepad.poll();
  one.axes[1] = 0;
  gamepad.poll();
  assert.deepEqual([...gamepad.held], ['up']);
  one.buttons[12].pressed = false;
  gamepad.poll();
  assert.equal(lines.at(-1), 'release up');
});

test('it waits for a gamepad, is ready with it, and lost without', () => {
  /** @type {ReturnType<typeof pad>[]} */
  const pads = [];
  const { gamepad, lines } = started(pads);
  assert.deepEqual([gamepad.state, gamepad.text], ['waiting', 'Press a button of the gamepad.']);
  pads.push(pad());
  pads[0].buttons[0].pressed = true;
  gamepad.tick();
  assert.equal(gamepad.state, 'ready');
  pads[0].connected = false;
  gamepad.tick();
  assert.equal(gamepad.state, 'lost');
  assert.deepEqual(lines, ['press go', 'release go']);
  pads[0].connected = true;
  pads[0].buttons[0].pressed = false;
  gamepad.tick();
  assert.equal(gamepad.state, 'ready');
});

test('one that goes and comes back between ticks is noticed', () => {
  const target = new EventTarget();
  const pads = [pad()];
  const { gamepad } = started(pads, { target });
  pads[0].connected = false;
  target.dispatchEvent(new Event('gamepaddisconnected'));
  assert.deepEqual([gamepad.state, gamepad.text], ['lost', 'The gamepad is gone. Plug it in, or press one of its buttons.']);
  pads[0].connected = true;
  target.dispatchEvent(new Event('gamepadconnected'));
  assert.equal(gamepad.state, 'ready');
  gamepad.stop();
  target.dispatchEvent(new Event('gamepadconnected'));
  assert.equal(gamepad.state, 'waiting');
});

test('the second player has the second gamepad', () => {
  const pads = [pad(0), pad(1)];
  const { gamepad, lines } = started(pads, { which: 1 });
  pads[0].buttons[14].pressed = true;
  pads[1].buttons[15].pressed = true;
  gamepad.tick();
  assert.deepEqual(lines, ['press right']);
});

test('only the actions of the game count, and bins have buttons of their own', () => {
  const one = pad();
  one.buttons[2].pressed = true;
  one.buttons[12].pressed = true;
  one.axes[0] = 1;
  const { lines } = started([one], { buttons: BIN_BUTTONS, actions: ['bin1', 'bin2', 'bin3'] });
  assert.deepEqual(lines, ['press bin3']);
});

test('when stopped it holds and asks for nothing', () => {
  const one = pad();
  one.buttons[0].pressed = true;
  const { gamepad, lines } = started([one]);
  gamepad.stop();
  gamepad.tick();
  assert.deepEqual(lines, ['press go', 'release go']);
});
