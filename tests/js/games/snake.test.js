import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../../static/js/core/random.js';
import { COLUMNS, GARDENS, GROUND, ROWS, STEP_X, gardenOf } from '../../../static/js/games/snake/levels.js';
import { GAME, READY_TICKS, RISE_TICKS, SLOW_TICKS, START_LENGTH, blocked, bot, create, goalOf, grace, period, step } from '../../../static/js/games/snake/rules.js';
import { MUSIC, SOUNDS } from '../../../static/js/games/snake/sounds.js';
import { INSTRUMENTS } from '../../../static/js/outputs/instruments.js';

/** @typedef {import('../../../static/js/games/snake/rules.js').State} State */

const cell = (/** @type {number} */ x, /** @type {number} */ y) => y * COLUMNS + x;

/** @param {string[]} held @param {string[]} [pressed] */
const input = (held, pressed = []) => [{ held: new Set(held), pressed }];

/** A walk that has begun, without anything to catch but what the test puts there. @param {Partial<State>} [put] @returns {State} */
function walking(put = {}) {
  return { ...create({ random: seeded(1) }), phase: 'walk', fireflies: [], ...put };
}

/** Tick without a word until something is so. @param {State} state @param {() => boolean} isSo @param {number} [most] */
function until(state, isSo, most = 2000) {
  let ticks = 0;
  for (; !isSo(); ticks++) {
    assert.ok(ticks < most, `not so within ${most} ticks`);
    step(state, input([]), seeded(5));
  }
  return ticks;
}

/** Press and let go. @param {State} state @param {string} action */
function press(state, action) {
  step(state, input([action], [action]), seeded(5));
  step(state, input([]), seeded(5));
}

/**
 * Play with someone whose actions arrive some ticks after the thought.
 * @param {State} state @param {() => number} random @param {number} ticks @param {number} [delay]
 * @param {Set<string>} [heard] types of events
 */
function play(state, random, ticks, delay = 0, heard = new Set()) {
  const thoughts = Array(delay).fill(null);
  let last = null;
  for (let i = 0; i < ticks; i++) {
    thoughts.push(bot(state));
    const shown = thoughts.shift();
    step(state, input(shown ? [shown] : [], shown && shown !== last ? [shown] : []), random);
    for (const event of state.events) heard.add(event.type);
    last = shown;
  }
  return state;
}

test('the schemes have two and four actions', () => {
  assert.deepEqual(GAME.schemes.map(({ actions }) => actions.map(({ id }) => id)), [['left', 'right'], ['left', 'right', 'up', 'down']]);
});

test('in every garden each free cell can be reached and left again', () => {
  for (let level = 1; level <= GARDENS; level++) {
    const { kinds, next, start } = gardenOf(level);
    const seen = new Set([start]);
    for (const at of seen) {
      const ways = [0, 1, 2, 3].map((heading) => next[at * 4 + heading]).filter((to) => kinds[to] === GROUND);
      assert.ok(ways.length >= 2, `level ${level}: a dead end at ${at % COLUMNS}, ${Math.floor(at / COLUMNS)}`);
      for (const to of ways) seen.add(to);
    }
    assert.equal(seen.size, kinds.filter((kind) => kind === GROUND).length, `level ${level}`);
  }
});

test('gardens are the same from both sides, and the train has six free cells ahead', () => {
  for (let level = 1; level <= GARDENS; level++) {
    const { kinds, start } = gardenOf(level);
    for (let y = 0; y < ROWS; y++) for (let x = 0; x < COLUMNS; x++) assert.equal(kinds[cell(x, y)], kinds[cell(COLUMNS - 1 - x, y)]);
    for (let i = 1 - START_LENGTH; i <= 6; i++) assert.equal(kinds[start + i], GROUND);
  }
});

