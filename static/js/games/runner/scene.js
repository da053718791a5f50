// The woods, cut out of paper in layers: the sky, far hills, woods, bushes and the ground. Each level
// has its own time and weather.

import { fill, mix, noise, oval, polygon } from '../paint.js';
import { RUNNER } from './course.js';

/** @typedef {import('../paint.js').Context} Context */
/**
 * @typedef {object} Look
 * @property {string[]} sky from the top down @property {string} light of the sun or moon @property {string} far @property {string} mid @property {string} near
 * @property {string} trunk @property {string} grass @property {string} grassLight @property {string[]} soil from the top down
 * @property {string} hollow what one sees in a pit @property {string} edge of what is cut out @property {string} shade @property {string} chalk
 * @property {string} front the grass before it all @property {string} cloud @property {'leaves' | 'seeds' | 'fireflies' | 'rain'} air what flies about
 */

/** @type {Record<string, Look>} */
const SCENES = {
  day: {
    sky: ['#9fd3e0', '#d8ecdc', '#fdf1d3'], light: '#ffdd87', far: '#a9cfc0', mid: '#7db391', near: '#548f6c', trunk: '#6f4d35',
    grass: '#4b8a4f', grassLight: '#7fb560', soil: ['#a06a43', '#875536', '#6d4229'], hollow: '#3a2417', edge: '#fff8e8',
    shade: 'rgb(40 50 20 / 0.28)', chalk: '#fff8e8', front: '#2f6142', cloud: '#fffaf0', air: 'leaves',
  },
  dusk: {
    sky: ['#a8577a', '#ee9a78', '#ffdca0'], light: '#fff1c2', far: '#cf7a80', mid: '#9b5374', near: '#6d3a62', trunk: '#452642',
    grass: '#7a4a4f', grassLight: '#c07a57', soil: ['#6a3a4a', '#55303f', '#422535'], hollow: '#241221', edge: '#fff0da',
    shade: 'rgb(50 10 30 / 0.32)', chalk: '#ffe9c9', front: '#472645', cloud: '#ffd0b0', air: 'seeds',
  },
  night: {
    sky: ['#0e1738', '#22346a', '#4a5f94'], light: '#fdf3cf', far: '#30477a', mid: '#243864', near: '#1a2b50', trunk: '#121f3c',
    grass: '#2c5f63', grassLight: '#4b8a7e', soil: ['#27405a', '#1f344c', '#18293e'], hollow: '#0a1222', edge: '#e6edf5',
    shade: 'rgb(0 5 20 / 0.42)', chalk: '#dfeaf4', front: '#0f1c38', cloud: '#41558a', air: 'fireflies',
  },
  rain: {
    sky: ['#5d7480', '#8fa6a8', '#c9d3c8'], light: '#e9eee2', far: '#92a8a6', mid: '#6d8a88', near: '#4d6d6d', trunk: '#3f4f52',
    grass: '#4c7d63', grassLight: '#77a57b', soil: ['#75665a', '#61544a', '#4f443c'], hollow: '#27221f', edge: '#f6f6ee',
    shade: 'rgb(15 25 30 / 0.32)', chalk: '#f6f6ee', front: '#2d4a4c', cloud: '#b4c2c1', air: 'rain',
  },
};
const ORDER = ['day', 'dusk', 'night', 'rain'];

/** The name of a level's scene. @param {number} level */
export const sceneOf = (level) => ORDER[(level - 1) % ORDER.length];

/** What a scene's colours go towards on a dark page. */
const DEEP = { day: '#06283f', dusk: '#2b0a35', rain: '#0c1d2b' };

