// What to do next, in plain words, from what is known about the examples.

/**
 * @typedef {object} Hint
 * @property {'few' | 'alone' | 'unbalanced' | 'alike' | 'blurred' | 'dark' | 'bright' | 'identical' | 'mislabelled' | 'weak'} kind
 * @property {'info' | 'advice' | 'warning'} severity
 * @property {string} text
 * @property {string[]} classIds the classes it speaks of
 * @property {string[]} sampleIds the pictures it speaks of
 * @typedef {{id: string, label: string}} NamedClass
 * @typedef {import('./quality.js').Quality} Quality
 * @typedef {{complete: boolean, n: number, accuracy: number | null, confusion: ArrayLike<number>, classes: string[],
 *   items: {id: string, taught: string, answered: string, score: number}[], nearDuplicates: [string, string][],
 *   perClass: {id: string, n: number, correct: number}[]}} Evaluation
 */

export const LIMITS = {
  few: 5, // examples of a class under which it is a guess
  ratio: 4, // how many times the examples of another class are too many
  balancedFrom: 10, // under so many examples a ratio says nothing
  alikeShare: 0.15, // share of a class taken for one other
  alikeLeast: 2,
  sharpness: 0.025, // see quality.js for what is ordinary
  dark: 0.1,
  bright: 0.92,
  flat: 0.04,
  identicalShare: 0.5, // share of a class that has a nearly identical twin
  identicalLeast: 6,
  sure: 0.8, // score of another class from which a picture may be in the wrong one
  weak: 0.8, // accuracy
  evaluatedFrom: 8, // examples from which the accuracy means something
};

const ORDER = { warning: 0, advice: 1, info: 2 };

/**
 * Find what could be better.
 * @param {NamedClass[]} classes in their order
 * @param {Map<string, number>} counts examples by class id
 * @param {Evaluation | null} evaluation leave-one-out, null while there is none
 * @param {Map<string, {classId: string, quality: Quality}>} qualities by sample id, as far as measured
 * @returns {Hint[]} most pressing first
 */
export function hints(classes, counts, evaluation, qualities) {
  const named = new Map(classes.map(({ id, label }) => [id, `“${label}”`]));
  const found = [
    ...tooFew(classes, counts, named),
    ...unbalanced(classes, counts, named),
    ...badPictures(classes, qualities, named),
    ...(evaluation && evaluation.n > 0 ? fromEvaluation(evaluation, counts, named) : []),
  ];
  return found.sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);
}

/** @param {NamedClass[]} classes @param {Map<string, number>} counts @param {Map<string, string>} named @returns {Hint[]} */
function tooFew(classes, counts, named) {
  const filled = classes.filter(({ id }) => (counts.get(id) ?? 0) > 0);
  if (filled.length === 0) return [];
  /** @type {Hint[]} */
  const found = [];
  if (filled.length === 1) {
    const text = `Only ${named.get(filled[0].id)} has pictures. Teach a second class: there is nothing to tell it from yet.`;
    found.push({ kind: 'alone', severity: 'advice', text, classIds: [filled[0].id], sampleIds: [] });
  }
  const few = filled.filter(({ id }) => (counts.get(id) ?? 0) < LIMITS.few).map(({ id }) => id);
  if (few.length > 0) {
    const has = few.length === 1 ? 'has only' : 'have only';
    const numbers = few.map((id) => counts.get(id) ?? 0);
    const count = Math.max(...numbers) === Math.min(...numbers) ? `${numbers[0]}` : 'a few';
    const text = `${list(few, named)} ${has} ${count} ${count === '1' ? 'picture' : 'pictures'}. Ten or more, from several sides, make the answers steady.`;
    found.push({ kind: 'few', severity: 'advice', text, classIds: few, sampleIds: [] });
  }
  return found;
}

/** @param {NamedClass[]} classes @param {Map<string, number>} counts @param {Map<string, string>} named @returns {Hint[]} */
function unbalanced(classes, counts, named) {
  const filled = classes.map(({ id }) => ({ id, n: counts.get(id) ?? 0 })).filter(({ n }) => n > 0);
  if (filled.length < 2) return [];
  const most = filled.reduce((a, b) => (b.n > a.n ? b : a));
  const least = filled.reduce((a, b) => (b.n < a.n ? b : a));
  if (most.n < LIMITS.balancedFrom || most.n < LIMITS.ratio * least.n) return [];
  const text = `${named.get(most.id)} has ${most.n} pictures, ${named.get(least.id)} has ${least.n}. Even numbers are fairer: add to ${named.get(least.id)}.`;
  return [{ kind: 'unbalanced', severity: 'advice', text, classIds: [most.id, least.id], sampleIds: [] }];
}

/** What can be wrong with a single picture. @type {{kind: Hint['kind'], wrong: (q: Quality) => boolean, words: string, cure: string}[]} */
const FAULTS = [
  {
    kind: 'dark',
    wrong: ({ brightness }) => brightness < LIMITS.dark,
    words: 'very dark',
    cure: 'More light helps.',
  },
  {
    kind: 'bright',
    wrong: ({ brightness }) => brightness > LIMITS.bright,
    words: 'overexposed',
    cure: 'Turn away from the light.',
  },
  {
    kind: 'blurred',
    wrong: ({ sharpness, contrast }) => sharpness < LIMITS.sharpness || contrast < LIMITS.flat,
    words: 'blurred',
    cure: 'Hold still, a little further from the camera.',
  },
];

/**
 * @param {NamedClass[]} classes @param {Map<string, {classId: string, quality: Quality}>} qualities
 * @param {Map<string, string>} named @returns {Hint[]}
 */
