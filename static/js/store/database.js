/**
 * IndexedDB behind promises: a few ordered stores with arrays as keys.
 *
 * | store      | key                                | value                                  |
 * |------------|------------------------------------|----------------------------------------|
 * | projects   | [project]                          | name, classes, settings, base, summary |
 * | samples    | [project, sample]                  | metadata only                          |
 * | pictures   | [project, sample]                  | the JPEG as an ArrayBuffer             |
 * | embeddings | [project, fingerprint, sample]     | {id, vector: Float32Array}             |
 * | history    | [project, number]                  | one undo step                          |
 *
 * Pictures lie apart from metadata, so that a project of thousands of samples opens by one read of
 * small records. They are buffers, not Blobs: measured in Chromium, 5,000 of them are written in a
 * third of the time, and read 5 to 30 times as fast. A write is one transaction over all its stores:
 * it happens wholly or not at all.
 *
 * @typedef {'projects'|'samples'|'pictures'|'embeddings'|'history'} StoreName
 * @typedef {(string|number)[]} Key
 * @typedef {{store: StoreName, key: Key, value?: any, all?: boolean}} Write a missing value deletes;
 *   `all` deletes everything whose key begins so
 * @typedef {Database|MemoryDatabase} AnyDatabase
 */
import { MemoryDatabase } from './memory_database.js';
import { StaleWrite } from './stale_write.js';

export const DATABASE_NAME = 'show-and-tell';
const VERSION = 1;
/** @type {StoreName[]} */
const STORES = ['projects', 'samples', 'pictures', 'embeddings', 'history'];

/** @type {Promise<AnyDatabase>|null} */
let shared = null;

/**
 * Opens the page's one database; IndexedDB where the browser grants it, else memory.
 * @returns {Promise<AnyDatabase>} `persistent` is false and `reason` says why where it is only memory
 */
export function openDatabase() {
  shared ??= Database.open().catch((error) => new MemoryDatabase(error));
  return shared;
}

export class Database {
  persistent = true;
  /** @type {Error|null} */
  reason = null;
  /** @type {IDBDatabase|null} */
  #connection = null;
  #asked = false;

  /** @param {string} name */
  constructor(name) {
    this.name = name;
  }

  /**
   * Opens or makes the database.
   * @param {string} [name]
   * @returns {Promise<Database>}
   * @throws {DOMException|Error} where the browser has no IndexedDB or refuses it (private windows)
   */
  static async open(name = DATABASE_NAME) {
    const database = new Database(name);
    await database.#connect();
    return database;
  }

  /** @param {StoreName} store @param {Key} key */
  async get(store, key) {
    return (await this.getMany(store, [key]))[0];
  }