/** Darker for a dark page: no large bright field then. @param {Look} look @param {string} deep @returns {Look} */
function dimmed(look, deep) {
  const dim = (/** @type {string} */ colour, share = 0.46) => mix(colour, deep, share);
  const { sky, soil } = look;
  return {
    ...look, sky: sky.map((colour, i) => dim(colour, 0.58 - 0.06 * i)), soil: soil.map((colour) => dim(colour)), light: dim(look.light, 0.12), far: dim(look.far), mid: dim(look.mid),
    near: dim(look.near), trunk: dim(look.trunk), grass: dim(look.grass, 0.3), grassLight: dim(look.grassLight, 0.3), hollow: dim(look.hollow),
    edge: dim(look.edge, 0.12), chalk: dim(look.chalk, 0.1), front: dim(look.front, 0.5), cloud: dim(look.cloud, 0.45),
  };
}
const DARK = Object.fromEntries(ORDER.map((name) => [name, name === 'night' ? SCENES.night : dimmed(SCENES[name], DEEP[name])]));

/** The colours of a scene. @param {string} name @param {boolean} dark */
export const lookOf = (name, dark) => (dark ? DARK : SCENES)[name];

/** The layers: how wide one is before it repeats, where it is on the field, how far away. */
export const LAYERS = Object.freeze([
  { id: 'far', width: 960, y: 210, height: 260, pace: 0.1, paint: paintFar },
  { id: 'mid', width: 1200, y: 128, height: 352, pace: 0.26, paint: paintMid },
  { id: 'near', width: 1440, y: 196, height: 290, pace: 0.55, paint: paintNear },
  { id: 'ground', width: 1200, y: RUNNER.ground - 14, height: 620 - RUNNER.ground, pace: 1, paint: paintGround },
]);
/** The grass before it all. */
export const FRONT = Object.freeze({ id: 'front', width: 1440, y: 548, height: 56, pace: 1.45, paint: paintFront });

/** Hills that repeat: the height at x. @param {number} x @param {number} width @param {number[]} waves heights of the first, second... wave */
const hills = (x, width, waves) => waves.reduce((sum, wave, i) => sum + wave * Math.sin((2 * Math.PI * (i + 1) * x) / width + 1.7 * i), 0);

/** @param {Context} ctx @param {number} width @param {number} height @param {(x: number) => number} top */
function land(ctx, width, height, top) {
  ctx.beginPath();
  ctx.moveTo(-40, height + 40);
  for (let x = -40; x <= width + 40; x += 8) ctx.lineTo(x, top(x));
  ctx.lineTo(width + 40, height + 40);
  ctx.closePath();
  ctx.fill();
}

/** Let what is painted next throw a soft shadow on what is behind it, as paper does. @param {Context} ctx @param {boolean} on */
function lifted(ctx, on) {
  ctx.shadowColor = on ? 'rgb(10 10 30 / 0.22)' : 'transparent';
  ctx.shadowBlur = on ? 14 : 0;
  ctx.shadowOffsetY = on ? -3 : 0;
}

/** Once here and once a width further, so that nothing is cut at the seam. @param {Context} ctx @param {number} width @param {() => void} paint */
function repeated(ctx, width, paint) {
  for (const shift of [-width, 0, width]) {
    ctx.save();
    ctx.translate(shift, 0);
    paint();
    ctx.restore();
  }
}

/** @param {Context} ctx @param {Look} look @param {number} width @param {number} height */
function paintFar(ctx, look, width, height) {
  lifted(ctx, true);
  ctx.fillStyle = mix(look.far, look.sky[2], 0.35);
  land(ctx, width, height, (x) => 80 + hills(x + 200, width, [34, 20, 9]));
  ctx.fillStyle = look.far;
  land(ctx, width, height, (x) => 132 + hills(x, width, [26, 22, 10, 5]));
}

/** A fir of three layers of paper. @param {Context} ctx @param {number} x @param {number} y @param {number} h @param {string} colour */
function fir(ctx, x, y, h, colour) {
  fill(ctx, mix(colour, '#1a120c', 0.35), () => ctx.rect(x - h * 0.035, y - h * 0.2, h * 0.07, h * 0.24));
  for (const [i, part] of [0.12, 0.36, 0.6].entries()) {
    const [base, half, tall] = [y - h * part, h * (0.26 - 0.055 * i), h * 0.42];
    fill(ctx, mix(colour, '#ffffff', 0.04 * i), () => polygon(ctx, [x - half, base, x, base - tall, x + half, base]));
  }
}

