// Paper lanterns, lights and the small things of the garden: painted once, stamped every frame.

import { LOOKS, PAPERS } from './looks.js';

const SCALE = 2;
/** Half the side of a lantern's picture, in logical units. */
export const HALF = 24;

/** @typedef {OffscreenCanvasRenderingContext2D} Paint @typedef {import('./looks.js').Look} Look */

/** @type {Map<string, OffscreenCanvas>} */
const stamps = new Map();

/**
 * Paint a square picture once.
 * @param {string} key
 * @param {number} half half its side in logical units
 * @param {(paint: Paint) => void} work paints around 0, 0
 * @returns {OffscreenCanvas}
 */
export function stamp(key, half, work) {
  let picture = stamps.get(key);
  if (picture) return picture;
  picture = new OffscreenCanvas(half * 2 * SCALE, half * 2 * SCALE);
  const paint = /** @type {Paint} */ (picture.getContext('2d'));
  paint.scale(SCALE, SCALE);
  paint.translate(half, half);
  paint.lineJoin = 'round';
  paint.lineCap = 'round';
  work(paint);
  stamps.set(key, picture);
  return picture;
}

const GLOWS = { warm: '255 196 110', moon: '214 226 255', fly: '236 255 150' };
const glowKeys = { warm: 'glow warm', moon: 'glow moon', fly: 'glow fly' };

/**
 * A soft round light.
 * @param {'warm'|'moon'|'fly'} tint
 */
export function glow(tint) {
  return stamps.get(glowKeys[tint]) ?? stamp(glowKeys[tint], 64, (paint) => {
    const light = paint.createRadialGradient(0, 0, 2, 0, 0, 64);
    light.addColorStop(0, `rgb(${GLOWS[tint]} / 0.85)`);
    light.addColorStop(0.35, `rgb(${GLOWS[tint]} / 0.3)`);
    light.addColorStop(1, `rgb(${GLOWS[tint]} / 0)`);
    paint.fillStyle = light;
    paint.fillRect(-64, -64, 128, 128);
  });
}

/** Outlines of the lanterns: round, tall, and like a gem. @type {((paint: Paint) => void)[]} */
const SHAPES = [
  (paint) => paint.ellipse(0, 1, 15, 13, 0, 0, 2 * Math.PI),
  (paint) => paint.roundRect(-11, -13, 22, 28, 7),
  (paint) => {
    paint.moveTo(0, -14);
    for (const [x, y] of [[12, -6], [14, 4], [6, 14], [-6, 14], [-14, 4], [-12, -6]]) paint.lineTo(x, y);
    paint.closePath();
  },
];

const lanternKeys = [0, 1].map((dark) => Array.from({ length: 15 }, (_, i) => `lantern ${dark} ${i}`));

/**
 * One lantern of the train; shapes and papers take turns.
 * @param {number} place in the train
 * @param {boolean} dark
 */
export function lantern(place, dark) {
  const key = lanternKeys[dark ? 1 : 0][place % 15];
  const look = dark ? LOOKS.night : LOOKS.dusk;
  return stamps.get(key) ?? stamp(key, HALF, (paint) => paper(paint, look, SHAPES[place % 3], PAPERS[place % 5]));
}

/**
 * @param {Paint} paint
 * @param {Look} look
 * @param {(paint: Paint) => void} shape
 * @param {string} colour
 */
function paper(paint, look, shape, colour) {
  paint.fillStyle = look.ink;
  paint.beginPath();
  paint.roundRect(-6, -17, 12, 7, 2.5);
  paint.roundRect(-6, 11.5, 12, 6, 2.5);
  paint.fill();
  paint.strokeStyle = look.ink;
  paint.lineWidth = 1.8;
  paint.beginPath();
  for (const x of [-2.5, 0, 2.5]) {
    paint.moveTo(x, 17);
    paint.lineTo(x * 1.3, 21);
  }
  paint.stroke();
  paint.beginPath();
  shape(paint);
  paint.lineWidth = 3;
  paint.stroke();
  paint.fillStyle = colour;
  paint.fill();
  paint.save();
  paint.clip();
  const light = paint.createRadialGradient(0, 2, 1, 0, 2, 15);
  light.addColorStop(0, 'rgb(255 250 214 / 0.95)');
  light.addColorStop(0.45, 'rgb(255 236 170 / 0.4)');
  light.addColorStop(1, 'rgb(120 20 20 / 0.12)');
  paint.fillStyle = light;
  paint.fillRect(-20, -20, 40, 40);
  paint.strokeStyle = 'rgb(90 24 20 / 0.34)';
  paint.lineWidth = 1.2;
  for (const y of [-7, -1.5, 4, 9.5]) {
    paint.beginPath();
    paint.moveTo(-18, y);
    paint.quadraticCurveTo(0, y + 4, 18, y);
    paint.stroke();
  }
  paint.restore();
}

/** The first lantern: a round moon of paper, without its face. @param {boolean} dark */
export function leader(dark) {
  return stamp(`leader ${dark}`, HALF + 6, (paint) => {
    const look = dark ? LOOKS.night : LOOKS.dusk;
    paint.fillStyle = look.ink;
    paint.beginPath();
    paint.roundRect(-8, -24, 16, 8, 3);
    paint.roundRect(-7, 16, 14, 7, 3);
    paint.fill();
    paint.strokeStyle = look.ink;
    paint.lineWidth = 2.4;
    paint.beginPath();
    paint.arc(0, -24, 4.5, Math.PI, 2 * Math.PI);
    paint.stroke();
    paint.beginPath();
    paint.ellipse(0, 0, 21, 18.5, 0, 0, 2 * Math.PI);
    paint.lineWidth = 3.4;
    paint.stroke();
    const light = paint.createRadialGradient(0, 3, 2, 0, 3, 22);
    light.addColorStop(0, '#fffdea');
    light.addColorStop(0.6, '#ffe7a3');
    light.addColorStop(1, '#f6a945');
    paint.fillStyle = light;
    paint.fill();
    paint.save();
    paint.clip();
    paint.strokeStyle = 'rgb(150 70 20 / 0.2)';
    paint.lineWidth = 1.2;
    for (const bend of [-14, -5, 5, 14]) {
      paint.beginPath();
      paint.moveTo(bend * 0.4, -20);
      paint.quadraticCurveTo(bend * 1.9, 0, bend * 0.4, 20);
      paint.stroke();
    }
    paint.restore();
  });
}
