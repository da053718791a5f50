import test from 'node:test';
import assert from 'node:assert/strict';
import { Machine } from '../../../static/js/outputs/machine.js';
import { Screen } from '../../../static/js/outputs/screen.js';

const CLASSES = [{ id: 'a', label: 'Apple', color: '#aa0000' }, { id: 'b', label: 'Bird', color: '#00aa00' }, { id: 'c', label: 'Cup', color: '#0000aa' }];

/** A machine whose parts write down what they are told. */
function rig(outputs, { control = { smoothing_ms: 0, hold_ms: 0 }, kinds = undefined } = {}) {
  const log = [];
  const timers = [];
  let now = 0;
  const screen = new Screen({ show: (scene) => log.push(scene ? `show ${scene.items.map((i) => i.text).join('+') || scene.color}` : 'show nothing'), least: 0, now: () => now });
  const parts = {
    screen,
    synth: { play: (notes) => log.push(`play ${notes.length}`), stop: () => log.push('synth stop') },
    speech: { say: (text, { interrupt }) => { log.push(`say ${text} ${interrupt}`); return true; }, stop: () => log.push('hush'), isHere: true },
    sounds: { play: (url, { loop }) => { log.push(`file ${url} ${loop}`); return () => log.push(`fade ${url}`); }, stop: () => {} },
    midi: { on: ({ note }) => { log.push(`on ${note}`); return true; }, off: ({ note }) => log.push(`off ${note}`), stop: () => {} },
    serial: { write: (text) => log.push(`line ${text}`) },
    server: { fileUrl: (id) => `/${id.slice(0, 2)}`, fire: async (id, { label, confidence }) => { log.push(`fire ${id} ${label} ${confidence}`); } },
  };
  const machine = new Machine({ settings: { outputs, control }, classes: CLASSES, parts: /** @type {any} */ (parts), later: (run, ms) => timers.push({ run, ms }), kinds });
  const see = (shown, { at = (now += 33), unknown = false } = {}) => machine.see({ result: /** @type {any} */ (shown && { shown: Float32Array.from(shown), unknown, value: null }), at });
  return { machine, log, timers, see, parts };
}

const ID = '1b4e28ba-2fa1-41d2-883f-0016d3cca427';
const NOTES = [{ instrument: 'bell', note: 60, at: 0, duration: 0.3, gain: 0.8 }];
const SOUND = { kind: 'sound', instrument: 'bell', notes: NOTES };

test('a class that is decided sets off all it has, and what lasts ends with it', () => {
  const { log, see } = rig({
    a: [SOUND, { kind: 'emoji', text: '🍎' }, { kind: 'text', text: 'Apple!' }, { kind: 'speech', text: 'an apple' }, { kind: 'midi', channel: 1, note: 64, velocity: 100 }, { kind: 'file', asset: ID, loop: true }, { kind: 'serial', text: 'A' }, { kind: 'hook' }],
    b: [{ kind: 'picture', asset: ID }],
  });
  see([0.9, 0.1, 0]);
  assert.deepEqual(log.splice(0).sort(), ['file /1b true', 'fire a Apple 0.8999999761581421', 'line A', 'on 64', 'play 1', 'say an apple true', 'show 🍎+Apple!'].sort());
  see([0.95, 0.05, 0]);
  assert.deepEqual(log, [], 'once, not for every picture');
  see([0.1, 0.9, 0]);
  assert.deepEqual(log.splice(0).sort(), ['fade /1b', 'off 64', 'show /1b']);
  see([0.05, 0.05, 0.05]);
  assert.deepEqual(log, ['show nothing']);
});

test('nothing is set off by an unknown picture, a number, or before there are answers', () => {
  const { machine, log, see } = rig({ a: [SOUND] });
  see([1, 0, 0], { unknown: true });
  see(null);
  machine.see({ result: /** @type {any} */ ({ shown: Float32Array.from([1, 0, 0]), value: 3 }), at: 500 });
  assert.deepEqual([log, machine.active], [[], null]);
});

test('a class that flickers shorter than the hold sets off nothing', () => {
  const { log, see } = rig({ a: [SOUND], b: [{ kind: 'emoji', text: '🐦' }] }, { control: { smoothing_ms: 0, hold_ms: 200 } });
  for (let i = 0; i < 40; i++) see(i % 2 ? [1, 0, 0] : [0, 1, 0]);
  assert.deepEqual(log, []);
  for (let i = 0; i < 10; i++) see([1, 0, 0]);
  assert.deepEqual(log, ['play 1', 'show #aa0000']);
});

