// Wind-Up Night: a mouse collects crumbs on a toy shop's floor while wind-up toys are after it. The
// rules forgive a late hand: a turn is kept until it can be taken, one that comes just after a
// crossing still counts, and bends are taken without being told.

import { CHEESE, CRUMB, KEY, TILES, actorX, actorY, mazeOf } from './levels.js';
import { mouseSpeed, move, setUp, unwind, wind } from './chasers.js';
import { freshMouse, hear, run } from './mouse.js';
export { GAME } from './about.js';
export { bot } from './bot.js';

/**
 * @typedef {import('./chasers.js').Chaser} Chaser
 * @typedef {import('./mouse.js').Mouse} Mouse
 * @typedef {{type: string, x: number, y: number, tick: number, points?: number, kind?: string}} Effect
 * @typedef {{type: string, player: number, points?: number, pitch?: number}} Event what happened in a tick; pitch
 *   lifts its sound by semitones
 * @typedef {{held: Set<string>, pressed: string[]}} PlayerInput
 * @typedef {object} State
 * @property {number} tick
 * @property {number} level from 1
 * @property {string} scheme 'two' or 'four'
 * @property {number[]} scores
 * @property {number} lives
 * @property {boolean} over
 * @property {number|null} winner
 * @property {'ready'|'run'|'caught'|'done'} phase
 * @property {number} wait ticks left of a phase that is not 'run'
 * @property {number} since ticks run since the toys were set up
 * @property {number[]} food NOTHING, CRUMB or KEY of each tile
 * @property {number} left crumbs and keys left
 * @property {number} total crumbs and keys at the start of the maze
 * @property {number[]} track when the mouse was last on each tile (since), -1000 if never
 * @property {Mouse} mouse
 * @property {Chaser[]} chasers
 * @property {number} limp ticks for which the toys are still run down
 * @property {number} tipped toys tipped over with this key
 * @property {number} cheese ticks for which the cheese still lies there
 * @property {string[]} held what was held in the tick before
 * @property {Effect[]} effects
 * @property {Event[]} events
 */

export const READY_TICKS = 90;
export const CAUGHT_TICKS = 80;
export const DONE_TICKS = 110;
export const CHEESE_TICKS = 600;
/** Nearer than this (in tiles) they meet: less than it looks. */
export const REACH = 0.55;
const EFFECT_TICKS = 90;
const LIVES = 3;

/**
 * Begin a game.
 * @param {{random: () => number, players?: number, scheme?: string, level?: number, options?: object}} options
 * @returns {State}
 */
export function create({ scheme = 'two', level = 1 }) {
  /** @type {State} */
  const state = {
    tick: 0,
    level,
    scheme,
    scores: [0],
    lives: LIVES,
    over: false,
    winner: null,
    phase: 'ready',
    wait: READY_TICKS,
    since: 0,
    food: [],
    left: 0,
    total: 0,
    track: [],
    mouse: freshMouse(),
    chasers: [],
    limp: 0,
    tipped: 0,
    cheese: 0,
    held: [],
    effects: [],
    events: [],
  };
  sprinkle(state);
  lineUp(state);
  return state;
}

/** @param {number} level @returns {number} ticks a key lasts: 9 s down to 3.5 s */
export const limpTicks = (level) => Math.max(210, 585 - 45 * level);

/**
 * Play one tick of 1/60 s.
 * @param {State} state changed in place
 * @param {PlayerInput[]} inputs
 * @param {() => number} random
 */
export function step(state, inputs, random) {
  state.events.length = 0;
  if (state.over) return;
  state.tick++;
  while (state.effects.length && state.tick - state.effects[0].tick > EFFECT_TICKS) state.effects.shift();
  hear(state, inputs[0]);
  PHASES[state.phase](state, random);
}

