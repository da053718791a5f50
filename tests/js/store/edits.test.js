import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyEdits, emptyState } from '../../../static/js/store/edits.js';
import { generator, randomEdit, randomState, sample } from './random_projects.js';

const red = { id: 'r', label: 'Red', color: '#d6435a' };
const blue = { id: 'b', label: 'Blue', color: '#2f7fd6' };

function twoClasses() {
  const state = emptyState('p');
  applyEdits(state, [
    { op: 'class-add', class: red },
    { op: 'class-add', class: blue },
    { op: 'samples-add', samples: [sample('1', 'r'), sample('2', 'r'), sample('3', 'b')] },
  ]);
  return state;
}

/** What a person sees of a project. */
const seen = (state) => ({
  name: state.name,
  backbone: state.backbone,
  settings: state.settings,
  classes: state.classes,
  samples: new Map(Array.from(state.samples.values(), ({ id, classId }) => [id, classId])),
});

test('every edit is taken back by its inverse, in any order of work', () => {
  for (let seed = 1; seed <= 150; seed += 1) {
    const random = generator(seed);
    const state = randomState(random);
    const before = structuredClone(seen(state));
    const inverses = [];
    for (let step = 0; step < 15; step += 1) inverses.unshift(...applyEdits(state, [randomEdit(random, state)]).inverse);
    const after = structuredClone(seen(state));
    const again = applyEdits(state, inverses).inverse;
    assert.deepEqual(seen(state), before, `seed ${seed}`);
    applyEdits(state, again);
    assert.deepEqual(seen(state), after, `seed ${seed}, done again`);
  }
});

test('a sample never refers to a class that is not there', () => {
  for (let seed = 1; seed <= 150; seed += 1) {
    const random = generator(seed);
    const state = randomState(random);
    const inverses = [];
    for (let step = 0; step < 20; step += 1) {
      inverses.push(...applyEdits(state, [randomEdit(random, state)]).inverse);
      // Undo in the wrong order, as another tab's undo would be.
      if (random() < 0.3 && inverses.length) applyEdits(state, inverses.splice(Math.floor(random() * inverses.length), 1));
      const classes = new Set(state.classes.map(({ id }) => id));
      for (const { classId } of state.samples.values()) assert.ok(classes.has(classId), `seed ${seed}`);
      assert.equal(new Set(state.classes.map(({ label }) => label)).size, state.classes.length, `seed ${seed}: labels are unique`);
    }
  }
});

test('deleting a class buries its samples and says both', () => {
  const state = twoClasses();
  const { changes, touched } = applyEdits(state, [{ op: 'class-remove', id: 'r' }]);
  assert.deepEqual([...state.samples.keys()], ['3']);
  assert.deepEqual([...state.buried.keys()], ['1', '2']);
  assert.deepEqual(changes.map(({ kind }) => kind), ['samples-removed', 'classes']);
  assert.deepEqual([...touched], ['1', '2']);
});

test('a class keeps its place when its deletion is undone', () => {
  const state = twoClasses();
  applyEdits(state, applyEdits(state, [{ op: 'class-remove', id: 'r' }]).inverse);
  assert.deepEqual(state.classes, [red, blue]);
});

test('labels that look like numbers keep their order', () => {
  const state = emptyState('p');
  for (const label of ['10', '2', '1']) applyEdits(state, [{ op: 'class-add', class: { id: label, label, color: '#2f7fd6' } }]);
  assert.deepEqual(state.classes.map(({ label }) => label), ['10', '2', '1']);
});

test('a label that another class has gets a number', () => {
  const state = twoClasses();
  applyEdits(state, [{ op: 'class-set', id: 'b', value: { label: 'Red' } }]);
  assert.deepEqual(state.classes.map(({ label }) => label), ['Red', 'Red 2']);
});

test('samples that come back to a deleted class get a class to live in', () => {
  const state = twoClasses();
  applyEdits(state, [{ op: 'class-remove', id: 'r' }]);
  applyEdits(state, [{ op: 'samples-restore', ids: ['1', '2'] }]);
  assert.equal(state.samples.size, 3);
  assert.deepEqual(state.classes.map(({ id, label }) => [id, label]), [['b', 'Blue'], ['r', 'Restored']]);
});

test('what the server lacks is known after every edit', () => {
  const state = twoClasses();
  assert.deepEqual([...state.unsynced].sort(), ['1', '2', '3']);
  const base = { etag: '"1"', name: 'p', backbone: 'b', settings: state.settings, classes: state.classes, savedAt: '' };
  applyEdits(state, [{ op: 'base', base, synced: [['1', 'r'], ['2', 'r'], ['3', 'b']] }]);
  assert.equal(state.unsynced.size, 0);
  const { inverse } = applyEdits(state, [{ op: 'samples-move', moves: [['1', 'b']] }, { op: 'samples-remove', ids: ['2'] }]);
  assert.deepEqual([...state.unsynced].sort(), ['1', '2']);
  applyEdits(state, inverse);
  assert.equal(state.unsynced.size, 0, 'undo leads back to what the server has');
});

test('an edit of a newer page is refused with a way on', () => {
  assert.throws(() => applyEdits(emptyState('p'), [{ op: 'teleport' }]), /Unknown edit "teleport".*Reload/);
});
