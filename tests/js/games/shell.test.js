import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Input } from '../../../static/js/control/input.js';
import { KeyboardController } from '../../../static/js/control/keyboard.js';
import { ReplayController } from '../../../static/js/control/replay.js';
import { Hud, livesText, scoreText } from '../../../static/js/games/shell/hud.js';
import { Loop, MOST_STEPS, STEP } from '../../../static/js/games/shell/loop.js';
import { Match } from '../../../static/js/games/shell/match.js';
import { BEAT, Round } from '../../../static/js/games/shell/round.js';
import { keyName, keysOf } from '../../../static/js/games/shell/seats.js';
import { Sound, inSeconds } from '../../../static/js/games/shell/sound.js';
import { MOST_PIXELS, backing } from '../../../static/js/games/shell/stage.js';
import * as pong from '../../../static/js/games/pong/rules.js';

/** A display whose pictures come when the test says so. */
function display() {
  /** @type {((now: number) => void)|null} */
  let waiting = null;
  return {
    request: (/** @type {(now: number) => void} */ callback) => {
      waiting = callback;
      return 1;
    },
    cancel: () => {
      waiting = null;
    },
    show: (/** @type {number} */ now) => {
      const callback = waiting;
      waiting = null;
      callback?.(now);
    },
    get waits() {
      return waiting !== null;
    },
  };
}

/** @param {number[]} times of the pictures (ms) */
function steps(times) {
  const screen = display();
  let done = 0;
  /** @type {number[]} */
  const alphas = [];
  const loop = new Loop({ step: () => (done += 1), draw: (alpha) => alphas.push(alpha), request: screen.request, cancel: screen.cancel });
  loop.start();
  const counts = times.map((now) => {
    screen.show(now);
    return done;
  });
  return { counts, alphas, loop };
}

const rate = (/** @type {number} */ hertz, /** @type {number} */ n) => Array.from({ length: n }, (_, i) => 1000 + (i * 1000) / hertz);

for (const [hertz, expected] of /** @type {[number, number][]} */ ([[30, 120], [60, 120], [90, 120], [144, 120]])) {
  test(`in two seconds a display of ${hertz} Hz gets 120 steps`, () => {
    const { counts, alphas } = steps(rate(hertz, 2 * hertz + 1));
    assert.ok(Math.abs(counts[counts.length - 1] - expected) <= 1, String(counts[counts.length - 1]));
    assert.ok(alphas.every((alpha) => alpha >= 0 && alpha <= 1));
  });
}

test('a display that trembles around 60 Hz gets one step a picture', () => {
  const tremble = [0, 0.9, -0.8, 0.4, -1.1, 0.7, -0.2, 1, -0.9, 0.3];
  const { counts } = steps(Array.from({ length: 60 }, (_, i) => 1000 + i * STEP + tremble[i % 10] * 0.5));
  assert.deepEqual(counts, Array.from({ length: 60 }, (_, i) => i));
});

test('after a long hitch the game does a few steps and does not catch up', () => {
  const { counts, loop } = steps([0, 5000, 5000 + STEP]);
  assert.equal(counts[1], MOST_STEPS);
  assert.ok(counts[2] - counts[1] <= MOST_STEPS);
  assert.ok(loop.left <= MOST_STEPS * STEP);
});

test('time that goes backwards counts for nothing', () => {
  assert.deepEqual(steps([1000, 500, 500 + 2 * STEP]).counts, [0, 0, 2]);
});

test('it measures pictures a second and counts those that came late', () => {
  const { loop } = steps([...rate(60, 120), 1000 + 119000 / 60 + 50]);
  assert.ok(loop.fps > 40 && loop.fps < 61, String(loop.fps));
  assert.equal(loop.dropped, 2);
});

test('a loop that was stopped asks for no more pictures', () => {
  const screen = display();
  const loop = new Loop({ step: () => {}, draw: () => {}, request: screen.request, cancel: screen.cancel });
  loop.start();
  screen.show(0);
  assert.ok(screen.waits);
  loop.stop();
  assert.ok(!screen.waits);
});

