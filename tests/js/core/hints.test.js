import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS, hints } from '../../../static/js/core/hints.js';

const CLASSES = [
  { id: '1', label: 'Cup' },
  { id: '2', label: 'Pen' },
];
const counts = (/** @type {number} */ a, /** @type {number} */ b) => new Map([['1', a], ['2', b]]);
const good = { sharpness: 0.2, brightness: 0.5, contrast: 0.2 };

/** @param {number[]} confusion @param {any[]} [items] @param {[string, string][]} [nearDuplicates] @returns {any} */
function evaluation(confusion, items = [], nearDuplicates = []) {
  const [aa, ab, ba, bb] = confusion;
  const n = aa + ab + ba + bb;
  const perClass = [{ id: '1', n: aa + ab, correct: aa }, { id: '2', n: ba + bb, correct: bb }];
  return { complete: true, n, accuracy: (aa + bb) / n, confusion, classes: ['1', '2'], items, nearDuplicates, perClass };
}
/** @param {any} e @param {Map<string, number>} [c] */
const kinds = (e, c = counts(20, 20)) => hints(CLASSES, c, e, new Map()).map(({ kind }) => kind);

test('two well taught classes call for nothing', () => {
  assert.deepEqual(kinds(evaluation([20, 0, 0, 20])), []);
});

test('an empty project calls for nothing', () => {
  assert.deepEqual(kinds(null, counts(0, 0)), []);
});

test('one class alone asks for a second one, by name', () => {
  const [hint] = hints(CLASSES, counts(20, 0), null, new Map());
  assert.equal(hint.kind, 'alone');
  assert.match(hint.text, /“Cup”/);
});

test('a class under the limit has too few, at the limit enough', () => {
  assert.deepEqual(kinds(null, counts(9, LIMITS.few - 1)), ['few']);
  assert.deepEqual(kinds(null, counts(9, LIMITS.few)), []);
});

test('one picture is called one picture', () => {
  const [hint] = hints(CLASSES, counts(9, 1), null, new Map());
  assert.match(hint.text, /“Pen” has only 1 picture\./);
});

test('four times as many pictures are unbalanced, fewer are not', () => {
  assert.deepEqual(kinds(null, counts(40, 10)), ['unbalanced']);
  assert.deepEqual(kinds(null, counts(39, 10)), []);
});

test('classes that are mistaken for each other look alike, and their pictures are named', () => {
  const items = [
    { id: 'x', taught: '1', answered: '2', score: 0.6 },
    { id: 'y', taught: '2', answered: '1', score: 0.6 },
    { id: 'z', taught: '1', answered: '1', score: 0.6 },
  ];
  const [hint] = hints(CLASSES, counts(10, 10), evaluation([7, 3, 0, 10], items), new Map());
  assert.equal(hint.kind, 'alike');
  assert.deepEqual(hint.classIds, ['1', '2']);
  assert.deepEqual(hint.sampleIds, ['x', 'y']);
  assert.deepEqual(kinds(evaluation([18, 2, 0, 20])), []);
});

test('a picture that is surely something else may be in the wrong class', () => {
  const item = (/** @type {number} */ score) => [{ id: 'x', taught: '1', answered: '2', score }];
  const [hint] = hints(CLASSES, counts(20, 20), evaluation([19, 1, 0, 20], item(LIMITS.sure)), new Map());
  assert.equal(hint.kind, 'mislabelled');
  assert.deepEqual(hint.sampleIds, ['x']);
  assert.deepEqual(kinds(evaluation([19, 1, 0, 20], item(LIMITS.sure - 0.01))), []);
});

test('many nearly identical pictures ask for movement', () => {
  const items = Array.from({ length: 20 }, (_, i) => ({ id: `s${i}`, taught: i < 10 ? '1' : '2', answered: i < 10 ? '1' : '2', score: 1 }));
  const pairs = (/** @type {number} */ n) => Array.from({ length: n }, (_, i) => /** @type {[string, string]} */ (['s0', `s${i + 1}`]));
  const [hint] = hints(CLASSES, counts(10, 10), evaluation([10, 0, 0, 10], items, pairs(6)), new Map());
  assert.equal(hint.kind, 'identical');
  assert.equal(hint.sampleIds.length, 6);
  assert.deepEqual(kinds(evaluation([10, 0, 0, 10], items, pairs(5)), counts(10, 10)), []);
});

test('a low accuracy is said in per cent, once there are enough pictures', () => {
  const [hint] = hints(CLASSES, counts(20, 20), evaluation([20, 0, 10, 10]), new Map()).filter(({ kind }) => kind === 'weak');
  assert.match(hint.text, /right 75 % of the time/);
  assert.ok(!kinds(evaluation([2, 2, 0, 3])).includes('weak'));
});

for (const [kind, quality] of /** @type {const} */ ([
  ['blurred', { ...good, sharpness: LIMITS.sharpness - 0.001 }],
  ['blurred', { ...good, contrast: LIMITS.flat - 0.001 }],
  ['dark', { ...good, brightness: LIMITS.dark - 0.001, sharpness: 0 }],
  ['bright', { ...good, brightness: LIMITS.bright + 0.001 }],
])) {
  test(`a ${kind} picture is called that and nothing else (${JSON.stringify(quality)})`, () => {
    const qualities = new Map([['x', { classId: '2', quality }], ['y', { classId: '2', quality: good }]]);
    const found = hints(CLASSES, counts(20, 20), null, qualities);
    assert.deepEqual(found.map((hint) => hint.kind), [kind]);
    assert.deepEqual(found[0].sampleIds, ['x']);
    assert.deepEqual(found[0].classIds, ['2']);
  });
}

test('warnings come before advice, advice before the rest', () => {
  const items = [{ id: 'x', taught: '1', answered: '2', score: 0.9 }];
  const qualities = new Map([['x', { classId: '1', quality: { ...good, brightness: 0 } }]]);
  const severities = hints(CLASSES, counts(40, 4), evaluation([38, 2, 2, 2], items), qualities).map(({ severity }) => severity);
  assert.deepEqual(severities, [...severities].sort((a, b) => 'wai'.indexOf(a[0]) - 'wai'.indexOf(b[0])));
  assert.ok(new Set(severities).size === 3);
});
