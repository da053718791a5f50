/**
 * The open project, with the server: saving, following, merging. Its edits are those of `Editor`.
 *
 * @typedef {object} Status
 * @property {'local'|'server'} where
 * @property {boolean} dirty whether the server lacks something
 * @property {boolean} stored whether this browser's disk has everything
 * @property {boolean} persistent false where the browser lends memory only
 * @property {{done: number, total: number, phase: string}|null} saving in bytes, roughly
 * @property {{server: import('../net/api.js').WireProject}|null} conflict
 * @property {Error|null} problem with `title` and `message` in plain words
 * @property {string|null} savedAt ISO 8601 UTC
 *
 * @typedef {object} Place where projects are kept; the page's own where left out
 * @property {Api} [api]
 * @property {import('./database.js').AnyDatabase} [database]
 * @property {boolean} [live] whether to follow the server; true where left out
 */
import { Api, ApiError, NetworkError } from '../net/api.js';
import { RESOLVE } from './conflicts.js';
import { openDatabase } from './database.js';
import { diff, fieldsThatDiffer } from './diff.js';
import { Editor } from './editor.js';
import { emptyState } from './edits.js';
import { History } from './history.js';
import { uuid } from './ids.js';
import { listProjects, removeProject } from './list.js';
import { merge, sameClasses } from './merge.js';
import { LONGEST_LABEL, nextLabel, tidyName, uniqueLabel } from './names.js';
import { nextColor } from './palette.js';
import { Problem, storageProblem } from './problems.js';
import { load } from './records.js';
import { PHASES, sendOperation, weight } from './sending.js';
import { adoption, baseSnapshot, changesNothing, editsTowards, EMPTY, localSnapshot, readServer } from './snapshot.js';
import { alone } from './tabs.js';

/** Plans that a save makes before it leaves what is still being taught to the next save. */
const MOST_PLANS = 10;

export class Session extends Editor {
  /** @type {Status['saving']} */
  #progress = null;
  /** @type {Promise<boolean>|null} */
  #running = null;
  /** @type {Status['conflict']} */
  #conflict = null;
  /** @type {Error|null} */
  #problem = null;
  #announced = false;
  #closed = false;
  /** @type {() => void} */
  #unwatch = () => {};
  #watching = false;
  /** @type {Map<string, Promise<Blob>>} */
  #fetching = new Map();
  /** @type {Set<string>} */
  #askedFor = new Set();

  /** @param {ConstructorParameters<typeof Editor>[0] & {api: Api, live: boolean}} parts */
  constructor({ api, live, ...parts }) {
    super(parts);
    this.api = api;
    this.live = live;
    this.#follow();
  }

  /**
   * Makes a project in this browser.
   * @param {{name?: string, labels?: string[]} & Place} [options]
   * @returns {Promise<Session>}
   */
  static async create({ name = '', labels = [], api = new Api(), database, live = true } = {}) {
    const state = emptyState(tidyName(name) || 'My project');
    for (const wish of labels) {
      const others = state.classes.map(({ label }) => label);
      const label = uniqueLabel(tidyName(wish, LONGEST_LABEL) || nextLabel(others), others);
      state.classes.push({ id: uuid(), label, color: nextColor(state.classes.map(({ color }) => color)) });
    }
    const session = new Session({ id: uuid(), database: database ?? (await openDatabase()), api, live, state, history: new History() });
    session.autosave.queue({});
    await session.flush().catch(() => {}); // status.problem says it; teaching goes on in memory
    return session;
  }

  /**
   * Opens a project: this browser's copy, else the server's.
   * @param {string} id
   * @param {Place} [place]
   * @returns {Promise<Session>}
   * @throws {ApiError|NetworkError} where it is not here and the server has it not, or does not answer
   */
  static async open(id, { api = new Api(), database, live = true } = {}) {
    const store = database ?? (await openDatabase());
    const found = await load(store, id);
    if (found) {
      const session = new Session({ id, database: store, api, live, ...found });
      if (live && session.state.base) void session.checkServer();
      return session;
    }
    const server = await readServer(api, id);
    const state = emptyState(server.project.name);
    const session = new Session({ id, database: store, api, live, state, history: new History() });
    session.createdAt = server.project.created_at;
    session.apply(editsTowards(state, server.snapshot, server), { reset: true });
    session.changedAt = server.project.changed_at;
    session.#follow();
    await session.flush().catch(() => {});
    return session;
  }

  /** Lists what is here and on the server, newest first. @param {Place} [place] */
  static async list({ api = new Api(), database } = {}) {
    return listProjects({ api, database: database ?? (await openDatabase()) });
  }

  /** Deletes a project here and on the server. @param {string} id @param {Place} [place] */
  static async remove(id, { api = new Api(), database } = {}) {
    return removeProject(id, { api, database: database ?? (await openDatabase()) });
  }

  get dirty() {
    const { base, unsynced } = this.state;
    if (!base || unsynced.size) return true;
    return Object.keys(fieldsThatDiffer(this.state, base)).length > 0 || !sameClasses(this.classes, base.classes);
  }

