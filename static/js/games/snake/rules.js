// Lantern Walk: a train of paper lanterns goes through a garden at dusk; each firefly it catches
// becomes one more lantern. The rules forgive a late hand: a turn into something waits a cell, and
// before a step that would end the walk the train stops short for a moment.

import { COLUMNS, GROUND, ROWS, gardenOf, middleX, middleY } from './levels.js';
export { GAME } from './about.js';
export { bot } from './bot.js';

/**
 * @typedef {{type: string, x: number, y: number, tick: number, points?: number, shade?: number}} Effect
 * @typedef {{type: string, player: number, points?: number, pitch?: number}} Event what happened in a tick; pitch
 *   lifts its sound by semitones
 * @typedef {{held: Set<string>, pressed: string[]}} PlayerInput
 * @typedef {{kind: 'flower'|'snail', cell: number, tick: number, ticks: number}} Bonus
 * @typedef {object} State
 * @property {number} tick
 * @property {number} level from 1
 * @property {string} scheme 'two' or 'four'
 * @property {number[]} scores
 * @property {number} lives
 * @property {boolean} over
 * @property {number|null} winner
 * @property {'ready'|'walk'|'crash'|'rise'} phase
 * @property {number} wait ticks left of a phase that is not 'walk'
 * @property {number} clock ticks since the last step
 * @property {number} pause ticks the train has stopped short before something
 * @property {number} heading 0 right, 1 down, 2 left, 3 up
 * @property {number[]} body cells, the first lantern first
 * @property {number} from the cell that the last lantern has just left
 * @property {number} grow lanterns still to be added
 * @property {number[]} queue headings to be taken at the next steps, at most two
 * @property {number} kept steps the first of the queue has waited
 * @property {number[]} fireflies cells
 * @property {Bonus|null} bonus
 * @property {number} caught fireflies in this level
 * @property {number} goal fireflies that end the level
 * @property {number} slow ticks left of the snail's slowness
 * @property {string[]} held what was held in the tick before
 * @property {Effect[]} effects
 * @property {Event[]} events
 */

export const START_LENGTH = 4;
export const READY_TICKS = 60;
export const CRASH_TICKS = 75;
export const RISE_TICKS = 130;
export const BONUS_TICKS = 540;
export const SLOW_TICKS = 420;
const EFFECT_TICKS = 90;
const KEPT_STEPS = 2;
const LIVES = 3;
/** Semitones by which the fireflies of a level climb. */
const SCALE = [0, 3, 5, 7, 10, 12, 15, 17, 19, 22, 24, 27];

/**
 * Begin a game.
 * @param {{random: () => number, players?: number, scheme?: string, level?: number, options?: object}} options
 * @returns {State}
 */
export function create({ random, scheme = 'two', level = 1 }) {
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
    clock: 0,
    pause: 0,
    heading: 0,
    body: [],
    from: 0,
    grow: 0,
    queue: [],
    kept: 0,
    fireflies: [],
    bonus: null,
    caught: 0,
    goal: goalOf(level),
    slow: 0,
    held: [],
    effects: [],
    events: [],
  };
  lineUp(state);
  fill(state, random);
  return state;
}

/** @param {number} level @returns {number} fireflies that end it */
export const goalOf = (level) => Math.min(12, 6 + level);

/** @param {State} state @returns {number} ticks from cell to cell, 18 (calm) down to 8 */
export function period(state) {
  const ticks = Math.max(8, 19 - state.level);
  return state.slow > 0 ? Math.ceil(ticks * 1.6) : ticks;
}

/** @param {State} state @returns {number} ticks the train stops short before a bump: 500 ms down to 250 */
export const grace = (state) => Math.max(15, 32 - 2 * state.level);

/**
 * Say whether a step would end the walk. The last lantern moves out of the way, so its cell is free.
 * @param {State} state
 * @param {number} heading
 */
export function blocked(state, heading) {
  const garden = gardenOf(state.level);
  const cell = garden.next[state.body[0] * 4 + heading];
  if (garden.kinds[cell] !== GROUND) return true;
  const moving = state.grow > 0 ? state.body.length : state.body.length - 1;
  for (let i = 0; i < moving; i++) if (state.body[i] === cell) return true;
  return false;
}

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
  forget(state);
  hear(state, inputs[0]);
  PHASES[state.phase](state, random);
}

