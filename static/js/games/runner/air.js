// What is in the air: weather, dust, sparks, points that rise, and the wind of a hurry.

import { pointsText } from '../marks.js';
import { fill, noise, oval, polygon, smooth } from '../paint.js';
import { RUNNER } from './course.js';
import { oakLeaf } from './props.js';

/** @typedef {import('./rules.js').State} State */
/** @typedef {import('./rules.js').Effect} Effect */
/** @typedef {import('./scene.js').Look} Look */
/** @typedef {import('../table.js').View} View */

const DIGITS = "700 24px 'Iowan Old Style', 'Palatino Linotype', Palatino, P052, Georgia, 'Liberation Serif', serif";
/** What flies about, by the scene. @type {Record<string, (ctx: CanvasRenderingContext2D, look: Look, time: number, way: number) => void>} */
export const AIR = {
  leaves(ctx, look, time, way) {
    for (let i = 0; i < 7; i++) {
      const x = 1000 - ((time * (0.04 + 0.02 * noise(i)) + way * 0.7 + 1000 * noise(i + 40)) % 1040);
      const y = 70 + 330 * noise(i + 9) + 26 * Math.sin(time / 700 + i);
      ctx.save();
      ctx.translate(x, y);
      ctx.rotate(time / 500 + i);
      fill(ctx, i % 2 ? '#d8863f' : '#8fae4c', () => oakLeaf(ctx, 15));
      ctx.restore();
    }
  },
  seeds(ctx, look, time, way) {
    ctx.strokeStyle = look.light;
    ctx.lineWidth = 1.2;
    ctx.beginPath();
    for (let i = 0; i < 16; i++) {
      const x = 1000 - ((time * 0.03 + way * (0.4 + 0.3 * noise(i)) + 1000 * noise(i + 3)) % 1040);
      const y = 80 + 360 * noise(i + 60) + 18 * Math.sin(time / 900 + i * 2);
      for (const angle of [-2.2, -1.57, -0.94]) {
        ctx.moveTo(x, y);
        ctx.lineTo(x + 8 * Math.cos(angle), y + 8 * Math.sin(angle));
      }
      ctx.moveTo(x, y);
      ctx.lineTo(x, y + 6);
    }
    ctx.globalAlpha = 0.55;
    ctx.stroke();
    ctx.globalAlpha = 1;
  },
  fireflies(ctx, look, time, way) {
    for (let i = 0; i < 14; i++) {
      const x = 1000 - ((way * (0.5 + 0.3 * noise(i)) + 1000 * noise(i + 3) + 20 * Math.sin(time / 800 + i)) % 1040);
      const y = 240 + 210 * noise(i + 60) + 20 * Math.sin(time / 600 + 3 * i);
      ctx.globalAlpha = 0.25 + 0.2 * Math.sin(time / 420 + i * 2);
      fill(ctx, '#f7ef9a', () => oval(ctx, x, y, 8));
      ctx.globalAlpha *= 2;
      fill(ctx, '#fffbd0', () => oval(ctx, x, y, 2.6));
    }
    ctx.globalAlpha = 1;
  },
  rain(ctx, look, time, way) {
    ctx.strokeStyle = 'rgb(240 248 250 / 0.5)';
    ctx.lineWidth = 1.6;
    ctx.beginPath();
    for (let i = 0; i < 70; i++) {
      const fall = (time * (0.7 + 0.3 * noise(i)) + 700 * noise(i + 500)) % 700;
      const x = 1060 - ((way * 0.9 + fall * 0.3 + 1100 * noise(i)) % 1120);
      ctx.moveTo(x, fall - 60);
      ctx.lineTo(x - 6, fall - 38);
    }
    ctx.stroke();
  },
};

/** How each kind of effect looks, so many ticks after it happened, at x and y of the field. @type {Record<string, (ctx: CanvasRenderingContext2D, effect: Effect, age: number, view: View, look: Look, x: number, y: number) => void>} */
export const EFFECTS = {
  jump: dust,
  land: dust,
  leaf: (ctx, effect, age, view, look, x, y) => sparkle(ctx, age, view, x, y, 6, 26, '#ffd9a0'),
  gold(ctx, effect, age, view, look, x, y) {
    sparkle(ctx, age, view, x, y, 12, 60, '#ffe48f');
    points(ctx, effect, age, view, look, x, y - 30);
  },
  heart: (ctx, effect, age, view, look, x, y) => sparkle(ctx, age, view, x, y, 12, 70, '#ff9a86'),
  hit: (ctx, effect, age, view, look, x, y) => sparkle(ctx, age, view, x, y, 10, 80, '#fff2b8'),
};

