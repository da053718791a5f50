// The mouse and the four wind-up toys, each told by its outline: round, square, pointed, wide.

import { LIMP, TOYS } from './looks.js';

/**
 * @typedef {CanvasRenderingContext2D} Ctx
 * @typedef {import('./looks.js').Look} Look
 * @typedef {{direction: number, time: number, isLimp: boolean, isWaking: boolean, isDashing: boolean, isBold: boolean}} Pose
 */

const TURN = 2 * Math.PI;
const SIDES = [-1, 1];
/** Discs of light, one in the other: a soft edge for little. */
const HALO = [26, 23, 20];
const GAZE_X = [1, 0, -1, 0];
const GAZE_Y = [0, 1, 0, -1];

/**
 * Draw a toy around 0, 0.
 * @param {Ctx} ctx
 * @param {keyof typeof TOYS} kind
 * @param {Look} look
 * @param {Pose} pose time in ms, 0 when nothing may move
 */
export function drawToy(ctx, kind, look, pose) {
  const paint = pose.isLimp ? LIMP : TOYS[kind];
  ctx.fillStyle = look.halo;
  for (const radius of HALO) {
    ctx.beginPath();
    ctx.arc(0, 1, radius, 0, TURN);
    ctx.fill();
  }
  ctx.fillStyle = look.shade;
  ctx.beginPath();
  ctx.ellipse(2, 16, 16, 5, 0, 0, TURN);
  ctx.fill();
  ctx.lineWidth = 2.4;
  ctx.lineJoin = 'round';
  ctx.lineCap = 'round';
  ctx.strokeStyle = look.ink;
  const turning = !pose.isLimp || pose.isWaking;
  const waddle = pose.time && !pose.isLimp ? Math.sin(pose.time / 90) : 0;
  ctx.save();
  if (pose.isLimp) ctx.rotate(pose.isWaking && pose.time ? Math.sin(pose.time / 40) * 0.12 : 0.12);
  BODIES[kind](ctx, look, paint, pose, waddle, turning ? pose.time : 0);
  ctx.restore();
}

/** A key on the back that turns: seen from the side it grows wide and narrow. @param {Ctx} ctx @param {Look} look @param {number} x @param {number} y @param {number} time */
function windKey(ctx, look, x, y, time) {
  const width = time ? Math.abs(Math.cos(time / 160)) : 0.8;
  ctx.fillStyle = '#f2cf63';
  ctx.beginPath();
  ctx.rect(x - 1.6, y, 3.2, 7);
  ctx.ellipse(x - 4.4 * width, y - 2, 0.8 + 4 * width, 4.4, 0, 0, TURN);
  ctx.ellipse(x + 4.4 * width, y - 2, 0.8 + 4 * width, 4.4, 0, 0, TURN);
  ctx.stroke();
  ctx.fill();
  ctx.fillStyle = look.ink;
  ctx.beginPath();
  ctx.ellipse(x - 4.4 * width, y - 2, 1.5 * width, 1.6, 0, 0, TURN);
  ctx.ellipse(x + 4.4 * width, y - 2, 1.5 * width, 1.6, 0, 0, TURN);
  ctx.fill();
}

/** Two eyes that look where the toy goes; run down, they are closed. @param {Ctx} ctx @param {Look} look @param {Pose} pose @param {number} x @param {number} y @param {number} apart @param {number} size */
function eyes(ctx, look, pose, x, y, apart, size) {
  for (const side of SIDES) {
    const ex = x + side * apart;
    ctx.beginPath();
    if (pose.isLimp) {
      ctx.arc(ex, y - 1, size * 0.8, 0.15 * Math.PI, 0.85 * Math.PI);
      ctx.stroke();
      continue;
    }
    ctx.fillStyle = '#fffdf4';
    ctx.arc(ex, y, size, 0, TURN);
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = look.ink;
    ctx.beginPath();
    ctx.arc(ex + GAZE_X[pose.direction] * size * 0.4, y + GAZE_Y[pose.direction] * size * 0.4, size * 0.52, 0, TURN);
    ctx.fill();
  }
}

