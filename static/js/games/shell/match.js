// One game from its first tick to its end: the rules, their random numbers and what the players do.
import { seeded } from '../../core/random.js';

/**
 * @typedef {object} Setting what makes a game the same game again
 * @property {string} game @property {number|string} seed
 * @property {number} players @property {string} scheme @property {number} level
 * @property {any} options of the game
 */
/** @typedef {{take: (player: number) => import('../table.js').TickInput}} Inputs */

export class Match {
  /**
   * @param {Pick<import('../table.js').Game, 'create'|'step'>} game
   * @param {Setting} setting
   * @param {Inputs} input is asked once a tick for each player
   */
  constructor(game, setting, input) {
    this.game = game;
    this.setting = setting;
    this.input = input;
    this.random = seeded(setting.seed);
    const { players, scheme, level, options } = setting;
    this.state = game.create({ random: this.random, players, scheme, level, options: structuredClone(options ?? {}) });
    /** @type {import('../table.js').TickInput[]} */
    this.inputs = new Array(players);
    /** Steps done: a game that is over goes no further. */
    this.ticks = 0;
  }

  /** Go on by one tick; false if the game is over. */
  tick() {
    if (this.state.over) return false;
    const { inputs, input, state } = this;
    for (let player = 0; player < inputs.length; player++) inputs[player] = input.take(player);
    this.game.step(state, inputs, this.random);
    this.ticks += 1;
    return !state.over;
  }

  /** Seconds played. */
  get seconds() {
    return this.ticks / 60;
  }
}
