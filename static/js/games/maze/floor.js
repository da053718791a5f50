// The floor of the toy shop with its painted blocks and the toy box: painted once for each maze and light.

import { seeded } from '../../core/random.js';
import { Grounds } from '../ground.js';
import { CELL, COLUMNS, MARGIN, PATH, ROWS, WALL, mazeOf } from './levels.js';
import { LOOKS } from './looks.js';

export const WIDTH = COLUMNS * CELL + 2 * MARGIN;
export const HEIGHT = ROWS * CELL;
/** Blocks stand this far from the middle of a path's edge, so that paths look wider than they are. */
const INSET = 4.5;
const DEPTH = 7;

/** @typedef {OffscreenCanvasRenderingContext2D} Paint @typedef {import('./looks.js').Look} Look */
/** @typedef {{x: number, y: number, w: number, h: number, paint: number, mark: number}} Block in tiles */

/** The floors' pictures. */
export const grounds = new Grounds({
  width: WIDTH,
  height: HEIGHT,
  nameOf: (level) => mazeOf(level).index,
  coatsOf(level, dark) {
    const { index, kinds } = mazeOf(level);
    const look = dark ? LOOKS.night : LOOKS.day;
    const random = seeded(`floor ${index}`);
    const blocks = split(kinds, seeded(`blocks ${index}`));
    return [
      (paint) => paintBoards(paint, look, random),
      (paint) => paintHoles(paint, look, kinds),
      (paint) => {
        paint.fillStyle = look.shade;
        for (const block of blocks) outline(paint, block, 4, DEPTH + 5);
      },
      (paint) => blocks.forEach((block) => paintBlock(paint, look, block)),
      (paint) => paintBox(paint, look),
    ];
  },
});

/** @param {Paint} paint @param {Look} look @param {() => number} random */
function paintBoards(paint, look, random) {
  paint.fillStyle = look.floor;
  paint.fillRect(0, 0, WIDTH, HEIGHT);
  for (let y = 0; y < HEIGHT; y += 50) {
    paint.fillStyle = look.grain;
    if ((y / 50) % 2) paint.fillRect(0, y, WIDTH, 50);
    paint.strokeStyle = look.board;
    paint.lineWidth = 1.6;
    line(paint, 0, y, WIDTH, y);
    for (let x = random() * 200; x < WIDTH; x += 180 + random() * 160) line(paint, x, y, x, y + 50);
    paint.strokeStyle = look.grain;
    for (let i = 0; i < 12; i++) {
      const x = random() * WIDTH;
      const at = y + 6 + random() * 38;
      paint.beginPath();
      paint.moveTo(x, at);
      paint.bezierCurveTo(x + 30, at - 4, x + 60, at + 4, x + 90 + random() * 60, at);
      paint.stroke();
    }
  }
  // Light from a window with two panes, across the boards.
  paint.fillStyle = look.beam;
  for (const x of [150, 330]) {
    paint.beginPath();
    paint.moveTo(x, 0);
    paint.lineTo(x + 150, 0);
    paint.lineTo(x + 390, HEIGHT);
    paint.lineTo(x + 240, HEIGHT);
    paint.closePath();
    paint.fill();
  }
}

/** @param {Paint} paint @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
function line(paint, x1, y1, x2, y2) {
  paint.beginPath();
  paint.moveTo(x1, y1);
  paint.lineTo(x2, y2);
  paint.stroke();
}

/** Where a path leaves the field it goes into the dark. @param {Paint} paint @param {Look} look @param {Uint8Array} kinds */
function paintHoles(paint, look, kinds) {
  const dark = (/** @type {number[]} */ [x1, y1, x2, y2], /** @type {number[]} */ area) => {
    const fade = paint.createLinearGradient(x1, y1, x2, y2);
    fade.addColorStop(0, look.ink);
    fade.addColorStop(1, 'transparent');
    paint.fillStyle = fade;
    paint.fillRect(area[0], area[1], area[2], area[3]);
  };
  for (let y = 0; y < ROWS; y++) {
    if (kinds[y * COLUMNS] !== PATH) continue;
    dark([MARGIN - 6, 0, MARGIN + CELL, 0], [0, y * CELL, MARGIN + CELL, CELL]);
    dark([WIDTH - MARGIN + 6, 0, WIDTH - MARGIN - CELL, 0], [WIDTH - MARGIN - CELL, y * CELL, MARGIN + CELL, CELL]);
  }
  for (let x = 0; x < COLUMNS; x++) {
    if (kinds[x] !== PATH) continue;
    dark([0, 2, 0, CELL], [MARGIN + x * CELL, 0, CELL, CELL]);
    dark([0, HEIGHT - 2, 0, HEIGHT - CELL], [MARGIN + x * CELL, HEIGHT - CELL, CELL, CELL]);
  }
}

