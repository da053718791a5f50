// Windfall: an acorn that the wind blew off its tree runs home through the woods. It runs by itself;
// the player jumps and ducks, and hurries if they dare. A jump asked for a moment too early is kept
// until the ground is there, one a moment too late still counts at the edge of a pit, and a duck
// lasts a moment longer than it is shown.

import { FORGIVEN, JUMP, RUNNER, layOut, lengthOf, speedOf } from './course.js';

/** @typedef {import('./course.js').Obstacle} Obstacle */
/** @typedef {import('./course.js').Leaf} Leaf */

/** Units a tick, and units a tick and tick: together they give JUMP. */
const START = (4 * JUMP.height) / JUMP.ticks;
const GRAVITY = (8 * JUMP.height) / JUMP.ticks ** 2;
/** How many times as fast one falls while ducking in the air. */
const DIVE = 2.6;
/** Ticks: a jump is kept, still counts beyond the edge, a duck lasts at least, and lasts on. */
const KEPT = 14;
export const COYOTE = 7;
const DUCK = { least: 28, after: 12 };
/** Ticks without harm after a hit. */
export const SAFE = 100;
const EFFECT = 60;
const PACE = { right: 1.4, left: 0.72, hit: 0.45 };
/** Units of way for a point; what else counts. */
const POINTS = { way: 24, leaf: 2, gold: 25, pass: 10 };
export const HEARTS = 3;
/** Until so many obstacles are passed one still learns: as many knocks cost no heart. */
export const LEARN = 5;
/** Obstacles passed in a row for the next multiple, and the highest. */
const CHAIN = { every: 6, most: 4 };
/** Obstacles passed in a row for a heart. */
const HEALS = 3;

/** Half tones of a scale without discords. */
const SCALE = [0, 2, 4, 7, 9, 12, 14, 16, 19, 21, 24];
/** @param {number} n */
const tone = (n) => SCALE[Math.min(SCALE.length - 1, n)];

const UP = { id: 'up', title: 'Up', does: 'jumps', icon: '↑' };
const DOWN = { id: 'down', title: 'Down', does: 'ducks, as long as you show it', icon: '↓' };
const RIGHT = { id: 'right', title: 'Right', does: 'runs faster, for double points', icon: '→' };
const LEFT = { id: 'left', title: 'Left', does: 'runs slower, for no points', icon: '←' };

export const GAME = {
  name: 'runner',
  title: 'Windfall',
  line: 'A gust of wind, a long way home, and a very small pair of legs.',
  field: { width: 960, height: 600 },
  players: [1],
  levels: 'Every level is faster and has its own weather; pits, brambles and pairs join in.',
  schemes: [
    { id: 'two', title: 'Jump and duck', actions: [UP, DOWN] },
    { id: 'three', title: 'Jump, duck and hurry', actions: [UP, DOWN, RIGHT] },
    { id: 'four', title: 'Jump, duck, hurry and dawdle', actions: [UP, DOWN, RIGHT, LEFT] },
  ],
  how: [
    'The acorn runs by itself: jump over what stands, duck under what hangs.',
    'Signs tell you early what comes; a gesture takes a moment, so begin at the first marks.',
    'You have three hearts, and the first knocks cost none; three obstacles in a row, or a level, give one back.',
  ],
  parts: [
    { draw: 'jump', text: 'Jump over what comes, before the ring runs out.' },
    { draw: 'duck', text: 'Duck below what comes.' },
    { draw: 'marks', text: 'From the first mark to the last a jump is right.' },
    { draw: 'gold', text: 'Leaves are points, golden ones many. Six obstacles in a row double theirs.' },
  ],
};

/** @typedef {{type: string, x: number, y: number, tick: number, points?: number}} Effect x along the way, y above the ground */
/** @typedef {{type: string, player?: number, pitch?: number}} Happening */
/**
 * @typedef {object} State
 * @property {number} tick @property {number} level @property {string} scheme @property {number[]} scores
 * @property {boolean} over @property {number | null} winner @property {number} lives 0 to 3
 * @property {number} distance the way so far @property {number} levelEnd where the next level begins
 * @property {number} speed units in this tick @property {number} pace how many times as fast as the level, 0.4 to 1.4
 * @property {number} unpaid way that has made no point yet
 * @property {number} y above the ground @property {number} vy units a tick, upwards @property {boolean} ground
 * @property {number} offGround ticks since the ground was left, or over a pit @property {number} asked ticks since a jump was asked for and not made
 * @property {boolean} upHeld in the tick before @property {number} duck ticks for which the duck lasts @property {boolean} ducking @property {number} duckAt the tick at which that changed
 * @property {boolean} hurry @property {number} safe ticks without harm @property {number} chain obstacles passed in a row
 * @property {number} passed obstacles so far @property {number} hits @property {number} gathered leaves
 * @property {Obstacle[]} obstacles along the way @property {Leaf[]} leaves
 * @property {number} nextX where the next obstacle goes @property {number} nextId @property {string} lastKind @property {boolean} pair
 * @property {Effect[]} effects @property {Happening[]} events
 */

