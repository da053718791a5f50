import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextColor, PALETTE } from '../../../static/js/store/palette.js';

/** Linear light. @type {(color: string) => any} */
const channels = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
const luminance = (/** @type {any} */ [r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);

/** Full dichromacy in linear light: Viénot, Brettel and Mollon 1999. */
const SIGHT = {
  'full colour': ([r, g, b]) => [r, g, b],
  protanopia: ([r, g, b]) => [0.11238 * r + 0.88762 * g, 0.11238 * r + 0.88762 * g, 0.00401 * r - 0.00401 * g + b],
  deuteranopia: ([r, g, b]) => [0.29275 * r + 0.70725 * g, 0.29275 * r + 0.70725 * g, -0.02234 * r + 0.02234 * g + b],
};

/** CIE L*a*b*, D65. */
function lab(/** @type {any} */ [r, g, b]) {
  const f = (t) => (t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 * t + 16) / 116);
  const [x, y, z] = [
    (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047,
    0.2126 * r + 0.7152 * g + 0.0722 * b,
    (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883,
  ].map(f);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

test('every colour shows on a white and on a near-black page', () => {
  for (const color of PALETTE) {
    const own = luminance(channels(color));
    assert.ok(contrast(own, 1) >= 3, `${color} on white: ${contrast(own, 1).toFixed(2)}`);
    assert.ok(contrast(own, luminance(channels('#16130f'))) >= 3, `${color} on near-black`);
  }
});

test('all colours are told apart with the common kinds of colour-blindness, the first six easily', () => {
  for (const [name, sight] of Object.entries(SIGHT)) {
    const seen = PALETTE.map((color) => lab(sight(channels(color))));
    seen.forEach((one, i) => seen.slice(0, i).forEach((other, j) => {
      const distance = Math.hypot(...one.map((value, axis) => value - other[axis]));
      assert.ok(distance >= (i < 6 ? 20 : 12), `${PALETTE[j]} and ${PALETTE[i]} with ${name}: ${distance.toFixed(1)}`);
    }));
  }
});

test('colours are given out in order, and the least used one again after the last', () => {
  const used = [];
  for (const expected of [...PALETTE, PALETTE[0]]) {
    assert.equal(nextColor(used), expected);
    used.push(nextColor(used));
  }
  assert.equal(nextColor(PALETTE.filter((color) => color !== PALETTE[3])), PALETTE[3]);
});
