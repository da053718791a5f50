import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Round, plan } from '../../../static/js/control/calibration.js';
import { seeded } from '../../../static/js/core/random.js';
import { playRound } from './person.js';

const actions = ['left', 'right'];
const classes = [
  { id: 'l', label: 'tilt left', action: 'left', count: 30 },
  { id: 'r', label: 'tilt right', action: 'right', count: 4 },
  { id: 'n', label: 'nothing', action: null, count: 30 },
];

/** What a round with such a person leads to. @param {import('./person.js').Person} person @param {object} [more] @param {object} [control] */
function advice(person, more = {}, control = {}) {
  return playRound({ plan: plan([...actions, null], 3, seeded(1)), actions, person, control, more: { classes, ...more } }).result.advice;
}
const kinds = (/** @type {{kind: string}[]} */ list) => list.map(({ kind }) => kind);

test('who is understood at once gets no advice', () => {
  assert.deepEqual(advice({}), []);
});

test('two actions that look alike are named, with what to do', () => {
  const [first, ...rest] = advice({ strengths: (asked, count) => (asked === null ? [0, 0] : asked === 'left' || count > 0 ? [1, 0] : [0, 1]) });
  assert.equal(first.kind, 'alike');
  assert.equal(first.text, 'Left and Right look alike: one was taken for the other 2 of 6 times. Make them more different, and record both further out.');
  assert.deepEqual([first.actions, first.classIds], [['left', 'right'], ['l', 'r']]);
  assert.deepEqual(rest, []);
});

test('where nothing is taken for an action, more of nothing is asked for', () => {
  const restless = { strengths: (/** @type {string | null} */ asked) => (asked === 'left' ? [1, 0] : [0, 1]) };
  const [first] = advice(restless);
  assert.equal(first.kind, 'restless');
  assert.match(first.text, /^Doing nothing was taken for Right \d of 3 times\. Record more of nothing: walk about, hands down, look away\.$/);
  assert.deepEqual(first.classIds, ['n', 'r']); // what to record more of comes first
  assert.match(advice(restless, { classes: classes.slice(0, 2) })[0].text, /Teach one more class that means nothing/);
});

test('an action that is seen too weakly gets a threshold that it reaches', () => {
  const [first] = advice({ noise: 0, strengths: (asked) => (asked === 'left' ? [0.45, 0] : [0, Number(asked === 'right')]) });
  assert.equal(first.kind, 'missed');
  assert.equal(first.text, 'Left was seen too weakly 3 of 3 times: 45 %, and it counts from 60 %. Record more of it, or let it count from 38 %.');
  assert.deepEqual(first.control, { thresholds: { left: { on: 0.38, off: 0.19 } } });
  const again = advice({ noise: 0, strengths: (asked) => (asked === 'left' ? [0.45, 0] : [0, Number(asked === 'right')]) }, {}, first.control);
  assert.deepEqual(again, []);
});

test('an action that was strong and still missed has no threshold to blame', () => {
  const { result } = playRound({ plan: ['left'], actions, person: { reaction: 1500 }, control: { hold_ms: 2000 } });
  const missed = result.advice.find(({ kind }) => kind === 'missed');
  assert.equal(missed?.text, 'Left was not recognised 1 of 1 times. Record more of it, from where you play.');
  assert.equal(missed?.control, undefined);
});

test('an action that is not seen at all, of few pictures, is said to have few', () => {
  const [first] = advice({ strengths: (asked) => [Number(asked === 'left'), 0] });
  assert.equal(first.text, 'Right was not recognised 3 of 3 times. “tilt right” has only 4 pictures. Record more of it, from where you play.');
  assert.deepEqual([first.actions, first.classIds, first.control], [['right'], ['r'], undefined]);
  const [other] = advice({ strengths: (asked) => [0, Number(asked === 'right')] });
  assert.equal(other.text, 'Left was not recognised 3 of 3 times. Record more of it, from where you play.');
});

test('an action without a class is named once', () => {
  const list = advice({ strengths: (asked) => [Number(asked === 'left'), 0] }, { classes: [classes[0], classes[2]] });
  assert.deepEqual(kinds(list), ['unbound']);
  assert.equal(list[0].text, 'No class means Right. Choose one for it, or teach it.');
});

test('actions that come and go are calmed by more smoothing, which helps', () => {
  const person = { odd: 0.25, noise: 0.2 };
  const hasty = { smoothing_ms: 0, hold_ms: 0 };
  const list = advice(person, {}, hasty);
  const jittery = list.find(({ kind }) => kind === 'jittery');
  assert.match(jittery?.text ?? '', /^Actions came and went \d+ times while you held still\. More smoothing calms them: 60 ms\.$/);
  assert.deepEqual(jittery?.control, { smoothing_ms: 60 });
  const flickers = (/** @type {object} */ control) => playRound({ plan: plan([...actions, null], 3, seeded(1)), actions, person, control }).result.flickers;
  assert.ok(flickers({ ...hasty, ...jittery?.control }) < flickers(hasty));
});

test('values that cost much time are named with what they cost, and smaller ones', () => {
  const [first] = advice({}, {}, { smoothing_ms: 300, hold_ms: 200 });
  assert.equal(first.kind, 'slow');
  assert.equal(first.text, 'Smoothing and hold cost 475 ms of every action. Smaller values make it quicker: 60 ms and 30 ms.');
  assert.deepEqual(first.control, { smoothing_ms: 60, hold_ms: 30 });
});

test('where actions come and go, smaller values are not called for', () => {
  for (const [releases, expected] of /** @type {[number, string[]][]} */ ([[0, ['slow']], [1, []]])) {
    const round = new Round({ plan: ['left'], actions, control: { smoothing_ms: 300, hold_ms: 200 } });
    round.next(0);
    for (let i = 0; i <= releases; i++) {
      if (i) round.decide({ type: 'release', action: 'left', at: 400, seenAt: 400 });
      round.decide({ type: 'press', action: 'left', at: 300 + 200 * i, seenAt: 300 + 200 * i });
    }
    round.next(900);
    assert.deepEqual(kinds(round.result().advice), expected);
  }
});

test('few pictures a second are said to be what takes time', () => {
  const list = advice({ fps: 8 });
  assert.deepEqual(kinds(list), ['pictures']);
  assert.match(list[0].text, /^Only 8 pictures a second/);
});

test('actions go by the titles of the game', () => {
  const list = advice({ strengths: (asked) => [Number(asked === 'left'), 0] }, { titles: { right: 'Jump' }, classes: [] });
  assert.match(list[0].text, /^Jump was not recognised 3 of 3 times\. Record/);
});

test('bins have names of their own', () => {
  const bins = ['bin1', 'bin2'];
  const { result } = playRound({ plan: plan(bins, 3, seeded(1)), actions: bins, person: { strengths: () => [1, 0] } });
  assert.match(result.advice[0].text, /^Bin 1 and Bin 2 look alike: one was taken for the other 3 of 6 times/);
});