/** @type {Record<State['phase'], (state: State, random: () => number) => void>} */
const PHASES = {
  ready(state) {
    if (--state.wait > 0) return;
    state.phase = 'walk';
    tell(state, 'start');
  },
  crash(state, random) {
    if (--state.wait > 0) return;
    if (state.lives === 0) {
      state.over = true;
      tell(state, 'over');
      return;
    }
    begin(state, random);
  },
  rise(state, random) {
    if (--state.wait > 0) return;
    state.level++;
    state.caught = 0;
    state.goal = goalOf(state.level);
    state.fireflies.length = 0;
    begin(state, random);
  },
  walk(state, random) {
    if (state.slow > 0) state.slow--;
    if (state.bonus && --state.bonus.ticks <= 0) state.bonus = null;
    if (++state.clock < period(state)) return;
    const heading = choose(state);
    if (heading !== null) return walk(state, heading, random);
    state.clock = period(state);
    if (state.pause++ === 0) tell(state, 'brink');
    if (state.pause > grace(state)) crash(state);
  },
};

/**
 * Take the next heading of the queue where it is free, else go straight, else stop short.
 * @param {State} state
 * @returns {number|null}
 */
function choose(state) {
  if (state.queue.length) {
    const wanted = state.queue[0];
    if (!blocked(state, wanted)) {
      state.queue.shift();
      state.kept = 0;
      return wanted;
    }
    // A turn that is no turn for a cell or two was meant for here or not at all.
    if (!blocked(state, state.heading) && ++state.kept > KEPT_STEPS) {
      state.queue.length = 0;
      state.kept = 0;
    }
  }
  return blocked(state, state.heading) ? null : state.heading;
}

/**
 * @param {State} state
 * @param {number} heading
 * @param {() => number} random
 */
function walk(state, heading, random) {
  const { body } = state;
  const cell = gardenOf(state.level).next[body[0] * 4 + heading];
  state.heading = heading;
  state.clock = 0;
  state.pause = 0;
  state.from = body[body.length - 1];
  body.unshift(cell);
  if (state.grow > 0) state.grow--;
  else body.pop();
  const found = state.fireflies.indexOf(cell);
  if (found >= 0) catchFirefly(state, found, random);
  else if (state.bonus?.cell === cell) BONUSES[state.bonus.kind](state, state.bonus);
}

/**
 * @param {State} state
 * @param {number} found place among the fireflies
 * @param {() => number} random
 */
function catchFirefly(state, found, random) {
  const cell = state.fireflies[found];
  state.fireflies.splice(found, 1);
  state.caught++;
  state.grow++;
  win(state, 'catch', 10, cell);
  state.events[state.events.length - 1].pitch = SCALE[(state.caught - 1) % SCALE.length];
  if (state.caught >= state.goal) return finish(state);
  fill(state, random);
  if (state.caught % 4 === 2 && !state.bonus) {
    const place = freeCell(state, random);
    const kind = random() < 0.65 ? 'flower' : 'snail';
    if (place >= 0) {
      state.bonus = { kind, cell: place, tick: state.tick, ticks: BONUS_TICKS };
      tell(state, 'appear');
    }
  }
}

/** @type {Record<Bonus['kind'], (state: State, bonus: Bonus) => void>} */
const BONUSES = {
  flower(state, bonus) {
    const points = 10 + 10 * Math.ceil((4 * bonus.ticks) / BONUS_TICKS);
    state.bonus = null;
    win(state, 'flower', points, bonus.cell);
  },
  snail(state, bonus) {
    state.bonus = null;
    state.slow = SLOW_TICKS;
    win(state, 'snail', 5, bonus.cell);
  },
};

/** The level is done: the lanterns rise into the sky. @param {State} state */
function finish(state) {
  const points = 5 * state.body.length;
  state.phase = 'rise';
  state.wait = RISE_TICKS;
  state.bonus = null;
  state.scores[0] += points;
  tell(state, 'level', points);
}

/** @param {State} state */
function crash(state) {
  state.lives--;
  state.phase = 'crash';
  state.wait = CRASH_TICKS;
  const cell = gardenOf(state.level).next[state.body[0] * 4 + state.heading];
  show(state, 'crash', cell);
  tell(state, 'crash');
}

/**
 * Line up again in the garden of the level.
 * @param {State} state
 * @param {() => number} random
 */
