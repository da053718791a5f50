// What is seen for a moment where something has happened: sparks, rings, light, paper.
import { GAME } from './rules.js';

const { width: WIDTH, height: HEIGHT } = GAME.field;

/** The same throw for the same spark in every frame. @param {number} a @param {number} b */
function scatter(a, b) {
  const x = Math.sin(a * 12.9898 + b * 78.233) * 43758.5453;
  return x - Math.floor(x);
}

/** @typedef {(ctx: CanvasRenderingContext2D, effect: import('./rules.js').Effect, state: import('./rules.js').State, view: import('../table.js').View, look: import('./court.js').Look) => void} Painter */

/** Sparks that fly off a bat. @type {Painter} */
function sparks(ctx, effect, state, view, look) {
  const age = state.tick + view.alpha - effect.tick;
  const life = effect.type === 'smash' ? 30 : 20;
  if (age > life || view.calm) return;
  const way = effect.player === 0 ? -1 : 1;
  const count = Math.round((effect.type === 'smash' ? 20 : 9) * (0.6 + (effect.power ?? 0.5)));
  const t = age / life;
  ctx.strokeStyle = look.ball;
  ctx.lineCap = 'round';
  ctx.lineWidth = 3.5 * (1 - t) + 0.5;
  ctx.globalAlpha = 1 - t;
  ctx.beginPath();
  for (let i = 0; i < count; i++) {
    const angle = (scatter(effect.tick, i) - 0.5) * 2.9;
    const far = (28 + 85 * scatter(i, effect.tick)) * (1 - (1 - t) ** 3);
    const dx = Math.sin(angle);
    const dy = Math.cos(angle) * way;
    ctx.moveTo(effect.x + dx * far, effect.y + dy * far);
    ctx.lineTo(effect.x + dx * (far + 12 * (1 - t)), effect.y + dy * (far + 12 * (1 - t)));
  }
  ctx.stroke();
  ctx.globalAlpha = 1;
}

/** A ring that opens where something happened; calm too: it is the sign that the ball was met. @type {Painter} */
function ring(ctx, effect, state, view, look) {
  const age = state.tick + view.alpha - effect.tick;
  if (age > 18) return;
  const t = age / 18;
  ctx.strokeStyle = look.chalk;
  ctx.globalAlpha = 0.8 * (1 - t);
  ctx.lineWidth = 4 * (1 - t) + 1;
  ctx.beginPath();
  ctx.ellipse(effect.x, effect.y, view.calm ? 24 : 14 + 40 * t, view.calm ? 14 : 8 + 20 * t, 0, 0, 7);
  ctx.stroke();
  ctx.globalAlpha = 1;
}

/** The ball was met by a bat. @type {Painter} */
function met(ctx, effect, state, view, look) {
  ring(ctx, effect, state, view, look);
  sparks(ctx, effect, state, view, look);
}

/** The half of the court where the point was won lights up. @type {Painter} */
function halfLight(ctx, effect, state, view, look) {
  const age = state.tick + view.alpha - effect.tick;
  if (age > 45 || view.calm) return;
  ctx.fillStyle = look.chalk;
  ctx.globalAlpha = 0.16 * (1 - age / 45);
  ctx.fillRect(0, effect.player === 0 ? HEIGHT / 2 : 0, WIDTH, HEIGHT / 2);
  ctx.globalAlpha = 1;
}

const CONFETTI = ['#fff3e0', '#f2b134', '#2e86ab', '#e4572e', '#6a994e'];

/** Paper rains when a level is won. @type {Painter} */
function confetti(ctx, effect, state, view) {
  const age = state.tick + view.alpha - effect.tick;
  if (age > 118 || view.calm) return;
  for (let i = 0; i < 70; i++) {
    const x = scatter(i, 3) * WIDTH + 26 * Math.sin(age / 14 + i);
    const y = -30 + scatter(i, 7) * -160 + age * (3.2 + 3 * scatter(i, 11));
    ctx.save();
    ctx.translate(x, y);
    ctx.rotate(age / 9 + i);
    ctx.scale(1, Math.cos(age / 7 + i * 2));
    ctx.fillStyle = CONFETTI[i % CONFETTI.length];
    ctx.globalAlpha = Math.min(1, (118 - age) / 25);
    ctx.fillRect(-6, -4, 12, 8);
    ctx.restore();
  }
  ctx.globalAlpha = 1;
}

/** By the type of effect: what is painted below the ball, and above it. @type {Record<string, Painter>} */
export const EFFECTS_BELOW = { point: halfLight };
/** @type {Record<string, Painter>} */
export const EFFECTS_ABOVE = {
  hit: met,
  smash: met,
  wall: ring,
  level: confetti,
};
