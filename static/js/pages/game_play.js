// One game page's affairs: the match that runs, its sound, its scores. Who plays with what: game_seats.js.
import { Input } from '../control/input.js';
import { SeenController } from '../control/seen.js';
import { Match } from '../games/shell/match.js';
import { Measure } from '../games/shell/measure.js';
import { Round } from '../games/shell/round.js';
import { KINDS, kindOf } from '../games/shell/seats.js';
import { GameSeats } from './game_seats.js';

/** What the person calls themselves, kept in this browser. */
const NAME = 'showtell.player.name';
/** @typedef {import('../control/controller.js').Controller} Controller */
/** @typedef {import('../control/recording.js').Recording} Recording */
/** @typedef {import('./game_seats.js').Mode} Mode */
/** @typedef {{scores: number[], winner: number|null, level: number, seconds: number, mode: Mode, rank: number|null, id: string|null, recording: Recording}} Result */

/**
 * Events: 'change' when the page has to be drawn anew.
 */
export class GamePlay extends GameSeats {
  /**
   * @param {object} parts
   * @param {string} parts.name of the game @param {import('../games/table.js').Game} parts.game
   * @param {import('./game_project.js').GameProject|null} parts.project
   * @param {import('../games/shell/sound.js').Sound} parts.sound
   * @param {import('../play/scores.js').Scores} parts.scores
   * @param {import('../games/table.js').View} parts.view is kept up to date by the page
   * @param {() => number} [parts.seed]
   */
  constructor({ name, game, project, sound, scores, view, seed = () => crypto.getRandomValues(new Uint32Array(1))[0] }) {
    super({ name, game, project });
    this.sound = sound;
    this.scores = scores;
    this.view = view;
    this.seed = seed;
    this.level = 1;
    this.person = remembered();
    /** @type {Mode} */
    this.mode = 'play';
    this.measure = new Measure();
    /** @type {Result|null} */
    this.result = null;
    /** The controller whose loss has paused the game. @type {Controller|null} */
    this.missing = null;
    /** @type {import('../games/shell/stage.js').Stage|null} */
    this.stage = null;
    this.previewed = 0;
    /** Numbers of the countdown. */
    this.beats = 3;
    /** Told of each picture, with the time of the display's clock (ms); set by the page. */
    this.drawn = (/** @type {number} */ _now) => {};
    this.round = new Round({ draw: (round, alpha, now) => this.draw(round, alpha, now), ticked: () => this.onTick() });
    this.round.addEventListener('phase', (/** @type {any} */ event) => this.onPhase(event.detail.phase));
    this.round.addEventListener('count', (/** @type {any} */ event) => this.onCount(event.detail.left));
    this.counting = 0;
  }

  get phase() {
    return this.round.phase;
  }

  get state() {
    return this.round.match?.state ?? null;
  }

  /** @param {string} value */
  call(value) {
    this.person = value;
    try {
      localStorage.setItem(NAME, value);
    } catch {
      // It is then asked for again the next time.
    }
  }

  /**
   * Begin a game.
   * @param {Mode} [mode] @param {Recording|null} [recording] to be played again
   */
  begin(mode = 'play', recording = null) {
    this.mode = mode;
    this.result = null;
    this.missing = null;
    const players = recording?.players ?? this.players;
    this.seat(mode, players, recording);
    const setting = recording
      ? { game: this.name, seed: recording.seed, players, scheme: recording.scheme, level: recording.level ?? 1, options: recording.options }
      : { game: this.name, seed: this.seed(), players, scheme: this.scheme.id, level: this.level, options: this.options() };
    this.input.record(setting);
    this.view.players = Array.from({ length: players }, (_, i) => ({ name: i === 0 ? this.person || 'You' : 'Player 2', action: null }));
    this.ages.clear();
    this.measure.reset();
    void this.sound.wake();
    this.round.begin(new Match(this.game, setting, this.input), { beats: this.beats });
    this.wait();
  }

