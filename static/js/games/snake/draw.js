// Draws the lantern walk: a function of the state and the view.

import { chevron } from '../marks.js';
import { moment } from '../showcase.js';
import { CELL, COLUMNS, ROWS, STEP_X, STEP_Y, middleX, middleY } from './levels.js';
import { CRASH_TICKS, READY_TICKS, RISE_TICKS, bot, create, period, step } from './rules.js';
import { drawGate, grounds } from './garden.js';
import { HALF, glow, lantern, leader } from './lanterns.js';
import { LOOKS } from './looks.js';
import { drawBonus, drawEffects, drawFireflies, drawLights, drawThing, twinkle } from './things.js';

/**
 * @typedef {CanvasRenderingContext2D} Ctx
 * @typedef {import('./rules.js').State} State
 * @typedef {{width: number, height: number, alpha: number, time: number, calm: boolean, dark: boolean, players?: any[]}} View
 */

const WIDTH = COLUMNS * CELL;
const HEIGHT = ROWS * CELL;
/** How far before and after a corner the train leaves the straight line, in cells. */
const BEND = 0.42;

// Where each lantern is in this frame; written anew for every picture.
const cornerX = new Float32Array(COLUMNS * ROWS + 3);
const cornerY = new Float32Array(COLUMNS * ROWS + 3);
const placeX = new Float32Array(COLUMNS * ROWS);
const placeY = new Float32Array(COLUMNS * ROWS);

/**
 * Draw the game.
 * @param {Ctx} ctx scaled to logical units
 * @param {State} state
 * @param {View} view
 */
export function draw(ctx, state, view) {
  const look = view.dark ? LOOKS.night : LOOKS.dusk;
  grounds.fill(ctx, state.level, view.dark);
  if (state.phase === 'rise') grounds.prepare(state.level + 1, view.dark);
  drawLights(ctx, state, look, view);
  drawBonus(ctx, state, look, view);
  drawFireflies(ctx, state, look, view);
  place(state, view);
  const copies = crossings(state.body.length);
  for (let i = 0; i < copies; i++) {
    ctx.save();
    ctx.translate(offsets[i * 2] * WIDTH, offsets[i * 2 + 1] * HEIGHT);
    drawTrain(ctx, state, view);
    ctx.restore();
  }
  drawEffects(ctx, state, look, view);
}

/**
 * Work out where the lanterns are, in coordinates that run on beyond a gate.
 * @param {State} state
 * @param {View} view
 */
function place(state, view) {
  const { body } = state;
  const n = body.length;
  const walking = state.phase === 'walk' && state.pause === 0;
  const t = state.phase === 'ready' ? 0 : Math.min(1, (state.clock + (walking ? view.alpha : 0)) / period(state));
  // Corner 0 lies ahead of the first lantern, corner i + 1 is cell i, the last is the cell just left.
  const ahead = state.queue.length ? state.queue[0] : state.heading;
  cornerX[1] = middleX(body[0]);
  cornerY[1] = middleY(body[0]);
  cornerX[0] = cornerX[1] + STEP_X[ahead] * CELL;
  cornerY[0] = cornerY[1] + STEP_Y[ahead] * CELL;
  for (let i = 1; i <= n; i++) {
    const cell = i < n ? body[i] : state.from;
    const before = body[i - 1];
    cornerX[i + 1] = cornerX[i] + hop((cell % COLUMNS) - (before % COLUMNS), COLUMNS) * CELL;
    cornerY[i + 1] = cornerY[i] + hop(Math.floor(cell / COLUMNS) - Math.floor(before / COLUMNS), ROWS) * CELL;
  }
  cornerX[n + 2] = 2 * cornerX[n + 1] - cornerX[n];
  cornerY[n + 2] = 2 * cornerY[n + 1] - cornerY[n];
  for (let i = 0; i < n; i++) {
    placeX[i] = along(cornerX, i, t);
    placeY[i] = along(cornerY, i, t);
  }
}

/** The short way round. @param {number} d @param {number} size */
const hop = (d, size) => (d > 1 ? d - size : d < -1 ? d + size : d);

/**
 * Give one coordinate of lantern i, which is on its way from corner i + 2 to corner i + 1: straight,
 * and round about the corners (a quadratic curve).
 * @param {Float32Array} corner
 * @param {number} i
 * @param {number} t
 */
function along(corner, i, t) {
  if (t > 1 - BEND) return curve(corner[i + 2], corner[i + 1], corner[i], (t - 1 + BEND) / (2 * BEND));
  if (t < BEND) return curve(corner[i + 3] ?? corner[i + 2], corner[i + 2], corner[i + 1], 0.5 + t / (2 * BEND));
  return corner[i + 2] + (corner[i + 1] - corner[i + 2]) * t;
}

