import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allText, between, choices, duration, epochsOf, leftText, notReady, shortDuration, size, stateText, stepOf, trainedTitle } from '../../../static/js/components/training_words.js';

/** @param {object} more @returns {any} a job */
const job = (more) => ({ id: 'j', kind: 'training', state: 'running', phase: 'fit', fraction: 0.5, seconds_left: 12, problem: null, children: [], ...more });

test('lengths of time are told as one would say them', () => {
  assert.deepEqual([0.02, 0.4, 1.2, 12, 89, 120, 7200].map(duration), ['0.1 seconds', '0.4 seconds', '1 second', '12 seconds', '89 seconds', '2 minutes', '2.0 hours']);
  assert.deepEqual([null, 0.31, 31, 600].map(shortDuration), ['–', '0.3 s', '31 s', '10 min']);
});

test('what is left is promised in round numbers, and only of what runs', () => {
  assert.equal(leftText(job({ seconds_left: 61 })), 'about 65 seconds left');
  assert.equal(leftText(job({ seconds_left: 0.4 })), 'nearly there');
  assert.equal(leftText(job({ seconds_left: null })), '');
  assert.equal(leftText(job({ state: 'done' })), '');
});

test('each state of a job has words, also before its first phase', () => {
  assert.equal(stateText(job({ state: 'queued', phase: null })), 'Waiting for its turn');
  assert.equal(stateText(job({ phase: null })), 'Getting ready');
  assert.equal(stateText(job({})), 'Learning');
  assert.equal(stateText(job({ state: 'failed', problem: { title: 'The disk is full' } })), 'The disk is full');
  assert.equal(stateText(job({ state: 'failed' })), 'It did not work');
  assert.deepEqual(['read', 'embed', 'fit', 'evaluate', 'convert', 'save', null].map((phase) => stepOf(job({ phase }))), [0, 1, 2, 3, 4, 4, -1]);
});

test('of several trainings it counts those that have ended, however they did', () => {
  const children = ['done', 'failed', 'cancelled', 'running', 'queued'].map((state) => job({ state }));
  assert.equal(allText(job({ kind: 'all', children })), '3 of 5 recipes done');
});

test('a range of one number is that number', () => {
  assert.equal(between([0.912, 0.989]), '91–99%');
  assert.equal(between([0.998, 1]), '100%');
  assert.equal(between(null), '');
});

test('only what was chosen otherwise than usual is named', () => {
  const recipe = /** @type {any} */ ({ options: [{ name: 'epochs', default: 50 }, { name: 'tune_rate', default: null }, { name: 'balance', default: true }] });
  assert.equal(choices({ epochs: 80, tune_rate: null, balance: false }, recipe), 'epochs 80, balance false');
  assert.equal(choices({ epochs: 50, tune_rate: 0.01, balance: true }, recipe), 'tune rate 0.01');
  assert.equal(choices(undefined, recipe), '');
});

test('sizes are decimal, and what is not known is a dash', () => {
  assert.deepEqual([0, 300, 128_000, 2_340_000, 24_900_000].map(size), ['–', '1 kB', '128 kB', '2.3 MB', '25 MB']);
});

test('it names what is missing before a training, the first thing first', () => {
  assert.equal(notReady(0, 0)?.title, 'Show it something first');
  assert.equal(notReady(1, 40)?.title, 'One more class');
  assert.equal(notReady(2, 2)?.title, 'A few more pictures');
  assert.equal(notReady(2, 20), null);
});

test('the newest metrics say how many epochs there will be', () => {
  const events = /** @type {any[]} */ ([{ kind: 'log' }, { kind: 'metrics', epoch: 1, epochs: 50 }, { kind: 'metrics', epoch: 2, epochs: 20 }, { kind: 'log' }]);
  assert.equal(epochsOf(events), 20);
  assert.equal(epochsOf([]), 0);
});

test('what was brought in is called by its own name, what was trained here by its recipe', () => {
  const recipes = /** @type {any} */ ([{ name: 'linear', title: 'Logistic regression', options: [] }]);
  assert.equal(trainedTitle({ recipe: 'linear', name: 'Heroes' }, recipes), 'Logistic regression');
  assert.equal(trainedTitle({ recipe: 'import', name: 'teachable-machine-model' }, recipes), 'teachable-machine-model');
  assert.equal(trainedTitle({ recipe: 'import', name: '' }, recipes), 'Brought in');
});
