/**
 * Three-way merge of a project: what two sides made of a common base becomes one. Pure.
 *
 * The rules, in short: what only one side changed is taken; what both changed alike is taken; what
 * one side added is never lost; where one side deletes what the other has changed, it stays; where
 * both give the same thing different values, mine is taken.
 *
 * @typedef {import('./edits.js').ClassInfo} ClassInfo
 * @typedef {object} Snapshot
 * @property {string} name
 * @property {string|null} backbone null: no wish
 * @property {Record<string, any>} settings
 * @property {ClassInfo[]} classes in their order
 * @property {Map<string, string>} samples id to class id
 */
import { keysThatDiffer, sameJson } from './json.js';
import { uniqueLabel } from './names.js';

/**
 * Merges.
 * @param {Snapshot} base what both sides began with
 * @param {Snapshot} mine
 * @param {Snapshot} theirs
 * @returns {Snapshot}
 */
export function merge(base, mine, theirs) {
  const classes = mergeClasses(base, mine, theirs);
  const present = new Set(classes.map(({ id }) => id));
  return {
    name: choose(base.name, mine.name, theirs.name),
    backbone: mine.backbone === null ? theirs.backbone : choose(base.backbone, mine.backbone, theirs.backbone),
    settings: mergeSettings(base.settings, mine.settings, theirs.settings),
    classes,
    samples: mergeSamples(base, mine, theirs, present),
  };
}

/**
 * Says whether two snapshots are the same; the order in which samples stand does not count.
 * @param {Snapshot} a
 * @param {Snapshot} b
 */
export function same(a, b) {
  return (
    a.name === b.name &&
    a.backbone === b.backbone &&
    sameSettings(a.settings, b.settings) &&
    sameClasses(a.classes, b.classes) &&
    a.samples.size === b.samples.size &&
    [...a.samples].every(([id, classId]) => b.samples.get(id) === classId)
  );
}

/** @param {ClassInfo[]} a @param {ClassInfo[]} b */
export const sameClasses = (a, b) => a.length === b.length && a.every((item, index) => sameClass(item, b[index]));

/** @param {ClassInfo} a @param {ClassInfo} b */
const sameClass = (a, b) => a.id === b.id && a.label === b.label && a.color.toLowerCase() === b.color.toLowerCase();

/** @param {Record<string, any>} a @param {Record<string, any>} b */
function sameSettings(a, b) {
  return keysThatDiffer(a, b).length === 0;
}

/** @template T @param {T} base @param {T} mine @param {T} theirs */
const choose = (base, mine, theirs) => (sameJson(mine, base) ? theirs : mine);

/**
 * Merge settings key by key.
 * @param {Record<string, any>} base @param {Record<string, any>} mine @param {Record<string, any>} theirs
 * @param {Record<string, (base: any, mine: any, theirs: any) => any>} [inner] what is merged key by key in its turn
 */
function mergeSettings(base, mine, theirs, inner = { play: within({ bindings: within({}) }), outputs: within({}) }) {
  const keys = new Set([...Object.keys(theirs), ...Object.keys(mine)]);
  const merged = [...keys].map((key) => [key, (inner[key] ?? choose)(base[key], mine[key], theirs[key])]);
  return Object.fromEntries(merged.filter(([, value]) => value !== undefined));
}

/** @param {Parameters<typeof mergeSettings>[3]} inner @returns {(base: any, mine: any, theirs: any) => any} */
function within(inner) {
  return (base, mine, theirs) => (mine && theirs ? mergeSettings(base ?? {}, mine, theirs, inner) : choose(base, mine, theirs));
}

