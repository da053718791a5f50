import assert from 'node:assert/strict';
import { test } from 'node:test';
import { below, hashSeed, seeded, shuffled } from '../../../static/js/core/random.js';

test('a seed gives these numbers for ever', () => {
  const random = seeded(1);
  assert.deepEqual([random(), random(), random()], [0.3721340096089989, 0.6961970054544508, 0.9407893836032599]);
  assert.equal(hashSeed('snake'), 1696146837);
});

test('a number and its digits are the same seed, and neighbours are not', () => {
  assert.equal(seeded(7)(), seeded('7')());
  const first = Array.from({ length: 1000 }, (_, i) => seeded(i)());
  assert.equal(new Set(first).size, 1000);
});

test('the numbers are even: in sixteen boxes, one after another, and over seeds', () => {
  const random = seeded('even');
  const draws = { 'one source': random, 'the first of many seeds': ((seed) => () => seeded(seed++)())(0) };
  for (const [name, draw] of Object.entries(draws)) {
    const boxes = new Array(16).fill(0);
    let sum = 0;
    let product = 0;
    let last = draw();
    const n = 16000;
    for (let i = 0; i < n; i++) {
      const value = draw();
      assert.ok(value >= 0 && value < 1);
      boxes[Math.floor(value * 16)]++;
      sum += value;
      product += (value - 0.5) * (last - 0.5);
      last = value;
    }
    const chiSquared = boxes.reduce((all, count) => all + (count - n / 16) ** 2 / (n / 16), 0);
    assert.ok(chiSquared < 37.7, `${name}: ${chiSquared}`); // 0.999 quantile of 15 degrees of freedom
    assert.ok(Math.abs(sum / n - 0.5) < 0.01, `${name}: ${sum / n}`);
    assert.ok(Math.abs((12 * product) / n) < 0.03, `${name}: ${(12 * product) / n}`);
  }
});

test('whole numbers and orders come as often as each other', () => {
  const random = seeded(3);
  const counts = [0, 0, 0];
  /** @type {Record<string, number>} */
  const orders = {};
  for (let i = 0; i < 6000; i++) {
    counts[below(random, 3)]++;
    const order = shuffled(['a', 'b', 'c'], random).join('');
    orders[order] = (orders[order] ?? 0) + 1;
  }
  for (const count of counts) assert.ok(Math.abs(count - 2000) < 150, `${counts}`);
  assert.equal(Object.keys(orders).length, 6);
  for (const count of Object.values(orders)) assert.ok(Math.abs(count - 1000) < 150, JSON.stringify(orders));
});

test('shuffling leaves the list as it was', () => {
  const list = Object.freeze([1, 2, 3, 4]);
  assert.deepEqual(shuffled(list, seeded(1)).sort(), [...list]);
});
