import { embedPictures } from './embedding.js';

/** Vectors of the newest samples are kept here, so that teaching never waits for the disc. */
const REMEMBERED = 512;

/** Times that other eyes look for what was added meanwhile, before they are taken and the rest follows. */
const MOST_ROUNDS = 3;

/**
 * @typedef {object} Progress of something long that does not stop the page
 * @property {string} text
 * @property {number} fraction 0..1
 * @property {string|null} eyes name of the backbone that is getting ready, null for those in use
 * @typedef {'used'|'cancelled'|'replaced'|'failed'} Outcome `replaced`: others were chosen meanwhile
 */

/**
 * Holds the engine's examples equal to the session's samples, and sees to it that every sample has
 * an embedding by the backbone in use. Session and Engine do not know each other.
 * Events: 'progress' with a `Progress` while something long is done beside the page, 'settled' when
 * it ends, 'unseen' {ids} for samples whose picture could not be looked at, 'error' with the error.
 */
export class Binding extends EventTarget {
  /**
   * @param {any} session
   * @param {any} engine
   */
  constructor(session, engine) {
    super();
    this.session = session;
    this.engine = engine;
    /** @type {Map<string, {vector: Float32Array, fingerprint: string}>} */
    this.recent = new Map();
    /** Samples that the engine has. @type {Set<string>} */
    this.held = new Set();
    /** Work is done one piece after another, in the order of the changes. */
    this.queue = Promise.resolve();
    /** Looking at pictures that have no numbers of the eyes in use. @type {AbortController|null} */
    this.catching = null;
    /** Getting other eyes ready. @type {AbortController|null} */
    this.change = null;
    this.onChange = (/** @type {any} */ event) => this.follow(event.detail);
    session.addEventListener('change', this.onChange);
  }

  close() {
    this.session.removeEventListener('change', this.onChange);
    this.catching?.abort();
    this.change?.abort();
  }

  /**
   * Keep a vector at hand for the change that is about to announce its sample.
   * @param {string} id @param {Float32Array} vector @param {string} fingerprint of the backbone that made it
   */
  remember(id, vector, fingerprint) {
    this.recent.set(id, { vector, fingerprint });
    if (this.recent.size > REMEMBERED) this.recent.delete(/** @type {string} */ (this.recent.keys().next().value));
  }

  /**
   * Do something after all that was asked for before; errors become 'error' events.
   * @param {() => any} work
   */
  then(work) {
    this.queue = this.queue.then(work).catch((error) => {
      this.dispatchEvent(new CustomEvent('error', { detail: error }));
    });
    return this.queue;
  }

  /** @param {{kind: string, ids?: string[], classId?: string}} change */
  follow({ kind, ids = [], classId }) {
    const { engine, session } = this;
    if (!engine.backbone) return;
    const does = /** @type {Record<string, () => any>} */ ({
      classes: () => this.setClasses(),
      settings: () => engine.setOptions(this.options()),
      'samples-added': () => this.add(ids),
      'samples-removed': () => this.remove(ids),
      'samples-moved': () => this.move(ids, classId),
      reset: () => this.refill(),
    })[kind];
    if (does) this.then(does);
  }

  options() {
    const { k, tolerance } = this.session.settings;
    return { k, tolerance };
  }

  setClasses() {
    return this.engine.setClasses(this.session.classes.map((/** @type {any} */ c) => c.id));
  }

  /** @param {string[]} ids */
  remove(ids) {
    for (const id of ids) this.held.delete(id);
    return this.engine.removeExamples(ids);
  }

  /** @param {string[]} ids @param {string|undefined} classId */
  move(ids, classId) {
    /** @type {Map<string, string[]>} */
    const by = new Map();
    // An undo may send pictures back to several classes: ask each sample where it is now.
    for (const id of ids) {
      const to = this.session.samples.get(id)?.classId ?? classId;
      if (to) by.set(to, [...(by.get(to) ?? []), id]);
    }
    return Promise.all([...by].map(([to, moved]) => this.engine.moveExamples(moved, to)));
  }

  /** @param {string} id */
  example(id) {
    const sample = this.session.samples.get(id);
    return { id, classId: sample.classId, group: sample.burst || id };
  }

