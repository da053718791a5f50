// The acorn: legs that run, a leaf for a cape, a cap, and a face that says how it is going.

import { fill, mix, oval, polygon, smooth } from '../paint.js';
import { oakLeaf } from './props.js';
import { SAFE } from './rules.js';

/** @typedef {import('./rules.js').State} State */
/** @typedef {import('../table.js').View} View */
/** @typedef {import('./scene.js').Look} Look */

/** Units of way for two steps. */
const STRIDE = 96;
/** A little bigger than what is hit: what only brushes something passes. */
const SIZE = 1.18;
const COLOURS = { nut: '#d39a52', nutLight: '#e9bd7d', nutDark: '#a86f30', cap: '#7a4a26', capDark: '#5b3419', leg: '#5b3419', boot: '#b23a1a', cape: '#5f9a4a', capeDark: '#467a38', ink: '#2a1709' };

/**
 * How much the acorn is pressed flat or drawn out: 1 is as it is.
 * @param {State} state @param {number} since ticks since it landed @param {number} ducked 0..1 @param {number} alpha
 */
function squeeze(state, since, ducked, alpha) {
  const duck = 1 - 0.37 * ducked;
  if (!state.ground) return duck * (1 + Math.min(0.16, Math.abs(state.vy - 0.5 * alpha) * 0.011));
  if (since < 12) return duck * (1 - 0.24 * (1 - since / 12) ** 2 * Math.cos(since / 2.4));
  return duck;
}

/**
 * Draw the acorn, its feet at x, y.
 * @param {CanvasRenderingContext2D} ctx @param {State} state @param {View} view @param {Look} look
 * @param {number} x @param {number} y @param {number} way how far it has run, with the fraction of the tick
 * @param {number} landed ticks since it landed
 */
export function hero(ctx, state, view, look, x, y, way, landed) {
  const change = (state.tick + view.alpha - state.duckAt) / 9;
  const ducked = state.ducking ? smooth(change) : 1 - smooth(change);
  const phase = (way / STRIDE) * 2 * Math.PI;
  const hurt = state.safe > SAFE - 34 || state.over;
  const tall = squeeze(state, landed, ducked, view.alpha);
  const bob = state.ground && !state.over ? 3 * Math.abs(Math.sin(phase)) * (1 - ducked) : 0;
  const tilt = state.over ? -0.5 : state.ground ? 0.06 + 0.12 * (state.pace - 1) + 0.16 * ducked : Math.max(-0.24, Math.min(0.2, -state.vy * 0.018));
  ctx.save();
  ctx.translate(x, y);
  ctx.scale(SIZE, SIZE);
  ctx.lineCap = 'round';
  ctx.lineJoin = 'round';
  // After a hit it is see-through until it can be hit again; blinking only where that is welcome.
  if (state.safe > 0 && !hurt) ctx.globalAlpha = view.calm ? 0.65 : 0.55 + 0.35 * Math.cos(state.safe / 5);
  legs(ctx, state, phase, ducked, look);
  ctx.translate(0, -16 - bob);
  ctx.rotate(tilt);
  ctx.scale(1 / Math.sqrt(tall) / (tall < 0.8 ? 0.96 : 1), tall);
  cape(ctx, view, look, phase, state.speed, ducked);
  arm(ctx, phase + Math.PI, 17, state.ground, look);
  body(ctx, look);
  face(ctx, view, hurt, state.over, state.ground);
  arm(ctx, phase, -13, state.ground, look);
  ctx.restore();
}

