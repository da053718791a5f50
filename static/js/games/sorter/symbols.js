// The eight shapes that tell the bins apart, and what rides on the belt: four kinds of toys and tins
// that carry the shape and the colour of their bin.

import { fill, mix, oval, polygon } from '../paint.js';

/** @typedef {import('../paint.js').Context} Context */

const TURN = 2 * Math.PI;

/** A star or polygon by turns of two radii. @param {Context} ctx @param {number} points @param {number} outer @param {number} inner */
function star(ctx, points, outer, inner) {
  const corners = [];
  for (let i = 0; i < 2 * points; i++) {
    const [r, angle] = [i % 2 ? inner : outer, (i / (2 * points)) * TURN - TURN / 4];
    corners.push(r * Math.cos(angle), r * Math.sin(angle));
  }
  polygon(ctx, corners);
}

/**
 * Add a shape of radius r around 0, 0 to the path, by its name in workshop.js.
 * @type {Record<string, (ctx: Context, r: number) => void>}
 */
export const SHAPE_PATHS = {
  circle: (ctx, r) => oval(ctx, 0, 0, 0.86 * r),
  triangle: (ctx, r) => polygon(ctx, [0, -0.95 * r, 0.98 * r, 0.75 * r, -0.98 * r, 0.75 * r]),
  square: (ctx, r) => polygon(ctx, [-0.78 * r, -0.78 * r, 0.78 * r, -0.78 * r, 0.78 * r, 0.78 * r, -0.78 * r, 0.78 * r]),
  star: (ctx, r) => star(ctx, 5, 1.08 * r, 0.48 * r),
  drop(ctx, r) {
    ctx.moveTo(0, -1.1 * r);
    ctx.bezierCurveTo(0.3 * r, -0.55 * r, 0.78 * r, -0.1 * r, 0.78 * r, 0.3 * r);
    ctx.arc(0, 0.3 * r, 0.78 * r, 0, TURN / 2);
    ctx.bezierCurveTo(-0.78 * r, -0.1 * r, -0.3 * r, -0.55 * r, 0, -1.1 * r);
    ctx.closePath();
  },
  heart(ctx, r) {
    ctx.moveTo(0, 0.95 * r);
    ctx.bezierCurveTo(-1.5 * r, -0.05 * r, -0.95 * r, -1.15 * r, 0, -0.48 * r);
    ctx.bezierCurveTo(0.95 * r, -1.15 * r, 1.5 * r, -0.05 * r, 0, 0.95 * r);
    ctx.closePath();
  },
  moon(ctx, r) {
    ctx.moveTo(0.25 * r, -0.98 * r);
    ctx.bezierCurveTo(-1.45 * r, -0.75 * r, -1.2 * r, 1.15 * r, 0.6 * r, 0.85 * r);
    ctx.bezierCurveTo(-0.25 * r, 0.55 * r, -0.45 * r, -0.45 * r, 0.25 * r, -0.98 * r);
    ctx.closePath();
  },
  cross(ctx, r) {
    const [a, b] = [0.34 * r, 0.95 * r];
    polygon(ctx, [-a, -b, a, -b, a, -a, b, -a, b, a, a, a, a, b, -a, b, -a, a, -b, a, -b, -a, -a, -a]);
  },
};

/** Paint a shape. @param {Context} ctx @param {string} shape @param {number} x @param {number} y @param {number} r @param {string} colour */
export function symbol(ctx, shape, x, y, r, colour) {
  ctx.save();
  ctx.translate(x, y);
  fill(ctx, colour, () => SHAPE_PATHS[shape](ctx, r));
  ctx.restore();
}

/** How big the picture of a thing is, and where in it the thing stands. */
export const THING = Object.freeze({ width: 92, height: 96, x: 46, y: 90 });

const CREAM = '#fff7e8';

/** A white field with a shape on it. @param {Context} ctx @param {string} shape @param {string} colour @param {number} y @param {number} r */
function badge(ctx, shape, colour, y, r) {
  fill(ctx, CREAM, () => oval(ctx, 0, y, r));
  symbol(ctx, shape, 0, y, 0.68 * r, mix(colour, '#20130a', 0.12));
}

