// Draws the night of the wind-ups: a function of the state and the view.

import { chevron } from '../marks.js';
import { moment } from '../showcase.js';
import { CELL, CHEESE, COLUMNS, CRUMB, KEY, MARGIN, STEP_X, STEP_Y, TILES, actorX, actorY } from './levels.js';
import { CAUGHT_TICKS, CHEESE_TICKS, DONE_TICKS, READY_TICKS, bot, create, step } from './rules.js';
import { isBold, mouseSpeed, speedOf } from './chasers.js';
import { HEIGHT, WIDTH, grounds } from './floor.js';
import { drawCog, drawMouse, drawToy } from './toys.js';
import { drawCheese, drawEffects, drawKey } from './things.js';
import { LOOKS } from './looks.js';

/**
 * @typedef {CanvasRenderingContext2D} Ctx
 * @typedef {import('./rules.js').State} State
 * @typedef {import('./looks.js').Look} Look
 * @typedef {{width: number, height: number, alpha: number, time: number, calm: boolean, dark: boolean, players?: any[]}} View
 */

const TURN = 2 * Math.PI;
const middleX = (/** @type {number} */ tile) => MARGIN + ((tile % COLUMNS) + 0.5) * CELL;
const middleY = (/** @type {number} */ tile) => (Math.floor(tile / COLUMNS) + 0.5) * CELL;

/**
 * Draw the game.
 * @param {Ctx} ctx scaled to logical units
 * @param {State} state
 * @param {View} view
 */
export function draw(ctx, state, view) {
  const look = view.dark ? LOOKS.night : LOOKS.day;
  const ground = grounds.fill(ctx, state.level, view.dark);
  if (state.phase === 'done') grounds.prepare(state.level + 1, view.dark);
  drawFood(ctx, state, look, view);
  for (let i = state.chasers.length - 1; i >= 0; i--) drawChaser(ctx, state, i, look, view);
  drawHero(ctx, state, look, view);
  // Who leaves by a hole is gone behind the edge of the floor.
  const strip = (MARGIN * ground.width) / WIDTH;
  ctx.drawImage(ground, 0, 0, strip, ground.height, 0, 0, MARGIN, HEIGHT);
  ctx.drawImage(ground, ground.width - strip, 0, strip, ground.height, WIDTH - MARGIN, 0, MARGIN, HEIGHT);
  drawEffects(ctx, state, look, view);
}

/** @param {Ctx} ctx @param {State} state @param {Look} look @param {View} view */
function drawFood(ctx, state, look, view) {
  const [edge, body, light] = look.crumb;
  // All crumbs in three strokes of the brush: edges, bodies, lights.
  for (let coat = 0; coat < 3; coat++) {
    ctx.fillStyle = coat === 0 ? edge : coat === 1 ? body : light;
    ctx.beginPath();
    for (let tile = 0; tile < TILES; tile++) {
      if (state.food[tile] !== CRUMB) continue;
      const x = middleX(tile) + ((tile * 7) % 5) - 2;
      const y = middleY(tile) + ((tile * 11) % 5) - 2;
      const r = 3.6 + ((tile * 13) % 4) * 0.45;
      const size = coat === 0 ? r + 1.7 : coat === 1 ? r : r * 0.4;
      const shift = coat === 2 ? -r * 0.3 : 0;
      ctx.moveTo(x + shift + size, y + shift);
      ctx.ellipse(x + shift, y + shift, size, size * 0.86, 0, 0, TURN);
    }
    ctx.fill();
  }
  for (let tile = 0; tile < TILES; tile++) {
    if (state.food[tile] === KEY) drawKey(ctx, middleX(tile), middleY(tile), look, view);
  }
  if (state.cheese > 0) {
    const age = CHEESE_TICKS - state.cheese + view.alpha;
    const size = view.calm ? 1 : Math.min(1, age / 15, Math.max(0.4, state.cheese / 60));
    drawCheese(ctx, middleX(CHEESE), middleY(CHEESE), size, look, view);
  }
}

// One actor between two ticks, reused.
const ghost = { tile: 0, direction: 0, t: 0 };

/** Where an actor is a fraction of a tick later. @param {{tile: number, direction: number, t: number}} actor @param {number} more */
function later(actor, more) {
  ghost.tile = actor.tile;
  ghost.direction = actor.direction;
  ghost.t = Math.min(1, actor.t + more);
  return ghost;
}

/** @param {Ctx} ctx @param {State} state @param {number} i @param {Look} look @param {View} view */
function drawChaser(ctx, state, i, look, view) {
  const chaser = state.chasers[i];
  if (state.phase === 'done') return;
  const speed = state.phase === 'run' && chaser.mode !== 'box' ? speedOf(state, chaser, mouseSpeed(state)) : 0;
  const at = later(chaser, speed * view.alpha);
  const x = actorX(at);
  const y = actorY(at);
  const time = view.calm || state.phase !== 'run' ? 0 : view.time + i * 400;
  pose.direction = chaser.direction;
  pose.time = time;
  pose.isLimp = chaser.isLimp;
  pose.isWaking = chaser.isLimp && state.limp < 120;
  pose.isDashing = chaser.dash > 0 || chaser.windup > 0;
  pose.isBold = isBold(state);
  for (let copy = -1; copy <= 1; copy++) {
    for (let side = -1; side <= 1; side++) {
      const cx = x + copy * COLUMNS * CELL;
      const cy = y + side * HEIGHT;
      if (cx < -20 || cx > WIDTH + 20 || cy < -24 || cy > HEIGHT + 24) continue;
      ctx.save();
      ctx.translate(cx, cy - 2);
      if (chaser.windup > 0) drawWarning(ctx, look, chaser.windup, view);
      if (chaser.mode === 'home') drawCog(ctx, chaser.kind, look, time);
      else drawToy(ctx, chaser.kind, look, pose);
      ctx.restore();
    }
  }
}

