// What can be caught in the garden, the lights that count it, and what flashes up for a moment.

import { pointsText } from '../marks.js';
import { CELL, COLUMNS, middleX, middleY } from './levels.js';
import { BONUS_TICKS } from './rules.js';
import { glow, stamp } from './lanterns.js';

/**
 * @typedef {CanvasRenderingContext2D} Ctx
 * @typedef {import('./rules.js').State} State
 * @typedef {import('./looks.js').Look} Look
 * @typedef {import('./draw.js').View} View
 */

const TURN = 2 * Math.PI;

/** A slow flicker, -1..1. @param {number} time ms @param {number} i */
export const twinkle = (time, i) => Math.sin(time / 230 + i * 2.1) * Math.sin(time / 530 + i * 1.3);

/**
 * Hang as many little lights into the hedge above as the level has fireflies; the caught ones burn.
 * @param {Ctx} ctx
 * @param {State} state
 * @param {Look} look
 * @param {View} view
 */
export function drawLights(ctx, state, look, view) {
  const gap = 26;
  const left = (COLUMNS * CELL - (state.goal - 1) * gap) / 2;
  ctx.strokeStyle = look.ink;
  ctx.lineWidth = 1.6;
  ctx.beginPath();
  ctx.moveTo(left - 16, 8);
  for (let i = 0; i < state.goal; i++) ctx.quadraticCurveTo(left + i * gap - gap / 2, 15, left + i * gap + (i === state.goal - 1 ? 16 : gap / 2) * (i === state.goal - 1 ? 1 : 0), 10);
  ctx.stroke();
  for (let i = 0; i < state.goal; i++) {
    const x = left + i * gap;
    const isLit = i < state.caught;
    if (isLit) {
      ctx.globalCompositeOperation = 'lighter';
      ctx.globalAlpha = 0.5 + (view.calm ? 0 : 0.12 * twinkle(view.time, i));
      ctx.drawImage(glow('warm'), x - 26, 20 - 26, 52, 52);
      ctx.globalCompositeOperation = 'source-over';
      ctx.globalAlpha = 1;
    }
    ctx.beginPath();
    ctx.ellipse(x, 20, 6, 7.5, 0, 0, TURN);
    ctx.fillStyle = isLit ? '#ffe7a3' : look.hedge[0];
    ctx.fill();
    ctx.lineWidth = 2;
    ctx.strokeStyle = isLit ? look.ink : look.hedge[3];
    ctx.stroke();
    ctx.fillStyle = look.ink;
    ctx.fillRect(x - 3, 10.5, 6, 4);
  }
}

/** @param {Ctx} ctx @param {State} state @param {Look} look @param {View} view */
export function drawFireflies(ctx, state, look, view) {
  for (const cell of state.fireflies) {
    const phase = cell * 1.7;
    const bobX = view.calm ? 0 : Math.sin(view.time / 610 + phase) * 3.5;
    const bobY = view.calm ? 0 : Math.sin(view.time / 430 + phase) * 4;
    ctx.fillStyle = look.shade;
    ctx.beginPath();
    ctx.ellipse(middleX(cell) + 2, middleY(cell) + 16, 9, 3.5, 0, 0, TURN);
    ctx.fill();
    const shine = 0.85 + (view.calm ? 0 : 0.15 * Math.sin(view.time / 260 + phase));
    const flap = view.calm ? 0.4 : 0.4 + 0.35 * Math.sin(view.time / 38 + phase);
    drawFirefly(ctx, look, middleX(cell) + bobX, middleY(cell) + bobY - 3, shine, flap);
  }
}

/** @param {Ctx} ctx @param {Look} look @param {number} x @param {number} y @param {number} shine 0..1 @param {number} flap angle of the wings */
function drawFirefly(ctx, look, x, y, shine, flap) {
  ctx.globalCompositeOperation = 'lighter';
  ctx.globalAlpha = shine;
  ctx.drawImage(glow('fly'), x - 50, y - 46, 100, 100);
  ctx.globalCompositeOperation = 'source-over';
  ctx.globalAlpha = 1;
  ctx.fillStyle = 'rgb(240 248 255 / 0.75)';
  ctx.strokeStyle = look.ink;
  ctx.lineWidth = 1.6;
  for (const side of SIDES) {
    ctx.beginPath();
    ctx.ellipse(x + side * 8, y - 6, 9, 5, -side * (0.5 + flap), 0, TURN);
    ctx.fill();
    ctx.stroke();
  }
  ctx.drawImage(firefly(look), x - 16, y - 16, 32, 32);
}

