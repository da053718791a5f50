/**
 * Edits: everything that can happen to a project, as plain data, and what undoes it.
 *
 * An edit is an intent, not a picture of the result: it can be applied to a state that has moved on
 * (another tab, a merge) and does what is still sensible there. Applying one answers the edits that
 * take it back, what has changed for listeners, and which samples have to be written.
 *
 * @typedef {{id: string, label: string, color: string}} ClassInfo
 * @typedef {{sharpness: number, brightness: number, contrast: number}} Quality
 * @typedef {object} Sample
 * @property {string} id
 * @property {string} classId
 * @property {string} burst samples of one held button share it
 * @property {string} source where it came from: 'camera', 'file', 'video', 'drawing', ...
 * @property {string} createdAt ISO 8601 UTC
 * @property {Quality|null} quality
 * @property {number} bytes size of the stored JPEG, 0 where not known
 * @property {string|null} [contributor] who showed it on a phone; null or missing: the project's own page
 * @property {string|null} synced the class it has on the server, null where the server has it not
 *
 * @typedef {{k: number, tolerance: number|null, smoothing_ms: number, mirror: boolean,
 *   play?: import('./class_settings.js').Play, outputs?: import('./class_settings.js').Outputs, [key: string]: any}} Settings
 * @typedef {object} Base what the server had when it was last heard
 * @property {string} etag
 * @property {string} name
 * @property {string|null} backbone
 * @property {Settings} settings
 * @property {ClassInfo[]} classes
 * @property {string} savedAt ISO 8601 UTC
 *
 * @typedef {object} State
 * @property {string} name
 * @property {string|null} backbone
 * @property {Settings} settings
 * @property {ClassInfo[]} classes in their order
 * @property {Map<string, Sample>} samples
 * @property {Map<string, Sample>} buried deleted ones that can still come back, or that the server still has
 * @property {Set<string>} unsynced samples of which the server does not know the newest
 * @property {Base|null} base
 *
 * @typedef {{op: string, [field: string]: any}} Edit
 * @typedef {{kind: 'classes'|'samples-added'|'samples-removed'|'samples-moved'|'settings'|'name'|'backbone'|'reset',
 *   classId?: string, ids?: string[], classIds?: string[]}} Change
 * @typedef {{inverse: Edit[], changes: Change[], touched: Set<string>}} Effect
 */
import { OPTIONAL } from './class_settings.js';
import { sameJson } from './json.js';
import { sameClasses } from './merge.js';
import { uniqueLabel } from './names.js';
import { nextColor } from './palette.js';

/** @type {Readonly<Settings>} */
export const DEFAULT_SETTINGS = Object.freeze({ k: 10, tolerance: 1.5, smoothing_ms: 200, mirror: true });

/**
 * Makes the state of a project without classes.
 * @param {string} name
 * @returns {State}
 */
export function emptyState(name) {
  return {
    name,
    backbone: null,
    settings: { ...DEFAULT_SETTINGS },
    classes: [],
    samples: new Map(),
    buried: new Map(),
    unsynced: new Set(),
    base: null,
  };
}

/**
 * Applies edits to a state, in place.
 * @param {State} state
 * @param {Edit[]} edits
 * @returns {Effect} `inverse` takes all of them back when applied in its own order
 * @throws {RangeError} on an edit that this version does not know
 */
export function applyEdits(state, edits) {
  /** @type {Effect} */
  const effect = { inverse: [], changes: [], touched: new Set() };
  for (const edit of edits) {
    const apply = EDITS[edit.op];
    if (!apply) {
      throw new RangeError(`Unknown edit "${edit.op}"; known are ${Object.keys(EDITS).join(', ')}. Reload the page.`);
    }
    apply(state, edit, effect);
  }
  return effect;
}

