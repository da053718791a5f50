import assert from 'node:assert/strict';
import { test } from 'node:test';
import { below, seeded } from '../../../static/js/core/random.js';
import { BALL, FACES, GAME, TO_WIN, ballSpeed, batWidth, bot, create, step } from '../../../static/js/games/pong/rules.js';
import { SOUNDS } from '../../../static/js/games/pong/sounds.js';

/** @typedef {import('../../../static/js/games/pong/rules.js').State} State */

const input = () => ({ held: new Set(/** @type {string[]} */ ([])), pressed: /** @type {string[]} */ ([]) });

/** Let an input hold an action from now on. @param {ReturnType<typeof input>} one @param {string|null} action */
function hold(one, action) {
  one.pressed.length = 0;
  if (action && !one.held.has(action)) one.pressed.push(action);
  one.held.clear();
  if (action) one.held.add(action);
}

/**
 * Let bots play.
 * @param {{seed: number|string, players?: number, scheme?: string, level?: number, ticks?: number, delay?: number, until?: (state: State) => boolean}} wish
 */
function played({ seed, players = 1, scheme = 'two', level = 1, ticks = 1000, delay = 0, until = () => false }) {
  const random = seeded(seed);
  const state = create({ random, players, scheme, level });
  const inputs = Array.from({ length: players }, input);
  /** @type {(string|null)[][]} */
  const waiting = inputs.map(() => []);
  /** @type {Set<string>} */
  const heard = new Set();
  for (let tick = 0; tick < ticks && !until(state); tick++) {
    inputs.forEach((one, player) => {
      waiting[player].push(bot(state, player));
      hold(one, waiting[player].length > delay ? (waiting[player].shift() ?? null) : null);
    });
    step(state, inputs, random);
    for (const { type } of state.events) heard.add(type);
  }
  return { state, heard };
}

// players, scheme, seed, then after 1,000 steps: scores, points, level, longest rally, the ball's place
/** @type {[number, string, number, number[], number[], number, number, number][]} */
const RESULTS = [
  [1, 'two', 1, [13], [1, 0], 1, 5, 104],
  [1, 'two', 2, [4], [0, 0], 1, 8, 160],
  [1, 'two', 3, [13], [1, 0], 1, 5, 340],
  [1, 'two', 4, [4], [0, 0], 1, 7, 186],
  [1, 'two', 5, [32], [3, 0], 1, 2, 381],
  [1, 'three', 1, [13], [1, 0], 1, 5, 362],
  [1, 'three', 4, [23], [2, 0], 1, 5, 442],
  [2, 'two', 1, [0, 0], [0, 0], 1, 9, 396],
  [2, 'three', 5, [0, 0], [0, 0], 1, 12, 325],
];
for (const [players, scheme, seed, scores, points, level, longest, x] of RESULTS) {
  test(`a thousand steps of bots: ${players} player(s), ${scheme} moves, seed ${seed}`, () => {
    const { state } = played({ seed, players, scheme });
    assert.equal(state.tick, 1000);
    assert.deepEqual({ scores: state.scores, points: state.points, level: state.level, longest: state.longest, x: Math.round(state.ball.x), over: state.over }, { scores, points, level, longest, x, over: false });
  });
}

test('whatever is pressed, everything stays in the court and the score never falls', () => {
  for (const players of [1, 2]) {
    const random = seeded(`anything ${players}`);
    const chance = seeded('keys');
    let state = create({ random, players, scheme: 'three' });
    const inputs = Array.from({ length: players }, input);
    const actions = ['left', 'right', 'go', 'up', null];
    let before = [...state.scores];
    for (let i = 0; i < 5000; i++) {
      for (const one of inputs) if (chance() < 0.1) hold(one, actions[below(chance, actions.length)]);
      step(state, inputs, random);
      const { ball } = state;
      assert.ok(Number.isFinite(ball.x) && Number.isFinite(ball.y) && Number.isFinite(ball.vx) && Number.isFinite(ball.vy));
      assert.ok(ball.x >= 0 && ball.x <= GAME.field.width, `the ball is at x = ${ball.x}`);
      assert.ok(ball.y >= -60 && ball.y <= GAME.field.height + 60, `the ball is at y = ${ball.y}`);
      for (const bat of state.bats) assert.ok(bat.x - bat.width / 2 >= 0 && bat.x + bat.width / 2 <= GAME.field.width);
      assert.ok(state.points.every((n) => n <= TO_WIN[/** @type {1|2} */ (players)]));
      assert.ok(state.scores.every((n, k) => n >= before[k] && Number.isInteger(n)));
      assert.ok(state.effects.length < 60);
      before = [...state.scores];
      if (state.over) {
        state = create({ random, players, scheme: 'three' });
        before = [...state.scores];
      }
    }
  }
});

test('a state is plain data: its copy goes on in the same way', () => {
  const { state } = played({ seed: 7, ticks: 333 });
  const copy = structuredClone(state);
  const [a, b] = [seeded('on'), seeded('on')];
  for (let i = 0; i < 400; i++) {
    step(state, [input()], a);
    step(copy, [input()], b);
  }
  assert.deepEqual(copy, state);
});

test('a good player wins the first level against the machine, also a third of a second late', () => {
  for (const seed of [1, 2, 3]) {
    const { state } = played({ seed, delay: 12, ticks: 60 * 240, until: ({ level, over }) => level > 1 || over });
    assert.equal(state.level, 2, `seed ${seed}: ${state.points}`);
    assert.ok(state.tick < 60 * 200);
  }
});

