// The workshop itself: what stands still, painted once; and the bins with their labels.

import { fill, mix, noise, oval, polygon } from '../paint.js';
import { BELT, binPitch } from './workshop.js';
import { symbol } from './symbols.js';

/** @typedef {import('../paint.js').Context} Context */
/** @typedef {import('./rules.js').Bin} Bin */

/** @typedef {typeof LOOKS.light} Look */
export const LOOKS = {
  light: {
    wall: ['#e9dcc0', '#d9c7a3'], panel: '#a9bfa9', panelDark: '#93ac95', rail: '#7d957f', floor: ['#b98a5a', '#9d7145'], gap: '#80592f',
    sky: ['#a9d7e8', '#f3ead0'], hill: ['#8fb585', '#6f9c72'], frame: '#8a5a33', frameLight: '#b27a49',
    wood: '#a5703f', woodDark: '#7b4f29', woodLight: '#c68f59', metal: '#5b6770', metalDark: '#3c464e', metalLight: '#8a97a0',
    belt: '#3f3a37', cleat: '#5d5651', brass: '#c9a04e', brassDark: '#8f6a25', brassLight: '#efd58f', ink: '#2a1f18', paper: '#fffaf0',
    house: '#b23a1a', houseDark: '#862a11', shade: 'rgb(60 35 10 / 0.22)', glow: 'rgb(255 240 190 / 0.34)', sun: '#fff3c4', dim: 0,
  },
  dark: {
    wall: ['#33403f', '#232e30'], panel: '#26413f', panelDark: '#1e3534', rail: '#18292a', floor: ['#4f3a2a', '#3a2a1f'], gap: '#271b13',
    sky: ['#131c3a', '#2c3a63'], hill: ['#1b2c3b', '#142330'], frame: '#4e3521', frameLight: '#6a4a2f',
    wood: '#6d4a2c', woodDark: '#4a311c', woodLight: '#8a6139', metal: '#46525b', metalDark: '#2a333a', metalLight: '#6c7983',
    belt: '#211e1d', cleat: '#3b3634', brass: '#b68f44', brassDark: '#785a22', brassLight: '#e2c67e', ink: '#17100b', paper: '#f3e6cf',
    house: '#a13a20', houseDark: '#6f2512', shade: 'rgb(0 0 0 / 0.4)', glow: 'rgb(255 222 150 / 0.26)', sun: '#f7f1dc', dim: 0.16,
  },
};

/** @param {Context} ctx @param {number} x @param {number} y @param {number} w @param {number} h @param {string} colour @param {number | number[]} [r] */
export function block(ctx, x, y, w, h, colour, r = 4) {
  fill(ctx, colour, () => ctx.roundRect(x, y, w, h, r));
}

/** @param {Context} ctx @param {Look} look @param {boolean} dark */
function window_(ctx, look, dark) {
  const [x, y, w, h] = [46, 26, 150, 116];
  block(ctx, x - 9, y - 9, w + 18, h + 18, look.frame, 8);
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, w, h);
  ctx.clip();
  const sky = ctx.createLinearGradient(0, y, 0, y + h);
  sky.addColorStop(0, look.sky[0]);
  sky.addColorStop(1, look.sky[1]);
  ctx.fillStyle = sky;
  ctx.fillRect(x, y, w, h);
  fill(ctx, look.sun, () => oval(ctx, x + 112, y + 34, dark ? 13 : 17));
  if (dark) {
    fill(ctx, look.sky[0], () => oval(ctx, x + 106, y + 30, 11));
    fill(ctx, '#f7f1dc', () => {
      for (let i = 0; i < 16; i++) oval(ctx, x + 8 + 130 * noise(i), y + 6 + 60 * noise(i + 40), 0.6 + 0.8 * noise(i + 80));
    });
  }
  fill(ctx, look.hill[0], () => ctx.ellipse(x + 30, y + h + 16, 90, 62, 0, 0, 7));
  fill(ctx, look.hill[1], () => ctx.ellipse(x + 130, y + h + 24, 90, 58, 0, 0, 7));
  ctx.restore();
  block(ctx, x + w / 2 - 3, y, 6, h, look.frameLight, 0);
  block(ctx, x, y + h / 2 - 3, w, 6, look.frameLight, 0);
  block(ctx, x - 16, y + h + 6, w + 32, 11, look.frameLight, 4);
}

