// What moves in the workshop: the belt, the box over the gate, the funnel and its chute, the hands of
// clock and dial, and the cat.

import { fill, mix, oval, polygon, spring } from '../paint.js';
import { multiple } from './rules.js';
import { CAT, CLOCK, DIAL, DIGITS, block } from './scene.js';
import { symbol } from './symbols.js';
import { BELT } from './workshop.js';

/** @typedef {import('./rules.js').State} State */
/** @typedef {import('./rules.js').Effect} Effect */
/** @typedef {import('./scene.js').Look} Look */
/** @typedef {import('../table.js').View} View */

/** The latest effect of a kind. @param {State} state @param {(effect: Effect) => boolean} is */
export function latest(state, is) {
  for (let i = state.effects.length - 1; i >= 0; i--) if (is(state.effects[i])) return state.effects[i];
  return null;
}
const isVerdict = (/** @type {Effect} */ { type }) => type === 'right' || type === 'gold' || type === 'wrong' || type === 'miss';
const isWrong = (/** @type {Effect} */ { type }) => type === 'wrong';

/** A cat on the shelf: it sleeps, and opens an eye when something goes wrong. @param {CanvasRenderingContext2D} ctx @param {State} state @param {View} view @param {Look} look */
export function cat(ctx, state, view, look) {
  const { x, y } = CAT;
  const woken = latest(state, isWrong);
  const awake = state.over || (woken !== null && state.tick - woken.tick < 70);
  const breath = view.calm ? 0 : Math.sin(view.time / 900);
  const fur = mix('#d98a45', '#0c1216', look.dim);
  const furDark = mix('#b4662a', '#0c1216', look.dim);
  const tail = view.calm ? 0 : 5 * Math.sin(view.time / 1300);
  ctx.strokeStyle = furDark;
  ctx.lineWidth = 10;
  ctx.lineCap = 'round';
  ctx.beginPath();
  ctx.moveTo(x + 44, y - 8);
  ctx.bezierCurveTo(x + 72, y - 4, x + 70, y + 22, x + 62 + tail, y + 34);
  ctx.stroke();
  fill(ctx, fur, () => ctx.ellipse(x + 12, y - 18 - breath * 0.6, 44, 19 + breath, 0, 0, 7));
  fill(ctx, furDark, () => {
    for (const at of [4, 20, 36]) ctx.ellipse(x + at, y - 30 - breath, 4, 8, 0.2, 0, 7);
  });
  const head = awake ? -7 : 0;
  fill(ctx, fur, () => {
    oval(ctx, x - 30, y - 17 + head, 18, 16);
    polygon(ctx, [x - 46, y - 24 + head, x - 44, y - 42 + head, x - 31, y - 31 + head]);
    polygon(ctx, [x - 29, y - 31 + head, x - 17, y - 42 + head, x - 14, y - 24 + head]);
  });
  ctx.strokeStyle = look.ink;
  ctx.lineWidth = 2;
  ctx.beginPath();
  if (awake) {
    fill(ctx, '#fff6da', () => [-37, -23].forEach((at) => oval(ctx, x + at, y - 19 + head, 4.6)));
    fill(ctx, look.ink, () => [-36, -22].forEach((at) => oval(ctx, x + at, y - 19 + head, 2.4)));
  } else {
    for (const at of [-41, -27]) {
      ctx.moveTo(x + at, y - 18);
      ctx.quadraticCurveTo(x + at + 4, y - 14, x + at + 8, y - 18);
    }
    ctx.stroke();
  }
  fill(ctx, '#a8432e', () => polygon(ctx, [x - 32.5, y - 12 + head, x - 27.5, y - 12 + head, x - 30, y - 9 + head]));
}