test('bots walk 1,000 ticks by seed', () => {
  const table = [];
  for (const [scheme, delay] of /** @type {[string, number][]} */ ([['two', 0], ['two', 12], ['four', 0]])) {
    for (let seed = 1; seed <= 5; seed++) {
      const random = seeded(seed);
      const { scores, level, caught, lives, over } = play(create({ random, scheme }), random, 1000, delay);
      table.push([scheme, delay, seed, scores[0], level, caught, lives, over]);
    }
  }
  // scheme, delay in ticks, seed; score, level, fireflies caught, lives, over
  assert.deepEqual(table, [
    ['two', 0, 1, 35, 1, 3, 3, false],
    ['two', 0, 2, 35, 1, 3, 3, false],
    ['two', 0, 3, 50, 1, 5, 3, false],
    ['two', 0, 4, 40, 1, 4, 3, false],
    ['two', 0, 5, 90, 1, 4, 3, false],
    ['two', 12, 1, 35, 1, 3, 3, false],
    ['two', 12, 2, 25, 1, 2, 3, false],
    ['two', 12, 3, 50, 1, 5, 3, false],
    ['two', 12, 4, 30, 1, 3, 3, false],
    ['two', 12, 5, 90, 1, 4, 3, false],
    ['four', 0, 1, 35, 1, 3, 3, false],
    ['four', 0, 2, 35, 1, 3, 3, false],
    ['four', 0, 3, 50, 1, 5, 3, false],
    ['four', 0, 4, 40, 1, 4, 3, false],
    ['four', 0, 5, 90, 1, 4, 3, false],
  ]);
});

test('bots reach the seventh garden without a bump, through a camera’s delay too', () => {
  for (const [scheme, delay] of /** @type {[string, number][]} */ ([['two', 0], ['four', 12]])) {
    const random = seeded(3);
    const { level, lives } = play(create({ random, scheme }), random, 12000, delay);
    assert.ok(level >= 7 && lives === 3, `${scheme}: level ${level}, ${lives} lives`);
  }
});

test('levels get faster and longer, and patience shorter, each down to a limit', () => {
  const at = (/** @type {number} */ level) => walking({ level });
  assert.deepEqual([1, 6, 11, 30].map((level) => period(at(level))), [18, 13, 8, 8]);
  assert.deepEqual([1, 6, 30].map((level) => grace(at(level))), [30, 20, 15]);
  assert.deepEqual([1, 6, 30].map(goalOf), [7, 12, 12]);
});

test('left and right turn the train as it sees it; four actions say where to', () => {
  for (const [scheme, actions, headings] of /** @type {[string, string[], number[]][]} */ ([
    ['two', ['left', 'left', 'right'], [3, 2, 3]],
    ['four', ['up', 'left', 'down'], [3, 2, 1]],
  ])) {
    const state = walking({ scheme });
    for (const [i, action] of actions.entries()) {
      press(state, action);
      until(state, () => state.queue.length === 0);
      assert.equal(state.heading, headings[i], `${scheme} ${action}`);
    }
  }
});

test('a second turn is kept for the cell after the next', () => {
  const state = walking();
  press(state, 'left');
  press(state, 'left');
  until(state, () => state.queue.length === 0);
  assert.equal(state.heading, 2);
  assert.deepEqual(state.body.slice(0, 3), [cell(5, 6), cell(6, 6), cell(6, 7)]);
});

test('what stays held turns once, even when it repeats', () => {
  const state = walking();
  for (let i = 0; i < 3 * period(state); i++) step(state, input(['left'], ['left']), seeded(5));
  assert.equal(state.heading, 3);
});

test('four actions do not turn the train into its own neck', () => {
  const state = walking({ scheme: 'four' });
  press(state, 'left');
  until(state, () => state.clock === 0);
  assert.equal(state.heading, 0);
});

