// The court by day and by night, painted once for each; and what everything on it looks like.
import { seeded } from '../../core/random.js';
import { GAME } from './rules.js';

const { width: WIDTH, height: HEIGHT } = GAME.field;

/** @typedef {{court: string, courtEdge: string, chalk: string, ball: string, seam: string, shade: string, glow: string, bats: {face: string, rim: string, stripe: string}[]}} Look */
/** @type {Record<'light'|'dark', Look>} */
export const LOOKS = {
  light: {
    court: '#d0744a', courtEdge: '#b85f38', chalk: '#fff3e0', ball: '#fff6c9', seam: '#8a5a1c', shade: 'rgb(80 30 10 / 0.32)', glow: 'rgb(255 233 200 / 0.16)',
    bats: [{ face: '#fff6e6', rim: '#5b2410', stripe: '#c8402a' }, { face: '#23323f', rim: '#101a22', stripe: '#7fc4c9' }],
  },
  dark: {
    court: '#27455c', courtEdge: '#172a3b', chalk: '#d9e7e4', ball: '#fff0a3', seam: '#7a5b12', shade: 'rgb(4 10 18 / 0.5)', glow: 'rgb(255 244 214 / 0.13)',
    bats: [{ face: '#ffe9cf', rim: '#2b1509', stripe: '#ff7b57' }, { face: '#0e1822', rim: '#6fb6bd', stripe: '#7fc4c9' }],
  },
};

/** The courts, painted once for each scheme. @type {Map<string, OffscreenCanvas>} */
const courts = new Map();

/**
 * The court as a picture, of 1.6 times the field's size.
 * @param {Look} look @param {boolean} dark
 */
export function court(look, dark) {
  const known = courts.get(String(dark));
  if (known) return known;
  const canvas = new OffscreenCanvas(WIDTH * 1.6, HEIGHT * 1.6);
  const ctx = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
  ctx.scale(1.6, 1.6);
  const ground = ctx.createRadialGradient(WIDTH / 2, HEIGHT / 2, 80, WIDTH / 2, HEIGHT / 2, 560);
  ground.addColorStop(0, look.court);
  ground.addColorStop(1, look.courtEdge);
  ctx.fillStyle = ground;
  ctx.fillRect(0, 0, WIDTH, HEIGHT);
  // Raked sand: fine stripes across, never quite the same.
  const random = seeded('court');
  ctx.lineWidth = 1.5;
  for (let y = 4; y < HEIGHT; y += 6) {
    ctx.strokeStyle = dark ? `rgb(255 255 255 / ${0.012 + 0.018 * random()})` : `rgb(70 20 0 / ${0.02 + 0.035 * random()})`;
    ctx.beginPath();
    ctx.moveTo(0, y);
    ctx.bezierCurveTo(260, y + 4 * random(), 540, y - 4 * random(), WIDTH, y);
    ctx.stroke();
  }
  for (let i = 0; i < 700; i++) {
    ctx.fillStyle = random() < 0.5 ? 'rgb(255 240 220 / 0.10)' : 'rgb(40 10 0 / 0.10)';
    ctx.fillRect(random() * WIDTH, random() * HEIGHT, 2, 2);
  }
  if (dark) {
    for (const x of [170, 630]) {
      const light = ctx.createRadialGradient(x, HEIGHT / 2, 10, x, HEIGHT / 2, 330);
      light.addColorStop(0, look.glow);
      light.addColorStop(1, 'transparent');
      ctx.fillStyle = light;
      ctx.fillRect(0, 0, WIDTH, HEIGHT);
    }
  }
  ctx.strokeStyle = look.chalk;
  ctx.globalAlpha = 0.75;
  ctx.lineWidth = 5;
  ctx.strokeRect(26, 22, WIDTH - 52, HEIGHT - 44);
  ctx.lineWidth = 4;
  for (const y of [158, HEIGHT - 158]) line(ctx, 26, y, WIDTH - 26, y);
  line(ctx, WIDTH / 2, 158, WIDTH / 2, HEIGHT - 158);
  line(ctx, WIDTH / 2, 22, WIDTH / 2, 36);
  line(ctx, WIDTH / 2, HEIGHT - 36, WIDTH / 2, HEIGHT - 22);
  // The net: a band and its shadow.
  ctx.globalAlpha = 1;
  ctx.fillStyle = look.shade;
  ctx.fillRect(0, HEIGHT / 2 + 2, WIDTH, 9);
  ctx.fillStyle = look.chalk;
  ctx.fillRect(0, HEIGHT / 2 - 3, WIDTH, 5);
  ctx.globalAlpha = 0.5;
  for (let x = 3; x < WIDTH; x += 9) ctx.fillRect(x, HEIGHT / 2 + 2, 1.5, 7);
  courts.set(String(dark), canvas);
  return canvas;
}

/** @param {OffscreenCanvasRenderingContext2D} ctx @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
function line(ctx, x1, y1, x2, y2) {
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}