/** The clock shows how much of the level is done, the dial how good the workshop's name is. @param {CanvasRenderingContext2D} ctx @param {State} state @param {Look} look */
export function hands(ctx, state, look) {
  const share = state.done / state.quota;
  fill(ctx, mix('#e0a52e', '#ffffff', 0.15), () => {
    ctx.moveTo(CLOCK.x, CLOCK.y);
    ctx.arc(CLOCK.x, CLOCK.y, CLOCK.r - 11, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * share);
    ctx.closePath();
  });
  hand(ctx, CLOCK.x, CLOCK.y, CLOCK.r - 9, -Math.PI / 2 + 2 * Math.PI * share, look.ink, 4);
  hand(ctx, DIAL.x, DIAL.y, DIAL.r - 11, DIAL.from + (DIAL.whole * state.quality) / 100, look.ink, 5);
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} r @param {number} angle @param {string} colour @param {number} width */
function hand(ctx, x, y, r, angle, colour, width) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.lineCap = 'round';
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(x + r * Math.cos(angle), y + r * Math.sin(angle));
  ctx.stroke();
  fill(ctx, colour, () => oval(ctx, x, y, width));
}

/** The chute, from below the funnel to where it points. @param {CanvasRenderingContext2D} ctx @param {State} state @param {Look} look */
export function chute(ctx, state, look) {
  const [fromX, fromY, toX, toY] = [BELT.gate, BELT.y + 74, state.chute, BELT.bins - 26];
  const length = Math.hypot(toX - fromX, toY - fromY);
  ctx.save();
  ctx.translate(fromX, fromY);
  ctx.rotate(Math.atan2(toY - fromY, toX - fromX) - Math.PI / 2);
  fill(ctx, look.shade, () => polygon(ctx, [-26, 0, 34, 0, 40, length + 6, -20, length + 6]));
  fill(ctx, look.woodDark, () => polygon(ctx, [-32, 0, 32, 0, 36, length, -36, length]));
  fill(ctx, look.wood, () => polygon(ctx, [-22, 0, 22, 0, 25, length, -25, length]));
  fill(ctx, look.woodLight, () => polygon(ctx, [-32, 0, -24, 0, -27, length, -36, length]));
  ctx.strokeStyle = look.woodDark;
  ctx.lineWidth = 2;
  ctx.beginPath();
  for (let at = 30; at < length - 8; at += 30) {
    ctx.moveTo(-20, at);
    ctx.lineTo(20, at);
  }
  ctx.stroke();
  block(ctx, -40, length - 12, 80, 13, look.brass, 5);
  block(ctx, -40, length - 12, 80, 5, look.brassLight, 4);
  ctx.restore();
}

/** The funnel below the gate, which hides what falls into the chute. @param {CanvasRenderingContext2D} ctx @param {Look} look */
export function funnel(ctx, look) {
  const y = BELT.y + 44;
  fill(ctx, look.brassDark, () => polygon(ctx, [340, y, 460, y, 436, y + 46, 364, y + 46]));
  fill(ctx, look.brass, () => polygon(ctx, [346, y, 436, y, 420, y + 46, 368, y + 46]));
  fill(ctx, look.brassLight, () => polygon(ctx, [354, y, 372, y, 384, y + 46, 374, y + 46]));
  block(ctx, 334, y - 4, 132, 10, look.brassLight, 4);
  block(ctx, 360, y + 42, 80, 8, look.brassDark, 4);
}

/** What runs along on the belt: the cleats, the slots of the rollers, and the hatch. @param {CanvasRenderingContext2D} ctx @param {number} run how far @param {Look} look @param {number} open how far the hatch is open, 0..1 */
export function running(ctx, run, look, open) {
  const y = BELT.y - 6;
  ctx.fillStyle = look.cleat;
  ctx.beginPath();
  for (let x = (run % 44) - 44; x < 820; x += 44) {
    ctx.moveTo(x, y);
    ctx.lineTo(x + 10, y);
    ctx.lineTo(x + 4, y + 16);
    ctx.lineTo(x - 6, y + 16);
  }
  ctx.fill();
  if (open > 0) block(ctx, BELT.gate - 44 * open, y + 2, 88 * open, 16, '#0d0908', 7);
  const [dx, dy] = [7 * Math.cos(run / 9), 7 * Math.sin(run / 9)];
  ctx.strokeStyle = look.metalDark;
  ctx.lineWidth = 2.5;
  ctx.beginPath();
  for (let x = 22; x < 800; x += 54) {
    ctx.moveTo(x - dx, BELT.y + 22 - dy);
    ctx.lineTo(x + dx, BELT.y + 22 + dy);
  }
  ctx.stroke();
}