/** @param {number} before @param {number} at @param {number} after @param {number} u */
function curve(before, at, after, u) {
  return at - (at - before) * BEND * (1 - u) * (1 - u) + (after - at) * BEND * u * u;
}

/** Whole fields by which the train is drawn again, as [x, y] pairs. */
const offsets = new Int8Array(2 * 9);

/**
 * Find which copies of the train are to be seen: one, and more while it goes through gates.
 * @param {number} n lanterns
 * @returns {number} how many offsets are set
 */
function crossings(n) {
  let [minX, maxX, minY, maxY] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < n; i++) {
    minX = Math.min(minX, placeX[i]);
    maxX = Math.max(maxX, placeX[i]);
    minY = Math.min(minY, placeY[i]);
    maxY = Math.max(maxY, placeY[i]);
  }
  let count = 0;
  for (let x = -1; x <= 1; x++) {
    for (let y = -1; y <= 1; y++) {
      const isSeen = maxX + x * WIDTH > -40 && minX + x * WIDTH < WIDTH + 40 && maxY + y * HEIGHT > -40 && minY + y * HEIGHT < HEIGHT + 40;
      if (!isSeen) continue;
      offsets[count * 2] = x;
      offsets[count * 2 + 1] = y;
      count++;
    }
  }
  return count;
}

/** @param {Ctx} ctx @param {State} state @param {View} view */
function drawTrain(ctx, state, view) {
  const look = view.dark ? LOOKS.night : LOOKS.dusk;
  const n = state.body.length;
  const crash = state.phase === 'crash' ? Math.min(1, (CRASH_TICKS - state.wait) / 24) : 0;
  const rise = state.phase === 'rise' ? RISE_TICKS - state.wait + view.alpha : 0;
  const fresh = state.phase === 'ready' && !view.calm ? Math.min(1, (READY_TICKS - state.wait + 1) / 24) : 1;
  ctx.globalAlpha = (1 - 0.75 * crash) * fresh;
  if (rise === 0) {
    // Shadows first, so that none falls on a lantern.
    ctx.fillStyle = look.shade;
    ctx.beginPath();
    for (let i = 0; i < n; i++) {
      ctx.moveTo(placeX[i] + 20, placeY[i] + 15);
      ctx.ellipse(placeX[i] + 4, placeY[i] + 15, 16, 6, 0, 0, 2 * Math.PI);
    }
    ctx.fill();
    ctx.strokeStyle = look.rope;
    ctx.lineWidth = 3;
    ctx.lineJoin = 'round';
    ctx.beginPath();
    ctx.moveTo(placeX[0], placeY[0]);
    for (let i = 1; i < n - 1; i++) {
      ctx.quadraticCurveTo(placeX[i], placeY[i], (placeX[i] + placeX[i + 1]) / 2, (placeY[i] + placeY[i + 1]) / 2);
    }
    ctx.lineTo(placeX[n - 1], placeY[n - 1]);
    ctx.stroke();
  }
  ctx.globalCompositeOperation = 'lighter';
  for (let i = 0; i < n; i += i === 0 ? 2 : 3) {
    const flicker = view.calm ? 1 : 0.92 + 0.08 * twinkle(view.time, i);
    ctx.globalAlpha = look.glow * (1 - crash) * fresh * flicker * (i === 0 ? 0.8 : 0.5) * risen(rise, i);
    const size = i === 0 ? 92 : 66;
    ctx.drawImage(glow('warm'), placeX[i] - size, placeY[i] - size - lift(rise, i, view.calm), size * 2, size * 2);
  }
  ctx.globalCompositeOperation = 'source-over';
  for (let i = n - 1; i >= 0; i--) {
    const sway = view.calm ? 0 : Math.sin(view.time / 380 - i * 0.7) * 0.1;
    const drop = crash * (view.calm ? 0 : 1) * Math.sin(i * 2.4) * 0.9;
    const up = lift(rise, i, view.calm);
    ctx.globalAlpha = fresh * (1 - 0.55 * crash) * risen(rise, i);
    ctx.save();
    ctx.translate(placeX[i] + (up ? Math.sin(up / 70 + i) * 14 : 0), placeY[i] - up);
    ctx.rotate(sway + drop);
    const size = 1 - 0.35 * Math.min(1, up / 420);
    ctx.scale(size, size);
    if (i === 0 && state.queue.length && crash === 0) drawWish(ctx, state, look);
    if (i > 0) ctx.drawImage(lantern(i, view.dark), -HALF, -HALF, HALF * 2, HALF * 2);
    else drawLeader(ctx, state, view, crash);
    ctx.restore();
  }
  ctx.globalAlpha = 1;
}

/** How far lantern i has risen, the last first. @param {number} rise @param {number} i @param {boolean} calm */
function lift(rise, i, calm) {
  const ticks = rise - i * 2.2;
  return calm || ticks <= 0 ? 0 : ticks * ticks * 0.055;
}