/** @param {Context} ctx @param {number} x @param {number} y @param {number} w @param {number} h @param {number | number[]} r */
const box = (ctx, x, y, w, h, r) => ctx.roundRect(x, y, w, h, r);

/** Bodies, standing on 0, 0. @type {((ctx: Context, colour: string, shape: string) => void)[]} */
const BODIES = [
  /** A wooden crate. */
  (ctx, colour, shape) => {
    fill(ctx, mix(colour, '#20130a', 0.35), () => box(ctx, -33, -62, 66, 62, 7));
    fill(ctx, colour, () => box(ctx, -33, -62, 66, 58, 7));
    ctx.fillStyle = mix(colour, '#ffffff', 0.22);
    for (const y of [-58, -39, -20]) ctx.fillRect(-28, y, 56, 12);
    fill(ctx, mix(colour, '#20130a', 0.22), () => {
      box(ctx, -33, -62, 10, 58, [7, 0, 0, 7]);
      box(ctx, 23, -62, 10, 58, [0, 7, 7, 0]);
    });
    fill(ctx, mix(colour, '#20130a', 0.5), () => [-28, 28].forEach((x) => [-54, -12].forEach((y) => oval(ctx, x, y, 1.8))));
    badge(ctx, shape, colour, -32, 20);
  },
  /** A tin with a lid. */
  (ctx, colour, shape) => {
    fill(ctx, mix(colour, '#20130a', 0.35), () => box(ctx, -28, -60, 56, 60, 8));
    fill(ctx, colour, () => box(ctx, -28, -60, 56, 57, 8));
    fill(ctx, mix(colour, '#ffffff', 0.35), () => box(ctx, -24, -52, 7, 46, 4));
    fill(ctx, mix(colour, '#20130a', 0.18), () => box(ctx, 18, -52, 6, 46, 3));
    fill(ctx, '#c9a35b', () => box(ctx, -31, -70, 62, 14, 5));
    fill(ctx, '#f0d694', () => box(ctx, -31, -70, 62, 6, 4));
    fill(ctx, '#8a6727', () => box(ctx, -6, -77, 12, 8, 3));
    badge(ctx, shape, colour, -29, 19);
  },
  /** A ball in a stand. */
  (ctx, colour, shape) => {
    fill(ctx, '#7c5128', () => polygon(ctx, [-22, 0, 22, 0, 15, -12, -15, -12]));
    fill(ctx, '#a87443', () => box(ctx, -17, -14, 34, 6, 3));
    fill(ctx, mix(colour, '#20130a', 0.3), () => oval(ctx, 0, -42, 34));
    fill(ctx, colour, () => oval(ctx, -1.5, -44, 31.5));
    fill(ctx, mix(colour, '#ffffff', 0.4), () => ctx.ellipse(-14, -60, 11, 6, -0.6, 0, TURN));
    badge(ctx, shape, colour, -41, 19);
  },
  /** A bag, tied up. */
  (ctx, colour, shape) => {
    const bag = (/** @type {number} */ grow) => {
      ctx.moveTo(-9, -60);
      ctx.bezierCurveTo(-44 - grow, -40, -40 - grow, 0, -24, 0);
      ctx.lineTo(24, 0);
      ctx.bezierCurveTo(40 + grow, 0, 44 + grow, -40, 9, -60);
      ctx.closePath();
    };
    fill(ctx, mix(colour, '#20130a', 0.3), () => bag(1));
    fill(ctx, colour, () => bag(-3));
    fill(ctx, mix(colour, '#ffffff', 0.25), () => polygon(ctx, [-10, -60, -20, -78, -7, -72, 0, -79, 7, -72, 20, -78, 10, -60]));
    fill(ctx, CREAM, () => box(ctx, -12, -64, 24, 7, 3));
    badge(ctx, shape, colour, -28, 19);
  },
];

