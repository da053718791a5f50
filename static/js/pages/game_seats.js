// Who plays a game with what: cameras, phones, keys, and what their classes mean in it.
import { Input } from '../control/input.js';
import { Ages } from '../control/latency.js';
import { RemoteController } from '../control/remote.js';
import { SeenController } from '../control/seen.js';
import { KINDS, kindOf } from '../games/shell/seats.js';
import { schemeFor } from '../play/settings.js';

/** The bot sees the game itself; with this delay it plays as if through a camera (ms). */
const BOT_DELAY = 120;
/** Kinds that see: they are ready before the game begins, and go on between two games. */
const SEES = ['camera', 'phone'];

/** @typedef {import('../control/controller.js').Controller} Controller */
/** @typedef {import('../control/recording.js').Recording} Recording */
/** @typedef {'play'|'watch'|'replay'} Mode */
/** @typedef {{controller: Controller, player: number, main: boolean, end: () => void}} Connected end: hears its pictures no more */

/**
 * Events: 'change' when the page has to be drawn anew.
 */
export class GameSeats extends EventTarget {
  /**
   * @param {object} parts
   * @param {string} parts.name of the game @param {import('../games/table.js').Game} parts.game
   * @param {import('./game_project.js').GameProject|null} parts.project
   */
  constructor({ name, game, project }) {
    super();
    this.name = name;
    this.game = game;
    this.project = project;
    this.players = game.GAME.players[0];
    this.scheme = project ? schemeFor(project.session.settings, name, game.GAME.schemes, project.classes) : game.GAME.schemes[0];
    /** Phones of this project that could play. @type {import('../play/phones.js').PhoneLink[]} */
    this.phones = [];
    /** Ids of those that have been given a seat once: who chooses otherwise is not overruled. @type {Set<string>} */
    this.seated = new Set();
    /** @type {Connected[]} */
    this.connected = [];
    /** The values of control that the controllers have, as JSON. */
    this.bound = '';
    this.input = new Input(1);
    this.ages = new Ages();
    /** Where fingers count; set by the page. @type {HTMLElement|null} */
    this.element = null;
    /** What each player plays with. @type {string[]} */
    this.seats = [this.firstSeat(), 'keyboard'];
    project?.addEventListener('binding', () => this.bind());
  }

  /** @returns {import('../games/shell/round.js').Phase} */
  get phase() {
    return 'idle';
  }

  /** The state of the game that runs. @returns {any} */
  get state() {
    return null;
  }

  /** A controller has become ready, waits, or is lost. @param {Controller} _controller @param {boolean} _main whether it was chosen */
  onState(_controller, _main) {
    this.changed();
  }

  /** The actions of the scheme; those that are bins have the names of the classes that go there. */
  get actions() {
    const { actions } = this.scheme;
    const bins = this.bins();
    return actions.map((action) => {
      const bin = bins.find((one) => one.action === action.id);
      return bin ? { ...action, title: bin.label, does: 'sends the thing at the gate into its bin' } : action;
    });
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
      ...this.phones.map((phone) => ({ value: `phone:${phone.id}`, title: phone.name, icon: KINDS.phone.icon, why: taken === `phone:${phone.id}` ? 'The other player has it' : phone.connected ? '' : 'Not connected' })),
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
      if (SEES.includes(kindOf(seat))) this.connect(seat, player, true);
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
      think: () => this.game.bot(this.state, player), delay: BOT_DELAY,
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
   * Note how old each input is, and tell programs what cameras and phones see and what is made of it.
   * @param {Controller} controller that has been started, so that it has dealt with a picture before this hears of it
   * @param {number} player from 0
   * @returns {() => void} ends it
   */
  hearAges(controller, player) {
    const note = () => {
      if (this.phase === 'play' && player === 0 && controller.age !== null) this.ages.push(controller.age);
    };
    if (controller instanceof SeenController) {
      const publisher = this.project?.publisher();
      const about = { action: /** @type {string|null} */ (null), player: player + 1 };
      const looking = /** @type {import('../recognition/recogniser.js').Recogniser|import('../play/phones.js').PhoneLink|undefined} */ (
        controller instanceof RemoteController ? controller.link : this.project?.see());
      return looking?.onSeen((/** @type {import('../play/publisher.js').Seen} */ seen) => {
        note();
        about.action = controller.active;
        publisher?.see(seen, about);
      }) ?? (() => {});
    }
    controller.addEventListener('action', note);
    return () => controller.removeEventListener('action', note);
  }

  /** A phone has come, gone or changed: one that came for a player gets its seat. @param {import('../play/phones.js').PhoneLink[]} links */
  takePhones(links) {
    const players = links.filter(({ role }) => role === 'player');
    const came = players.filter(({ id, connected }) => connected && !this.phones.some((old) => old.id === id && this.seated.has(id)));
    this.phones = players;
    // One that was taken away plays no more.
    this.seats.forEach((seat, player) => {
      if (kindOf(seat) === 'phone' && !players.some(({ id }) => seat === `phone:${id}`)) this.seats[player] = player === 0 ? this.firstSeat() : 'keyboard';
    });
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
   * Give every player what moves them, for a game that begins now.
   * @param {Mode} mode @param {number} players @param {Recording|null} recording
   */
  seat(mode, players, recording) {
    for (const { controller } of this.connected) this.input.disconnect(controller);
    this.input = new Input(players);
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

  /** The sorter's bins: the project's classes, if there are two at least. */
  bins() {
    const bins = this.scheme.actions.filter(({ id }) => id.startsWith('bin'));
    if (!this.project || !bins.length) return [];
    const byAction = this.classesByAction();
    const known = bins.flatMap(({ id }) => {
      const [item] = byAction.get(id) ?? [];
      return item ? [{ action: id, label: item.label, color: item.color, classId: item.id }] : [];
    });
    return known.length > 1 ? known : [];
  }

  /** What the game needs to know of the project. */
  options() {
    const bins = this.bins();
    return bins.length ? { bins } : {};
  }

  changed() {
    this.dispatchEvent(new Event('change'));
  }
}
