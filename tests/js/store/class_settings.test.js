import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitsClasses, MOST_BYTES, withNewIds } from '../../../static/js/store/class_settings.js';
import { diff, fieldsThatDiffer } from '../../../static/js/store/diff.js';
import { applyEdits, emptyState } from '../../../static/js/store/edits.js';
import { sameJson } from '../../../static/js/store/json.js';
import { merge } from '../../../static/js/store/merge.js';
import { localSnapshot } from '../../../static/js/store/snapshot.js';

const play = (map, more = {}) => ({ bindings: { pong: { scheme: 'two', map } }, ...more });
const snapshot = (settings) => ({ name: 'p', backbone: 'b', settings: { k: 10, ...settings }, classes: [], samples: new Map() });

test('values are compared by what is in them, not by who made them', () => {
  assert.ok(sameJson({ a: [1, { b: null }], c: 2 }, { c: 2, a: [1, { b: null }] }));
  for (const other of [{ a: [1, { b: 0 }], c: 2 }, { a: [1], c: 2 }, { a: { 0: 1 } }, null, 3, undefined]) {
    assert.ok(!sameJson({ a: [1, { b: null }], c: 2 }, other), JSON.stringify(other));
  }
});

test('an equal binding is no change, and another one can be undone to what was there before', () => {
  const state = emptyState('p');
  applyEdits(state, [{ op: 'settings', value: { play: play({ a: 'left' }) } }]);
  assert.equal(applyEdits(state, [{ op: 'settings', value: { play: play({ a: 'left' }) } }]).inverse.length, 0);
  const { inverse } = applyEdits(state, [{ op: 'settings', value: { play: play({ a: 'right' }) } }]);
  applyEdits(state, inverse);
  assert.deepEqual(state.settings.play, play({ a: 'left' }));
});

test('undoing the first binding leaves none behind, and the server is told so', () => {
  const state = emptyState('p');
  state.backbone = 'b';
  const { inverse } = applyEdits(state, [{ op: 'settings', value: { play: play({ a: 'left' }) } }]);
  const base = structuredClone(localSnapshot(state));
  assert.deepEqual(diff(localSnapshot(state), base), []);
  applyEdits(state, inverse);
  assert.ok(!('play' in state.settings));
  assert.deepEqual(fieldsThatDiffer(localSnapshot(state), base), { settings: { play: null } });
});

test('only a binding that differs is sent', () => {
  assert.deepEqual(fieldsThatDiffer(snapshot({ play: play({ a: 'left' }) }), snapshot({ play: play({ a: 'left' }) })), {});
  assert.deepEqual(fieldsThatDiffer(snapshot({ play: play({ a: 'left' }) }), snapshot({})), { settings: { play: play({ a: 'left' }) } });
});

test('two sides that bind different games keep both; of one game mine counts', () => {
  const base = snapshot({ play: play({ a: 'left' }) });
  const mine = snapshot({ play: play({ a: 'right' }, { control: { hold_ms: 9 } }) });
  const theirs = snapshot({ play: { bindings: { pong: { scheme: 'two', map: { a: null } }, maze: { scheme: 'four', map: { a: 'up' } } } }, outputs: { a: [{ kind: 'text', text: 'hi' }] } });
  const { settings } = merge(base, mine, theirs);
  assert.deepEqual(settings, {
    k: 10,
    play: { bindings: { pong: { scheme: 'two', map: { a: 'right' } }, maze: { scheme: 'four', map: { a: 'up' } } }, control: { hold_ms: 9 } },
    outputs: { a: [{ kind: 'text', text: 'hi' }] },
  });
});

test('what one side took away stays away where the other left it alone', () => {
  const { settings } = merge(snapshot({ play: play({ a: 'left' }) }), snapshot({}), snapshot({ play: play({ a: 'left' }) }));
  assert.deepEqual(settings, { k: 10 });
});

test('a copy speaks of its own classes, and of none that are gone', () => {
  const settings = { k: 10, play: play({ a: 'left', gone: 'right' }, { calibration: null }), outputs: { a: [{ kind: 'emoji', text: '!' }], gone: [] } };
  const before = structuredClone(settings);
  assert.deepEqual(withNewIds(settings, new Map([['a', 'b']])), { k: 10, play: play({ b: 'left' }, { calibration: null }), outputs: { b: [{ kind: 'emoji', text: '!' }] } });
  assert.deepEqual(settings, before);
});

test('what is larger than the server takes, or no object, is refused here', () => {
  assert.ok(fitsClasses({}) && fitsClasses(undefined));
  for (const value of [null, [], 'x', { a: 'x'.repeat(MOST_BYTES) }]) assert.ok(!fitsClasses(value));
});
