import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agreement, changesSince, matchClasses, whyNotInPage, winnerOf } from '../../../static/js/core/classifiers.js';

const classOf = (/** @type {string} */ id, label = id.toUpperCase()) => ({ id, label });
/** @returns {any} */
const classifier = (ids = ['a', 'b'], more = {}) => ({ classes: ids.map((id) => ({ ...classOf(id), color: null })), is_regression: false, revision: 7, report: { counts: { train: [4, 6], validation: [1, 1], test: null } }, ...more });
const project = (ids = ['a', 'b'], more = {}) => ({ classes: ids.map((id) => classOf(id)), counts: new Map([['a', 5], ['b', 7]]), revision: 7, dirty: false, ...more });

test('classes are found by id, whatever they are called now', () => {
  assert.deepEqual(matchClasses([classOf('a', 'Dog'), classOf('b', 'Cat')], [classOf('b', 'Dog'), classOf('a', 'Cat')]), ['a', 'b']);
});

test('classes from elsewhere are found by their label, if no other has it by id', () => {
  const trained = [{ id: null, label: 'Dog' }, { id: 'z', label: 'Cat' }, { id: 'b', label: 'Bird' }, { id: null, label: 'Fish' }];
  const classes = [classOf('a', 'Dog'), classOf('b', 'Cat'), classOf('c', 'Horse')];
  assert.deepEqual(matchClasses(trained, classes), ['a', null, 'b', null], 'Cat is b, and b is what was Bird');
});

test('a classifier of the project as it is has nothing to tell', () => {
  assert.deepEqual(changesSince(classifier(), project()), { missing: [], text: null });
});

test('a class that was added later is named, and that training again helps', () => {
  const counts = new Map([['a', 5], ['b', 7], ['c', 1], ['d', 1], ['e', 0]]);
  const { missing, text } = changesSince(classifier(), project(['a', 'b', 'c', 'd', 'e'], { revision: 9, counts }));
  assert.deepEqual(missing, ['c', 'd', 'e']);
  assert.equal(text, 'C and D are not in this classifier. Train again to put that right.');
});

test('a class that was deleted since is named', () => {
  assert.match(String(changesSince(classifier(), project(['a'])).text), /^It also knows B, which is not in this project\. Train again/);
});

test('other pictures make it stale; another name or setting does not', () => {
  const stale = /The pictures have changed since it was trained/;
  const more = new Map([['a', 5], ['b', 8]]);
  assert.match(String(changesSince(classifier(), project(['a', 'b'], { revision: 8, counts: more })).text), stale);
  assert.match(String(changesSince(classifier(), project(['a', 'b'], { dirty: true, counts: more })).text), stale);
  assert.equal(changesSince(classifier(), project(['a', 'b'], { revision: 8 })).text, null);
  assert.equal(changesSince(classifier(), project(['a', 'b'], { counts: more })).text, null, 'the same revision: cut out pictures may be counted otherwise');
  assert.match(String(changesSince(classifier(['a', 'b'], { report: undefined }), project(['a', 'b'], { revision: 8 })).text), stale, 'without a report there is only the revision');
  assert.equal(changesSince(classifier(['a', 'b'], { revision: null, report: undefined }), project(['a', 'b'], { dirty: true })).text, null, 'what was imported was never trained on it');
});

test('a regression knows no classes that could be missing', () => {
  const value = classifier(['a'], { is_regression: true });
  assert.deepEqual(changesSince(value, project()), { missing: [], text: null });
  assert.match(String(changesSince(value, project(['a', 'b'], { revision: 8 })).text), /have changed/);
});

test('raw pixels and unknown kinds do not answer in the page', () => {
  const of = (/** @type {any} */ model) => whyNotInPage(classifier(['a'], { model }));
  assert.match(String(of({ kind: 'neighbours', pixels: 32 })), /raw pixels/);
  assert.match(String(of({ kind: 'forest' })), /kind forest/);
  assert.deepEqual([of({ kind: 'neighbours', pixels: null }), of({ kind: 'dense' }), of({ kind: 'network' })], [null, null, null]);
});

test('the winner is the highest bar, unless none of these has the larger half', () => {
  assert.equal(winnerOf({ shown: [0.1, 0.6, 0.3], none: 0 }), 1);
  assert.equal(winnerOf({ shown: [0.2, 0.29], none: 0.51 }), -1);
  assert.equal(winnerOf(null), -1);
});

test('agreement counts frames in which both gave a class', () => {
  const says = (/** @type {number[]} */ shown, none = 0, value = null) => /** @type {any} */ ({ shown, none, value });
  const agreement = new Agreement();
  assert.equal(agreement.add(says([0.9, 0.1]), says([0.6, 0.4])), true);
  assert.equal(agreement.add(says([0.9, 0.1]), says([0.4, 0.6])), false);
  assert.equal(agreement.add(says([0, 0], 1), says([0.2, 0.1], 0.7)), true, 'none of these is an answer');
  assert.equal(agreement.add(says([0.9, 0.1]), null), null);
  assert.equal(agreement.add(says([0, 0], 0, /** @type {any} */ (3.5)), says([1, 0])), null);
  assert.deepEqual([agreement.agreed, agreement.looked], [2, 3]);
});
