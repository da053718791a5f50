import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CameraController } from '../../../static/js/control/camera.js';
import { completed } from '../../../static/js/control/decider.js';
import { seeded } from '../../../static/js/core/random.js';
import { Calibrating, timesFor } from '../../../static/js/play/calibrating.js';

const ACTIONS = [{ id: 'left', title: 'Left' }, { id: 'right', title: 'Right' }];
const CLASSES = [{ id: 'a', label: 'A' }, { id: 'b', label: 'B' }, { id: 'c', label: 'C' }];
const MAP = { a: 'left', b: 'right', c: null };

/**
 * A page whose camera gives 20 pictures a second of somebody who reacts in 200 ms.
 * @param {(asked: string|null) => string} answer class that is shown
 * @param {import('node:test').TestContext} t
 */
function sitting(answer, t, { times = 3, map = MAP } = {}) {
  let now = 1000;
  const listeners = new Set();
  const source = { ready: true };
  const recogniser = {
    classes: CLASSES, eyes: { source }, session: { classes: CLASSES, samplesOf: () => new Array(20) },
    onSeen: (/** @type {any} */ listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const control = completed({});
  const controller = new CameraController({ recogniser, actions: ['left', 'right'], map, control, now: () => now });
  controller.start();
  t.after(() => controller.stop());
  const calibrating = new Calibrating({ recogniser, controller, actions: ACTIONS, map, control, random: seeded(7), times, now: () => now });
  const prompts = [];
  let shown = 'c';
  let next = { at: 0, shown: 'c' };
  calibrating.addEventListener('change', () => {
    prompts.push(calibrating.prompt?.action);
    next = { at: now + 200, shown: answer(calibrating.prompt?.action ?? null) };
  });
  const seen = { result: /** @type {any} */ (null), at: 0 };
  const play = (/** @type {() => boolean} */ until) => {
    for (let pictures = 0; !until(); pictures += 1) {
      assert.ok(pictures < 2000, 'it comes to an end');
      now += 50;
      if (now >= next.at) shown = next.shown;
      seen.result = { shown: Float32Array.from(CLASSES, ({ id }) => (id === shown ? 0.95 : 0.025)), unknown: false, value: null };
      seen.at = now - 30;
      for (const listener of listeners) listener(seen);
      calibrating.tick(now);
    }
  };
  return { calibrating, controller, prompts, play, source, listeners, start: () => calibrating.start(now) };
}

const obedient = (/** @type {string|null} */ asked) => ({ left: 'a', right: 'b' })[asked ?? ''] ?? 'c';

test('who does what is asked is right every time, and it is said how quickly', (t) => {
  const { calibrating, prompts, play, start } = sitting(obedient, t);
  let done = false;
  calibrating.addEventListener('done', () => { done = true; });
  start();
  play(() => done);
  const result = calibrating.round.result();
  assert.deepEqual([result.asked, result.right], [9, 9]);
  assert.deepEqual(result.confusion, [[3, 0, 0], [0, 3, 0], [0, 0, 3]]);
  assert.equal(prompts.length, 9);
  assert.ok(prompts.every((prompt, i) => prompt !== prompts[i - 1]), 'never the same twice');
  // The movement is seen in the picture that shows it; smoothing and hold cost some pictures more.
  const median = /** @type {number} */ (result.median_ms);
  assert.ok(median > 30 && median < 250, `${median} ms`);
  assert.deepEqual(result.advice, []);
});

test('two moves that look alike are told as such, with their classes', (t) => {
  const { calibrating, play, start } = sitting((asked) => (asked === 'right' ? 'a' : obedient(asked)), t);
  start();
  play(() => !calibrating.running);
  const { advice, confusion } = calibrating.round.result();
  assert.equal(confusion[1][0], 3);
  assert.equal(advice[0].kind, 'alike');
  assert.deepEqual(advice[0].classIds.sort(), ['a', 'b']);
});

test('without a picture nothing is measured, and nobody listens any more', (t) => {
  const { calibrating, play, source, listeners, start } = sitting(obedient, t);
  const before = listeners.size;
  let lost = false;
  let done = false;
  calibrating.addEventListener('lost', () => { lost = true; });
  calibrating.addEventListener('done', () => { done = true; });
  start();
  play(() => calibrating.prompt?.index === 2);
  source.ready = false;
  play(() => !calibrating.running);
  assert.deepEqual([lost, done, calibrating.prompt, listeners.size], [true, false, null, before]);
});

test('a cancelled round stops asking, and the controller goes on', (t) => {
  const { calibrating, controller, play, prompts, start } = sitting(obedient, t);
  start();
  play(() => calibrating.prompt?.index === 1);
  calibrating.cancel();
  const asked = prompts.length;
  let pictures = 0;
  play(() => (pictures += 1) > 50);
  assert.deepEqual([prompts.length, calibrating.running, controller.state], [asked, false, 'ready']);
});

test('more actions are asked for less often, so that it stays short', () => {
  assert.deepEqual([2, 3, 4, 8].map((n) => timesFor(n) * (n + 1)), [12, 12, 15, 18]);
});
