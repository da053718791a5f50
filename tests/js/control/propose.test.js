import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plan, propose, rehearse } from '../../../static/js/control/calibration.js';
import { Decider } from '../../../static/js/control/decider.js';
import { seeded } from '../../../static/js/core/random.js';
import { playRound } from './person.js';

const actions = ['left', 'right'];
const prompts = plan([...actions, null], 3, seeded(4));
const play = (/** @type {import('./person.js').Person} */ person, control = {}, seed = 1) => playRound({ plan: prompts, actions, person, control, seed });

test('a rehearsal with the values that were used gives what happened', () => {
  for (const control of [{}, { smoothing_ms: 200, hold_ms: 100 }, { smoothing_ms: 0, hold_ms: 0 }]) {
    for (const person of [{}, { odd: 0.1, noise: 0.3 }, { strengths: (/** @type {string | null} */ asked) => (asked === 'left' ? [0.5, 0] : [0.2, 0.8]) }]) {
      const { round, result } = play(person, control);
      const again = rehearse(round.samples, control);
      assert.deepEqual([again.right, again.asked, again.flickers], [result.right, result.asked, result.flickers]);
      const timed = result.answers.filter(({ asked, answered, decidedAt }) => asked !== null && asked === answered && decidedAt !== null);
      const mean = timed.reduce((sum, { at, movedAt, decidedAt }) => sum + (decidedAt ?? 0) - (movedAt ?? at), 0) / Math.max(1, timed.length);
      assert.ok(Math.abs(again.delay_ms - mean) < 1e-6, `${again.delay_ms} ${mean}`);
    }
  }
});

test('slow values on clear answers are made faster, and it is so in the next round', () => {
  const slow = { smoothing_ms: 250, hold_ms: 150 };
  const { round, result } = play({}, slow);
  const { control, before, after, better, gain } = propose(round.samples, slow);
  assert.equal(gain, 'faster');
  assert.equal(better, true);
  assert.deepEqual([before.right, after.right], [9, 9]);
  const { total } = new Decider({ actions, ...control }).delays().left;
  assert.ok(total < 120, `${total}`);
  const next = play({}, control, 2).result;
  assert.equal(next.accuracy, 1);
  assert.equal(next.flickers, 0);
  assert.ok((next.machine.median_ms ?? 1e9) < (result.machine.median_ms ?? 0) - 150);
});

test('nervous values on restless answers are calmed, and it is so in the next round', () => {
  const nervous = { smoothing_ms: 0, hold_ms: 0 };
  const person = { odd: 0.12, noise: 0.25 };
  const { round, result } = play(person, nervous);
  assert.ok(result.right < 9 || result.flickers > 2);
  const { control, before, after, better, gain } = propose(round.samples, nervous);
  assert.equal(better, true);
  assert.equal(gain, after.right > before.right ? 'right' : 'calmer');
  assert.ok(after.right > before.right || after.flickers < before.flickers);
  const total = { right: 0, flickers: 0 };
  const was = { right: 0, flickers: 0 };
  for (let seed = 10; seed < 20; seed++) {
    for (const [sum, values] of /** @type {const} */ ([[total, control], [was, nervous]])) {
      const { result: one } = play(person, values, seed);
      sum.right += one.right;
      sum.flickers += one.flickers;
    }
  }
  assert.ok(total.right > was.right && total.flickers < was.flickers / 4, JSON.stringify({ total, was }));
});

test('an action that is seen weakly gets a threshold of its own', () => {
  const person = { strengths: (/** @type {string | null} */ asked) => (asked === 'left' ? [0.52, 0.1] : asked === 'right' ? [0, 0.97] : [0.15, 0.5]) };
  const { round, result } = play(person, {});
  assert.equal(result.perAction[0].right, 0);
  const { control, after, better, gain } = propose(round.samples, {});
  assert.equal(gain, 'right');
  assert.equal(better, true);
  assert.equal(after.right, 9);
  assert.ok((control.thresholds.left.on ?? 1) <= 0.5 && (control.thresholds.right.on ?? 0) > 0.5, JSON.stringify(control.thresholds));
});

test('a single action gets no threshold of its own for a small gain', () => {
  const strengths = (/** @type {string | null} */ asked) => (asked === 'left' ? [0.62, 0.1] : asked === 'right' ? [0.05, 0.8] : [0.2, 0.15]);
  for (let seed = 0; seed < 3; seed++) {
    const { round } = playRound({ plan: plan([...actions, null], 4, seeded(seed)), actions, person: { noise: 0.1, odd: 0.02, strengths }, seed });
    const { control } = propose(round.samples, {});
    assert.deepEqual(control.thresholds.left, control.thresholds.right);
  }
});

test('what is good already is left alone', () => {
  const { round } = play({}, {});
  const first = propose(round.samples, {});
  const { round: again } = play({}, first.control);
  const second = propose(again.samples, first.control);
  assert.deepEqual([second.better, second.gain], [false, null]);
  assert.deepEqual(second.control, first.control);
  assert.deepEqual(second.before, second.after);
});

test('nervous values that were lucky in this round are calmed all the same', () => {
  const nervous = { smoothing_ms: 0, hold_ms: 0 };
  const { round, result } = play({}, nervous);
  assert.deepEqual([result.right, result.flickers], [9, 0]);
  const { control, better, gain } = propose(round.samples, nervous);
  assert.equal(gain, 'steadier');
  assert.ok(better && (control.smoothing_ms > 0 || control.hold_ms > 0));
  const unrest = (/** @type {object} */ values) => play({ odd: 0.04 }, values, 3).result.flickers;
  assert.ok(unrest(control) < unrest(nervous) / 3, `${unrest(control)} ${unrest(nervous)}`);
});

test('the same round gives the same proposal, and what is not tried is kept', () => {
  const { round } = play({ odd: 0.1 }, { repeat_ms: 120, smoothing_ms: 400 });
  const one = propose(round.samples, { repeat_ms: 120, smoothing_ms: 400 });
  assert.deepEqual(propose(round.samples, { repeat_ms: 120, smoothing_ms: 400 }), one);
  assert.equal(one.control.repeat_ms, 120);
});

test('a round without pictures proposes nothing', () => {
  assert.equal(propose({ actions, at: new Float64Array(0), heard: new Float64Array(0), strengths: new Float32Array(0), answers: [] }, {}).better, false);
});
