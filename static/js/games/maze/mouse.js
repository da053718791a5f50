// The mouse, and what it makes of a hand that comes early, late or not at all.

import { START, TILES, distance, mazeOf } from './levels.js';
import { turnRound } from './chasers.js';

/**
 * @typedef {import('./rules.js').State} State
 * @typedef {import('./rules.js').PlayerInput} PlayerInput
 * @typedef {object} Mouse
 * @property {number} tile
 * @property {number} direction 0 right, 1 down, 2 left, 3 up
 * @property {number} t 0..1 of the way to the next tile
 * @property {boolean} isStopped at a block, waiting to be told
 * @property {number} wait ticks it has been stopped
 * @property {number|null} want scheme two: 3 left or 1 right of its way; scheme four: a direction
 * @property {number} wantTicks ticks left of the wish
 * @property {number} bend the turn of the latest bend taken untold (1 or 3), else 0
 * @property {number} bendTick when that was
 * @property {boolean} cameStraight whether it went straight over the tile it is leaving
 * @property {number} slip how far (in tiles) it still seems to be on a way it has taken back, for drawing
 * @property {number} slipDirection that way
 */

const WISH_TICKS = 150;
const PICK_TICKS = 26;
const BEND_TICKS = 22;
const LATE = 0.45;

/** @returns {Mouse} */
export const freshMouse = () => ({
  tile: START,
  direction: 2,
  t: 0,
  isStopped: false,
  wait: 0,
  want: null,
  wantTicks: 0,
  bend: 0,
  bendTick: -1000,
  cameStraight: false,
  slip: 0,
  slipDirection: 0,
});

/**
 * Turn presses into wishes. What is still held is no new press; it only keeps the wish alive.
 * @param {State} state
 * @param {PlayerInput|undefined} input
 */
export function hear(state, input) {
  if (!input) return;
  const { mouse } = state;
  if (state.phase === 'ready' || state.phase === 'run') {
    if (mouse.wantTicks > 0 && input.held.size === 0 && --mouse.wantTicks === 0) mouse.want = null;
    for (const action of input.pressed) {
      const turn = TURNS[state.scheme]?.[action];
      if (turn === undefined || state.held.includes(action)) continue;
      WISHES[state.scheme](state, turn);
    }
  }
  state.held.length = 0;
  for (const action of input.held) state.held.push(action);
}

/** @type {Record<string, Record<string, number>>} */
const TURNS = { two: { left: 3, right: 1 }, four: { right: 0, down: 1, left: 2, up: 3 } };

/** @type {Record<string, (state: State, turn: number) => void>} */
const WISHES = {
  two(state, turn) {
    const { mouse } = state;
    if (mouse.want === turn) {
      wish(state, null);
      mouse.isStopped = false;
      turnRound(mouse);
      state.events.push({ type: 'round', player: 0 });
      return;
    }
    // A bend that took itself was meant by a press that comes a little later.
    if (mouse.bend === turn && state.since - mouse.bendTick <= BEND_TICKS) {
      mouse.bend = 0;
      return;
    }
    wish(state, turn);
    if (isLate(state, (mouse.direction + turn) % 4)) goBack(state, (mouse.direction + turn) % 4);
  },
  four(state, turn) {
    const { mouse } = state;
    if (turn === (mouse.direction + 2) % 4 && (mouse.t > 0 || mazeOf(state.level).next[mouse.tile * 4 + turn] >= 0)) {
      wish(state, null);
      mouse.isStopped = false;
      turnRound(mouse);
      return;
    }
    wish(state, turn === mouse.direction && !mouse.isStopped ? null : turn);
    if (turn !== mouse.direction && isLate(state, turn)) goBack(state, turn);
  },
};

/**
 * @param {State} state
 * @param {number|null} turn
 */
function wish(state, turn) {
  state.mouse.want = turn;
  state.mouse.wantTicks = turn === null ? 0 : WISH_TICKS;
  if (turn !== null) state.events.push({ type: 'turn', player: 0 });
}

/**
 * Say whether a wish was meant for the crossing just passed: that way was open there, and the next
 * place where it is open is not near.
 * @param {State} state
 * @param {number} direction the wish as a direction
 */
