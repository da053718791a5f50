// How a good player runs: to the nearest food on ways where the mouse is first at every tile, after
// run-down toys while the key lasts, and else away, where the toys have the longest way.

import { PATH, TILES, distance, mazeOf } from './levels.js';
import { mouseSpeed, speedOf } from './chasers.js';

/** @typedef {import('./rules.js').State} State */

const NAMES = ['right', 'down', 'left', 'up'];
/** Steps the mouse wants to be ahead of a toy at every tile of its way. */
const MARGIN = 1;
/** What turning round costs, so that the mouse does not run to and fro between two crumbs. */
const ROUND = 60;
/** Toys farther than this many steps from a tile are no danger to it yet. */
const SIGHT = 12;

/**
 * Say what a good player would hold now.
 * @param {State} state
 * @returns {string|null} an action of the state's scheme
 */
export function bot(state) {
  if (state.over || state.phase !== 'run') return null;
  const action = SAY[state.scheme](state, plan(state));
  // What is still held is no new press: let go first.
  return action !== null && state.held.includes(action) ? null : action;
}

/**
 * Choose where to go.
 * @param {State} state
 * @returns {{way: number[], isRound: boolean}} tiles to come; the first is the one the mouse runs to,
 *   or stands on, unless it turns round first
 */
export function plan(state) {
  const { mouse } = state;
  const { next } = mazeOf(state.level);
  const isBetween = !mouse.isStopped && next[mouse.tile * 4 + mouse.direction] >= 0;
  const at = isBetween ? next[mouse.tile * 4 + mouse.direction] : mouse.tile;
  const lead = isBetween ? 1 - mouse.t : 0;
  const dangers = dangersOf(state);
  let best = { way: [at], isRound: false };
  let bestWorth = -Infinity;
  for (let direction = 0; direction < 4; direction++) {
    const isRound = direction === (mouse.direction + 2) % 4;
    // Turning round happens now, where the mouse is, and not at the tile ahead.
    const first = isRound && isBetween ? mouse.tile : next[at * 4 + direction];
    if (first < 0) continue;
    const start = isRound && isBetween ? Math.max(mouse.t, 0.01) : lead + 1;
    const found = explore(state, first, start, dangers, at);
    let worth = found.worth;
    if (!isRound && isBetween && dangers[at] < lead + MARGIN / 2) worth -= 5000;
    if (isRound) worth -= ROUND;
    if (direction === mouse.direction) worth += 0.5;
    if (worth > bestWorth) [best, bestWorth] = [{ way: isRound ? found.way : [at, ...found.way], isRound }, worth];
  }
  return best;
}

/**
 * Count for every tile the steps of the mouse until the first toy can be there.
 * @param {State} state
 * @returns {Float32Array}
 */
function dangersOf(state) {
  const maze = mazeOf(state.level);
  const speed = mouseSpeed(state);
  const dangers = new Float32Array(TILES).fill(99);
  for (const chaser of state.chasers) {
    if (chaser.isLimp || chaser.mode === 'home' || (chaser.mode === 'box' && chaser.timer > 60)) continue;
    const isOut = chaser.mode === 'hunt';
    const pace = (chaser.windup > 0 ? speed * 1.3 : Math.max(speed * 0.5, speedOf(state, chaser, speed))) / speed;
    for (let tile = 0; tile < TILES; tile++) {
      if (maze.kinds[tile] !== PATH) continue;
      const steps = isOut
        ? behind(state, chaser, tile)
        : maze.toDoorstep[tile] + maze.toDoorstep[chaser.tile];
      if (steps < SIGHT) dangers[tile] = Math.min(dangers[tile], (steps - 0.5) / pace);
    }
  }
  return dangers;
}

/**
 * Count a toy's steps to a tile: toys do not turn round on their own.
 * @param {State} state
 * @param {import('./chasers.js').Chaser} chaser
 * @param {number} tile
 */
function behind(state, chaser, tile) {
  const maze = mazeOf(state.level);
  const ahead = maze.next[chaser.tile * 4 + chaser.direction];
  const straight = ahead < 0 ? 99 : distance(maze, ahead, tile) + 1 - chaser.t;
  const back = distance(maze, chaser.tile, tile) + chaser.t;
  return Math.min(straight, back + 2);
}