test('who does nothing loses to the machine, and the game is over', () => {
  const random = seeded('idle');
  const state = create({ random });
  const idle = [input()];
  // The ball that is served straight at a bat in the middle may come back a few times.
  for (let i = 0; i < 60 * 600 && !state.over; i++) step(state, idle, random);
  assert.ok(state.over);
  assert.equal(state.winner, null);
  assert.equal(state.points[1], TO_WIN[1]);
  const { tick } = state;
  step(state, idle, random);
  assert.equal(state.tick, tick, 'after the end nothing goes on');
  assert.deepEqual(state.events, []);
});

test('of two players the first with seven points wins', () => {
  const random = seeded('two');
  const state = create({ random, players: 2 });
  const inputs = [input(), input()];
  for (let i = 0; i < 60 * 600 && !state.over; i++) {
    hold(inputs[0], bot(state, 0));
    step(state, inputs, random);
  }
  assert.deepEqual([state.over, state.winner, state.scores[0]], [true, 0, TO_WIN[2]]);
  assert.equal(state.level, 1);
});

test('levels have a faster ball and a smaller bat', () => {
  for (let level = 1; level < 9; level++) {
    assert.ok(ballSpeed(level + 1) > ballSpeed(level));
    assert.ok(batWidth(level + 1) < batWidth(level));
  }
  assert.ok(batWidth(50) >= 96 && ballSpeed(50) <= 560);
});

/** A ball just above the bat of the first player. @param {{level?: number, off?: number, v?: number, scheme?: string}} wish off: -1..1 of half the bat */
function aboutToHit({ level = 1, off = 0, v = 0, scheme = 'two' } = {}) {
  const state = create({ random: seeded(1), level, scheme });
  const bat = state.bats[0];
  Object.assign(bat, { v });
  state.wait = 0;
  Object.assign(state.ball, { x: bat.x + (off * bat.width) / 2, y: FACES[0] - BALL - 2, vx: 0, vy: 240, speed: 240, spin: 0 });
  return state;
}

test('the ball flies straight off the middle of the bat and slanting off its edges', () => {
  const slants = [-0.9, 0, 0.9].map((off) => {
    const state = aboutToHit({ off });
    step(state, [input()], seeded(2));
    assert.ok(state.ball.vy < 0, 'it is returned');
    assert.equal(state.rally, 1);
    return state.ball.vx / -state.ball.vy;
  });
  assert.ok(slants[0] < -0.8 && Math.abs(slants[1]) < 0.01 && slants[2] > 0.8, String(slants));
});

test('a ball a little beside the bat is still returned, one further out is not', () => {
  const beside = aboutToHit();
  beside.ball.x = beside.bats[0].x + beside.bats[0].width / 2 + BALL + 8;
  step(beside, [input()], seeded(2));
  assert.ok(beside.ball.vy < 0);
  const out = aboutToHit();
  out.ball.x = out.bats[0].x + out.bats[0].width / 2 + BALL + 12;
  step(out, [input()], seeded(2));
  assert.ok(out.ball.vy > 0);
});

test('from level 3 on a moving bat gives the ball spin', () => {
  for (const [level, spins] of /** @type {[number, boolean][]} */ ([[2, false], [3, true]])) {
    const state = aboutToHit({ level, v: 300 });
    const going = input();
    hold(going, 'right');
    step(state, [going], seeded(2));
    assert.equal(state.ball.spin !== 0, spins);
  }
});

test('a smash makes the next return a hard one, and must rest after it', () => {
  const soft = aboutToHit({ scheme: 'three' });
  step(soft, [input()], seeded(2));
  const hard = aboutToHit({ scheme: 'three' });
  const one = input();
  hold(one, 'go');
  step(hard, [one], seeded(2));
  assert.ok(hard.ball.speed > soft.ball.speed * 1.3);
  assert.deepEqual(hard.events.map(({ type }) => type), ['swing', 'smash']);
  hold(one, null);
  hold(one, 'go');
  step(hard, [one], seeded(2));
  assert.equal(hard.bats[0].armed, 0);
  const two = aboutToHit({ scheme: 'two' });
  const press = input();
  hold(press, 'go');
  step(two, [press], seeded(2));
  assert.deepEqual(two.events.map(({ type }) => type), ['hit'], 'two moves know no smash');
});

test('a short press is a small step, and the bat stops soon after', () => {
  const state = create({ random: seeded(1) });
  const one = input();
  const from = state.bats[0].x;
  hold(one, 'right');
  for (let i = 0; i < 6; i++) step(state, [one], seeded(2));
  hold(one, null);
  let ticks = 0;
  while (state.bats[0].v !== 0) {
    step(state, [one], seeded(2));
    ticks += 1;
  }
  const way = state.bats[0].x - from;
  assert.ok(way > 5 && way < 30, `${way} units`);
  assert.ok(ticks <= 6, `${ticks} ticks`);
});

test('everything that happens has a sound', () => {
  const heard = new Set();
  for (const wish of [{ seed: 1, scheme: 'three', ticks: 6000 }, { seed: 3, delay: 30, ticks: 12000 }]) for (const type of played(wish).heard) heard.add(type);
  for (const type of heard) assert.ok(type in SOUNDS, type);
  for (const type of ['serve', 'hit', 'answer', 'smash', 'wall', 'point', 'lost', 'level', 'over']) assert.ok(heard.has(type), `${type} was never heard`);
});