/** Oddments: grey, and of no shape that a bin has. @type {((ctx: Context) => void)[]} */
const ODDMENTS = [
  /** A fish bone. */
  (ctx) => {
    ctx.strokeStyle = '#8d8a86';
    ctx.lineWidth = 6;
    ctx.beginPath();
    ctx.moveTo(-28, -22);
    ctx.lineTo(22, -22);
    for (const x of [-14, -2, 10]) {
      ctx.moveTo(x + 5, -38);
      ctx.lineTo(x, -22);
      ctx.lineTo(x + 5, -6);
    }
    ctx.stroke();
    fill(ctx, '#a5a29d', () => polygon(ctx, [18, -38, 42, -22, 18, -6]));
    fill(ctx, '#a5a29d', () => polygon(ctx, [-26, -22, -42, -36, -42, -8]));
    fill(ctx, '#3c3a38', () => oval(ctx, 27, -25, 2.8));
  },
  /** A bent spring. */
  (ctx) => {
    ctx.strokeStyle = '#77746f';
    ctx.lineWidth = 5;
    ctx.beginPath();
    for (let i = 0; i <= 60; i++) {
      const t = i / 60;
      ctx.lineTo(20 * Math.sin(t * TURN * 4.25) + 14 * t * t, -4 - 60 * t);
    }
    ctx.stroke();
  },
  /** A sock with a hole. */
  (ctx) => {
    fill(ctx, '#98948f', () => {
      ctx.moveTo(-22, -70);
      ctx.lineTo(6, -70);
      ctx.lineTo(8, -32);
      ctx.bezierCurveTo(30, -30, 40, -22, 36, -2);
      ctx.lineTo(-10, -2);
      ctx.bezierCurveTo(-26, -4, -22, -30, -22, -70);
    });
    fill(ctx, '#7b7772', () => box(ctx, -25, -76, 34, 12, 4));
    fill(ctx, '#5a5753', () => oval(ctx, 8, -17, 7));
    fill(ctx, '#c5c1bb', () => [-52, -42].forEach((y) => ctx.rect(-21, y, 27, 4)));
  },
  /** A dented can. */
  (ctx) => {
    fill(ctx, '#8a8783', () => polygon(ctx, [-22, 0, 20, 0, 24, -22, 14, -32, 22, -52, -20, -56, -14, -30, -26, -20]));
    fill(ctx, '#b3b0ab', () => oval(ctx, 1, -53, 21, 7));
    fill(ctx, '#5f5c59', () => oval(ctx, 1, -53, 15, 4.5));
    fill(ctx, '#aaa7a2', () => polygon(ctx, [-13, -4, -4, -4, -6, -22, -14, -24]));
  },
];

/** A parcel that hides what is in it. @param {Context} ctx */
function parcel(ctx) {
  fill(ctx, '#9a6a38', () => box(ctx, -36, -60, 72, 60, 5));
  fill(ctx, '#c99a5f', () => box(ctx, -36, -60, 72, 56, 5));
  ctx.fillStyle = '#e8c993';
  ctx.fillRect(-7, -60, 14, 56);
  ctx.fillRect(-36, -38, 72, 11);
  fill(ctx, '#b23a1a', () => {
    ctx.ellipse(-13, -66, 14, 7, 0.5, 0, TURN);
    ctx.ellipse(13, -66, 14, 7, -0.5, 0, TURN);
  });
  fill(ctx, '#7e2710', () => oval(ctx, 0, -62, 6));
}

/** Gold: a wreath of rays behind, so that shape tells it too. @param {Context} ctx */
function rays(ctx) {
  ctx.save();
  ctx.translate(0, -36);
  fill(ctx, '#f3bf3a', () => star(ctx, 14, 46, 36));
  fill(ctx, '#ffe48f', () => star(ctx, 14, 41, 33));
  ctx.restore();
}

/**
 * Paint a thing that stands at THING.x, THING.y of its picture.
 * @param {Context} ctx @param {{body: number, kind: string, wrapped: boolean}} thing
 * @param {{color: string, shape: string} | null} bin where it belongs
 */
export function paintThing(ctx, { body, kind, wrapped }, bin) {
  ctx.translate(THING.x, THING.y);
  ctx.lineCap = 'round';
  ctx.lineJoin = 'round';
  if (wrapped) parcel(ctx);
  else if (!bin) ODDMENTS[body % ODDMENTS.length](ctx);
  else {
    if (kind === 'gold') rays(ctx);
    BODIES[body % BODIES.length](ctx, bin.color, bin.shape);
  }
}