/**
 * Say what the ways are worth that begin with a tile: the nearest prize on them that can be had
 * safely, else how long one is safe.
 * @param {State} state
 * @param {number} first
 * @param {number} start steps until the mouse is there
 * @param {Float32Array} dangers
 * @param {number} closed a tile the way does not go over again
 * @returns {{worth: number, way: number[]}} the way's tiles, from the first
 */
function explore(state, first, start, dangers, closed) {
  if (dangers[first] < start + MARGIN) return { worth: -4000 + dangers[first] * 20, way: [first] };
  const { next } = mazeOf(state.level);
  const steps = new Float32Array(TILES).fill(-1);
  const before = new Int16Array(TILES).fill(-1);
  if (closed !== first) steps[closed] = 0;
  steps[first] = start;
  const queue = [first];
  let [prize, goal] = [-Infinity, first];
  let [safety, refuge] = [-Infinity, first];
  for (const tile of queue) {
    const found = prizeOf(state, tile, steps[tile]);
    if (found > prize) [prize, goal] = [found, tile];
    const lead = dangers[tile] - steps[tile];
    if (lead > safety) [safety, refuge] = [lead, tile];
    for (let direction = 0; direction < 4; direction++) {
      const to = next[tile * 4 + direction];
      if (to < 0 || steps[to] >= 0 || dangers[to] < steps[tile] + 1 + MARGIN) continue;
      steps[to] = steps[tile] + 1;
      before[to] = tile;
      queue.push(to);
    }
  }
  const way = [];
  for (let tile = prize > -Infinity ? goal : refuge; tile >= 0; tile = before[tile]) way.push(tile);
  // A safe way has room behind it; a little pocket is a trap even with crumbs in it.
  const trap = queue.length < 12 ? -800 + queue.length * 20 : 0;
  return { worth: trap + (prize > -Infinity ? prize : -200 + safety), way: way.reverse() };
}

/**
 * @param {State} state
 * @param {number} tile
 * @param {number} steps
 */
function prizeOf(state, tile, steps) {
  let prize = -Infinity;
  if (state.food[tile]) prize = 500 - steps * 4;
  if (state.limp > 0) {
    for (const chaser of state.chasers) {
      const isInTime = chaser.isLimp && steps / mouseSpeed(state) < state.limp - 60;
      if (isInTime && chaser.tile === tile) prize = Math.max(prize, 560 - steps * 4);
    }
  }
  return prize;
}

/** @type {Record<string, (state: State, plan: {way: number[], isRound: boolean}) => string|null>} */
const SAY = {
  two(state, { way, isRound }) {
    const { mouse } = state;
    if (isRound) return mouse.want === 1 || (mouse.want === null && state.held[0] !== 'right') ? 'right' : 'left';
    const direction = firstTurn(state, way);
    const turn = direction === null ? 0 : (direction - mouse.direction + 4) % 4;
    if (turn === 0 || mouse.want === turn) return null;
    return turn === 1 ? 'right' : 'left';
  },
  four(state, { way, isRound }) {
    const { mouse } = state;
    if (isRound) return NAMES[(mouse.direction + 2) % 4];
    const direction = firstTurn(state, way);
    // A wish that is none any more is taken back by going on.
    if (direction === null) return mouse.want === null ? null : NAMES[mouse.direction];
    return mouse.want === direction ? null : NAMES[direction];
  },
};

/**
 * Find the first turn of a way, if saying it now can mean no other place. Bends need no word.
 * @param {State} state
 * @param {number[]} way
 * @returns {number|null} a direction
 */
function firstTurn(state, way) {
  const { next } = mazeOf(state.level);
  const along = state.mouse.direction;
  for (let i = 0; i + 1 < way.length; i++) {
    const direction = [0, 1, 2, 3].find((to) => next[way[i] * 4 + to] === way[i + 1]) ?? along;
    if (direction === along) continue;
    const isBend = next[way[i] * 4 + along] < 0 && next[way[i] * 4 + ((direction + 2) % 4)] < 0;
    const isEarlier = way.slice(0, i).some((tile) => next[tile * 4 + direction] >= 0);
    return isBend || isEarlier ? null : direction;
  }
  return null;
}
