import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CameraController } from '../../../static/js/control/camera.js';
import { LOST_AFTER } from '../../../static/js/control/seen.js';
import { clock, eyes, heard, states } from './players.js';

/** @param {import('node:test').TestContext} t @param {object} [options] */
function started(t, options) {
  const now = clock(1000);
  const recogniser = { ...eyes(), classes: [{ id: 'a' }, { id: 'b' }, { id: 'rest' }] };
  const camera = new CameraController({ recogniser, actions: ['left', 'right'], map: { a: 'left', b: 'right', rest: null }, now, ...options });
  const lines = heard(camera);
  camera.start();
  t.after(() => camera.stop());
  /** Pictures for so many ms, each seen 25 ms after it was taken. @param {number[] | null} shown @param {number} ms */
  const look = (shown, ms) => {
    for (const end = now.time + ms; now.time < end; ) {
      now.time += 33;
      recogniser.see(shown, { at: now.time - 25 });
    }
  };
  return { now, recogniser, camera, lines, look };
}

test('what is shown long enough is done, as long as it is shown', (t) => {
  const { camera, lines, look } = started(t);
  look([0, 0, 1], 200);
  look([0.95, 0.03, 0.02], 300);
  assert.deepEqual([...camera.held], ['left']);
  look([0.02, 0.95, 0.03], 300);
  look([0, 0, 1], 300);
  assert.deepEqual(lines, ['press left', 'release left', 'press right', 'release right']);
});

test('an action says when its picture was taken, and how old it is', (t) => {
  const { camera, now, look } = started(t);
  /** @type {any[]} */
  const details = [];
  camera.addEventListener('action', (event) => details.push(/** @type {CustomEvent} */ (event).detail));
  look([1, 0, 0], 300);
  assert.equal(details.length, 1);
  assert.equal(details[0].at - details[0].seenAt, 25);
  assert.equal(camera.age, 25);
  assert.ok(details[0].at <= now.time);
  assert.ok(camera.levels[0] > 0.9 && camera.raw[0] === 1 && camera.active === 'left');
});

test('it waits for the first picture, is ready with it, and lost where they stop', (t) => {
  const { camera, now, lines, look } = started(t);
  const seen = states(camera);
  assert.deepEqual([camera.state, camera.text], ['waiting', 'The camera is getting ready.']);
  now.time += 10 * LOST_AFTER;
  camera.watch();
  assert.equal(camera.state, 'waiting'); // it has not begun yet
  look([1, 0, 0], 300);
  now.time += LOST_AFTER - 1;
  camera.watch();
  assert.equal(camera.state, 'ready');
  now.time += 1;
  camera.watch();
  assert.deepEqual([camera.state, camera.text], ['lost', 'The camera gives no pictures.']);
  assert.deepEqual(lines, ['press left', 'release left']);
  assert.deepEqual([...camera.raw, ...camera.levels], [0, 0, 0, 0]);
  look([1, 0, 0], 300);
  assert.deepEqual(seen, ['ready', 'lost', 'ready']);
  assert.equal(lines.at(-1), 'press left');
});

test('while there is nothing to tell apart it says what to do', (t) => {
  const { camera, look } = started(t);
  look(null, 100);
  assert.deepEqual([camera.state, camera.text], ['waiting', 'There is nothing to tell apart yet: teach two classes.']);
  look([0, 0, 1], 40);
  assert.deepEqual([camera.state, camera.text], ['ready', '']);
});

test('classes that come, go or change places are followed; answers of before say nothing', (t) => {
  const { recogniser, lines, look, camera } = started(t);
  recogniser.classes = [{ id: 'rest' }, { id: 'a' }];
  look([1, 0, 0], 300); // still about three classes
  assert.deepEqual(lines, []);
  look([0, 1], 300);
  assert.deepEqual(lines, ['press left']);
  recogniser.classes.reverse(); // the same list
  look([0, 1], 300);
  assert.deepEqual(lines, ['press left', 'release left']);
});

test('another binding holds from the next picture on', (t) => {
  const { lines, look, camera } = started(t);
  look([1, 0, 0], 300);
  camera.setMap({ a: 'right', b: 'left' });
  look([1, 0, 0], 300);
  assert.deepEqual(lines, ['press left', 'release left', 'press right']);
});

test('other values let go, and then decide', (t) => {
  const { lines, look, camera } = started(t, { control: { smoothing_ms: 0, hold_ms: 0 } });
  look([1, 0, 0], 33);
  assert.deepEqual(lines, ['press left']);
  camera.setControl({ smoothing_ms: 0, hold_ms: 500 });
  assert.deepEqual(lines, ['press left', 'release left']);
  look([1, 0, 0], 490);
  assert.equal(lines.length, 2);
  look([1, 0, 0], 66);
  assert.deepEqual(lines.at(-1), 'press left');
});

test('a pause is no time in which anything was seen', (t) => {
  const { now, lines, look, camera } = started(t);
  look([0, 0, 1], 100);
  camera.stop();
  now.time += 60_000;
  camera.start();
  look([1, 0, 0], 33); // one picture after a minute is one picture
  assert.deepEqual(lines, []);
  look([1, 0, 0], 200);
  assert.deepEqual(lines, ['press left']);
});

test('stopped it looks at nothing', (t) => {
  const { recogniser, lines, look, camera } = started(t);
  assert.equal(recogniser.listeners.size, 1);
  look([1, 0, 0], 300);
  camera.stop();
  assert.equal(recogniser.listeners.size, 0);
  assert.deepEqual(lines, ['press left', 'release left']);
});