  /** Reads many records in one transaction. @param {StoreName} store @param {Key[]} keys */
  async getMany(store, keys) {
    const objects = (await this.#transaction([store], 'readonly')).objectStore(store);
    return Promise.all(keys.map((key) => answer(objects.get(key))));
  }

  /** Reads all values whose key begins with `prefix`, in the order of keys. @param {StoreName} store @param {Key} [prefix] */
  async all(store, prefix = []) {
    const objects = (await this.#transaction([store], 'readonly')).objectStore(store);
    return answer(objects.getAll(within(prefix)));
  }

  /**
   * Reads many large records in slices, so that no single answer blocks the page for long.
   * @param {StoreName} store
   * @param {Key} prefix everything of the key but its last part
   * @param {number} size records a slice
   * @returns {AsyncGenerator<any[]>} values, each with an `id` that is the last part of its key
   */
  async *slices(store, prefix, size) {
    let lower = prefix;
    for (;;) {
      const objects = (await this.#transaction([store], 'readonly')).objectStore(store);
      const values = await answer(objects.getAll(IDBKeyRange.bound(lower, [...prefix, []], true), size));
      if (values.length) yield values;
      if (values.length < size) return;
      lower = [...prefix, values[values.length - 1].id];
    }
  }

  /** @param {StoreName} store @param {Key} [prefix] @returns {Promise<{key: Key, value: any}[]>} */
  async entries(store, prefix = []) {
    const objects = (await this.#transaction([store], 'readonly')).objectStore(store);
    const [keys, values] = await Promise.all([answer(objects.getAllKeys(within(prefix))), answer(objects.getAll(within(prefix)))]);
    return keys.map((key, index) => ({ key: /** @type {Key} */ (key), value: values[index] }));
  }

  /**
   * Writes all or nothing; resolves when it has reached the disk.
   * @param {Write[]} writes applied in order
   * @param {{projectId: string, seq: number}|null} [expect] write only if the project is at this
   *   change (0: not there yet), which keeps two tabs from overwriting each other
   * @throws {StaleWrite} where it is at another
   * @throws {DOMException} QuotaExceededError and what else the browser says
   */
  async write(writes, expect = null) {
    /** @type {Set<StoreName>} */
    const names = new Set(writes.map(({ store }) => store));
    if (expect) names.add('projects');
    const transaction = await this.#transaction([...names], 'readwrite');
    /** @type {StaleWrite|null} */
    let stale = null;
    const put = () => {
      for (const { store, key, value, all } of writes) {
        const objects = transaction.objectStore(store);
        if (all) objects.delete(/** @type {IDBKeyRange} */ (within(key)));
        else if (value === undefined) objects.delete(key);
        else objects.put(value, key);
      }
    };
    if (expect) {
      const request = transaction.objectStore('projects').get([expect.projectId]);
      request.onsuccess = () => {
        const found = request.result?.seq ?? 0;
        if (found === expect.seq) {
          try {
            put();
          } catch (error) {
            transaction.abort();
            throw error;
          }
        } else {
          stale = new StaleWrite(expect.projectId, expect.seq, found);
          transaction.abort();
        }
      };
    } else {
      put();
    }
    await new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(undefined);
      transaction.onabort = () => reject(stale ?? transaction.error ?? new Error('The browser gave up writing.'));
    });
  }

  /** Asks the browser, once, not to clear this storage when the disk gets full. @returns {Promise<boolean>} */
  async askToPersist() {
    if (this.#asked || !globalThis.navigator?.storage?.persist) return false;
    this.#asked = true;
    return navigator.storage.persist().catch(() => false);
  }

  close() {
    this.#connection?.close();
    this.#connection = null;
  }

  /** @param {StoreName[]} stores @param {IDBTransactionMode} mode */
  async #transaction(stores, mode) {
    const options = mode === 'readwrite' ? { durability: /** @type {const} */ ('strict') } : {};
    try {
      return (this.#connection ?? (await this.#connect())).transaction(stores, mode, options);
    } catch (error) {
      // The browser closes connections on its own account at times (storage cleared, disk trouble).
      if (!(error instanceof DOMException) || error.name !== 'InvalidStateError') throw error;
      return (await this.#connect()).transaction(stores, mode, options);
    }
  }

  /** @returns {Promise<IDBDatabase>} */
  async #connect() {
    if (!globalThis.indexedDB) throw new Error('This browser has no IndexedDB.');
    const request = indexedDB.open(this.name, VERSION);
    request.onupgradeneeded = () => {
      for (const store of STORES) request.result.createObjectStore(store);
    };
    const connection = await answer(request);
    connection.onclose = () => {
      if (this.#connection === connection) this.#connection = null;
    };
    // A newer page in another tab wants to upgrade: make way, its data are ours.
    connection.onversionchange = () => this.close();
    this.#connection = connection;
    return connection;
  }
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Keys that begin with `prefix`: an array sorts after every string and number. @param {Key} prefix */
function within(prefix) {
  return prefix.length ? IDBKeyRange.bound(prefix, [...prefix, []]) : undefined;
}
