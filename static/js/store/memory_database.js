/**
 * The same stores as `database.js`, in memory: for browsers that refuse IndexedDB, and for tests.
 */
import { StaleWrite } from './stale_write.js';

/** @typedef {import('./database.js').Key} Key */
/** @typedef {import('./database.js').Write} Write */
/** @typedef {import('./database.js').StoreName} StoreName */

export class MemoryDatabase {
  /** What is here is gone with the page. */
  persistent = false;

  /** @param {Error|null} [reason] why there is nothing better */
  constructor(reason = null) {
    this.reason = reason;
    /** @type {Map<string, {key: Key, value: any}>} */
    this.records = new Map();
  }

  /** @param {StoreName} store @param {Key} key */
  async get(store, key) {
    return structuredClone(this.records.get(name(store, key))?.value);
  }

  /** @param {StoreName} store @param {Key[]} keys */
  async getMany(store, keys) {
    return Promise.all(keys.map((key) => this.get(store, key)));
  }

  /** @param {StoreName} store @param {Key} [prefix] */
  async entries(store, prefix = []) {
    const start = `${store}|`;
    const found = [];
    for (const [text, { key, value }] of this.records) {
      if (text.startsWith(start) && prefix.every((part, index) => key[index] === part)) {
        found.push({ key: [...key], value: structuredClone(value) });
      }
    }
    return found.sort((a, b) => compare(a.key, b.key));
  }

  /** @param {StoreName} store @param {Key} [prefix] */
  async all(store, prefix = []) {
    return (await this.entries(store, prefix)).map(({ value }) => value);
  }

  /** @param {StoreName} store @param {Key} prefix @param {number} size */
  async *slices(store, prefix, size) {
    const values = await this.all(store, prefix);
    for (let start = 0; start < values.length; start += size) yield values.slice(start, start + size);
  }

  /** @param {Write[]} writes @param {{projectId: string, seq: number}|null} [expect] */
  async write(writes, expect = null) {
    if (expect) {
      const found = this.records.get(name('projects', [expect.projectId]))?.value.seq ?? 0;
      if (found !== expect.seq) throw new StaleWrite(expect.projectId, expect.seq, found);
    }
    for (const { store, key, value, all } of writes) {
      if (all) for (const found of await this.entries(store, key)) this.records.delete(name(store, found.key));
      else if (value === undefined) this.records.delete(name(store, key));
      else this.records.set(name(store, key), { key: [...key], value: structuredClone(value) });
    }
  }

  async askToPersist() {
    return false;
  }

  close() {}
}

/** @param {string} store @param {Key} key */
const name = (store, key) => `${store}|${JSON.stringify(key)}`;

/** @param {Key} a @param {Key} b */
function compare(a, b) {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    if (a[index] !== b[index]) return a[index] < b[index] ? -1 : 1;
  }
  return a.length - b.length;
}
