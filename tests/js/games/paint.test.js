import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mix, noise, smooth, spring } from '../../../static/js/games/paint.js';

test('colours are mixed by their share, and what is no colour counts as grey', () => {
  assert.equal(mix('#000000', '#ffffff', 0), '#000000');
  assert.equal(mix('#000000', '#ffffff', 1), '#ffffff');
  assert.equal(mix('#0010ff', '#ff3001', 0.5), '#802080');
  assert.equal(mix('nonsense', '#808080', 0.5), '#808080');
});

test('easing begins at 0, ends at 1 and stays there; a spring overshoots a little', () => {
  let before = 0;
  for (let t = 0; t <= 1; t += 0.05) {
    assert.ok(smooth(t) >= before);
    before = smooth(t);
  }
  for (const ease of [smooth, spring]) assert.deepEqual([ease(-1), ease(0), ease(1), ease(7)].map((x) => Math.round(x * 1e9) / 1e9 + 0), [0, 0, 1, 1]);
  const highest = Math.max(...Array.from({ length: 101 }, (_, i) => spring(i / 100)));
  assert.ok(highest > 1.05 && highest < 1.15, String(highest));
});

test('noise is the same for the same number, and spread over 0 to 1', () => {
  const counts = new Array(10).fill(0);
  for (let i = 0; i < 5000; i++) {
    assert.equal(noise(i), noise(i));
    counts[Math.floor(noise(i) * 10)] += 1;
  }
  assert.ok(Math.min(...counts) > 400 && Math.max(...counts) < 600, String(counts));
});
