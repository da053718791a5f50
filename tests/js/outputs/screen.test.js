import test from 'node:test';
import assert from 'node:assert/strict';
import { Screen } from '../../../static/js/outputs/screen.js';

const scene = (/** @type {string} */ id) => ({ classId: id, label: id, color: '#123456', items: [] });

/** A screen with a clock that is set by hand. */
function rig() {
  /** @type {[number, string|null][]} */
  const shown = [];
  let now = 1000;
  /** @type {{run: () => void, at: number}|null} */
  let timer = null;
  const screen = new Screen({
    least: 500, now: () => now, show: (s) => shown.push([now, s && s.classId]),
    later: (run, ms) => (timer = { run, at: now + ms }), never: () => { timer = null; },
  });
  const until = (/** @type {number} */ at) => {
    if (timer && timer.at <= at) {
      now = timer.at;
      timer.run();
    }
    now = at;
  };
  return { screen, shown, until };
}

test('the first scene comes at once and stays its time', () => {
  const { screen, shown, until } = rig();
  screen.put(scene('a'));
  until(1100);
  screen.put(scene('b'));
  until(1499);
  assert.deepEqual(shown, [[1000, 'a']]);
  until(1600);
  assert.deepEqual(shown, [[1000, 'a'], [1500, 'b']]);
});

test('of all that came meanwhile the latest is shown', () => {
  const { screen, shown, until } = rig();
  screen.put(scene('a'));
  for (const id of ['b', null, 'c', 'd']) screen.put(id === null ? null : scene(id));
  until(2000);
  assert.deepEqual(shown, [[1000, 'a'], [1500, 'd']]);
});

test('a class that goes and comes back at once does not flash', () => {
  const { screen, shown, until } = rig();
  screen.put(scene('a'));
  screen.put(null);
  screen.put(scene('a'));
  until(3000);
  assert.deepEqual(shown, [[1000, 'a']]);
  screen.put(null);
  assert.deepEqual(shown.at(-1), [3000, null]);
  screen.put(scene('b'));
  assert.deepEqual(shown.at(-1), [3000, 'b'], 'nothing need not stay');
});

test('clearing is at once and forgets what waits', () => {
  const { screen, shown, until } = rig();
  screen.put(scene('a'));
  screen.put(scene('b'));
  screen.clear();
  until(5000);
  assert.deepEqual(shown, [[1000, 'a'], [1000, null]]);
});

test('each scene has a number of its own', () => {
  const ids = [];
  let now = 0;
  const screen = new Screen({ least: 0, now: () => ++now, show: (s) => s && ids.push(s.id) });
  for (const id of ['a', 'b', 'a']) screen.put(scene(id));
  assert.deepEqual(ids, [1, 2, 3]);
});
