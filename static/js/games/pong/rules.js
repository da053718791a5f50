// Rally: two bats, one ball. The bats move along the bottom and the top of the court, so that two
// actions are enough, and they gather way and come to rest softly, so that an action that arrives a
// quarter of a second late is still a good one.

/** Ticks a second; every speed below is in units of the court a second. */
const RATE = 60;
const WIDTH = 800;
const HEIGHT = 600;
export const BALL = 13;
export const BAT_DEPTH = 20;
/** Where the faces of the bats are: the line at which a ball is returned or lost. */
export const FACES = [HEIGHT - 46, 46];
/** Points that win a level against the machine, and a match of two. */
export const TO_WIN = { 1: 5, 2: 7 };
/** How far beside a bat the ball is still returned. */
const GRACE = 9;
const TRAIL = 20;
const STEEPEST = (52 * Math.PI) / 180;
/** Ticks between a point and the next serve; between two levels. */
const WAITS = { point: 66, level: 150 };
/** Ticks for which a press of "go" makes the next return a smash, and then makes none. */
const SMASH = { armed: 45, rest: 50 };

export const GAME = {
  name: 'pong',
  title: 'Rally',
  line: 'Two bats, one ball and a machine that hates to lose.',
  field: { width: WIDTH, height: HEIGHT },
  players: [1, 2],
  levels: 'Every level has a faster ball and a smaller bat; from level 3 on, a moving bat gives the ball spin.',
  schemes: [
    { id: 'two', title: 'Two moves', actions: [
      { id: 'left', title: 'Left', does: 'slides your bat to the left', icon: '←' },
      { id: 'right', title: 'Right', does: 'slides your bat to the right', icon: '→' },
    ] },
    { id: 'three', title: 'Two moves and a smash', actions: [
      { id: 'left', title: 'Left', does: 'slides your bat to the left', icon: '←' },
      { id: 'right', title: 'Right', does: 'slides your bat to the right', icon: '→' },
      { id: 'go', title: 'Smash', does: 'makes your next return a hard one, if it comes within a moment', icon: '●' },
    ] },
  ],
  how: [
    'Your bat is at the bottom: slide it under the ball.',
    'Off the edge of the bat the ball flies slanting, off the middle straight.',
    `First to ${TO_WIN[1]} points wins a level, and then the machine gets better; with two players the first to ${TO_WIN[2]} wins.`,
  ],
  parts: [],
};

/** @typedef {{x: number, before: number, v: number, width: number, armed: number, rest: number}} Bat */
/** @typedef {{x: number, y: number, beforeX: number, beforeY: number, vx: number, vy: number, spin: number, speed: number, seen: boolean, bounced: boolean}} Ball */
/** @typedef {{type: string, x: number, y: number, tick: number, player?: number, power?: number}} Effect */
/** @typedef {{type: string, player?: number, pitch?: number}} Happening */
/**
 * @typedef {object} State
 * @property {number} tick @property {number} level @property {number} players @property {string} scheme
 * @property {number[]} scores one for each player: what counts in the list of best scores
 * @property {number[]} points of the level or match, bottom and top
 * @property {boolean} over @property {number|null} winner
 * @property {Ball} ball @property {Bat[]} bats bottom and top
 * @property {{aim: number}} machine
 * @property {number} wait ticks until the serve @property {number} server who receives it
 * @property {number} rally returns since the serve @property {number} longest
 * @property {number[]} trail the last places of the ball, x and y in turn @property {number} trailAt
 * @property {Effect[]} effects @property {Happening[]} events
 */

const clamp = (/** @type {number} */ x, /** @type {number} */ low, /** @type {number} */ high) => Math.max(low, Math.min(high, x));

/** How fast the ball is served at a level. @param {number} level */
export const ballSpeed = (level) => Math.min(560, 235 + 32 * (level - 1));
/** How wide a bat is at a level. @param {number} level */
export const batWidth = (level) => Math.max(96, 190 - 11 * (level - 1));
/** How fast the machine's bat is. @param {number} level */
const machineSpeed = (level) => Math.min(620, 135 + 27 * level);
/** How far beside the ball the machine aims at most. @param {number} level @param {number} rally */
const machineError = (level, rally) => Math.max(80, 255 - 20 * level) + 5 * rally;

