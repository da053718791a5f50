import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../../static/js/core/random.js';
import { DASH_STEPS, KINDS, howMany, isAllowed, isBold, isPeace, speedOf } from '../../../static/js/games/maze/chasers.js';
import { BOX, CHEESE, COLUMNS, CORNERS, CRUMB, DOORSTEP, HOME, KEY, MAZES, PATH, ROWS, START, TILES, distance, mazeOf } from '../../../static/js/games/maze/levels.js';
import { CAUGHT_TICKS, DONE_TICKS, GAME, bot, create, limpTicks, step } from '../../../static/js/games/maze/rules.js';
import { MUSIC, SOUNDS } from '../../../static/js/games/maze/sounds.js';
import { INSTRUMENTS } from '../../../static/js/outputs/instruments.js';

/** @typedef {import('../../../static/js/games/maze/rules.js').State} State */
/** @typedef {import('../../../static/js/games/maze/chasers.js').Chaser} Chaser */

const at = (/** @type {number} */ x, /** @type {number} */ y) => y * COLUMNS + x;
const [RIGHT, DOWN, LEFT, UP] = [0, 1, 2, 3];

/** @param {string[]} held @param {string[]} [pressed] */
const input = (held, pressed = []) => [{ held: new Set(held), pressed }];

/**
 * A night that has begun, with the mouse and only the toys that the test puts there.
 * @param {{x?: number, y?: number, direction?: number, level?: number, scheme?: string, chasers?: Partial<Chaser>[], more?: Partial<State>}} put
 * @returns {State}
 */
function running({ x = 9, y = 13, direction = LEFT, level = 1, scheme = 'two', chasers = [], more = {} } = {}) {
  const state = create({ random: seeded(1), level, scheme });
  const toy = /** @type {Chaser} */ ({ kind: 'robot', mode: 'hunt', tile: HOME, direction: LEFT, t: 0, timer: 0, isLimp: false, windup: 0, dash: 0, rest: 0, corner: 0 });
  Object.assign(state, { phase: 'run', wait: 0, chasers: chasers.map((chaser) => ({ ...toy, ...chaser })), ...more });
  Object.assign(state.mouse, { tile: at(x, y), direction });
  return state;
}

