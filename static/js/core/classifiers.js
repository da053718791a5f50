// What becomes of a trained classifier when the project goes on changing: which of its classes are which
// of the project's now, and what it does not know. Nothing here touches the page or the server.

import { PIXELS } from './neighbours.js';

/**
 * @typedef {{id: string, label: string}} ProjectClass
 * @typedef {import('../net/api.js').WireClassifier} Classifier
 * @typedef {object} Project as it is now
 * @property {ProjectClass[]} classes
 * @property {Map<string, number>} counts examples of each class
 * @property {number|null} revision that the server has
 * @property {boolean} dirty whether the server lacks something
 */

/**
 * Find each class of a classifier among those of a project: by id; where that is gone, or it comes from
 * elsewhere, by its label, if that is still to be had.
 * @param {{id: string|null, label: string}[]} trained
 * @param {ProjectClass[]} classes
 * @returns {(string|null)[]} ids of the project's classes; null: not there
 */
export function matchClasses(trained, classes) {
  const there = new Set(classes.map(({ id }) => id));
  const taken = new Set(trained.map(({ id }) => id));
  return trained.map(({ id, label }) => {
    if (id !== null && there.has(id)) return id;
    return classes.find((c) => c.label === label && !taken.has(c.id))?.id ?? null;
  });
}

/** @param {string[]} names */
const listed = (names) => (names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`);

/**
 * Say what has changed in a project since a classifier was trained.
 * @param {Classifier} classifier with its report, more can be told
 * @param {Project} project
 * @returns {{missing: string[], text: string|null}} ids of classes that it does not know; in words
 */
export function changesSince(classifier, { classes, counts, revision, dirty }) {
  const { is_regression: isRegression, revision: trainedAt } = classifier;
  const matched = isRegression ? classes.map(({ id }) => id) : matchClasses(classifier.classes, classes);
  const known = new Set(matched);
  const missing = classes.filter(({ id }) => !known.has(id));
  const gone = isRegression ? [] : classifier.classes.filter((_, i) => matched[i] === null);
  const told = [];
  // A class without pictures cannot be learned: it is no reason to train again.
  const learnable = missing.filter(({ id }) => counts.get(id));
  if (learnable.length) told.push(`${listed(learnable.map((c) => c.label))} ${learnable.length > 1 ? 'are' : 'is'} not in this classifier.`);
  if (gone.length) told.push(`It also knows ${listed(gone.map((c) => c.label))}, which ${gone.length > 1 ? 'are' : 'is'} not in this project.`);
  const moved = dirty || (revision !== null && trainedAt !== null && revision !== trainedAt);
  if (!told.length && trainedAt !== null && moved && !sameCounts(classifier, matched, counts)) told.push('The pictures have changed since it was trained.');
  return { missing: missing.map(({ id }) => id), text: told.length ? `${told.join(' ')} Train again to put that right.` : null };
}

/**
 * Whether the report counts as many pictures of each class as there are now: then it was only a name
 * or a setting that changed.
 * @param {Classifier} classifier @param {(string|null)[]} matched @param {Map<string, number>} counts
 */
function sameCounts({ report, is_regression: isRegression }, matched, counts) {
  const { train, validation, test } = report?.counts ?? {};
  if (isRegression || !Array.isArray(train)) return false;
  return matched.every((id, i) => id !== null && counts.get(id) === train[i] + (validation?.[i] ?? 0) + (test?.[i] ?? 0));
}

/** What the KNN is called in the page. */
export const QUICK = 'Quick learner';

/** Kinds that answer in the page. */
const KINDS = ['dense', 'neighbours', 'network'];

/**
 * Say why a classifier cannot answer in the page at all.
 * @param {Classifier} classifier @returns {string|null} null: it can
 */
export function whyNotInPage({ model }) {
  if (!KINDS.includes(model.kind)) return `This page does not know classifiers of the kind ${model.kind}. Reload it.`;
  return typeof model.pixels === 'number' ? PIXELS : null;
}

/** Under this share the best class does not win: as in the page, "none of these" has the larger half. */
const NONE = 0.5;

/**
 * Which class an answer is for.
 * @param {{shown: ArrayLike<number>, none: number}|null} result
 * @returns {number} place of the class; -1: none of these
 */
export function winnerOf(result) {
  if (!result || result.none >= NONE) return -1;
  let best = -1;
  for (let i = 0; i < result.shown.length; i++) if (best < 0 || result.shown[i] > result.shown[best]) best = i;
  return best;
}

/** Counts how often two say the same. */
export class Agreement {
  constructor() {
    this.agreed = 0;
    this.looked = 0;
  }

  /**
   * @param {import('./knn.js').Result|null} one @param {import('./knn.js').Result|null} other
   * @returns {boolean|null} null: one of them gave no answer, or a value
   */
  add(one, other) {
    if (!one || !other || one.value !== null || other.value !== null) return null;
    const same = winnerOf(one) === winnerOf(other);
    this.looked += 1;
    if (same) this.agreed += 1;
    return same;
  }
}