/** @param {Snapshot} base @param {Snapshot} mine @param {Snapshot} theirs */
function mergeClasses(base, mine, theirs) {
  const [inBase, inMine, inTheirs] = [base, mine, theirs].map(({ classes }) => new Map(classes.map((item) => [item.id, item])));
  const merged = new Map();
  for (const id of new Set([...inMine.keys(), ...inTheirs.keys()])) {
    const [before, m, t] = [inBase.get(id), inMine.get(id), inTheirs.get(id)];
    if (m && t) {
      const changed = (/** @type {'label'|'color'} */ field) => (before ? choose(before[field], m[field], t[field]) : m[field]);
      merged.set(id, { id, label: changed('label'), color: changed('color') });
    } else if (m && (!before || inUse(base, mine, before, m))) {
      merged.set(id, m);
    } else if (t && (!before || inUse(base, theirs, before, t))) {
      merged.set(id, t);
    }
  }
  const [b, m, t] = [base, mine, theirs].map(({ classes }) => classes.map(({ id }) => id).filter((id) => merged.has(id)));
  const order = mergeOrder(b, m, t);
  return withUniqueLabels(order.map((id) => merged.get(id)), inBase);
}

/** Whether a side has done something with a class that the other side has deleted. @param {Snapshot} base @param {Snapshot} side @param {ClassInfo} before @param {ClassInfo} now */
function inUse(base, side, before, now) {
  if (!sameClass(before, now)) return true;
  for (const [id, classId] of side.samples) if (classId === now.id && base.samples.get(id) !== classId) return true;
  return false;
}

/**
 * Orders the union of three lists: by mine where mine was reordered, else by theirs; what the other
 * side alone has comes after what it follows there.
 * @param {string[]} base @param {string[]} mine @param {string[]} theirs
 */
function mergeOrder(base, mine, theirs) {
  const common = new Set(base.filter((id) => mine.includes(id)));
  const [was, is] = [base, mine].map((list) => list.filter((id) => common.has(id)));
  const reordered = was.some((id, index) => id !== is[index]);
  const [leading, other] = reordered ? [mine, theirs] : [theirs, mine];
  const order = [...leading];
  other.forEach((id, index) => {
    if (order.includes(id)) return;
    const before = other.slice(0, index).reverse().find((candidate) => order.includes(candidate));
    order.splice(before === undefined ? 0 : order.indexOf(before) + 1, 0, id);
  });
  return order;
}

/** Who had a label before keeps it. @param {ClassInfo[]} classes @param {Map<string, ClassInfo>} inBase */
function withUniqueLabels(classes, inBase) {
  const older = (/** @type {ClassInfo} */ item) => inBase.get(item.id)?.label === item.label;
  const labels = new Map();
  for (const item of [...classes.filter(older), ...classes.filter((other) => !older(other))]) {
    labels.set(item.id, uniqueLabel(item.label, labels.values()));
  }
  return classes.map((item) => ({ ...item, label: labels.get(item.id) }));
}

/** @param {Snapshot} base @param {Snapshot} mine @param {Snapshot} theirs @param {Set<string>} present classes that are there after the merge */
function mergeSamples(base, mine, theirs, present) {
  const deletedBy = (/** @type {Snapshot} */ side) => {
    const has = new Set(side.classes.map(({ id }) => id));
    return new Set(base.classes.map(({ id }) => id).filter((id) => !has.has(id)));
  };
  const [mineDeleted, theirsDeleted] = [deletedBy(mine), deletedBy(theirs)];
  const samples = new Map();
  for (const id of new Set([...base.samples.keys(), ...theirs.samples.keys(), ...mine.samples.keys()])) {
    const [b, m, t] = [base, mine, theirs].map((side) => side.samples.get(id));
    let classId;
    if (m === t || t === b) classId = m;
    else if (m === b) classId = t;
    else classId = m ?? t; // one moved it, the other moved or deleted it
    // A class that was deleted here and used there stays, and then with all that was in it.
    if (classId === undefined && b !== undefined && present.has(b)) {
      if (t === b && mineDeleted.has(b)) classId = t;
      if (m === b && theirsDeleted.has(b)) classId = m;
    }
    if (classId !== undefined && present.has(classId)) samples.set(id, classId);
  }
  return samples;
}
