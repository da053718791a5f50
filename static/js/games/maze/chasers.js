// The four wind-up toys, each with a mind of its own:
// Dilly the duck waddles along the mouse's own track; Bim the robot wanders, and grows bold when few
// crumbs are left; Whirl the top keeps to a corner and dashes when the mouse is near; Snip the crab
// makes for where the mouse is going. Once the mouse has a golden key they run down, and tip over.

import {
  BOX, CORNERS, DOORSTEP, HOME, LID, PATH, TILES, distance, mazeOf, neighbour,
} from './levels.js';

/**
 * @typedef {import('./rules.js').State} State
 * @typedef {'duck'|'robot'|'top'|'crab'} Kind
 * @typedef {object} Chaser
 * @property {Kind} kind
 * @property {'box'|'out'|'hunt'|'home'} mode waiting in the toy box, leaving it, about, rolling home tipped over
 * @property {number} tile
 * @property {number} direction
 * @property {number} t 0..1 of the way to the next tile
 * @property {number} timer ticks left in the box
 * @property {boolean} isLimp run down by the key
 * @property {number} windup ticks a top still spins on the spot before it dashes
 * @property {number} dash ticks a top still dashes
 * @property {number} rest ticks until a top may dash again
 * @property {number} corner which of CORNERS it goes to when it keeps away
 */

/** In the order in which the levels bring them. @type {Kind[]} */
export const KINDS = ['duck', 'robot', 'top', 'crab'];

export const DASH_STEPS = 5;
const WINDUP_TICKS = 32;
const DASH_TICKS = 75;
const REST_TICKS = 170;
const PATROL_TICKS = 1200;
const REWIND_TICKS = 150;
/** Every so often all keep away for a while: 17 s of chase, 5 s of peace. */
const CHASE_TICKS = 1020;
const PEACE_TICKS = 300;
const BOLD_SHARE = 0.4;

/** @param {number} level @returns {number} how many toys are about: 2, 3, then 4 */
export const howMany = (level) => Math.min(4, level + 1);

/**
 * Set the toys up: the first above the lid, the others in the box.
 * @param {number} level
 * @returns {Chaser[]}
 */
export function setUp(level) {
  return KINDS.slice(0, howMany(level)).map((kind, i) => ({
    kind,
    mode: i === 0 ? 'hunt' : 'box',
    tile: i === 0 ? DOORSTEP : HOME + [0, 0, -1, 1][i],
    direction: i === 0 ? 2 : 3,
    t: 0,
    timer: i * 210 - 90,
    isLimp: false,
    windup: 0,
    dash: 0,
    rest: 0,
    corner: i,
  }));
}

/** @param {State} state @returns {boolean} whether the toys keep to their corners just now */
export const isPeace = (state) => state.level < 8 && state.since % (CHASE_TICKS + PEACE_TICKS) >= CHASE_TICKS;

/** @param {State} state @returns {boolean} whether so few crumbs are left that the robot is bold */
export const isBold = (state) => state.left < BOLD_SHARE * state.total;

/** @param {State} state @returns {number} the mouse's speed in tiles a tick: 3.7 to 4.8 a second */
export const mouseSpeed = (state) => Math.min(4.8, 3.55 + 0.15 * state.level) / 60;

/**
 * Give a toy's speed in tiles a tick.
 * @param {State} state
 * @param {Chaser} chaser
 * @param {number} mouse the mouse's speed
 */
export function speedOf(state, chaser, mouse) {
  if (chaser.mode === 'home') return mouse * 2;
  if (chaser.mode !== 'hunt') return mouse * 0.5;
  if (chaser.windup > 0) return 0;
  if (chaser.isLimp) return mouse * 0.45;
  const pace = mouse * Math.min(0.97, 0.69 + 0.04 * state.level);
  return pace * PACES[chaser.kind](state, chaser);
}

/** @type {Record<Kind, (state: State, chaser: Chaser) => number>} */
const PACES = {
  duck: () => 1,
  robot: (state) => (isBold(state) ? 1.05 : 0.92),
  top: (_, chaser) => (chaser.dash > 0 ? 1.5 : 0.9),
  crab: () => 0.96,
};

/**
 * Move a toy by one tick.
 * @param {State} state
 * @param {Chaser} chaser
 * @param {number} mouse the mouse's speed in tiles a tick
 * @param {() => number} random
 */
export function move(state, chaser, mouse, random) {
  if (chaser.mode === 'box') {
    if (--chaser.timer > 0) return;
    chaser.mode = 'out';
    chaser.direction = way(mazeOf(state.level).toDoorstep, chaser.tile);
  }
  if (chaser.kind === 'top') spin(state, chaser);
  chaser.t += speedOf(state, chaser, mouse);
  while (chaser.t >= 1) {
    chaser.t -= 1;
    chaser.tile = neighbour(chaser.tile, chaser.direction);
    arrive(state, chaser, random);
  }
}

/**
 * @param {State} state
 * @param {Chaser} chaser
 */
function spin(state, chaser) {
  if (chaser.windup > 0 && --chaser.windup === 0) chaser.dash = DASH_TICKS;
  else if (chaser.dash > 0 && --chaser.dash === 0) chaser.rest = REST_TICKS;
  else if (chaser.rest > 0) chaser.rest--;
  else if (chaser.dash === 0 && chaser.windup === 0 && chaser.mode === 'hunt' && !chaser.isLimp) {
    if (distance(mazeOf(state.level), chaser.tile, state.mouse.tile) > DASH_STEPS) return;
    chaser.windup = WINDUP_TICKS;
    state.events.push({ type: 'windup', player: 0 });
  }
}