/** A round of Rally on a display of the test. @param {{seed?: number}} [wish] */
function round({ seed = 1 } = {}) {
  const screen = display();
  const input = new Input(1);
  const setting = { game: 'pong', seed, players: 1, scheme: 'two', level: 1, options: {} };
  const match = new Match(pong, setting, input);
  const made = new Round({ draw: () => {}, request: screen.request, cancel: screen.cancel });
  /** @type {string[]} */
  const phases = [];
  made.addEventListener('phase', (/** @type {any} */ event) => phases.push(event.detail.phase));
  let now = 0;
  const go = (/** @type {number} */ ms) => {
    for (const until = now + ms; now < until;) {
      now += STEP;
      screen.show(now);
    }
  };
  return { made, match, input, phases, go, setting };
}

test('a game is counted in, and its rules wait for that', () => {
  const { made, match, phases, go } = round();
  /** @type {number[]} */
  const counted = [];
  made.addEventListener('count', (/** @type {any} */ event) => counted.push(event.detail.left));
  made.begin(match);
  go(2 * BEAT);
  assert.equal(match.ticks, 0);
  go(1.2 * BEAT);
  assert.deepEqual([phases, counted], [['count', 'play'], [3, 2, 1]]);
  assert.ok(match.ticks > 0);
});

test('during a pause nothing moves, and going on is counted in', () => {
  const { made, match, phases, go } = round();
  made.begin(match, { beats: 0 });
  go(500);
  made.pause('The phone is gone.');
  const { ticks } = match;
  go(3000);
  assert.deepEqual([match.ticks, made.phase, made.why], [ticks, 'paused', 'The phone is gone.']);
  made.resume();
  go(1.5 * BEAT);
  assert.equal(match.ticks, ticks);
  go(BEAT);
  assert.ok(match.ticks > ticks && match.ticks < ticks + 60, 'it goes on where it was, without a jump');
  assert.deepEqual(phases, ['play', 'paused', 'count', 'play']);
});

test('a pause during the countdown holds it; a pause of nothing does nothing', () => {
  const { made, match, go } = round();
  made.pause('early');
  assert.equal(made.phase, 'idle');
  made.begin(match);
  go(BEAT);
  made.pause();
  go(5000);
  assert.equal(made.phase, 'paused');
  assert.equal(match.ticks, 0);
});

test('a game that is over stays so', () => {
  const { made, match, phases, go } = round();
  made.begin(match, { beats: 0 });
  match.state.points[1] = pong.TO_WIN[1] - 1;
  match.state.wait = 0;
  Object.assign(match.state.ball, { x: 20, y: 590, vy: 600, speed: 600 });
  go(2000);
  assert.deepEqual(phases, ['play', 'over']);
  const { ticks } = match;
  go(500);
  assert.equal(match.ticks, ticks);
});

test('what was recorded plays again to the same end, whatever was pressed', () => {
  const { match, input, setting } = round({ seed: 42 });
  const keys = new EventTarget();
  const keyboard = new KeyboardController({ target: keys, keys: keysOf(pong.GAME.schemes[0].actions, 0, 1) });
  input.record(setting);
  input.connect(keyboard);
  keyboard.start();
  const press = (/** @type {string} */ type, /** @type {string} */ code) => keys.dispatchEvent(Object.assign(new Event(type, { cancelable: true }), { code }));
  for (let tick = 0; tick < 900; tick++) {
    if (tick % 37 === 5) press('keydown', 'ArrowLeft');
    if (tick % 37 === 20) press('keyup', 'ArrowLeft');
    if (tick % 53 === 9) press('keydown', 'KeyD');
    if (tick % 53 === 9 + (tick % 3)) press('keyup', 'KeyD');
    match.tick();
  }
  const recording = input.recording();
  assert.ok(recording.events.length > 50);
  const again = new Input(1);
  const replay = new ReplayController({ recording, player: 0 });
  again.connect(replay);
  replay.start();
  again.record(setting);
  const second = new Match(pong, setting, again);
  for (let tick = 0; tick < recording.ticks; tick++) second.tick();
  assert.deepEqual(second.state, match.state);
  keyboard.stop();
});

