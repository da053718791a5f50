// The garden's ground, hedges, stones and ponds: painted once for each garden and each light.

import { seeded } from '../../core/random.js';
import { Grounds } from '../ground.js';
import { CELL, COLUMNS, GROUND, HEDGE, POND, ROWS, STONE, gardenOf, middleX, middleY } from './levels.js';
import { LOOKS } from './looks.js';

const WIDTH = COLUMNS * CELL;
const HEIGHT = ROWS * CELL;

/** @typedef {OffscreenCanvasRenderingContext2D} Paint @typedef {import('./looks.js').Look} Look */

/** The gardens' pictures. */
export const grounds = new Grounds({
  width: WIDTH,
  height: HEIGHT,
  nameOf: (level) => gardenOf(level).index,
  coatsOf(level, dark) {
    const { index, kinds } = gardenOf(level);
    const look = dark ? LOOKS.night : LOOKS.dusk;
    const random = seeded(`garden ${index}`);
    return [
      (paint) => paintGround(paint, look),
      (paint) => paintLawn(paint, look, random, kinds),
      (paint) => paintPonds(paint, look, random, kinds),
      (paint) => paintHedges(paint, look, random, kinds),
      (paint) => paintStones(paint, look, random, kinds),
      (paint) => paintGates(paint, look, kinds),
    ];
  },
});

/** @param {Paint} paint @param {Look} look */
function paintGround(paint, look) {
  const isLeft = look.skyAt[0] < WIDTH / 2;
  const ground = paint.createLinearGradient(isLeft ? 60 : WIDTH - 60, 0, isLeft ? WIDTH - 100 : 100, HEIGHT);
  look.ground.forEach((colour, i) => ground.addColorStop(i / (look.ground.length - 1), colour));
  paint.fillStyle = ground;
  paint.fillRect(0, 0, WIDTH, HEIGHT);
  // A mown lawn: every second cell of a diagonal a breath lighter.
  paint.fillStyle = look.dot;
  paint.globalAlpha = 0.22;
  for (let y = 0; y < ROWS; y++) {
    for (let x = y % 2; x < COLUMNS; x += 2) {
      paint.beginPath();
      paint.roundRect(x * CELL + 1.5, y * CELL + 1.5, CELL - 3, CELL - 3, 11);
      paint.fill();
    }
  }
  paint.globalAlpha = 1;
  const [skyX, skyY] = look.skyAt;
  const sky = paint.createRadialGradient(skyX, skyY, 30, skyX, skyY, 720);
  sky.addColorStop(0, look.sky);
  sky.addColorStop(1, 'transparent');
  paint.fillStyle = sky;
  paint.fillRect(0, 0, WIDTH, HEIGHT);
}

/** @param {Paint} paint @param {Look} look @param {() => number} random @param {Uint8Array} kinds */
function paintLawn(paint, look, random, kinds) {
  if (!kinds.includes(POND)) paintPath(paint, look, random);
  for (let i = 0; i < 230; i++) tuft(paint, look, random() * WIDTH, random() * HEIGHT, random);
  for (let cell = 0; cell < kinds.length; cell++) {
    if (kinds[cell] !== GROUND || random() > 0.13) continue;
    const corner = (/** @type {number} */ middle) => middle + (random() < 0.5 ? -1 : 1) * (12 + random() * 6);
    blossom(paint, corner(middleX(cell)), corner(middleY(cell)), 2.2 + random() * 1.4, look.petals[Math.floor(random() * 3)], look.ink);
  }
}

