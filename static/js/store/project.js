/**
 * A project that is open in this tab: its state in memory, undo, autosave, other tabs. What one can
 * do with it is in `editor.js`; `session.js` adds the server.
 *
 * @typedef {import('./edits.js').State} State
 * @typedef {import('./edits.js').Edit} Edit
 * @typedef {import('./edits.js').Sample} Sample
 * @typedef {import('./edits.js').Change} Change
 * @typedef {import('./edits.js').Quality} Quality
 * @typedef {import('./database.js').AnyDatabase} AnyDatabase
 *
 * @typedef {object} Options
 * @property {string|null} [label] words for the undo button; null for what cannot be undone
 * @property {string|null} [key] names the gesture: edits of one gesture are one undo step
 * @property {Iterable<[string, Blob]>} [pictures]
 * @property {{id: string, fingerprint: string, vector: Float32Array}[]} [embeddings]
 * @property {boolean} [reset] tell listeners to look at everything anew
 */
import { applyEdits } from './edits.js';
import { Autosave } from './autosave.js';
import { load, projectRecord, sampleRecord } from './records.js';
import { joinTabs } from './tabs.js';

/** Embeddings read from the database at once: about 20 ms of the main thread. */
const SLICE = 400;

export class Project extends EventTarget {
  /** @type {Map<string, Sample[]>} */
  #perClass = new Map();
  #stale = true;

