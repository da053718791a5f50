/**
 * A project that is open in this tab: its state in memory, its edits, undo, and the autosave of all
 * of it. Knows no server; `session.js` adds that.
 *
 * @typedef {import('./edits.js').State} State
 * @typedef {import('./edits.js').Edit} Edit
 * @typedef {import('./edits.js').Sample} Sample
 * @typedef {import('./edits.js').Change} Change
 * @typedef {import('./edits.js').ClassInfo} ClassInfo
 * @typedef {import('./edits.js').Quality} Quality
 * @typedef {import('./database.js').AnyDatabase} AnyDatabase
 *
 * @typedef {object} NewSample
 * @property {string} [id]
 * @property {Blob} jpeg the 224-pixel square
 * @property {Float32Array|null} [embedding] with `fingerprint`, of unit length
 * @property {string} [fingerprint] of the backbone that made the embedding
 * @property {string|null} [burst] samples of one held button share it; null for a sample on its own
 * @property {string} [source] 'camera', 'file', 'video', 'drawing', ...
 * @property {Quality|null} [quality]
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
import { strictClock, uuid } from './ids.js';
import { LONGEST_LABEL, nextLabel, pictures as inWords, tidyName, uniqueLabel } from './names.js';
import { nextColor } from './palette.js';
import { load, projectRecord, sampleRecord } from './records.js';
import { joinTabs } from './tabs.js';

/** Embeddings read from the database at once: about 20 ms of the main thread. */
const SLICE = 400;

export class Project extends EventTarget {
  /** @type {Map<string, Sample[]>} */
  #perClass = new Map();
  #stale = true;
  #clock = strictClock();

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
      onWritten: (work, seq) => this.#tellTabs(work, seq),
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

  // Edits ------------------------------------------------------------------------------------

  /** @param {string} name an empty one changes nothing */
  rename(name) {
    const value = tidyName(name);
    if (value && value !== this.name) this.apply([{ op: 'name', value }], { label: 'Rename the project', key: 'name' });
  }

  /** @param {Partial<import('./edits.js').Settings>} patch */
  setSettings(patch) {
    const keys = Object.keys(patch).filter((key) => patch[key] !== this.settings[key]);
    if (!keys.length) return;
    const value = Object.fromEntries(keys.map((key) => [key, patch[key]]));
    this.apply([{ op: 'settings', value }], { label: 'Change settings', key: `settings:${keys.sort()}` });
  }

  /** @param {string|null} name */
  setBackbone(name) {
    if (name !== this.backbone) this.apply([{ op: 'backbone', value: name }], { label: 'Change the eyes' });
  }

  /** @param {string} [label] "Class 1", "Class 2", ... where left out @returns {ClassInfo} */
  addClass(label = '') {
    const labels = this.classes.map((other) => other.label);
    const added = {
      id: uuid(),
      label: uniqueLabel(tidyName(label, LONGEST_LABEL) || nextLabel(labels), labels),
      color: nextColor(this.classes.map((other) => other.color)),
    };
    this.apply([{ op: 'class-add', class: added }], { label: `Add ${added.label}` });
    return added;
  }

  /** @param {string} id @param {string} label made unique by a number; an empty one changes nothing */
  renameClass(id, label) {
    const value = tidyName(label, LONGEST_LABEL);
    const { label: old } = this.#class(id);
    if (value && value !== old) {
      this.apply([{ op: 'class-set', id, value: { label: value } }], { label: `Rename ${old}`, key: `label:${id}` });
    }
  }

  /** @param {string} id @param {string} color '#rrggbb' */
  recolorClass(id, color) {
    if (!/^#[0-9a-f]{6}$/i.test(color)) throw new RangeError(`Colour "${color}"; expected one like #2f7fd6.`);
    const { label, color: old } = this.#class(id);
    if (color.toLowerCase() === old) return;
    this.apply([{ op: 'class-set', id, value: { color: color.toLowerCase() } }], { label: `Recolour ${label}`, key: `color:${id}` });
  }

  /** @param {string[]} ids */
  reorderClasses(ids) {
    this.apply([{ op: 'class-order', ids: [...ids] }], { label: 'Reorder classes' });
  }

  /** Deletes a class with its samples. @param {string} id */
  deleteClass(id) {
    const { label } = this.#class(id);
    const count = this.samplesOf(id).length;
    this.apply([{ op: 'class-remove', id }], { label: `Delete ${label}${count ? ` with ${inWords(count)}` : ''}` });
  }

  /**
   * Adds samples. What follows with the same burst becomes part of the same undo step.
   * @param {string} classId
   * @param {NewSample[]} list
   * @returns {string[]} their ids
   */
  addSamples(classId, list) {
    const { label } = this.#class(classId);
    const samples = list.map(({ id = uuid(), jpeg, burst, source = 'camera', quality = null }) => ({
      id, classId, burst: burst ?? id, source, createdAt: this.#clock(), quality, bytes: jpeg.size, synced: null,
    }));
    if (!samples.length) return [];
    const [{ burst }] = samples;
    const oneGesture = list[0].burst != null && samples.every((sample) => sample.burst === burst);
    this.apply([{ op: 'samples-add', samples }], {
      label: `Add ${inWords(samples.length)} to ${label}`,
      key: oneGesture ? `burst:${burst}:${classId}` : null,
      pictures: samples.map(({ id }, index) => [id, list[index].jpeg]),
      embeddings: samples.flatMap(({ id }, index) => {
        const { embedding, fingerprint } = list[index];
        return embedding && fingerprint ? [{ id, fingerprint, vector: embedding }] : [];
      }),
    });
    void this.database.askToPersist();
    return samples.map(({ id }) => id);
  }

  /** @param {Iterable<string>} ids */
  deleteSamples(ids) {
    const found = [...ids].filter((id) => this.samples.has(id));
    if (found.length) this.apply([{ op: 'samples-remove', ids: found }], { label: `Delete ${inWords(found.length)}` });
  }

  /** @param {Iterable<string>} ids @param {string} classId */
  moveSamples(ids, classId) {
    const { label } = this.#class(classId);
    const moves = [...ids].filter((id) => this.samples.get(id)?.classId !== classId).map((id) => [id, classId]);
    if (moves.length) this.apply([{ op: 'samples-move', moves }], { label: `Move ${inWords(moves.length)} to ${label}` });
  }

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
    for (const [id, vector] of this.autosave.waitingEmbeddings(fingerprint)) found.set(id, vector);
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

  /** Stops listening; what is queued is still written. */
  close() {
    this.tabs.close();
    return this.flush();
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
    if (effect.touched.size) this.#bury();
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

  /** @param {string} id */
  #class(id) {
    const found = this.classes.find((other) => other.id === id);
    if (found) return found;
    throw new RangeError(`No class ${id}; there are ${this.classes.map((other) => other.id).join(', ') || 'none'}.`);
  }
}

/** @param {Sample} a @param {Sample} b */
function byCreation(a, b) {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
