import { withNewIds } from './class_settings.js';
import { emptyState } from './edits.js';
import { History } from './history.js';
import { uuid } from './ids.js';
import { tidyName } from './names.js';
import { Project } from './project.js';

const AT_ONCE = 50;

/**
 * Copies an open project, with all of its samples, into a new one in this browser.
 * @param {import('./session.js').Session} session
 * @param {string} name
 * @returns {Promise<string>} id of the copy
 * @throws {Error} where a picture cannot be had or stored; then there is no copy
 */
export async function copyProject(session, name) {
  const state = emptyState(tidyName(name));
  const newId = new Map(session.classes.map(({ id }) => [id, uuid()]));
  state.backbone = session.backbone;
  state.settings = withNewIds(session.settings, newId);
  state.classes = session.classes.map((item) => ({ ...item, id: /** @type {string} */ (newId.get(item.id)) }));
  const copy = new Project({ id: uuid(), database: session.database, state, history: new History() });
  copy.autosave.queue({});
  try {
    const all = session.classes.flatMap(({ id }) => session.samplesOf(id));
    for (let start = 0; start < all.length; start += AT_ONCE) {
      const part = all.slice(start, start + AT_ONCE);
      const blobs = await Promise.all(part.map(({ id, bytes }) => (bytes ? session.jpegOf(id) : null)));
      const ids = new Map(part.map(({ id }) => [id, uuid()]));
      const idOf = (/** @type {string} */ id) => /** @type {string} */ (ids.get(id));
      const embeddings = [];
      for (const fingerprint of session.fingerprints) {
        const found = await session.localEmbeddings(fingerprint, ids.keys());
        const size = found.vectors.length / Math.max(found.ids.length, 1);
        found.ids.forEach((id, row) => {
          embeddings.push({ id: idOf(id), fingerprint, vector: found.vectors.slice(row * size, (row + 1) * size) });
        });
      }
      const samples = part.map((sample) => ({ ...sample, id: idOf(sample.id), classId: newId.get(sample.classId), synced: null }));
      const pictures = part.flatMap(({ id }, index) => {
        const blob = blobs[index];
        return blob ? [/** @type {[string, Blob]} */ ([idOf(id), blob])] : [];
      });
      copy.apply([{ op: 'samples-add', samples }], { pictures, embeddings });
      await copy.flush();
    }
    await copy.close();
    return copy.id;
  } catch (error) {
    await copy.close().catch(() => {});
    await erase(session.database, copy.id);
    throw error;
  }
}

/**
 * Deletes all that a database has of a project.
 * @param {import('./database.js').AnyDatabase} database
 * @param {string} id
 */
export function erase(database, id) {
  return database.write(
    /** @type {const} */ (['projects', 'samples', 'pictures', 'embeddings', 'history']).map((store) => ({ store, key: [id], all: true })),
  );
}
