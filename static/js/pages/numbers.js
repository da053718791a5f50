import { numberOf } from '../core/numbers.js';

/**
 * The class that is named by a number, made where there is none yet. Classes that a new project
 * begins with make way: a regression needs every class to be a number.
 * @param {any} session the open project
 * @param {number} value
 * @returns {string} its id
 */
export function classOfNumber(session, value) {
  const found = session.classes.find((/** @type {any} */ c) => numberOf(c.label) === value);
  if (found) return found.id;
  const added = session.addClass(String(value));
  for (const { id, label } of [...session.classes]) {
    if (numberOf(label) === null && !session.samplesOf(id).length) session.deleteClass(id);
  }
  return added.id;
}