/**
 * Make a game.
 * @param {{random: () => number, players?: number, scheme?: string, level?: number, options?: object}} wish
 * @returns {State}
 */
export function create({ random, players = 1, scheme = 'two', level = 1 }) {
  const width = batWidth(level);
  const bat = () => ({ x: WIDTH / 2, before: WIDTH / 2, v: 0, width, armed: 0, rest: 0 });
  /** @type {State} */
  const state = {
    tick: 0, level, players, scheme,
    scores: players === 2 ? [0, 0] : [0],
    points: [0, 0],
    over: false, winner: null,
    ball: { x: WIDTH / 2, y: HEIGHT / 2, beforeX: WIDTH / 2, beforeY: HEIGHT / 2, vx: 0, vy: 0, spin: 0, speed: 0, seen: true, bounced: false },
    bats: [bat(), bat()],
    machine: { aim: WIDTH / 2 },
    wait: WAITS.point, server: 0, rally: 0, longest: 0,
    trail: new Array(2 * TRAIL).fill(WIDTH / 2), trailAt: 0,
    effects: [], events: [],
  };
  rest(state, players === 2 && random() < 0.5 ? 1 : 0, WAITS.point);
  return state;
}

/**
 * Go on by a sixtieth of a second.
 * @param {State} state
 * @param {{held: Set<string>, pressed: string[]}[]} inputs one for each player
 * @param {() => number} random
 */
export function step(state, inputs, random) {
  state.events.length = 0;
  if (state.over) return;
  state.tick += 1;
  forget(state);
  for (let side = 0; side < 2; side++) {
    const bat = state.bats[side];
    bat.before = bat.x;
    // A new level shrinks the bat before one's eyes instead of at once.
    bat.width += clamp(batWidth(state.level) - bat.width, -0.5, 0.5);
    if (side < state.players) steer(state, bat, inputs[side]);
    else follow(state, bat);
  }
  const { ball } = state;
  ball.beforeX = ball.x;
  ball.beforeY = ball.y;
  if (state.wait > 0) {
    state.wait -= 1;
    if (state.wait === 0) serve(state, random);
  } else {
    fly(state, random);
  }
  state.trail[state.trailAt] = ball.x;
  state.trail[state.trailAt + 1] = ball.y;
  state.trailAt = (state.trailAt + 2) % state.trail.length;
}

/** @param {State} state @param {Bat} bat @param {{held: Set<string>, pressed: string[]}|undefined} input */
function steer(state, bat, input) {
  const held = input?.held;
  const way = (held?.has('right') ? 1 : 0) - (held?.has('left') ? 1 : 0);
  // A press that is over before the tick begins is still a nudge.
  const nudge = way === 0 && input ? (input.pressed.includes('right') ? 1 : 0) - (input.pressed.includes('left') ? 1 : 0) : 0;
  if (nudge) bat.v = nudge * 260;
  const most = 330 + 22 * Math.min(12, state.level);
  const target = way * most;
  // Slow to start, so that a short gesture is a small step; quick to stop, because the sign to stop comes late.
  const change = (way === 0 || bat.v * way < 0 ? 3600 : 1500) / RATE;
  bat.v += clamp(target - bat.v, -change, change);
  slide(bat);
  if (bat.rest > 0) bat.rest -= 1;
  if (bat.armed > 0) {
    bat.armed -= 1;
    if (bat.armed === 0) bat.rest = SMASH.rest;
  }
  if (state.scheme !== 'two' && bat.armed === 0 && bat.rest === 0 && input?.pressed.includes('go')) {
    bat.armed = SMASH.armed;
    state.events.push({ type: 'swing', player: state.bats.indexOf(bat) });
  }
}

/** The machine's bat goes where it thinks the ball will come. @param {State} state @param {Bat} bat */
function follow(state, bat) {
  const coming = state.ball.vy < 0 && state.wait === 0;
  const aim = coming ? state.machine.aim : WIDTH / 2;
  const most = machineSpeed(state.level) * (coming ? 1 : 0.5);
  const target = clamp((aim - bat.x) * 6, -most, most);
  bat.v += clamp(target - bat.v, -2200 / RATE, 2200 / RATE);
  slide(bat);
}