/** Tick without a word until something is so. @param {State} state @param {() => boolean} isSo @param {number} [most] */
function until(state, isSo, most = 3000) {
  const random = seeded(5);
  let ticks = 0;
  for (; !isSo(); ticks++) {
    assert.ok(ticks < most, `not so within ${most} ticks`);
    step(state, input([]), random);
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

/** @param {number} level @param {number} tile */
const ways = (level, tile) => [0, 1, 2, 3].filter((direction) => mazeOf(level).next[tile * 4 + direction] >= 0);

test('the schemes have two and four actions', () => {
  assert.deepEqual(GAME.schemes.map(({ actions }) => actions.map(({ id }) => id)), [['left', 'right'], ['left', 'right', 'up', 'down']]);
});

test('each toy is explained', () => {
  for (const kind of KINDS) assert.ok(GAME.parts.some(({ draw }) => draw === kind), kind);
});

test('there are five mazes, all different and the same from both sides', () => {
  assert.equal(MAZES, 5);
  const seen = new Set();
  for (let level = 1; level <= MAZES; level++) {
    const { kinds, food } = mazeOf(level);
    for (let y = 0; y < ROWS; y++) {
      for (let x = 0; x < COLUMNS; x++) {
        assert.equal(kinds[at(x, y)], kinds[at(COLUMNS - 1 - x, y)]);
        assert.equal(food[at(x, y)], food[at(COLUMNS - 1 - x, y)]);
      }
    }
    seen.add(kinds.join(''));
  }
  assert.equal(seen.size, MAZES);
  assert.equal(mazeOf(6), mazeOf(1));
});

test('every crumb can be reached, no path ends, and none is wider than one tile', () => {
  for (let level = 1; level <= MAZES; level++) {
    const { kinds, food } = mazeOf(level);
    for (let tile = 0; tile < TILES; tile++) {
      if (kinds[tile] !== PATH) {
        assert.equal(food[tile], 0);
        continue;
      }
      assert.ok(distance(mazeOf(level), START, tile) < 255, `level ${level}: no way to ${tile}`);
      assert.ok(ways(level, tile).length >= 2, `level ${level}: a dead end at ${tile}`);
      const square = [tile, tile + 1, tile + COLUMNS, tile + COLUMNS + 1];
      assert.ok(!square.every((each) => kinds[each] === PATH), `level ${level}: a square at ${tile}`);
    }
    assert.equal(food.filter((each) => each === KEY).length, 4);
    assert.ok(food.filter((each) => each === CRUMB).length >= 110);
  }
});

test('in every maze the toy box opens to a path, and corners, cheese and start are on paths', () => {
  for (let level = 1; level <= MAZES; level++) {
    const { kinds, toHome, toDoorstep } = mazeOf(level);
    for (const tile of [START, DOORSTEP, CHEESE, ...CORNERS]) assert.equal(kinds[tile], PATH);
    for (const tile of [HOME - 1, HOME, HOME + 1]) assert.ok(kinds[tile] === BOX && toDoorstep[tile] < 4);
    for (let tile = 0; tile < TILES; tile++) if (kinds[tile] === PATH) assert.ok(toHome[tile] < 255);
    assert.ok(distance(mazeOf(level), START, DOORSTEP) >= 8, 'the first toy begins far from the mouse');
  }
});

test('bots run 1,000 ticks by seed', () => {
  const table = [];
  for (const [scheme, delay] of /** @type {[string, number][]} */ ([['two', 0], ['two', 12], ['four', 0]])) {
    for (let seed = 1; seed <= 5; seed++) {
      const random = seeded(seed);
      const { scores, level, left, lives, over } = play(create({ random, scheme }), random, 1000, delay);
      table.push([scheme, delay, seed, scores[0], level, left, lives, over]);
    }
  }
  // scheme, delay in ticks, seed; score, level, crumbs and keys left, lives, over
  assert.deepEqual(table, [
    ['two', 0, 1, 620, 1, 86, 3, false],
    ['two', 0, 2, 780, 1, 86, 3, false],
    ['two', 0, 3, 530, 1, 77, 3, false],
    ['two', 0, 4, 680, 1, 80, 3, false],
    ['two', 0, 5, 430, 1, 91, 3, false],
    ['two', 12, 1, 620, 1, 86, 3, false],
    ['two', 12, 2, 780, 1, 86, 3, false],
    ['two', 12, 3, 530, 1, 77, 3, false],
    ['two', 12, 4, 680, 1, 80, 3, false],
    ['two', 12, 5, 530, 1, 91, 3, false],
    ['four', 0, 1, 580, 1, 86, 3, false],
    ['four', 0, 2, 780, 1, 86, 3, false],
    ['four', 0, 3, 530, 1, 77, 3, false],
    ['four', 0, 4, 640, 1, 80, 3, false],
    ['four', 0, 5, 410, 1, 93, 3, false],
  ]);
});

test('bots clear the first floor, through a camera’s delay too', () => {
  for (const [scheme, delay] of /** @type {[string, number][]} */ ([['two', 0], ['two', 12], ['four', 0], ['four', 12]])) {
    const random = seeded(3);
    const state = play(create({ random, scheme }), random, 9000, delay);
    assert.ok(state.level >= 2, `${scheme} ${delay}: ${state.left} crumbs left`);
  }
});

test('levels bring more and faster toys, and keys that last less long', () => {
  assert.deepEqual([1, 2, 3, 9].map(howMany), [2, 3, 4, 4]);
  assert.deepEqual([1, 5, 20].map(limpTicks), [540, 360, 210]);
  const duck = (/** @type {number} */ level) => {
    const state = create({ random: seeded(1), level });
    return speedOf(state, state.chasers[0], 1);
  };
  assert.deepEqual([1, 4, 20].map((level) => Number(duck(level).toFixed(2))), [0.73, 0.85, 0.97]);
});

test('the mouse takes bends untold and turns where it was told, as it sees it', () => {
  // From the bottom row's middle to the left: the corner is a bend, the place at column 7 a crossing.
  const untold = running();
  until(untold, () => untold.mouse.tile === at(1, 12));
  assert.equal(untold.mouse.direction, UP);
  const told = running();
  press(told, 'right');
  until(told, () => told.mouse.tile === at(7, 12));
  assert.deepEqual([told.mouse.direction, told.mouse.want], [UP, null]);
  const four = running({ scheme: 'four' });
  press(four, 'up');
  until(four, () => four.mouse.tile === at(7, 12));
});

test('a turn that comes just after the crossing still counts', () => {
  for (const [scheme, action] of [['two', 'right'], ['four', 'up']]) {
    const state = running({ scheme });
    until(state, () => state.mouse.tile === at(7, 13) && state.mouse.t > 0.35);
    press(state, action);
    assert.deepEqual([state.mouse.tile, state.mouse.direction], [at(7, 13), UP], scheme);
    const late = running({ scheme });
    until(late, () => late.mouse.tile === at(7, 13) && late.mouse.t > 0.5);
    press(late, action);
    assert.equal(late.mouse.direction, LEFT, scheme);
    assert.notEqual(late.mouse.want, null, 'it is kept for the next crossing');
  }
});

test('a turn is kept while it is held, and forgotten two and a half seconds after', () => {
  const state = running({ level: 3, x: 9, y: 13, direction: LEFT });
  step(state, input(['left'], ['left']), seeded(1));
  for (let i = 0; i < 200; i++) step(state, input(['left']), seeded(1));
  assert.equal(state.mouse.want, 3);
  const forgotten = running({ scheme: 'four', x: 5, y: 3, direction: UP });
  forgotten.mouse.isStopped = true;
  press(forgotten, 'up');
  assert.equal(until(forgotten, () => forgotten.mouse.want === null), 149);
});

test('a bend does not make a kept turn a turning round', () => {
  const state = running({ scheme: 'four' });
  until(state, () => state.mouse.tile === at(2, 13));
  press(state, 'down');
  until(state, () => state.mouse.tile === at(1, 11));
  assert.equal(state.mouse.direction, UP);
});

test('the same turn twice turns the mouse round', () => {
  const state = running();
  until(state, () => state.mouse.tile === at(6, 13) && state.mouse.t > 0.4);
  press(state, 'left');
  press(state, 'left');
  assert.deepEqual([state.mouse.direction, state.mouse.tile, state.mouse.want], [RIGHT, at(5, 13), null]);
  until(state, () => state.mouse.tile === at(6, 13));
});

test('of four actions the opposite one turns the mouse round at once, just after a bend too', () => {
  for (const tile of [at(4, 13), at(1, 13)]) {
    const state = running({ scheme: 'four' });
    until(state, () => state.mouse.tile === tile && state.mouse.t > 0.3);
    const { direction } = state.mouse;
    press(state, direction === UP ? 'down' : 'right');
    assert.equal(state.mouse.direction, (direction + 2) % 4);
    until(state, () => state.mouse.tile === tile);
  }
});

test('a word for a bend that took itself is no word for the next crossing', () => {
  const state = running();
  until(state, () => state.mouse.direction === UP);
  press(state, 'right');
  assert.equal(state.mouse.want, null);
});

test('with two actions the mouse looks about where the path parts, then goes on; with four it waits', () => {
  const two = running({ x: 5, y: 5, direction: UP });
  until(two, () => two.mouse.isStopped);
  assert.equal(two.mouse.tile, at(5, 3));
  assert.ok(until(two, () => !two.mouse.isStopped) <= 30);
  const four = running({ x: 5, y: 5, direction: UP, scheme: 'four' });
  until(four, () => four.mouse.isStopped);
  for (let i = 0; i < 200; i++) step(four, input([]), seeded(1));
  assert.equal(four.mouse.isStopped, true);
  press(four, 'right');
  assert.deepEqual([four.mouse.isStopped, four.mouse.direction], [false, RIGHT]);
});

test('a hole leads to the other side', () => {
  const state = running({ x: 1, y: 7, direction: LEFT });
  until(state, () => state.mouse.tile === at(18, 7));
});

test('the duck waddles along the mouse’s own track', () => {
  const state = running({ x: 9, y: 13, direction: LEFT, chasers: [{ kind: 'duck', tile: at(9, 13), direction: LEFT }] });
  // Give the mouse a start, up at the crossing, while the duck waits.
  const [duck] = state.chasers.splice(0);
  press(state, 'right');
  until(state, () => state.mouse.tile === at(7, 10));
  const tiles = [at(8, 13), at(7, 13), at(7, 12), at(7, 11)];
  state.chasers.push(duck);
  const seen = [];
  for (let i = 0; i < 600 && seen.length < tiles.length; i++) {
    step(state, input([]), seeded(9));
    state.lives = 3;
    if (duck.tile !== seen[seen.length - 1] && duck.tile !== at(9, 13)) seen.push(duck.tile);
    if (state.phase !== 'run') break;
  }
  assert.deepEqual(seen, tiles);
});

test('the crab makes for where the mouse is going, not for where it is', () => {
  // The mouse runs to the right along the third row; the crab comes up to that row further right.
  for (const [x, direction] of [[5, RIGHT], [7, LEFT]]) {
    const state = running({ x, y: 3, direction: RIGHT, chasers: [{ kind: 'crab', tile: at(9, 4), direction: UP, t: 0.97 }] });
    until(state, () => state.chasers[0].tile === at(9, 3));
    assert.equal(state.chasers[0].direction, direction, 'ahead of it from afar, at it when near');
  }
});

test('the top spins up before it dashes at a mouse that is near, then rests', () => {
  const state = running({ x: 7, y: 13, direction: LEFT, chasers: [{ kind: 'top', tile: at(1, 13), direction: UP }] });
  const [top] = state.chasers;
  const far = running({ x: 17, y: 1, direction: LEFT, chasers: [{ kind: 'top', tile: at(1, 13), direction: UP }] });
  step(far, input([]), seeded(1));
  assert.equal(far.chasers[0].windup, 0);
  until(state, () => top.windup > 0);
  assert.ok(distance(mazeOf(1), top.tile, state.mouse.tile) <= DASH_STEPS);
  assert.equal(speedOf(state, top, 1), 0);
  state.mouse.tile = at(17, 1);
  until(state, () => top.dash > 0, 40);
  assert.ok(speedOf(state, top, 1) > 1);
  until(state, () => top.rest > 0, 80);
  assert.ok(speedOf(state, top, 1) < 0.73);
});

test('the robot grows bold when few crumbs are left', () => {
  const ends = [0.9, 0.2].map((share) => {
    let nearer = 0;
    const random = seeded('robot');
    for (let i = 0; i < 200; i++) {
      const state = running({ x: 17, y: 13, direction: LEFT, chasers: [{ kind: 'robot', tile: at(5, 6), direction: DOWN, t: 0.99 }] });
      state.left = Math.round(state.total * share);
      assert.equal(isBold(state), share < 0.4);
      const [robot] = state.chasers;
      while (robot.tile !== at(5, 7)) step(state, input([]), random);
      const to = mazeOf(1).next[robot.tile * 4 + robot.direction];
      if (distance(mazeOf(1), to, state.mouse.tile) < distance(mazeOf(1), robot.tile, state.mouse.tile)) nearer++;
    }
    return nearer;
  });
  assert.ok(ends[1] > ends[0] + 40, `${ends}`);
});

test('every so often the toys keep away', () => {
  const state = running();
  assert.deepEqual([0, 1019, 1020, 1319, 1320].map((since) => isPeace({ ...state, since })), [false, false, true, true, false]);
  assert.equal(isPeace({ ...state, since: 1100, level: 8 }), false);
});

test('with a key the toys run down and turn round; tipped over each counts double, rolls home and is wound up', () => {
  const state = running({ level: 3, x: 3, y: 4, direction: UP, chasers: [
    { kind: 'duck', tile: at(5, 3), direction: RIGHT }, { kind: 'crab', tile: at(17, 13), direction: UP },
  ] });
  state.mouse.t = 0.9;
  until(state, () => state.limp > 0);
  assert.deepEqual([state.scores[0], state.limp], [50, limpTicks(3)]);
  assert.ok(state.chasers.every((toy) => toy.isLimp));
  assert.deepEqual(state.chasers.map(({ direction }) => direction), [LEFT, DOWN]);
  const [duck, crab] = state.chasers;
  Object.assign(duck, { tile: state.mouse.tile, t: 0 });
  step(state, input([]), seeded(1));
  assert.deepEqual([duck.mode, state.scores[0]], ['home', 150]);
  Object.assign(crab, { tile: state.mouse.tile, t: 0 });
  step(state, input([]), seeded(1));
  assert.deepEqual([crab.mode, state.scores[0], state.lives], ['home', 350, 3]);
  until(state, () => duck.mode === 'box');
  assert.equal(duck.tile, HOME);
  state.mouse.isStopped = true;
  until(state, () => duck.mode === 'hunt', 400);
  assert.equal(duck.isLimp, false);
});

test('a key wears off', () => {
  const state = running({ chasers: [{ kind: 'robot', tile: at(1, 1), direction: RIGHT, isLimp: true }], more: { limp: 2 } });
  step(state, input([]), seeded(1));
  assert.equal(state.chasers[0].isLimp, true);
  step(state, input([]), seeded(1));
  assert.equal(state.chasers[0].isLimp, false);
  assert.ok(state.events.some(({ type }) => type === 'wound'));
});

test('a toy costs a life, crumbs stay eaten, and the third ends the game', () => {
  const state = running();
  until(state, () => state.scores[0] >= 30);
  const { left } = state;
  for (const lives of [2, 1, 0]) {
    until(state, () => state.phase === 'run');
    Object.assign(state, { chasers: running({ chasers: [{ tile: state.mouse.tile }] }).chasers });
    step(state, input([]), seeded(1));
    assert.deepEqual([state.phase, state.lives, state.wait], ['caught', lives, CAUGHT_TICKS]);
    if (lives === 2) assert.equal(state.left, left);
    if (lives) until(state, () => state.phase === 'ready');
  }
  until(state, () => state.over);
  const end = structuredClone(state);
  step(state, input(['left'], ['left']), seeded(1));
  assert.deepEqual(state, { ...end, events: [] });
});

test('the last crumb opens the next floor', () => {
  const state = running();
  state.food.fill(0);
  state.food[at(8, 13)] = CRUMB;
  state.left = 1;
  until(state, () => state.phase === 'done');
  assert.equal(state.scores[0], 210);
  assert.equal(until(state, () => state.level === 2), DONE_TICKS);
  assert.deepEqual([state.phase, state.left, state.chasers.length], ['ready', state.total, 3]);
});

test('cheese is laid twice on a floor, and goes', () => {
  const state = running();
  let laid = 0;
  let points = 0;
  const random = seeded(1);
  while (state.level === 1) {
    step(state, input([]), random);
    if (state.events.some(({ type }) => type === 'appear')) laid++;
    points += state.events.find(({ type }) => type === 'cheese')?.points ?? 0;
    if (laid && !points && state.cheese < 500 && state.cheese > 0) Object.assign(state.mouse, { tile: CHEESE - 1, direction: RIGHT, t: 0.99, isStopped: false });
    // Sweep the floor by hand: the mouse is set beside what is left.
    const rest = state.food.findIndex((food) => food > 0);
    if (rest < 0 || state.phase !== 'run' || (state.cheese > 0 && !points)) continue;
    const [way] = ways(1, rest);
    Object.assign(state.mouse, { tile: mazeOf(1).next[rest * 4 + way], direction: (way + 2) % 4, t: 0.99, isStopped: false });
    assert.ok(state.tick < 20000);
  }
  assert.equal(laid, 2);
  assert.equal(points, 150);
});

test('under random hands all keep to the paths, crumbs only grow fewer, scores never fall, and a copy goes on alike', () => {
  for (const [scheme, level] of /** @type {[string, number][]} */ ([['two', 1], ['four', 3], ['two', 4], ['four', 5], ['two', 12]])) {
    const random = seeded(`hands ${scheme} ${level}`);
    const hands = seeded('other');
    let state = create({ random, scheme, level });
    const { actions } = GAME.schemes.find(({ id }) => id === scheme) ?? GAME.schemes[0];
    for (let i = 0; i < 5000; i++) {
      const action = hands() < 0.06 ? actions[Math.floor(hands() * actions.length)].id : null;
      const hand = input(action ? [action] : [], action ? [action] : []);
      const { scores: [score], left, level: floor, lives, over } = state;
      if (i % 500 === 250) {
        // The same numbers for both: what is plain data plays on alike.
        const copy = structuredClone(state);
        const seed = Math.floor(hands() * 1e6);
        const [one, other] = [seeded(seed), seeded(seed)];
        for (let more = 0; more < 20; more++) {
          step(state, hand, one);
          step(copy, hand, other);
        }
        assert.deepEqual(copy, state);
      } else step(state, hand, random);
      const { kinds, next } = mazeOf(state.level);
      const { mouse } = state;
      assert.equal(kinds[mouse.tile], PATH);
      assert.ok(mouse.t >= 0 && mouse.t < 1 && (mouse.t === 0 || next[mouse.tile * 4 + mouse.direction] >= 0), 'the mouse runs into no block');
      for (const toy of state.chasers) {
        assert.ok(isAllowed(state.level, toy), `${toy.kind} ${toy.mode} at ${toy.tile}`);
        if (toy.mode === 'hunt' && toy.t > 0 && kinds[toy.tile] === PATH) assert.ok(next[toy.tile * 4 + toy.direction] >= 0, `${toy.kind} runs into no block`);
      }
      assert.equal(state.left, state.food.filter((food) => food > 0).length);
      assert.ok(state.scores[0] >= score && state.lives <= lives && (state.left <= left || state.level > floor));
      if (over) state = create({ random, scheme, level });
    }
  }
});

test('all that happens has a sound that the instruments can play', () => {
  const heard = new Set(['over']);
  for (const scheme of ['two', 'four']) {
    const random = seeded(2);
    play(create({ random, scheme, level: 3 }), random, 7000, 14, heard);
  }
  play(create({ random: seeded(4) }), seeded(4), 9000, 0, heard);
  for (const type of heard) assert.ok(SOUNDS[type], `no sound for ${type}`);
  assert.deepEqual(Object.keys(SOUNDS).filter((type) => !heard.has(type)), []);
  for (const note of [...Object.values(SOUNDS).flat(), ...MUSIC.bars.flat()]) {
    assert.ok(note.instrument in INSTRUMENTS && note.note >= 21 && note.note <= 108 && note.gain > 0 && note.gain <= 1 && note.at >= 0, JSON.stringify(note));
  }
  for (const bar of MUSIC.bars) assert.ok(bar.every((note) => note.at < 4));
});