test('a sound file may be let finish, but one that goes round ends with its class', () => {
  const { log, see } = rig({ a: [{ kind: 'file', asset: ID, finish: true }], b: [{ kind: 'file', asset: ID, finish: true, loop: true }] });
  see([1, 0, 0]);
  see([0, 1, 0]);
  assert.ok(!log.includes('fade /1b'));
  see([0, 0, 1]);
  assert.ok(log.includes('fade /1b'));
});

test('a lost camera ends what is on, and coming back begins anew', () => {
  const { machine, log, see } = rig({ a: [{ kind: 'midi', channel: 2, note: 50, velocity: 90 }] });
  see([1, 0, 0]);
  machine.rest();
  assert.deepEqual(log, ['on 50', 'show #aa0000', 'off 50', 'show nothing']);
  assert.equal(machine.active, null);
  see([1, 0, 0]);
  see([1, 0, 0]);
  assert.equal(machine.active, 'a');
});

test('other classes or times end what is on; other outputs wait for the next time', () => {
  const { machine, log, see } = rig({ a: [SOUND] });
  see([1, 0, 0]);
  machine.configure({ settings: { outputs: { a: [{ kind: 'serial', text: 'new' }] }, control: { smoothing_ms: 0, hold_ms: 0 } } });
  assert.equal(machine.active, 'a');
  see([0, 1, 0]);
  see([1, 0, 0]);
  assert.equal(log.at(-2), 'line new');
  machine.configure({ classes: CLASSES.slice(1) });
  assert.equal(machine.active, null);
  see([1, 0]);
  assert.equal(machine.active, 'b');
});

test('one output that fails does not silence the others, and is told once', () => {
  const problems = [];
  const { machine, log, see, parts } = rig({ a: [{ kind: 'serial', text: 'x' }, SOUND] });
  machine.addEventListener('problem', (/** @type {any} */ e) => problems.push(e.detail.message));
  parts.serial.write = () => { throw new Error('board on fire'); };
  for (let i = 0; i < 5; i++) {
    see([1, 0, 0]);
    see([0, 1, 0]);
  }
  assert.equal(log.filter((line) => line === 'play 1').length, 5);
  assert.deepEqual(problems, ['board on fire']);
});

test('a hook that fails later is told, and an unknown or broken output is left alone', async () => {
  const problems = [];
  const { machine, log, see, parts } = rig({ a: [{ kind: 'hook' }, { kind: 'bomb' }, { kind: 'sound', instrument: 'kazoo', notes: NOTES }, { kind: 'sound', instrument: 'bell', notes: [{ note: Infinity }] }, null, 'x'], b: /** @type {any} */ ('no list') });
  machine.addEventListener('problem', (/** @type {any} */ e) => problems.push(e.detail.message));
  parts.server.fire = async () => { throw new Error('This hook is switched off.'); };
  see([1, 0, 0]);
  see([0, 1, 0]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(problems, ['This hook is switched off.']);
  assert.deepEqual(log, ['show #aa0000', 'show #00aa00']);
});

test('trying ends by itself unless something else came meanwhile', () => {
  const { machine, log, timers } = rig({ a: [{ kind: 'midi', channel: 1, note: 40, velocity: 90 }, { kind: 'emoji', text: '🍎' }] });
  machine.test('a');
  assert.deepEqual(log.splice(0), ['on 40', 'show 🍎']);
  timers.pop().run();
  assert.deepEqual(log.splice(0), ['off 40', 'show nothing']);
  machine.test('a');
  machine.enter('b');
  log.length = 0;
  timers.pop().run();
  assert.deepEqual(log, [], 'what came meanwhile goes on');
  assert.equal(machine.active, 'b');
});

test('closing ends everything', () => {
  const { machine, log, see } = rig({ a: [{ kind: 'midi', channel: 1, note: 40, velocity: 90 }] });
  see([1, 0, 0]);
  log.length = 0;
  machine.close();
  assert.deepEqual(log.sort(), ['hush', 'off 40', 'show nothing', 'synth stop']);
});