const SIDES = [-1, 1];

/**
 * Draw one thing around 0, 0, still, for the legend.
 * @param {Ctx} ctx
 * @param {string} id 'firefly', 'flower' or 'snail'
 * @param {Look} look
 */
export function drawThing(ctx, id, look) {
  if (id === 'firefly') drawFirefly(ctx, look, 0, 0, 0.85, 0.4);
  else THINGS[/** @type {'flower'|'snail'} */ (id)](ctx, look, STANDING, 1);
}

const STANDING = { width: 56, height: 56, alpha: 0, time: 0, calm: true, dark: false };

/** @param {Look} look */
function firefly(look) {
  return stamp(`firefly ${look.ink}`, 16, (paint) => {
    paint.strokeStyle = look.ink;
    paint.lineWidth = 2.4;
    paint.fillStyle = '#eaff8a';
    paint.beginPath();
    paint.ellipse(0, 5, 6.5, 8, 0, 0, TURN);
    paint.stroke();
    paint.fill();
    paint.fillStyle = '#fbffdc';
    paint.beginPath();
    paint.ellipse(-1.5, 5, 2.6, 4, 0.2, 0, TURN);
    paint.fill();
    paint.fillStyle = '#5b3a3a';
    paint.beginPath();
    paint.ellipse(0, -5, 6, 5.5, 0, 0, TURN);
    paint.stroke();
    paint.fill();
    paint.lineWidth = 1.6;
    paint.beginPath();
    paint.moveTo(-2, -10);
    paint.quadraticCurveTo(-4, -14, -7, -14);
    paint.moveTo(2, -10);
    paint.quadraticCurveTo(4, -14, 7, -14);
    paint.stroke();
    paint.fillStyle = '#fff8e6';
    for (const x of [-2.4, 2.4]) {
      paint.beginPath();
      paint.arc(x, -5.4, 1.7, 0, TURN);
      paint.fill();
    }
  });
}

/** @param {Ctx} ctx @param {State} state @param {Look} look @param {View} view */
export function drawBonus(ctx, state, look, view) {
  const { bonus } = state;
  if (!bonus) return;
  const age = state.tick - bonus.tick + view.alpha;
  const grown = view.calm ? 1 : Math.min(1, age / 18);
  // The last two seconds are told by size, not by flashing.
  const leaving = Math.min(1, bonus.ticks / 60);
  ctx.save();
  ctx.translate(middleX(bonus.cell), middleY(bonus.cell));
  const size = (grown * (2 - grown)) * (0.55 + 0.45 * leaving);
  ctx.scale(size, size);
  THINGS[bonus.kind](ctx, look, view, bonus.ticks / BONUS_TICKS);
  ctx.restore();
}

/** @type {Record<'flower'|'snail', (ctx: Ctx, look: Look, view: View, left: number) => void>} */
const THINGS = {
  flower(ctx, look, view, left) {
    ctx.globalCompositeOperation = 'lighter';
    ctx.globalAlpha = 0.8;
    ctx.drawImage(glow('moon'), -52, -52, 104, 104);
    ctx.globalCompositeOperation = 'source-over';
    ctx.globalAlpha = 1;
    ctx.rotate(view.calm ? 0 : view.time / 2600);
    ctx.lineWidth = 2;
    ctx.strokeStyle = look.ink;
    // A petal folds for every eighth of its time.
    const open = Math.ceil(left * 8);
    for (let i = 0; i < 8; i++) {
      ctx.rotate(TURN / 8);
      ctx.beginPath();
      ctx.ellipse(0, i < open ? -11 : -7, i < open ? 5.2 : 2.4, i < open ? 8.5 : 5, 0, 0, TURN);
      ctx.fillStyle = i < open ? '#f3f1ff' : '#a9a6cf';
      ctx.fill();
      ctx.stroke();
    }
    ctx.beginPath();
    ctx.arc(0, 0, 6, 0, TURN);
    ctx.fillStyle = '#ffd766';
    ctx.fill();
    ctx.stroke();
  },
  snail(ctx, look, view) {
    const crawl = view.calm ? 0 : Math.sin(view.time / 300);
    ctx.drawImage(snail(look), -20 + crawl, -20, 40, 40);
  },
};