function badPictures(classes, qualities, named) {
  /** @type {Hint[]} */
  const found = [];
  /** @type {Map<string, Map<string, string[]>>} kind, class id, sample ids */
  const bad = new Map(FAULTS.map(({ kind }) => [kind, new Map()]));
  for (const [sampleId, { classId, quality }] of qualities) {
    const fault = FAULTS.find(({ wrong }) => wrong(quality)); // a dark picture is not called blurred as well
    const byClass = fault && bad.get(fault.kind);
    if (byClass) gather(byClass, classId, sampleId);
  }
  for (const { kind, words, cure } of FAULTS) {
    for (const { id } of classes) {
      const sampleIds = bad.get(kind)?.get(id) ?? [];
      if (sampleIds.length === 0) continue;
      const text = `${pictures(sampleIds.length)} of ${named.get(id)} ${sampleIds.length === 1 ? 'is' : 'are'} ${words}. ${cure}`;
      found.push({ kind, severity: 'info', text, classIds: [id], sampleIds });
    }
  }
  return found;
}

/** @param {Evaluation} evaluation @param {Map<string, number>} counts @param {Map<string, string>} named @returns {Hint[]} */
function fromEvaluation(evaluation, counts, named) {
  return [
    ...alike(evaluation, named),
    ...mislabelled(evaluation, named),
    ...identical(evaluation, counts, named),
    ...overall(evaluation),
  ];
}

/** @param {Evaluation} evaluation @param {Map<string, string>} named @returns {Hint[]} */
function alike({ classes, confusion, perClass, items }, named) {
  /** @type {Hint[]} */
  const found = [];
  const width = classes.length;
  for (let a = 0; a < width; a++) {
    for (let b = a + 1; b < width; b++) {
      const mixed = confusion[a * width + b] + confusion[b * width + a];
      const all = perClass[a].n + perClass[b].n;
      if (mixed < LIMITS.alikeLeast || mixed < LIMITS.alikeShare * all || !named.has(classes[a]) || !named.has(classes[b])) continue;
      const pair = [classes[a], classes[b]];
      const sampleIds = items.filter((i) => i.taught !== i.answered && pair.includes(i.taught) && pair.includes(i.answered)).map(({ id }) => id);
      const text = `${named.get(pair[0])} and ${named.get(pair[1])} look alike: ${mixed} of ${all} pictures are mistaken for the other. Show what sets them apart, or make them one class.`;
      found.push({ kind: 'alike', severity: 'warning', text, classIds: pair, sampleIds });
    }
  }
  return found;
}

/** @param {Evaluation} evaluation @param {Map<string, string>} named @returns {Hint[]} */
function mislabelled({ items, n }, named) {
  if (n < LIMITS.evaluatedFrom) return [];
  const suspects = items.filter((i) => i.taught !== i.answered && i.score >= LIMITS.sure && named.has(i.taught) && named.has(i.answered));
  /** @type {Map<string, typeof suspects>} */
  const groups = new Map();
  for (const item of suspects) {
    gather(groups, JSON.stringify([item.taught, item.answered]), item);
  }
  return [...groups.values()].map((group) => {
    const { taught, answered } = group[0];
    const text = `${pictures(group.length)} of ${named.get(taught)} ${group.length === 1 ? 'looks' : 'look'} much more like ${named.get(answered)}. In the wrong class?`;
    return { kind: 'mislabelled', severity: 'warning', text, classIds: [taught, answered], sampleIds: group.map(({ id }) => id) };
  });
}

/** @param {Evaluation} evaluation @param {Map<string, number>} counts @param {Map<string, string>} named @returns {Hint[]} */
function identical({ nearDuplicates, items }, counts, named) {
  const classOf = new Map(items.map(({ id, taught }) => [id, taught]));
  /** @type {Map<string, Set<string>>} the younger of each pair, by class */
  const twins = new Map();
  for (const [, younger] of nearDuplicates) {
    const classId = classOf.get(younger);
    if (classId === undefined) continue;
    if (!twins.has(classId)) twins.set(classId, new Set());
    twins.get(classId)?.add(younger);
  }
  return [...twins].flatMap(([id, ids]) => {
    if (ids.size < LIMITS.identicalLeast || ids.size < LIMITS.identicalShare * (counts.get(id) ?? Infinity) || !named.has(id)) return [];
    const text = `${pictures(ids.size)} of ${named.get(id)} are nearly identical to others. Move the thing, or the camera, while you record.`;
    return [/** @type {Hint} */ ({ kind: 'identical', severity: 'info', text, classIds: [id], sampleIds: [...ids] })];
  });
}

/** @param {Evaluation} evaluation @returns {Hint[]} */
function overall({ accuracy, n, classes, complete }) {
  if (accuracy === null || n < LIMITS.evaluatedFrom || classes.length < 2 || !complete) return [];
  const percent = Math.round(accuracy * 100);
  if (accuracy < LIMITS.weak) {
    const text = `Tested on its own pictures it is right ${percent} % of the time. More, and more varied, pictures help most.`;
    return [{ kind: 'weak', severity: 'advice', text, classIds: [], sampleIds: [] }];
  }
  return [];
}

/** Append to the list under a key. @template T @param {Map<string, T[]>} lists @param {string} key @param {T} value */
function gather(lists, key, value) {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** @param {number} n */
const pictures = (n) => (n === 1 ? '1 picture' : `${n} pictures`);

/** @param {string[]} ids @param {Map<string, string>} named */
function list(ids, named) {
  const names = ids.slice(0, 3).map((id) => named.get(id));
  if (ids.length > 3) return `${names.join(', ')} and ${ids.length - 3} more`;
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}` : String(names[0]);
}