  /** Who plays by camera or phone waits until that sees; it then goes on by itself, and with keys at any time. */
  wait() {
    const late = this.connected.find(({ controller, main }) => main && this.mode === 'play' && controller instanceof SeenController && controller.state !== 'ready');
    // A camera that has failed is not waited for: it is said beside the game, and keys do.
    if (!late || (late.controller.kind === 'camera' && (this.project?.trouble || this.project?.problem))) return;
    this.missing = late.controller;
    this.round.pause(late.controller.text || 'It is getting ready.');
  }

  /** @param {Controller} controller @param {boolean} main */
  onState(controller, main) {
    if (main && controller.state === 'lost' && this.mode === 'play') {
      if (this.phase === 'play' || this.phase === 'count') {
        this.missing = controller;
        this.round.pause(controller.text || `${controller.title} is gone.`);
      }
    } else if (controller === this.missing && controller.state === 'ready') {
      this.missing = null;
      if (this.phase === 'paused') this.resume();
    }
    this.changed();
  }

  /** @param {string} [why] */
  pause(why = '') {
    this.missing = null;
    this.round.pause(why);
  }

  resume() {
    this.input.drop();
    this.round.resume(Math.min(2, this.beats));
  }

  /** Back to the start screen. */
  leave() {
    this.round.leave();
    this.input = new Input(1);
    this.prepare();
  }

  /** @param {import('../games/shell/round.js').Phase} phase */
  onPhase(phase) {
    this.counting = phase === 'count' ? this.round.left : 0;
    if (phase === 'play') this.input.drop();
    else this.sound.quiet();
    if (phase === 'over') this.finish();
    this.changed();
  }

  /** @param {number} left */
  onCount(left) {
    this.counting = left;
    this.changed();
  }

  onTick() {
    const { match } = this.round;
    if (!match) return;
    this.sound.events(match.state.events);
  }

  /** The game is over: what came of it. */
  finish() {
    const { match } = this.round;
    if (!match) return;
    const { state } = match;
    /** @type {Result} */
    const result = { scores: [...state.scores], winner: state.winner ?? null, level: state.level, seconds: match.seconds, mode: this.mode, rank: null, id: null, recording: this.input.recording() };
    if (this.mode === 'play' && match.setting.players === 1) {
      const { score, rank, sent } = this.scores.add({
        game: this.name, score: state.scores[0], level: state.level, seconds: match.seconds,
        name: this.person, controller: kindOf(this.seats[0]),
      });
      Object.assign(result, { rank, id: score.id });
      void sent.then(() => this.changed());
    }
    this.result = result;
    // The notes of the end sound after the music has stopped.
    this.sound.events(state.events);
  }

  /** @param {Round} round @param {number} alpha @param {number} now */
  draw(round, alpha, now) {
    const { stage, view, game } = this;
    if (!stage) return;
    const began = performance.now();
    view.time = now;
    view.alpha = alpha;
    if (round.match) {
      for (let i = 0; i < view.players.length; i++) view.players[i].action = first(this.input.players[i]?.taken.held);
      game.draw(stage.begin(), round.match.state, view);
      if (round.phase === 'play') this.sound.keepUp();
      this.measure.took(performance.now() - began);
    } else if (now - this.previewed > 30) {
      // A picture to look at, not to play: half as often is enough.
      this.previewed = now;
      game.preview(stage.begin(), view);
    }
    this.drawn(now);
  }

  /**
   * Play a recording to its end at once, without drawing.
   * @param {Recording} recording checked
   * @returns {any} the last state
   */
  replayed(recording) {
    const input = new Input(recording.players);
    const controllers = Array.from({ length: recording.players }, (_, player) => {
      const controller = KINDS.replay.make(/** @type {any} */ ({ recording, player }));
      input.connect(controller, player);
      controller.start();
      return controller;
    });
    const { game, seed, players, scheme, level = 1, options } = recording;
    const match = new Match(this.game, { game, seed, players, scheme, level, options }, input);
    for (let tick = 0; tick < recording.ticks; tick++) match.tick();
    for (const controller of controllers) controller.stop();
    return match.state;
  }

}

/** @param {Set<string>|undefined} held @returns {string|null} */
function first(held) {
  if (held) for (const action of held) return action;
  return null;
}

function remembered() {
  try {
    return localStorage.getItem(NAME) ?? '';
  } catch {
    return '';
  }
}
