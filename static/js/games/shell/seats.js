// What each player plays with: a table from a choice to a controller.
import { BotController } from '../../control/bot.js';
import { CameraController } from '../../control/camera.js';
import { BIN_BUTTONS, BUTTONS, GamepadController } from '../../control/gamepad.js';
import { KeyboardController } from '../../control/keyboard.js';
import { RemoteController } from '../../control/remote.js';
import { ReplayController } from '../../control/replay.js';
import { TouchController } from '../../control/touch.js';

/**
 * @typedef {import('../../control/controller.js').Controller} Controller
 * @typedef {import('../table.js').Action} Action
 * @typedef {object} Setup what a controller may need
 * @property {number} player from 0 @property {number} players
 * @property {Action[]} actions of the scheme
 * @property {HTMLElement} element where fingers count
 * @property {import('../../control/camera.js').Recognising} recogniser for the camera
 * @property {Record<string, string|null>} map action by class id
 * @property {Partial<import('../../control/decider.js').Control>} control
 * @property {() => string[]} classIds of the project
 * @property {import('../../control/remote.js').Link} link the phone that was chosen
 * @property {number} which gamepad
 * @property {() => string|null} think what a good player would hold now @property {number} delay of the bot (ms)
 * @property {import('../../control/recording.js').Recording} recording to be played again
 */

/** Keys by action, for whoever plays alone; of two players the first has the arrows, the second the letters. */
const ARROWS = { left: ['ArrowLeft'], right: ['ArrowRight'], up: ['ArrowUp'], down: ['ArrowDown'], go: ['Space', 'Enter'] };
const LETTERS = { left: ['KeyA'], right: ['KeyD'], up: ['KeyW'], down: ['KeyS'], go: ['KeyE'] };
/** What the space bar is for, where a game has no "go": the first of these that it has. */
const SPACE = ['up', 'right'];

/**
 * Which keys a player has.
 * @param {(Action & {keys?: string[]})[]} actions of the scheme; one may bring keys of its own
 * @param {number} player from 0 @param {number} players
 * @returns {Record<string, string>} action by KeyboardEvent.code
 */
export function keysOf(actions, player, players) {
  const sets = players > 1 ? [player === 0 ? ARROWS : LETTERS] : [ARROWS, LETTERS];
  /** @type {Record<string, string>} */
  const keys = {};
  for (const { id, keys: own } of actions) {
    const bin = /^bin([1-8])$/.exec(id);
    const codes = own ?? (bin ? [`Digit${bin[1]}`, `Numpad${bin[1]}`] : sets.flatMap((set) => /** @type {Record<string, string[]>} */ (set)[id] ?? []));
    for (const code of codes) keys[code] ??= id;
  }
  if (player === 0) {
    const has = new Set(actions.map(({ id }) => id));
    const spare = SPACE.find((id) => has.has(id));
    // With two moves to the sides the space bar would only surprise.
    if (!keys.Space && spare === 'up') keys.Space = spare;
  }
  return keys;
}

/** What is written on a key. @param {string} code KeyboardEvent.code */
export function keyName(code) {
  /** @type {Record<string, string>} */
  const names = { ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', Space: 'Space', Enter: 'Enter' };
  return names[code] ?? code.replace(/^(Key|Digit)/, '').replace(/^Numpad/, 'Num ');
}

const ids = (/** @type {Action[]} */ actions) => actions.map(({ id }) => id);

/**
 * The ways to play.
 * @type {Record<string, {title: string, icon: string, make: (setup: Setup) => Controller}>}
 */
export const KINDS = {
  camera: {
    title: 'Camera', icon: 'camera',
    make: ({ recogniser, actions, map, control }) => new CameraController({ recogniser, actions: ids(actions), map, control }),
  },
  phone: {
    title: 'Phone', icon: 'phone',
    make: ({ link, classIds, actions, map, control }) => new RemoteController({ link, classIds, actions: ids(actions), map, control }),
  },
  keyboard: {
    title: 'Keys', icon: 'keys',
    make: ({ actions, player, players }) => new KeyboardController({ keys: keysOf(actions, player, players) }),
  },
  touch: {
    title: 'Touch', icon: 'touch',
    make: ({ element, actions }) => new TouchController({ element, actions: ids(actions) }),
  },
  gamepad: {
    title: 'Gamepad', icon: 'gamepad',
    make: ({ actions, which }) => new GamepadController({ which, actions: ids(actions), buttons: actions.some(({ id }) => id.startsWith('bin')) ? BIN_BUTTONS : BUTTONS }),
  },
  bot: {
    title: 'Computer', icon: 'bot',
    make: ({ think, delay }) => new BotController({ think, delay_ms: delay }),
  },
  replay: {
    title: 'Recording', icon: 'redo',
    make: ({ recording, player }) => new ReplayController({ recording, player }),
  },
};

/** The kind of a choice: 'phone:UUID' is a phone. @param {string} choice */
export const kindOf = (choice) => choice.split(':')[0];
