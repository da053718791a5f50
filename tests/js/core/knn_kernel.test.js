import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { CHUNK, createRows, loadKernel } from '../../../static/js/core/knn_kernel.js';
import { binaryPath, buildKernel } from '../../../tools/build_kernel.mjs';

const bytes = await readFile(binaryPath);
const kernel = await loadKernel(bytes);

test('the committed binary is what the source gives', async () => {
  assert.deepEqual(Buffer.from(await buildKernel()), bytes);
});

for (const size of [1, 3, 4, 15, 16, 17, 256, 1280]) {
  test(`the kernel computes what the plain loop computes (${size} numbers)`, () => {
    const [simd, plain] = [createRows(size, kernel), createRows(size, null)];
    assert.deepEqual([simd.kind, plain.kind], ['simd', 'plain']);
    const count = 37;
    const vector = (/** @type {number} */ seed) =>
      Float32Array.from({ length: size }, (_, d) => Math.sin(seed * 12.9898 + d * 78.233) / Math.sqrt(size));
    for (const rows of [simd, plain]) {
      for (let r = 0; r < count; r++) {
        rows.reserve(r + 1); // grows several times on the way
        rows.write(r, vector(r));
      }
      rows.setQuery(vector(1000));
    }
    for (const [row, from, n] of [[-1, 0, count], [5, 0, count], [-1, 7, 11], [36, 36, 1], [-1, 0, 0]]) {
      const [a, b] = [simd, plain].map((rows) => Array.from(rows.dots(row, from, n)).slice(0, n));
      a.forEach((x, i) => assert.ok(Math.abs(x - b[i]) < 1e-6, `row ${row}, ${from + i}: ${x}, ${b[i]}`));
    }
    for (const slots of [[3], [3, 30], [0, 36, 8], [1, 2, 3, 4]]) {
      const [a, b] = [simd, plain].map((rows) => {
        const into = slots.map(() => new Float32Array(count));
        rows.dotsOfRows(slots, 0, 12, into);
        rows.dotsOfRows(slots, 12, count - 12, into);
        return into.flatMap((row) => [...row]);
      });
      a.forEach((x, i) => assert.ok(Math.abs(x - b[i]) < 1e-6, `rows ${slots}, ${i}: ${x}, ${b[i]}`));
    }
    assert.deepEqual(simd.read(20), vector(20));
  });
}

test('a row that is written again leaves nothing of the old one', () => {
  const rows = createRows(5, kernel);
  rows.reserve(2);
  rows.write(0, [1, 1, 1, 1, 1]);
  rows.write(0, [0, 0, 0, 0, 2]);
  rows.setQuery([1, 1, 1, 1, 1]);
  assert.equal(rows.dots(-1, 0, 1)[0], 2);
});

test('room grows by doubling', () => {
  const rows = createRows(8, kernel);
  const rooms = new Set();
  for (let r = 1; r <= 5000; r++) {
    rows.reserve(r);
    rooms.add(rows.capacity);
  }
  assert.ok(rooms.size <= 8, `${rooms.size} times`);
});

test('more examples than a memory can hold are refused with both numbers', () => {
  const rows = createRows(1280, kernel);
  assert.throws(() => rows.reserve(10_000_000), /no memory for 10000000 examples of 1280 numbers; \d+ fit here/);
  rows.reserve(CHUNK); // and it goes on working
  rows.write(CHUNK - 1, new Float32Array(1280).fill(1));
  rows.setQuery(new Float32Array(1280).fill(0.5));
  assert.equal(rows.dots(-1, CHUNK - 1, 1)[0], 640);
});

test('a size that is no size is refused', () => {
  for (const size of [0, -1, 1.5, 1e6]) assert.throws(() => createRows(size, null), /expected a whole number from 1/);
});

test('without SIMD, or without the file, there is no kernel and no error', async () => {
  assert.equal(await loadKernel(new Uint8Array([0, 97, 115, 109, 1, 0, 0])), null);
  assert.equal(await loadKernel('http://127.0.0.1:9/nothing.wasm'), null);
});
