import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areNumbers, areScale, numberOf } from '../../../static/js/core/numbers.js';
import { classOfNumber } from '../../../static/js/pages/numbers.js';

test('labels are read as the regression in Python reads them', () => {
  const read = ['0', ' 12 ', '-3.5', '0,5', '1e2', '.5', '7.'].map(numberOf);
  assert.deepEqual(read, [0, 12, -3.5, 0.5, 100, 0.5, 7]);
  for (const label of ['', 'cup', '1 2', '0x10', 'Infinity', '1e999', 'Class 1']) assert.equal(numberOf(label), null, label);
});

test('classes are about numbers only if all are', () => {
  assert.equal(areNumbers(['0', '100']), true);
  assert.equal(areNumbers(['0', 'cup']), false);
  assert.equal(areNumbers([]), false);
});

test('hand signs from 0 to 9 are no scale', () => {
  assert.equal(areScale(['0', '1', '9']), false);
  assert.equal(areScale(['0', '10']), true);
  assert.equal(areScale(['0', '0.5', '1']), true);
  assert.equal(areScale(['cup', '10']), false);
});

/** @param {[string, number][]} list labels and how many pictures each has */
function project(list) {
  const classes = list.map(([label, n], i) => ({ id: `c${i}`, label, n }));
  return {
    classes,
    samplesOf: (/** @type {string} */ id) => Array(classes.find((c) => c.id === id)?.n ?? 0).fill({}),
    addClass: (/** @type {string} */ label) => classes[classes.push({ id: `c${classes.length}`, label, n: 0 }) - 1],
    deleteClass: (/** @type {string} */ id) => classes.splice(classes.findIndex((c) => c.id === id), 1),
  };
}

test('the first number takes the place of the empty classes that a project begins with', () => {
  const session = project([['Class 1', 0], ['Class 2', 0]]);
  const id = classOfNumber(session, 50);
  assert.deepEqual(session.classes.map((c) => c.label), ['50']);
  assert.equal(classOfNumber(session, 50), id);
});

test('a number that is written otherwise is found, and classes with pictures stay', () => {
  const session = project([['0,5', 3], ['cup', 2]]);
  assert.equal(classOfNumber(session, 0.5), 'c0');
  classOfNumber(session, 1);
  assert.deepEqual(session.classes.map((c) => c.label), ['0,5', 'cup', '1']);
});
