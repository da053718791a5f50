// Between the controllers, which speak when they like, and a game, which asks once for each tick. What
// a game was told can be recorded, tick by tick, and told again.

/**
 * @typedef {import('./controller.js').Controller} Controller
 * @typedef {import('./recording.js').Recording} Recording
 * @typedef {{held: Set<string>, pressed: string[]}} Taken what a player does in one tick
 * @typedef {{type: 'press' | 'release', action: string}} Change
 */

/** What is known of one player. */
class Player {
  constructor() {
    /** @type {Map<Controller, (event: Event) => void>} */
    this.controllers = new Map();
    /** What has happened since the last tick. @type {Change[]} */
    this.queue = [];
    /** How many controllers hold each action, after the queue. @type {Map<string, number>} */
    this.holders = new Map();
    /** Released within the tick in which they were pressed: they are held for that tick. @type {string[]} */
    this.short = [];
    /** @type {Taken} */
    this.taken = { held: new Set(), pressed: [] };
    this.ticks = 0;
    /** @type {Controller | null} */
    this.latest = null;
  }

  /** @param {string} action */
  press(action) {
    this.queue.push({ type: 'press', action });
  }

  /** @param {string} action @param {number} by 1 or -1 */
  count(action, by) {
    const holders = Math.max(0, (this.holders.get(action) ?? 0) + by);
    this.holders.set(action, holders);
    return holders;
  }

  /** @param {Controller} controller @param {{type: string, action: string}} detail */
  hear(controller, { type, action }) {
    this.latest = controller;
    if (type === 'release') {
      if (this.count(action, -1) === 0) this.queue.push({ type: 'release', action });
      return;
    }
    if (type === 'press') this.count(action, 1);
    this.press(action);
  }
}

export class Input {
  /** @param {number} [players] */
  constructor(players = 1) {
    this.players = Array.from({ length: players }, () => new Player());
    /** @type {Omit<Recording, 'format' | 'version' | 'events' | 'ticks'> | null} */
    this.about = null;
    /** @type {Recording['events']} */
    this.events = [];
  }

  /**
   * Let a controller move a player; several may move the same one. It is not started by this, and moves
   * no one else any more, in this game or another.
   * @param {Controller} controller @param {number} [player] from 0
   */
  connect(controller, player = 0) {
    const at = this.playerAt(player);
    controller.input?.disconnect(controller);
    controller.input = this;
    const hear = (/** @type {Event} */ event) => at.hear(controller, /** @type {CustomEvent} */ (event).detail);
    controller.player = player;
    controller.addEventListener('action', hear);
    at.controllers.set(controller, hear);
    for (const action of controller.held) at.hear(controller, { type: 'press', action });
  }

  /** Let go of what a controller holds, and hear it no more. @param {Controller} controller */
  disconnect(controller) {
    if (controller.input === this) controller.input = null;
    for (const player of this.players) {
      const hear = player.controllers.get(controller);
      if (!hear) continue;
      controller.removeEventListener('action', hear);
      player.controllers.delete(controller);
      for (const action of controller.held) player.hear(controller, { type: 'release', action });
      if (player.latest === controller) player.latest = null;
    }
  }

  /** The controllers of a player. @param {number} [player] @returns {Controller[]} */
  controllers(player = 0) {
    return [...this.playerAt(player).controllers.keys()];
  }

  /** @param {number} player */
  playerAt(player) {
    const found = this.players[player];
    if (!found) throw new RangeError(`There is no player ${player}; there are ${this.players.length}, counted from 0.`);
    return found;
  }

  /**
   * Say what a player does in the next tick. A repeat counts as pressed; what was pressed is held for at
   * least this tick.
   * @param {number} [player] from 0
   * @returns {Taken} the same object at every call
   */
  take(player = 0) {
    const at = this.playerAt(player);
    for (const controller of at.controllers.keys()) controller.tick(at.ticks);
    const { held, pressed } = at.taken;
    pressed.length = 0;
    for (const action of at.short) held.delete(action);
    at.short.length = 0;
    for (const { type, action } of at.queue) {
      if (this.about) this.events.push([at.ticks, player, type, action]);
      if (type === 'press') {
        pressed.push(action);
        held.add(action);
        const again = at.short.indexOf(action);
        if (again >= 0) at.short.splice(again, 1);
      } else if (pressed.includes(action)) {
        at.short.push(action);
      } else {
        held.delete(action);
      }
    }
    at.queue.length = 0;
    at.ticks++;
    return at.taken;
  }

  /**
   * Forget what was pressed while nobody asked, as during a pause; what is still held is pressed anew.
   */
  drop() {
    for (const { queue, holders, taken, short } of this.players) {
      queue.length = 0;
      for (const action of taken.held) {
        if (!short.includes(action) && !holders.get(action)) queue.push({ type: 'release', action });
      }
      for (const [action, n] of holders) {
        if (n > 0 && (!taken.held.has(action) || short.includes(action))) queue.push({ type: 'press', action });
      }
    }
  }

  /**
   * Say how old the latest input of a player is.
   * @param {number} [player] @returns {number | null} ms from the picture, or key, to the decision
   */
  age(player = 0) {
    const { latest, controllers } = this.playerAt(player);
    if (latest && latest.age !== null) return latest.age;
    for (const { age } of controllers.keys()) if (age !== null) return age;
    return null;
  }

  /**
   * Record from the next tick on, which counts as tick 0.
   * @param {Omit<Recording, 'format' | 'version' | 'events' | 'ticks'>} about what is played
   */
  record(about) {
    this.about = { ...about };
    this.events = [];
    for (const player of this.players) {
      player.ticks = 0;
      player.taken.held.clear();
    }
    this.drop(); // what is held already is pressed in tick 0: the recording has no time before that
  }

  /** Give what was recorded so far. @returns {Recording} @throws {Error} if `record` was not called */
  recording() {
    if (!this.about) throw new Error('Nothing is being recorded: call record() before the first tick.');
    const ticks = Math.max(0, ...this.players.map((player) => player.ticks));
    return { format: 'showtell-recording', version: 1, ...this.about, events: this.events.map((event) => [...event]), ticks };
  }
}