/** @param {Bat} bat */
function slide(bat) {
  bat.x += bat.v / RATE;
  const half = bat.width / 2 + 6;
  if (bat.x < half || bat.x > WIDTH - half) {
    bat.x = clamp(bat.x, half, WIDTH - half);
    bat.v = 0;
  }
}

/** @param {State} state @param {() => number} random */
function serve(state, random) {
  const { ball } = state;
  state.rally = 0;
  ball.speed = ballSpeed(state.level) * 0.8;
  launch(state, (random() - 0.5) * 0.8, state.server === 0 ? 1 : -1, random);
  state.events.push({ type: 'serve', player: state.server });
}

/** Send the ball off. @param {State} state @param {number} angle from straight on @param {number} way 1: down @param {() => number} random */
function launch(state, angle, way, random) {
  const { ball } = state;
  ball.vx = Math.sin(angle) * ball.speed;
  ball.vy = Math.cos(angle) * ball.speed * way;
  if (way < 0 && state.players === 1) {
    const error = machineError(state.level, state.rally);
    // Two throws: mostly it aims well, now and then it is far off.
    state.machine.aim = arrival(ball, FACES[1] + BALL) + (random() + random() - 1) * error;
  }
}

/** @param {State} state @param {() => number} random */
function fly(state, random) {
  const { ball } = state;
  move(ball);
  if (ball.bounced) {
    note(state, 'wall', ball.x < WIDTH / 2 ? 0 : WIDTH, ball.y);
    state.events.push({ type: 'wall' });
  }
  const side = ball.vy > 0 ? 0 : 1;
  const line = FACES[side] + (side === 0 ? -BALL : BALL);
  const crossed = side === 0 ? ball.beforeY < line && ball.y >= line : ball.beforeY > line && ball.y <= line;
  if (crossed) meet(state, side, line, random);
  if (ball.y < -40 || ball.y > HEIGHT + 40) point(state, side === 0 ? 1 : 0);
}

/**
 * Move a ball by a tick, with spin and the walls at the sides.
 * @param {Ball} ball
 */
function move(ball) {
  ball.vx += ball.spin / RATE;
  ball.x += ball.vx / RATE;
  ball.y += ball.vy / RATE;
  ball.bounced = ball.x < BALL || ball.x > WIDTH - BALL;
  if (!ball.bounced) return;
  ball.x = ball.x < BALL ? 2 * BALL - ball.x : 2 * (WIDTH - BALL) - ball.x;
  ball.vx = -ball.vx;
  ball.spin = 0;
}

/** The ball is at the line of a bat: returned, or let through. @param {State} state @param {number} side @param {number} line @param {() => number} random */
function meet(state, side, line, random) {
  const { ball } = state;
  const bat = state.bats[side];
  const off = (ball.x - bat.x) / (bat.width / 2 + BALL);
  if (Math.abs(ball.x - bat.x) > bat.width / 2 + BALL + GRACE) return;
  const smash = bat.armed > 0;
  state.rally += 1;
  state.longest = Math.max(state.longest, state.rally);
  // A rally speeds up, so that each one ends.
  ball.speed = ballSpeed(state.level) * (1 + (state.players === 2 ? 0.06 : 0.04) * state.rally) * (smash ? 1.4 : 1);
  ball.speed = Math.min(ball.speed, 900);
  ball.y = line;
  const angle = clamp(clamp(off, -1, 1) * STEEPEST + bat.v / 2400, -STEEPEST, STEEPEST);
  ball.spin = state.level >= 3 || state.players === 2 ? -bat.v * 0.55 : 0;
  if (smash) {
    bat.armed = 0;
    bat.rest = SMASH.rest;
  }
  if (state.players === 1 && side === 0) state.scores[0] += state.level;
  launch(state, angle, side === 0 ? -1 : 1, random);
  note(state, smash ? 'smash' : 'hit', ball.x, FACES[side], side, ball.speed / 560);
  state.events.push({ type: smash ? 'smash' : side === 0 ? 'hit' : 'answer', player: side, pitch: Math.min(12, state.rally - 1) });
}

