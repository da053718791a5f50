// Odds & Bins: things ride along a belt to a gate, and the bin that is shown when one gets there is
// where it goes. Showing nothing lets a thing ride on, which is right for oddments that belong to no
// bin. What was shown a moment ago still counts, so that a picture more or less makes no difference.

import { BELT, MAX_BINS, SHAPES, binPlace, pace } from './workshop.js';

export { pace };

/** How long a bin counts after it was shown, in ticks: any time, and for one shown to this very thing. */
const HOLDS = { passing: 18, meant: 60 };
/** How long a thing slides into its bin, and is thrown out again. */
export const SLIDE = 38;
export const BOUNCE = 44;
/** How long an effect is kept. */
const EFFECT = 80;
/** What the workshop's good name, 0 to 100, gains by a level. */
const REWARD = 15;
const POINTS = { plain: 10, gold: 40 };
/** Things that go right in a row for the next multiple, and the highest. */
export const STREAK = { every: 5, most: 5 };
/** From which level on there is what. */
const FROM = { gold: 2, rush: 2, oddment: 3, parcel: 4 };
const CHANCE = { gold: 0.08, oddment: 0.14, parcel: 0.25 };
/** Half tones of a scale without discords: what follows or sounds together is pleasant. */
const SCALE = [0, 2, 4, 7, 9, 12, 14, 16, 19, 21, 24];
const NUMBERS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
/** Signs and keys of the bins, for few bins: the arrows as they lie on the keyboard. */
const ARROWS = [
  ['←', 'ArrowLeft'], ['↑', 'ArrowUp'], ['↓', 'ArrowDown'], ['→', 'ArrowRight'],
];
const ARROWS_OF = { 2: [0, 3], 3: [0, 2, 3], 4: [0, 1, 2, 3] };

/** The scheme for so many bins. @param {number} count 2 to 8 */
function schemeOf(count) {
  const arrows = ARROWS_OF[count];
  const actions = Array.from({ length: count }, (_, i) => ({
    id: `bin${i + 1}`,
    title: `Bin ${i + 1}`,
    does: `sends the thing at the gate into bin ${i + 1}`,
    icon: arrows ? ARROWS[arrows[i]][0] : String(i + 1),
    keys: [`Digit${i + 1}`, ...(arrows ? [ARROWS[arrows[i]][1]] : [])],
  }));
  return { id: NUMBERS[count - 1], title: `${NUMBERS[count - 1][0].toUpperCase()}${NUMBERS[count - 1].slice(1)} bins`, actions };
}

export const GAME = {
  name: 'sorter',
  title: 'Odds & Bins',
  line: 'A belt that never stops, and only you know what goes where.',
  field: { width: 800, height: 600 },
  players: [1],
  levels: 'Every level has more things on a faster belt; then come golden things, rushes, oddments for no bin, and parcels that open late.',
  schemes: Array.from({ length: MAX_BINS - 1 }, (_, i) => schemeOf(i + 2)),
  how: [
    'Look at what rides up to the gate, and show its bin: hold up the real thing, or make its gesture.',
    'What you show while it passes the gate counts. Show nothing, and it rides on.',
    'Mistakes bring the gauge down; when it is empty, the game ends.',
  ],
  parts: [
    { draw: 'gold', text: 'Golden: counts four times.' },
    { draw: 'oddment', text: 'An oddment: belongs in no bin.' },
    { draw: 'parcel', text: 'A parcel: opens on the way.' },
    { draw: 'streak', text: 'Five right in a row double the points, twenty make them five times as many.' },
  ],
};

/** @typedef {{action: string, label: string, color: string, classId: string | null, shape: string, content: number}} Bin content: how many things lie in it */
/**
 * @typedef {object} Thing
 * @property {number} id @property {number} bin where it belongs, -1: nowhere
 * @property {'plain' | 'gold' | 'oddment'} kind @property {boolean} wrapped @property {number} body which of the bodies it has
 * @property {'belt' | 'past' | 'slide' | 'bounce'} phase @property {number} x @property {number} t ticks in a slide or bounce
 * @property {number} to the bin it slides to, -1 before @property {number} zoneAt the tick at which it came near the gate, -1 before
 */