function begin(state, random) {
  state.phase = 'ready';
  state.wait = READY_TICKS;
  lineUp(state);
  // What now lies under the train would be eaten unseen.
  state.fireflies = state.fireflies.filter((cell) => !state.body.includes(cell));
  if (state.bonus && state.body.includes(state.bonus.cell)) state.bonus = null;
  fill(state, random);
}

/** @param {State} state */
function lineUp(state) {
  const { start } = gardenOf(state.level);
  state.body = Array.from({ length: START_LENGTH }, (_, i) => start - i);
  state.from = start - START_LENGTH;
  state.heading = 0;
  state.clock = 0;
  state.pause = 0;
  state.grow = 0;
  state.slow = 0;
  state.kept = 0;
  state.queue.length = 0;
}

/**
 * Turn presses into headings. Repeats of what is still held are no new turns: a hand that stays up
 * would lead the train round in a ring.
 * @param {State} state
 * @param {PlayerInput|undefined} input
 */
function hear(state, input) {
  if (!input) return;
  if (state.phase === 'ready' || state.phase === 'walk') {
    for (const action of input.pressed) {
      if (state.held.includes(action)) continue;
      const onBrink = state.pause > 0;
      if (onBrink) state.queue.length = 0;
      const base = state.queue.length ? state.queue[state.queue.length - 1] : state.heading;
      const heading = TURNS[state.scheme]?.[action]?.(base) ?? -1;
      if (heading < 0 || heading === base || heading === (base + 2) % 4 || state.queue.length >= 2) continue;
      state.queue.push(heading);
      tell(state, 'turn');
    }
  }
  state.held.length = 0;
  for (const action of input.held) state.held.push(action);
}

/** @type {Record<string, Record<string, (heading: number) => number>>} */
const TURNS = {
  two: { left: (heading) => (heading + 3) % 4, right: (heading) => (heading + 1) % 4 },
  four: { right: () => 0, down: () => 1, left: () => 2, up: () => 3 },
};

/**
 * Let fireflies come until there are as many as the level has at a time.
 * @param {State} state
 * @param {() => number} random
 */
function fill(state, random) {
  const wanted = Math.min(state.level === 1 ? 1 : 2, state.goal - state.caught);
  while (state.fireflies.length < wanted) {
    const cell = freeCell(state, random);
    if (cell < 0) return;
    state.fireflies.push(cell);
  }
}

/**
 * Find a cell for something to catch: on free ground inside the garden, away from the train's head,
 * and in the first levels not beside a hedge, where turning is hard.
 * @param {State} state
 * @param {() => number} random
 * @returns {number} -1 when the garden is full
 */
function freeCell(state, random) {
  const { kinds, next } = gardenOf(state.level);
  const margin = state.level <= 3 ? 2 : 1;
  const head = state.body[0];
  const cells = [];
  const tight = [];
  for (let y = margin; y < ROWS - margin; y++) {
    for (let x = margin; x < COLUMNS - margin; x++) {
      const cell = y * COLUMNS + x;
      if (kinds[cell] !== GROUND || state.body.includes(cell)) continue;
      if (state.fireflies.includes(cell) || state.bonus?.cell === cell) continue;
      const near = Math.abs(x - (head % COLUMNS)) + Math.abs(y - Math.floor(head / COLUMNS)) < 4;
      const narrow = [0, 1, 2, 3].some((heading) => kinds[next[cell * 4 + heading]] !== GROUND);
      (near || (narrow && state.level <= 3) ? tight : cells).push(cell);
    }
  }
  const choice = cells.length ? cells : tight;
  return choice.length ? choice[Math.floor(random() * choice.length)] : -1;
}

/** @param {State} state @param {string} type @param {number} points @param {number} cell */
function win(state, type, points, cell) {
  state.scores[0] += points;
  show(state, type, cell, points);
  tell(state, type, points);
}

/** @param {State} state @param {string} type @param {number} cell @param {number} [points] */
function show(state, type, cell, points) {
  state.effects.push({ type, x: middleX(cell), y: middleY(cell), tick: state.tick, points });
}

/** @param {State} state @param {string} type @param {number} [points] */
function tell(state, type, points) {
  state.events.push(points === undefined ? { type, player: 0 } : { type, player: 0, points });
}

/** @param {State} state */
function forget(state) {
  while (state.effects.length && state.tick - state.effects[0].tick > EFFECT_TICKS) state.effects.shift();
}