/** A trodden ring of flat stones, to walk on like the lawn. @param {Paint} paint @param {Look} look @param {() => number} random */
function paintPath(paint, look, random) {
  const [left, top, round] = [3 * CELL, 3 * CELL, 110];
  paint.strokeStyle = look.path;
  paint.lineWidth = 52;
  paint.beginPath();
  paint.roundRect(left, top, WIDTH - 2 * left, HEIGHT - 2 * top, round);
  paint.stroke();
  paint.fillStyle = look.path;
  const straightX = WIDTH - 2 * left - 2 * round;
  const straightY = HEIGHT - 2 * top - 2 * round;
  const quarter = (Math.PI / 2) * round;
  // Four corners and the straights before them, clockwise from the upper left.
  const parts = [[straightX, WIDTH - left - round, top + round, 0], [straightY, WIDTH - left - round, HEIGHT - top - round, 1],
    [straightX, left + round, HEIGHT - top - round, 2], [straightY, left + round, top + round, 3]];
  for (const [straight, middleX, middleY, turn] of parts) {
    const along = (turn * Math.PI) / 2;
    const count = Math.round((straight + quarter) / 21);
    for (let i = 0; i < count; i++) {
      const way = (i * (straight + quarter)) / count;
      const lane = round + (i % 2 ? 11 : -11) + random() * 5;
      const angle = along - Math.PI / 2 + Math.max(0, way - straight) / round;
      const back = Math.max(0, straight - way);
      const x = middleX + Math.cos(angle) * lane - Math.cos(along) * back;
      const y = middleY + Math.sin(angle) * lane - Math.sin(along) * back;
      paint.beginPath();
      paint.ellipse(x, y, 11 + random() * 3, 8 + random() * 2.5, angle + Math.PI / 2 + random() * 0.4, 0, 2 * Math.PI);
      paint.fill();
    }
  }
}

/** @param {Paint} paint @param {Look} look @param {number} x @param {number} y @param {() => number} random */
function tuft(paint, look, x, y, random) {
  paint.strokeStyle = look.grass;
  paint.lineWidth = 1.3;
  paint.beginPath();
  for (const lean of [-3.5, 0, 3.5]) {
    paint.moveTo(x + lean / 3, y);
    paint.quadraticCurveTo(x + lean / 2, y - 4, x + lean + random(), y - 6 - 3 * random());
  }
  paint.stroke();
}

/** @param {Paint} paint @param {number} x @param {number} y @param {number} size @param {string} petal @param {string} ink */
function blossom(paint, x, y, size, petal, ink) {
  paint.fillStyle = petal;
  for (let i = 0; i < 5; i++) {
    const angle = (i * 2 * Math.PI) / 5 + x;
    dot(paint, x + Math.cos(angle) * size, y + Math.sin(angle) * size, size * 0.75);
  }
  paint.fillStyle = ink;
  paint.globalAlpha = 0.6;
  dot(paint, x, y, size * 0.5);
  paint.globalAlpha = 1;
}

/** @param {Paint} paint @param {number} x @param {number} y @param {number} radius */
function dot(paint, x, y, radius) {
  paint.beginPath();
  paint.arc(x, y, radius, 0, 2 * Math.PI);
  paint.fill();
}

/** @param {Paint} paint @param {Look} look @param {() => number} random @param {Uint8Array} kinds */
function paintHedges(paint, look, random, kinds) {
  /** @type {{x: number, y: number, r: number, tone: number}[]} */
  const leaves = [];
  for (let cell = 0; cell < kinds.length; cell++) {
    if (kinds[cell] !== HEDGE) continue;
    for (const [dx, dy] of [[-9, -9], [9, -9], [-9, 9], [9, 9], [0, 0]]) {
      leaves.push({
        x: middleX(cell) + dx + (random() - 0.5) * 5,
        y: middleY(cell) + dy + (random() - 0.5) * 5,
        r: 10.5 + random() * 3,
        tone: random(),
      });
    }
  }
  paint.fillStyle = look.shade;
  paint.beginPath();
  for (const { x, y, r } of leaves) circle(paint, x + 5, y + 8, r + 1);
  paint.fill();
  paint.fillStyle = look.hedge[0];
  paint.beginPath();
  for (const { x, y, r } of leaves) circle(paint, x, y, r + 2.4);
  paint.fill();
  for (const { x, y, r, tone } of leaves) {
    paint.fillStyle = look.hedge[tone < 0.55 ? 1 : 2];
    dot(paint, x, y, r);
    paint.strokeStyle = look.hedge[3];
    paint.globalAlpha = 0.55;
    paint.lineWidth = 1.6;
    paint.beginPath();
    paint.arc(x, y, r * 0.62, Math.PI * 1.05, Math.PI * 1.55);
    paint.stroke();
    paint.globalAlpha = 1;
    if (tone > 0.93) blossom(paint, x + 2, y + 2, 2.6, look.petals[1], look.ink);
  }
}