  /**
   * @param {object} parts
   * @param {string} parts.id
   * @param {AnyDatabase} parts.database
   * @param {State} parts.state
   * @param {import('./history.js').History} parts.history
   * @param {Partial<import('./records.js').ProjectRecord>} [parts.record] as it lies in the database
   */
  constructor({ id, database, state, history, record = {} }) {
    super();
    this.id = id;
    this.database = database;
    /** @type {State} */
    this.state = state;
    this.history = history;
    this.createdAt = record.createdAt ?? new Date().toISOString();
    this.changedAt = record.changedAt ?? this.createdAt;
    /** Backbones that have made embeddings of this project's samples. @type {Set<string>} */
    this.fingerprints = new Set(record.fingerprints ?? []);
    this.autosave = new Autosave({
      database,
      projectId: id,
      seq: record.seq ?? 0,
      recordsOf: (work, seq) => this.#records(work, seq),
      onWritten: (work, seq) => {
        this.#tellTabs(work, seq);
        this.noteStatus();
      },
      onStale: () => this.#catchUp(),
      onProblem: () => this.noteStatus(),
    });
    this.tabs = joinTabs(id, (message) => this.#heard(message));
    this.#bury();
  }

  get name() {
    return this.state.name;
  }
  get settings() {
    return this.state.settings;
  }
  /** Name of the backbone that the project wants; null for whichever is the default. */
  get backbone() {
    return this.state.backbone;
  }
  /** In their order. */
  get classes() {
    return this.state.classes;
  }
  get samples() {
    return this.state.samples;
  }
  get undoLabel() {
    return this.history.undoLabel;
  }
  get redoLabel() {
    return this.history.redoLabel;
  }

  /**
   * Lists the samples of a class in order of creation.
   * @param {string} classId
   * @returns {readonly Sample[]} a new array whenever something in it has changed
   */
  samplesOf(classId) {
    if (this.#stale) {
      const lists = new Map(this.classes.map(({ id }) => [id, /** @type {Sample[]} */ ([])]));
      for (const sample of this.samples.values()) lists.get(sample.classId)?.push(sample);
      for (const [id, list] of lists) {
        list.sort(byCreation);
        const before = this.#perClass.get(id);
        // What has not changed keeps its identity, so that nobody draws it again.
        if (before?.length === list.length && list.every((sample, index) => sample === before[index])) lists.set(id, before);
      }
      this.#perClass = lists;
      this.#stale = false;
    }
    return this.#perClass.get(classId) ?? [];
  }

  // Undo -------------------------------------------------------------------------------------

  /** Takes the last step back. @returns {string|null} its words; null where there is none */
  undo() {
    return this.#turn(this.history.undo());
  }

  /** Does the last undone step again. @returns {string|null} */
  redo() {
    return this.#turn(this.history.redo());
  }

  // Pictures and embeddings ------------------------------------------------------------------

  /** Reads a stored picture. @param {string} sampleId @returns {Promise<Blob|null>} null where this browser has it not */
  async localJpeg(sampleId) {
    const waiting = this.autosave.waitingPicture(sampleId);
    if (waiting) return waiting;
    const bytes = await this.database.get('pictures', [this.id, sampleId]);
    return bytes ? new Blob([bytes], { type: 'image/jpeg' }) : null;
  }

  /**
   * Reads the embeddings that this browser has.
   * @param {string} fingerprint
   * @param {Iterable<string>} [wanted] sample ids; all live ones where left out
   * @returns {Promise<{ids: string[], vectors: Float32Array, missing: string[]}>} vectors one after
   *   the other in the order of ids, which is the order of creation
   */
  async localEmbeddings(fingerprint, wanted) {
    const order = wanted ? [...wanted] : this.classes.flatMap(({ id }) => this.samplesOf(id).map((sample) => sample.id));
    // Asked for before the disk is read: what the queue writes meanwhile is then in either.
    const waiting = this.autosave.waitingEmbeddings(fingerprint);
    /** @type {Map<string, Float32Array>} */
    const found = new Map();
    if (wanted) {
      const records = await this.database.getMany('embeddings', order.map((id) => [this.id, fingerprint, id]));
      for (const record of records) if (record) found.set(record.id, record.vector);
    } else {
      for await (const records of this.database.slices('embeddings', [this.id, fingerprint], SLICE)) {
        for (const { id, vector } of records) found.set(id, vector);
      }
    }
    for (const [id, vector] of waiting) found.set(id, vector);
    // Another tab may have made them: whoever deletes a sample has to know of all its numbers.
    if (found.size) this.fingerprints.add(fingerprint);
    const ids = order.filter((id) => this.samples.has(id) && found.has(id));
    const size = ids.length ? /** @type {Float32Array} */ (found.get(ids[0])).length : 0;
    const vectors = new Float32Array(ids.length * size);
    ids.forEach((id, index) => vectors.set(/** @type {Float32Array} */ (found.get(id)), index * size));
    return { ids, vectors, missing: order.filter((id) => this.samples.has(id) && !found.has(id)) };
  }

  /**
   * Keeps embeddings, so that the next opening need not compute them.
   * @param {string} fingerprint
   * @param {{id: string, vector: Float32Array, quality?: Quality|null}[]} list
   */
  putEmbeddings(fingerprint, list) {
    const known = list.filter(({ id }) => this.samples.has(id) || this.state.buried.has(id));
    const touched = [];
    for (const { id, quality } of known) {
      const sample = this.samples.get(id);
      if (!quality || !sample) continue;
      this.samples.set(id, { ...sample, quality });
      touched.push(id);
    }
    if (touched.length) this.#stale = true;
    this.fingerprints.add(fingerprint);
    this.autosave.queue({ touched, embeddings: known.map(({ id, vector }) => ({ id, fingerprint, vector })) });
  }

  // The machinery ----------------------------------------------------------------------------

  /**
   * Applies edits: in memory now, to the database as soon as may be.
   * @param {Edit[]} edits
   * @param {Options} [options]
   */
  apply(edits, { label = null, key = null, pictures = [], embeddings = [], reset = false } = {}) {
    const effect = applyEdits(this.state, edits);
    if (label !== null && effect.inverse.length) {
      this.history.push({ label, key, at: Date.now(), edits: effect.inverse });
    }
    this.#store(edits, effect, { pictures, embeddings, reset });
    return effect;
  }

  /** Waits until every change is on the disk. @throws {Error} why it is not; all stays in memory */
  flush() {
    return this.autosave.flush();
  }

  /** Writes what is queued, then stops listening. @throws {Error} where it cannot be written */
  async close() {
    try {
      await this.flush();
    } finally {
      this.tabs.close();
    }
  }

  /** Called when what `status` says may have changed. */
  noteStatus() {}

  /** Whether the server lacks something; without a server, everything counts. */
  get dirty() {
    return true;
  }

  /** Deletes what no undo step can bring back and the server does not have either. */
  #bury() {
    const kept = this.history.references();
    this.history.forgot = false;
    const purged = [];
    const touched = [];
    for (const { id, synced } of this.state.buried.values()) {
      if (kept.has(id)) continue;
      if (!this.#purged.has(id)) purged.push(id);
      this.#purged.add(id);
      if (synced !== null) continue; // the record stays until the server has deleted it too
      this.state.buried.delete(id);
      this.state.unsynced.delete(id);
      touched.push(id);
    }
    if (purged.length || touched.length) this.autosave.queue({ purged, touched });
  }
  #purged = new Set();

  /** @param {ReturnType<import('./history.js').History['undo']>} turn */
  #turn(turn) {
    if (!turn) return null;
    const effect = applyEdits(this.state, turn.step.edits);
    turn.replace(effect.inverse);
    this.#store(turn.step.edits, effect, {});
    return turn.step.label;
  }

