import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measure } from '../../../static/js/core/quality.js';

const SIZE = 64;

/** @param {(x: number, y: number) => number} shade */
function grey(shade) {
  const rgb = new Uint8Array(SIZE * SIZE * 3);
  for (let y = 0; y < SIZE; y++) for (let x = 0; x < SIZE; x++) rgb.fill(shade(x, y), (y * SIZE + x) * 3, (y * SIZE + x) * 3 + 3);
  return rgb;
}
const stripes = (/** @type {number} */ width) => (/** @type {number} */ x) => (Math.floor(x / width) % 2 ? 200 : 50);

test('a flat picture has no sharpness and no contrast', () => {
  const { sharpness, brightness, contrast } = measure(grey(() => 51), SIZE);
  assert.equal(sharpness, 0);
  assert.ok(contrast < 1e-3);
  assert.ok(Math.abs(brightness - 0.2) < 1e-3);
});

test('brightness is the luma: green counts more than blue', () => {
  const rgb = new Uint8Array(SIZE * SIZE * 3);
  for (let i = 1; i < rgb.length; i += 3) rgb[i] = 255;
  assert.ok(Math.abs(measure(rgb, SIZE).brightness - 0.587) < 1e-3);
});

test('edges are sharper than the same edges blurred, whatever the exposure', () => {
  const blurred = (/** @type {number} */ x) => 125 + 75 * Math.sin((Math.PI * (x + 0.5)) / 8);
  const sharp = measure(grey(stripes(8)), SIZE).sharpness;
  assert.ok(sharp > 3 * measure(grey(blurred), SIZE).sharpness);
  const dim = measure(grey((x) => stripes(8)(x) / 2), SIZE).sharpness;
  assert.ok(Math.abs(dim - sharp) < 0.1 * sharp, `${dim}, ${sharp}`);
});

test('the scale ends at 1', () => {
  assert.equal(measure(grey((x, y) => ((x + y) % 2) * 255), SIZE).sharpness, 1);
});
