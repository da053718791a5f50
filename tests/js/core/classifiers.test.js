import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Dense, softmax } from '../../../static/js/core/dense.js';
import { Neighbours } from '../../../static/js/core/neighbours.js';

const golden = JSON.parse(String(await readFile(new URL('../../golden/classifiers.json', import.meta.url))));
const KINDS = /** @type {Record<string, {of: (model: any, tensors: any) => Dense | Neighbours}>} */ ({ dense: Dense, neighbours: Neighbours });

/** @param {any} c a golden case */
function made({ model, arrays }) {
  const tensors = new Map(Object.entries(arrays).map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]));
  return KINDS[model.kind].of(model, tensors);
}

/** @param {ArrayLike<number>} actual @param {number[]} expected @param {string} what */
function close(actual, expected, what) {
  assert.equal(actual.length, expected.length, what);
  expected.forEach((x, i) => assert.ok(Math.abs(actual[i] - x) <= golden.absolute_tolerance, `${what}[${i}]: ${actual[i]}, expected ${x}`));
}

for (const c of golden.cases) {
  test(`golden case "${c.name}" gives the numbers of Python`, () => {
    const model = made(c);
    const into = new Float64Array(model.outputs);
    for (const [i, { vector, logits, probabilities }] of c.queries.entries()) {
      const found = model.logits(Float32Array.from(vector));
      close(found, logits, `logits of query ${i}`);
      assert.equal(softmax(found, c.temperature, into), into);
      close(into, probabilities, `probabilities of query ${i}`);
    }
  });
}

test('answers lie in the same arrays every time', () => {
  for (const c of golden.cases) {
    const model = made(c);
    const vector = Float32Array.from(c.queries[0].vector);
    assert.equal(model.logits(vector), model.logits(vector), c.name);
  }
});

test('logits can be turned into probabilities where they lie, however large they are', () => {
  const logits = Float64Array.of(1e6, 1e6 - 1, -1e6);
  softmax(logits, 1, logits);
  close(logits, [1 / (1 + Math.exp(-1)), 1 / (1 + Math.E), 0], 'probabilities');
});

test('an embedding of another length is refused with both numbers', () => {
  for (const c of golden.cases) assert.throws(() => made(c).logits(new Float32Array(7)), /has 7 numbers; the classifier expects (16|8)/);
});

test('neighbours on raw pixels are refused in a sentence', () => {
  const c = golden.cases.find((/** @type {any} */ { name }) => name === 'cosine');
  assert.throws(() => made({ ...c, model: { ...c.model, pixels: 32 } }), /compares raw pixels.*on the server only/);
});

test('parts that do not fit together are refused', () => {
  const [one, layers, near] = ['one layer', 'two layers, relu between', 'cosine'].map((name) => golden.cases.find((/** @type {any} */ c) => c.name === name));
  const without = (/** @type {any} */ c, /** @type {string} */ name) => ({ ...c, arrays: Object.fromEntries(Object.entries(c.arrays).filter(([key]) => key !== name)) });
  const model = (/** @type {any} */ c, /** @type {any} */ more) => ({ ...c, model: { ...c.model, ...more } });
  /** @type {[any, RegExp][]} */
  const wrong = [
    [without(one, 'layer0.bias'), /layer 0 are missing/],
    [without(near, 'labels'), /examples of the classifier are missing/],
    [{ ...layers, arrays: { ...layers.arrays, 'layer1.kernel': layers.arrays['layer0.kernel'] } }, /Layer 1 has 144 weights for 9 inputs and 4 outputs/],
    [model(one, { activations: ['gelu'] }), /activation gelu; expected one of linear, relu/],
    [model(one, { activations: [] }), /no layers/],
    [model(near, { metric: 'hamming' }), /by hamming; expected one of cosine, l1, l2/],
    [model(near, { k: 0 }), /k is 0/],
    [model(near, { classes: 2 }), /of class 2; expected 0 to 1/],
    [{ ...near, arrays: { ...near.arrays, labels: { shape: [5], data: [0, 1, 2, 0, 1] } } }, /numbers for 5 examples/],
  ];
  for (const [c, message] of wrong) assert.throws(() => made(c), message);
});