  /** @param {string[]} ids */
  async add(ids) {
    const { session, engine } = this;
    // Some may have come already, with a refill that was asked for after this change.
    const wanted = ids.filter((id) => session.samples.has(id) && !this.held.has(id));
    const found = await this.find(wanted);
    const size = engine.embeddingSize;
    const there = wanted.filter((id) => session.samples.has(id) && found.has(id));
    const flat = new Float32Array(there.length * size);
    there.forEach((id, i) => flat.set(/** @type {Float32Array} */ (found.get(id)), i * size));
    if (!there.length) return;
    await engine.addExamples(there.map((id) => this.example(id)), flat);
    for (const id of there) this.held.add(id);
  }

  /**
   * Embeddings of some samples by the backbone in use: at hand, from the disc, else made now and kept.
   * @param {string[]} ids
   * @returns {Promise<Map<string, Float32Array>>}
   */
  async find(ids) {
    const { session, engine } = this;
    const { fingerprint } = engine.backbone;
    const size = engine.embeddingSize;
    /** @type {Map<string, Float32Array>} */
    const found = new Map();
    for (const id of ids) {
      const known = this.recent.get(id);
      // Numbers of other eyes are no use, though there may be as many of them.
      if (known && known.fingerprint === fingerprint) found.set(id, known.vector);
    }
    if (found.size === ids.length) return found;
    const stored = await session.embeddingsFor(fingerprint, new Set(ids.filter((id) => !found.has(id))));
    stored.ids.forEach((/** @type {string} */ id, /** @type {number} */ i) => {
      found.set(id, stored.vectors.slice(i * size, (i + 1) * size));
    });
    const failed = await embedPictures({
      session, engine, ids: stored.missing, signal: new AbortController().signal, onProgress() {},
      onLot: (lot) => lot.forEach(({ id, vector }) => found.set(id, vector)),
    });
    this.unseen(failed);
    return found;
  }

  /** Give the engine all classes, options and examples anew; what has no numbers yet follows. */
  async refill() {
    const { held, missing } = await this.fill(this.engine);
    this.held = held;
    this.catchUp(missing);
  }

  /**
   * Give an engine all classes, options and those examples that have numbers.
   * @param {any} engine the one in use, or one that is getting ready
   * @returns {Promise<{held: Set<string>, missing: string[]}>}
   */
  async fill(engine) {
    const { session } = this;
    await engine.setClasses(session.classes.map((/** @type {any} */ c) => c.id));
    await engine.setOptions(this.options());
    const stored = await session.embeddingsFor(engine.backbone.fingerprint);
    const size = engine.embeddingSize;
    const keep = stored.ids.map((/** @type {string} */ id, /** @type {number} */ i) => i).filter((/** @type {number} */ i) => session.samples.has(stored.ids[i]));
    let { vectors } = stored;
    if (keep.length !== stored.ids.length) {
      vectors = new Float32Array(keep.length * size);
      keep.forEach((/** @type {number} */ from, /** @type {number} */ to) => vectors.set(stored.vectors.subarray(from * size, (from + 1) * size), to * size));
    }
    const list = keep.map((/** @type {number} */ i) => this.example(stored.ids[i]));
    await engine.setExamples(list, vectors);
    return { held: new Set(list.map((/** @type {any} */ { id }) => id)), missing: stored.missing };
  }

  /**
   * Look, beside everything else, at pictures that have no numbers of the eyes in use, and let them
   * vote as they come: those of a project that was made elsewhere, or with other eyes.
   * @param {string[]} ids
   */
  async catchUp(ids) {
    this.catching?.abort();
    this.catching = null;
    if (!ids.length) return;
    const { session, engine } = this;
    const mine = (this.catching = new AbortController());
    try {
      const failed = await embedPictures({
        session, engine, ids, signal: mine.signal,
        onProgress: (done, total) => this.tell(`Looking at ${done + 1} of ${total} pictures`, done / total, null),
        onLot: (lot) => {
          for (const { id, vector, fingerprint } of lot) this.remember(id, vector, fingerprint);
          this.then(() => this.add(lot.map(({ id }) => id)));
        },
      });
      this.unseen(failed);
    } catch (error) {
      if (!mine.signal.aborted) this.dispatchEvent(new CustomEvent('error', { detail: error }));
    } finally {
      if (this.catching === mine) {
        this.catching = null;
        this.settle();
      }
    }
  }