const pose = { direction: 0, time: 0, isLimp: false, isWaking: false, isDashing: false, isBold: false };

/** The top spins up: rings that close in tell that it will dash. @param {Ctx} ctx @param {Look} look @param {number} windup @param {View} view */
function drawWarning(ctx, look, windup, view) {
  ctx.strokeStyle = look.arrow;
  ctx.lineWidth = 3;
  ctx.beginPath();
  const far = view.calm ? 26 : 22 + windup * 0.5;
  for (let i = 0; i < 3; i++) {
    const from = (i * TURN) / 3 + (view.calm ? 0 : view.time / 120);
    ctx.moveTo(Math.cos(from) * far, Math.sin(from) * far);
    ctx.arc(0, 0, far, from, from + 1.2);
  }
  ctx.stroke();
}

/** @param {Ctx} ctx @param {State} state @param {Look} look @param {View} view */
function drawHero(ctx, state, look, view) {
  const { mouse } = state;
  const isRunning = state.phase === 'run' && !mouse.isStopped;
  const at = later(mouse, isRunning ? mouseSpeed(state) * view.alpha : 0);
  const x = actorX(at) + STEP_X[mouse.slipDirection] * mouse.slip * CELL;
  const y = actorY(at) + STEP_Y[mouse.slipDirection] * mouse.slip * CELL;
  const time = view.calm ? 0 : view.time;
  hero.time = time;
  hero.run = isRunning && !view.calm ? 1 : 0;
  hero.isLooking = mouse.isStopped && state.phase === 'run' && !view.calm;
  const caught = state.phase === 'caught' ? (CAUGHT_TICKS - state.wait) / CAUGHT_TICKS : 0;
  const done = state.phase === 'done' ? (DONE_TICKS - state.wait + view.alpha) / 60 : 0;
  const fresh = state.phase === 'ready' && !view.calm ? Math.min(1, (READY_TICKS - state.wait + 1) / 20) : 1;
  for (let copy = -1; copy <= 1; copy++) {
    for (let side = -1; side <= 1; side++) {
      const cx = x + copy * COLUMNS * CELL;
      const cy = y + side * HEIGHT;
      if (cx < -30 || cx > WIDTH + 30 || cy < -30 || cy > HEIGHT + 30) continue;
      ctx.save();
      ctx.translate(cx, cy);
      ctx.globalAlpha = 1 - caught * caught * 0.9;
      ctx.fillStyle = look.shade;
      ctx.beginPath();
      ctx.ellipse(2, 6, 17, 12, 0, 0, TURN);
      ctx.fill();
      const hop = done && !view.calm ? Math.abs(Math.sin(done * 6)) : 0;
      ctx.translate(0, -hop * 12);
      ctx.rotate((mouse.direction * Math.PI) / 2 + (view.calm ? 0 : caught * 9 + done * 2));
      const size = fresh * (2 - fresh) * (1 - (view.calm ? 0 : caught * 0.6)) * (1 + hop * 0.12);
      ctx.scale(size, size);
      drawMouse(ctx, look, hero);
      ctx.restore();
      if (mouse.want !== null) drawWish(ctx, state, look, cx, cy);
    }
  }
  ctx.globalAlpha = 1;
}

const hero = { time: 0, run: 0, isLooking: false };

/** A chevron beside the mouse shows the turn it keeps in mind. @param {Ctx} ctx @param {State} state @param {Look} look @param {number} x @param {number} y */
function drawWish(ctx, state, look, x, y) {
  const { mouse } = state;
  const want = mouse.want ?? 0;
  const direction = state.scheme === 'four' ? want : (mouse.direction + want) % 4;
  ctx.save();
  ctx.translate(x + STEP_X[direction] * 25 + STEP_X[mouse.direction] * 8, y + STEP_Y[direction] * 25 + STEP_Y[mouse.direction] * 8);
  chevron(ctx, direction, look.ink, look.points);
  ctx.restore();
}

/** @type {State|null} */
let still = null;
/** Until all four toys are about, wound up and in full paint. @param {State} state */
const isFine = ({ chasers, left, phase }) => chasers.every(({ mode, isLimp }) => mode === 'hunt' && !isLimp) && left < 105 && phase === 'run';

/**
 * Draw the picture of the arcade card: a moment of a real night.
 * @param {Ctx} ctx scaled to logical units
 * @param {View} view
 */
export function preview(ctx, view) {
  still ??= moment({ create, step, bot }, { seed: 'night 11', scheme: 'four', level: 3 }, isFine, 900);
  draw(ctx, still, view);
}

/**
 * Draw one of GAME.parts for the legend.
 * @param {Ctx} ctx 0, 0 is the middle of a square of 56 units
 * @param {string} id its `draw`
 * @param {View} view
 */
export function part(ctx, id, view) {
  const look = view.dark ? LOOKS.night : LOOKS.day;
  ctx.fillStyle = look.floor;
  ctx.fillRect(-28, -28, 56, 56);
  if (id === 'key') drawKey(ctx, 0, 0, look, STANDING);
  else if (id === 'cheese') drawCheese(ctx, 0, 0, 1, look, STANDING);
  else drawToy(ctx, /** @type {import('./chasers.js').Kind} */ (id), look, { direction: 1, time: 0, isLimp: false, isWaking: false, isDashing: false, isBold: false });
}

const STANDING = { width: 56, height: 56, alpha: 0, time: 0, calm: true, dark: false };
