// A clay court by day, a floodlit one by night. Two bats with eyes: yours is round and cream, the
// other one square and dark, so that shape tells them apart as well as colour.
import { LOOKS, court } from './court.js';
import { EFFECTS_ABOVE, EFFECTS_BELOW } from './effects.js';
import { BALL, BAT_DEPTH, FACES, GAME, TO_WIN, bot, create, step } from './rules.js';
import { seeded } from '../../core/random.js';

const { width: WIDTH, height: HEIGHT } = GAME.field;
const DIGITS = "600 150px 'Iowan Old Style', 'Palatino Linotype', Palatino, P052, Georgia, 'Liberation Serif', serif";

/**
 * Draw the game.
 * @param {CanvasRenderingContext2D} ctx scaled to the field
 * @param {import('./rules.js').State} state
 * @param {import('../table.js').View} view
 */
export function draw(ctx, state, view) {
  const look = view.dark ? LOOKS.dark : LOOKS.light;
  ctx.save();
  if (!view.calm) shake(ctx, state, view.alpha);
  ctx.drawImage(court(look, view.dark), 0, 0, WIDTH, HEIGHT);
  drawPoints(ctx, state, look, view);
  for (const effect of state.effects) EFFECTS_BELOW[effect.type]?.(ctx, effect, state, view, look);
  drawTrail(ctx, state, look, view);
  const { ball } = state;
  const x = mix(ball.beforeX, ball.x, view.alpha);
  const y = mix(ball.beforeY, ball.y, view.alpha);
  for (let side = 0; side < 2; side++) drawBat(ctx, state, side, x, y, look, view);
  if (ball.seen) drawBall(ctx, state, x, y, look, view);
  for (const effect of state.effects) EFFECTS_ABOVE[effect.type]?.(ctx, effect, state, view, look);
  ctx.restore();
}

const mix = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ t) => a + (b - a) * t;

/** A smash and a lost point are felt. @param {CanvasRenderingContext2D} ctx @param {import('./rules.js').State} state @param {number} alpha */
function shake(ctx, state, alpha) {
  for (let i = state.effects.length - 1; i >= 0; i--) {
    const effect = state.effects[i];
    const age = state.tick + alpha - effect.tick;
    if (age > 16) continue;
    const force = effect.type === 'smash' ? 5 : effect.type === 'point' ? 4 : 0;
    if (force) ctx.translate(0, force * Math.exp(-age / 5) * Math.cos(age * 1.4));
  }
}

/** Big chalk numbers; the one that changes turns over. @param {CanvasRenderingContext2D} ctx @param {import('./rules.js').State} state @param {import('./court.js').Look} look @param {import('../table.js').View} view */
function drawPoints(ctx, state, look, view) {
  ctx.textAlign = 'center';
  ctx.textBaseline = 'alphabetic';
  ctx.font = DIGITS;
  ctx.fillStyle = look.chalk;
  const most = TO_WIN[/** @type {1|2} */ (state.players)];
  for (let side = 0; side < 2; side++) {
    const turned = latest(state, 'point', side, 26, view.alpha);
    let shown = state.points[side];
    let flip = 1;
    if (turned >= 0 && !view.calm) {
      const t = turned / 26;
      flip = Math.abs(Math.cos(Math.PI * t));
      if (t < 0.5) shown = Math.max(0, shown - 1);
    }
    const y = side === 0 ? HEIGHT / 2 + 120 : HEIGHT / 2 - 68;
    ctx.save();
    ctx.globalAlpha = turned >= 0 ? 0.85 : 0.42;
    ctx.translate(WIDTH / 4, y - 46);
    ctx.scale(1, Math.max(0.02, flip));
    ctx.fillText(String(shown), 0, 50);
    ctx.restore();
    // As many dots as win; the won ones are filled.
    for (let i = 0; i < most; i++) {
      ctx.globalAlpha = 0.8;
      ctx.beginPath();
      ctx.arc(WIDTH * 0.75 + (i - (most - 1) / 2) * 30, y - 46, 9, 0, 7);
      if (i < state.points[side]) {
        ctx.fill();
      } else {
        ctx.lineWidth = 3;
        ctx.strokeStyle = look.chalk;
        ctx.globalAlpha = 0.45;
        ctx.stroke();
      }
    }
  }
  ctx.globalAlpha = 1;
}

/** How long ago something happened to a side, -1 if longer than `within`. @param {import('./rules.js').State} state @param {string} type @param {number} side @param {number} within @param {number} alpha */
function latest(state, type, side, within, alpha) {
  for (let i = state.effects.length - 1; i >= 0; i--) {
    const effect = state.effects[i];
    const age = state.tick + alpha - effect.tick;
    if (age > within) return -1;
    if (effect.type === type && effect.player === side) return age;
  }
  return -1;
}