  /** @param {Edit[]} edits @param {import('./edits.js').Effect} effect @param {Options} options */
  #store(edits, effect, { pictures = [], embeddings = [], reset = false }) {
    const steps = [...this.history.touched];
    this.history.touched.clear();
    this.changedAt = new Date().toISOString();
    for (const { fingerprint } of embeddings) this.fingerprints.add(fingerprint);
    for (const id of effect.touched) if (this.samples.has(id)) this.#purged.delete(id);
    this.autosave.queue({ edits, touched: effect.touched, steps, pictures, embeddings });
    if (effect.touched.size || this.history.forgot) this.#bury();
    this.#announce(reset ? [{ kind: 'reset' }] : effect.changes, effect.touched.size > 0);
  }

  /** @param {Change[]} changes @param {boolean} [samplesChanged] */
  #announce(changes, samplesChanged = true) {
    if (samplesChanged || changes.some(({ kind }) => kind === 'classes')) this.#stale = true;
    for (const detail of changes) this.dispatchEvent(new CustomEvent('change', { detail }));
    this.noteStatus();
  }

  /** @param {import('./autosave.js').Work} work @param {number} seq @returns {import('./database.js').Write[]} */
  #records({ touched, steps, purged }, seq) {
    const { id, createdAt, changedAt, dirty, state } = this;
    const record = projectRecord(state, {
      id, seq, createdAt, changedAt, dirty, done: this.history.done,
      fingerprints: [...this.fingerprints],
      samplesOf: (classId) => this.samplesOf(classId),
    });
    /** @type {import('./database.js').Write[]} */
    const writes = [{ store: 'projects', key: [id], value: record }];
    for (const sample of touched) writes.push({ store: 'samples', key: [id, sample], value: sampleRecord(state, sample) });
    for (const number of steps) writes.push({ store: 'history', key: [id, number], value: this.history.steps.get(number) });
    for (const sample of purged) {
      if (this.samples.has(sample)) continue;
      writes.push({ store: 'pictures', key: [id, sample] });
      for (const print of this.fingerprints) writes.push({ store: 'embeddings', key: [id, print, sample] });
    }
    return writes;
  }

  /** @param {import('./autosave.js').Work} work @param {number} seq */
  #tellTabs({ edits, steps }, seq) {
    const { done, steps: all } = this.history;
    this.tabs.tell({ seq, edits, done, history: [...steps].map((number) => [number, all.get(number)]) });
    this.noteStatus();
  }

  /** Follows what another tab has written. @param {import('./tabs.js').Written} message */
  #heard({ seq, edits, history, done }) {
    if (seq <= this.autosave.seq || !this.autosave.idle) return; // where we wait to write, the write will notice
    if (seq !== this.autosave.seq + 1) {
      void this.#reload();
      return;
    }
    this.autosave.seq = seq;
    const effect = applyEdits(this.state, edits);
    this.history.follow(history, done);
    this.#announce(effect.changes, effect.touched.size > 0);
  }

  async #reload() {
    const found = await load(this.database, this.id);
    if (!found || !this.autosave.idle || found.record.seq <= this.autosave.seq) return;
    this.#take(found);
    this.autosave.seq = found.record.seq;
    this.#announce([{ kind: 'reset' }]);
  }

  /** Another tab wrote first: takes over what it wrote and does the waiting edits again on top. */
  async #catchUp() {
    const found = await load(this.database, this.id);
    if (!found) throw new Error('This project was deleted in another tab. It is kept here until you close this one.');
    this.#take(found);
    const waiting = this.autosave.waitingEdits;
    const { inverse, touched } = applyEdits(this.state, waiting);
    if (inverse.length) this.history.push({ label: 'Change', key: null, at: Date.now(), edits: inverse });
    const steps = [...this.history.touched];
    this.history.touched.clear();
    this.autosave.queue({ touched, steps });
    this.#announce([{ kind: 'reset' }]);
    return found.record.seq;
  }

  /** @param {NonNullable<Awaited<ReturnType<typeof load>>>} found */
  #take({ state, history, record }) {
    this.state = state;
    this.history = history;
    this.#stale = true;
    this.changedAt = record.changedAt;
    for (const print of record.fingerprints) this.fingerprints.add(print);
  }
}

/** @param {Sample} a @param {Sample} b */
function byCreation(a, b) {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
