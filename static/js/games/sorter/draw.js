// A small sorting workshop: a belt, a box that sees what you show, a chute that swings to the bin,
// and a cat that would rather sleep. Drawn of the state alone.

import { seeded } from '../../core/random.js';
import { Pictures, fill, mix, noise, oval, polygon, scaleOf, smooth, spring } from '../paint.js';
import { BOUNCE, SLIDE, bot, create, multiple, step, upcoming } from './rules.js';
import { BIN, CAT, CLOCK, DIAL, LOOKS, TAG, binWidth, block, paintBin, paintRoom, paintTag } from './scene.js';
import { THING, paintThing, symbol } from './symbols.js';
import { BELT, binPlace, pace } from './workshop.js';

/** @typedef {import('./rules.js').State} State */
/** @typedef {import('./rules.js').Thing} Thing */
/** @typedef {import('./rules.js').Effect} Effect */
/** @typedef {import('./scene.js').Look} Look */
/** @typedef {import('../table.js').View} View */

const pictures = new Pictures(90);
const DIGITS = "700 22px 'Iowan Old Style', 'Palatino Linotype', Palatino, P052, Georgia, 'Liberation Serif', serif";
/** Where things stand on the belt. */
const STAND = BELT.y + 6;
const CONFETTI = ['#c4452c', '#e0a52e', '#2f74c0', '#1a8a6a', '#c8508f'];

/** The picture of a thing. @param {number} scale @param {State} state @param {Thing} thing */
function thingPicture(scale, state, thing) {
  const bin = thing.bin < 0 ? null : state.bins[thing.bin];
  const name = thing.wrapped ? 'parcel' : `${thing.body}${thing.kind}${bin ? bin.shape + bin.color : ''}`;
  return pictures.get(scale, name, THING.width, THING.height, (ctx) => paintThing(ctx, thing, bin));
}

/** @param {CanvasRenderingContext2D} ctx @param {number} scale @param {State} state @param {Thing} thing @param {number} x @param {number} y @param {number} turn @param {number} size */
function putThing(ctx, scale, state, thing, x, y, turn, size) {
  const picture = thingPicture(scale, state, thing);
  if (turn === 0 && size === 1) {
    ctx.drawImage(picture, x - THING.x, y - THING.y, THING.width, THING.height);
    return;
  }
  ctx.save();
  ctx.translate(x, y - 36 * size);
  ctx.rotate(turn);
  ctx.scale(size, size);
  ctx.drawImage(picture, -THING.x, 36 - THING.y, THING.width, THING.height);
  ctx.restore();
}

/** The latest effect of a kind. @param {State} state @param {(effect: Effect) => boolean} is */
function latest(state, is) {
  for (let i = state.effects.length - 1; i >= 0; i--) if (is(state.effects[i])) return state.effects[i];
  return null;
}
const isVerdict = (/** @type {Effect} */ { type }) => type === 'right' || type === 'gold' || type === 'wrong' || type === 'miss';
const isWrong = (/** @type {Effect} */ { type }) => type === 'wrong';

