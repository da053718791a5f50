// What stands and hangs in the way, leaves and signs: cut out of paper, each with its light edge, so
// that they stand out by day and by night.

import { fill, mix, noise, oval, polygon } from '../paint.js';
import { KINDS, RUNNER } from './course.js';

/** @typedef {import('../paint.js').Context} Context */
/** @typedef {import('./scene.js').Look} Look */
/** @typedef {[string, () => void]} Piece a colour and what adds its outline to the path */

/** How far a picture reaches beyond its obstacle on each side, and above what stands. */
export const MARGIN = 22;
/** What hangs reaches to the top of the field. */
export const HANG = RUNNER.ground;

/**
 * Lay pieces of paper on each other, with one light edge around all.
 * @param {Context} ctx @param {string} edge @param {Piece[]} pieces
 */
export function paper(ctx, edge, pieces) {
  ctx.lineJoin = 'round';
  ctx.strokeStyle = edge;
  ctx.lineWidth = 7;
  for (const [, path] of pieces) {
    ctx.beginPath();
    path();
    ctx.stroke();
  }
  for (const [colour, path] of pieces) fill(ctx, colour, path);
}

/** A leaf of an oak, its stalk at 0, 0, pointing right. @param {Context} ctx @param {number} length */
export function oakLeaf(ctx, length) {
  const [l, w] = [length, length * 0.3];
  ctx.moveTo(0, 0);
  for (const side of [-1, 1]) {
    if (side > 0) ctx.moveTo(0, 0);
    ctx.bezierCurveTo(0.1 * l, side * 0.9 * w, 0.25 * l, side * 0.9 * w, 0.3 * l, side * 0.45 * w);
    ctx.bezierCurveTo(0.38 * l, side * 1.3 * w, 0.58 * l, side * 1.25 * w, 0.6 * l, side * 0.5 * w);
    ctx.bezierCurveTo(0.7 * l, side * 1.05 * w, 0.92 * l, side * 0.8 * w, l, 0);
  }
}

/** A leaf somewhere, turned. @param {Context} ctx @param {number} x @param {number} y @param {number} length @param {number} turn */
function leafAt(ctx, x, y, length, turn) {
  ctx.save();
  ctx.translate(x, y);
  ctx.rotate(turn);
  oakLeaf(ctx, length);
  ctx.restore();
}

/** Foliage from the top down to y: scallops, spread so far to both sides. @param {Context} ctx @param {number} spread @param {number} r @param {number} to @param {number} seed */
function foliage(ctx, spread, r, to, seed) {
  for (let y = -HANG - 10, i = seed; y < to; y += r * 0.62, i++) {
    const side = i % 2 ? 1 : -1;
    oval(ctx, side * spread * (0.35 + 0.65 * noise(i)), y, r * (0.8 + 0.35 * noise(i + 50)), r * (0.7 + 0.25 * noise(i + 90)));
  }
}