  settle() {
    if (!this.change && !this.catching) this.dispatchEvent(new Event('settled'));
  }

  /** @param {string[]} ids */
  unseen(ids) {
    if (ids.length) this.dispatchEvent(new CustomEvent('unseen', { detail: { ids } }));
  }

  /** @param {string} text @param {number} fraction @param {string|null} eyes */
  tell(text, fraction, eyes) {
    this.dispatchEvent(new CustomEvent('progress', { detail: { text, fraction, eyes } }));
  }

  /** Stay with the eyes in use; nothing has happened to them. */
  cancel() {
    this.change?.abort('cancelled');
  }

  /**
   * Look through other eyes. They get ready beside those in use, which go on answering and learning,
   * and take over all at once. If that fails or is cancelled, nothing has changed.
   * @param {any} backbone an item of GET /api/v1/backbones
   * @returns {Promise<Outcome>}
   */
  async useBackbone(backbone) {
    const { engine } = this;
    this.change?.abort('replaced');
    this.change = null;
    if (backbone.fingerprint === engine.backbone?.fingerprint) return 'used';
    if (engine.backbone) return this.replace(backbone);
    /** @type {Outcome} */
    let outcome = 'failed';
    await this.then(async () => {
      await engine.load(backbone);
      await this.refill();
      outcome = 'used';
    });
    return outcome;
  }

  /** @param {any} backbone @returns {Promise<Outcome>} */
  async replace(backbone) {
    const mine = (this.change = new AbortController());
    const { signal } = mine;
    const spare = this.engine.spare();
    // Whatever it is doing, it ends at once.
    signal.addEventListener('abort', () => spare.dispose());
    const title = backbone.title ?? backbone.name;
    spare.addEventListener('progress', (/** @type {any} */ e) => this.tell(`Opening ${title}`, e.detail.fraction, backbone.name));
    try {
      this.tell(`Opening ${title}`, 0, backbone.name);
      await spare.load(backbone);
      const failed = await this.lookAgain(spare, signal);
      signal.throwIfAborted();
      await this.take(spare, failed, signal);
      this.unseen(failed);
      return 'used';
    } catch (error) {
      spare.dispose();
      if (signal.aborted) return signal.reason;
      this.dispatchEvent(new CustomEvent('error', { detail: error }));
      return 'failed';
    } finally {
      if (this.change === mine) this.change = null;
      this.settle();
    }
  }

  /**
   * Let other eyes look at every picture, also at those that are added meanwhile.
   * @param {any} spare @param {AbortSignal} signal
   * @returns {Promise<string[]>} samples whose picture cannot be had
   */
  async lookAgain(spare, signal) {
    const { session } = this;
    const { name, fingerprint } = spare.backbone;
    /** @type {Set<string>} */
    const failed = new Set();
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const { missing } = await session.embeddingsFor(fingerprint);
      const ids = missing.filter((/** @type {string} */ id) => !failed.has(id));
      if (!ids.length) break;
      const again = await embedPictures({
        session, engine: spare, ids, signal,
        onProgress: (done, total) => this.tell(`Looking again at ${done + 1} of ${total} pictures`, done / total, name),
      });
      for (const id of again) failed.add(id);
    }
    return [...failed];
  }

  /**
   * Put the eyes that are ready in the place of those in use, between two changes.
   * @param {any} spare @param {string[]} failed not to be tried again @param {AbortSignal} signal
   */
  async take(spare, failed, signal) {
    /** @type {unknown} */
    let problem = null;
    await this.then(async () => {
      try {
        signal.throwIfAborted();
        const { held, missing } = await this.fill(spare);
        signal.throwIfAborted();
        this.engine.adopt(spare);
        this.held = held;
        this.catchUp(missing.filter((id) => !failed.includes(id)));
      } catch (error) {
        problem = error;
      }
    });
    if (problem) throw problem;
  }
}
