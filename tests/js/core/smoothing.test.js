import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Smoother } from '../../../static/js/core/smoothing.js';

const near = (/** @type {number} */ a, /** @type {number} */ b) => assert.ok(Math.abs(a - b) < 1e-6, `${a}, ${b}`);

test('the first values are shown as they are', () => {
  assert.deepEqual([...new Smoother(200).push(Float32Array.of(0.25, 0.75), 5)], [0.25, 0.75]);
});

test('after the time constant 63 % of a jump is shown, at any frame rate', () => {
  for (const frames of [1, 4, 50]) {
    const smoother = new Smoother(200);
    smoother.push(Float32Array.of(0), 0);
    let shown = 0;
    for (let i = 1; i <= frames; i++) [shown] = smoother.push(Float32Array.of(1), (200 * i) / frames);
    near(shown, 1 - Math.exp(-1));
  }
});

test('a steady slope is followed later by the delay that is named', () => {
  const smoother = new Smoother(150);
  let shown = 0;
  for (let t = 0; t <= 5000; t++) [shown] = smoother.push(Float32Array.of(t), t);
  assert.ok(Math.abs(5000 - shown - smoother.delayMs) < 1, `${5000 - shown}`);
});

test('0 milliseconds switches it off, and the buffer stays the same', () => {
  const smoother = new Smoother(0);
  const first = smoother.push(Float32Array.of(0.1), 0);
  assert.equal(smoother.push(Float32Array.of(0.5), 1), first);
  assert.equal(first[0], 0.5);
});

test('another number of values, or a reset, starts anew', () => {
  const smoother = new Smoother(1000);
  smoother.push(Float32Array.of(1, 0), 0);
  assert.deepEqual([...smoother.push(Float32Array.of(0, 0, 1), 1)], [0, 0, 1]);
  smoother.reset();
  assert.deepEqual([...smoother.push(Float32Array.of(1, 0, 0), 2)], [1, 0, 0]);
});

test('a clock that runs backwards changes nothing', () => {
  const smoother = new Smoother(100);
  smoother.push(Float32Array.of(0.5), 100);
  assert.equal(smoother.push(Float32Array.of(1), 50)[0], 0.5);
});
