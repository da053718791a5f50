/**
 * How a project lies in the database: state to records and back.
 *
 * @typedef {import('./edits.js').State} State
 * @typedef {import('./edits.js').Sample} Sample
 * @typedef {import('./edits.js').ClassInfo} ClassInfo
 *
 * @typedef {object} ProjectRecord
 * @property {'showtell-local'} format
 * @property {1} version
 * @property {string} id
 * @property {number} seq grows by one with every write; two tabs notice each other by it
 * @property {string} name
 * @property {string|null} backbone
 * @property {import('./edits.js').Settings} settings
 * @property {ClassInfo[]} classes
 * @property {import('./edits.js').Base|null} base
 * @property {string} createdAt
 * @property {string} changedAt
 * @property {number} done where the undo stack stands
 * @property {string[]} fingerprints backbones that have made embeddings of its samples
 * @property {boolean} dirty whether the server lacks something of it
 * @property {{classId: string, count: number}[]} counts
 * @property {string[]} covers samples to show on the list of projects
 */
import { emptyState, DEFAULT_SETTINGS, applyEdits } from './edits.js';
import { History } from './history.js';

const COVERS = 4;

/**
 * Reads a project, its samples' metadata and its undo stack.
 * @param {import('./database.js').AnyDatabase} database
 * @param {string} id
 * @returns {Promise<{record: ProjectRecord, state: State, history: History}|null>} null where it is not here
 * @throws {Error} where a newer version of the page has written it
 */
export async function load(database, id) {
  /** @type {ProjectRecord|undefined} */
  const record = await database.get('projects', [id]);
  if (!record) return null;
  if (record.format !== 'showtell-local' || record.version !== 1) {
    throw new Error(
      `This project was stored as "${record.format}" version ${record.version}; this page reads showtell-local version 1. Reload the page.`,
    );
  }
  const [samples, steps] = await Promise.all([database.all('samples', [id]), database.entries('history', [id])]);
  const state = emptyState(record.name);
  state.backbone = record.backbone;
  state.settings = { ...DEFAULT_SETTINGS, ...record.settings };
  state.classes = record.classes;
  state.base = record.base;
  samples.sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : a.id < b.id ? -1 : 1));
  const live = [];
  for (const { buried, ...sample } of samples) {
    if (buried) {
      state.buried.set(sample.id, sample);
      if (sample.synced !== null) state.unsynced.add(sample.id);
    } else {
      live.push(sample);
    }
  }
  applyEdits(state, [{ op: 'samples-add', samples: live }]);
  const history = new History({
    steps: steps.map(({ key, value }) => [/** @type {number} */ (key[1]), value]),
    done: record.done,
  });
  return { record, state, history };
}

/**
 * Makes the record of a project from its state.
 * @param {State} state
 * @param {{id: string, seq: number, createdAt: string, changedAt: string, done: number, dirty: boolean,
 *   fingerprints: string[], samplesOf: (classId: string) => readonly Sample[]}} more
 * @returns {ProjectRecord}
 */
export function projectRecord(state, { samplesOf, ...more }) {
  const covers = [];
  const perClass = state.classes.map(({ id }) => samplesOf(id));
  // One picture of each class first, then the second of each, ...
  for (let round = 0; covers.length < COVERS && perClass.some((samples) => samples.length > round); round += 1) {
    for (const samples of perClass) if (samples[round] && covers.length < COVERS) covers.push(samples[round].id);
  }
  return {
    format: 'showtell-local',
    version: 1,
    ...more,
    name: state.name,
    backbone: state.backbone,
    settings: state.settings,
    classes: state.classes,
    base: state.base,
    counts: state.classes.map(({ id }, index) => ({ classId: id, count: perClass[index].length })),
    covers,
  };
}

/**
 * Makes the record of one sample; undefined, which deletes it, where nobody needs it any more.
 * @param {State} state
 * @param {string} id
 */
export function sampleRecord(state, id) {
  const live = state.samples.get(id);
  if (live) return live;
  const buried = state.buried.get(id);
  return buried && { ...buried, buried: true };
}