test('one player has arrows and letters, two have one of them each', () => {
  const actions = pong.GAME.schemes[0].actions;
  assert.deepEqual(keysOf(actions, 0, 1), { ArrowLeft: 'left', KeyA: 'left', ArrowRight: 'right', KeyD: 'right' });
  assert.deepEqual(keysOf(actions, 0, 2), { ArrowLeft: 'left', ArrowRight: 'right' });
  assert.deepEqual(keysOf(actions, 1, 2), { KeyA: 'left', KeyD: 'right' });
});

test('the space bar jumps where there is nothing else to go for', () => {
  const act = (/** @type {string} */ id) => ({ id, title: id, does: '', icon: '' });
  assert.equal(keysOf([act('up'), act('down')], 0, 1).Space, 'up');
  assert.equal(keysOf([act('left'), act('go')], 0, 1).Space, 'go');
  assert.equal(keysOf([act('left'), act('right')], 0, 1).Space, undefined);
});

test('bins have digits, or the keys that the game gives them', () => {
  const bin = (/** @type {number} */ n, /** @type {object} */ more = {}) => ({ id: `bin${n}`, title: '', does: '', icon: '', ...more });
  assert.deepEqual(keysOf([bin(1), bin(2)], 0, 1), { Digit1: 'bin1', Numpad1: 'bin1', Digit2: 'bin2', Numpad2: 'bin2' });
  assert.deepEqual(keysOf([bin(1, { keys: ['ArrowLeft'] })], 0, 1), { ArrowLeft: 'bin1' });
});

test('keys are called as they are marked', () => {
  assert.deepEqual(['ArrowLeft', 'KeyA', 'Digit3', 'Numpad3', 'Space'].map(keyName), ['←', 'A', '3', 'Num 3', 'Space']);
});

test('the picture has as many pixels as the display, up to a bound', () => {
  assert.deepEqual(backing(400, 300, 1), { width: 400, height: 300 });
  assert.deepEqual(backing(400, 300, 3), { width: 800, height: 600 });
  const { width, height } = backing(1600, 1200, 2);
  assert.ok(width * height <= MOST_PIXELS && width * height > MOST_PIXELS * 0.98);
  assert.ok(Math.abs(width / height - 4 / 3) < 0.01);
  assert.deepEqual(backing(0.2, 0.2, 1), { width: 1, height: 1 });
});

test('score and lives are written only when they change', () => {
  const place = () => {
    let text = '';
    const element = { writes: 0, setAttribute() {}, get textContent() { return text; }, set textContent(value) { text = value; element.writes += 1; } };
    return element;
  };
  const places = { score: place(), level: place(), lives: place() };
  const hud = new Hud(/** @type {any} */ (places));
  const state = /** @type {any} */ ({ scores: [12], level: 1, lives: 3 });
  assert.ok(hud.show(state));
  for (let i = 0; i < 100; i++) assert.ok(!hud.show(state));
  state.scores[0] = 1234;
  assert.ok(hud.show(state));
  assert.deepEqual([places.score.textContent, places.level.textContent, places.lives.textContent], ['1,234', '1', '♥♥♥']);
  assert.deepEqual([places.score.writes, places.level.writes, places.lives.writes], [2, 1, 1]);
  assert.equal(scoreText([3, 5]), '3 : 5');
  assert.deepEqual([livesText(0), livesText(7)], ['–', '7']);
});

/** A synthesiser that writes down what it is asked. */
function paper() {
  return {
    /** @type {{notes: any[], options: any}[]} */ played: [], muted: false, volume: 1, ready: true, time: 0, stops: 0,
    play(/** @type {any[]} */ notes, /** @type {any} */ options) {
      this.played.push({ notes, options });
      return 0;
    },
    stop() { this.stops += 1; },
    async resume() { return true; },
  };
}
const TINK = { instrument: 'bell', note: 60, at: 0, duration: 0.5, gain: 1 };

