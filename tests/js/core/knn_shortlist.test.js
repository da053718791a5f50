import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { Knn } from '../../../static/js/core/knn.js';
import { loadKernel } from '../../../static/js/core/knn_kernel.js';
import { SHORTLIST_FROM, Shortlist } from '../../../static/js/core/knn_shortlist.js';

const kernel = await loadKernel(await readFile(new URL('../../../static/js/core/knn_kernel.wasm', import.meta.url)));

/** @param {number} seed */
function seeded(seed) {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

/** Rows in tight bunches, as recorded bursts are. @param {number} n @param {number} d @param {() => number} random */
function bunches(n, d, random) {
  const rows = new Float32Array(n * d);
  const centres = Array.from({ length: 12 }, () => Float32Array.from({ length: d }, () => Math.max(0, random() - 0.6)));
  for (let i = 0; i < n; i++) {
    const row = rows.subarray(i * d, (i + 1) * d);
    const centre = centres[i % centres.length];
    for (let j = 0; j < d; j++) row[j] = centre[j] + 0.05 * (random() - 0.5);
    const length = Math.hypot(...row);
    for (let j = 0; j < d; j++) row[j] /= length;
  }
  return rows;
}

/** @param {WebAssembly.Module | null} module @param {Float32Array} rows @param {number} d */
function taught(module, rows, d) {
  const knn = new Knn({ size: d, kernel: module });
  knn.setClasses(['a', 'b', 'c']);
  const n = rows.length / d;
  knn.add(
    Array.from({ length: n }, (_, i) => ({ id: i, classId: 'abc'[i % 3], group: i >> 4 })),
    rows,
  );
  return knn;
}

test('the shortlist gives the exact search the same answer to the last bit', () => {
  const d = 70;
  const random = seeded(1);
  const rows = bunches(SHORTLIST_FROM + 500, d, random);
  const quick = taught(kernel, rows, d);
  const exact = taught(kernel, rows, d);
  exact.shortlist = null;
  assert.ok(quick.shortlist, 'enough examples for a shortlist');
  for (let i = 0; i < 40; i++) {
    const query = bunches(12, d, random).subarray((i % 12) * d, ((i % 12) + 1) * d);
    assert.deepEqual(quick.classify(query), exact.classify(query));
  }
});

test('the shortlist follows removed, replaced, moved and added examples', () => {
  const d = 64;
  const random = seeded(2);
  const rows = bunches(SHORTLIST_FROM, d, random);
  const quick = taught(kernel, rows, d);
  const exact = taught(kernel, rows, d);
  for (const knn of [quick, exact]) {
    knn.remove(Array.from({ length: 300 }, (_, i) => i * 5));
    knn.move([1, 2, 3], 'c');
    knn.add(
      Array.from({ length: 600 }, (_, i) => ({ id: `new ${i}`, classId: 'b', group: null })),
      bunches(600, d, seeded(3)),
    );
  }
  exact.shortlist = null;
  for (let i = 0; i < 30; i++) {
    const query = rows.subarray(i * d, (i + 1) * d);
    assert.deepEqual(quick.classify(query), exact.classify(query));
  }
});

test('few rows of real bunches are compared exactly, and all where they are alike', () => {
  const d = 256;
  const random = seeded(4);
  const rows = bunches(SHORTLIST_FROM, d, random);
  const knn = taught(kernel, rows, d);
  const count = (/** @type {Float32Array} */ query) => {
    knn.rows.setQuery(query);
    knn.nearest.clear();
    return /** @type {Shortlist} */ (knn.shortlist).search(
      query, knn.top, knn.classOf, knn.bounds, knn.nearest, knn.rows, knn.sequence);
  };
  assert.ok(count(rows.subarray(0, d)) < SHORTLIST_FROM / 4);
  const alike = taught(kernel, Float32Array.from({ length: SHORTLIST_FROM * d }, (_, i) => Number(i % d === 0)), d);
  alike.rows.setQuery(alike.rows.read(0));
  const compared = /** @type {Shortlist} */ (alike.shortlist).search(
    alike.rows.read(0), alike.top, alike.classOf, alike.bounds, alike.nearest, alike.rows, alike.sequence);
  assert.equal(compared, SHORTLIST_FROM);
});

test('no sum overflows at the largest values that a row and a query can have', () => {
  for (const d of [64, 1280, 4096]) {
    const flat = new Float32Array(d).fill(1 / Math.sqrt(d));
    const shortlist = new Shortlist(d, /** @type {WebAssembly.Module} */ (kernel));
    shortlist.reserve(1);
    shortlist.write(0, flat);
    const { scale, slack } = shortlist.setQuery(flat);
    shortlist.kernel(0, shortlist.rowsAt, shortlist.width, 1, shortlist.answersAt);
    const similarity = shortlist.answers[0] * shortlist.scales[0] * scale;
    assert.ok(Math.abs(similarity - 1) <= shortlist.slacks[0] + 2 * slack, `${d}: ${similarity}`);
  }
});

test('a zero query is answered as the exact search does', () => {
  const d = 64;
  const rows = bunches(SHORTLIST_FROM, d, seeded(5));
  const quick = taught(kernel, rows, d);
  const exact = taught(kernel, rows, d);
  exact.shortlist = null;
  assert.deepEqual(quick.classify(new Float32Array(d)), exact.classify(new Float32Array(d)));
});