/** @param {CanvasRenderingContext2D} ctx @param {Effect} effect @param {number} age @param {View} view @param {Look} look @param {number} x @param {number} y */
function dust(ctx, effect, age, view, look, x, y) {
  if (age > 26 || view.calm) return;
  const t = age / 26;
  ctx.globalAlpha = 0.6 * (1 - t);
  fill(ctx, look.edge, () => {
    for (let i = 0; i < 7; i++) oval(ctx, x + (i - 3) * (7 + 10 * smooth(t)), y - 4 - 16 * t * noise(i + 3), 3 + 6 * t);
  });
  ctx.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} ctx @param {number} age @param {View} view @param {number} x @param {number} y @param {number} count @param {number} reach @param {string} colour */
function sparkle(ctx, age, view, x, y, count, reach, colour) {
  if (age > 30 || view.calm) return;
  const t = age / 30;
  fill(ctx, colour, () => {
    for (let i = 0; i < count; i++) {
      const angle = (i / count) * 2 * Math.PI + noise(i);
      const r = reach * (1 - (1 - t) ** 2) * (0.6 + 0.4 * noise(i + 5));
      const [px, py, s] = [x + r * Math.cos(angle), y + r * Math.sin(angle) + 30 * t * t, 6 * (1 - t)];
      polygon(ctx, [px, py - s, px + s * 0.35, py, px, py + s, px - s * 0.35, py]);
      polygon(ctx, [px - s, py, px, py - s * 0.35, px + s, py, px, py + s * 0.35]);
    }
  });
}

/** @param {CanvasRenderingContext2D} ctx @param {Effect} effect @param {number} age @param {View} view @param {Look} look @param {number} x @param {number} y */
export function points(ctx, { points: won = 0 }, age, view, look, x, y) {
  if (age > 44) return;
  ctx.globalAlpha = Math.min(1, (44 - age) / 14);
  ctx.font = DIGITS;
  ctx.textAlign = 'center';
  ctx.lineJoin = 'round';
  ctx.lineWidth = 6;
  ctx.strokeStyle = look.edge;
  const at = y - (view.calm ? 14 : 34 * smooth(age / 30));
  ctx.strokeText(pointsText(won), x, at);
  ctx.fillStyle = '#8a2c12';
  ctx.fillText(pointsText(won), x, at);
  ctx.globalAlpha = 1;
}

/** Streaks of air while hurrying, and dust from the boots. @param {CanvasRenderingContext2D} ctx @param {State} state @param {View} view @param {Look} look @param {number} way */
export function wind(ctx, state, view, look, way) {
  if (view.calm) return;
  if (state.ground && !state.over) {
    ctx.globalAlpha = 0.35;
    fill(ctx, look.edge, () => {
      for (let i = 0; i < 4; i++) {
        const t = (way / 70 + i / 4) % 1;
        oval(ctx, RUNNER.x - 14 - 60 * t, RUNNER.ground - 3 - 14 * t * noise(i + Math.floor(way / 70 + i / 4)), 2 + 5 * t * (1 - t) * 2);
      }
    });
  }
  ctx.globalAlpha = Math.max(0, Math.min(0.6, (state.pace - 1.05) * 2));
  if (ctx.globalAlpha > 0) {
    ctx.strokeStyle = look.edge;
    ctx.lineWidth = 2.5;
    ctx.lineCap = 'round';
    ctx.beginPath();
    for (let i = 0; i < 9; i++) {
      const x = 1000 - ((way * 1.7 + 1100 * noise(i)) % 1100);
      const y = 300 + 170 * noise(i + 70);
      ctx.moveTo(x, y);
      ctx.lineTo(x + 50 + 40 * noise(i + 9), y);
    }
    ctx.stroke();
  }
  ctx.globalAlpha = 1;
}
