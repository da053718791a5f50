import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Knn } from '../../../static/js/core/knn.js';
import { loadKernel } from '../../../static/js/core/knn_kernel.js';

const read = (/** @type {string} */ path) => readFile(new URL(path, import.meta.url));
const golden = JSON.parse(String(await read('../../golden/knn.json')));
const kernel = await loadKernel(await read('../../../static/js/core/knn_kernel.wasm'));
const close = (/** @type {any} */ actual, /** @type {any} */ expected, /** @type {string} */ what) => {
  if (expected === null) assert.ok(actual === null || Number.isNaN(actual), what);
  else if (expected.length !== undefined) {
    assert.equal(actual.length, expected.length, what);
    expected.forEach((/** @type {any} */ x, /** @type {number} */ i) => close(actual[i], x, `${what}[${i}]`));
  } else assert.ok(Math.abs(actual - expected) <= golden.absolute_tolerance, `${what}: ${actual}, expected ${expected}`);
};

/** @param {any} c a golden case @param {WebAssembly.Module | null} module */
function taught(c, module) {
  const size = c.vectors[0]?.length ?? c.queries[0].vector.length;
  const knn = new Knn({ size, kernel: module, k: c.k, tolerance: c.tolerance });
  const names = Array.from({ length: c.classes }, (_, i) => String(i));
  knn.setClasses(names);
  const list = c.labels.map((/** @type {number} */ y, /** @type {number} */ id) => ({ id, classId: names[y], group: c.groups[id] }));
  knn.add(list, Float32Array.from(c.vectors.flat()));
  return knn;
}

test('the kernel is compiled', () => assert.ok(kernel));

for (const [kind, module] of /** @type {const} */ ([['simd', kernel], ['plain', null]])) {
  for (const c of golden.cases) {
    test(`golden case "${c.name}" gives the written numbers (${kind})`, () => {
      const knn = taught(c, module);
      const e = knn.finish();
      close(e.beta, c.beta, 'beta');
      close(c.distances.map((/** @type {any} */ d, /** @type {number} */ i) => (d === null ? null : e.perClass[i].Q)), c.distances, 'Q');
      const loo = c.leave_one_out;
      if (loo) {
        assert.equal(e.n, loo.n);
        assert.equal(e.correct, loo.correct);
        close(e.accuracy, loo.accuracy, 'accuracy');
        if (loo.interval) close(e.ci, loo.interval, 'interval');
        assert.deepEqual([...e.confusion], loo.confusion.flat());
        assert.deepEqual([...e.answered], loo.answered);
        close(e.own, loo.scores, 'scores');
        close(e.novelty, loo.novelty, 'novelty');
      }
      for (const q of c.queries) {
        const result = knn.classify(Float32Array.from(q.vector));
        if (q.label === null) {
          assert.equal(result, null);
          continue;
        }
        assert.ok(result);
        assert.equal(Number(result.label), q.label);
        close(result.scores, q.scores, 'scores');
        assert.equal(result.unknown, q.unknown);
        close(result.novelty, q.novelty, 'novelty');
        close(result.none, q.none, 'none');
        assert.deepEqual(result.neighbours.map((n) => n.id), q.neighbours);
        close(result.neighbours.map((n) => n.similarity), q.similarities, 'similarities');
        close(result.neighbours.map((n) => n.weight), q.weights, 'weights');
      }
    });
  }
}
