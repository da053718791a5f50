/**
 * The games there are; server/web/pages.py has the same names. Each is loaded when it is asked for:
 * its rules, its drawing and its sounds are three modules of one folder.
 *
 * @typedef {{instrument: string, note: number, at: number, duration: number, gain: number}} Note
 *   note: MIDI number; at and duration in seconds (in beats within MUSIC); gain 0..1
 * @typedef {{tempo: number, bars: Note[][]}} Music tempo: beats a minute; a bar has four beats
 * @typedef {{id: string, title: string, does: string, icon: string}} Action
 * @typedef {{id: string, title: string, actions: Action[]}} Scheme
 * @typedef {object} GameAbout
 * @property {string} name @property {string} title @property {string} line
 * @property {{width: number, height: number}} field logical units
 * @property {number[]} players how many may play @property {string} levels
 * @property {Scheme[]} schemes the first is the default
 * @property {string[]} how @property {{draw?: string, text: string}[]} [parts]
 * @typedef {{held: Set<string>, pressed: string[]}} TickInput what one player does in one tick
 * @typedef {object} GameState plain data; a game has more of its own
 * @property {number} tick @property {number} level @property {number[]} scores
 * @property {boolean} over @property {number|null} winner @property {number} [lives]
 * @property {{type: string, x: number, y: number, tick: number}[]} effects
 * @property {{type: string, player?: number, pitch?: number, [more: string]: any}[]} events of this tick;
 *   pitch lifts its sound by semitones
 * @typedef {object} View
 * @property {number} width @property {number} height of the field
 * @property {number} alpha 0..1, fraction of the next tick @property {number} time ms
 * @property {boolean} calm no shake, flashes, parallax, particles @property {boolean} dark
 * @property {{name: string, action: string|null}[]} players
 * @typedef {{random: () => number, players?: number, scheme?: string, level?: number, options?: any}} Wish
 * @typedef {object} Game
 * @property {GameAbout} GAME
 * @property {(wish: Wish) => any} create
 * @property {(state: any, inputs: TickInput[], random: () => number) => void} step one sixtieth of a second
 * @property {(state: any, player?: number) => string|null} bot
 * @property {(ctx: any, state: any, view: View) => void} draw
 * @property {(ctx: any, view: View) => void} preview
 * @property {((ctx: any, id: string, view: View) => void)|null} part draws one of GAME.parts around 0, 0, 56 units wide
 * @property {Record<string, Note[]>} SOUNDS
 * @property {Music|null} MUSIC
 */

/** @type {Record<string, {rules: () => Promise<any>, draw: () => Promise<any>, sounds: () => Promise<any>}>} */
const MODULES = {
  pong: { rules: () => import('./pong/rules.js'), draw: () => import('./pong/draw.js'), sounds: () => import('./pong/sounds.js') },
  snake: { rules: () => import('./snake/rules.js'), draw: () => import('./snake/draw.js'), sounds: () => import('./snake/sounds.js') },
  maze: { rules: () => import('./maze/rules.js'), draw: () => import('./maze/draw.js'), sounds: () => import('./maze/sounds.js') },
  sorter: { rules: () => import('./sorter/rules.js'), draw: () => import('./sorter/draw.js'), sounds: () => import('./sorter/sounds.js') },
  runner: { rules: () => import('./runner/rules.js'), draw: () => import('./runner/draw.js'), sounds: () => import('./runner/sounds.js') },
};

/** Ids of the games, in the order in which they are shown. */
export const NAMES = Object.keys(MODULES);

/** @param {string} name */
function known(name) {
  if (!Object.hasOwn(MODULES, name)) throw new RangeError(`There is no game "${name}"; there are ${NAMES.join(', ')}.`);
  return MODULES[name];
}

/**
 * Load a game.
 * @param {string} name one of NAMES
 * @returns {Promise<Game>}
 * @throws {RangeError} there is no such game
 * @throws {TypeError} its modules cannot be loaded
 */
export async function load(name) {
  const parts = known(name);
  const [rules, drawing, sounds] = await Promise.all([parts.rules(), parts.draw(), parts.sounds()]);
  const { GAME, create, step, bot } = rules;
  const { draw, preview, part = null } = drawing;
  return { GAME, create, step, bot, draw, preview, part, SOUNDS: sounds.SOUNDS ?? {}, MUSIC: sounds.MUSIC ?? null };
}

/**
 * Load only what is said about a game: its title, its actions, its rules in words.
 * @param {string} name one of NAMES
 * @returns {Promise<GameAbout>}
 * @throws {RangeError} there is no such game
 */
export async function about(name) {
  return (await known(name).rules()).GAME;
}