/** Jars, a small wheel and books on a shelf. @param {Context} ctx @param {Look} look @param {number} x @param {number} y */
function shelf(ctx, look, x, y) {
  block(ctx, x, y, 178, 10, look.woodLight, 3);
  block(ctx, x, y + 7, 178, 5, look.woodDark, 3);
  for (const at of [x + 22, x + 148]) block(ctx, at, y + 12, 8, 18, look.woodDark, 3);
  const books = ['#7d4f6a', '#3f6c86', '#a96a35', '#5d7d4d'].map((colour) => mix(colour, '#101820', look.dim));
  books.forEach((colour, i) => block(ctx, x + 12 + 15 * i, y - 44 + 4 * (i % 3), 13, 44 - 4 * (i % 3), colour, 2));
  for (const [i, colour] of ['#e7c15a', '#c9694a'].entries()) {
    const at = x + 80 + 30 * i;
    block(ctx, at, y - 34, 24, 34, 'rgb(255 255 255 / 0.28)', 5);
    block(ctx, at + 2, y - 22 + 4 * i, 20, 20 - 4 * i, mix(colour, '#101820', look.dim), 4);
    block(ctx, at - 1, y - 39, 26, 7, look.brass, 3);
  }
}

/** A plant in a pot. @param {Context} ctx @param {Look} look @param {number} x @param {number} y */
function plant(ctx, look, x, y) {
  const green = mix('#5f8f55', '#0c1a16', look.dim * 2);
  ctx.strokeStyle = mix(green, '#10201a', 0.3);
  ctx.lineWidth = 3;
  for (const [dx, dy, turn] of [[-18, -38, -0.6], [19, -42, 0.6], [0, -54, 0], [27, -20, 1.1], [-27, -18, -1.1]]) {
    ctx.beginPath();
    ctx.moveTo(x, y - 22);
    ctx.quadraticCurveTo(x + dx * 0.2, y - 22 + dy * 0.6, x + dx, y - 22 + dy);
    ctx.stroke();
    fill(ctx, green, () => ctx.ellipse(x + dx, y - 22 + dy, 8, 15, turn, 0, 7));
  }
  fill(ctx, mix('#b5613a', '#101010', look.dim), () => polygon(ctx, [x - 22, y - 30, x + 22, y - 30, x + 16, y, x - 16, y]));
  block(ctx, x - 25, y - 34, 50, 9, mix('#c97448', '#101010', look.dim), 3);
}

/** The belt's legs. @param {Context} ctx @param {Look} look */
function stand(ctx, look) {
  for (const x of [26, 246, 554, 778]) {
    block(ctx, x - 8, BELT.y + 34, 16, 330, look.metalDark, 0);
    block(ctx, x - 8, BELT.y + 34, 6, 330, look.metal, 0);
  }
  ctx.fillStyle = look.shade;
  ctx.fillRect(0, BELT.y + 44, 800, 12);
}

/** Paint the belt and its front, without what runs. @param {Context} ctx @param {Look} look */
export function paintBelt(ctx, look) {
  block(ctx, 0, 12, 800, 40, look.metalDark, 0);
  block(ctx, 0, 40, 800, 12, look.metal, 0);
  block(ctx, 0, 0, 800, 28, look.belt, 0);
  ctx.fillStyle = 'rgb(255 255 255 / 0.09)';
  ctx.fillRect(0, 0, 800, 3);
  fill(ctx, look.metalLight, () => {
    for (let x = 22; x < 800; x += 54) oval(ctx, x, 28, 9);
  });
  // The painted mark: here a thing is looked at.
  fill(ctx, look.brassLight, () => {
    for (let x = 270; x < 330; x += 11) polygon(ctx, [x, 42, x + 5, 42, x + 9, 46, x + 5, 50, x, 50, x + 4, 46]);
  });
}

/** The box over the gate, hanging from the ceiling. @param {Context} ctx @param {Look} look */
function gate(ctx, look) {
  fill(ctx, look.metalDark, () => polygon(ctx, [366, 84, 434, 84, 424, 95, 376, 95]));
  block(ctx, 314, -20, 172, 107, look.houseDark, 18);
  block(ctx, 314, -20, 172, 102, look.house, 18);
  block(ctx, 322, -6, 6, 70, mix(look.house, '#ffffff', 0.24), 3);
  block(ctx, 352, 16, 96, 58, look.brassDark, 10);
  block(ctx, 356, 20, 88, 50, '#1b1512', 8);
}

