// A small sorting workshop: a belt, a box that sees what you show, a chute that swings to the bin,
// and a cat that would rather sleep. Drawn of the state alone.

import { Pictures, copy, fill, oval, polygon, scaleOf, smooth, spring } from '../paint.js';
import { playing } from '../showcase.js';
import { EFFECTS } from './effects.js';
import { cat, chute, funnel, hands, latest, running, sign } from './machine.js';
import { BOUNCE, SLIDE, bot, create, step, upcoming } from './rules.js';
import { BIN, LOOKS, TAG, binWidth, block, paintBelt, paintBin, paintRoom, paintTag } from './scene.js';
import { THING, paintThing } from './symbols.js';
import { BELT, binPlace, pace } from './workshop.js';

/** @typedef {import('./rules.js').State} State */
/** @typedef {import('./rules.js').Thing} Thing */
/** @typedef {import('./scene.js').Look} Look */
/** @typedef {import('../table.js').View} View */

const pictures = new Pictures(90);
/** Where things stand on the belt. */
const STAND = BELT.y + 6;

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

/** How far a bin is lifted: the chosen one shows that it is. @param {State} state @param {View} view @param {number} i */
function lift(state, view, i) {
  if (i !== state.choice) return 0;
  return 9 * (view.calm ? 1 : spring((state.tick + view.alpha - state.pressedAt) / 10));
}

/** What lies in the bins, behind their fronts. @param {CanvasRenderingContext2D} ctx @param {number} scale @param {State} state @param {View} view */
function contents(ctx, scale, state, view) {
  const count = state.bins.length;
  const width = binWidth(count);
  for (let i = 0; i < count; i++) {
    const [x, y] = [binPlace(i, count), BELT.bins - lift(state, view, i)];
    block(ctx, x - width / 2 + 4, y - 17, width - 8, 20, view.dark ? '#0d0a08' : '#3a2a1e', 9);
    const { content } = state.bins[i];
    const size = count > 5 ? 0.42 : 0.52;
    for (let k = 0; k < Math.min(content, 4); k++) {
      INSIDE.bin = i;
      INSIDE.body = (3 * i + k) % 4;
      const side = (k % 2 ? 1 : -1) * (k < 2 ? 0.2 : 0.5);
      putThing(ctx, scale, state, INSIDE, x + side * (width - 30) * 0.62, y + 12 - (k < 2 ? 7 : 0), side * 0.5, size);
    }
  }
}
/** Any thing of a bin. @type {Thing} */
const INSIDE = { id: 0, bin: 0, kind: 'plain', wrapped: false, body: 0, phase: 'slide', x: 0, t: 0, to: 0, zoneAt: 0 };

/** The bins, the chosen one lifted. @param {CanvasRenderingContext2D} ctx @param {number} scale @param {State} state @param {View} view @param {Look} look */
function bins(ctx, scale, state, view, look) {
  const count = state.bins.length;
  const width = binWidth(count);
  for (let i = 0; i < count; i++) {
    const bin = state.bins[i];
    const chosen = i === state.choice;
    const [x, y] = [binPlace(i, count) - width / 2, BELT.bins - BIN.rim - lift(state, view, i)];
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

/** How far the hatch below the gate is open. @param {State} state @returns {number} 0..1 */
function hatch({ things }) {
  let open = 0;
  for (const thing of things) if (thing.phase === 'slide') open = Math.max(open, 1 - thing.t / (SLIDE * 0.5));
  return smooth(open * 2);
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
    ctx.drawImage(tag, x - TAG.width / 2, STAND - 120, TAG.width, TAG.height);
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

/**
 * Draw a state.
 * @param {CanvasRenderingContext2D} ctx scaled to the field @param {State} state @param {View} view
 */
export function draw(ctx, state, view) {
  const scale = scaleOf(ctx);
  const look = LOOKS[view.dark ? 'dark' : 'light'];
  const bounced = latest(state, ({ type }) => type === 'bounce');
  const shake = bounced && !view.calm && !state.over ? Math.max(0, 10 - (state.tick - bounced.tick)) * 0.5 : 0;
  copy(ctx, pictures.get(scale, `room${view.dark}`, 800, 604, (paint) => paintRoom(paint, view.dark)), scale, 0, 0);
  ctx.save();
  if (shake) ctx.translate(shake * Math.sin(state.tick * 2.1), shake * Math.cos(state.tick * 2.7));
  hands(ctx, state, look);
  cat(ctx, state, view, look);
  contents(ctx, scale, state, view);
  chute(ctx, state, look);
  sliding(ctx, scale, state, view);
  bins(ctx, scale, state, view, look);
  funnel(ctx, look);
  copy(ctx, pictures.get(scale, `belt${view.dark}`, 800, 52, (paint) => paintBelt(paint, look)), scale, 0, BELT.y - 6);
  running(ctx, state.belt + (state.over ? 0 : view.alpha * pace(state.level, state.bins.length).speed), look, hatch(state));
  riding(ctx, scale, state, view, look);
  sign(ctx, state, view, look);
  bouncing(ctx, scale, state, view);
  for (const effect of state.effects) EFFECTS[effect.type]?.(ctx, effect, state.tick + view.alpha - effect.tick, view, state);
  ctx.restore();
}

/** A game that plays itself, for the picture on the shelf of games. */
const shown = playing({ create, step, bot }, { seed: 'preview', scheme: 'four', level: 2, warm: 520 });

/**
 * Draw the game's picture: a game that plays itself, and stands still where calm is asked for.
 * @param {CanvasRenderingContext2D} ctx scaled to the field @param {View} view
 */
export function preview(ctx, view) {
  draw(ctx, shown(view), view);
}

/** What the legend shows. @type {Record<string, {body: number, kind: string, wrapped: boolean, bin: {color: string, shape: string} | null}>} */
const LEGEND = {
  gold: { body: 0, kind: 'gold', wrapped: false, bin: { color: '#2f74c0', shape: 'circle' } },
  oddment: { body: 2, kind: 'oddment', wrapped: false, bin: null },
  parcel: { body: 0, kind: 'plain', wrapped: true, bin: null },
};

/**
 * Draw one of GAME.parts around 0, 0, 56 units wide.
 * @param {CanvasRenderingContext2D} ctx @param {string} id @param {View} view
 */
export function part(ctx, id, view) {
  const look = LOOKS[view.dark ? 'dark' : 'light'];
  const thing = LEGEND[id];
  ctx.save();
  if (thing) {
    ctx.scale(0.56, 0.56);
    ctx.translate(-THING.x, 38 - THING.y);
    paintThing(ctx, thing, thing.bin);
  } else {
    block(ctx, -27, -14, 54, 28, look.house, 9);
    for (let i = 0; i < 5; i++) fill(ctx, '#ffe08a', () => oval(ctx, -18 + 9 * i, 0, 3.4));
  }
  ctx.restore();
}
