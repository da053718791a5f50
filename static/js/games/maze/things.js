// What lies on the floor, and what flashes up for a moment.
import { pointsText } from '../marks.js';

/**
 * @typedef {CanvasRenderingContext2D} Ctx
 * @typedef {import('./rules.js').State} State
 * @typedef {import('./looks.js').Look} Look
 * @typedef {import('./draw.js').View} View
 */

const TURN = 2 * Math.PI;

/** A golden key, swaying. @param {Ctx} ctx @param {number} x @param {number} y @param {Look} look @param {View} view */
export function drawKey(ctx, x, y, look, view) {
  ctx.save();
  ctx.translate(x, y);
  ctx.globalAlpha = 0.3 * look.glow + (view.calm ? 0.12 : 0.12 * Math.sin(view.time / 300 + x));
  ctx.fillStyle = '#ffd75e';
  ctx.beginPath();
  ctx.arc(0, 0, 19, 0, TURN);
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.rotate(-0.6 + (view.calm ? 0 : Math.sin(view.time / 420 + y) * 0.22));
  ctx.lineJoin = 'round';
  ctx.strokeStyle = look.ink;
  ctx.lineWidth = 4.6;
  ctx.fillStyle = '#f6c33c';
  ctx.beginPath();
  ctx.rect(-1, -2.4, 14, 4.8);
  ctx.rect(5, 2, 3.4, 5.6);
  ctx.rect(10, 2, 3, 4.4);
  ctx.arc(-4, -5.4, 6, 0, TURN);
  ctx.moveTo(2, 5.4);
  ctx.arc(-4, 5.4, 6, 0, TURN);
  ctx.stroke();
  ctx.fill();
  ctx.fillStyle = look.ink;
  ctx.beginPath();
  ctx.arc(-4.4, -5.4, 2.3, 0, TURN);
  ctx.moveTo(-2, 5.4);
  ctx.arc(-4.4, 5.4, 2.3, 0, TURN);
  ctx.fill();
  ctx.restore();
}

/** @param {Ctx} ctx @param {number} x @param {number} y @param {number} size @param {Look} look @param {View} view */
export function drawCheese(ctx, x, y, size, look, view) {
  ctx.save();
  ctx.translate(x, y + (view.calm ? 0 : Math.sin(view.time / 260) * 1.5));
  ctx.scale(size, size);
  ctx.lineJoin = 'round';
  ctx.strokeStyle = look.ink;
  ctx.lineWidth = 2.6;
  ctx.fillStyle = '#ffd25a';
  ctx.beginPath();
  ctx.moveTo(-16, 1);
  ctx.lineTo(10, -12);
  ctx.quadraticCurveTo(17, -7, 17, 1);
  ctx.closePath();
  ctx.fill();
  ctx.stroke();
  ctx.fillStyle = '#f2a93a';
  ctx.beginPath();
  ctx.rect(-16, 1, 33, 11);
  ctx.fill();
  ctx.stroke();
  ctx.fillStyle = '#c97a1e';
  ctx.beginPath();
  for (const [hx, hy, r] of HOLES) {
    ctx.moveTo(hx + r, hy);
    ctx.arc(hx, hy, r, 0, TURN);
  }
  ctx.fill();
  ctx.restore();
}

const HOLES = [[-8, 7, 2.6], [3, 6, 3.2], [12, 8, 2], [6, -5, 2.2]];

/** @param {Ctx} ctx @param {State} state @param {Look} look @param {View} view */
export function drawEffects(ctx, state, look, view) {
  for (const effect of state.effects) {
    const age = state.tick - effect.tick + view.alpha;
    const lasts = effect.type === 'level' ? 90 : 55;
    if (age > lasts) continue;
    const t = age / lasts;
    const fade = 1 - t * t;
    if (!view.calm) BURSTS[effect.type]?.(ctx, effect, t, fade, look);
    if (!effect.points) continue;
    ctx.globalAlpha = fade;
    ctx.font = "700 24px 'Iowan Old Style', 'Palatino Linotype', Palatino, P052, Georgia, serif";
    ctx.textAlign = 'center';
    ctx.lineJoin = 'round';
    ctx.lineWidth = 5;
    ctx.strokeStyle = look.ink;
    ctx.fillStyle = look.points;
    const y = Math.max(26, effect.y - 20 - (view.calm ? 6 : 26 * (1 - (1 - t) * (1 - t))));
    ctx.strokeText(pointsText(effect.points), effect.x, y);
    ctx.fillText(pointsText(effect.points), effect.x, y);
  }
  ctx.globalAlpha = 1;
}

const CONFETTI = ['#e0503a', '#f7c52f', '#2aa6a0', '#8f6bd1', '#f2a9a2'];

/** @type {Record<string, (ctx: Ctx, effect: {x: number, y: number}, t: number, fade: number, look: Look) => void>} */
const BURSTS = {
  key(ctx, effect, t, fade) {
    ctx.globalAlpha = fade * 0.7;
    ctx.strokeStyle = '#ffd75e';
    ctx.lineWidth = 9 * (1 - t);
    ctx.beginPath();
    ctx.arc(effect.x, effect.y, 20 + 190 * (1 - (1 - t) * (1 - t)), 0, TURN);
    ctx.stroke();
  },
  tip: (ctx, effect, t, fade, look) => stars(ctx, effect, t, fade, look, 7, 40),
  caught: (ctx, effect, t, fade, look) => stars(ctx, effect, t, fade, look, 6, 34),
  cheese: (ctx, effect, t, fade, look) => stars(ctx, effect, t, fade, look, 5, 34),
  level(ctx, effect, t, fade) {
    const out = 1 - (1 - t) * (1 - t);
    ctx.globalAlpha = fade;
    for (let i = 0; i < 36; i++) {
      const angle = i * 2.4;
      const far = out * (60 + ((i * 53) % 170));
      ctx.fillStyle = CONFETTI[i % 5];
      ctx.save();
      ctx.translate(effect.x + Math.cos(angle) * far, effect.y + Math.sin(angle) * far * 0.8 + t * t * 90);
      ctx.rotate(angle + t * 9);
      ctx.fillRect(-5, -3, 10, 6);
      ctx.restore();
    }
  },
};

/** @param {Ctx} ctx @param {{x: number, y: number}} effect @param {number} t @param {number} fade @param {Look} look @param {number} count @param {number} reach */
function stars(ctx, effect, t, fade, look, count, reach) {
  const out = 1 - (1 - t) * (1 - t);
  ctx.globalAlpha = fade;
  ctx.fillStyle = '#ffe27a';
  ctx.strokeStyle = look.ink;
  ctx.lineWidth = 1.6;
  for (let i = 0; i < count; i++) {
    const angle = (i * TURN) / count + t;
    const x = effect.x + Math.cos(angle) * reach * out;
    const y = effect.y + Math.sin(angle) * reach * out * 0.8;
    ctx.beginPath();
    for (let j = 0; j < 10; j++) {
      const r = (j % 2 ? 2.6 : 6) * (1 - t * 0.5);
      ctx.lineTo(x + Math.cos((j * TURN) / 10 + angle) * r, y + Math.sin((j * TURN) / 10 + angle) * r);
    }
    ctx.closePath();
    ctx.fill();
    ctx.stroke();
  }
}