/** The dial of the good name: four fields, the low ones hatched. @param {Context} ctx @param {Look} look @param {number} x @param {number} y @param {number} r */
function dial(ctx, look, x, y, r) {
  fill(ctx, look.brassDark, () => oval(ctx, x, y + 3, r + 8));
  fill(ctx, look.brass, () => oval(ctx, x, y, r + 7));
  fill(ctx, look.paper, () => oval(ctx, x, y, r));
  const [from, whole] = [0.75 * Math.PI, 1.5 * Math.PI];
  for (const [a, b, colour] of /** @type {[number, number, string][]} */ ([[0, 0.28, '#c4452c'], [0.28, 0.56, '#e3a72f'], [0.56, 1, '#3b8a5c']])) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = 9;
    ctx.lineCap = 'butt';
    ctx.beginPath();
    ctx.arc(x, y, r - 9, from + whole * a, from + whole * b);
    ctx.stroke();
  }
  ctx.strokeStyle = look.ink;
  ctx.lineWidth = 2.4;
  for (let i = 0; i <= 5; i++) {
    const angle = from + (whole * i) / 5;
    ctx.beginPath();
    ctx.moveTo(x + (r - 4) * Math.cos(angle), y + (r - 4) * Math.sin(angle));
    ctx.lineTo(x + (r - 14) * Math.cos(angle), y + (r - 14) * Math.sin(angle));
    ctx.stroke();
  }
  symbol(ctx, 'heart', x, y + r - 12, 8, '#c4452c');
}
/** Where the dial and the clock hang, and how their hands lie. */
export const DIAL = Object.freeze({ x: 716, y: 76, r: 46, from: 0.75 * Math.PI, whole: 1.5 * Math.PI });
export const CLOCK = Object.freeze({ x: 580, y: 64, r: 32 });
/** Where the cat sleeps. */
export const CAT = Object.freeze({ x: 128, y: 352 });

/** @param {Context} ctx @param {Look} look */
function clock(ctx, look) {
  const { x, y, r } = CLOCK;
  fill(ctx, look.woodDark, () => oval(ctx, x, y + 2, r + 8));
  fill(ctx, look.wood, () => oval(ctx, x, y, r + 7));
  fill(ctx, look.paper, () => oval(ctx, x, y, r));
  fill(ctx, look.ink, () => {
    for (let i = 0; i < 12; i++) oval(ctx, x + (r - 6) * Math.sin((i * Math.PI) / 6), y - (r - 6) * Math.cos((i * Math.PI) / 6), i % 3 ? 1.3 : 2.4);
  });
}

/** Paint all that stands still, 800 x 600. @param {Context} ctx @param {boolean} dark */
export function paintRoom(ctx, dark) {
  const look = LOOKS[dark ? 'dark' : 'light'];
  const wall = ctx.createRadialGradient(400, 110, 60, 400, 200, 560);
  wall.addColorStop(0, look.wall[0]);
  wall.addColorStop(1, look.wall[1]);
  ctx.fillStyle = wall;
  ctx.fillRect(0, 0, 800, 600);
  for (let i = 0; i < 150; i++) {
    const [x, y] = [(i % 15) * 56 + (Math.floor(i / 15) % 2 ? 28 : 0), Math.floor(i / 15) * 34 + 14];
    fill(ctx, dark ? 'rgb(255 255 255 / 0.035)' : 'rgb(120 80 30 / 0.075)', () => ctx.ellipse(x, y, 3, 6, 0.5, 0, 7));
  }
  ctx.fillStyle = look.panel;
  ctx.fillRect(0, 384, 800, 156);
  for (let x = 14; x < 800; x += 97) block(ctx, x, 404, 80, 122, look.panelDark, 6);
  block(ctx, 0, 378, 800, 10, look.rail, 0);
  const boards = 7;
  for (let i = 0; i < boards; i++) {
    ctx.fillStyle = mix(look.floor[0], look.floor[1], noise(i + 3));
    ctx.fillRect(0, 536 + i * 10, 800, 12);
    ctx.fillStyle = look.gap;
    ctx.fillRect(0, 536 + i * 10, 800, 1);
    for (let k = 0; k < 5; k++) ctx.fillRect(noise(i * 9 + k) * 800, 536 + i * 10, 1.5, 10);
  }
  block(ctx, 0, 530, 800, 8, look.rail, 0);
  window_(ctx, look, dark);
  shelf(ctx, look, 584, 348);
  plant(ctx, look, 731, 348);
  block(ctx, 46, 352, 164, 10, look.woodLight, 3);
  block(ctx, 46, 359, 164, 5, look.woodDark, 3);
  for (const x of [66, 182]) block(ctx, x, 364, 8, 18, look.woodDark, 3);
  clock(ctx, look);
  dial(ctx, look, DIAL.x, DIAL.y, DIAL.r);
  const cone = ctx.createLinearGradient(0, 100, 0, 260);
  cone.addColorStop(0, look.glow);
  cone.addColorStop(1, 'transparent');
  fill(ctx, cone, () => polygon(ctx, [372, 100, 428, 100, 520, 260, 280, 260]));
  stand(ctx, look);
  gate(ctx, look);
}