test('a turn into the hedge waits for the next cell, and is dropped after two', () => {
  const state = walking({ level: 4, body: [cell(5, 3), cell(4, 3), cell(3, 3), cell(2, 3)] });
  press(state, 'right');
  until(state, () => state.clock === 0);
  assert.deepEqual([state.heading, state.queue], [0, [1]]);
  const beside = walking({ body: [cell(4, 1), cell(3, 1), cell(2, 1), cell(1, 1)] });
  press(beside, 'left');
  until(beside, () => beside.queue.length === 0);
  assert.deepEqual([beside.heading, beside.body[0]], [0, cell(7, 1)]);
});

test('before a bump the train stops short: a turn 200 ms late still saves it, one after the patience does not', () => {
  for (const level of [1, 5, 12]) {
    const state = walking({ level, body: [cell(18, 9), cell(17, 9), cell(16, 9), cell(15, 9)] });
    until(state, () => state.pause > 0);
    for (let i = 0; i < 12; i++) step(state, input([]), seeded(5));
    press(state, 'left');
    assert.deepEqual([state.phase, state.lives, state.heading], ['walk', 3, 3], `level ${level}`);
    const late = walking({ level, body: [cell(18, 9), cell(17, 9), cell(16, 9), cell(15, 9)] });
    until(late, () => late.pause > 0);
    assert.equal(until(late, () => late.phase === 'crash'), grace(late));
    assert.equal(late.lives, 2);
  }
});

test('after a bump the train lines up again with what was caught; after the third the game is over', () => {
  const state = walking({ caught: 3, scores: [30] });
  for (const lives of [2, 1, 0]) {
    until(state, () => state.phase === 'crash', 4000);
    assert.equal(state.lives, lives);
    if (lives) until(state, () => state.phase === 'walk');
    if (lives) assert.deepEqual([state.body.length, state.caught, state.scores[0]], [START_LENGTH, 3, 30]);
  }
  until(state, () => state.over);
  const end = structuredClone(state);
  step(state, input(['left'], ['left']), seeded(1));
  assert.deepEqual(state, { ...end, events: [] });
});

test('a firefly is ten points and one more lantern', () => {
  const state = walking({ fireflies: [cell(8, 7)] });
  until(state, () => state.caught === 1);
  assert.equal(state.scores[0], 10);
  until(state, () => state.body.length === START_LENGTH + 1, 2 * period(state));
});

test('a moonflower is worth the more the sooner it is caught, and closes', () => {
  const points = [540, 200, 30].map((ticks) => {
    const state = walking({ bonus: { kind: 'flower', cell: cell(7, 7), tick: 0, ticks } });
    until(state, () => state.scores[0] > 0);
    return state.scores[0];
  });
  assert.deepEqual(points, [50, 30, 20]);
  const missed = walking({ bonus: { kind: 'flower', cell: cell(3, 3), tick: 0, ticks: 20 } });
  assert.equal(until(missed, () => missed.bonus === null), 20);
});

test('a snail makes the train slow for seven seconds', () => {
  const state = walking({ bonus: { kind: 'snail', cell: cell(7, 7), tick: 0, ticks: 300 } });
  until(state, () => state.slow > 0);
  assert.equal(period(state), 29);
  state.heading = 0;
  state.body = [cell(2, 9), cell(1, 9)];
  assert.equal(SLOW_TICKS, 420);
  until(state, () => state.slow === 0);
  assert.equal(period(state), 18);
});

test('the last firefly lets the lanterns rise, and the next garden begins', () => {
  const state = walking({ caught: goalOf(1) - 1, fireflies: [cell(7, 7)] });
  until(state, () => state.phase === 'rise');
  assert.equal(state.scores[0], 10 + 5 * START_LENGTH);
  assert.equal(until(state, () => state.level === 2), RISE_TICKS);
  assert.deepEqual([state.phase, state.wait, state.caught, state.body.length], ['ready', READY_TICKS, 0, START_LENGTH]);
});