/**
 * Split the walls into blocks of up to four tiles; the right half mirrors the left.
 * @param {Uint8Array} kinds
 * @param {() => number} random
 * @returns {Block[]}
 */
function split(kinds, random) {
  const half = (COLUMNS - 1) / 2;
  const taken = new Uint8Array(kinds.length);
  const isBox = (/** @type {number} */ x, /** @type {number} */ y) => x >= 7 && x <= 11 && y >= 6 && y <= 8;
  const isFree = (/** @type {number} */ x, /** @type {number} */ y) =>
    x <= half && y < ROWS && kinds[y * COLUMNS + x] === WALL && !taken[y * COLUMNS + x] && !isBox(x, y);
  /** @type {Block[]} */
  const blocks = [];
  let latest = 0;
  for (let y = 0; y < ROWS; y++) {
    for (let x = 0; x <= half; x++) {
      if (!isFree(x, y)) continue;
      let w = 1;
      while (w < 4 && isFree(x + w, y)) w++;
      let h = 1;
      while (h < 4 && isFree(x, y + h)) h++;
      if (w >= h) h = 1;
      else w = 1;
      for (let i = 0; i < w * h; i++) taken[(y + (h > 1 ? i : 0)) * COLUMNS + x + (w > 1 ? i : 0)] = 1;
      latest = (latest + 1 + Math.floor(random() * 4)) % 5;
      const mark = Math.floor(random() * 4);
      if (x + w - 1 === half) blocks.push({ x, y, w: COLUMNS - 2 * x, h, paint: latest, mark });
      else {
        blocks.push({ x, y, w, h, paint: latest, mark });
        blocks.push({ x: COLUMNS - x - w, y, w, h, paint: latest, mark });
      }
    }
  }
  return blocks.sort((a, b) => a.y + a.h - b.y - b.h);
}

/** @param {Paint} paint @param {Block} block @param {number} dx @param {number} dy */
function outline(paint, block, dx, dy) {
  const { left, top, width, height } = measure(block);
  paint.beginPath();
  paint.roundRect(left + dx, top + dy, width, height, 9);
  paint.fill();
}

/** Blocks at the edge reach beyond it. @param {Block} block */
function measure({ x, y, w, h }) {
  const left = x === 0 ? -12 : MARGIN + x * CELL + INSET;
  const right = x + w === COLUMNS ? WIDTH + 12 : MARGIN + (x + w) * CELL - INSET;
  const top = y === 0 ? -12 : y * CELL + INSET - DEPTH / 2;
  const bottom = y + h === ROWS ? HEIGHT + 12 : (y + h) * CELL - INSET - DEPTH / 2;
  // Long blocks of one row meet end to end.
  return { left: left - 2, top, width: right - left + 4, height: bottom - top };
}

/** @param {Paint} paint @param {Look} look @param {Block} block */
function paintBlock(paint, look, block) {
  const { left, top, width, height } = measure(block);
  const [face, side, mark] = look.blocks[block.paint];
  paint.fillStyle = look.ink;
  paint.beginPath();
  paint.roundRect(left - 2, top - 2, width + 4, height + DEPTH + 4, 10);
  paint.fill();
  paint.fillStyle = side;
  paint.beginPath();
  paint.roundRect(left, top + DEPTH, width, height, 8);
  paint.fill();
  paint.fillStyle = face;
  paint.beginPath();
  paint.roundRect(left, top, width, height, 8);
  paint.fill();
  paint.strokeStyle = look.gleam;
  paint.lineWidth = 2;
  paint.beginPath();
  paint.moveTo(left + 6, top + 3);
  paint.lineTo(left + width - 6, top + 3);
  paint.stroke();
  paint.save();
  paint.beginPath();
  paint.roundRect(left, top, width, height, 8);
  paint.clip();
  paint.fillStyle = mark;
  paint.strokeStyle = mark;
  paint.globalAlpha = 0.75;
  MARKS[block.mark](paint, left, top, width, height);
  paint.restore();
}