/** Text of so many units. @param {number} size */
const font = (size) => `600 ${size}px -apple-system, 'Segoe UI', Roboto, Ubuntu, Cantarell, 'Noto Sans', 'Liberation Sans', system-ui, sans-serif`;

export const DIGITS = "700 22px 'Iowan Old Style', 'Palatino Linotype', Palatino, P052, Georgia, 'Liberation Serif', serif";

/** Shorten a text until it fits. @param {Context} ctx with its font set @param {string} text @param {number} width */
export function fitted(ctx, text, width) {
  if (ctx.measureText(text).width <= width) return text;
  const letters = [...text];
  while (letters.length > 1 && ctx.measureText(`${letters.join('')}…`).width > width) letters.pop();
  return `${letters.join('').trimEnd()}…`;
}

/** How big the picture of a bin is, how high its rim lies in it. */
export const BIN = Object.freeze({ height: 124, rim: 12 });
/** @param {number} count of bins */
export const binWidth = (count) => Math.min(190, binPitch(count) - 10);

/** Paint the front of a bin: a tub with its sign and its name. @param {Context} ctx @param {Bin} bin @param {number} width @param {Look} look */
export function paintBin(ctx, bin, width, look) {
  const colour = mix(bin.color, '#0e1416', look.dim);
  const middle = width / 2;
  const [top, bottom] = [BIN.rim, BIN.height - 6];
  fill(ctx, look.shade, () => oval(ctx, middle, bottom, middle * 0.9, 6));
  fill(ctx, mix(colour, '#170d06', 0.4), () => polygon(ctx, [4, top, width - 4, top, width - 12, bottom, 12, bottom]));
  fill(ctx, colour, () => polygon(ctx, [4, top, width - 10, top, width - 18, bottom - 3, 12, bottom - 3]));
  ctx.strokeStyle = mix(colour, '#170d06', 0.2);
  ctx.lineWidth = 2;
  for (let i = 1; i < 5; i++) {
    ctx.beginPath();
    ctx.moveTo(4 + ((width - 14) * i) / 5, top + 8);
    ctx.lineTo(12 + ((width - 30) * i) / 5, bottom - 5);
    ctx.stroke();
  }
  block(ctx, 0, top - 8, width, 18, mix(colour, '#170d06', 0.32), 8);
  block(ctx, 0, top - 10, width, 16, mix(colour, '#ffffff', 0.22), 8);
  fill(ctx, look.paper, () => oval(ctx, middle, top + 38, 25));
  symbol(ctx, bin.shape, middle, top + 38, 17, mix(bin.color, '#20130a', 0.12));
  ctx.font = font(width > 120 ? 19 : 15.5);
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  const text = fitted(ctx, bin.label, width - 14);
  const half = Math.min(middle, Math.max(26, ctx.measureText(text).width / 2 + 8));
  block(ctx, middle - half, top + 68, 2 * half, 28, look.paper, 7);
  ctx.fillStyle = look.ink;
  ctx.fillText(text, middle, top + 83);
}

/** How big the tag with the name of a thing is. */
export const TAG = Object.freeze({ width: 158, height: 32 });

/** Paint a paper tag with a name. @param {Context} ctx @param {string} label @param {Look} look */
export function paintTag(ctx, label, look) {
  ctx.font = font(18);
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  const text = fitted(ctx, label, TAG.width - 30);
  const half = ctx.measureText(text).width / 2 + 11;
  block(ctx, TAG.width / 2 - half, 2, 2 * half, 27, look.shade, 7);
  block(ctx, TAG.width / 2 - half, 0, 2 * half, 27, look.paper, 7);
  ctx.fillStyle = look.ink;
  ctx.fillText(text, TAG.width / 2, 14.5);
}