/** @type {Record<string, (state: State, edit: any, effect: Effect) => void>} */
const EDITS = {
  name: (state, { value }, effect) => setField(state, 'name', value, effect),
  backbone: (state, { value }, effect) => setField(state, 'backbone', value, effect),

  /** A value `undefined` takes an optional one away. */
  settings: (state, { value }, effect) => {
    if (Object.keys(value).every((key) => sameJson(state.settings[key], value[key]))) return;
    const before = Object.fromEntries(Object.keys(value).map((key) => [key, state.settings[key]]));
    const after = { ...state.settings, ...value };
    for (const key of OPTIONAL) if (after[key] === undefined) delete after[key];
    state.settings = after;
    effect.inverse.unshift({ op: 'settings', value: before });
    effect.changes.push({ kind: 'settings' });
  },

  'class-add': (state, edit, effect) => {
    if (state.classes.some(({ id }) => id === edit.class.id)) return;
    const label = uniqueLabel(edit.class.label, state.classes.map((other) => other.label));
    const classes = [...state.classes];
    classes.splice(edit.index ?? classes.length, 0, { ...edit.class, label });
    state.classes = classes;
    effect.inverse.unshift({ op: 'class-remove', id: edit.class.id });
    effect.changes.push({ kind: 'classes', classIds: [edit.class.id] });
  },

  'class-set': (state, { id, value }, effect) => {
    const old = state.classes.find((other) => other.id === id);
    if (!old || Object.keys(value).every((key) => old[key] === value[key])) return;
    const renewed = { ...old, ...value };
    renewed.label = uniqueLabel(renewed.label, state.classes.filter((other) => other !== old).map(({ label }) => label));
    state.classes = state.classes.map((other) => (other === old ? renewed : other));
    const before = Object.fromEntries(Object.keys(value).map((key) => [key, old[key]]));
    effect.inverse.unshift({ op: 'class-set', id, value: before });
    effect.changes.push({ kind: 'classes', classIds: [id] });
  },

  /** Takes the samples of the class along: a sample never refers to a class that is not there. */
  'class-remove': (state, { id }, effect) => {
    const index = state.classes.findIndex((other) => other.id === id);
    if (index < 0) return;
    const ids = [];
    for (const sample of state.samples.values()) if (sample.classId === id) ids.push(sample.id);
    if (ids.length) EDITS['samples-remove'](state, { ids }, effect);
    effect.inverse.unshift({ op: 'class-add', class: state.classes[index], index });
    state.classes = state.classes.filter((other) => other.id !== id);
    effect.changes.push({ kind: 'classes', classIds: [id] });
  },

  /** The whole list at once, for merges; what is missing in it stays while it has samples. */
  classes: (state, { classes }, effect) => {
    const before = state.classes;
    const listed = new Set(classes.map(({ id }) => id));
    const used = new Set(Array.from(state.samples.values(), ({ classId }) => classId));
    state.classes = [...classes, ...before.filter(({ id }) => !listed.has(id) && used.has(id))];
    if (sameClasses(before, state.classes)) return;
    effect.inverse.unshift({ op: 'classes', classes: before });
    effect.changes.push({ kind: 'classes', classIds: state.classes.map(({ id }) => id) });
  },

  'class-order': (state, { ids }, effect) => {
    const before = state.classes.map(({ id }) => id);
    const place = new Map(ids.map((id, index) => [id, index]));
    const last = ids.length;
    state.classes = [...state.classes].sort((a, b) => (place.get(a.id) ?? last) - (place.get(b.id) ?? last));
    if (state.classes.every(({ id }, index) => id === before[index])) return;
    effect.inverse.unshift({ op: 'class-order', ids: before });
    effect.changes.push({ kind: 'classes', classIds: state.classes.map(({ id }) => id) });
  },

  'samples-add': (state, { samples }, effect) => {
    const added = samples.filter(({ id }) => !state.samples.has(id));
    for (const sample of added) raise(state, sample, effect);
    noteAdded(added, effect);
  },

  'samples-restore': (state, { ids }, effect) => {
    const found = ids.map((id) => state.buried.get(id)).filter(Boolean);
    for (const sample of found) raise(state, sample, effect);
    noteAdded(found, effect);
  },

  'samples-remove': (state, { ids }, effect) => {
    const removed = ids.filter((id) => state.samples.has(id));
    if (!removed.length) return;
    for (const id of removed) {
      const sample = /** @type {Sample} */ (state.samples.get(id));
      state.samples.delete(id);
      state.buried.set(id, sample);
      touch(state, sample, effect);
    }
    effect.inverse.unshift({ op: 'samples-restore', ids: removed });
    effect.changes.push({ kind: 'samples-removed', ids: removed });
  },

  'samples-move': (state, { moves }, effect) => {
    const back = [];
    const byClass = new Map();
    for (const [id, classId] of moves) {
      const sample = state.samples.get(id);
      if (!sample || sample.classId === classId) continue;
      ensureClass(state, classId, effect);
      back.push([id, sample.classId]);
      const moved = { ...sample, classId };
      state.samples.set(id, moved);
      touch(state, moved, effect);
      byClass.set(classId, [...(byClass.get(classId) ?? []), id]);
    }
    if (back.length) effect.inverse.unshift({ op: 'samples-move', moves: back });
    for (const [classId, ids] of byClass) effect.changes.push({ kind: 'samples-moved', classId, ids });
  },

  /** What the server has acknowledged. Not a change of the project, hence nothing to undo. */
  base: (state, { base, synced }, effect) => {
    state.base = base;
    for (const [id, classId] of synced) {
      const live = state.samples.has(id);
      const graves = live ? state.samples : state.buried;
      const sample = graves.get(id);
      if (!sample) continue;
      const known = { ...sample, synced: classId };
      graves.set(id, known);
      touch(state, known, effect);
    }
  },
};