/** A round tree. @param {Context} ctx @param {number} x @param {number} y @param {number} h @param {string} colour @param {string} trunk */
function roundTree(ctx, x, y, h, colour, trunk) {
  fill(ctx, trunk, () => polygon(ctx, [x - h * 0.05, y, x - h * 0.025, y - h * 0.6, x + h * 0.025, y - h * 0.6, x + h * 0.05, y]));
  fill(ctx, colour, () => {
    oval(ctx, x, y - h * 0.68, h * 0.27, h * 0.3);
    oval(ctx, x - h * 0.16, y - h * 0.54, h * 0.17);
    oval(ctx, x + h * 0.17, y - h * 0.55, h * 0.18);
  });
  lifted(ctx, false);
  fill(ctx, mix(colour, '#ffffff', 0.07), () => {
    oval(ctx, x - h * 0.05, y - h * 0.77, h * 0.16, h * 0.17);
    oval(ctx, x + h * 0.17, y - h * 0.58, h * 0.11);
    oval(ctx, x - h * 0.16, y - h * 0.57, h * 0.1);
  });
  lifted(ctx, true);
}

/** @param {Context} ctx @param {Look} look @param {number} width @param {number} height */
function paintMid(ctx, look, width, height) {
  const top = (/** @type {number} */ x) => 248 + hills(x, width, [14, 16, 9]);
  lifted(ctx, true);
  repeated(ctx, width, () => {
    for (let i = 0; i < 17; i++) {
      const x = (i + 0.7 * noise(i)) * (width / 17);
      const h = 92 + 78 * noise(i + 50);
      const colour = mix(look.mid, look.far, 0.45 * noise(i + 20));
      if (noise(i + 9) < 0.55) fir(ctx, x, top(x) + 12, h, colour);
      else roundTree(ctx, x, top(x) + 12, h, colour, mix(look.trunk, look.mid, 0.4));
    }
  });
  ctx.fillStyle = look.mid;
  land(ctx, width, height, top);
}

/** @param {Context} ctx @param {Look} look @param {number} width @param {number} height */
function paintNear(ctx, look, width, height) {
  const top = (/** @type {number} */ x) => 250 + hills(x, width, [10, 8, 12]);
  lifted(ctx, true);
  repeated(ctx, width, () => {
    for (let i = 0; i < 9; i++) {
      const x = (i + 0.6 * noise(i + 300)) * (width / 9);
      if (noise(i + 77) < 0.5) roundTree(ctx, x, top(x) + 20, 150 + 60 * noise(i + 5), look.near, look.trunk);
      else {
        fill(ctx, mix(look.near, look.trunk, 0.18), () => {
          for (let k = 0; k < 4; k++) oval(ctx, x + 30 * k - 45, top(x) + 6 - 14 * noise(i * 4 + k), 30 + 12 * noise(i + k * 3));
        });
      }
    }
  });
  ctx.fillStyle = look.near;
  land(ctx, width, height, top);
}