test('gates lead to the other side', () => {
  const state = walking({ level: 3, body: [cell(18, 7), cell(17, 7), cell(16, 7), cell(15, 7)] });
  until(state, () => state.body[0] === cell(0, 7));
  assert.equal(STEP_X[state.heading], 1);
});

test('in the first three gardens nothing to catch lies beside a hedge or near the head', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = seeded(seed);
    const state = create({ random, level: 1 + (seed % 3) });
    const { kinds, next } = gardenOf(state.level);
    for (const at of state.fireflies) {
      for (let heading = 0; heading < 4; heading++) assert.equal(kinds[next[at * 4 + heading]], GROUND);
      assert.ok(Math.abs((at % COLUMNS) - 6) + Math.abs(Math.floor(at / COLUMNS) - 7) >= 4);
    }
  }
});

test('under random hands the train is whole and free, scores never fall, and a copy goes on alike', () => {
  for (const [scheme, level] of /** @type {[string, number][]} */ ([['two', 1], ['four', 3], ['two', 6]])) {
    const random = seeded(`hands ${scheme}`);
    const hands = seeded('other');
    let state = create({ random, scheme, level });
    const { actions } = GAME.schemes.find(({ id }) => id === scheme) ?? GAME.schemes[0];
    for (let i = 0; i < 5000; i++) {
      const action = hands() < 0.08 ? actions[Math.floor(hands() * actions.length)].id : null;
      const { over, lives, caught, phase, grow, scores: [score], body: { length, 0: head } } = state;
      if (i % 500 === 250) {
        // The same numbers for both: what is plain data plays on alike.
        const copy = structuredClone(state);
        const seed = Math.floor(hands() * 1e6);
        step(state, input(action ? [action] : [], action ? [action] : []), seeded(seed));
        step(copy, input(action ? [action] : [], action ? [action] : []), seeded(seed));
        assert.deepEqual(copy, state);
      } else step(state, input(action ? [action] : [], action ? [action] : []), random);
      const { kinds } = gardenOf(state.level);
      assert.equal(new Set(state.body).size, state.body.length, 'no two lanterns in one cell');
      for (const at of state.body) assert.equal(kinds[at], GROUND, 'no lantern in a hedge');
      assert.ok(state.scores[0] >= score && state.lives <= lives);
      if (state.phase === 'walk' && phase === 'walk') {
        assert.equal(state.body.length + state.grow - length - grow, state.caught - caught, 'each firefly is one lantern');
        assert.ok(state.body[0] === head || state.body[1] === head, 'it walks from cell to cell');
      }
      for (const at of state.fireflies) assert.ok(kinds[at] === GROUND && !state.body.includes(at));
      if (over) state = create({ random, scheme, level });
    }
  }
});

test('a blocked cell is a hedge, a stone, a pond or a lantern that stays', () => {
  const ring = walking({ body: [cell(5, 5), cell(5, 6), cell(6, 6), cell(6, 5)], heading: 3 });
  assert.equal(blocked(ring, 0), false, 'the last lantern moves away');
  ring.grow = 1;
  assert.equal(blocked(ring, 0), true, 'while the train grows it stays');
  assert.equal(blocked(ring, 1), true);
});

test('all that happens has a sound that the instruments can play', () => {
  /** @type {Set<string>} */
  const heard = new Set(['brink', 'crash', 'over']);
  const random = seeded(2);
  play(create({ random }), random, 9000, 0, heard);
  for (const type of heard) assert.ok(SOUNDS[type], `no sound for ${type}`);
  assert.deepEqual(Object.keys(SOUNDS).filter((type) => !heard.has(type)), []);
  for (const note of [...Object.values(SOUNDS).flat(), ...MUSIC.bars.flat()]) {
    assert.ok(note.instrument in INSTRUMENTS && note.note >= 21 && note.note <= 108 && note.gain > 0 && note.gain <= 1 && note.at >= 0, JSON.stringify(note));
  }
  for (const bar of MUSIC.bars) assert.ok(bar.every((note) => note.at < 4));
});
