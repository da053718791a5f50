// The way through the woods: how fast one runs, what stands in the way, and where it is put. What
// stands in the way comes early enough, and far enough apart, that whoever acts three tenths of a
// second late still has a moment left for each jump.

/** Where the runner is on the field, and the ground; units of the field. */
export const RUNNER = Object.freeze({ x: 220, ground: 482, half: 15, tall: 70, low: 40 });
/** A jump: ticks from ground to ground and its height; both follow from speed and gravity below. */
export const JUMP = Object.freeze({ ticks: 52, height: 180 });
/** How far ahead the way is laid out: beyond the right edge of the field. */
export const AHEAD = 1100;

/**
 * What stands in the way. 'low': jump over it; 'high': it hangs, gap above the ground, duck below;
 * 'pit': no ground. h is the height of what is low, the gap below what is high.
 * @type {Record<string, {type: 'low' | 'high' | 'pit', w: number, h: number, from: number}>}
 */
export const KINDS = Object.freeze({
  stump: { type: 'low', w: 52, h: 44, from: 1 },
  mushroom: { type: 'low', w: 46, h: 50, from: 1 },
  branch: { type: 'high', w: 84, h: 57, from: 1 },
  stones: { type: 'low', w: 66, h: 42, from: 2 },
  pit: { type: 'pit', w: 92, h: 0, from: 2 },
  nest: { type: 'high', w: 60, h: 56, from: 2 },
  bramble: { type: 'low', w: 96, h: 44, from: 3 },
  lantern: { type: 'high', w: 52, h: 57, from: 3 },
});
const NAMES = Object.keys(KINDS);

/** How many ticks' way a pit is wide, and how far on both sides of an obstacle a touch is forgiven. */
const PIT_TICKS = 22;
export const FORGIVEN = 0.14;

/**
 * Say how fast one runs at a level.
 * @param {number} level from 1 @returns {number} units a tick
 */
export const speedOf = (level) => Math.min(10.5, 4.2 + 0.42 * (level - 1));
/** How long a level is. @param {number} level @returns {number} units */
export const lengthOf = (level) => 5200 + 600 * (level - 1);
/** Ticks of way between two obstacles, and between the two of a pair. @param {number} level @param {() => number} random */
const restOf = (level, random) => Math.max(70, 138 - 8 * (level - 1)) + 46 * random();
const PAIR = 64;
/** From which level on there are pairs, and how often. */
const PAIRS = { from: 2, chance: 0.22 };

/** @typedef {{id: number, kind: string, type: 'low' | 'high' | 'pit', x: number, w: number, h: number, passed: boolean, hit: boolean, told: boolean}} Obstacle */
/** @typedef {{id: number, x: number, y: number, gold: boolean}} Leaf */
/** @typedef {{level: number, nextX: number, nextId: number, lastKind: string, pair: boolean, obstacles: Obstacle[], leaves: Leaf[]}} Course */

/**
 * Say how high a jump is.
 * @param {number} t ticks since the ground was left @returns {number} units above the ground
 */
export const arc = (t) => (4 * JUMP.height * t * (JUMP.ticks - t)) / JUMP.ticks ** 2;

/** @param {Course} course @param {number} x @param {number} y @param {boolean} [gold] */
function hang(course, x, y, gold = false) {
  course.leaves.push({ id: course.nextId++, x, y, gold });
}

/** What leaves lie around an obstacle: they show how to pass it. */
const LEAVES = {
  /** @param {Course} course @param {Obstacle} obstacle @param {number} speed @param {() => number} random */
  over(course, { x, w }, speed, random) {
    const gold = course.level > 1 && random() < 0.18;
    for (let i = 0; i < 5; i++) {
      const t = 10 + 8 * i;
      hang(course, x + w / 2 + (t - JUMP.ticks / 2) * speed, arc(t) + 22, gold && i === 2);
    }
  },
  /** @param {Course} course @param {Obstacle} obstacle */
  under(course, { x, w }) {
    for (let i = -1; i <= 1; i++) hang(course, x + w / 2 + 34 * i, 22);
  },
};
const LEAVES_AT = { low: LEAVES.over, pit: LEAVES.over, high: LEAVES.under };

/** Choose what comes next: what the level knows, seldom the same twice. @param {Course} course @param {() => number} random */
function choose(course, random) {
  const known = NAMES.filter((name) => KINDS[name].from <= course.level);
  const name = known[Math.floor(random() * known.length)];
  return name === course.lastKind ? known[Math.floor(random() * known.length)] : name;
}

/** @param {Course} course @param {() => number} random */
function putObstacle(course, random) {
  const kind = choose(course, random);
  const speed = speedOf(course.level);
  const { type, w, h } = KINDS[kind];
  /** @type {Obstacle} */
  const obstacle = {
    id: course.nextId++, kind, type, x: course.nextX, w: type === 'pit' ? PIT_TICKS * speed : w, h,
    passed: false, hit: false, told: false,
  };
  course.obstacles.push(obstacle);
  course.lastKind = kind;
  if (random() < 0.62) LEAVES_AT[type](course, obstacle, speed, random);
  course.pair = !course.pair && course.level >= PAIRS.from && random() < PAIRS.chance;
  const ticks = course.pair ? PAIR : restOf(course.level, random);
  if (!course.pair && ticks > 140 && random() < 0.6) {
    const x = course.nextX + obstacle.w + (ticks * speed) / 2;
    for (let i = -2; i <= 2; i++) hang(course, x + 30 * i, 28 + 10 * Math.cos(i), false);
  }
  course.nextX += obstacle.w + ticks * speed;
}

/**
 * Lay the way out so far, and forget what is behind.
 * @param {Course} course changed in place @param {number} distance where the runner is @param {() => number} random
 */
export function layOut(course, distance, random) {
  while (course.nextX < distance + AHEAD) putObstacle(course, random);
  const gone = distance - RUNNER.x - 120;
  while (course.obstacles.length && course.obstacles[0].x + course.obstacles[0].w < gone) course.obstacles.shift();
  while (course.leaves.length && course.leaves[0].x < gone) course.leaves.shift();
}
