/**
 * The write queue between a project in memory and the database.
 *
 * What changed is collected while a write is on its way and then written in one transaction, so
 * that ten samples a second never wait for the disk one by one. Order is kept; nothing is taken
 * from the queue before the disk has it; after a failure everything stays queued.
 *
 * @typedef {import('./edits.js').Edit} Edit
 * @typedef {import('./database.js').Write} Write
 *
 * @typedef {object} Work
 * @property {Edit[]} edits to do again on top of what another tab has written
 * @property {Set<string>} touched samples to write
 * @property {Set<number>} steps undo steps to write
 * @property {Map<string, Blob>} pictures
 * @property {Map<string, {fingerprint: string, vector: Float32Array}[]>} embeddings by sample
 * @property {Set<string>} purged samples whose picture and embeddings go
 */
import { StaleWrite } from './stale_write.js';

const RETRY_MS = 5000;

/** @returns {Work} */
const nothing = () => ({
  edits: [],
  touched: new Set(),
  steps: new Set(),
  pictures: new Map(),
  embeddings: new Map(),
  purged: new Set(),
});

/** @template T @param {Map<string, T[]>} older @param {Map<string, T[]>} newer */
function both(older, newer) {
  const all = new Map(older);
  for (const [id, list] of newer) all.set(id, [...(all.get(id) ?? []), ...list]);
  return all;
}

export class Autosave {
  #work = nothing();
  /** @type {Work|null} what the running write carries */
  #flying = null;
  /** @type {Promise<void>|null} */
  #running = null;
  #pending = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #retry;
  /** @type {WeakMap<Blob, ArrayBuffer>} */
  #bytes = new WeakMap();

  /**
   * @param {object} parts
   * @param {import('./database.js').AnyDatabase} parts.database
   * @param {string} parts.projectId
   * @param {number} parts.seq of the last write; 0 where there is none yet
   * @param {(work: Work, seq: number) => Write[]} parts.recordsOf records for the state as it is now
   * @param {(work: Work, seq: number) => void} parts.onWritten
   * @param {() => Promise<number>} parts.onStale another tab was faster: reads what it wrote, does
   *   the waiting edits again, and answers the new seq
   * @param {(error: Error|null) => void} parts.onProblem null when writing works again
   */
  constructor(parts) {
    this.parts = parts;
    this.seq = parts.seq;
    /** @type {Error|null} */
    this.problem = null;
  }

  /** Whether everything is on the disk. */
  get idle() {
    return !this.#pending && !this.#flying;
  }

  /** Edits that the disk does not have yet, oldest first. */
  get waitingEdits() {
    return [...(this.#flying?.edits ?? []), ...this.#work.edits];
  }

  /** A picture that the disk does not have yet. @param {string} id */
  waitingPicture(id) {
    return this.#work.pictures.get(id) ?? this.#flying?.pictures.get(id) ?? null;
  }

  /** Embeddings that the disk does not have yet. @param {string} fingerprint @returns {Map<string, Float32Array>} */
  waitingEmbeddings(fingerprint) {
    const found = new Map();
    for (const work of [this.#flying, this.#work]) {
      for (const [id, list] of work?.embeddings ?? []) {
        for (const item of list) if (item.fingerprint === fingerprint) found.set(id, item.vector);
      }
    }
    return found;
  }

  /**
   * Queues what has changed and starts writing.
   * @param {{edits?: Edit[], touched?: Iterable<string>, steps?: Iterable<number>,
   *   pictures?: Iterable<[string, Blob]>, purged?: Iterable<string>,
   *   embeddings?: Iterable<{id: string, fingerprint: string, vector: Float32Array}>}} change
   */
  queue({ edits = [], touched = [], steps = [], pictures = [], embeddings = [], purged = [] }) {
    const work = this.#work;
    work.edits.push(...edits);
    for (const id of touched) work.touched.add(id);
    for (const number of steps) work.steps.add(number);
    for (const [id, blob] of pictures) work.pictures.set(id, blob);
    for (const { id, ...item } of embeddings) work.embeddings.set(id, [...(work.embeddings.get(id) ?? []), item]);
    for (const id of purged) {
      work.purged.add(id);
      work.pictures.delete(id);
      work.embeddings.delete(id);
    }
    this.#pending = true;
    void this.#start();
  }

  /**
   * Waits until everything that is queued now is on the disk. After a failure it tries once more.
   * @throws {Error} why it could not be written; nothing is lost, it stays queued
   */
  async flush() {
    while (!this.idle) {
      await this.#start();
      if (this.problem) throw this.problem;
    }
  }

  #start() {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run() {
    // Let everything of this turn of the event loop join the first transaction.
    await null;
    while (this.#pending) {
      try {
        await this.#readPictures();
        await this.#writeOnce();
        this.#report(null);
      } catch (error) {
        this.#takeBack();
        if (error instanceof StaleWrite) {
          try {
            this.seq = await this.parts.onStale();
            continue;
          } catch (gone) {
            this.#report(/** @type {Error} */ (gone));
            return;
          }
        }
        this.#report(/** @type {Error} */ (error));
        return;
      }
    }
  }

  /** Buffers, not Blobs, go to the disk; they must be there before the transaction begins. */
  async #readPictures() {
    for (;;) {
      const unread = [...this.#work.pictures.values()].filter((blob) => !this.#bytes.has(blob));
      if (!unread.length) return;
      await Promise.all(unread.map(async (blob) => this.#bytes.set(blob, await blob.arrayBuffer())));
    }
  }

  async #writeOnce() {
    const { database, projectId, recordsOf, onWritten } = this.parts;
    const work = this.#work;
    const seq = this.seq + 1;
    const writes = recordsOf(work, seq);
    for (const [id, blob] of work.pictures) {
      writes.push({ store: 'pictures', key: [projectId, id], value: this.#bytes.get(blob) });
    }
    for (const [id, list] of work.embeddings) {
      for (const { fingerprint, vector } of list) {
        writes.push({ store: 'embeddings', key: [projectId, fingerprint, id], value: { id, vector } });
      }
    }
    this.#flying = work;
    this.#work = nothing();
    this.#pending = false;
    await database.write(writes, { projectId, seq: this.seq });
    this.#flying = null;
    this.seq = seq;
    onWritten(work, seq);
  }

  /** What could not be written goes to the front of the queue. */
  #takeBack() {
    const [older, newer] = [this.#flying, this.#work];
    this.#pending = true;
    if (!older) return;
    this.#flying = null;
    this.#work = {
      edits: [...older.edits, ...newer.edits],
      touched: new Set([...older.touched, ...newer.touched]),
      steps: new Set([...older.steps, ...newer.steps]),
      pictures: new Map([...older.pictures, ...newer.pictures]),
      embeddings: both(older.embeddings, newer.embeddings),
      purged: new Set([...older.purged, ...newer.purged]),
    };
  }

  /** @param {Error|null} error */
  #report(error) {
    if (error) {
      // Room may have been made meanwhile; whoever edits tries again at once anyway.
      this.#retry ??= setTimeout(() => {
        this.#retry = undefined;
        void this.#start();
      }, RETRY_MS);
      /** @type {any} */ (this.#retry).unref?.();
    }
    if (error === this.problem) return;
    this.problem = error;
    this.parts.onProblem(error);
  }
}
