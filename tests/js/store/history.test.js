import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History, LONGEST_HISTORY } from '../../../static/js/store/history.js';

/** @param {string} label @param {any} [more] */
const step = (label, { key = null, at = 0, edits = [{ op: 'name', value: label }] } = {}) => ({ label, key, at, edits });
const added = (ids, key) => step(`Add ${ids.length} pictures to Cat`, { key, edits: [{ op: 'samples-remove', ids }] });

test('steps are undone and done again in order', () => {
  const history = new History();
  history.push(step('one'));
  history.push(step('two'));
  assert.equal(history.undoLabel, 'two');
  assert.equal(history.undo()?.step.label, 'two');
  assert.equal(history.undo()?.step.label, 'one');
  assert.equal(history.undo(), null);
  assert.equal(history.redo()?.step.label, 'one');
  assert.deepEqual([history.undoLabel, history.redoLabel], ['one', 'two']);
});

test('a new step cuts off what had been undone', () => {
  const history = new History();
  for (const label of ['one', 'two']) history.push(step(label));
  history.undo();
  history.push(step('three'));
  assert.deepEqual([history.undoLabel, history.redoLabel], ['three', null]);
});

test('a burst is one step whose words count its pictures', () => {
  const history = new History();
  for (const id of ['a', 'b', 'c']) history.push(added([id], 'burst:1:cat'));
  assert.equal(history.steps.size, 1);
  assert.equal(history.undoLabel, 'Add 3 pictures to Cat');
  assert.deepEqual(history.undo()?.step.edits, [{ op: 'samples-remove', ids: ['a', 'b', 'c'] }]);
});

test('a class named like a count keeps its name in the words of a burst', () => {
  const history = new History();
  const one = (id) => step('Add 1 picture to 7 pictures', { key: 'burst:1:x', edits: [{ op: 'samples-remove', ids: [id] }] });
  history.push(one('a'));
  history.push(one('b'));
  assert.equal(history.undoLabel, 'Add 2 pictures to 7 pictures');
});

test('another burst, or the same after something else, is a step of its own', () => {
  const history = new History();
  history.push(added(['a'], 'burst:1:cat'));
  history.push(added(['b'], 'burst:2:cat'));
  history.push(step('rename'));
  history.push(added(['c'], 'burst:2:cat'));
  assert.equal(history.steps.size, 4);
});

test('a dragged slider is one step that leads back to where it began', () => {
  const history = new History();
  const drag = (at, k) => history.push(step('Change settings', { key: 'settings:k', at, edits: [{ op: 'settings', value: { k } }] }));
  for (const [at, k] of [[0, 10], [100, 9], [200, 8]]) drag(at, k);
  assert.deepEqual(history.undo()?.step.edits, [{ op: 'settings', value: { k: 10 } }]);
  history.redo();
  drag(60_000, 5);
  assert.equal(history.steps.size, 2, 'a minute later it is another gesture');
});

test('the oldest steps go, and the samples that only they knew are no longer referred to', () => {
  const history = new History();
  history.push(step('delete', { edits: [{ op: 'samples-restore', ids: ['x'] }] }));
  for (let number = 1; number < LONGEST_HISTORY; number += 1) history.push(step(`${number}`));
  assert.deepEqual([...history.references()], ['x']);
  history.touched.clear();
  history.push(step('last'));
  assert.equal(history.steps.size, LONGEST_HISTORY);
  assert.deepEqual([...history.references()], []);
  assert.deepEqual([...history.touched].sort((a, b) => a - b), [0, LONGEST_HISTORY], 'one to delete, one to write');
});

test('a stored stack continues where it stood', () => {
  const first = new History();
  for (const label of ['one', 'two', 'three']) first.push(step(label));
  first.undo();
  const second = new History({ steps: [...first.steps], done: first.done });
  assert.deepEqual([second.undoLabel, second.redoLabel], ['two', 'three']);
  second.push(step('four'));
  assert.equal(second.undoLabel, 'four');
});

test('a tab that follows another one has the same stack', () => {
  const [leader, follower] = [new History(), new History()];
  for (const label of ['one', 'two', 'three']) {
    leader.push(step(label));
    follower.follow([...leader.touched].map((number) => [number, leader.steps.get(number)]), leader.done);
    leader.touched.clear();
  }
  leader.undo()?.replace([]);
  follower.follow([...leader.touched].map((number) => [number, leader.steps.get(number)]), leader.done);
  assert.deepEqual([follower.undoLabel, follower.redoLabel], ['two', 'three']);
});
