// What has just happened: points that rise, bits that fly, paper that falls.

import { pointsText } from '../marks.js';
import { fill, noise, oval, smooth } from '../paint.js';
import { DIGITS } from './scene.js';

/** @typedef {import('./rules.js').State} State */
/** @typedef {import('./rules.js').Effect} Effect */
/** @typedef {import('../table.js').View} View */

const CONFETTI = ['#c4452c', '#e0a52e', '#2f74c0', '#1a8a6a', '#c8508f'];

/** How each kind of effect looks, so many ticks after it happened. @type {Record<string, (ctx: CanvasRenderingContext2D, effect: Effect, age: number, view: View, state: State) => void>} */
export const EFFECTS = {
  right: points,
  gold(ctx, effect, age, view, state) {
    points(ctx, effect, age, view, state);
    if (!view.calm) burst(ctx, effect.x, effect.y - 20, age, 16, 130, 40, ['#f3bf3a', '#ffe48f']);
  },
  unwrap(ctx, effect, age, view) {
    if (!view.calm) burst(ctx, effect.x, effect.y - 30, age, 9, 60, 26, ['#c99a5f', '#e8c993', '#b23a1a']);
  },
  land(ctx, effect, age, view) {
    if (!view.calm) burst(ctx, effect.x, effect.y - 20, age, 8, 40, 22, ['#fff7e8', '#f0d694']);
  },
  bounce(ctx, effect, age, view) {
    if (!view.calm) burst(ctx, effect.x, effect.y, age, 7, 60, 24, ['#6b625b', '#3c3530']);
  },
  level(ctx, effect, age, view) {
    if (view.calm || age > 80) return;
    for (let i = 0; i < 46; i++) {
      const fall = age * (2.2 + 2 * noise(i)) - 60 * noise(i + 90);
      if (fall < 0) continue;
      ctx.save();
      ctx.translate(800 * noise(i + 7) + 22 * Math.sin(age / 12 + i), fall * 2 - 20);
      ctx.rotate(age / 9 + i);
      ctx.fillStyle = CONFETTI[i % CONFETTI.length];
      ctx.globalAlpha = Math.min(1, (80 - age) / 20);
      ctx.fillRect(-5, -3, 10, 6);
      ctx.restore();
    }
  },
};

/** @param {CanvasRenderingContext2D} ctx @param {Effect} effect @param {number} age @param {View} view @param {State} state */
function points(ctx, { x, y, points: won = 0 }, age, view, state) {
  if (age > 46) return;
  const rise = view.calm ? 30 : 44 * smooth(age / 30);
  ctx.globalAlpha = Math.min(1, (46 - age) / 14);
  ctx.font = DIGITS;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.lineWidth = 5;
  ctx.lineJoin = 'round';
  ctx.strokeStyle = view.dark ? '#17100b' : '#fffaf0';
  ctx.strokeText(pointsText(won), x + 76, y - 30 - rise);
  ctx.fillStyle = view.dark ? '#ffe08a' : '#8a2c12';
  ctx.fillText(pointsText(won), x + 76, y - 30 - rise);
  ctx.globalAlpha = 1;
}

/** Bits that fly apart. @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} age @param {number} count @param {number} reach @param {number} lasts ticks @param {string[]} colours */
function burst(ctx, x, y, age, count, reach, lasts, colours) {
  if (age >= lasts) return;
  const t = age / lasts;
  const out = 1 - (1 - t) ** 2;
  for (let i = 0; i < count; i++) {
    const angle = (i / count) * 2 * Math.PI + noise(i) * 0.7;
    const r = reach * out * (0.55 + 0.45 * noise(i + 31));
    fill(ctx, colours[i % colours.length], () => oval(ctx, x + r * Math.cos(angle), y + r * Math.sin(angle) + 40 * t * t, 5 * (1 - t) + 0.5));
  }
}

