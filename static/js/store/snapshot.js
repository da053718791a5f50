/**
 * Between the three forms of a project: open state, snapshot for merging, wire.
 *
 * @typedef {import('./edits.js').State} State
 * @typedef {import('./edits.js').Sample} Sample
 * @typedef {import('./edits.js').Edit} Edit
 * @typedef {import('./merge.js').Snapshot} Snapshot
 * @typedef {import('../net/api.js').WireProject} WireProject
 * @typedef {import('../net/api.js').WireSample} WireSample
 * @typedef {{project: WireProject, etag: string, snapshot: Snapshot, samples: Map<string, Sample>}} ServerCopy
 */
import { OPTIONAL } from './class_settings.js';
import { fieldsThatDiffer } from './diff.js';
import { sameJson } from './json.js';
import { sameClasses } from './merge.js';
import { Problem } from './problems.js';

/** @param {State} state @returns {Snapshot} */
export function localSnapshot({ name, backbone, settings, classes, samples }) {
  return { name, backbone, settings, classes, samples: new Map(Array.from(samples.values(), ({ id, classId }) => [id, classId])) };
}

/** What the server had when it was last heard. @param {State} state @returns {Snapshot|null} */
export function baseSnapshot({ base, samples, buried }) {
  if (!base) return null;
  const known = new Map();
  for (const list of [samples, buried]) {
    for (const { id, synced } of list.values()) if (synced !== null) known.set(id, synced);
  }
  return { name: base.name, backbone: base.backbone, settings: base.settings, classes: base.classes, samples: known };
}

/** Nothing at all: the base of two sides that never met. @type {Snapshot} */
export const EMPTY = Object.freeze({ name: '', backbone: null, settings: {}, classes: [], samples: new Map() });

/** @param {WireProject} project */
const plainClasses = (project) => project.classes.map(({ id, label, color }) => ({ id, label, color }));

/**
 * Makes what is remembered of the server from its answer.
 * @param {WireProject} project
 * @param {string} etag
 * @returns {import('./edits.js').Base}
 */
export function baseOf(project, etag) {
  const { name, backbone, settings } = project;
  return { etag, name, backbone, settings, classes: plainClasses(project), savedAt: new Date().toISOString() };
}

/**
 * Reads all of a project but its pictures from the server, as of one revision.
 * @param {import('../net/api.js').Api} api
 * @param {string} id
 * @param {AbortSignal} [signal]
 * @returns {Promise<ServerCopy>}
 * @throws {Problem} where it changes faster than it can be read
 */
export async function readServer(api, id, signal) {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const { project, etag } = await api.project(id, { signal });
    /** @type {Map<string, Sample>} */
    const samples = new Map();
    for (let page = 1; ; page += 1) {
      const { items, total, etag: now } = await api.samples(id, { page, signal });
      if (now !== etag) break;
      for (const item of items) samples.set(item.id, fromWire(item));
      if (samples.size < total && items.length) continue;
      const { name, backbone, settings } = project;
      const known = new Map(Array.from(samples.values(), ({ id: sample, classId }) => [sample, classId]));
      return { project, etag, samples, snapshot: { name, backbone, settings, classes: plainClasses(project), samples: known } };
    }
  }
  throw new Problem('The project is changing', 'Somebody is changing this project on the server right now. Try again in a moment.');
}

/** @param {WireSample} item @returns {Sample} */
function fromWire({ id, class_id: classId, burst, source, created_at: createdAt, bytes, contributor = null }) {
  return { id, classId, burst: burst || id, source, createdAt: new Date(createdAt).toISOString(), quality: null, bytes, contributor, synced: classId };
}

/** Whether a merge has left mine as it was. @param {Snapshot} merged @param {Snapshot} mine */
export function changesNothing(merged, mine) {
  return (
    Object.keys(fieldsThatDiffer(mine, merged)).length === 0 &&
    sameClasses(mine.classes, merged.classes) &&
    mine.samples.size === merged.samples.size &&
    [...mine.samples].every(([id, classId]) => merged.samples.get(id) === classId)
  );
}

/**
 * Lists the edits that lead from a state to a snapshot, and what makes the server's copy its base.
 * @param {State} state
 * @param {Snapshot} target
 * @param {ServerCopy} server
 * @returns {Edit[]}
 */
export function editsTowards(state, target, server) {
  /** @type {Edit[]} */
  const edits = [];
  if (target.name !== state.name) edits.push({ op: 'name', value: target.name });
  if (target.backbone !== state.backbone) edits.push({ op: 'backbone', value: target.backbone });
  const known = [...Object.keys(target.settings), ...OPTIONAL.filter((key) => key in state.settings)];
  const keys = [...new Set(known)].filter((key) => !sameJson(target.settings[key], state.settings[key]));
  if (keys.length) edits.push({ op: 'settings', value: Object.fromEntries(keys.map((key) => [key, target.settings[key]])) });
  const wanted = new Set(target.classes.map(({ id }) => id));
  const dropped = state.classes.filter(({ id }) => !wanted.has(id));
  if (!sameClasses(state.classes, target.classes)) edits.push({ op: 'classes', classes: [...target.classes, ...dropped] });
  const [removed, restored, added, moves] = [[], [], [], []].map((list) => /** @type {any[]} */ (list));
  for (const id of state.samples.keys()) if (!target.samples.has(id)) removed.push(id);
  for (const [id, classId] of target.samples) {
    const there = state.samples.get(id) ?? state.buried.get(id);
    if (!there) added.push({ .../** @type {Sample} */ (server.samples.get(id)), classId });
    else if (!state.samples.has(id)) restored.push(id);
    if (there && there.classId !== classId) moves.push([id, classId]);
  }
  if (removed.length) edits.push({ op: 'samples-remove', ids: removed });
  if (restored.length) edits.push({ op: 'samples-restore', ids: restored });
  if (added.length) edits.push({ op: 'samples-add', samples: added });
  if (moves.length) edits.push({ op: 'samples-move', moves });
  for (const { id } of dropped) edits.push({ op: 'class-remove', id });
  edits.push(adoption(state, server));
  return edits;
}

/** The edit after which the server's copy is what was last heard of it. @param {State} state @param {ServerCopy} server @returns {Edit} */
export function adoption(state, server) {
  const synced = [];
  for (const list of [state.samples, state.buried]) {
    for (const { id, synced: known } of list.values()) {
      const now = server.snapshot.samples.get(id) ?? null;
      if (now !== known) synced.push([id, now]);
    }
  }
  return { op: 'base', base: baseOf(server.project, server.etag), synced };
}