/** Standing on 0, 0 in the middle below; w wide, h high. @type {Record<string, (ctx: Context, look: Look, w: number, h: number) => void>} */
const STANDING = {
  stump(ctx, { edge }, w, h) {
    const half = w / 2;
    paper(ctx, edge, [
      ['#7b4c2a', () => polygon(ctx, [-half, 4, -half + 9, -8, -half + 9, -h + 8, half - 9, -h + 8, half - 9, -8, half, 4])],
      ['#5a8f4a', () => leafAt(ctx, half - 14, -h + 4, 26, -1.1)],
      ['#e6bd85', () => oval(ctx, 0, -h + 8, half - 8, 8)],
    ]);
    ctx.strokeStyle = '#b98650';
    ctx.lineWidth = 2;
    for (const r of [0.6, 0.3]) {
      ctx.beginPath();
      oval(ctx, 0, -h + 8, (half - 8) * r, 8 * r);
      ctx.stroke();
    }
    fill(ctx, '#5f381d', () => [[-9, -22], [6, -14], [10, -26]].forEach(([x, y]) => ctx.rect(x, y, 3, 12)));
  },
  mushroom(ctx, { edge }, w, h) {
    paper(ctx, edge, [
      ['#f1dfc0', () => ctx.roundRect(-9, -30, 18, 34, 8)],
      ['#f1dfc0', () => ctx.roundRect(12, -16, 9, 20, 4)],
      ['#d9683a', () => ctx.ellipse(17, -15, 13, 10, 0, Math.PI, 0)],
      ['#c23b2a', () => {
        ctx.moveTo(-w / 2 - 2, -h + 24);
        ctx.bezierCurveTo(-w / 2, -h - 8, w / 2, -h - 8, w / 2 + 2, -h + 24);
        ctx.closePath();
      }],
    ]);
    fill(ctx, '#fff6e4', () => [[-11, -h + 14, 5], [4, -h + 8, 6], [15, -h + 17, 3.6], [-3, -h + 20, 3]].forEach(([x, y, r]) => oval(ctx, x, y, r, r * 0.85)));
  },
  stones(ctx, { edge }, w, h) {
    paper(ctx, edge, [
      ['#7d848a', () => oval(ctx, -w / 4, -11, w / 4 + 2, 15)],
      ['#969da2', () => oval(ctx, w / 5, -12, w / 4 + 4, 16)],
      ['#aeb4b7', () => oval(ctx, -2, -h + 13, w / 4 + 1, 14)],
    ]);
    fill(ctx, '#6f9a58', () => ctx.ellipse(-2, -h + 6, w / 5, 7, 0, Math.PI, 0));
    fill(ctx, '#c6cbcd', () => oval(ctx, 8, -h + 14, 5, 3));
  },
  bramble(ctx, { edge }, w, h) {
    const thorns = (/** @type {number} */ x, /** @type {number} */ r) => {
      for (let i = 0; i < 9; i++) {
        const angle = Math.PI + (i / 8) * Math.PI;
        polygon(ctx, [x + r * Math.cos(angle - 0.16), r * 0.9 * Math.sin(angle - 0.16), x + (r + 12) * Math.cos(angle), (r + 10) * 0.9 * Math.sin(angle), x + r * Math.cos(angle + 0.16), r * 0.9 * Math.sin(angle + 0.16)]);
      }
      ctx.moveTo(x + r, 4);
      ctx.ellipse(x, 4, r + 1, r * 0.9 + 3, 0, 0, Math.PI, true);
    };
    paper(ctx, edge, [
      ['#3d5a3a', () => thorns(-w / 3.4, h * 0.62)],
      ['#4c6e42', () => thorns(w / 3.4, h * 0.66)],
      ['#5b8049', () => thorns(0, h * 0.74)],
    ]);
    fill(ctx, '#7a2c56', () => [[-28, -14], [-6, -22], [10, -10], [30, -18]].forEach(([x, y]) => {
      for (const [dx, dy] of [[0, 0], [5, 1], [2, 5]]) oval(ctx, x + dx, y + dy, 3.4);
    }));
  },
};

/** Hanging, its lower end at 0, 0; w wide. @type {Record<string, (ctx: Context, look: Look, w: number) => void>} */
const HANGING = {
  branch(ctx, { edge }, w) {
    const half = w / 2;
    paper(ctx, edge, [
      ['#6f4527', () => polygon(ctx, [-7, -HANG, 7, -HANG, 5, -30, -5, -30])],
      ['#a5482a', () => foliage(ctx, half * 0.62, 26, -24, 3)],
      ['#c4632f', () => foliage(ctx, half * 0.4, 17, -26, 40)],
      ['#8b5a33', () => ctx.roundRect(-half, -22, w, 22, 11)],
    ]);
    for (const [x, y, turn] of [[-24, -120, 2.4], [18, -84, 0.4], [-14, -210, 2.9], [22, -186, 0.7], [-8, -300, 2.2], [14, -352, 0.9]]) fill(ctx, '#e08a45', () => leafAt(ctx, x, y, 26, turn));
    fill(ctx, '#e6bd85', () => [-half + 8, half - 8].forEach((x) => oval(ctx, x, -11, 5, 9)));
    fill(ctx, '#6a4022', () => [-20, 2, 18].forEach((x) => ctx.rect(x, -15, 12, 2.6)));
  },
  nest(ctx, { edge }, w) {
    const half = w / 2;
    paper(ctx, edge, [
      ['#6f4527', () => polygon(ctx, [-4, -HANG, 4, -HANG, 4, -70, -4, -70])],
      ['#a98226', () => foliage(ctx, half * 0.5, 22, -84, 70)],
      ['#cfa53a', () => foliage(ctx, half * 0.34, 14, -84, 20)],
      ['#e2b25e', () => ctx.roundRect(-half + 6, -52, w - 12, 52, 6)],
      ['#b8452e', () => polygon(ctx, [-half - 2, -48, 0, -90, half + 2, -48])],
    ]);
    fill(ctx, '#3a2314', () => oval(ctx, 0, -30, 10.5));
    fill(ctx, '#f5efe0', () => oval(ctx, -3.5, -31, 3.4));
    fill(ctx, '#f5efe0', () => oval(ctx, 4.5, -31, 3.4));
    fill(ctx, '#1b120c', () => [-3, 5].forEach((x) => oval(ctx, x, -30.5, 1.7)));
    fill(ctx, '#8f5a2c', () => ctx.roundRect(-5, -14, 10, 4, 2));
  },
  lantern(ctx, { edge }, w) {
    const half = w / 2 - 2;
    /** @type {Piece[]} */
    const pieces = [['#4a3426', () => ctx.rect(-1.5, -HANG, 3, HANG)]];
    for (let i = 6; i >= 0; i--) {
      const y = -28 - i * 64;
      pieces.push(['#4a3426', () => ctx.roundRect(-10, y - 31, 20, 62, 3)]);
      pieces.push([['#f0a93c', '#d9673f', '#e6c14f'][i % 3], () => oval(ctx, 0, y, half, 25)]);
    }
    paper(ctx, edge, pieces);
    ctx.lineWidth = 2;
    ctx.strokeStyle = 'rgb(90 40 10 / 0.35)';
    for (let i = 0; i < 7; i++) {
      for (const part of [1, 0.45]) {
        ctx.beginPath();
        ctx.ellipse(0, -28 - i * 64, half * part, 25, 0, 0, 7);
        ctx.stroke();
      }
    }
    fill(ctx, 'rgb(255 250 210 / 0.5)', () => {
      for (let i = 0; i < 7; i++) oval(ctx, -half * 0.2, -34 - i * 64, half * 0.32, 9);
    });
  },
};