/** @typedef {{type: string, x: number, y: number, tick: number, bin?: number, points?: number}} Effect */
/** @typedef {{type: string, player?: number, bin?: number, pitch?: number}} Happening */
/**
 * @typedef {object} State
 * @property {number} tick @property {number} level @property {number[]} scores @property {boolean} over @property {number | null} winner
 * @property {number} lives 0 to 5, the quality in fifths @property {number} quality 0 to 100
 * @property {number} streak things right in a row @property {number} best the longest streak
 * @property {number} right @property {number} wrong @property {number} missed how many so far
 * @property {Bin[]} bins @property {Thing[]} things in the order in which they came
 * @property {number} made things of this level so far @property {number} done of these, past the gate @property {number} quota things of this level
 * @property {number} wait ticks until the next thing @property {number} nextId
 * @property {number} shown the bin shown now, -1: none @property {number} latest the one shown last, -1: none
 * @property {number} pressedAt the tick at which it was shown first @property {number} shownAt and last
 * @property {number} choice the bin that counts now, -1: none @property {number} chute where the chute points, x
 * @property {number} belt how far the belt has run @property {boolean} rush
 * @property {Effect[]} effects @property {Happening[]} events
 */

/** How many things a level has. @param {number} level */
const quotaOf = (level) => Math.min(24, 9 + level);

/**
 * Say what the good name gains and loses: the customers of higher levels are harder to please.
 * @param {number} level from 1 @returns {{right: number, miss: number, wrong: number}} of 100
 */
export const qualityOf = (level) => ({ right: level < 6 ? 2 : 1, miss: -Math.min(22, 9 + level), wrong: -Math.min(40, 18 + 2 * level) });

/** @param {number} n */
const tone = (n) => SCALE[Math.min(SCALE.length - 1, n)];

/** How much a right thing counts at a streak: 1 to 5. @param {number} streak */
export const multiple = (streak) => Math.min(STREAK.most, 1 + Math.floor(streak / STREAK.every));

/**
 * Name the bins: the project's classes where there are two or more, else shapes.
 * @param {string} scheme @param {{action?: string, label: string, color: string, classId?: string | null}[]} [wished] @returns {Bin[]}
 */
function binsOf(scheme, wished = []) {
  const count = Math.max(2, NUMBERS.indexOf(scheme) + 1);
  return Array.from({ length: wished.length > 1 ? Math.min(MAX_BINS, wished.length) : count }, (_, i) => ({
    action: wished[i]?.action ?? `bin${i + 1}`,
    label: wished[i]?.label ?? SHAPES[i].label,
    color: wished[i]?.color ?? SHAPES[i].color,
    classId: wished[i]?.classId ?? null,
    shape: SHAPES[i].id,
    content: 0,
  }));
}

/**
 * Make a game.
 * @param {{random: () => number, players?: number, scheme?: string, level?: number,
 *   options?: {bins?: {action?: string, label: string, color: string, classId?: string | null}[]}}} wish
 *   scheme: 'two' to 'eight', unless options.bins says which bins there are (2 to 8)
 * @returns {State}
 */
export function create({ random, scheme = 'two', level = 1, options = {} }) {
  /** @type {State} */
  const state = {
    tick: 0, level, scores: [0], over: false, winner: null, lives: 5, quality: 100,
    streak: 0, best: 0, right: 0, wrong: 0, missed: 0,
    bins: binsOf(scheme, options.bins), things: [],
    made: 0, done: 0, quota: quotaOf(level), wait: 0, nextId: 1,
    shown: -1, latest: -1, pressedAt: -1000, shownAt: -1000, choice: -1, chute: BELT.gate,
    belt: 0, rush: false, effects: [], events: [],
  };
  place(state, random);
  state.things[0].x = BELT.start + 140;
  state.wait = pace(level, state.bins.length).gap - 60;
  return state;
}

