// The way home: layers of paper that pass at their own pace, what is in the way with its sign and the
// marks where a jump is right, and the acorn. Drawn of the state alone.

import { Pictures, copy, fill, noise, oval, polygon, scaleOf, smooth } from '../paint.js';
import { playing } from '../showcase.js';
import { AIR, EFFECTS, points, wind } from './air.js';
import { RUNNER } from './course.js';
import { hero } from './hero.js';
import { HANG, LEAF, MARGIN, SIGN, paintLeaf, paintObstacle, paintSign, sizeOf } from './props.js';
import { bot, create, jumpTimes, meeting, step } from './rules.js';
import { CLOUD, FRONT, LAYERS, SKY, lookOf, paintCloud, paintSky, sceneOf } from './scene.js';

/** @typedef {import('./rules.js').State} State */
/** @typedef {import('./course.js').Obstacle} Obstacle */
/** @typedef {import('./scene.js').Look} Look */
/** @typedef {import('../table.js').View} View */

const WIDTH = 960;
const pictures = new Pictures(80);
/** Those of two scenes, each some megabytes; one more in each for good measure. */
const scenes = new Pictures(16);
/** So far before the next level its scene is painted. */
const READY = 1400;
/** Ticks in which a new scene is drawn over the old one. */
const TURN = 54;
/** Up to this level the marks on the ground are drawn in full, then fainter. */
const MARKED = 3;

/** Where along the way is on the field. @param {number} x @param {number} way */
const onField = (x, way) => x - way + RUNNER.x;

/** How many pictures a scene has: the sky, a cloud, the layers and the grass in front. */
const IN_SCENE = LAYERS.length + 3;

/**
 * Give a picture of a scene: 0 the sky, 1 a cloud, then the layers from the back, last the grass in front.
 * @param {number} scale @param {string} scene @param {boolean} dark @param {number} i 0 to IN_SCENE - 1
 */
function scenery(scale, scene, dark, i) {
  const look = lookOf(scene, dark);
  const name = `${scene}${dark}${i}`;
  if (i === 0) return scenes.get(scale, name, WIDTH, SKY, (on) => paintSky(on, look));
  if (i === 1) return scenes.get(scale, name, CLOUD.width, CLOUD.height, (on) => paintCloud(on, look));
  const { width, height, paint } = LAYERS[i - 2] ?? FRONT;
  return scenes.get(scale, name, width, height, (on) => paint(on, look, width, height));
}

/** One layer, repeated. @param {CanvasRenderingContext2D} ctx @param {number} scale @param {ImageBitmap} picture @param {number} y @param {number} shift */
function tiled(ctx, scale, picture, y, shift) {
  const width = picture.width / scale;
  for (let x = -(shift % width); x < WIDTH; x += width) copy(ctx, picture, scale, x, y);
}

/** The scene behind the runner. @param {CanvasRenderingContext2D} ctx @param {number} scale @param {string} scene @param {View} view @param {number} way */
function backdrop(ctx, scale, scene, view, way) {
  const { dark } = view;
  copy(ctx, scenery(scale, scene, dark, 0), scale, 0, 0);
  const cloud = scenery(scale, scene, dark, 1);
  const drift = view.calm ? 0 : way * 0.05 + view.time / 160;
  for (let i = 0; i < 3; i++) {
    const x = 1240 - ((i * 430 + 1240 - 200 + drift * (1 + 0.3 * i)) % 1240) - CLOUD.width;
    ctx.drawImage(cloud, x, 36 + 62 * ((i * 2) % 3), CLOUD.width * (1 - 0.16 * i), CLOUD.height * (1 - 0.16 * i));
  }
  for (let i = 0; i < LAYERS.length; i++) {
    const { y, pace } = LAYERS[i];
    tiled(ctx, scale, scenery(scale, scene, dark, i + 2), y, view.calm && pace < 1 ? 0 : way * pace);
  }
}

/**
 * Paint the next scene before it is needed, a picture at a time: all in one frame would be felt.
 * @param {number} scale @param {State} state @param {View} view
 */
function prepare(scale, { level, levelEnd, distance }, view) {
  const i = Math.floor((READY - (levelEnd - distance)) / (READY / (IN_SCENE + 1)));
  if (i >= 0 && i < IN_SCENE) scenery(scale, sceneOf(level + 1), view.dark, i);
}