/**
 * Say how big the picture of an obstacle is.
 * @param {string} kind @returns {{width: number, height: number}}
 */
export function sizeOf(kind) {
  const { type, w, h } = KINDS[kind];
  return { width: w + 2 * MARGIN, height: type === 'high' ? HANG - h + 10 : h + 2 * MARGIN };
}

/** Paint what stands or hangs into its picture. @param {Context} ctx @param {string} kind @param {Look} look */
export function paintObstacle(ctx, kind, look) {
  const { type, w, h } = KINDS[kind];
  const { width, height } = sizeOf(kind);
  ctx.translate(width / 2, type === 'high' ? height - 10 : height - MARGIN);
  if (type === 'high') HANGING[kind](ctx, look, w);
  else STANDING[kind](ctx, look, w, h);
}

/** How big the picture of a leaf is: square. */
export const LEAF = 48;
/** @param {Context} ctx @param {boolean} gold @param {Look} look */
export function paintLeaf(ctx, gold, look) {
  ctx.translate(LEAF / 2, LEAF / 2);
  if (gold) {
    fill(ctx, '#ffe48f', () => {
      for (let i = 0; i < 10; i++) polygon(ctx, [0, 0, 22 * Math.cos(i * 0.628), 22 * Math.sin(i * 0.628), 14 * Math.cos(i * 0.628 + 0.314), 14 * Math.sin(i * 0.628 + 0.314)]);
    });
  }
  ctx.rotate(-0.8);
  ctx.translate(-15, 0);
  paper(ctx, look.edge, [[gold ? '#eab02c' : '#d8662f', () => oakLeaf(ctx, 31)]]);
  ctx.strokeStyle = gold ? '#9a6a10' : '#8e3a14';
  ctx.lineWidth = 1.8;
  ctx.beginPath();
  ctx.moveTo(-5, 0);
  ctx.lineTo(26, 0);
  ctx.stroke();
}

/** How big the picture of a sign is: square. */
export const SIGN = 64;
/** A sign: round and up for a jump, on its corner and down for a duck. @param {Context} ctx @param {boolean} duck @param {Look} look */
export function paintSign(ctx, duck, look) {
  ctx.translate(SIGN / 2, SIGN / 2);
  const colour = duck ? '#c96a1b' : '#2a68b0';
  const plate = duck ? () => polygon(ctx, [0, -29, 29, 0, 0, 29, -29, 0]) : () => oval(ctx, 0, 0, 24);
  ctx.shadowColor = 'rgb(0 0 0 / 0.3)';
  ctx.shadowBlur = 6;
  paper(ctx, look.edge, [[colour, plate]]);
  ctx.shadowColor = 'transparent';
  ctx.rotate(duck ? Math.PI : 0);
  fill(ctx, mix(look.edge, '#ffffff', 0.6), () => polygon(ctx, [0, -16, 14, 1, 5.5, 1, 5.5, 14, -5.5, 14, -5.5, 1, -14, 1]));
}