/** @param {State} state @param {'name'|'backbone'} field @param {any} value @param {Effect} effect */
function setField(state, field, value, effect) {
  if (state[field] === value) return;
  effect.inverse.unshift({ op: field, value: state[field] });
  state[field] = value;
  effect.changes.push({ kind: field });
}

/** @param {State} state @param {Sample} sample @param {Effect} effect */
function raise(state, sample, effect) {
  ensureClass(state, sample.classId, effect);
  const known = state.buried.get(sample.id);
  const raised = known ? { ...sample, synced: known.synced } : sample;
  state.buried.delete(sample.id);
  state.samples.set(sample.id, raised);
  touch(state, raised, effect);
}

/** @param {Sample[]} samples @param {Effect} effect */
function noteAdded(samples, effect) {
  if (!samples.length) return;
  effect.inverse.unshift({ op: 'samples-remove', ids: samples.map(({ id }) => id) });
  const byClass = new Map();
  for (const { id, classId } of samples) {
    const ids = byClass.get(classId);
    if (ids) ids.push(id);
    else byClass.set(classId, [id]);
  }
  for (const [classId, ids] of byClass) effect.changes.push({ kind: 'samples-added', classId, ids });
}

/**
 * A sample that comes back to a class that somebody else has deleted meanwhile gets a class to
 * live in: losing it would be worse than an odd name.
 * @param {State} state @param {string} id @param {Effect} effect
 */
function ensureClass(state, id, effect) {
  if (state.classes.some((other) => other.id === id)) return;
  const color = nextColor(state.classes.map((other) => other.color));
  EDITS['class-add'](state, { class: { id, label: 'Restored', color } }, effect);
}

/** @param {State} state @param {Sample} sample @param {Effect} effect */
function touch(state, sample, effect) {
  effect.touched.add(sample.id);
  const wanted = state.samples.has(sample.id) ? sample.classId : null;
  if (wanted === sample.synced) state.unsynced.delete(sample.id);
  else state.unsynced.add(sample.id);
}
