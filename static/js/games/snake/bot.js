// How a good player walks: the shortest way to the nearest firefly, unless the train would lock
// itself in; then after its own last lantern, which always moves away.

import { GROUND, gardenOf } from './levels.js';

const NAMES = ['right', 'down', 'left', 'up'];

/** @typedef {import('./rules.js').State} State */

/**
 * Say what a good player would hold now.
 * @param {State} state
 * @returns {string|null} an action of the state's scheme
 */
export function bot(state) {
  if (state.over || state.phase !== 'walk' || state.queue.length) return null;
  const heading = plan(state);
  if (heading === null || heading === state.heading) return null;
  const turn = (heading - state.heading + 4) % 4;
  const action = state.scheme === 'four' ? NAMES[heading] : turn === 3 ? 'left' : 'right';
  // What is still held is no new press: let go first.
  return state.held.includes(action) ? null : action;
}

/**
 * Choose the heading of the next step.
 * @param {State} state
 * @returns {number|null} null when every way is blocked
 */
export function plan(state) {
  const { kinds, next } = gardenOf(state.level);
  const body = state.body;
  const length = body.length;
  const goals = state.bonus ? [...state.fireflies, state.bonus.cell] : state.fireflies;
  const way = search(kinds, next, body, goals);
  if (way) {
    const after = [...way].reverse().concat(body).slice(0, length + (state.grow > 0 ? 1 : 0) + 1);
    if (search(kinds, next, after, [after[after.length - 1]], true)) return headingTo(next, body[0], way[0]);
  }
  // Nothing safe to catch: take the step after which the last lantern is still in reach, and farthest.
  /** @type {number|null} */
  let best = null;
  let bestLength = -1;
  for (let turn = 0; turn < 4; turn++) {
    const cell = next[body[0] * 4 + turn];
    if (kinds[cell] !== GROUND || body.indexOf(cell) >= 0) {
      if (cell !== body[length - 1] || state.grow > 0 || turn === (state.heading + 2) % 4) continue;
    }
    const after = [cell, ...body].slice(0, length + (state.grow > 0 ? 1 : 0));
    const back = search(kinds, next, after, [after[after.length - 1]], true);
    const worth = back ? 1000 + back.length : room(kinds, next, after);
    if (worth > bestLength) [best, bestLength] = [turn, worth];
  }
  return best;
}

/** @param {Int16Array} next @param {number} from @param {number} to */
function headingTo(next, from, to) {
  for (let heading = 0; heading < 4; heading++) if (next[from * 4 + heading] === to) return heading;
  return null;
}

/**
 * Find the shortest way from the head to one of the goals. A lantern at place i from the head has
 * moved on when the walk is longer than what is behind it.
 * @param {Uint8Array} kinds
 * @param {Int16Array} next
 * @param {number[]} body the head first
 * @param {number[]} goals
 * @param {boolean} [ownTail] whether the goal is the last lantern, whose cell is then no obstacle
 * @returns {number[]|null} the cells of the way, without the head's
 */
function search(kinds, next, body, goals, ownTail = false) {
  const before = new Int16Array(kinds.length).fill(-1);
  const steps = new Int16Array(kinds.length);
  const free = new Int16Array(kinds.length);
  for (let i = 0; i < body.length; i++) free[body[i]] = body.length - i;
  if (ownTail) free[body[body.length - 1]] = 0;
  const queue = [body[0]];
  before[body[0]] = body[0];
  for (let i = 0; i < queue.length; i++) {
    const cell = queue[i];
    if (i > 0 && goals.includes(cell)) {
      const way = [];
      for (let at = cell; at !== body[0]; at = before[at]) way.push(at);
      return way.reverse();
    }
    for (let heading = 0; heading < 4; heading++) {
      const to = next[cell * 4 + heading];
      if (before[to] >= 0 || kinds[to] !== GROUND || free[to] > steps[cell] + 1) continue;
      before[to] = cell;
      steps[to] = steps[cell] + 1;
      queue.push(to);
    }
  }
  return null;
}

/**
 * Count the cells the head can reach.
 * @param {Uint8Array} kinds
 * @param {Int16Array} next
 * @param {number[]} body
 */
function room(kinds, next, body) {
  const seen = new Set(body);
  const queue = [body[0]];
  for (const cell of queue) {
    for (let heading = 0; heading < 4; heading++) {
      const to = next[cell * 4 + heading];
      if (seen.has(to) || kinds[to] !== GROUND) continue;
      seen.add(to);
      queue.push(to);
    }
  }
  return queue.length;
}