/** Put the next thing on the belt. @param {State} state @param {() => number} random */
function place(state, random) {
  const { level, bins, things } = state;
  const dice = random();
  const oddment = level >= FROM.oddment && state.made > 0 && dice < CHANCE.oddment;
  const gold = !oddment && level >= FROM.gold && dice > 1 - CHANCE.gold;
  let bin = Math.floor(random() * bins.length);
  const before = things.at(-1)?.bin;
  // Never three for one bin in a row, which would make a player let go of the others.
  if (before === bin && things.at(-2)?.bin === bin) bin = (bin + 1 + Math.floor(random() * (bins.length - 1))) % bins.length;
  const wrapped = !oddment && level >= FROM.parcel && random() < CHANCE.parcel;
  things.push({
    id: state.nextId++, bin: oddment ? -1 : bin, kind: oddment ? 'oddment' : gold ? 'gold' : 'plain', wrapped,
    body: Math.floor(random() * 4), phase: 'belt', x: BELT.start, t: 0, to: -1, zoneAt: -1,
  });
  state.made += 1;
}

/** The thing that comes to the gate next, if any. @param {State} state */
export function upcoming(state) {
  for (const thing of state.things) if (thing.phase === 'belt') return thing;
  return null;
}

/**
 * Take what is shown, and what still counts of what was.
 * @param {State} state @param {{held: Set<string>, pressed: string[]}} input
 */
function choose(state, input) {
  const { bins } = state;
  let shown = bins.findIndex(({ action }) => input.pressed.includes(action));
  if (shown < 0 && state.shown >= 0 && input.held.has(bins[state.shown].action)) shown = state.shown;
  if (shown < 0) shown = bins.findIndex(({ action }) => input.held.has(action));
  if (shown >= 0) {
    if (shown !== state.shown) {
      state.pressedAt = state.tick;
      state.events.push({ type: 'choose', bin: shown, pitch: tone(shown) });
    }
    state.latest = shown;
    state.shownAt = state.tick;
  }
  state.shown = shown;
  const zoneAt = upcoming(state)?.zoneAt ?? -1;
  const since = state.tick - state.shownAt;
  const counts = zoneAt >= 0 && state.shownAt >= zoneAt && since <= (state.pressedAt >= zoneAt ? HOLDS.meant : HOLDS.passing);
  state.choice = shown >= 0 ? shown : counts ? state.latest : -1;
  // A thing on its way is led to its bin first.
  const led = state.things.find(({ phase }) => phase === 'slide')?.to ?? state.choice;
  const aim = led < 0 ? BELT.gate : binPlace(led, bins.length);
  state.chute += (aim - state.chute) * 0.22;
}

/** @param {State} state @param {Effect} effect */
const show = (state, effect) => void state.effects.push(effect);

/** @param {State} state @param {number} change */
function rate(state, change) {
  state.quality = Math.max(0, Math.min(100, state.quality + change));
  state.lives = Math.ceil(state.quality / 20);
}

/** The streak ends. @param {State} state */
function stumble(state) {
  if (multiple(state.streak) > 1) state.events.push({ type: 'streak-end' });
  state.streak = 0;
}

/** What happens to a thing at the gate, by what it is and what is shown. */
const VERDICTS = {
  /** @param {State} state @param {Thing} thing */
  right(state, thing) {
    state.streak += 1;
    state.best = Math.max(state.best, state.streak);
    state.right += 1;
    const points = thing.bin < 0 ? 5 : POINTS[thing.kind] * multiple(state.streak);
    state.scores[0] += points;
    rate(state, qualityOf(state.level).right);
    show(state, { type: thing.kind === 'gold' ? 'gold' : 'right', x: BELT.gate, y: BELT.y, tick: state.tick, bin: thing.bin, points });
    state.events.push({ type: thing.kind === 'gold' ? 'gold' : thing.bin < 0 ? 'let-go' : 'right', pitch: tone(state.streak) });
    if (state.streak % STREAK.every === 0 && state.streak <= STREAK.every * (STREAK.most - 1)) {
      state.events.push({ type: 'streak', pitch: 2 * (multiple(state.streak) - 2) });
      show(state, { type: 'streak', x: BELT.gate, y: BELT.y - 80, tick: state.tick });
    }
  },
  /** @param {State} state @param {Thing} thing */
  miss(state, thing) {
    state.missed += 1;
    stumble(state);
    rate(state, qualityOf(state.level).miss);
    show(state, { type: 'miss', x: BELT.gate, y: BELT.y, tick: state.tick, bin: thing.bin });
    state.events.push({ type: 'miss' });
  },
  /** @param {State} state @param {Thing} thing */
  wrong(state, thing) {
    state.wrong += 1;
    stumble(state);
    rate(state, qualityOf(state.level).wrong);
    show(state, { type: 'wrong', x: BELT.gate, y: BELT.y, tick: state.tick, bin: thing.to });
    state.events.push({ type: 'wrong' });
  },
};

