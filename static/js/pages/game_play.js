// One game page's affairs: who plays with what, the match that runs, its sound, its scores.
import { CameraController } from '../control/camera.js';
import { Ages } from '../control/latency.js';
import { Input } from '../control/input.js';
import { RemoteController } from '../control/remote.js';
import { SeenController } from '../control/seen.js';
import { Match } from '../games/shell/match.js';
import { Measure } from '../games/shell/measure.js';
import { Round } from '../games/shell/round.js';
import { KINDS, kindOf } from '../games/shell/seats.js';
import { schemeFor } from '../play/settings.js';

/** What the person calls themselves, kept in this browser. */
const NAME = 'showtell.player.name';
/** The bot sees the game itself; with this delay it plays as if through a camera (ms). */
const BOT_DELAY = 120;

/** @typedef {import('../control/controller.js').Controller} Controller */
/** @typedef {import('../control/recording.js').Recording} Recording */
/** @typedef {'play'|'watch'|'replay'} Mode */
/** @typedef {{controller: Controller, player: number, main: boolean, end: () => void}} Connected end: hears its pictures no more */
/** @typedef {{scores: number[], winner: number|null, level: number, seconds: number, mode: Mode, rank: number|null, id: string|null, recording: Recording}} Result */

/**
 * Events: 'change' when the page has to be drawn anew.
 */