/** @type {Record<State['phase'], (state: State, random: () => number) => void>} */
const PHASES = {
  ready(state) {
    if (--state.wait > 0) return;
    state.phase = 'run';
    tell(state, 'start');
  },
  caught(state) {
    if (--state.wait > 0) return;
    if (state.lives === 0) {
      state.over = true;
      tell(state, 'over');
      return;
    }
    lineUp(state);
  },
  done(state) {
    if (--state.wait > 0) return;
    state.level++;
    sprinkle(state);
    lineUp(state);
  },
  run(state, random) {
    state.since++;
    if (state.limp > 0 && --state.limp === 0) {
      wind(state);
      tell(state, 'wound');
    }
    if (state.cheese > 0) state.cheese--;
    const speed = mouseSpeed(state);
    if (run(state, speed)) eat(state);
    if (state.phase !== 'run') return;
    for (const chaser of state.chasers) move(state, chaser, speed, random);
    for (const chaser of state.chasers) {
      if (chaser.mode !== 'home' && near(state.mouse, chaser)) meet(state, chaser);
      if (state.phase !== 'run') return;
    }
  },
};

/** @param {State} state */
function sprinkle(state) {
  state.food = Array.from(mazeOf(state.level).food);
  state.total = state.food.reduce((sum, food) => sum + (food ? 1 : 0), 0);
  state.left = state.total;
}

/** @param {State} state */
function lineUp(state) {
  state.phase = 'ready';
  state.wait = READY_TICKS;
  state.since = 0;
  state.limp = 0;
  state.cheese = 0;
  state.mouse = freshMouse();
  state.chasers = setUp(state.level);
  state.track = new Array(TILES).fill(-1000);
}

/** @param {State} state */
function eat(state) {
  const { mouse } = state;
  if (mouse.tile === CHEESE && state.cheese > 0) {
    state.cheese = 0;
    win(state, 'cheese', 100 + 50 * state.level);
  }
  const food = state.food[mouse.tile];
  if (!food) return;
  state.food[mouse.tile] = 0;
  state.left--;
  FOODS[food](state);
  if (state.left === Math.floor(state.total * 0.65) || state.left === Math.floor(state.total * 0.3)) {
    state.cheese = CHEESE_TICKS;
    tell(state, 'appear');
  }
  if (state.left > 0) return;
  state.phase = 'done';
  state.wait = DONE_TICKS;
  win(state, 'level', 200 * state.level);
}

/** @type {Record<number, (state: State) => void>} */
const FOODS = {
  [CRUMB](state) {
    state.scores[0] += 10;
    state.events.push({ type: 'crumb', player: 0, points: 10, pitch: (state.left % 2) * 3 });
  },
  [KEY](state) {
    state.limp = limpTicks(state.level);
    state.tipped = 0;
    unwind(state);
    win(state, 'key', 50);
  },
};

/**
 * @param {State} state
 * @param {Chaser} chaser
 */
function meet(state, chaser) {
  if (chaser.isLimp) {
    const points = 100 * 2 ** state.tipped++;
    chaser.mode = 'home';
    chaser.isLimp = false;
    win(state, 'tip', points, chaser.kind);
    state.events[state.events.length - 1].pitch = 2 * state.tipped;
    return;
  }
  state.lives--;
  state.phase = 'caught';
  state.wait = CAUGHT_TICKS;
  win(state, 'caught', 0, chaser.kind);
}

/** @param {Mouse} mouse @param {Chaser} chaser */
function near(mouse, chaser) {
  const dx = actorX(mouse) - actorX(chaser);
  const dy = actorY(mouse) - actorY(chaser);
  return dx * dx + dy * dy < (REACH * 40) ** 2;
}

/** @param {State} state @param {string} type @param {number} points @param {string} [kind] */
function win(state, type, points, kind) {
  state.scores[0] += points;
  state.effects.push({ type, x: actorX(state.mouse), y: actorY(state.mouse), tick: state.tick, points, kind });
  tell(state, type, points);
}

/** @param {State} state @param {string} type @param {number} [points] */
function tell(state, type, points) {
  state.events.push(points === undefined ? { type, player: 0 } : { type, player: 0, points });
}