test('what happens sounds, each kind once a tick, and higher where it says so', () => {
  const synth = paper();
  const sound = new Sound({ synth, sounds: { hit: [TINK], wall: [TINK] }, music: null });
  sound.events([{ type: 'hit', pitch: 4 }, { type: 'hit' }, { type: 'wall' }, { type: 'unheard of' }]);
  assert.deepEqual(synth.played.map(({ notes }) => notes[0].note), [64, 60]);
  sound.muted = true;
  sound.events([{ type: 'hit' }]);
  assert.equal(synth.played.length, 2);
});

test('music goes on bar after bar, ahead of time, and stops at once', () => {
  const synth = paper();
  const sound = new Sound({ synth, sounds: {}, music: { tempo: 120, bars: [[TINK], [{ ...TINK, note: 62 }]] } });
  sound.keepUp();
  assert.equal(synth.played.length, 0, 'nobody has asked for music');
  sound.music = true;
  for (synth.time = 0; synth.time < 4.1; synth.time += 1 / 60) sound.keepUp();
  assert.deepEqual(synth.played.map(({ notes }) => notes[0].note), [60, 62, 60]);
  const starts = synth.played.map(({ options }) => options.at);
  assert.ok(Math.abs(starts[1] - starts[0] - 2) < 1e-9 && Math.abs(starts[2] - starts[1] - 2) < 1e-9, String(starts));
  assert.ok(synth.played.every(({ options }) => options.gain < 0.5), 'it is quiet');
  sound.music = false;
  assert.equal(synth.stops, 1);
  assert.deepEqual(inSeconds([{ ...TINK, at: 2 }], 0.5)[0], { ...TINK, at: 1, duration: 0.25 });
});

test('the choice of sound is remembered, and storage that is damaged or forbidden does no harm', () => {
  /** @type {Record<string, string>} */
  const kept = {};
  const storage = { getItem: (/** @type {string} */ key) => kept[key] ?? null, setItem: (/** @type {string} */ key, /** @type {string} */ text) => { kept[key] = text; } };
  const first = new Sound({ synth: paper(), sounds: {}, music: null, storage });
  first.muted = true;
  first.music = true;
  const second = new Sound({ synth: paper(), sounds: {}, music: null, storage });
  assert.deepEqual([second.muted, second.music], [true, true]);
  kept['showtell.sound'] = '{broken';
  assert.equal(new Sound({ synth: paper(), sounds: {}, music: null, storage }).muted, false);
  const refuses = { getItem() { throw new Error('forbidden'); }, setItem() { throw new Error('forbidden'); } };
  const third = new Sound({ synth: paper(), sounds: {}, music: null, storage: refuses });
  third.muted = true;
  assert.equal(third.muted, true);
  third.volume = 0.25;
  assert.equal(third.volume, 0.25);
});

test('how loud it is is remembered; to make it louder ends silence, to turn it down does not', () => {
  /** @type {Record<string, string>} */
  const kept = {};
  const storage = { getItem: (/** @type {string} */ key) => kept[key] ?? null, setItem: (/** @type {string} */ key, /** @type {string} */ text) => { kept[key] = text; } };
  const sound = new Sound({ synth: paper(), sounds: {}, music: null, storage });
  assert.equal(sound.volume, 0.8);
  sound.muted = true;
  sound.volume = 0;
  assert.equal(sound.muted, true);
  sound.volume = 0.3;
  assert.equal(sound.muted, false);
  assert.equal(new Sound({ synth: paper(), sounds: {}, music: null, storage }).volume, 0.3);
  for (const damaged of ['loud', '7', '-1']) {
    kept['showtell.volume'] = damaged;
    assert.equal(new Sound({ synth: paper(), sounds: {}, music: null, storage }).volume, 0.8, damaged);
  }
});