/**
 * Choose the way on at a tile.
 * @param {State} state
 * @param {Chaser} chaser
 * @param {() => number} random
 */
function arrive(state, chaser, random) {
  const maze = mazeOf(state.level);
  if (chaser.mode === 'home' && chaser.tile === HOME) {
    Object.assign(chaser, { mode: 'box', timer: REWIND_TICKS, isLimp: false, t: 0, direction: 3 });
    return;
  }
  if (chaser.mode === 'out' && chaser.tile === DOORSTEP) chaser.mode = 'hunt';
  if (chaser.mode === 'home') chaser.direction = way(maze.toHome, chaser.tile);
  else if (chaser.mode === 'out') chaser.direction = way(maze.toDoorstep, chaser.tile);
  else chaser.direction = hunt(state, chaser, random);
}

/**
 * Give the direction in which the steps grow fewer.
 * @param {Uint8Array} steps
 * @param {number} tile
 */
function way(steps, tile) {
  for (let direction = 0; direction < 4; direction++) {
    if (steps[neighbour(tile, direction)] < steps[tile]) return direction;
  }
  return 3;
}

/**
 * @param {State} state
 * @param {Chaser} chaser
 * @param {() => number} random
 * @returns {number} direction; never back where another way is open
 */
function hunt(state, chaser, random) {
  const { next } = mazeOf(state.level);
  const open = [];
  for (let direction = 0; direction < 4; direction++) {
    if (next[chaser.tile * 4 + direction] < 0 || direction === (chaser.direction + 2) % 4) continue;
    open.push(direction);
  }
  if (!open.length) return (chaser.direction + 2) % 4;
  if (open.length === 1) return open[0];
  if (chaser.isLimp) return open[Math.floor(random() * open.length)];
  if (isPeace(state) && chaser.kind !== 'robot') return towards(state, chaser, open, CORNERS[chaser.corner]);
  return MINDS[chaser.kind](state, chaser, open, random);
}

/** @type {Record<Kind, (state: State, chaser: Chaser, open: number[], random: () => number) => number>} */
const MINDS = {
  duck(state, chaser, open) {
    const { next } = mazeOf(state.level);
    let best = -1;
    // Only a track newer than where the duck stands leads to the mouse.
    let newest = Math.max(state.track[chaser.tile], state.since - 600);
    for (const direction of open) {
      const tracked = state.track[next[chaser.tile * 4 + direction]];
      if (tracked > newest) [best, newest] = [direction, tracked];
    }
    return best >= 0 ? best : towards(state, chaser, open, state.mouse.tile);
  },
  crab(state, chaser, open) {
    const { next } = mazeOf(state.level);
    let aim = state.mouse.tile;
    for (let i = 0; i < 4; i++) {
      const to = next[aim * 4 + state.mouse.direction];
      if (to < 0) break;
      aim = to;
    }
    const isNear = distance(mazeOf(state.level), chaser.tile, state.mouse.tile) <= 3;
    return towards(state, chaser, open, isNear ? state.mouse.tile : aim);
  },
  top(state, chaser, open) {
    if (chaser.dash > 0) return towards(state, chaser, open, state.mouse.tile);
    const corner = CORNERS[(chaser.corner + Math.floor(state.since / PATROL_TICKS)) % 4];
    if (distance(mazeOf(state.level), chaser.tile, corner) > 4) return towards(state, chaser, open, corner);
    return open[(state.since + chaser.tile) % open.length];
  },
  robot(state, chaser, open, random) {
    if (random() < (isBold(state) ? 0.85 : 0.15)) return towards(state, chaser, open, state.mouse.tile);
    return open[Math.floor(random() * open.length)];
  },
};

/**
 * Give the open direction from which the fewest steps lead to a tile.
 * @param {State} state
 * @param {Chaser} chaser
 * @param {number[]} open
 * @param {number} target
 */
function towards(state, chaser, open, target) {
  const maze = mazeOf(state.level);
  let best = open[0];
  let fewest = Infinity;
  for (const direction of open) {
    const steps = distance(maze, maze.next[chaser.tile * 4 + direction], target);
    if (steps < fewest) [best, fewest] = [direction, steps];
  }
  return best;
}

/**
 * Run all toys that are about down: they turn round where they are.
 * @param {State} state
 */
export function unwind(state) {
  for (const chaser of state.chasers) {
    if (chaser.mode !== 'hunt') continue;
    Object.assign(chaser, { isLimp: true, windup: 0, dash: 0, rest: 0 });
    // One that stands exactly on a tile may have come round a bend.
    if (chaser.t > 0 || mazeOf(state.level).next[chaser.tile * 4 + ((chaser.direction + 2) % 4)] >= 0) turnRound(chaser);
  }
}

/** @param {State} state */
export function wind(state) {
  for (const chaser of state.chasers) chaser.isLimp = false;
}

/**
 * Turn round between two tiles or on one.
 * @param {{tile: number, direction: number, t: number}} actor
 */
export function turnRound(actor) {
  if (actor.t > 0) {
    actor.tile = neighbour(actor.tile, actor.direction);
    actor.t = 1 - actor.t;
  }
  actor.direction = (actor.direction + 2) % 4;
}

/**
 * Say whether a toy may be on a tile: on paths, and in the box and its lid on the way out and home.
 * @param {number} level
 * @param {Chaser} chaser
 */
export function isAllowed(level, chaser) {
  if (chaser.tile < 0 || chaser.tile >= TILES) return false;
  const kind = mazeOf(level).kinds[chaser.tile];
  return kind === PATH || (kind === BOX && (chaser.mode !== 'hunt' || chaser.tile === LID));
}