/** What is painted on blocks. @type {((paint: Paint, x: number, y: number, w: number, h: number) => void)[]} */
const MARKS = [
  (paint, x, y, w, h) => {
    const along = Math.max(w, h);
    const count = Math.max(1, Math.round(along / CELL));
    for (let i = 0; i < count; i++) {
      const at = ((i + 0.5) * along) / count;
      paint.beginPath();
      paint.arc(w >= h ? x + at : x + w / 2, w >= h ? y + h / 2 : y + at, 6, 0, 2 * Math.PI);
      paint.fill();
    }
  },
  (paint, x, y, w, h) => {
    paint.lineWidth = 4;
    paint.beginPath();
    if (w >= h) for (const at of [0.36, 0.64]) {
      paint.moveTo(x + 10, y + h * at);
      paint.lineTo(x + w - 10, y + h * at);
    }
    else for (const at of [0.36, 0.64]) {
      paint.moveTo(x + w * at, y + 10);
      paint.lineTo(x + w * at, y + h - 10);
    }
    paint.stroke();
  },
  (paint, x, y, w, h) => {
    const cx = x + w / 2;
    const cy = y + h / 2;
    paint.beginPath();
    for (let i = 0; i < 10; i++) {
      const r = i % 2 ? 4.6 : 10.5;
      const a = (i * Math.PI) / 5 - Math.PI / 2;
      paint.lineTo(cx + Math.cos(a) * r, cy + Math.sin(a) * r);
    }
    paint.closePath();
    paint.fill();
  },
  (paint, x, y, w, h) => {
    paint.lineWidth = 3;
    paint.beginPath();
    const count = Math.round(Math.max(w, h) / 14);
    for (let i = 0; i <= count; i++) {
      const along = 8 + (i * (Math.max(w, h) - 16)) / count;
      const across = i % 2 ? 0.34 : 0.66;
      if (w >= h) paint.lineTo(x + along, y + h * across);
      else paint.lineTo(x + w * across, y + along);
    }
    paint.stroke();
  },
];

/** The toy box in the middle, open, its lid above. @param {Paint} paint @param {Look} look */
function paintBox(paint, look) {
  const x = MARGIN + 7 * CELL + 4;
  const y = 6 * CELL + 4;
  const w = 5 * CELL - 8;
  const h = 3 * CELL - 8;
  const [ink, wood, light, inside] = look.box;
  paint.fillStyle = look.shade;
  paint.beginPath();
  paint.roundRect(x + 4, y + 12, w, h, 14);
  paint.fill();
  /** @type {[string, number, number, number][]} */
  const coats = [[ink, -2, 7, 15], [wood, 0, 5, 13], [light, 0, 0, 13], [ink, 20, -20, 9], [inside, 22, -22, 8]];
  for (const [colour, inset, down, round] of coats) {
    paint.fillStyle = colour;
    paint.beginPath();
    const low = Math.max(0, down);
    if (inset > 0) paint.roundRect(x + inset, y + inset, w - 2 * inset, h - 2 * inset, round);
    else paint.roundRect(x + inset, y + inset, w - 2 * inset, h - 2 * inset + low, round);
    paint.fill();
  }
  paint.strokeStyle = wood;
  paint.lineWidth = 2;
  for (const at of [7, 13]) {
    paint.beginPath();
    paint.roundRect(x + at, y + at, w - 2 * at, h - 2 * at, 10);
    paint.stroke();
  }
  // The way out: the side above the middle is folded down.
  const door = MARGIN + 9 * CELL;
  paint.fillStyle = inside;
  paint.fillRect(door + 3, y - 3, CELL - 6, 28);
  paint.fillStyle = wood;
  paint.beginPath();
  paint.moveTo(door + 3, y + 22);
  paint.lineTo(door + CELL - 3, y + 22);
  paint.lineTo(door + CELL - 7, y - 5);
  paint.lineTo(door + 7, y - 5);
  paint.closePath();
  paint.fill();
  paint.strokeStyle = ink;
  paint.lineWidth = 2;
  paint.stroke();
  for (const at of [3, 10, 17]) line(paint, door + 7, y + at, door + CELL - 7, y + at);
}