/** How much a passed obstacle counts after so many: 1 to 4. @param {number} chain */
export const multiple = (chain) => Math.min(CHAIN.most, 1 + Math.floor(chain / CHAIN.every));

/**
 * Make a game.
 * @param {{random: () => number, players?: number, scheme?: string, level?: number, options?: object}} wish
 * @returns {State}
 */
export function create({ random, scheme = 'two', level = 1 }) {
  /** @type {State} */
  const state = {
    tick: 0, level, scheme, scores: [0], over: false, winner: null, lives: HEARTS,
    distance: 0, levelEnd: lengthOf(level), speed: speedOf(level), pace: 1, unpaid: 0,
    y: 0, vy: 0, ground: true, offGround: 0, asked: 1000, upHeld: false, duck: 0, ducking: false, duckAt: -100,
    hurry: false, safe: 0, chain: 0, passed: 0, hits: 0, gathered: 0,
    obstacles: [], leaves: [], nextX: 180 * speedOf(level), nextId: 1, lastKind: '', pair: false,
    effects: [], events: [],
  };
  layOut(state, 0, random);
  return state;
}

/** @param {State} state @param {string} type @param {number} [pitch] */
function tell(state, type, pitch) {
  state.events.push(pitch === undefined ? { type } : { type, pitch });
}

/** @param {State} state @param {string} type @param {number} y @param {number} [points] */
function show(state, type, y, points) {
  state.effects.push({ type, x: state.distance, y, tick: state.tick, ...(points ? { points } : {}) });
}

/**
 * Take what the player asks for.
 * @param {State} state @param {{held: Set<string>, pressed: string[]}} input
 */
function obey(state, input) {
  const { held, pressed } = input;
  // Only a fresh "up" jumps: an arm that stays up must not jump again on landing.
  const fresh = pressed.includes('up') && !state.upHeld;
  state.upHeld = held.has('up');
  state.asked = fresh ? 0 : state.asked + 1;
  const down = held.has('down') || pressed.includes('down');
  if (fresh) state.duck = 0;
  else if (down) state.duck = Math.max(state.duck - 1, pressed.includes('down') ? DUCK.least : DUCK.after);
  else state.duck = Math.max(0, state.duck - 1);
  const ducking = state.duck > 0;
  if (ducking && !state.ducking && state.ground) tell(state, 'duck');
  if (ducking !== state.ducking) state.duckAt = state.tick;
  state.ducking = ducking;
  const hurry = state.scheme !== 'two' && held.has('right');
  if (hurry && !state.hurry) tell(state, 'hurry');
  state.hurry = hurry;
  const wanted = hurry ? PACE.right : state.scheme === 'four' && held.has('left') ? PACE.left : 1;
  state.pace += (wanted - state.pace) * 0.06;
  state.speed = speedOf(state.level) * state.pace;
}

/** The pit below the runner, if any. @param {State} state */
function pitBelow({ obstacles, distance }) {
  for (const o of obstacles) if (o.type === 'pit' && distance > o.x + 5 && distance < o.x + o.w - 5) return o;
  return null;
}

/** Leave the ground. @param {State} state */
function jump(state) {
  state.vy = START;
  state.ground = false;
  state.offGround = COYOTE + 1;
  state.asked = 1000;
  tell(state, 'jump');
  show(state, 'jump', 0);
}

/** Run, jump, fall and land. @param {State} state */
function move(state) {
  state.distance += state.speed;
  const pit = state.ground ? pitBelow(state) : null;
  if (state.ground) state.offGround = pit ? state.offGround + 1 : 0;
  if (state.ground && state.asked <= KEPT) jump(state);
  else if (pit && state.safe === 0 && state.offGround > COYOTE) {
    hurt(state, pit);
    // The wind that blew the acorn off its tree lifts it out again.
    state.vy = START;
    state.ground = false;
  }
  if (state.ground) return;
  // The middle of the tick's speeds: the height of a jump is then that of the formula to the unit.
  const gravity = GRAVITY * (state.ducking && !state.over ? DIVE : 1);
  state.y += state.vy - gravity / 2;
  state.vy -= gravity;
  if (state.y > 1e-6) return;
  state.y = 0;
  state.vy = 0;
  state.ground = true;
  state.offGround = 0;
  tell(state, 'land');
  show(state, 'land', 0);
}

/** @param {State} state @param {Obstacle} obstacle */
function hurt(state, obstacle) {
  obstacle.hit = true;
  state.hits += 1;
  const learning = state.passed < LEARN && state.hits <= LEARN;
  if (!learning) state.lives -= 1;
  state.chain = 0;
  state.pace = PACE.hit;
  state.safe = SAFE;
  tell(state, 'hit');
  show(state, 'hit', state.y + 30);
  if (state.lives > 0) return;
  state.over = true;
  tell(state, 'over');
}

/** Give a heart back, if one is missing. @param {State} state */
function heal(state) {
  if (state.lives >= HEARTS) return;
  state.lives += 1;
  tell(state, 'heart');
  show(state, 'heart', 110);
}