/** What is in the box: the bin that counts now, the lamps of the streak. @param {CanvasRenderingContext2D} ctx @param {State} state @param {View} view @param {Look} look */
export function sign(ctx, state, view, look) {
  const verdict = latest(state, isVerdict);
  const age = verdict ? state.tick + view.alpha - verdict.tick : 99;
  const bin = state.bins[state.choice];
  if (verdict && (age < 22 || state.over)) {
    const good = verdict.type === 'right' || verdict.type === 'gold';
    const size = view.calm || state.over ? 1 : spring(age / 12);
    block(ctx, 356, 20, 88, 50, good ? '#1f5a3c' : verdict.type === 'wrong' ? '#6d1f13' : '#4a423b', 8);
    mark(ctx, MARKS[verdict.type], 400, 45, 17 * size);
  } else if (bin) {
    block(ctx, 356, 20, 88, 50, mix(bin.color, '#1b1512', 0.35), 8);
    const size = view.calm ? 1 : 0.6 + 0.4 * spring((state.tick + view.alpha - state.pressedAt) / 12);
    symbol(ctx, bin.shape, 400, 45, 19 * size, '#fff7e8');
  } else {
    ctx.strokeStyle = '#5f544b';
    ctx.lineWidth = 3;
    ctx.setLineDash([2, 8]);
    ctx.beginPath();
    ctx.arc(400, 45, 15, 0, 7);
    ctx.stroke();
    ctx.setLineDash([]);
  }
  const lit = multiple(state.streak) === 5 ? 5 : state.streak % 5;
  for (let i = 0; i < 5; i++) {
    const on = i < lit;
    fill(ctx, on ? '#ffe08a' : look.houseDark, () => oval(ctx, 372 + 14 * i, 8, on ? 4.8 : 4));
  }
  if (multiple(state.streak) > 1) {
    fill(ctx, look.brass, () => oval(ctx, 474, 38, 25));
    fill(ctx, look.paper, () => oval(ctx, 474, 38, 21));
    ctx.font = DIGITS;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.fillStyle = '#8a2c12';
    ctx.fillText(`×${multiple(state.streak)}`, 474, 40);
  }
  if (state.rush) {
    const turn = view.calm ? 0 : view.time / 260;
    fill(ctx, look.houseDark, () => oval(ctx, 337, 32, 13));
    fill(ctx, '#f2a12c', () => oval(ctx, 337, 32, 10));
    fill(ctx, '#fff2c6', () => ctx.ellipse(337 + 5 * Math.cos(turn), 32, 4, 7, 0, 0, 7));
  }
}

/** Signs of a verdict, as strokes: x and y in turn, lines apart. */
const MARKS = { right: [[-1, 0, -0.3, 0.8, 1, -0.8]], gold: [[-1, 0, -0.3, 0.8, 1, -0.8]], wrong: [[-0.8, -0.8, 0.8, 0.8], [-0.8, 0.8, 0.8, -0.8]], miss: [[-0.9, 0, 0.9, 0], [0.35, -0.55, 0.9, 0, 0.35, 0.55]] };

/** @param {CanvasRenderingContext2D} ctx @param {number[][]} lines @param {number} x @param {number} y @param {number} r */
function mark(ctx, lines, x, y, r) {
  ctx.strokeStyle = '#fff7e8';
  ctx.lineWidth = 6;
  ctx.lineCap = 'round';
  ctx.lineJoin = 'round';
  ctx.beginPath();
  for (const line of lines) {
    ctx.moveTo(x + line[0] * r, y + line[1] * r);
    for (let i = 2; i < line.length; i += 2) ctx.lineTo(x + line[i] * r, y + line[i + 1] * r);
  }
  ctx.stroke();
}