/** One torn side of a gap, the left one downwards, the right one upwards. @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} inwards 1 or -1 @param {number} id @param {number} by how far the side lies further in */
function torn(ctx, x, inwards, id, by) {
  for (let k = 0; k <= 6; k++) {
    const i = inwards > 0 ? k : 6 - k;
    ctx.lineTo(x + inwards * (by + 3 * i + 7 * noise(id + i)), RUNNER.ground - 1 + 20 * i);
  }
}

/** A gap in the ground. @param {CanvasRenderingContext2D} ctx @param {Obstacle} obstacle @param {Look} look @param {number} way */
function pit(ctx, { x, w, id }, look, way) {
  const [left, right, top] = [onField(x, way), onField(x + w, way), RUNNER.ground - 12];
  fill(ctx, look.near, () => ctx.rect(left, top, right - left, 14));
  for (const [colour, by] of /** @type {[string, number][]} */ ([[look.edge, -4], [look.hollow, 1]])) {
    fill(ctx, colour, () => {
      ctx.moveTo(left + by, RUNNER.ground - 1);
      torn(ctx, left, 1, id, by);
      torn(ctx, right, -1, id + 40, by);
      ctx.lineTo(right - by, RUNNER.ground - 1);
    });
  }
  // The further wall, which catches the light.
  ctx.globalAlpha = 0.5;
  fill(ctx, look.soil[1], () => polygon(ctx, [right - 8, RUNNER.ground, right - 26, RUNNER.ground, right - 34, 610, right - 26, 610]));
  ctx.globalAlpha = 1;
}

/** A mark that points up or down. @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {1 | -1} down */
function chevron(ctx, x, y, down) {
  ctx.moveTo(x, y - 6 * down);
  ctx.lineTo(x + 9, y + down);
  ctx.lineTo(x + 18, y - 6 * down);
  ctx.lineTo(x + 18, y);
  ctx.lineTo(x + 9, y + 7 * down);
  ctx.lineTo(x, y);
}

/** Marks on the ground: here a jump is right, here one ducks. @param {CanvasRenderingContext2D} ctx @param {State} state @param {Look} look @param {number} way */
function marks(ctx, state, look, way) {
  ctx.fillStyle = look.chalk;
  for (const obstacle of state.obstacles) {
    if (obstacle.hit) continue;
    const { from, to } = meeting(state, obstacle);
    if (to < 0) continue;
    const { rise, fall } = jumpTimes(obstacle);
    const [start, end] = obstacle.type === 'high' ? [from - 12, to] : [to - fall, from - rise];
    const [left, right] = [onField(state.distance + start * state.speed, way), onField(state.distance + end * state.speed, way)];
    if (left > WIDTH) break;
    const inside = start <= 0 && end >= 0;
    ctx.globalAlpha = (state.level <= MARKED ? 0.75 : 0.35) * (inside ? 1.3 : 1);
    ctx.beginPath();
    for (let x = left; x < right - 4; x += 27) {
      chevron(ctx, x, RUNNER.ground + 13, obstacle.type === 'high' ? 1 : -1);
    }
    ctx.fill();
  }
  ctx.globalAlpha = 1;
}

