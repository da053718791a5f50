// Changes of what a project's classes set off, as the settings that `session.setSettings` takes.
import { emojiForEach } from './emoji.js';
import { KINDS, MOST_OUTPUTS, usable } from './kinds.js';
import { noteForEach } from './music.js';

/**
 * @typedef {import('./kinds.js').Output} Output
 * @typedef {{id: string, label: string}} Class
 * @typedef {Record<string, Output[]>} Outputs by class id
 */

/**
 * The outputs of a class that can be used and edited.
 * @param {{outputs?: any}} settings @param {string} id
 */
export const outputsOf = (settings, id) => usable(settings.outputs?.[id]);

/** Whether any class sets off anything. @param {{outputs?: any}} settings @param {readonly Class[]} classes */
export const isEmpty = (settings, classes) => classes.every(({ id }) => !outputsOf(settings, id).length);

/**
 * @param {{outputs?: any}} settings
 * @param {string} id
 * @param {Output[]} list the new outputs of the class
 * @returns {{outputs: Outputs|undefined}} undefined where nothing is left at all
 */
export function withOutputs(settings, id, list) {
  /** @type {Outputs} */
  const outputs = { ...settings.outputs };
  if (list.length) outputs[id] = list;
  else delete outputs[id];
  return { outputs: Object.keys(outputs).length ? outputs : undefined };
}

/** @param {{outputs?: any}} settings @param {string} id @param {Output} output */
export const added = (settings, id, output) => withOutputs(settings, id, [...outputsOf(settings, id), output].slice(0, MOST_OUTPUTS));

/** @param {{outputs?: any}} settings @param {string} id @param {number} at @param {Output} output */
export const changed = (settings, id, at, output) => withOutputs(settings, id, outputsOf(settings, id).map((old, i) => (i === at ? output : old)));

/** @param {{outputs?: any}} settings @param {string} id @param {number} at */
export const removed = (settings, id, at) => withOutputs(settings, id, outputsOf(settings, id).filter((_, i) => i !== at));

/**
 * Say which kinds there are in use, such as to know what to connect.
 * @param {{outputs?: any}} settings @param {readonly Class[]} classes
 * @returns {Set<string>}
 */
export const kindsIn = (settings, classes) => new Set(classes.flatMap(({ id }) => outputsOf(settings, id).map(({ kind }) => kind)));

/**
 * Say which files are used.
 * @param {{outputs?: any}} settings @param {readonly Class[]} classes
 * @returns {Set<string>} ids
 */
export const filesIn = (settings, classes) => new Set(classes.flatMap(({ id }) => outputsOf(settings, id).flatMap(({ asset }) => (asset ? [asset] : []))));

/**
 * Let outputs use other files.
 * @param {{outputs?: any}} settings @param {readonly Class[]} classes
 * @param {Map<string, string>} newId by old id; the others stay
 * @returns {{outputs: Outputs|undefined}}
 */
export function withFiles(settings, classes, newId) {
  /** @type {{outputs?: Outputs}} */
  let next = { outputs: settings.outputs };
  for (const { id } of classes) {
    const list = outputsOf(settings, id);
    if (list.some(({ asset }) => newId.has(asset))) next = withOutputs(next, id, list.map((output) => (newId.has(output.asset) ? { ...output, asset: newId.get(output.asset) } : output)));
  }
  return { outputs: next.outputs };
}

/** @typedef {{id: string, title: string, line: string, icon: string, make: (classes: readonly Class[]) => Output[][]}} Starter */

/** What makes something of an empty page with one click. @type {readonly Starter[]} */
export const STARTERS = Object.freeze([
  {
    id: 'notes', title: 'A note for each class', line: 'A marimba you play by showing things.', icon: 'note',
    make: (classes) => noteForEach(classes.length).map((notes) => [{ kind: 'sound', instrument: notes[0].instrument, notes }]),
  },
  {
    id: 'names', title: 'Say its name', line: 'A voice tells what it sees.', icon: 'speech',
    make: (classes) => classes.map(({ label }, index) => [KINDS.speech.make({ label, index })]),
  },
  {
    id: 'emoji', title: 'An emoji each', line: 'A big one fills the screen.', icon: 'smile',
    make: (classes) => emojiForEach(classes).map((text) => [{ kind: 'emoji', text }]),
  },
]);

/**
 * Add what a starter makes to every class.
 * @param {{outputs?: any}} settings @param {readonly Class[]} classes @param {Starter} starter
 * @returns {{outputs: Outputs|undefined}}
 */
export function started(settings, classes, starter) {
  const made = starter.make(classes);
  /** @type {{outputs?: Outputs}} */
  let next = { outputs: settings.outputs };
  classes.forEach(({ id }, i) => {
    for (const output of made[i]) next = added(next, id, output);
  });
  return { outputs: next.outputs };
}
