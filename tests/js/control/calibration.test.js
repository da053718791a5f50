import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMIT, Round, plan } from '../../../static/js/control/calibration.js';
import { Decider } from '../../../static/js/control/decider.js';
import { seeded } from '../../../static/js/core/random.js';
import { wilson } from '../../../static/js/core/votes.js';
import { playRound } from './person.js';

const actions = ['left', 'right'];
const asked = ['left', 'right', null];

test('a plan asks for each action as often, never twice in a row', () => {
  for (let seed = 0; seed < 300; seed++) {
    const times = 1 + (seed % 5);
    const kinds = [...asked, 'up', 'go'].slice(0, 2 + (seed % 4));
    const prompts = plan(kinds, times, seeded(seed));
    assert.equal(prompts.length, kinds.length * times);
    for (const kind of kinds) assert.equal(prompts.filter((p) => p === kind).length, times);
    for (let i = 1; i < prompts.length; i++) assert.notEqual(prompts[i], prompts[i - 1], `seed ${seed}: ${prompts}`);
  }
});

test('plans differ by chance and agree by seed; a single action is asked for in a row', () => {
  assert.deepEqual(plan(asked, 3, seeded(1)), plan(asked, 3, seeded(1)));
  assert.ok(new Set(Array.from({ length: 50 }, (_, seed) => plan(asked, 3, seeded(seed)).join())).size > 40);
  const firsts = Array.from({ length: 600 }, (_, seed) => plan(asked, 3, seeded(seed))[0]);
  for (const kind of asked) assert.ok(Math.abs(firsts.filter((p) => p === kind).length - 200) < 60);
  assert.deepEqual(plan(['go'], 3, seeded(1)), ['go', 'go', 'go']);
  assert.deepEqual(plan([], 3, seeded(1)), []);
});

test('who does what is asked is right every time, in half a minute, and the times are told apart', () => {
  const { result, round, seconds } = playRound({ plan: plan(asked, 3, seeded(1)), actions });
  assert.deepEqual(result.confusion, [[3, 0, 0], [0, 3, 0], [0, 0, 3]]);
  assert.deepEqual([result.right, result.asked, result.accuracy, result.flickers], [9, 9, 1, 0]);
  assert.deepEqual(result.interval, wilson(9, 9));
  assert.deepEqual(result.perAction.map(({ action, asked: n, right }) => [action, n, right]), [['left', 3, 3], ['right', 3, 3], [null, 3, 3]]);
  assert.ok(seconds < 30, `${seconds}`);
  assert.ok(round.done && round.next(1e6) === null);
  // The person takes 300 ms, in whole pictures; the machine its delays and the age of a picture.
  const { total } = new Decider({ actions }).delays({ every: 1000 / 30 }).left;
  const near = (/** @type {number | null} */ a, /** @type {number} */ b, /** @type {string} */ of) => assert.ok(a !== null && Math.abs(a - b) < 40, `${of}: ${a}, ${b}`);
  near(result.reaction.median_ms, 300 + 17, 'reaction');
  near(result.machine.median_ms, total + 40, 'machine');
  near(result.total.median_ms, 300 + 17 + total + 40, 'total');
  assert.equal(result.median_ms, result.machine.median_ms);
  assert.ok((result.p95_ms ?? 0) >= (result.median_ms ?? 1e9));
  assert.ok(Math.abs((result.pictures ?? 0) - 30) < 0.1);
  assert.deepEqual(result.advice, []);
});

test('where no movement was seen the time counts from the prompt', () => {
  const { result } = playRound({ plan: plan(asked, 2, seeded(1)), actions, more: { onset: null } });
  assert.deepEqual(result.machine, { median_ms: null, p95_ms: null });
  assert.equal(result.median_ms, result.total.median_ms);
  assert.ok((result.median_ms ?? 0) > 300);
});

test('a movement that was told of counts before one that was found', () => {
  const round = new Round({ plan: ['left'], actions });
  round.next(1000);
  round.moved(1200);
  round.moved(1300); // the first is the beginning
  round.decide({ type: 'press', action: 'left', at: 1350, seenAt: 1330 });
  round.next(2000);
  assert.deepEqual([round.result().median_ms, round.result().reaction.median_ms, round.result().total.median_ms], [150, 200, 350]);
});