/** What is in the way. @param {CanvasRenderingContext2D} ctx @param {number} scale @param {State} state @param {View} view @param {string} scene @param {number} way */
function obstacles(ctx, scale, state, view, scene, way) {
  const look = lookOf(scene, view.dark);
  for (const obstacle of state.obstacles) {
    const { kind, type, x, w, h } = obstacle;
    const at = onField(x + w / 2, way);
    if (at > WIDTH + 120 || type === 'pit') continue;
    const { width, height } = sizeOf(kind);
    const picture = pictures.get(scale, `${kind}${look.edge}`, width, height, (on) => paintObstacle(on, kind, look));
    if (type === 'high') {
      ctx.save();
      ctx.translate(at, 0);
      if (!view.calm) ctx.rotate(0.012 * Math.sin(view.time / 700 + x) + (obstacle.hit ? 0.16 * Math.sin(state.tick / 5) * Math.max(0, state.safe / 100) : 0));
      fill(ctx, look.shade, () => oval(ctx, 0, RUNNER.ground + 3, w * 0.45, 4));
      ctx.drawImage(picture, -width / 2, HANG - h - height + 10, width, height);
      ctx.restore();
    } else {
      fill(ctx, look.shade, () => oval(ctx, at + 4, RUNNER.ground + 3, w * 0.56, 6));
      const knocked = obstacle.hit ? Math.min(1, (100 - state.safe) / 30) : 0;
      ctx.save();
      ctx.translate(at + 130 * knocked, RUNNER.ground - 160 * knocked * (1 - knocked));
      ctx.rotate(2.6 * knocked);
      ctx.drawImage(picture, -width / 2, MARGIN - height, width, height);
      ctx.restore();
    }
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {number} scale @param {State} state @param {View} view @param {Look} look @param {number} way */
function leaves(ctx, scale, state, view, look, way) {
  for (const { x, y, gold, id } of state.leaves) {
    const at = onField(x, way);
    if (at > WIDTH + 30) break;
    const picture = pictures.get(scale, `leaf${gold}${look.edge}`, LEAF, LEAF, (on) => paintLeaf(on, gold, look));
    const bob = view.calm ? 0 : 3 * Math.sin(view.time / 260 + id);
    const size = gold ? LEAF * 1.25 : LEAF * 0.86;
    ctx.drawImage(picture, at - size / 2, RUNNER.ground - y - size / 2 + bob, size, size);
  }
}

/** The signs of what comes, each with a ring that runs out. @param {CanvasRenderingContext2D} ctx @param {number} scale @param {State} state @param {Look} look @param {number} way */
function signs(ctx, scale, state, look, way) {
  let shownAt = WIDTH + 40;
  for (const obstacle of state.obstacles) {
    if (obstacle.hit || obstacle.passed) continue;
    const { from } = meeting(state, obstacle);
    const at = onField(obstacle.x + obstacle.w / 2, way);
    const x = Math.min(at, WIDTH - 44);
    if (at > 1080 || (x > shownAt - 62 && shownAt < WIDTH)) break;
    shownAt = x;
    const duck = obstacle.type === 'high';
    const picture = pictures.get(scale, `sign${duck}${look.edge}`, SIGN, SIGN, (on) => paintSign(on, duck, look));
    const size = SIGN * (0.8 + 0.3 * smooth(1 - from / 100));
    ctx.globalAlpha = at > WIDTH + 30 ? 0.75 : 1;
    ctx.drawImage(picture, x - size / 2, 84 - size / 2, size, size);
    ctx.globalAlpha = 1;
    const left = Math.max(0, Math.min(1, (from - 4) / 110));
    if (left === 0) continue;
    ctx.strokeStyle = look.edge;
    ctx.lineWidth = 5;
    ctx.lineCap = 'round';
    ctx.beginPath();
    ctx.arc(x, 84, size * 0.58, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * left);
    ctx.stroke();
  }
}

/** What is on the ground, in one scene. @param {CanvasRenderingContext2D} ctx @param {number} scale @param {State} state @param {View} view @param {string} scene @param {number} way */
function course(ctx, scale, state, view, scene, way) {
  const look = lookOf(scene, view.dark);
  for (const obstacle of state.obstacles) if (obstacle.type === 'pit' && onField(obstacle.x, way) < WIDTH + 20) pit(ctx, obstacle, look, way);
  marks(ctx, state, look, way);
  obstacles(ctx, scale, state, view, scene, way);
  leaves(ctx, scale, state, view, look, way);
}

/** The latest effect of a type. @param {State} state @param {string} type */
function latest(state, type) {
  for (let i = state.effects.length - 1; i >= 0; i--) if (state.effects[i].type === type) return state.effects[i];
  return null;
}

/**
 * Draw a state.
 * @param {CanvasRenderingContext2D} ctx scaled to the field @param {State} state @param {View} view
 */
export function draw(ctx, state, view) {
  const scale = scaleOf(ctx);
  const now = state.tick + view.alpha;
  const way = state.distance + (state.over ? 0 : state.speed * view.alpha);
  const look = lookOf(sceneOf(state.level), view.dark);
  const hit = latest(state, 'hit');
  const shake = hit && !view.calm && !state.over ? Math.max(0, 14 - (now - hit.tick)) * 0.6 : 0;
  ctx.save();
  backdrop(ctx, scale, sceneOf(state.level), view, way);
  if (shake) ctx.translate(shake * Math.sin(now * 2.3), shake * Math.cos(now * 2.9));
  course(ctx, scale, state, view, sceneOf(state.level), way);
  const turned = latest(state, 'level');
  const turning = turned && !view.calm ? (now - turned.tick) / TURN : 1;
  if (turning < 1) turn(ctx, scale, state, view, way, turning);
  actors(ctx, state, view, look, way, now);
  if (!view.calm) {
    AIR[look.air](ctx, look, view.time, way);
    tiled(ctx, scale, scenery(scale, sceneOf(state.level), view.dark, IN_SCENE - 1), FRONT.y, way * FRONT.pace);
  }
  signs(ctx, scale, state, look, way);
  ctx.restore();
  prepare(scale, state, view);
}

/** The old scene, a sheet that is drawn away to the left. @param {CanvasRenderingContext2D} ctx @param {number} scale @param {State} state @param {View} view @param {number} way @param {number} t 0..1 */
function turn(ctx, scale, state, view, way, t) {
  const edge = (WIDTH + 120) * (1 - smooth(t));
  ctx.save();
  ctx.beginPath();
  polygon(ctx, [-20, -20, edge, -20, edge - 90, 620, -20, 620]);
  ctx.clip();
  backdrop(ctx, scale, sceneOf(state.level - 1), view, way);
  course(ctx, scale, state, view, sceneOf(state.level - 1), way);
  ctx.restore();
  fill(ctx, 'rgb(0 0 0 / 0.18)', () => polygon(ctx, [edge, -20, edge + 26, -20, edge - 64, 620, edge - 90, 620]));
  fill(ctx, '#fff8e8', () => polygon(ctx, [edge - 7, -20, edge + 5, -20, edge - 85, 620, edge - 97, 620]));
}

/** The acorn, its shadow and what has just happened. @param {CanvasRenderingContext2D} ctx @param {State} state @param {View} view @param {Look} look @param {number} way @param {number} now */
function actors(ctx, state, view, look, way, now) {
  const y = Math.max(0, state.y + (state.ground || state.over ? 0 : state.vy * view.alpha));
  const overPit = state.obstacles.some((o) => o.type === 'pit' && way > o.x && way < o.x + o.w);
  if (!overPit) fill(ctx, look.shade, () => oval(ctx, RUNNER.x, RUNNER.ground + 3, 26 - 12 * (y / 200), 5 - 2 * (y / 200)));
  wind(ctx, state, view, look, way);
  for (const effect of state.effects) {
    if (effect.type !== 'pass') EFFECTS[effect.type]?.(ctx, effect, now - effect.tick, view, look, onField(effect.x, way), RUNNER.ground - effect.y);
  }
  const landed = latest(state, 'land');
  hero(ctx, state, view, look, RUNNER.x, RUNNER.ground + 2 - y, way, landed ? now - landed.tick : 99);
  for (const effect of state.effects) {
    if (effect.type === 'pass') points(ctx, effect, now - effect.tick, view, look, RUNNER.x + 8, RUNNER.ground - effect.y);
  }
}

/** A run that runs itself, for the picture on the shelf of games. */
const shown = playing({ create, step, bot }, { seed: 'preview', scheme: 'three', level: 1, warm: 216 });

/**
 * Draw the game's picture: a game that plays itself, and stands still where calm is asked for.
 * @param {CanvasRenderingContext2D} ctx scaled to the field @param {View} view
 */
export function preview(ctx, view) {
  draw(ctx, shown(view), view);
}

/** What the legend shows. @type {Record<string, (ctx: CanvasRenderingContext2D, look: Look) => void>} */
const LEGEND = {
  jump(ctx, look) {
    ctx.translate(-SIGN / 2, -SIGN / 2);
    paintSign(ctx, false, look);
  },
  duck(ctx, look) {
    ctx.translate(-SIGN / 2, -SIGN / 2);
    paintSign(ctx, true, look);
  },
  marks(ctx, look) {
    fill(ctx, look.grass, () => ctx.roundRect(-30, -12, 60, 26, 6));
    for (const x of [-27, -7, 13]) fill(ctx, look.chalk, () => chevron(ctx, x, 2, -1));
  },
  gold(ctx, look) {
    ctx.scale(1.25, 1.25);
    ctx.translate(-LEAF / 2, -LEAF / 2);
    paintLeaf(ctx, true, look);
  },
};

/**
 * Draw one of GAME.parts around 0, 0, 56 units wide.
 * @param {CanvasRenderingContext2D} ctx @param {string} id @param {View} view
 */
export function part(ctx, id, view) {
  ctx.save();
  ctx.scale(0.86, 0.86);
  LEGEND[id]?.(ctx, lookOf('day', view.dark));
  ctx.restore();
}
