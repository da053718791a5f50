// What the golden cases do not say: refusals, order, and the way examples come and go.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Knn } from '../../../static/js/core/knn.js';

/** @param {[any, string, number[]][]} examples @param {string[]} [classes] */
function taught(examples, classes = ['a', 'b']) {
  const knn = new Knn({ size: 2, k: 3 });
  knn.setClasses(classes);
  knn.add(examples.map(([id, classId]) => ({ id, classId, group: null })), Float32Array.from(examples.flatMap(([, , v]) => v)));
  return knn;
}
const ids = (/** @type {Knn} */ knn, /** @type {number[]} */ v) => knn.classify(v)?.neighbours.map(({ id }) => id);

test('without examples there is no answer', () => {
  assert.equal(taught([]).classify([1, 0]), null);
});

test('a freed row is used again, and ties still go to the example that was added first', () => {
  const knn = taught([['p', 'a', [1, 0]], ['q', 'a', [1, 0]], ['r', 'b', [1, 0]], ['s', 'b', [0, 1]]]);
  assert.deepEqual(ids(knn, [1, 0]), ['p', 'q', 'r']);
  knn.remove(['p']);
  knn.add([{ id: 't', classId: 'a', group: null }], Float32Array.of(1, 0));
  assert.equal(knn.top, 4, 'the row of p was used for t');
  assert.deepEqual(ids(knn, [1, 0]), ['q', 'r', 't']);
  assert.deepEqual(knn.finish().ids, ['q', 'r', 's', 't']);
});

test('classes whose names are numbers keep their order', () => {
  const knn = taught([['p', '10', [1, 0]], ['q', '2', [0, 1]]], ['10', '2']);
  assert.deepEqual([...(knn.classify([1, 0])?.scores ?? [])].map((s) => s > 0.5), [true, false]);
  assert.deepEqual(knn.finish().classes, ['10', '2']);
});

test('a class that is taken away takes its examples along', () => {
  const knn = taught([['p', 'a', [1, 0]], ['q', 'b', [0, 1]]]);
  knn.setClasses(['b']);
  assert.equal(knn.count, 1);
  assert.equal(knn.classify([1, 0])?.label, 'b');
});

test('a wrong addition is refused whole', () => {
  const knn = taught([['p', 'a', [1, 0]]]);
  const add = (/** @type {any[]} */ list, /** @type {number[]} */ numbers) => () => knn.add(list, Float32Array.from(numbers));
  assert.throws(add([{ id: 'q', classId: 'a' }], [1, 0, 0]), /1 examples came with 3 numbers; expected 1 x 2/);
  assert.throws(add([{ id: 'p', classId: 'a' }], [1, 0]), /p is there already/);
  assert.throws(add([{ id: 'q', classId: 'a' }, { id: 'q', classId: 'a' }], [1, 0, 1, 0]), /q is there already/);
  assert.throws(add([{ id: 'q', classId: 'z' }], [1, 0]), /class z, which is not among/);
  assert.throws(add([{ id: 'q', classId: 'a' }, { id: 'r', classId: 'a' }], [1, 0, NaN, 0]), /embedding of r holds NaN/);
  assert.equal(knn.count, 1);
  assert.deepEqual(knn.finish().ids, ['p']);
});

test('wrong options, classes and queries are refused with what was expected', () => {
  const knn = taught([['p', 'a', [1, 0]]]);
  assert.throws(() => knn.setOptions({ k: 0 }), /k is 0; expected/);
  assert.throws(() => knn.setOptions({ tolerance: -1 }), /tolerance is -1; expected/);
  assert.throws(() => knn.setClasses(['a', 'a']), /not all different/);
  assert.throws(() => knn.move(['p'], 'z'), /class z/);
  assert.throws(() => knn.classify([1, 0, 0]), /3 numbers; expected 2/);
});

test('what was removed or moved is answered so at once, before the evaluation has caught up', () => {
  const knn = taught([['p', 'a', [1, 0]], ['q', 'b', [0, 1]], ['r', 'b', [0.6, 0.8]]]);
  knn.finish();
  knn.move(['p'], 'b');
  assert.equal(knn.classify([1, 0])?.label, 'b');
  knn.remove(['p', 'r']);
  assert.deepEqual(ids(knn, [1, 0]), ['q']);
});

test('adding, clearing and adding again leaves nothing of the first time', () => {
  const knn = taught([['p', 'a', [1, 0]], ['q', 'b', [0, 1]]]);
  knn.finish();
  knn.clear();
  assert.equal(knn.classify([1, 0]), null);
  assert.equal(knn.finish().n, 0);
  knn.add([{ id: 'p', classId: 'b', group: null }], Float32Array.of(1, 0));
  assert.equal(knn.classify([1, 0])?.label, 'b');
  assert.equal(knn.classify([1, 0])?.n, 1);
});

test('nearly identical pictures are named in pairs, the older first', () => {
  const knn = taught([['p', 'a', [1, 0]], ['q', 'b', [0, 1]], ['r', 'a', [0.9999, 0.014]]]);
  assert.deepEqual(knn.finish().nearDuplicates, [['p', 'r']]);
});
