/**
 * How each operation of a save goes to the server and what its acknowledgement means.
 *
 * @typedef {import('./session.js').Session} Session
 * @typedef {import('./diff.js').Operation} Operation
 * @typedef {{session: Session, signal: AbortSignal|undefined, sent: (part: number) => void, unsendable: string[]}} Context
 *   `sent` says which part of the operation, 0 to 1, has left
 */
import { baseOf } from './snapshot.js';

/** What a person reads while it goes on. @type {Record<Operation['kind'], string>} */
export const PHASES = {
  create: 'Making the project',
  patch: 'Sending names and settings',
  move: 'Moving pictures',
  add: 'Sending pictures',
  delete: 'Deleting pictures',
};

/** An operation without pictures weighs as much as so many bytes of a picture. */
const SMALL = 1000;

/** @param {Operation} operation @param {(id: string) => number} bytesOf */
export function weight(operation, bytesOf) {
  if (operation.kind !== 'add') return SMALL;
  return operation.ids.reduce((sum, id) => sum + Math.max(bytesOf(id), SMALL), 0);
}

/**
 * Sends one operation and notes what the server acknowledged. Whatever has been changed here since
 * the plan was made is left to the next plan.
 * @param {Operation} operation
 * @param {Context} context
 * @throws {import('../net/api.js').ApiError|import('../net/api.js').NetworkError|DOMException}
 */
export function sendOperation(operation, context) {
  return SEND[operation.kind](operation, context);
}

/** @type {Record<Operation['kind'], (operation: any, context: Context) => Promise<void>>} */
const SEND = {
  async create({ project }, { session, signal }) {
    const answer = await session.api.createProject({ id: session.id, ...project }, { signal });
    acknowledge(session, baseOf(answer.project, answer.etag), []);
  },

  async patch({ patch, dropped }, { session, signal }) {
    const going = dropped.length ? new Set(dropped) : null;
    const lost = going ? syncedIn(session, going) : [];
    await session.keepPictures(lost, signal);
    const answer = await session.api.patchProject(session.id, patch, { etag: etagOf(session), signal });
    acknowledge(session, baseOf(answer.project, answer.etag), lost.map((id) => [id, null]));
  },

  async move({ id, classId }, { session, signal }) {
    const { etag } = await session.api.moveSample(id, { classId }, { etag: etagOf(session), signal });
    acknowledge(session, withEtag(session, etag), [[id, classId]]);
  },

  async add({ classId, ids }, { session, signal, sent, unsendable }) {
    const files = [];
    for (const id of ids) {
      const sample = session.samples.get(id);
      if (!sample || sample.classId !== classId) continue; // it has left meanwhile
      const blob = await session.localJpeg(id);
      if (blob) files.push({ id, blob, burst: sample.burst, source: sample.source, created_at: sample.createdAt, contributor: sample.contributor ?? null });
      else unsendable.push(id);
    }
    if (!files.length) return;
    const onProgress = (/** @type {number} */ done, /** @type {number} */ total) => sent(total ? done / total : 0);
    const { etag } = await session.api.addSamples(session.id, { classId, files }, { etag: etagOf(session), signal, onProgress });
    acknowledge(session, withEtag(session, etag), files.map(({ id }) => [id, classId]));
  },

  async delete({ id }, { session, signal }) {
    if (session.samples.has(id)) return; // it was brought back meanwhile
    await session.keepPictures([id], signal);
    const { etag } = await session.api.deleteSample(id, { etag: etagOf(session), signal });
    acknowledge(session, withEtag(session, etag), [[id, null]]);
  },
};

/** @param {Session} session @param {import('./edits.js').Base} base @param {[string, string|null][]} synced */
function acknowledge(session, base, synced) {
  session.apply([{ op: 'base', base, synced }]);
}

/** @param {Session} session */
const etagOf = (session) => session.state.base?.etag ?? null;

/** @param {Session} session @param {string|null} etag @returns {import('./edits.js').Base} */
function withEtag(session, etag) {
  const base = /** @type {import('./edits.js').Base} */ (session.state.base);
  return { ...base, etag: etag ?? base.etag, savedAt: new Date().toISOString() };
}

/** Samples that the server has in these classes. @param {Session} session @param {Set<string>} classes */
function syncedIn(session, classes) {
  const ids = [];
  for (const list of [session.state.samples, session.state.buried]) {
    for (const { id, synced } of list.values()) if (synced !== null && classes.has(synced)) ids.push(id);
  }
  return ids;
}