  /** @returns {Status} */
  get status() {
    const { base } = this.state;
    const unwritten = this.autosave.problem;
    return {
      where: base ? 'server' : 'local',
      dirty: this.dirty,
      stored: this.autosave.idle && this.database.persistent,
      persistent: this.database.persistent,
      saving: this.#progress,
      conflict: this.#conflict,
      problem: (unwritten && storageProblem(unwritten)) ?? this.#problem,
      savedAt: base?.savedAt ?? null,
    };
  }

  noteStatus() {
    if (this.#announced) return;
    this.#announced = true;
    queueMicrotask(() => {
      this.#announced = false;
      if (!this.#closed) this.dispatchEvent(new CustomEvent('status', { detail: this.status }));
    });
  }

  // Pictures and embeddings ------------------------------------------------------------------

  /**
   * Gets a stored picture, from the server where this browser has not got it yet.
   * @param {string} sampleId
   * @returns {Promise<Blob>}
   * @throws {ApiError|NetworkError|Problem}
   */
  async jpegOf(sampleId) {
    const here = await this.localJpeg(sampleId);
    if (here) return here;
    const known = this.samples.get(sampleId) ?? this.state.buried.get(sampleId);
    if (!known || known.synced === null) throw new Problem('No picture', 'This example has no picture: it was brought in as numbers.');
    let fetching = this.#fetching.get(sampleId);
    if (!fetching) {
      fetching = this.api.image(sampleId).finally(() => this.#fetching.delete(sampleId));
      this.#fetching.set(sampleId, fetching);
      void fetching.then((blob) => this.autosave.queue({ pictures: [[sampleId, blob]] }), () => {});
    }
    return fetching;
  }

  /** Sees to it that undo can bring these back after the server has deleted them. @param {string[]} ids @param {AbortSignal} [signal] */
  async keepPictures(ids, signal) {
    const wanted = this.history.references();
    for (const id of ids.filter((candidate) => wanted.has(candidate))) {
      signal?.throwIfAborted();
      await this.jpegOf(id).catch((error) => {
        if (error instanceof NetworkError) throw error;
      });
    }
  }

  /**
   * Gets the embeddings of the samples, those that are missing here from the server.
   * @param {string} fingerprint of the backbone
   * @param {Iterable<string>} [wanted] sample ids; all where left out
   * @returns {Promise<{ids: string[], vectors: Float32Array, missing: string[]}>} `missing` have to
   *   be embedded anew from their pictures
   */
  async embeddingsFor(fingerprint, wanted) {
    const order = wanted && [...wanted];
    const found = await this.localEmbeddings(fingerprint, order);
    const { base } = this.state;
    const asked = `${fingerprint} ${base?.etag}`;
    const lacking = new Set(found.missing.filter((id) => this.samples.get(id)?.synced !== null));
    if (!base || !lacking.size || this.#askedFor.has(asked)) return found;
    const answer = await this.api.embeddings(this.id, fingerprint).catch(() => null);
    this.#askedFor.add(asked);
    if (!answer) return found;
    const { ids, vectors, size } = answer;
    const list = ids.flatMap((id, row) => (lacking.has(id) ? [{ id, vector: vectors.slice(row * size, (row + 1) * size) }] : []));
    if (!list.length) return found;
    this.putEmbeddings(fingerprint, list);
    return this.localEmbeddings(fingerprint, order);
  }

  // Server -----------------------------------------------------------------------------------

  /**
   * Sends to the server what it lacks. What it has acknowledged is not sent again, neither after a
   * failure nor after a reload. While a save runs, calling it again joins that one.
   * @param {{signal?: AbortSignal}} [options]
   * @returns {Promise<boolean>} whether the server has everything; else `status` says why
   */
  save({ signal } = {}) {
    this.#running ??= alone(`server:${this.id}`, () => this.#save(signal)).finally(() => {
      this.#running = null;
      this.#progress = null;
      this.noteStatus();
    });
    return this.#running;
  }

  /**
   * Settles a conflict.
   * @param {'merge'|'join'|'mine-as-copy'|'theirs'} choice `merge` joins both and saves, and so does `join`, which
   *   leaves undo as it was; `theirs` takes the
   *   server's, and undo brings mine back; `mine-as-copy` makes mine a project of its own before
   * @returns {Promise<string>} id of the project that has mine in it
   */
  async resolveConflict(choice) {
    const resolve = RESOLVE[choice];
    if (!resolve) throw new RangeError(`Choice "${choice}"; expected one of ${Object.keys(RESOLVE).join(', ')}.`);
    try {
      const id = await alone(`server:${this.id}`, () => resolve(this));
      this.#conflict = null;
      this.#problem = null;
      if (choice === 'merge' || choice === 'join') await this.save();
      return id;
    } catch (error) {
      this.#problem = /** @type {Error} */ (error);
      throw error;
    } finally {
      this.noteStatus();
    }
  }

  /** Looks whether the server has a newer revision: pulls it in when clean, else compares. */
  async checkServer() {
    if (!this.state.base || this.#running) return;
    await alone(`server:${this.id}`, async () => {
      try {
        const { etag } = await this.api.project(this.id);
        const { base } = this.state;
        if (!base || base.etag === etag || this.#closed) return;
        const server = await readServer(this.api, this.id);
        if (this.dirty) this.#compare(server);
        else this.apply(editsTowards(this.state, server.snapshot, server), { reset: true });
        await this.flush().catch(() => {}); // status.problem says it
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) this.#forgetServer();
        else if (![ApiError, NetworkError, Problem].some((kind) => error instanceof kind)) throw error;
      }
    });
    this.noteStatus();
  }

  close() {
    this.#closed = true;
    this.#unwatch();
    return super.close();
  }

  /** @param {AbortSignal} [signal] @returns {Promise<boolean>} */
  async #save(signal) {
    this.#problem = null;
    this.#conflict = null;
    await this.flush().catch(() => {}); // a full disk here is one more reason to send
    try {
      /** @type {string[]} */
      let unsendable = [];
      for (let plans = 0; plans < MOST_PLANS; plans += 1) {
        unsendable = [];
        if (!this.dirty) break;
        try {
          if (!(await this.#sendPlan(signal, unsendable))) break;
        } catch (error) {
          if (!(error instanceof ApiError) || ![404, 409, 412].includes(error.status)) throw error;
          if (!this.#compare(await readServer(this.api, this.id, signal), error)) return false;
        }
      }
      if (unsendable.length) {
        throw new Problem('Some examples have no picture', `${unsendable.length} examples were brought in as numbers and are kept in this browser only.`);
      }
      return !this.dirty;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) this.#forgetServer();
      else if (!signal?.aborted) this.#problem = /** @type {Error} */ (error);
      return false;
    } finally {
      await this.flush().catch(() => {});
      this.#follow();
    }
  }

  /** @param {AbortSignal|undefined} signal @param {string[]} unsendable @returns {Promise<boolean>} whether there was anything to send */
  async #sendPlan(signal, unsendable) {
    const bytesOf = (/** @type {string} */ id) => this.samples.get(id)?.bytes ?? 0;
    const plan = diff(localSnapshot(this.state), baseSnapshot(this.state), bytesOf);
    const weights = plan.map((operation) => weight(operation, bytesOf));
    const total = weights.reduce((sum, each) => sum + each, 0);
    let before = 0;
    let stuck = true;
    for (const [index, operation] of plan.entries()) {
      signal?.throwIfAborted();
      const sent = (/** @type {number} */ part) => {
        this.#progress = { done: Math.round(before + part * weights[index]), total, phase: PHASES[operation.kind] };
        this.noteStatus();
      };
      sent(0);
      const missing = unsendable.length;
      await sendOperation(operation, { session: this, signal, sent, unsendable });
      if (unsendable.length === missing) stuck = false;
      before += weights[index];
    }
    return plan.length > 0 && !stuck;
  }

  /**
   * Compares with another revision of the server. What we sent ourselves and never heard back of,
   * or what both sides did alike, is no conflict.
   * @param {import('./snapshot.js').ServerCopy} server
   * @param {Error} [otherwise] thrown where the server has nothing new that would explain it
   * @returns {boolean} false where there is one
   */
  #compare(server, otherwise) {
    const base = baseSnapshot(this.state);
    const mine = localSnapshot(this.state);
    const { snapshot } = server;
    // Mine must be the result whoever is asked first: else one side's choice would be lost unseen.
    const merges = [merge(base ?? EMPTY, mine, snapshot), merge(base ?? EMPTY, snapshot, mine)];
    if (merges.every((merged) => changesNothing(merged, mine))) {
      if (otherwise && this.state.base?.etag === server.etag) throw otherwise;
      this.apply([adoption(this.state, server)]);
      this.#conflict = null;
      return true;
    }
    this.#conflict = { server: server.project };
    this.dispatchEvent(new CustomEvent('conflict', { detail: this.#conflict }));
    return false;
  }

  /** The server has it no more. What was taught stays here, and the next save puts it back. */
  #forgetServer() {
    const synced = [];
    for (const list of [this.state.samples, this.state.buried]) for (const id of list.keys()) synced.push([id, null]);
    this.apply([{ op: 'base', base: null, synced }]);
    this.#conflict = null;
    this.#problem = new Problem(
      'This project was deleted on the server',
      'It is still here in this browser with the pictures that were opened here. Save it to put it back on the server, or delete it.',
    );
  }

  /** Listens to the server once it has the project. */
  #follow() {
    if (!this.live || this.#watching || this.#closed || !this.state.base) return;
    this.#watching = true;
    void import('../net/live.js').then(({ watch }) => {
      if (this.#closed) return;
      this.#unwatch = watch(this.id, ({ revision }) => {
        const { base } = this.state;
        if (!base || (typeof revision === 'number' && revision <= Number(base.etag.replace(/\D/g, '')))) return;
        void (this.#running ?? Promise.resolve()).then(() => this.checkServer());
      });
    }, () => {
      this.#watching = false; // the module did not arrive; the next save tries again
    });
  }
}