/** How much of lantern i is still to be seen. @param {number} rise @param {number} i */
function risen(rise, i) {
  return rise === 0 ? 1 : Math.max(0, Math.min(1, 1 - (rise - i * 2.2 - 50) / 70));
}

/** @param {Ctx} ctx @param {State} state @param {View} view @param {number} crash */
function drawLeader(ctx, state, view, crash) {
  const half = HALF + 6;
  ctx.drawImage(leader(view.dark), -half, -half, half * 2, half * 2);
  const ahead = state.queue.length ? state.queue[0] : state.heading;
  const gazeX = STEP_X[ahead] * 4.5;
  const gazeY = STEP_Y[ahead] * 3.5;
  const scared = state.pause > 0 && state.phase === 'walk';
  const blink = !view.calm && (view.time % 3400 < 120);
  ctx.fillStyle = '#3a1c12';
  ctx.strokeStyle = '#3a1c12';
  ctx.lineWidth = 2.2;
  ctx.lineCap = 'round';
  for (const side of EYES) {
    const x = side * 7 + gazeX;
    const y = -2 + gazeY;
    ctx.beginPath();
    if (crash > 0) {
      ctx.moveTo(x - 2.6, y - 2.6);
      ctx.lineTo(x + 2.6, y + 2.6);
      ctx.moveTo(x + 2.6, y - 2.6);
      ctx.lineTo(x - 2.6, y + 2.6);
      ctx.stroke();
    } else if (blink) {
      ctx.moveTo(x - 3, y);
      ctx.lineTo(x + 3, y);
      ctx.stroke();
    } else {
      ctx.ellipse(x, y, scared ? 3.8 : 2.7, scared ? 4.8 : 3.5, 0, 0, 2 * Math.PI);
      ctx.fill();
    }
  }
  if (!crash && !blink) {
    ctx.fillStyle = '#fff8e6';
    for (const side of EYES) {
      ctx.beginPath();
      ctx.arc(side * 7 + gazeX + 1, -3.4 + gazeY, 1.1, 0, 2 * Math.PI);
      ctx.fill();
    }
  }
  ctx.fillStyle = 'rgb(236 104 84 / 0.55)';
  ctx.beginPath();
  ctx.ellipse(-12 + gazeX * 0.5, 4.5 + gazeY * 0.6, 3.4, 2.3, 0, 0, 2 * Math.PI);
  ctx.ellipse(12 + gazeX * 0.5, 4.5 + gazeY * 0.6, 3.4, 2.3, 0, 0, 2 * Math.PI);
  ctx.fill();
  ctx.beginPath();
  if (scared) ctx.ellipse(gazeX, 7 + gazeY, 2.6, 3.2, 0, 0, 2 * Math.PI);
  else if (crash > 0) ctx.arc(gazeX, 9 + gazeY, 3.5, Math.PI * 1.15, Math.PI * 1.85);
  else ctx.arc(gazeX, 3.6 + gazeY, 4, Math.PI * 0.15, Math.PI * 0.85);
  ctx.stroke();
}

const EYES = [-1, 1];

/** A chevron beside the first lantern shows the turn it keeps in mind. @param {Ctx} ctx @param {State} state @param {import('./looks.js').Look} look */
function drawWish(ctx, state, look) {
  const heading = state.queue[0];
  ctx.save();
  ctx.translate(STEP_X[heading] * 33, STEP_Y[heading] * 33);
  chevron(ctx, heading, look.ink, look.points);
  ctx.restore();
}

/** @type {State|null} */
let still = null;
/** Until there is much to see: a long train, and a moonflower. @param {State} state */
const isFine = ({ phase, body, bonus, clock }) => phase === 'walk' && body.length > 13 && bonus?.kind === 'flower' && bonus.ticks < 510 && clock === 5;
/** @param {State} state */
const lengthen = (state) => {
  state.grow = 12;
};

/**
 * Draw the picture of the arcade card: a moment of a real walk.
 * @param {Ctx} ctx scaled to logical units
 * @param {View} view
 */
export function preview(ctx, view) {
  still ??= moment({ create, step, bot }, { seed: 'lantern walk', scheme: 'four', level: 2, prepare: lengthen }, isFine, 2000);
  draw(ctx, still, view);
}

/**
 * Draw one of GAME.parts for the legend.
 * @param {Ctx} ctx 0, 0 is the middle of a square of 56 units
 * @param {string} id its `draw`
 * @param {View} view
 */
export function part(ctx, id, view) {
  const look = view.dark ? LOOKS.night : LOOKS.dusk;
  ctx.fillStyle = look.ground[2];
  ctx.fillRect(-28, -28, 56, 56);
  if (id === 'gate') drawGate(ctx, look);
  else drawThing(ctx, id, look);
}