/** @param {Look} look */
function snail(look) {
  return stamp(`snail ${look.ink}`, 20, (paint) => {
    paint.strokeStyle = look.ink;
    paint.lineWidth = 2.4;
    paint.fillStyle = '#cfe0b0';
    paint.beginPath();
    paint.moveTo(-17, 13);
    paint.quadraticCurveTo(-4, 7, 8, 8);
    paint.quadraticCurveTo(7, -4, 14, -3);
    paint.quadraticCurveTo(20, 0, 16, 8);
    paint.quadraticCurveTo(13, 14, 4, 14);
    paint.closePath();
    paint.fill();
    paint.stroke();
    paint.beginPath();
    paint.moveTo(13, -3);
    paint.lineTo(11, -10);
    paint.moveTo(16, -2);
    paint.lineTo(18, -9);
    paint.stroke();
    paint.fillStyle = look.ink;
    for (const [x, y] of [[11, -11], [18.4, -10]]) {
      paint.beginPath();
      paint.arc(x, y, 1.9, 0, TURN);
      paint.fill();
    }
    paint.beginPath();
    paint.arc(-3, 0, 11.5, 0, TURN);
    paint.fillStyle = '#d88a5c';
    paint.fill();
    paint.stroke();
    paint.lineWidth = 2;
    paint.beginPath();
    for (let a = 0; a < 12; a += 0.3) {
      const r = 10 - a * 0.78;
      paint[a === 0 ? 'moveTo' : 'lineTo'](-3 + Math.cos(a) * r, Math.sin(a) * r);
    }
    paint.stroke();
  });
}

/** @param {Ctx} ctx @param {State} state @param {Look} look @param {View} view */
export function drawEffects(ctx, state, look, view) {
  for (const effect of state.effects) {
    const age = state.tick - effect.tick + view.alpha;
    if (age > 55) continue;
    const t = age / 55;
    const fade = 1 - t * t;
    if (!view.calm) sparks(ctx, effect, t, fade);
    if (!effect.points) continue;
    ctx.globalAlpha = fade;
    ctx.font = "700 24px 'Iowan Old Style', 'Palatino Linotype', Palatino, P052, Georgia, serif";
    ctx.textAlign = 'center';
    ctx.lineWidth = 4;
    ctx.strokeStyle = look.ink;
    ctx.fillStyle = look.points;
    const y = effect.y - 22 - (view.calm ? 6 : 26 * (1 - (1 - t) * (1 - t)));
    ctx.strokeText(pointsText(effect.points), effect.x, y);
    ctx.fillText(pointsText(effect.points), effect.x, y);
  }
  ctx.globalAlpha = 1;
}

/** @param {Ctx} ctx @param {{type: string, x: number, y: number}} effect @param {number} t @param {number} fade */
function sparks(ctx, effect, t, fade) {
  const out = 1 - (1 - t) * (1 - t);
  const isCrash = effect.type === 'crash';
  ctx.globalAlpha = fade * 0.9;
  ctx.fillStyle = isCrash ? '#d8cfe6' : '#f6ffb8';
  ctx.beginPath();
  for (let i = 0; i < 9; i++) {
    const angle = i * 0.698 + effect.x;
    const far = (isCrash ? 34 : 46) * out * (0.6 + 0.4 * Math.sin(i * 5.1));
    const size = (isCrash ? 5 : 3.2) * (1 - t * 0.7);
    const x = effect.x + Math.cos(angle) * far;
    const y = effect.y + Math.sin(angle) * far - (isCrash ? 8 * out : 0);
    ctx.moveTo(x + size, y);
    ctx.arc(x, y, size, 0, TURN);
  }
  ctx.fill();
}
