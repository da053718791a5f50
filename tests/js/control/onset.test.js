import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Onset } from '../../../static/js/control/onset.js';
import { seeded } from '../../../static/js/core/random.js';

/** A resting picture with some noise. @param {() => number} random @param {number} noise */
const rest = (random, noise) => [0.05 + noise * random(), 0.03 + noise * random(), 0.92 - noise * random()];

test('a movement begins with its first picture, also when it is seen by the next', () => {
  const random = seeded(1);
  const onset = new Onset();
  for (let i = -10; i < 0; i++) onset.push(rest(random, 0.05), i * 33);
  onset.again();
  for (let i = 0; i < 5; i++) assert.equal(onset.push(rest(random, 0.05), i * 33), null);
  assert.equal(onset.push([0.4, 0.1, 0.5], 200), null);
  assert.equal(onset.likely, 200);
  assert.equal(onset.push([0.9, 0.05, 0.05], 233), 200);
  assert.equal(onset.push(rest(random, 0.05), 266), 200);
});

test('one odd picture is no movement', () => {
  const onset = new Onset();
  onset.push([0, 1], 0);
  onset.again();
  assert.equal(onset.push([1, 0], 10), null);
  assert.equal(onset.push([0, 1], 20), null);
  assert.equal(onset.likely, null);
  assert.equal(onset.push([1, 0], 30), null);
  assert.equal(onset.push([1, 0], 40), 30);
});

test('where rest is restless, a movement must be larger', () => {
  const random = seeded(2);
  const onset = new Onset();
  for (let i = -20; i < 0; i++) onset.push(rest(random, 0.5), i * 10);
  onset.again();
  for (let i = 0; i < 40; i++) assert.equal(onset.push(rest(random, 0.5), i), null);
});

test('the embedding of a network will do', () => {
  const random = seeded(3);
  const unit = (/** @type {number[]} */ vector) => vector.map((x) => x / Math.hypot(...vector));
  const look = (/** @type {number} */ at) => unit(Array.from({ length: 256 }, (_, i) => (i < 128 === (at < 0.5) ? 1 : 0.2) + 0.1 * random()));
  const onset = new Onset();
  for (let i = -8; i < 0; i++) onset.push(look(0), i);
  onset.again();
  for (let i = 0; i < 8; i++) assert.equal(onset.push(look(0), i), null);
  onset.push(look(1), 8);
  assert.equal(onset.push(look(1), 9), 8);
});

test('what was seen last is rest for the next wait, not what was seen before', () => {
  const onset = new Onset();
  for (let at = 0; at < 500; at += 33) onset.push([0, 1], at);
  onset.again();
  for (let at = 500; at < 1100; at += 33) onset.push([1, 0], at);
  assert.equal(onset.movedAt, 500);
  onset.again();
  assert.equal(onset.push([1, 0], 1110), null);
  for (const at of [1200, 1233]) onset.push([0, 1], at);
  assert.equal(onset.movedAt, 1200);
});

test('before anything was seen, the first picture is rest; a vector of another length starts anew', () => {
  const onset = new Onset();
  onset.again();
  assert.equal(onset.push([1, 0], 1), null);
  assert.equal(onset.push([1, 0], 2), null);
  assert.equal(onset.push([1, 0, 0], 3), null);
  assert.equal(onset.push([0, 0, 1], 4), null);
  assert.equal(onset.push([0, 0, 1], 5), 4);
});