/** Add a circle to the path. @param {Paint} paint @param {number} x @param {number} y @param {number} r */
function circle(paint, x, y, r) {
  paint.moveTo(x + r, y);
  paint.arc(x, y, r, 0, 2 * Math.PI);
}

/** @param {Paint} paint @param {Look} look @param {() => number} random @param {Uint8Array} kinds */
function paintStones(paint, look, random, kinds) {
  for (let cell = 0; cell < kinds.length; cell++) {
    if (kinds[cell] !== STONE) continue;
    const x = middleX(cell);
    const y = middleY(cell);
    const bumps = Array.from({ length: 8 }, () => 15.5 + random() * 3.5);
    const outline = (/** @type {number} */ dx, /** @type {number} */ dy, /** @type {number} */ size) => {
      paint.beginPath();
      for (let i = 0; i <= 8; i++) {
        const a = (i * Math.PI) / 4;
        const b = ((i + 1) * Math.PI) / 4;
        const p = [x + dx + Math.cos(a) * bumps[i % 8] * size, y + dy + Math.sin(a) * bumps[i % 8] * size * 0.9];
        const q = [x + dx + Math.cos(b) * bumps[(i + 1) % 8] * size, y + dy + Math.sin(b) * bumps[(i + 1) % 8] * size * 0.9];
        if (i === 0) paint.moveTo((p[0] + q[0]) / 2, (p[1] + q[1]) / 2);
        else paint.quadraticCurveTo(p[0], p[1], (p[0] + q[0]) / 2, (p[1] + q[1]) / 2);
      }
    };
    paint.fillStyle = look.shade;
    outline(4, 7, 1.08);
    paint.fill();
    paint.fillStyle = look.stone[0];
    outline(0, 0, 1.16);
    paint.fill();
    paint.fillStyle = look.stone[1];
    outline(0, 0, 1);
    paint.fill();
    paint.fillStyle = look.stone[2];
    outline(-3, -4, 0.62);
    paint.fill();
    paint.fillStyle = look.stone[3];
    for (let i = 0; i < 4; i++) dot(paint, x - 9 + i * 6, y + 10 - (i % 2) * 2, 3.2 + random());
  }
}

/** @param {Paint} paint @param {Look} look @param {() => number} random @param {Uint8Array} kinds */
function paintPonds(paint, look, random, kinds) {
  const isPond = (/** @type {number} */ x, /** @type {number} */ y) =>
    x >= 0 && y >= 0 && x < COLUMNS && y < ROWS && kinds[y * COLUMNS + x] === POND;
  const shape = (/** @type {number} */ inset, dy = 0) => {
    paint.beginPath();
    for (let y = 0; y < ROWS; y++) {
      for (let x = 0; x < COLUMNS; x++) {
        if (!isPond(x, y)) continue;
        const left = isPond(x - 1, y) ? -3 : inset;
        const right = isPond(x + 1, y) ? -3 : inset;
        const top = isPond(x, y - 1) ? -3 : inset;
        const bottom = isPond(x, y + 1) ? -3 : inset;
        const round = (/** @type {boolean} */ open) => (open ? 17 : 0);
        paint.roundRect(x * CELL + left, y * CELL + top + dy, CELL - left - right, CELL - top - bottom, [
          round(left > -3 && top > -3), round(right > -3 && top > -3), round(right > -3 && bottom > -3), round(left > -3 && bottom > -3),
        ]);
      }
    }
  };
  /** @type {[number, string, number][]} */
  const coats = [[-1, look.ink, 0], [1.5, look.stone[1], 0], [6, look.pond[0], 0], [6, look.pond[1], 3]];
  for (const [inset, colour, dy] of coats) {
    paint.fillStyle = colour;
    shape(inset, dy);
    paint.fill();
  }
  for (let cell = 0; cell < kinds.length; cell++) {
    if (kinds[cell] !== POND) continue;
    const x = middleX(cell);
    const y = middleY(cell);
    paint.strokeStyle = look.pond[2];
    paint.lineWidth = 2;
    for (let i = 0; i < 2; i++) {
      const rx = x - 8 + random() * 10;
      const ry = y - 8 + i * 13 + random() * 4;
      paint.beginPath();
      paint.moveTo(rx - 7, ry);
      paint.quadraticCurveTo(rx - 2, ry - 3, rx + 2, ry);
      paint.quadraticCurveTo(rx + 5, ry + 2, rx + 9, ry);
      paint.stroke();
    }
    if (random() < 0.45) {
      paint.fillStyle = look.pond[4];
      paint.beginPath();
      paint.moveTo(x + 3, y + 3);
      paint.ellipse(x + 3, y + 3, 9, 7, 0, 0.5, 2 * Math.PI);
      paint.fill();
      if (random() < 0.6) blossom(paint, x + 1, y + 1, 3, look.petals[1], look.ink);
    }
  }
}