/** @param {CanvasRenderingContext2D} ctx @param {State} state @param {number} phase @param {number} ducked @param {Look} look */
function legs(ctx, state, phase, ducked, look) {
  for (const [side, hip] of [[Math.PI, -6], [0, 6]]) {
    const p = phase + side;
    let [footX, footY] = [hip * 0.6 + 17 * Math.cos(p), -Math.max(0, 13 * -Math.sin(p))];
    if (!state.ground) [footX, footY] = side ? [-13, -3] : [14, -12];
    if (state.over) [footX, footY] = [hip * 1.8, -2];
    const knee = [(hip + footX) / 2 + 6 - 3 * ducked, -14 + footY / 2 + 7 * ducked];
    for (const [colour, width] of /** @type {[string, number][]} */ ([[look.edge, 11], [COLOURS.leg, 6]])) {
      ctx.strokeStyle = colour;
      ctx.lineWidth = width;
      ctx.beginPath();
      ctx.moveTo(hip, -18 + 6 * ducked);
      ctx.quadraticCurveTo(knee[0], knee[1], footX, footY - 4);
      ctx.stroke();
    }
    ctx.save();
    ctx.translate(footX, footY - 4);
    ctx.rotate(state.ground ? Math.min(0, 0.7 * Math.sin(p)) * -1 : 0.5);
    fill(ctx, look.edge, () => ctx.roundRect(-8.5, -6.5, 23, 13.5, 6));
    fill(ctx, COLOURS.boot, () => ctx.roundRect(-6, -4, 18, 8.5, 4));
    ctx.restore();
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {View} view @param {Look} look @param {number} phase @param {number} speed @param {number} ducked */
function cape(ctx, view, look, phase, speed, ducked) {
  const wave = view.calm ? 0 : 0.16 * Math.sin(phase * 0.9) + 0.05 * Math.sin(view.time / 60);
  ctx.save();
  ctx.translate(-8, -28);
  ctx.rotate(Math.PI - 0.5 + 0.035 * speed + wave + 0.2 * ducked);
  ctx.lineWidth = 6;
  ctx.strokeStyle = look.edge;
  ctx.beginPath();
  oakLeaf(ctx, 46 + speed);
  ctx.stroke();
  fill(ctx, COLOURS.cape, () => oakLeaf(ctx, 46 + speed));
  ctx.strokeStyle = COLOURS.capeDark;
  ctx.lineWidth = 2;
  ctx.beginPath();
  ctx.moveTo(4, 0);
  ctx.lineTo(40 + speed, 0);
  for (const at of [14, 26]) {
    ctx.moveTo(at, 0);
    ctx.lineTo(at + 6, -7);
    ctx.moveTo(at, 0);
    ctx.lineTo(at + 6, 7);
  }
  ctx.stroke();
  ctx.restore();
}

/** @param {CanvasRenderingContext2D} ctx @param {number} phase @param {number} x @param {boolean} ground @param {Look} look */
function arm(ctx, phase, x, ground, look) {
  const angle = ground ? 0.9 * Math.cos(phase) : x > 0 ? 2.1 : -2.1;
  const [toX, toY] = [x + 14 * Math.sin(angle), -11 + 12 * Math.cos(angle)];
  for (const [colour, width] of /** @type {[string, number][]} */ ([[look.edge, 10], [COLOURS.nutDark, 5.5]])) {
    if (colour === look.edge && x < 0) continue;
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.beginPath();
    ctx.moveTo(x, -11);
    ctx.lineTo(toX, toY);
    ctx.stroke();
  }
  if (x > 0) fill(ctx, look.edge, () => oval(ctx, toX, toY, 6.5));
  fill(ctx, COLOURS.nutLight, () => oval(ctx, toX, toY, 4));
}

/** The nut and its cap, from -4 up to -54. @param {CanvasRenderingContext2D} ctx */
function nut(ctx) {
  ctx.moveTo(-20, -30);
  ctx.bezierCurveTo(-22, -6, -8, 3, 1, 6);
  ctx.bezierCurveTo(10, 3, 24, -6, 22, -30);
  ctx.closePath();
}
/** @param {CanvasRenderingContext2D} ctx */
function cap(ctx) {
  ctx.moveTo(-25, -29);
  ctx.bezierCurveTo(-25, -52, -8, -52, 1, -52);
  ctx.bezierCurveTo(10, -52, 27, -52, 27, -29);
  ctx.bezierCurveTo(20, -24, -18, -24, -25, -29);
  ctx.closePath();
}

/** @param {CanvasRenderingContext2D} ctx @param {Look} look */
function body(ctx, look) {
  ctx.lineWidth = 7;
  ctx.strokeStyle = look.edge;
  ctx.beginPath();
  nut(ctx);
  cap(ctx);
  polygon(ctx, [-3, -50, -5, -58, 2, -60, 5, -50]);
  ctx.stroke();
  fill(ctx, COLOURS.nut, () => nut(ctx));
  fill(ctx, COLOURS.nutLight, () => ctx.ellipse(-11, -16, 5, 11, 0.25, 0, 7));
  fill(ctx, COLOURS.capDark, () => polygon(ctx, [-3, -48, -5, -58, 2, -60, 5, -48]));
  fill(ctx, COLOURS.cap, () => cap(ctx));
  ctx.strokeStyle = mix(COLOURS.cap, '#f0c080', 0.22);
  ctx.lineWidth = 2;
  ctx.beginPath();
  for (const y of [-46, -39, -32]) {
    for (let x = -17 + (y === -39 ? 5 : 0) - (y === -32 ? 4 : 0); x < 20 + (y === -32 ? 4 : 0); x += 10) {
      ctx.moveTo(x - 4, y);
      ctx.quadraticCurveTo(x, y + 5, x + 4, y);
    }
  }
  ctx.stroke();
}

/** Two strokes, x and y in turn. @param {CanvasRenderingContext2D} ctx @param {number[]} points */
function polyline(ctx, points) {
  for (let i = 0; i < points.length; i += 4) {
    ctx.moveTo(points[i], points[i + 1]);
    ctx.lineTo(points[i + 2], points[i + 3]);
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {View} view @param {boolean} hurt @param {boolean} over @param {boolean} ground */
function face(ctx, view, hurt, over, ground) {
  ctx.strokeStyle = COLOURS.ink;
  ctx.lineWidth = 2.4;
  fill(ctx, 'rgb(214 84 50 / 0.45)', () => [-3, 19].forEach((x) => oval(ctx, x, -11, 3.6, 2.6)));
  const blink = !view.calm && Math.sin(view.time / 700) > 0.985;
  if (hurt || blink) {
    ctx.beginPath();
    for (const x of [2, 14]) {
      ctx.moveTo(x - 3.6, -19);
      if (!hurt) ctx.quadraticCurveTo(x, -16, x + 3.6, -19);
      else polyline(ctx, [x - 3.4, -21, x + 3.4, -17, x - 3.4, -17, x + 3.4, -21]);
    }
    ctx.stroke();
  } else {
    fill(ctx, '#fffaf0', () => [2, 14].forEach((x) => oval(ctx, x, -19, 4.8, 5.4)));
    fill(ctx, COLOURS.ink, () => [3.6, 15.6].forEach((x) => oval(ctx, x, ground ? -18.6 : -20.4, 2.7)));
    fill(ctx, '#ffffff', () => [4.4, 16.4].forEach((x) => oval(ctx, x, ground ? -19.8 : -21.6, 0.9)));
  }
  ctx.beginPath();
  if (over) ctx.arc(9, -6, 3.6, Math.PI * 1.15, Math.PI * 1.85);
  else if (hurt || !ground) oval(ctx, 9, -9, 2.6, 3.2);
  else ctx.arc(9, -11.5, 3.8, 0.15, Math.PI - 0.15);
  ctx.stroke();
}