/** @param {CanvasRenderingContext2D} ctx @param {import('./rules.js').State} state @param {import('./court.js').Look} look @param {import('../table.js').View} view */
function drawTrail(ctx, state, look, view) {
  if (view.calm || state.wait > 0) return;
  const { trail, trailAt } = state;
  const n = trail.length / 2;
  const fast = Math.min(1, state.ball.speed / 600);
  ctx.fillStyle = look.ball;
  for (let i = 0; i < n; i++) {
    const at = (trailAt + 2 * i) % trail.length;
    const age = (i + 1) / n;
    ctx.globalAlpha = 0.34 * age * age * (0.35 + fast);
    ctx.beginPath();
    ctx.arc(trail[at], trail[at + 1], BALL * (0.25 + 0.65 * age), 0, 7);
    ctx.fill();
  }
  ctx.globalAlpha = 1;
}

/** How high the ball is above the ground, 0..1: up at the bats, down once on the far side. @param {import('./rules.js').Ball} ball @param {number} y */
function height(ball, y) {
  if (!ball.vy) return 0.4;
  const gone = ball.vy < 0 ? (FACES[0] - y) / (FACES[0] - FACES[1]) : (y - FACES[1]) / (FACES[0] - FACES[1]);
  const t = Math.max(0, Math.min(1, gone));
  return t < 0.72 ? 0.35 + 0.9 * Math.sin((Math.PI * t) / 0.72) * (1 - t / 0.9) - 0.35 * (t / 0.72) : 1.3 * (t - 0.72);
}

/** @param {CanvasRenderingContext2D} ctx @param {import('./rules.js').State} state @param {number} x @param {number} y @param {import('./court.js').Look} look @param {import('../table.js').View} view */
function drawBall(ctx, state, x, y, look, view) {
  const { ball } = state;
  const high = height(ball, y);
  ctx.fillStyle = look.shade;
  ctx.beginPath();
  ctx.ellipse(x + 4 + 12 * high, y + 6 + 20 * high, BALL * 0.95, BALL * 0.75, 0, 0, 7);
  ctx.fill();
  let stretch = 1 + Math.min(0.22, ball.speed / 3600);
  for (let side = 0; side < 2; side++) {
    const age = Math.max(latest(state, 'hit', side, 9, view.alpha), latest(state, 'smash', side, 9, view.alpha));
    if (age >= 0) stretch = 1 - 0.32 * Math.cos((age / 9) * Math.PI * 0.5);
  }
  if (view.calm) stretch = 1;
  const pulse = state.wait > 0 && !view.calm ? 1 + 0.1 * Math.sin(state.wait / 5) : 1;
  const size = BALL * (1 + 0.16 * high) * pulse;
  ctx.save();
  ctx.translate(x, y);
  ctx.rotate(Math.atan2(ball.vy, ball.vx || 1e-6));
  ctx.scale(stretch, 1 / stretch);
  ctx.fillStyle = look.ball;
  ctx.strokeStyle = look.bats[0].rim;
  ctx.lineWidth = 2.5;
  ctx.beginPath();
  ctx.arc(0, 0, size, 0, 7);
  ctx.fill();
  ctx.stroke();
  ctx.rotate(view.calm ? 0.6 : state.tick * (0.06 + ball.spin / 2500));
  ctx.strokeStyle = look.seam;
  ctx.lineWidth = 2;
  ctx.beginPath();
  ctx.arc(-size * 0.95, 0, size * 0.75, -0.75, 0.75);
  ctx.stroke();
  ctx.beginPath();
  ctx.arc(size * 0.95, 0, size * 0.75, Math.PI - 0.75, Math.PI + 0.75);
  ctx.stroke();
  ctx.restore();
}