/** @type {Record<keyof typeof TOYS, (ctx: Ctx, look: Look, paint: string[], pose: Pose, waddle: number, keyTime: number) => void>} */
const BODIES = {
  duck(ctx, look, paint, pose, waddle, keyTime) {
    ctx.rotate(waddle * 0.1);
    windKey(ctx, look, pose.direction === 2 ? 9 : -9, -15, keyTime);
    const flip = pose.direction === 2 ? -1 : 1;
    // Tail, body, wing, beak.
    ctx.fillStyle = paint[0];
    ctx.beginPath();
    ctx.moveTo(-12 * flip, 4);
    ctx.quadraticCurveTo(-20 * flip, 0, -20 * flip, -6);
    ctx.quadraticCurveTo(-14 * flip, -4, -8 * flip, -6);
    ctx.fill();
    ctx.stroke();
    ctx.beginPath();
    ctx.arc(0, 1, 15, 0, TURN);
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = paint[1];
    ctx.beginPath();
    ctx.ellipse(-5 * flip, 7, 7, 5, 0.4 * flip, 0, TURN);
    ctx.fill();
    ctx.stroke();
    eyes(ctx, look, pose, 3 * flip, -5, 5.4, 4.2);
    ctx.fillStyle = pose.isLimp ? paint[2] : '#f2762e';
    ctx.beginPath();
    ctx.ellipse(9 * flip + GAZE_X[pose.direction] * 2, 4.5, 7.5, 4, 0, 0, TURN);
    ctx.fill();
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(3 * flip, 4.5);
    ctx.lineTo(15 * flip, 4.5);
    ctx.stroke();
  },
  robot(ctx, look, paint, pose, waddle, keyTime) {
    windKey(ctx, look, 15, -14, keyTime);
    const bob = waddle * 1.3;
    ctx.fillStyle = paint[2];
    for (const side of SIDES) {
      ctx.beginPath();
      ctx.roundRect(side * 8 - 4.5, 10 + (side * waddle > 0 ? -2 : 0), 9, 8, 2);
      ctx.fill();
      ctx.stroke();
      ctx.beginPath();
      ctx.roundRect(side * 17 - 2.5, -3 - side * bob, 5, 10, 2.5);
      ctx.fill();
      ctx.stroke();
    }
    ctx.fillStyle = paint[0];
    ctx.beginPath();
    ctx.roundRect(-14.5, -14, 29, 27, 4);
    ctx.fill();
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(-4, -14);
    ctx.lineTo(-4, -19);
    ctx.stroke();
    ctx.fillStyle = pose.isBold ? '#ff4f3a' : paint[1];
    ctx.beginPath();
    ctx.arc(-4, -20, pose.isBold ? 4 : 3, 0, TURN);
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = paint[1];
    ctx.beginPath();
    ctx.roundRect(-11, -10, 22, 12, 3);
    ctx.fill();
    ctx.stroke();
    eyes(ctx, look, pose, 0, -4, 5, 3.6);
    ctx.fillStyle = paint[2];
    for (let i = -1; i <= 1; i++) {
      ctx.beginPath();
      ctx.arc(i * 6, 7.5, 2, 0, TURN);
      ctx.fill();
    }
  },
  top(ctx, look, paint, pose, waddle, keyTime) {
    const spin = pose.time && !pose.isLimp ? pose.time / (pose.isDashing ? 45 : 150) : 0.6;
    if (pose.time && !pose.isLimp) ctx.rotate(Math.sin(spin * 0.45) * (pose.isDashing ? 0.2 : 0.1));
    windKey(ctx, look, 0, -19, keyTime);
    ctx.fillStyle = paint[0];
    ctx.beginPath();
    ctx.moveTo(0, 18);
    ctx.quadraticCurveTo(-4, 10, -17, 0);
    ctx.quadraticCurveTo(-16, -9, -5, -11);
    ctx.lineTo(5, -11);
    ctx.quadraticCurveTo(16, -9, 17, 0);
    ctx.quadraticCurveTo(4, 10, 0, 18);
    ctx.fill();
    ctx.save();
    ctx.clip();
    // Stripes that run round make it spin.
    ctx.fillStyle = paint[1];
    for (let i = 0; i < 3; i++) {
      const at = ((spin * 9 + i * 15) % 45) - 24;
      ctx.beginPath();
      ctx.moveTo(at, -12);
      ctx.lineTo(at + 6, -12);
      ctx.lineTo(at + 4, 3);
      ctx.lineTo(at * 0.2 + 2, 18);
      ctx.lineTo(at * 0.2, 18);
      ctx.lineTo(at - 2, 3);
      ctx.fill();
    }
    ctx.restore();
    ctx.beginPath();
    ctx.moveTo(0, 18);
    ctx.quadraticCurveTo(-4, 10, -17, 0);
    ctx.quadraticCurveTo(-16, -9, -5, -11);
    ctx.lineTo(5, -11);
    ctx.quadraticCurveTo(16, -9, 17, 0);
    ctx.quadraticCurveTo(4, 10, 0, 18);
    ctx.stroke();
    eyes(ctx, look, pose, 0, -3, 6, 4.2);
  },
  crab(ctx, look, paint, pose, waddle, keyTime) {
    windKey(ctx, look, 0, -16, keyTime);
    const snap = pose.isLimp ? 0.1 : 0.35 + 0.25 * waddle;
    ctx.beginPath();
    for (const side of SIDES) {
      for (let i = 0; i < 3; i++) {
        const foot = side * (12 + i * 2.5);
        ctx.moveTo(side * 8, 7);
        ctx.quadraticCurveTo(foot, 6 + i * 2, foot + side * 2, 13 + (i % 2 ? waddle : -waddle) * 1.6);
      }
    }
    ctx.stroke();
    for (const side of SIDES) {
      const lift = pose.isLimp ? 6 : -4 + side * waddle;
      ctx.beginPath();
      ctx.moveTo(side * 12, 2);
      ctx.lineTo(side * 17, lift + 3);
      ctx.stroke();
      ctx.fillStyle = paint[0];
      ctx.beginPath();
      ctx.moveTo(side * 18, lift);
      ctx.arc(side * 18, lift, 7, (side > 0 ? 0 : Math.PI) - Math.PI / 2 + snap, (side > 0 ? 0 : Math.PI) - Math.PI / 2 - snap + TURN);
      ctx.closePath();
      ctx.fill();
      ctx.stroke();
    }
    ctx.fillStyle = paint[0];
    ctx.beginPath();
    ctx.ellipse(0, 4, 16, 10.5, 0, 0, TURN);
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = paint[1];
    ctx.beginPath();
    ctx.ellipse(0, 8, 9, 3.6, 0, 0, TURN);
    ctx.fill();
    eyes(ctx, look, pose, 0, -5, 5.5, 4.4);
  },
};

