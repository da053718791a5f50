import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Resampler, centreSquare, table } from '../../../static/js/core/resample.js';

const golden = JSON.parse(await readFile(new URL('../../golden/resample.json', import.meta.url), 'utf8'));
const bytes = (/** @type {string} */ text) => new Uint8Array(Buffer.from(text, 'base64'));

for (const c of golden.cases) {
  test(`golden case ${c.width} x ${c.height} to ${c.size} gives the written numbers`, () => {
    const crop = centreSquare(c.width, c.height);
    assert.deepEqual(crop, c.crop);
    const rgb = bytes(c.rgb);
    const square = new Uint8Array(crop.size ** 2 * 3);
    for (let y = 0; y < crop.size; y++) {
      const from = ((crop.top + y) * c.width + crop.left) * 3;
      square.set(rgb.subarray(from, from + crop.size * 3), y * crop.size * 3);
    }
    const values = new Float32Array(c.size ** 2 * 3);
    const rounded = new Uint8Array(values.length);
    const resampler = new Resampler();
    resampler.toFloats(square, crop.size, c.size, values, 1, 0);
    resampler.toBytes(square, crop.size, 3, c.size, rounded);
    const expected = bytes(c.rounded);
    for (let i = 0; i < values.length; i++) {
      assert.ok(Math.abs(values[i] - c.values[i]) <= golden.absolute_tolerance, `${i}: ${values[i]}, ${c.values[i]}`);
      const tie = Math.abs((c.values[i] % 1) - 0.5) <= golden.absolute_tolerance;
      assert.ok(rounded[i] === expected[i] || tie, `rounded ${i}: ${rounded[i]}, ${expected[i]}`);
    }
  });
}

/** The definition of docs/preprocessing.md, word by word, for one line. @param {number[]} line @param {number} m */
function oracle(line, m) {
  const n = line.length;
  return Array.from({ length: m }, (_, i) => {
    if (m === n) return line[i];
    if (m < n) {
      let sum = 0;
      for (let p = 0; p < n; p++) sum += line[p] * Math.max(0, Math.min(p + 1, ((i + 1) * n) / m) - Math.max(p, (i * n) / m));
      return sum / (n / m);
    }
    const p = ((i + 0.5) * n) / m - 0.5;
    const at = (/** @type {number} */ j) => line[Math.max(0, Math.min(n - 1, j))];
    const part = p - Math.floor(p);
    return at(Math.floor(p)) * (1 - part) + at(Math.floor(p) + 1) * part;
  });
}

test('every pair of sizes up to 40 follows the definition', () => {
  for (let n = 1; n <= 40; n++) {
    const line = Array.from({ length: n }, (_, i) => (i * 97 + n * 31) % 256);
    for (let m = 1; m <= 40; m++) {
      const { start, first, weights } = table(n, m);
      oracle(line, m).forEach((expected, i) => {
        let sum = 0;
        for (let j = first[i]; j < first[i + 1]; j++) sum += weights[j] * line[start[i] + j - first[i]];
        assert.ok(Math.abs(sum - expected) < 1e-9, `${n} to ${m}, ${i}`);
      });
    }
  }
});

test('RGBA and RGB give the same, and mirroring flips each row', () => {
  const size = 30;
  const rgb = Uint8Array.from({ length: size * size * 3 }, (_, i) => (i * 7919) % 256);
  const rgba = new Uint8ClampedArray(size * size * 4);
  for (let i = 0; i < size * size; i++) rgba.set([...rgb.subarray(i * 3, i * 3 + 3), 255], i * 4);
  const [a, b, flipped] = [0, 1, 2].map(() => new Uint8Array(14 * 14 * 3));
  const resampler = new Resampler();
  resampler.toBytes(rgb, size, 3, 14, a);
  resampler.toBytes(rgba, size, 4, 14, b);
  resampler.toBytes(rgba, size, 4, 14, flipped, true);
  assert.deepEqual(a, b);
  for (let y = 0; y < 14; y++) {
    for (let x = 0; x < 14; x++) {
      assert.deepEqual(flipped.slice((y * 14 + x) * 3, (y * 14 + x) * 3 + 3), a.slice((y * 14 + 13 - x) * 3, (y * 14 + 13 - x) * 3 + 3));
    }
  }
});

test('a square that is 224 already is left as it is', () => {
  const rgb = Uint8Array.from({ length: 224 * 224 * 3 }, (_, i) => (i * 31) % 256);
  const out = new Uint8Array(rgb.length);
  new Resampler().toBytes(rgb, 224, 3, 224, out);
  assert.deepEqual(out, rgb);
});

test('too few pixels are refused with both numbers', () => {
  assert.throws(() => new Resampler().toBytes(new Uint8Array(10), 4, 3, 2, new Uint8Array(12)), /10 numbers.*expected 48/);
});