/** @param {CanvasRenderingContext2D} ctx @param {import('./rules.js').State} state @param {number} side @param {number} ballX @param {number} ballY @param {import('./court.js').Look} look @param {import('../table.js').View} view */
function drawBat(ctx, state, side, ballX, ballY, look, view) {
  const bat = state.bats[side];
  const paint = look.bats[side];
  const way = side === 0 ? 1 : -1;
  const x = mix(bat.before, bat.x, view.alpha);
  let y = FACES[side] + (way * BAT_DEPTH) / 2;
  const smashed = latest(state, 'smash', side, 12, view.alpha);
  const hit = smashed >= 0 ? smashed : latest(state, 'hit', side, 12, view.alpha);
  if (hit >= 0 && !view.calm) y -= way * (smashed >= 0 ? 16 : 8) * Math.exp(-hit / 4);
  const half = bat.width / 2;
  const depth = BAT_DEPTH + 4;
  const radius = side === 0 ? depth / 2 : 5;
  ctx.save();
  ctx.translate(x, y);
  if (!view.calm) ctx.transform(1, 0, (-way * bat.v) / 2600, 1, 0, 0);
  ctx.fillStyle = look.shade;
  ctx.beginPath();
  ctx.roundRect(-half + 6, -depth / 2 + 9, 2 * half, depth, radius);
  ctx.fill();
  ctx.fillStyle = paint.face;
  ctx.strokeStyle = paint.rim;
  ctx.lineWidth = 3;
  ctx.beginPath();
  ctx.roundRect(-half, -depth / 2, 2 * half, depth, radius);
  ctx.fill();
  ctx.stroke();
  ctx.fillStyle = paint.stripe;
  if (side === 0) {
    ctx.fillRect(-half + 16, -4, 14, 8);
    ctx.fillRect(half - 30, -4, 14, 8);
  } else {
    for (let i = 0; i < 3; i++) {
      ctx.fillRect(-half + 9 + 9 * i, -6, 4, 12);
      ctx.fillRect(half - 13 - 9 * i, -6, 4, 12);
    }
  }
  if (bat.armed > 0) {
    ctx.strokeStyle = look.ball;
    ctx.lineWidth = 4;
    ctx.beginPath();
    ctx.roundRect(-half - 7, -depth / 2 - 7, 2 * half + 14, depth + 14, radius + 7);
    ctx.stroke();
  }
  const sad = latest(state, 'point', 1 - side, 60, view.alpha) >= 0;
  for (const eye of [-1, 1]) drawEye(ctx, eye * 15, ballX - x - eye * 15, ballY - y, sad, side);
  drawHeading(ctx, view.players?.[side]?.action, half, look);
  ctx.restore();
}

/** An eye that looks at the ball. @param {CanvasRenderingContext2D} ctx @param {number} at @param {number} dx @param {number} dy @param {boolean} sad @param {number} side */
function drawEye(ctx, at, dx, dy, sad, side) {
  const away = Math.hypot(dx, dy) || 1;
  ctx.fillStyle = '#ffffff';
  ctx.strokeStyle = '#1d130c';
  ctx.lineWidth = 2;
  ctx.beginPath();
  if (side === 0) ctx.arc(at, 0, 9.5, 0, 7);
  else ctx.roundRect(at - 9, -8, 18, 16, 4);
  ctx.fill();
  ctx.stroke();
  ctx.fillStyle = '#1d130c';
  ctx.beginPath();
  ctx.arc(at + (4.5 * dx) / away, (4.5 * dy) / away, 4.2, 0, 7);
  ctx.fill();
  if (!sad) return;
  ctx.strokeStyle = '#1d130c';
  ctx.lineWidth = 4;
  ctx.beginPath();
  ctx.moveTo(at - 9, at < 0 ? -4 : -10);
  ctx.lineTo(at + 9, at < 0 ? -10 : -4);
  ctx.stroke();
}

/** Beside the bat: where its player is asking it to go. @param {CanvasRenderingContext2D} ctx @param {string|null|undefined} action @param {number} half @param {import('./court.js').Look} look */
function drawHeading(ctx, action, half, look) {
  if (action !== 'left' && action !== 'right') return;
  const way = action === 'right' ? 1 : -1;
  ctx.fillStyle = look.chalk;
  for (let i = 0; i < 2; i++) {
    ctx.globalAlpha = 0.9 - 0.4 * i;
    const x = way * (half + 14 + 13 * i);
    ctx.beginPath();
    ctx.moveTo(x, -8);
    ctx.lineTo(x + way * 9, 0);
    ctx.lineTo(x, 8);
    ctx.fill();
  }
  ctx.globalAlpha = 1;
}

/** @type {{state: import('./rules.js').State, inputs: {held: Set<string>, pressed: string[]}[], random: () => number, time: number}|null} */
let show = null;

/** A rally of two good players. */
function playShow() {
  const random = seeded('rally');
  const made = { state: create({ random, players: 2, level: 2 }), inputs: [0, 1].map(() => ({ held: new Set(/** @type {string[]} */ ([])), pressed: [] })), random, time: 0 };
  made.state.points = [3, 2];
  show = made;
  // Far enough for the ball to be on its way.
  for (let i = 0; i < 290; i++) goOn(made);
  return made;
}

/** @param {NonNullable<typeof show>} playing */
function goOn({ state, inputs, random }) {
  for (let side = 0; side < 2; side++) {
    const wish = bot(state, side);
    inputs[side].held.clear();
    if (wish) inputs[side].held.add(wish);
  }
  step(state, inputs, random);
}

/**
 * Draw the picture of the game: a rally that goes on, or stands still for who wants calm.
 * @param {CanvasRenderingContext2D} ctx scaled to the field
 * @param {import('../table.js').View} view
 */
export function preview(ctx, view) {
  const playing = show && !show.state.over ? show : playShow();
  if (!view.calm) {
    for (let ticks = Math.min(4, Math.round(((view.time - playing.time) * 60) / 1000)); ticks > 0; ticks--) goOn(playing);
    playing.time = view.time;
  }
  draw(ctx, playing.state, view);
}