function isLate(state, direction) {
  const { mouse } = state;
  const { next } = mazeOf(state.level);
  if (mouse.isStopped || mouse.t === 0 || mouse.t > LATE || !mouse.cameStraight) return false;
  if (next[mouse.tile * 4 + direction] < 0) return false;
  let tile = mouse.tile;
  for (let i = 0; i < 3; i++) {
    tile = next[tile * 4 + mouse.direction];
    if (tile < 0) return true;
    if (next[tile * 4 + direction] >= 0) return false;
  }
  return true;
}

/**
 * Take the crossing just passed after all.
 * @param {State} state
 * @param {number} direction
 */
function goBack(state, direction) {
  const { mouse } = state;
  wish(state, null);
  mouse.slip = mouse.t;
  mouse.slipDirection = mouse.direction;
  mouse.direction = direction;
  mouse.t = 0;
}

/**
 * Run on by a tick.
 * @param {State} state
 * @param {number} speed tiles a tick
 * @returns {boolean} whether the mouse has come to a tile, and what lies there is its own
 */
export function run(state, speed) {
  const { mouse } = state;
  const maze = mazeOf(state.level);
  state.track[mouse.tile] = state.since;
  mouse.slip = mouse.slip > 0.02 ? mouse.slip * 0.75 : 0;
  if (mouse.isStopped) {
    mouse.wait++;
    const direction = wayOn(state, maze.next);
    if (direction === null) return false;
    mouse.isStopped = false;
    mouse.direction = direction;
  }
  if (maze.next[mouse.tile * 4 + mouse.direction] < 0) {
    stop(mouse);
    return false;
  }
  mouse.t += speed;
  if (mouse.t < 1) return false;
  mouse.t -= 1;
  mouse.tile = maze.next[mouse.tile * 4 + mouse.direction];
  const direction = wayOn(state, maze.next);
  if (direction === null) stop(mouse);
  else {
    mouse.cameStraight = direction === mouse.direction;
    mouse.direction = direction;
  }
  return true;
}

/** @param {Mouse} mouse */
function stop(mouse) {
  mouse.isStopped = true;
  mouse.wait = 0;
  mouse.t = 0;
}

/**
 * Choose the way on at a tile: as wished, else straight on, else round the bend; where the path
 * parts and nothing is wished, the mouse looks about first, and with two actions goes on by itself.
 * @param {State} state
 * @param {Int16Array} next
 * @returns {number|null}
 */
function wayOn(state, next) {
  const { mouse } = state;
  const isOpen = (/** @type {number} */ direction) => next[mouse.tile * 4 + direction] >= 0;
  if (mouse.want !== null) {
    const wanted = state.scheme === 'four' ? mouse.want : (mouse.direction + mouse.want) % 4;
    const isRound = wanted === (mouse.direction + 2) % 4;
    if (isOpen(wanted) || isRound) {
      wish(state, null);
      mouse.bend = 0;
      // A bend has made the wish a turning round, which was not meant.
      if (!isRound) return wanted;
    }
  }
  if (isOpen(mouse.direction)) return mouse.direction;
  const left = (mouse.direction + 3) % 4;
  const right = (mouse.direction + 1) % 4;
  if (isOpen(left) && isOpen(right)) {
    if (state.scheme === 'four' || !mouse.isStopped || mouse.wait < PICK_TICKS) return null;
    return richer(state, next, left, right);
  }
  const bend = isOpen(left) ? left : right;
  mouse.bend = bend === left ? 3 : 1;
  mouse.bendTick = state.since;
  return isOpen(bend) ? bend : (mouse.direction + 2) % 4;
}

/**
 * Give the one of two directions that has food nearer.
 * @param {State} state
 * @param {Int16Array} next
 * @param {number} left
 * @param {number} right
 */
function richer(state, next, left, right) {
  const maze = mazeOf(state.level);
  const nearest = (/** @type {number} */ direction) => {
    const from = next[state.mouse.tile * 4 + direction];
    let fewest = 255;
    for (let tile = 0; tile < TILES; tile++) {
      if (state.food[tile]) fewest = Math.min(fewest, distance(maze, from, tile));
    }
    return fewest;
  };
  return nearest(left) <= nearest(right) ? left : right;
}