/** @param {State} state @param {number} side who has won it */
function point(state, side) {
  state.points[side] += 1;
  if (state.players === 2) state.scores[side] += 1;
  else if (side === 0) state.scores[0] += 10 * state.level;
  note(state, 'point', state.ball.x, side === 0 ? 20 : HEIGHT - 20, side);
  const won = state.points[side] >= TO_WIN[/** @type {1|2} */ (state.players)];
  const lost = state.players === 1 && side === 1;
  if (!won) {
    state.events.push({ type: lost ? 'lost' : 'point', player: side });
    rest(state, side === 0 ? 1 : 0, WAITS.point);
    return;
  }
  if (state.players === 2 || lost) {
    state.over = true;
    state.winner = state.players === 2 ? side : null;
    state.ball.seen = false;
    state.events.push({ type: 'over', player: side });
    return;
  }
  state.scores[0] += 50 * state.level;
  state.level += 1;
  state.points[0] = state.points[1] = 0;
  note(state, 'level', WIDTH / 2, HEIGHT / 2, side);
  state.events.push({ type: 'level', player: side });
  rest(state, 0, WAITS.level);
}

/** Lay the ball into the middle for the next serve. @param {State} state @param {number} receiver @param {number} ticks */
function rest(state, receiver, ticks) {
  const { ball } = state;
  ball.x = ball.beforeX = WIDTH / 2;
  ball.y = ball.beforeY = HEIGHT / 2;
  ball.vx = ball.vy = ball.spin = ball.speed = 0;
  state.trail.fill(WIDTH / 2);
  for (let i = 1; i < state.trail.length; i += 2) state.trail[i] = HEIGHT / 2;
  state.server = receiver;
  state.wait = ticks;
}

/** @param {State} state @param {string} type @param {number} x @param {number} y @param {number} [player] @param {number} [power] */
function note(state, type, x, y, player, power = 0.5) {
  state.effects.push({ type, x, y, tick: state.tick, player, power });
}

/** Drop effects that nobody sees any more. @param {State} state */
function forget(state) {
  while (state.effects.length && state.tick - state.effects[0].tick > 120) state.effects.shift();
}

/** A ball to think ahead with. @type {Ball} */
const ahead = { x: 0, y: 0, beforeX: 0, beforeY: 0, vx: 0, vy: 0, spin: 0, speed: 0, seen: true, bounced: false };

/**
 * Where a ball will cross a line, if nobody touches it.
 * @param {Ball} ball @param {number} y
 * @returns {number} x
 */
function arrival(ball, y) {
  Object.assign(ahead, ball);
  for (let i = 0; i < 400 && (ahead.vy > 0 ? ahead.y < y : ahead.y > y); i++) move(ahead);
  return ahead.x;
}

/**
 * What a good player would hold now.
 * @param {State} state @param {number} [player]
 * @returns {string|null}
 */
export function bot(state, player = 0) {
  const { ball } = state;
  const bat = state.bats[player];
  const coming = state.wait === 0 && (player === 0 ? ball.vy > 0 : ball.vy < 0);
  let target = WIDTH / 2;
  if (coming) {
    const line = FACES[player] + (player === 0 ? -BALL : BALL);
    const rival = state.bats[1 - player];
    // Meet it with the half of the bat that sends it away from the other one.
    const slant = (rival.x > WIDTH / 2 ? 1 : -1) * (0.25 + 0.15 * (state.rally % 3)) * (bat.width / 2);
    target = arrival(ball, line) + slant;
    if (state.scheme !== 'two' && bat.armed === 0 && bat.rest === 0 && Math.abs(ball.y - line) < 110 && Math.abs(target - bat.x) < 40) return 'go';
  }
  const stop = (bat.v * Math.abs(bat.v)) / (2 * 3600);
  const gap = target - bat.x - stop;
  const enough = coming ? 10 : 40;
  return gap > enough ? 'right' : gap < -enough ? 'left' : null;
}
