import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strengths } from '../../../static/js/control/strengths.js';

const classes = ['a', 'b', 'c', 'd'];
const actions = ['left', 'right'];
const map = { a: 'left', b: 'right', c: 'left', d: null };
const of = (/** @type {any} */ result, out = new Float32Array(2)) => [...strengths(result, classes, map, actions, out)].map((x) => Math.round(100 * x) / 100);

test('the classes of an action add up; what is bound to nothing counts for none', () => {
  assert.deepEqual(of({ shown: [0.25, 0.125, 0.5, 0.125] }), [0.75, 0.13]);
  assert.deepEqual(of({ shown: [0.7, 0, 0.5, 0] }), [1, 0]); // rounding, not more than all
});

test('no answer, an unknown picture, a number, and an answer about other classes say nothing', () => {
  const shown = [1, 0, 0, 0];
  const out = Float32Array.of(0.5, 0.5);
  for (const result of [null, { shown, unknown: true }, { shown, value: 3 }, { shown: [1, 0] }]) assert.deepEqual(of(result, out), [0, 0]);
  assert.deepEqual(of({ shown, unknown: false, value: null }, out), [1, 0]);
});

test('classes bound to actions of another scheme, or not at all, count for none', () => {
  assert.deepEqual([...strengths({ shown: [0.5, 0.25, 0.25, 0] }, classes, { a: 'up', b: 'right' }, actions, new Float32Array(2))], [0, 0.25]);
});

test('the numbers are written where they are wanted', () => {
  const out = new Float32Array(2);
  assert.equal(strengths({ shown: [0, 1, 0, 0] }, classes, map, actions, out), out);
  assert.deepEqual([...out], [0, 1]);
});