/** A thing passes the gate. @param {State} state @param {Thing} thing */
function pass(state, thing) {
  thing.to = state.choice;
  thing.phase = thing.to < 0 ? 'past' : 'slide';
  thing.wrapped = false;
  const verdict = thing.to === thing.bin ? 'right' : thing.to < 0 ? 'miss' : 'wrong';
  VERDICTS[verdict](state, thing);
  state.done += 1;
  if (state.quality === 0) {
    state.over = true;
    state.events.push({ type: 'over' });
  } else if (state.done >= state.quota) grow(state);
}

/** The next level begins. @param {State} state */
function grow(state) {
  state.level += 1;
  state.made = 0;
  state.done = 0;
  state.quota = quotaOf(state.level);
  state.rush = false;
  state.wait = Math.max(state.wait, 90);
  rate(state, REWARD);
  show(state, { type: 'level', x: BELT.gate, y: BELT.y, tick: state.tick });
  state.events.push({ type: 'level' });
}

/** How a thing moves on, by its phase; true when it is gone. @type {Record<string, (state: State, thing: Thing, speed: number) => boolean>} */
const MOVES = {
  belt(state, thing, speed) {
    thing.x += speed;
    if (thing.wrapped && thing.x >= BELT.unwrap) {
      thing.wrapped = false;
      show(state, { type: 'unwrap', x: thing.x, y: BELT.y, tick: state.tick });
      state.events.push({ type: 'unwrap' });
    }
    if (thing.zoneAt < 0 && thing.x >= BELT.gate - BELT.zone) thing.zoneAt = state.tick;
    if (thing.x >= BELT.gate && !state.over) pass(state, thing);
    return false;
  },
  past(state, thing, speed) {
    thing.x += speed;
    return thing.x > BELT.end;
  },
  slide(state, thing) {
    thing.t += 1;
    if (thing.t < SLIDE) return false;
    const right = thing.to === thing.bin;
    if (right) state.bins[thing.to].content += 1;
    show(state, { type: right ? 'land' : 'bounce', x: binPlace(thing.to, state.bins.length), y: BELT.bins, tick: state.tick, bin: thing.to });
    state.events.push({ type: right ? 'land' : 'bounce', pitch: right ? tone(thing.to) : 0 });
    thing.phase = 'bounce';
    thing.t = 0;
    return right;
  },
  bounce(state, thing) {
    thing.t += 1;
    return thing.t >= BOUNCE;
  },
};

/** Bring the next thing when it is time. @param {State} state @param {() => number} random */
function supply(state, random) {
  if (state.made >= state.quota) return;
  state.wait -= 1;
  if (state.wait > 0) return;
  const rush = state.level >= FROM.rush && state.made >= state.quota * 0.7;
  if (rush && !state.rush) state.events.push({ type: 'rush' });
  state.rush = rush;
  place(state, random);
  const { gap, rushGap } = pace(state.level, state.bins.length);
  state.wait = Math.round(rush ? rushGap : gap);
}

/**
 * Play one tick of 1/60 second.
 * @param {State} state changed in place; nothing moves any more when it is over
 * @param {{held: Set<string>, pressed: string[]}[]} inputs one for each player
 * @param {() => number} random
 */
export function step(state, inputs, random) {
  state.events.length = 0;
  if (state.over) return;
  state.tick += 1;
  while (state.effects.length && state.tick - state.effects[0].tick > EFFECT) state.effects.shift();
  choose(state, inputs[0]);
  const { speed } = pace(state.level, state.bins.length);
  state.belt += speed;
  for (let i = 0; i < state.things.length; i++) {
    const thing = state.things[i];
    if (MOVES[thing.phase](state, thing, speed)) state.things.splice(i--, 1);
  }
  supply(state, random);
}

/**
 * Say what a good player would show now: the bin of the next thing, and nothing while it is still
 * wrapped, or an oddment.
 * @param {State} state @returns {string | null} an action
 */
export function bot(state) {
  const thing = upcoming(state);
  return thing && !thing.wrapped && thing.bin >= 0 ? state.bins[thing.bin].action : null;
}
