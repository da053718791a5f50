// The plain loops of resample.js are the oracle; their own oracle is the definition (resample.test.js).
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { loadKernel } from '../../../static/js/core/knn_kernel.js';
import { Resampler, centreSquare } from '../../../static/js/core/resample.js';
import { SimdResampler, createResampler } from '../../../static/js/core/resample_kernel.js';
import { binaryOf, buildKernel } from '../../../tools/build_kernel.mjs';

const binary = await readFile(binaryOf('resample_kernel'));
const module = /** @type {WebAssembly.Module} */ (await loadKernel(binary));
const plain = new Resampler();
const simd = new SimdResampler(module);
const bytes = (/** @type {string} */ text) => new Uint8Array(Buffer.from(text, 'base64'));

/** @param {number} size @param {number} channels */
const noise = (size, channels) => Uint8Array.from({ length: size * size * channels }, (_, i) => (Math.imul(i + 7, 2654435761) >>> 16) & 255);

/**
 * Compare the roundings; they may differ only where the exact value lies on a border between two levels.
 * @param {Uint8Array} pixels @param {number} size @param {number} channels @param {number} target @param {boolean} mirror
 */
function compare(pixels, size, channels, target, mirror) {
  const exact = new Float64Array(target * target * 3);
  plain.each(pixels, size, channels, target, (y, row) => exact.set(row, y * row.length));
  const out = new Uint8Array(exact.length).fill(77);
  simd.toBytes(pixels, size, channels, target, out, mirror);
  for (let i = 0; i < exact.length; i++) {
    const x = Math.floor(i / 3) % target;
    const found = out[mirror ? i + (target - 1 - 2 * x) * 3 : i];
    const border = Math.abs((exact[i] % 1) - 0.5) < 1e-4;
    const apart = Math.abs(found - Math.floor(exact[i] + 0.5));
    assert.ok(apart === 0 || (border && apart === 1), `${size} to ${target}, ${i}: ${exact[i]} became ${found}`);
  }
}

test('the committed binary is what the source gives', async () => {
  assert.deepEqual(Buffer.from(await buildKernel('resample_kernel')), binary);
});

test('without a kernel the plain loops stand in', () => {
  assert.deepEqual([createResampler(null).kind, createResampler(module).kind], ['plain', 'simd']);
});

for (const [size, target] of [[480, 224], [720, 224], [481, 224], [224, 224], [225, 224], [448, 224], [100, 224], [223, 224], [1, 3], [2, 1], [7, 5]]) {
  test(`${size} to ${target} gives what the plain loops give, RGB and RGBA, mirrored and not`, () => {
    for (const channels of [3, 4]) for (const mirror of [false, true]) compare(noise(size, channels), size, channels, target, mirror);
  });
}

test('every pair of sizes up to 24 gives what the plain loops give', () => {
  for (let size = 1; size <= 24; size++) {
    for (let target = 1; target <= 24; target++) compare(noise(size, 3), size, 3, target, (size + target) % 2 === 1);
  }
});

test('a picture too large for one strip of rows comes out the same', () => {
  compare(noise(1301, 4), 1301, 4, 224, false);
});

for (const target of [96, 128, 160, 192, 224, 299]) {
  test(`224 to ${target} for a backbone agrees to a millionth`, () => {
    const pixels = noise(224, 3);
    const [a, b] = [plain, simd].map((resampler) => {
      const out = new Float32Array(target * target * 3);
      resampler.toFloats(pixels, 224, target, out);
      return out;
    });
    a.forEach((x, i) => assert.ok(Math.abs(x - b[i]) < 1e-6, `${i}: ${x}, ${b[i]}`));
  });
}

const golden = JSON.parse(await readFile(new URL('../../golden/resample.json', import.meta.url), 'utf8'));
for (const c of golden.cases) {
  test(`golden case ${c.width} x ${c.height} to ${c.size} gives the written numbers`, () => {
    const crop = centreSquare(c.width, c.height);
    const rgb = bytes(c.rgb);
    const square = new Uint8Array(crop.size ** 2 * 3);
    for (let y = 0; y < crop.size; y++) {
      const from = ((crop.top + y) * c.width + crop.left) * 3;
      square.set(rgb.subarray(from, from + crop.size * 3), y * crop.size * 3);
    }
    const values = new Float32Array(c.size ** 2 * 3);
    simd.toFloats(square, crop.size, c.size, values, 1, 0);
    const rounded = new Uint8Array(values.length);
    simd.toBytes(square, crop.size, 3, c.size, rounded);
    const expected = bytes(c.rounded);
    for (let i = 0; i < values.length; i++) {
      assert.ok(Math.abs(values[i] - c.values[i]) <= golden.absolute_tolerance, `${i}: ${values[i]}, ${c.values[i]}`);
      const tie = Math.abs((c.values[i] % 1) - 0.5) <= golden.absolute_tolerance;
      assert.ok(rounded[i] === expected[i] || tie, `rounded ${i}: ${rounded[i]}, ${expected[i]}`);
    }
  });
}

test('too few pixels are refused with both numbers', () => {
  assert.throws(() => simd.toBytes(new Uint8Array(10), 4, 3, 2, new Uint8Array(12)), /10 numbers.*expected 48/);
});