/** The ground in strata, grass on top. @param {Context} ctx @param {Look} look @param {number} width @param {number} height */
function paintGround(ctx, look, width, height) {
  lifted(ctx, true);
  ctx.fillStyle = look.soil[0];
  ctx.fillRect(-40, 16, width + 80, height);
  for (const i of [1, 2]) {
    ctx.fillStyle = look.soil[i];
    land(ctx, width, height, (x) => 14 + 34 * i + hills(x + 240 * i, width, [3, 4, 3, 2]));
  }
  lifted(ctx, false);
  repeated(ctx, width, () => {
    fill(ctx, mix(look.soil[0], '#ffffff', 0.14), () => {
      for (let i = 0; i < 34; i++) oval(ctx, width * noise(i + 800), 34 + 84 * noise(i + 900), 3 + 6 * noise(i), 2 + 3 * noise(i + 1));
    });
  });
  lifted(ctx, true);
  ctx.fillStyle = look.grass;
  ctx.fillRect(-40, 13, width + 80, 14);
  lifted(ctx, false);
  ctx.beginPath();
  for (let x = 0; x < width; x += 12) polygon(ctx, [x, 26, x + 6 + 3 * noise(x), 33 + 5 * noise(x + 1), x + 12, 26]);
  ctx.fill();
  ctx.fillStyle = look.grassLight;
  ctx.fillRect(0, 13, width, 4);
  ctx.beginPath();
  for (let i = 0; i < 60; i++) {
    const x = (i / 60) * width + 14 * noise(i);
    if (noise(i + 600) < 0.4) for (const lean of [-4, 0, 4]) polygon(ctx, [x + lean - 2, 15, x + lean * 1.7, 3 + 5 * noise(i + lean), x + lean + 2, 15]);
  }
  ctx.fill();
}

/** @param {Context} ctx @param {Look} look @param {number} width @param {number} height */
function paintFront(ctx, look, width, height) {
  repeated(ctx, width, () => {
    ctx.fillStyle = look.front;
    ctx.beginPath();
    for (let i = 0; i < 7; i++) {
      const x = (i + 0.7 * noise(i + 1200)) * (width / 7);
      for (let k = 0; k < 11; k++) {
        const [at, tall] = [x + 9 * k, (18 + 30 * noise(i * 11 + k)) * Math.sin((Math.PI * (k + 1)) / 12)];
        ctx.moveTo(at - 5, height);
        ctx.quadraticCurveTo(at, height - tall * 0.6, at + 7 * (noise(k + i) - 0.3), height - tall);
        ctx.quadraticCurveTo(at + 5, height - tall * 0.5, at + 5, height);
      }
    }
    ctx.fill();
  });
}

/** How far down the sky is seen. */
export const SKY = 490;

/** The sky with its sun or moon, 960 wide, SKY high. @param {Context} ctx @param {Look} look */
export function paintSky(ctx, look) {
  const sky = ctx.createLinearGradient(0, 0, 0, 470);
  look.sky.forEach((colour, i) => sky.addColorStop(i / 2, colour));
  ctx.fillStyle = sky;
  ctx.fillRect(0, 0, 960, 600);
  const [x, y, r] = look.air === 'seeds' ? [690, 300, 74] : [748, 116, look.air === 'fireflies' ? 40 : 50];
  if (look.air === 'fireflies') {
    fill(ctx, '#f4f0dc', () => {
      for (let i = 0; i < 90; i++) oval(ctx, 960 * noise(i), 330 * noise(i + 100), 0.5 + 1.3 * noise(i + 200) ** 2);
    });
  }
  if (look.air !== 'rain') {
    for (const [grow, alpha] of [[2.6, 0.1], [1.9, 0.14], [1.4, 0.2]]) {
      ctx.globalAlpha = alpha;
      fill(ctx, look.light, () => oval(ctx, x, y, r * grow));
    }
    ctx.globalAlpha = 1;
    lifted(ctx, true);
    fill(ctx, look.light, () => oval(ctx, x, y, r));
    lifted(ctx, false);
    if (look.air === 'fireflies') fill(ctx, mix(look.light, look.sky[1], 0.16), () => [[-12, -8, 9], [10, 12, 6], [14, -14, 4]].forEach(([dx, dy, spot]) => oval(ctx, x + dx, y + dy, spot)));
  }
}

/** How big the picture of a cloud is. */
export const CLOUD = Object.freeze({ width: 220, height: 90 });
/** @param {Context} ctx @param {Look} look */
export function paintCloud(ctx, look) {
  lifted(ctx, true);
  ctx.globalAlpha = 0.9;
  fill(ctx, look.cloud, () => {
    oval(ctx, 60, 56, 36, 22);
    oval(ctx, 104, 42, 40, 32);
    oval(ctx, 152, 54, 40, 24);
    ctx.roundRect(30, 54, 160, 24, 12);
  });
}
