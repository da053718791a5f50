// How a good player runs: to the nearest food on ways where the mouse is first at every tile, after
// run-down toys while the key lasts, and else away, where the toys have the longest way.

import { PATH, TILES, distance, mazeOf } from './levels.js';
import { mouseSpeed, speedOf } from './chasers.js';

/** @typedef {import('./rules.js').State} State */

const NAMES = ['right', 'down', 'left', 'up'];
/** Steps the mouse wants to be ahead of a toy at every tile of its way. */
const MARGIN = 1.6;

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
 * Choose where to go: at once if stopped or to turn round, else at the tile ahead.
 * @param {State} state
 * @returns {{direction: number, isRound: boolean}}
 */
export function plan(state) {
  const { mouse } = state;
  const maze = mazeOf(state.level);
  const { next } = maze;
  const isBetween = !mouse.isStopped && next[mouse.tile * 4 + mouse.direction] >= 0;
  const at = isBetween ? next[mouse.tile * 4 + mouse.direction] : mouse.tile;
  const lead = isBetween ? 1 - mouse.t : 0;
  const dangers = dangersOf(state);
  let best = { direction: mouse.direction, isRound: false };
  let bestWorth = -Infinity;
  for (let direction = 0; direction < 4; direction++) {
    const isRound = direction === (mouse.direction + 2) % 4;
    // Turning round happens now, where the mouse is, and not at the tile ahead.
    const first = isRound && isBetween ? mouse.tile : next[at * 4 + direction];
    if (first < 0) continue;
    const start = isRound && isBetween ? Math.max(mouse.t, 0.01) : lead + 1;
    let worth = worthOf(state, first, start, dangers, at);
    if (!isRound && isBetween && dangers[at] < lead + MARGIN / 2) worth -= 5000;
    if (isRound) worth -= 6;
    if (direction === mouse.direction) worth += 0.5;
    if (worth > bestWorth) [best, bestWorth] = [{ direction, isRound }, worth];
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
      dangers[tile] = Math.min(dangers[tile], (steps - 0.5) / pace);
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
 * Say what a way is worth that begins with a tile: the nearest prize on it that can be had safely,
 * else how long one is safe.
 * @param {State} state
 * @param {number} first
 * @param {number} start steps until the mouse is there
 * @param {Float32Array} dangers
 * @param {number} closed a tile the way does not go over again
 */
function worthOf(state, first, start, dangers, closed) {
  const { next } = mazeOf(state.level);
  const steps = new Float32Array(TILES).fill(-1);
  steps[first] = start;
  if (closed !== first) steps[closed] = 0;
  if (dangers[first] < start + MARGIN) return -4000 + dangers[first] * 20;
  const queue = [first];
  let prize = -Infinity;
  let safety = -Infinity;
  let room = 0;
  for (const tile of queue) {
    const found = prizeOf(state, tile, steps[tile]);
    if (found > prize) prize = found;
    safety = Math.max(safety, dangers[tile] - steps[tile]);
    room++;
    for (let direction = 0; direction < 4; direction++) {
      const to = next[tile * 4 + direction];
      if (to < 0 || steps[to] >= 0 || dangers[to] < steps[tile] + 1 + MARGIN) continue;
      steps[to] = steps[tile] + 1;
      queue.push(to);
    }
  }
  // A safe way with room behind it; a little pocket is a trap even with crumbs in it.
  const trap = room < 12 && prize < 900 ? -800 + room * 20 : 0;
  return trap + (prize > -Infinity ? prize : -200 + safety);
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

/** @type {Record<string, (state: State, plan: {direction: number, isRound: boolean}) => string|null>} */
const SAY = {
  two(state, { direction, isRound }) {
    const { mouse } = state;
    const turn = (direction - mouse.direction + 4) % 4;
    if (isRound) return mouse.want === 1 || (mouse.want === null && state.held[0] !== 'right') ? 'right' : 'left';
    if (turn === 0 || mouse.want === turn) return null;
    const { next } = mazeOf(state.level);
    const at = mouse.isStopped ? mouse.tile : next[mouse.tile * 4 + mouse.direction];
    // Bends take themselves; a turn of one's own is said once it can only mean the tile ahead.
    const isBend = next[at * 4 + mouse.direction] < 0 && next[at * 4 + ((direction + 2) % 4)] < 0;
    if (isBend || (!mouse.isStopped && mouse.t < 0.3)) return null;
    return turn === 1 ? 'right' : 'left';
  },
  four(state, { direction, isRound }) {
    const { mouse } = state;
    if (direction === mouse.direction && !mouse.isStopped) return null;
    if (mouse.want === direction) return null;
    if (!isRound && !mouse.isStopped && mouse.t < 0.3) return null;
    return NAMES[direction];
  },
};