/** A cat on the shelf: it sleeps, and opens an eye when something goes wrong. @param {CanvasRenderingContext2D} ctx @param {State} state @param {View} view @param {Look} look */
function cat(ctx, state, view, look) {
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
function hands(ctx, state, look) {
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
function chute(ctx, state, look) {
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
function funnel(ctx, look) {
  const y = BELT.y + 44;
  fill(ctx, look.brassDark, () => polygon(ctx, [340, y, 460, y, 436, y + 46, 364, y + 46]));
  fill(ctx, look.brass, () => polygon(ctx, [346, y, 436, y, 420, y + 46, 368, y + 46]));
  fill(ctx, look.brassLight, () => polygon(ctx, [354, y, 372, y, 384, y + 46, 374, y + 46]));
  block(ctx, 334, y - 4, 132, 10, look.brassLight, 4);
  block(ctx, 360, y + 42, 80, 8, look.brassDark, 4);
}

/** The belt's running top. @param {CanvasRenderingContext2D} ctx @param {number} run how far @param {Look} look */
function belt(ctx, run, look) {
  block(ctx, -10, BELT.y - 6, 820, 28, look.belt, 0);
  ctx.fillStyle = look.cleat;
  ctx.beginPath();
  for (let x = (run % 44) - 44; x < 820; x += 44) polygon(ctx, [x, BELT.y - 6, x + 10, BELT.y - 6, x + 4, BELT.y + 10, x - 6, BELT.y + 10]);
  ctx.fill();
  ctx.fillStyle = 'rgb(255 255 255 / 0.09)';
  ctx.fillRect(0, BELT.y - 6, 800, 3);
  fill(ctx, look.metalLight, () => {
    for (let x = 22; x < 800; x += 54) oval(ctx, x, BELT.y + 22, 9);
  });
  ctx.strokeStyle = look.metalDark;
  ctx.lineWidth = 2.5;
  ctx.beginPath();
  for (let x = 22; x < 800; x += 54) {
    const [dx, dy] = [7 * Math.cos(run / 9), 7 * Math.sin(run / 9)];
    ctx.moveTo(x - dx, BELT.y + 22 - dy);
    ctx.lineTo(x + dx, BELT.y + 22 + dy);
  }
  ctx.stroke();
  // The painted mark: here a thing is looked at.
  ctx.fillStyle = look.brassLight;
  for (let i = 0; i < 6; i++) fill(ctx, look.brassLight, () => polygon(ctx, [270 + 11 * i, BELT.y + 36, 275 + 11 * i, BELT.y + 36, 279 + 11 * i, BELT.y + 40, 275 + 11 * i, BELT.y + 44, 270 + 11 * i, BELT.y + 44, 274 + 11 * i, BELT.y + 40]));
}

/** What is in the box: the bin that counts now, the lamps of the streak. @param {CanvasRenderingContext2D} ctx @param {State} state @param {View} view @param {Look} look */
function sign(ctx, state, view, look) {
  const verdict = latest(state, isVerdict);
  const age = verdict ? state.tick + view.alpha - verdict.tick : 99;
  const bin = state.bins[state.choice];
  if (age < 30 && verdict) {
    const good = verdict.type === 'right' || verdict.type === 'gold';
    const size = view.calm ? 1 : spring(age / 12);
    block(ctx, 356, 24, 88, 50, good ? '#1f5a3c' : verdict.type === 'wrong' ? '#6d1f13' : '#4a423b', 8);
    mark(ctx, MARKS[verdict.type], 400, 49, 17 * size);
  } else if (bin) {
    block(ctx, 356, 24, 88, 50, mix(bin.color, '#1b1512', 0.35), 8);
    const size = view.calm ? 1 : 0.6 + 0.4 * spring((state.tick + view.alpha - state.pressedAt) / 12);
    symbol(ctx, bin.shape, 400, 49, 19 * size, '#fff7e8');
  } else {
    ctx.strokeStyle = '#5f544b';
    ctx.lineWidth = 3;
    ctx.setLineDash([2, 8]);
    ctx.beginPath();
    ctx.arc(400, 49, 15, 0, 7);
    ctx.stroke();
    ctx.setLineDash([]);
  }
  const lit = multiple(state.streak) === 5 ? 5 : state.streak % 5;
  for (let i = 0; i < 5; i++) {
    const on = i < lit;
    fill(ctx, on ? '#ffe08a' : look.houseDark, () => oval(ctx, 372 + 14 * i, 84, on ? 4.8 : 4));
  }
  if (multiple(state.streak) > 1) {
    fill(ctx, look.brass, () => oval(ctx, 474, 44, 25));
    fill(ctx, look.paper, () => oval(ctx, 474, 44, 21));
    ctx.font = DIGITS;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.fillStyle = '#8a2c12';
    ctx.fillText(`×${multiple(state.streak)}`, 474, 46);
  }
  if (state.rush) {
    const turn = view.calm ? 0 : view.time / 260;
    for (const x of [330, 330]) {
      fill(ctx, '#f2a12c', () => oval(ctx, x, 30, 9));
      fill(ctx, '#fff2c6', () => ctx.ellipse(x + 4 * Math.cos(turn), 30, 4, 6, 0, 0, 7));
    }
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

/** The bins, the chosen one lifted. @param {CanvasRenderingContext2D} ctx @param {number} scale @param {State} state @param {View} view @param {Look} look */
function bins(ctx, scale, state, view, look) {
  const count = state.bins.length;
  const width = binWidth(count);
  for (let i = 0; i < count; i++) {
    const bin = state.bins[i];
    const chosen = i === state.choice;
    const lift = chosen ? 9 * (view.calm ? 1 : spring((state.tick + view.alpha - state.pressedAt) / 10)) : 0;
    const [x, y] = [binPlace(i, count) - width / 2, BELT.bins - BIN.rim - lift];
    const front = pictures.get(scale, `bin${bin.shape}${bin.color}${bin.label}${width}${view.dark}`, width, BIN.height, (paint) => paintBin(paint, bin, width, look));
    if (chosen) {
      ctx.strokeStyle = view.dark ? '#ffe9b8' : '#fffdf4';
      ctx.lineWidth = 10;
      ctx.lineJoin = 'round';
      ctx.beginPath();
      polygon(ctx, [x + 2, y + 4, x + width - 2, y + 4, x + width - 11, y + BIN.height - 8, x + 11, y + BIN.height - 8]);
      ctx.stroke();
    }
    ctx.drawImage(front, x, y, width, BIN.height);
  }
}

/** Things that slide into their bins. @param {CanvasRenderingContext2D} ctx @param {number} scale @param {State} state @param {View} view */
function sliding(ctx, scale, state, view) {
  for (const thing of state.things) {
    if (thing.phase !== 'slide') continue;
    const t = Math.min(1, (thing.t + view.alpha) / SLIDE);
    const [toX, drop] = [binPlace(thing.to, state.bins.length), smooth(t / 0.3)];
    const along = Math.max(0, (t - 0.22) / 0.78) ** 1.6;
    const x = BELT.gate + (toX - BELT.gate) * along;
    const y = STAND + 90 * drop + (BELT.bins + 54 - STAND - 90) * along;
    putThing(ctx, scale, state, thing, x, y, 0.5 * Math.sign(toX - BELT.gate) * Math.sin(Math.PI * along), 1 - 0.26 * smooth(t / 0.4));
  }
}

/** Things on the belt, with the names of those to come. @param {CanvasRenderingContext2D} ctx @param {number} scale @param {State} state @param {View} view @param {Look} look */
function riding(ctx, scale, state, view, look) {
  const ahead = state.over ? 0 : view.alpha * pace(state.level, state.bins.length).speed;
  const next = upcoming(state);
  for (const thing of state.things) {
    if (thing.phase !== 'belt' && thing.phase !== 'past') continue;
    const x = thing.x + ahead;
    const rock = view.calm ? 0 : 0.6 * Math.abs(Math.sin(x / 14));
    fill(ctx, 'rgb(0 0 0 / 0.3)', () => oval(ctx, x, STAND, 30, 4.5));
    putThing(ctx, scale, state, thing, x, STAND - rock, 0, 1);
    if (thing.phase === 'past' || thing.wrapped || thing.bin < 0) continue;
    const { label } = state.bins[thing.bin];
    const tag = pictures.get(scale, `tag${label}${view.dark}`, TAG.width, TAG.height, (paint) => paintTag(paint, label, look));
    ctx.globalAlpha = thing === next ? 1 : 0.8;
    ctx.drawImage(tag, x - TAG.width / 2, STAND - 116, TAG.width, TAG.height);
    ctx.globalAlpha = 1;
  }
}

/** Things that a bin throws out. @param {CanvasRenderingContext2D} ctx @param {number} scale @param {State} state @param {View} view */
function bouncing(ctx, scale, state, view) {
  for (const thing of state.things) {
    if (thing.phase !== 'bounce') continue;
    const t = (thing.t + view.alpha) / BOUNCE;
    const side = thing.to < state.bins.length / 2 ? 1 : -1;
    const x = binPlace(thing.to, state.bins.length) + side * 90 * t;
    putThing(ctx, scale, state, thing, x, BELT.bins + 10 - 560 * t * (0.72 - t) + 40 * t, side * 5 * t, 0.8);
  }
}

/** How each kind of effect looks, so many ticks after it happened. @type {Record<string, (ctx: CanvasRenderingContext2D, effect: Effect, age: number, view: View, state: State) => void>} */
const EFFECTS = {
  right: points,
  gold(ctx, effect, age, view, state) {
    points(ctx, effect, age, view, state);
    if (!view.calm) burst(ctx, effect.x, effect.y - 20, age, 16, 130, 40, ['#f3bf3a', '#ffe48f']);
  },
  unwrap(ctx, effect, age, view) {
    if (!view.calm) burst(ctx, effect.x, effect.y - 30, age, 9, 60, 26, ['#c99a5f', '#e8c993', '#b23a1a']);
  },
  land(ctx, effect, age, view) {
    if (!view.calm) burst(ctx, effect.x, effect.y - 6, age, 8, 54, 24, ['#fff7e8', '#f0d694']);
  },
  bounce(ctx, effect, age, view) {
    if (!view.calm) burst(ctx, effect.x, effect.y, age, 7, 60, 24, ['#6b625b', '#3c3530']);
  },
  level(ctx, effect, age, view) {
    if (view.calm || age > 80) return;
    for (let i = 0; i < 46; i++) {
      const fall = age * (2.2 + 2 * noise(i)) - 60 * noise(i + 90);
      if (fall < 0) continue;
      ctx.save();
      ctx.translate(800 * noise(i + 7) + 22 * Math.sin(age / 12 + i), fall * 2 - 20);
      ctx.rotate(age / 9 + i);
      ctx.fillStyle = CONFETTI[i % CONFETTI.length];
      ctx.globalAlpha = Math.min(1, (80 - age) / 20);
      ctx.fillRect(-5, -3, 10, 6);
      ctx.restore();
    }
  },
};

/** @param {CanvasRenderingContext2D} ctx @param {Effect} effect @param {number} age @param {View} view @param {State} state */
function points(ctx, { x, y, points: won = 0 }, age, view, state) {
  if (age > 46) return;
  const rise = view.calm ? 30 : 44 * smooth(age / 30);
  ctx.globalAlpha = Math.min(1, (46 - age) / 14);
  ctx.font = DIGITS;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.lineWidth = 5;
  ctx.lineJoin = 'round';
  ctx.strokeStyle = view.dark ? '#17100b' : '#fffaf0';
  ctx.strokeText(`+${won}`, x + 76, y - 30 - rise);
  ctx.fillStyle = view.dark ? '#ffe08a' : '#8a2c12';
  ctx.fillText(`+${won}`, x + 76, y - 30 - rise);
  ctx.globalAlpha = 1;
}

/** Bits that fly apart. @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} age @param {number} count @param {number} reach @param {number} lasts ticks @param {string[]} colours */
function burst(ctx, x, y, age, count, reach, lasts, colours) {
  if (age >= lasts) return;
  const t = age / lasts;
  const out = 1 - (1 - t) ** 2;
  for (let i = 0; i < count; i++) {
    const angle = (i / count) * 2 * Math.PI + noise(i) * 0.7;
    const r = reach * out * (0.55 + 0.45 * noise(i + 31));
    fill(ctx, colours[i % colours.length], () => oval(ctx, x + r * Math.cos(angle), y + r * Math.sin(angle) + 40 * t * t, 5 * (1 - t) + 0.5));
  }
}

/**
 * Draw a state.
 * @param {CanvasRenderingContext2D} ctx scaled to the field @param {State} state @param {View} view
 */
export function draw(ctx, state, view) {
  const scale = scaleOf(ctx);
  const look = LOOKS[view.dark ? 'dark' : 'light'];
  const bounced = latest(state, ({ type }) => type === 'bounce');
  const shake = bounced && !view.calm ? Math.max(0, 10 - (state.tick - bounced.tick)) * 0.5 : 0;
  ctx.save();
  if (shake) ctx.translate(shake * Math.sin(state.tick * 2.1), shake * Math.cos(state.tick * 2.7));
  ctx.drawImage(pictures.get(scale, `room${view.dark}`, 800, 600, (paint) => paintRoom(paint, view.dark)), 0, 0, 800, 600);
  hands(ctx, state, look);
  cat(ctx, state, view, look);
  chute(ctx, state, look);
  sliding(ctx, scale, state, view);
  bins(ctx, scale, state, view, look);
  funnel(ctx, look);
  belt(ctx, state.belt + (state.over ? 0 : view.alpha * pace(state.level, state.bins.length).speed), look);
  riding(ctx, scale, state, view, look);
  sign(ctx, state, view, look);
  bouncing(ctx, scale, state, view);
  for (const effect of state.effects) EFFECTS[effect.type]?.(ctx, effect, state.tick + view.alpha - effect.tick, view, state);
  ctx.restore();
}

/** A game that plays itself, for the picture on the shelf of games. */
const shown = { random: seeded('preview'), state: /** @type {State | null} */ (null), time: 0 };
const PRESS = { held: new Set(/** @type {string[]} */ ([])), pressed: /** @type {string[]} */ ([]) };

/** @param {number} ticks */
function playOn(ticks) {
  if (!shown.state) shown.state = create({ random: shown.random, scheme: 'four', level: 2 });
  for (let i = 0; i < ticks; i++) {
    const action = bot(shown.state);
    PRESS.held.clear();
    if (action) PRESS.held.add(action);
    step(shown.state, [PRESS], shown.random);
  }
  return shown.state;
}

/**
 * Draw the game's picture: a game that plays itself, and stands still where calm is asked for.
 * @param {CanvasRenderingContext2D} ctx scaled to the field @param {View} view
 */
export function preview(ctx, view) {
  if (!shown.state) {
    playOn(520);
    shown.time = view.time;
  }
  const ticks = view.calm ? 0 : Math.max(0, Math.min(6, Math.floor((view.time - shown.time) / (1000 / 60))));
  shown.time = ticks === 6 ? view.time : shown.time + ticks * (1000 / 60);
  draw(ctx, playOn(ticks), view);
}