/**
 * Draw a tipped toy on its way home: a cog that rolls.
 * @param {Ctx} ctx
 * @param {keyof typeof TOYS} kind
 * @param {Look} look
 * @param {number} time ms
 */
export function drawCog(ctx, kind, look, time) {
  ctx.rotate(time / 120);
  ctx.lineWidth = 2.4;
  ctx.strokeStyle = look.ink;
  ctx.fillStyle = TOYS[kind][0];
  ctx.beginPath();
  for (let i = 0; i < 32; i++) {
    const r = i % 4 < 2 ? 13.5 : 9.5;
    ctx.lineTo(Math.cos((i * TURN) / 32) * r, Math.sin((i * TURN) / 32) * r);
  }
  ctx.closePath();
  ctx.fill();
  ctx.stroke();
  ctx.fillStyle = look.ink;
  ctx.beginPath();
  ctx.arc(0, 0, 3.4, 0, TURN);
  ctx.fill();
}

/**
 * Draw the mouse around 0, 0, seen from above, its nose to the right.
 * @param {Ctx} ctx
 * @param {Look} look
 * @param {{time: number, run: number, isLooking: boolean}} pose run: how fast the feet go, 0..1
 */
export function drawMouse(ctx, look, { time, run, isLooking }) {
  const [fur, belly, ear] = look.mouse;
  const swing = Math.sin(time / 110) * run;
  ctx.lineWidth = 2.3;
  ctx.lineJoin = 'round';
  ctx.lineCap = 'round';
  ctx.strokeStyle = look.ink;
  // Tail.
  ctx.beginPath();
  ctx.moveTo(-11, 0);
  ctx.bezierCurveTo(-18, -8 * swing - 3, -21, 8 * swing + 5, -28, -4 * swing);
  ctx.lineWidth = 5;
  ctx.stroke();
  ctx.strokeStyle = ear;
  ctx.lineWidth = 2.4;
  ctx.stroke();
  ctx.strokeStyle = look.ink;
  ctx.lineWidth = 2.3;
  // Feet.
  ctx.fillStyle = ear;
  for (const side of SIDES) {
    ctx.beginPath();
    ctx.ellipse(6 + side * swing * 4, side * 10, 4, 2.6, 0, 0, TURN);
    ctx.ellipse(-7 - side * swing * 4, side * 11, 4.4, 2.8, 0, 0, TURN);
    ctx.fill();
    ctx.stroke();
  }
  ctx.fillStyle = fur;
  ctx.beginPath();
  ctx.moveTo(19, 0);
  ctx.bezierCurveTo(14, -9, 4, -13, -5, -12.5);
  ctx.bezierCurveTo(-16, -11, -16, 11, -5, 12.5);
  ctx.bezierCurveTo(4, 13, 14, 9, 19, 0);
  ctx.fill();
  ctx.stroke();
  const turn = isLooking ? Math.sin(time / 170) * 0.45 : 0;
  ctx.save();
  ctx.translate(5, 0);
  ctx.rotate(turn);
  for (const side of SIDES) {
    ctx.fillStyle = fur;
    ctx.beginPath();
    ctx.arc(-3, side * 11, 7.6, 0, TURN);
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = ear;
    ctx.beginPath();
    ctx.arc(-2.4, side * 11, 4.5, 0, TURN);
    ctx.fill();
  }
  ctx.fillStyle = belly;
  ctx.beginPath();
  ctx.ellipse(9, 0, 5, 4, 0, 0, TURN);
  ctx.fill();
  ctx.fillStyle = look.ink;
  for (const side of SIDES) {
    ctx.beginPath();
    ctx.ellipse(5.5, side * 5.2, 2.5, 2.1, 0, 0, TURN);
    ctx.fill();
  }
  ctx.fillStyle = '#fffdf4';
  for (const side of SIDES) {
    ctx.beginPath();
    ctx.arc(6.3, side * 5.2 - 0.6, 0.9, 0, TURN);
    ctx.fill();
  }
  ctx.fillStyle = '#e0605a';
  ctx.beginPath();
  ctx.arc(14, 0, 2.6, 0, TURN);
  ctx.fill();
  ctx.lineWidth = 1.1;
  ctx.beginPath();
  for (const side of SIDES) {
    ctx.moveTo(11, side * 2);
    ctx.lineTo(14, side * 9);
    ctx.moveTo(11, side * 2);
    ctx.lineTo(10, side * 10);
  }
  ctx.stroke();
  ctx.restore();
}
