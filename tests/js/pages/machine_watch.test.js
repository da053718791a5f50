import test from 'node:test';
import assert from 'node:assert/strict';
import { CameraKeeper, watchPeople } from '../../../static/js/pages/machine_watch.js';

/** A keeper of a camera that is made to fail by hand. */
function rig() {
  const log = [];
  /** @type {{run: () => void, ms: number}[]} */
  const timers = [];
  const camera = { state: 'running', error: null };
  const keeper = new CameraKeeper({
    camera: () => camera, start: async () => { log.push('start'); },
    onLost: () => log.push('lost'), onBack: () => log.push('back'),
    later: (run, ms) => timers.push({ run, ms }), never: () => {},
  });
  return { keeper, camera, log, timers };
}

test('a lost camera is told once, and tried again ever more rarely', async () => {
  const { keeper, camera, log, timers } = rig();
  camera.state = 'failed';
  keeper.check();
  keeper.check();
  assert.deepEqual(log, ['lost']);
  const waits = [];
  for (let i = 0; i < 7; i++) {
    const { run, ms } = /** @type {any} */ (timers.pop());
    assert.equal(timers.length, 0, 'one at a time');
    waits.push(ms);
    run();
    keeper.check();
  }
  assert.deepEqual(waits, [2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  assert.equal(log.filter((line) => line === 'start').length, 7);
  camera.state = 'running';
  keeper.check();
  keeper.check();
  assert.equal(log.at(-1), 'back');
  assert.equal(log.filter((line) => line === 'back').length, 1);
  camera.state = 'failed';
  keeper.check();
  assert.equal(timers.at(-1)?.ms, 2000, 'the next loss begins anew');
});

test('a camera that is plugged in is tried at once, one that runs is left alone', () => {
  const { keeper, camera, log } = rig();
  keeper.again();
  assert.deepEqual(log, []);
  camera.state = 'failed';
  keeper.check();
  keeper.again();
  assert.deepEqual(log, ['lost', 'start']);
  keeper.close();
  keeper.again();
  keeper.check();
  assert.deepEqual(log, ['lost', 'start']);
});

test('a camera that gives no more pictures is started anew', () => {
  const { keeper, camera, log } = rig();
  keeper.look(1e9);
  assert.deepEqual(log, [], 'before the first picture nothing is frozen');
  keeper.saw(1000);
  keeper.look(10_500);
  assert.deepEqual(log, []);
  keeper.look(12_000);
  assert.deepEqual(log, ['lost', 'start']);
  keeper.look(40_000);
  assert.deepEqual(log, ['lost', 'start'], 'one start at a time');
  keeper.check();
  assert.equal(log.at(-1), 'back');
  keeper.look(1e9);
  assert.equal(log.length, 3);
  camera.state = 'paused';
  keeper.saw(0);
  keeper.look(1e9);
  assert.equal(log.length, 3, 'a pause is no fault');
});

test('the pointer goes when nobody moves, and comes back with any move', () => {
  const target = new EventTarget();
  const told = [];
  /** @type {(() => void)|null} */
  let timer = null;
  const stop = watchPeople((awake) => told.push(awake), { target, later: (run) => (timer = run), never: () => { timer = null; } });
  target.dispatchEvent(new Event('pointermove'));
  assert.deepEqual(told, []);
  /** @type {any} */ (timer)();
  assert.deepEqual(told, [false]);
  target.dispatchEvent(new Event('keydown'));
  target.dispatchEvent(new Event('pointerdown'));
  assert.deepEqual(told, [false, true]);
  stop();
  assert.equal(timer, null);
  target.dispatchEvent(new Event('pointermove'));
  assert.equal(timer, null);
});
