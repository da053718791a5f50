import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ages } from '../../../static/js/control/latency.js';

test('before the first there is nothing to say', () => {
  const ages = new Ages();
  assert.deepEqual([ages.median(), ages.p95(), ages.count], [null, null, 0]);
  assert.ok(Number.isNaN(ages.last));
});

test('median and 95th percentile are those of the latest ones', () => {
  const ages = new Ages(100);
  for (let i = 0; i < 50; i++) ages.push(1e6); // forgotten below
  for (let i = 100; i >= 1; i--) ages.push(i);
  assert.deepEqual([ages.count, ages.last], [100, 1]);
  assert.equal(ages.median(), 50.5);
  assert.ok(Math.abs((ages.p95() ?? 0) - 95.05) < 1e-4);
  assert.equal(ages.quantile(0), 1);
});

test('few are told as they are, and what is no number is left out', () => {
  const ages = new Ages(10);
  for (const ms of [30, NaN, 10, Infinity]) ages.push(ms);
  assert.deepEqual([ages.count, ages.median(), ages.last], [2, 20, 10]);
  ages.clear();
  assert.equal(ages.median(), null);
});

test('a size that is none is refused', () => {
  assert.throws(() => new Ages(0), /at least 1, not 0/);
});