export class GamePlay extends EventTarget {
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
    super();
    this.name = name;
    this.game = game;
    this.project = project;
    this.sound = sound;
    this.scores = scores;
    this.view = view;
    this.seed = seed;
    this.players = game.GAME.players[0];
    this.scheme = game.GAME.schemes[0];
    this.level = 1;
    /** @type {string[]} */
    this.seats = [];
    /** Phones of this project that could play. @type {import('../play/phones.js').PhoneLink[]} */
    this.phones = [];
    /** Ids of those that have been given a seat once: who chooses otherwise is not overruled. @type {Set<string>} */
    this.seated = new Set();
    this.person = remembered();
    /** @type {Mode} */
    this.mode = 'play';
    /** @type {Connected[]} */
    this.connected = [];
    /** The values of control that the controllers have, as JSON. */
    this.bound = '';
    this.input = new Input(1);
    this.measure = new Measure();
    this.ages = new Ages();
    /** @type {Result|null} */
    this.result = null;
    /** The controller whose loss has paused the game. @type {Controller|null} */
    this.missing = null;
    /** @type {import('../games/shell/stage.js').Stage|null} */
    this.stage = null;
    /** @type {HTMLElement|null} */
    this.element = null;
    this.previewed = 0;
    /** Numbers of the countdown. */
    this.beats = 3;
    /** Told of each picture, with the time of the display's clock (ms); set by the page. */
    this.drawn = (/** @type {number} */ _now) => {};
    this.round = new Round({ draw: (round, alpha, now) => this.draw(round, alpha, now), ticked: () => this.onTick() });
    this.round.addEventListener('phase', (/** @type {any} */ event) => this.onPhase(event.detail.phase));
    this.round.addEventListener('count', (/** @type {any} */ event) => this.onCount(event.detail.left));
    this.counting = 0;
    if (project) this.choose(schemeFor(project.session.settings, name, game.GAME.schemes, project.classes));
    this.seats = [this.firstSeat(), 'keyboard'];
    project?.addEventListener('binding', () => this.bind());
  }

  get phase() {
    return this.round.phase;
  }

  /** The actions of the scheme, with what the project's classes call them where the game is about classes. */
  get actions() {
    return this.scheme.actions;
  }

  firstSeat() {
    if (this.project && this.project.taught >= 2) return 'camera';
    return typeof matchMedia === 'function' && matchMedia('(pointer: coarse)').matches ? 'touch' : 'keyboard';
  }

  /**
   * What a player may choose from.
   * @param {number} player from 0
   * @returns {{value: string, title: string, icon: string, why: string}[]} why: not empty where it cannot be chosen now
   */
  choices(player) {
    const { project } = this;
    const choice = (/** @type {string} */ kind, why = '') => ({ value: kind, title: KINDS[kind].title, icon: KINDS[kind].icon, why });
    const taken = this.players > 1 ? this.seats[1 - player] : '';
    const list = [
      choice('camera', !project ? 'Choose a project first' : project.taught < 2 ? 'Teach it two classes first' : taken === 'camera' ? 'The other player has it' : ''),
      ...this.phones.map((phone) => ({ value: `phone:${phone.id}`, title: phone.name, icon: KINDS.phone.icon, why: phone.connected ? '' : 'Not connected' })),
      choice('keyboard'),
    ];
    if (player === 0 && navigator.maxTouchPoints > 0) list.push(choice('touch'));
    if (navigator.getGamepads?.().some((pad) => pad?.connected)) list.push(choice('gamepad'));
    return list;
  }

  /** @param {import('../games/table.js').Scheme} scheme */
  choose(scheme) {
    this.scheme = scheme;
    this.changed();
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

  /** The classes that do each action, where a camera or a phone plays. @returns {Map<string, {id: string, label: string, color: string}[]>} */
  classesByAction() {
    const found = new Map();
    if (!this.project) return found;
    const map = this.project.mapFor(this.name, this.scheme);
    for (const item of this.project.classes) {
      const action = map[item.id];
      if (action) found.set(action, [...(found.get(action) ?? []), item]);
    }
    return found;
  }

  /** Get the cameras and phones that were chosen ready, so that one sees them work before the game begins. */
  prepare() {
    this.release();
    if (!this.seats.slice(0, this.players).includes('camera')) this.project?.rest();
    for (let player = 0; player < this.players; player++) {
      const seat = this.seats[player];
      if (['camera', 'phone'].includes(kindOf(seat))) this.connect(seat, player, true);
    }
    this.changed();
  }

  /** @param {string} seat @param {number} player @param {boolean} main @param {Partial<import('../games/shell/seats.js').Setup>} [more] */
  connect(seat, player, main, more = {}) {
    const { project, name, scheme } = this;
    const kind = kindOf(seat);
    const controller = KINDS[kind].make(/** @type {any} */ ({
      player, players: this.players, actions: scheme.actions, element: this.element,
      recogniser: kind === 'camera' ? project?.see() : null,
      map: project?.mapFor(name, scheme) ?? {}, control: project?.control ?? {},
      classIds: () => (project?.classes ?? []).map(({ id }) => id),
      link: this.phones.find(({ id }) => seat === `phone:${id}`),
      which: this.seats.slice(0, player).filter((other) => other === 'gamepad').length,
      think: () => this.game.bot(this.round.match?.state, player), delay: BOT_DELAY,
      ...more,
    }));
    controller.addEventListener('state', () => this.onState(controller, main));
    if (player < this.input.players.length) this.input.connect(controller, player);
    controller.start();
    this.bound = JSON.stringify(project?.control ?? {});
    this.connected.push({ controller, player, main, end: this.hearAges(controller, player) });
    return controller;
  }

  /**
   * Note how old each input is, and tell programs what the camera sees and what is made of it.
   * @param {Controller} controller that has been started, so that it has dealt with a picture before this hears of it
   * @param {number} player from 0
   * @returns {() => void} ends it
   */
  hearAges(controller, player) {
    const note = () => {
      if (this.phase === 'play' && player === 0 && controller.age !== null) this.ages.push(controller.age);
    };
    if (controller instanceof CameraController) {
      const publisher = this.project?.publisher();
      const about = { action: /** @type {string|null} */ (null), player: player + 1 };
      return this.project?.see().onSeen((seen) => {
        note();
        about.action = controller.active;
        publisher?.see(seen, about);
      }) ?? (() => {});
    }
    if (controller instanceof RemoteController) return controller.link.onSeen(note);
    controller.addEventListener('action', note);
    return () => controller.removeEventListener('action', note);
  }

  /** A phone has come, gone or changed: one that came for a player gets its seat. @param {import('../play/phones.js').PhoneLink[]} links */
  takePhones(links) {
    const players = links.filter(({ role }) => role === 'player');
    const came = players.filter(({ id, connected }) => connected && !this.phones.some((old) => old.id === id && this.seated.has(id)));
    this.phones = players;
    let moved = false;
    for (const { id, player } of came) {
      this.seated.add(id);
      const seat = (player ?? 1) - 1;
      if (this.phase !== 'idle' || seat >= Math.max(...this.game.GAME.players)) continue;
      this.players = Math.max(this.players, seat + 1);
      this.seats[seat] = `phone:${id}`;
      moved = true;
    }
    if (moved) this.prepare();
    else this.changed();
  }

  /** What classes do, or how, was changed: from here or from another page. */
  bind() {
    const { project, name, scheme } = this;
    if (!project) return;
    const { control } = project;
    const bound = JSON.stringify(control);
    for (const { controller } of this.connected) {
      if (!(controller instanceof SeenController)) continue;
      controller.setMap(project.mapFor(name, scheme));
      if (bound !== this.bound) controller.setControl(control);
    }
    this.bound = bound;
  }

  release() {
    for (const { controller, end } of this.connected) {
      end();
      this.input.disconnect(controller);
      controller.stop();
    }
    this.connected = [];
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
    this.input = new Input(players);
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
    if (!late) return;
    this.missing = late.controller;
    this.round.pause(late.controller.text || 'It is getting ready.');
  }

  /** @param {Mode} mode @param {number} players @param {Recording|null} recording */
  seat(mode, players, recording) {
    const kinds = { play: null, watch: 'bot', replay: 'replay' };
    const only = kinds[mode];
    if (only) {
      this.release();
      for (let player = 0; player < players; player++) this.connect(only, player, true, recording ? { recording, player } : {});
      return;
    }
    // Cameras and phones go on as they are; the rest begins now.
    const going = this.connected.filter(({ controller, player }) => ['camera', 'remote'].includes(controller.kind) && player < players);
    for (const each of this.connected) {
      if (going.includes(each)) continue;
      each.end();
      each.controller.stop();
    }
    this.connected = going;
    for (const { controller, player } of going) this.input.connect(controller, player);
    for (let player = 0; player < players; player++) {
      const kind = kindOf(this.seats[player]);
      const has = going.some((each) => each.player === player);
      if (!has) this.connect(this.seats[player], player, true);
      if (kind !== 'keyboard') this.connect('keyboard', player, false);
    }
    if (this.seats[0] !== 'touch' && this.element) this.connect('touch', 0, false);
  }

  /** What the game needs to know of the project: the sorter's bins are its classes. */
  options() {
    const { project } = this;
    const bins = this.actions.filter(({ id }) => id.startsWith('bin'));
    if (!project || !bins.length) return {};
    const byAction = this.classesByAction();
    const known = bins.flatMap(({ id }) => {
      const [item] = byAction.get(id) ?? [];
      return item ? [{ action: id, label: item.label, color: item.color, classId: item.id }] : [];
    });
    return known.length > 1 ? { bins: known } : {};
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

  changed() {
    this.dispatchEvent(new Event('change'));
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