/** Two posts with a lamp each where the hedge is open. @param {Paint} paint @param {Look} look @param {Uint8Array} kinds */
function paintGates(paint, look, kinds) {
  for (let cell = 0; cell < kinds.length; cell++) {
    const column = cell % COLUMNS;
    const row = Math.floor(cell / COLUMNS);
    const isSide = column === 0 || column === COLUMNS - 1;
    if (kinds[cell] !== GROUND || !(isSide || row === 0 || row === ROWS - 1)) continue;
    const x = middleX(cell);
    const y = middleY(cell);
    paint.fillStyle = look.wood[2];
    paint.globalAlpha = 0.5;
    for (const along of [-12, 0, 12]) {
      paint.beginPath();
      paint.ellipse(isSide ? x + along : x, isSide ? y : y + along, isSide ? 4.5 : 13, isSide ? 13 : 4.5, 0, 0, 2 * Math.PI);
      paint.fill();
    }
    paint.globalAlpha = 1;
    for (const side of [-1, 1]) {
      const beside = isSide ? cell + side * COLUMNS : cell + side;
      if (kinds[beside] !== HEDGE) continue;
      const px = isSide ? x + (column === 0 ? 12 : -12) : x + side * 22;
      const py = isSide ? y + side * 22 : y + (row === 0 ? 12 : -12);
      lamp(paint, look, px, py);
    }
  }
}

/** A gate by itself, for the legend. @param {CanvasRenderingContext2D} ctx @param {Look} look */
export function drawGate(ctx, look) {
  const paint = /** @type {any} */ (ctx);
  const kinds = new Uint8Array(COLUMNS * ROWS);
  kinds[6 * COLUMNS] = HEDGE;
  kinds[8 * COLUMNS] = HEDGE;
  ctx.save();
  ctx.translate(-middleX(0) - 4, -middleY(7 * COLUMNS));
  ctx.beginPath();
  ctx.rect(-8, middleY(7 * COLUMNS) - 28, 56, 56);
  ctx.clip();
  paintHedges(paint, look, seeded('gate'), kinds);
  for (let cell = 0; cell < kinds.length; cell++) if (cell !== 7 * COLUMNS && kinds[cell] === GROUND) kinds[cell] = STONE;
  paintGates(paint, look, kinds);
  ctx.restore();
}

/** @param {Paint} paint @param {Look} look @param {number} x @param {number} y */
function lamp(paint, look, x, y) {
  const light = paint.createRadialGradient(x, y, 2, x, y, 46);
  light.addColorStop(0, `rgb(255 214 140 / ${0.75 * look.glow})`);
  light.addColorStop(1, 'rgb(255 190 110 / 0)');
  paint.fillStyle = light;
  paint.fillRect(x - 46, y - 46, 92, 92);
  paint.fillStyle = look.wood[0];
  paint.beginPath();
  paint.roundRect(x - 8.5, y - 8.5, 17, 17, 5);
  paint.fill();
  paint.fillStyle = look.wood[1];
  paint.beginPath();
  paint.roundRect(x - 6.5, y - 6.5, 13, 13, 4);
  paint.fill();
  paint.fillStyle = '#ffe9b0';
  dot(paint, x, y, 4);
}
