/**
 * The list of projects: what this browser has and what the server has, as one.
 *
 * @typedef {object} Listed
 * @property {string} id
 * @property {string} name
 * @property {string} changedAt ISO 8601 UTC
 * @property {{id: string, label: string, color: string, count: number}[]} classes in their order
 * @property {({url: string}|{blob: Blob})[]} covers at most four pictures
 * @property {'local'|'saved'|'unsaved'|'server'} state `local`: only here; `server`: only there;
 *   `unsaved`: on both, with changes here that the server lacks
 *
 * @typedef {import('./records.js').ProjectRecord} ProjectRecord
 * @typedef {import('../net/api.js').WireProject} WireProject
 * @typedef {{api: import('../net/api.js').Api, database: import('./database.js').AnyDatabase}} Place
 */
import { ApiError } from '../net/api.js';
import { erase } from './copy.js';

const COVERS = 4;

/**
 * Lists all projects. Where the server does not answer, those of this browser.
 * @param {Place} place
 * @returns {Promise<Listed[]>} newest first
 */
export async function listProjects({ api, database }) {
  const [records, remote] = await Promise.all([
    /** @type {Promise<ProjectRecord[]>} */ (database.all('projects')),
    onServer(api).catch(() => null),
  ]);
  const there = new Map((remote ?? []).map((project) => [project.id, project]));
  const listed = await Promise.all(
    records.map(async (record) => {
      const project = there.get(record.id);
      there.delete(record.id);
      const newer = project && !record.dirty && record.base?.etag !== `"${project.revision}"`;
      if (newer) return { ...fromServer(api, project), state: /** @type {const} */ ('saved') };
      return fromRecord(record, await covers(record, { api, database }), Boolean(record.base && (project || !remote)));
    }),
  );
  for (const project of there.values()) listed.push({ ...fromServer(api, project), state: 'server' });
  return listed.sort((a, b) => Date.parse(b.changedAt) - Date.parse(a.changedAt));
}

/**
 * Deletes a project in both places. The server comes first: what it has not deleted would come
 * back with the next list.
 * @param {string} id
 * @param {Place} place
 * @throws {Error} where the server has the project and does not answer; then nothing is deleted
 */
export async function removeProject(id, { api, database }) {
  /** @type {ProjectRecord|undefined} */
  const record = await database.get('projects', [id]);
  if (!record || record.base) {
    await api.deleteProject(id).catch((error) => {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    });
  }
  await erase(database, id);
}

/** @param {import('../net/api.js').Api} api */
async function onServer(api) {
  /** @type {WireProject[]} */
  const all = [];
  for (let page = 1; ; page += 1) {
    const { items, total } = await api.projects({ page });
    all.push(...items);
    if (all.length >= total || !items.length) return all;
  }
}

/** @param {import('../net/api.js').Api} api @param {WireProject} project @returns {Omit<Listed, 'state'>} */
function fromServer(api, { id, name, changed_at: changedAt, classes }) {
  const ids = [];
  for (let round = 0; round < COVERS; round += 1) for (const { covers: own } of classes) if (own[round]) ids.push(own[round]);
  return {
    id,
    name,
    changedAt,
    classes: classes.map(({ id: classId, label, color, count }) => ({ id: classId, label, color, count })),
    covers: ids.slice(0, COVERS).map((sample) => ({ url: api.imageUrl(sample) })),
  };
}

/** @param {ProjectRecord} record @param {Listed['covers']} pictures @param {boolean} onServerToo @returns {Listed} */
function fromRecord({ id, name, changedAt, classes, counts, dirty }, pictures, onServerToo) {
  const count = new Map(counts.map((item) => [item.classId, item.count]));
  return {
    id,
    name,
    changedAt,
    classes: classes.map((item) => ({ ...item, count: count.get(item.id) ?? 0 })),
    covers: pictures,
    state: !onServerToo ? 'local' : dirty ? 'unsaved' : 'saved',
  };
}

/** @param {ProjectRecord} record @param {Place} place @returns {Promise<Listed['covers']>} */
async function covers({ id, covers: ids, base }, { api, database }) {
  const found = await database.getMany('pictures', ids.map((sample) => [id, sample]));
  /** @type {Listed['covers']} */
  const shown = [];
  ids.forEach((sample, index) => {
    if (found[index]) shown.push({ blob: new Blob([found[index]], { type: 'image/jpeg' }) });
    else if (base) shown.push({ url: api.imageUrl(sample) });
  });
  return shown;
}