/** Whether the runner touches it. @param {State} state @param {Obstacle} obstacle */
function touches(state, { type, x, w, h }) {
  const inset = w * FORGIVEN;
  if (state.distance + RUNNER.half < x + inset || state.distance - RUNNER.half > x + w - inset) return false;
  const top = state.y + (state.ducking ? RUNNER.low : RUNNER.tall);
  return type === 'low' ? state.y < h * (1 - FORGIVEN) : type === 'high' && top > h + 4;
}

/** Meet what stands in the way. @param {State} state */
function meet(state) {
  for (const o of state.obstacles) {
    if (!o.told && o.x - state.distance < 85 * state.speed) {
      o.told = true;
      tell(state, o.type === 'high' ? 'ahead-duck' : 'ahead-jump');
    }
    if (!o.hit && state.safe === 0 && touches(state, o)) hurt(state, o);
    if (state.over) return;
    if (o.passed || state.distance - RUNNER.half < o.x + o.w) continue;
    o.passed = true;
    if (o.hit) continue;
    state.passed += 1;
    state.chain += 1;
    const points = POINTS.pass * multiple(state.chain);
    state.scores[0] += points;
    show(state, 'pass', state.y + 90, points);
    tell(state, 'pass', tone(state.chain));
    if (state.chain % HEALS === 0) heal(state);
    if (state.chain % CHAIN.every === 0 && state.chain < CHAIN.every * CHAIN.most) tell(state, 'chain', 2 * (multiple(state.chain) - 2));
  }
}

/** Gather the leaves that are near. @param {State} state */
function gather(state) {
  const middle = state.y + (state.ducking ? 22 : 38);
  for (let i = 0; i < state.leaves.length; i++) {
    const { x, y, gold } = state.leaves[i];
    if (x > state.distance + 60) break;
    if (Math.abs(x - state.distance) > 32 || Math.abs(y - middle) > 46) continue;
    state.leaves.splice(i--, 1);
    state.gathered += 1;
    const points = gold ? POINTS.gold : POINTS.leaf;
    state.scores[0] += points;
    state.effects.push({ type: gold ? 'gold' : 'leaf', x, y, tick: state.tick, points });
    tell(state, gold ? 'gold' : 'leaf', gold ? 0 : tone(state.gathered % 6));
  }
}

/** Count the way. @param {State} state */
function count(state) {
  const worth = state.hurry ? 2 : state.pace < 0.95 ? 0 : 1;
  state.unpaid += state.speed * worth;
  const points = Math.floor(state.unpaid / POINTS.way);
  state.unpaid -= points * POINTS.way;
  state.scores[0] += points;
  if (state.distance < state.levelEnd) return;
  state.level += 1;
  state.levelEnd += lengthOf(state.level);
  tell(state, 'level');
  show(state, 'level', 120);
  heal(state);
}

/**
 * Play one tick of 1/60 second.
 * @param {State} state changed in place; nothing moves any more when it is over
 * @param {{held: Set<string>, pressed: string[]}[]} inputs one for each player
 * @param {() => number} random
 */
export function step(state, inputs, random) {
  state.events.length = 0;
  if (state.over) return;
  state.tick += 1;
  state.safe = Math.max(0, state.safe - 1);
  while (state.effects.length && state.tick - state.effects[0].tick > EFFECT) state.effects.shift();
  obey(state, inputs[0]);
  move(state);
  if (!state.over) meet(state);
  if (state.over) return;
  gather(state);
  count(state);
  layOut(state, state.distance, random);
}

/**
 * Say when the runner would begin to touch an obstacle, and cease to, in ticks from now.
 * @param {State} state @param {Obstacle} obstacle @returns {{from: number, to: number}}
 */
export function meeting(state, { type, x, w }) {
  const half = type === 'pit' ? -5 : RUNNER.half - w * FORGIVEN;
  return { from: (x - half - state.distance) / state.speed, to: (x + w + half - state.distance) / state.speed };
}

/** When a jump must be asked for to pass: the ticks during which it is high enough. @param {Obstacle} obstacle */
export function jumpTimes({ type, h }) {
  const share = type === 'pit' ? 0 : (1 - Math.sqrt(1 - (h * (1 - FORGIVEN)) / JUMP.height)) / 2;
  return { rise: JUMP.ticks * share, fall: JUMP.ticks * (1 - share) };
}

/**
 * Say what a good player would show now. Jumps as early as is safe, so that one who acts three tenths
 * of a second late still passes; ducks well before and a little beyond; hurries where nothing is near.
 * @param {State} state @returns {string | null} an action
 */
export function bot(state) {
  for (const obstacle of state.obstacles) {
    if (obstacle.hit) continue;
    const { from, to } = meeting(state, obstacle);
    if (to < 0) continue;
    if (obstacle.type === 'high') {
      if (from < 42) return 'down';
    } else if (to < jumpTimes(obstacle).fall - 2) return 'up';
    return state.scheme !== 'two' && from > 110 ? 'right' : null;
  }
  return null;
}