test('an action that is taken for another is an error, in its row and its column', () => {
  const { result } = playRound({ plan: plan(asked, 3, seeded(2)), actions, person: { strengths: (what, count) => (what === null ? [0, 0] : what === 'right' && count > 0 ? [1, 0] : [Number(what === 'left'), Number(what === 'right')]) } });
  const [left, right, none] = result.confusion;
  assert.deepEqual([left, none], [[3, 0, 0], [0, 0, 3]]);
  assert.deepEqual(right, [2, 1, 0]);
  assert.equal(result.right, 7);
  assert.deepEqual(result.interval, wilson(7, 9));
});

test('what is on from before, and stays, is the answer', () => {
  const round = new Round({ plan: ['left', 'right', null], actions });
  round.next(0);
  round.decide({ type: 'press', action: 'right', at: 400, seenAt: 380 });
  round.next(1000); // right is asked for, and on already: nothing new is decided
  assert.equal(round.due(1000 + LIMIT - 1), false);
  assert.equal(round.due(1000 + LIMIT), true);
  round.next(1000 + LIMIT);
  assert.equal(round.due(1000 + 2 * LIMIT), true); // still on, though nothing is asked for
  assert.equal(round.next(1000 + 2 * LIMIT), null);
  assert.deepEqual(round.result().answers.map(({ answered }) => answered), ['right', 'right', 'right']);
  assert.deepEqual(round.result().perAction[1].median_ms, null);
});

test('a picture from before the prompt does not answer it', () => {
  const round = new Round({ plan: ['left', 'right'], actions });
  round.next(1000);
  round.decide({ type: 'press', action: 'left', at: 1040, seenAt: 990 });
  assert.equal(round.due(1900), false);
  round.decide({ type: 'release', action: 'left', at: 1400, seenAt: 1380 });
  round.decide({ type: 'press', action: 'right', at: 1500, seenAt: 1480 });
  round.next(2200);
  assert.deepEqual(round.result().answers.map(({ answered, decidedAt }) => [answered, decidedAt]), [['right', 1500]]);
});

test('nothing is answered by letting go, and told how fast', () => {
  const round = new Round({ plan: ['left', null], actions });
  round.next(0);
  round.decide({ type: 'press', action: 'left', at: 300, seenAt: 280 });
  assert.equal(round.due(880), false);
  assert.equal(round.due(900), true);
  round.next(900);
  assert.equal(round.due(2800), false); // it is still held
  round.decide({ type: 'release', action: 'left', at: 1300, seenAt: 1290 });
  assert.equal(round.due(2299), false);
  assert.equal(round.due(2300), true);
  round.next(2300);
  const { perAction, accuracy, median_ms } = round.result();
  assert.equal(accuracy, 1);
  assert.deepEqual(perAction.at(-1), { action: null, asked: 1, right: 1, median_ms: 400, p95_ms: 400 });
  assert.equal(median_ms, 300); // of actions only
});

test('what comes and goes while it is shown is counted', () => {
  const round = new Round({ plan: ['left'], actions });
  round.next(0);
  for (const [type, at] of /** @type {const} */ ([['press', 300], ['release', 400], ['press', 500], ['release', 600]])) round.decide({ type, action: 'left', at, seenAt: at });
  round.decide({ type: 'repeat', action: 'left', at: 610, seenAt: 610 });
  round.next(900);
  assert.deepEqual([round.result().flickers, round.result().accuracy], [2, 1]);
});

test('before the first prompt has ended there is no accuracy', () => {
  const round = new Round({ plan: ['left'], actions });
  assert.deepEqual([round.due(0), round.shown], [true, 0]);
  round.next(0);
  assert.equal(round.shown, 1);
  const { accuracy, interval, median_ms, advice, pictures } = round.result();
  assert.deepEqual([accuracy, interval, median_ms, advice, pictures], [null, [0, 1], null, [], null]);
});

test('the pictures of a round are kept, however many', () => {
  const { round } = playRound({ plan: plan(asked, 6, seeded(1)), actions, person: { fps: 60 } });
  const { at, heard, strengths, answers } = round.samples;
  assert.ok(at.length > 600);
  assert.deepEqual([heard.length, strengths.length, answers.length], [at.length, 2 * at.length, 18]);
  for (let i = 1; i < at.length; i++) assert.ok(at[i] > at[i - 1] && Math.abs(heard[i] - at[i] - 40) < 1e-6);
});
