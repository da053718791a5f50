/**
 * What a project remembers of play: which class does what in which game, how answers become actions, and
 * how well that went. Kept in `session.settings.play`; everything here is pure but the last two functions.
 *
 * @typedef {import('../store/class_settings.js').Play} Play
 * @typedef {import('../store/class_settings.js').Calibrated} Calibrated
 * @typedef {{id: string, label: string}} ProjectClass
 * @typedef {{id: string, title?: string}} Action
 * @typedef {{id: string, actions: Action[]}} Scheme as games declare them
 * @typedef {Record<string, string|null>} Binding class id to action; null: nothing
 * @typedef {import('../control/decider.js').Control} Control
 */
import { completed } from '../control/decider.js';
import { meansNothing, meantBy } from './words.js';

/**
 * Say which class does what in a game: as the person has bound them, else as it may be meant. A label like
 * "nothing" is nothing; what another game has bound to an action does that here too; "left" or "links" turn
 * left; what is left over takes the remaining actions in order.
 * @param {{play?: Play}} settings of the project
 * @param {string} game
 * @param {Scheme} scheme
 * @param {ProjectClass[]} classes of the project, in order
 * @returns {Binding} an entry for every class
 */
export function bindingFor(settings, game, scheme, classes) {
  const ids = new Set(scheme.actions.map(({ id }) => id));
  const stored = settings.play?.bindings?.[game];
  /** @type {Binding} */
  const map = {};
  for (const { id } of classes) {
    const action = stored?.map?.[id];
    if (action === null || (action !== undefined && ids.has(action))) map[id] = action;
  }
  const open = () => classes.filter(({ id }) => !(id in map));
  for (const { id, label } of open()) if (meansNothing(label)) map[id] = null;
  // A scheme that was bound is complete: a class that came later does what its name says, or nothing.
  const isBound = stored?.scheme === scheme.id;
  if (!isBound) for (const { id } of open()) take(map, id, elsewhere(settings.play, game, id, ids));
  for (const { id, label } of open()) take(map, id, meantBy(label, scheme.actions));
  const used = new Set(Object.values(map));
  const free = isBound ? [] : scheme.actions.filter(({ id }) => !used.has(id));
  for (const { id } of open()) map[id] = free.shift()?.id ?? null;
  return Object.fromEntries(classes.map(({ id }) => [id, map[id]]));
}

/** @param {Binding} map @param {string} id @param {string|null} action null: it is not known */
function take(map, id, action) {
  if (action !== null) map[id] = action;
}

/**
 * What a class does in another game, if that can be done here.
 * @param {Play|undefined} play @param {string} game @param {string} id @param {Set<string>} actions
 */
function elsewhere(play, game, id, actions) {
  for (const [name, { map }] of Object.entries(play?.bindings ?? {})) {
    const action = name === game ? null : map?.[id];
    if (action && actions.has(action)) return action;
  }
  return null;
}

const BIN = /^bin\d+$/;

/**
 * Say which scheme of a game is played: the one that was bound, else the first. A game whose actions are
 * bins has one for each class that is something.
 * @template {Scheme} S
 * @param {{play?: Play}} settings @param {string} game @param {S[]} schemes
 * @param {ProjectClass[]} [classes]
 * @returns {S}
 */
export function schemeFor(settings, game, schemes, classes = []) {
  const stored = settings.play?.bindings?.[game]?.scheme;
  const things = classes.filter(({ label }) => !meansNothing(label)).length;
  const fitting = schemes.filter(({ actions }) => actions.every(({ id }) => BIN.test(id)) && actions.length <= things);
  return schemes.find(({ id }) => id === stored) ?? fitting.at(-1) ?? schemes[0];
}

/**
 * Say how answers become actions; what was not set has its default.
 * @param {{play?: Play}} settings
 * @returns {Control}
 */
export const controlOf = (settings) => completed(settings.play?.control);

/** @param {{play?: Play}} settings @returns {Calibrated|null} */
export const calibrationOf = (settings) => settings.play?.calibration ?? null;

/** Whether a person has bound the classes of a game. @param {{play?: Play}} settings @param {string} game */
export const isBound = (settings, game) => Boolean(settings.play?.bindings?.[game]);

// What `session.setSettings` takes ------------------------------------------------------------

/**
 * @param {{play?: Play}} settings @param {string} game @param {string} scheme @param {Binding} map
 * @returns {{play: Play}}
 */
export const withBinding = (settings, game, scheme, map) => ({ play: { ...settings.play, bindings: { ...settings.play?.bindings, [game]: { scheme, map: { ...map } } } } });

/**
 * @param {{play?: Play}} settings @param {Partial<Control>} control what is left out stays
 * @returns {{play: Play}}
 */
export const withControl = (settings, control) => ({ play: { ...settings.play, control: { ...settings.play?.control, ...control } } });

/** Back to the start values. @param {{play?: Play}} settings @returns {{play: Play}} */
export const withoutControl = (settings) => ({ play: { ...settings.play, control: {} } });

/** @param {{play?: Play}} settings @param {Calibrated|null} calibration @returns {{play: Play}} */
export const withCalibration = (settings, calibration) => ({ play: { ...settings.play, calibration } });

// The project that was played last in this browser. Private windows may refuse. ------------------

const LAST = 'showtell.play.project';

/** @returns {string|null} id */
export function lastProject() {
  try {
    return localStorage.getItem(LAST);
  } catch {
    return null;
  }
}

/** @param {string|null} id null: played without a project */
export function rememberProject(id) {
  try {
    if (id) localStorage.setItem(LAST, id);
    else localStorage.removeItem(LAST);
  } catch {
    // It is chosen anew the next time.
  }
}
