/** Vectors of the newest samples are kept here, so that teaching never waits for the disc. */
const REMEMBERED = 512;

/**
 * Holds the engine's examples equal to the session's samples, and sees to it that every sample has
 * an embedding by the backbone in use. Session and Engine do not know each other.
 * Events: 'progress' {text, fraction, cancel} while something long is done, 'settled' when it ends,
 * 'error' with the error.
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
    /** @type {Map<string, Float32Array>} */
    this.recent = new Map();
    /** Samples that the engine has. @type {Set<string>} */
    this.held = new Set();
    /** Work is done one piece after another, in the order of the changes. */
    this.queue = Promise.resolve();
    /** @type {AbortController|null} */
    this.embedding = null;
    this.onChange = (/** @type {any} */ event) => this.follow(event.detail);
    session.addEventListener('change', this.onChange);
  }

  close() {
    this.session.removeEventListener('change', this.onChange);
    this.embedding?.abort();
  }

  /**
   * Keep a vector at hand for the change that is about to announce its sample.
   * @param {string} id @param {Float32Array} vector
   */
  remember(id, vector) {
    this.recent.set(id, vector);
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
    const missing = wanted.filter((id) => !this.recent.has(id));
    if (missing.length) {
      const found = await this.vectors(new Set(missing));
      for (const [id, vector] of found) this.recent.set(id, vector);
    }
    const size = engine.embeddingSize;
    const there = wanted.filter((id) => session.samples.has(id) && this.recent.get(id)?.length === size);
    const flat = new Float32Array(there.length * size);
    there.forEach((id, i) => flat.set(/** @type {Float32Array} */ (this.recent.get(id)), i * size));
    if (!there.length) return;
    await engine.addExamples(there.map((id) => this.example(id)), flat);
    for (const id of there) this.held.add(id);
  }

  /**
   * Embeddings of some samples by the backbone in use: from the disc, else made now and kept.
   * @param {Set<string>} ids
   * @returns {Promise<Map<string, Float32Array>>}
   */
  async vectors(ids) {
    const { session, engine } = this;
    const { fingerprint } = engine.backbone;
    const size = engine.embeddingSize;
    const stored = await session.embeddingsFor(fingerprint, ids);
    /** @type {Map<string, Float32Array>} */
    const found = new Map();
    stored.ids.forEach((/** @type {string} */ id, /** @type {number} */ i) => {
      found.set(id, stored.vectors.slice(i * size, (i + 1) * size));
    });
    for (const id of ids) {
      if (found.has(id) || !session.samples.has(id)) continue;
      const { embedding, quality } = await engine.embedStored(await session.jpegOf(id));
      found.set(id, embedding);
      session.putEmbeddings(fingerprint, [{ id, vector: embedding, quality }]);
    }
    return found;
  }

  /** Give the engine all classes, options and examples anew, embedding what has no numbers yet. */
  async refill() {
    const { session, engine } = this;
    const { fingerprint } = engine.backbone;
    await this.setClasses();
    await engine.setOptions(this.options());
    let stored = await session.embeddingsFor(fingerprint);
    const missing = stored.missing.filter((/** @type {string} */ id) => session.samples.has(id));
    if (missing.length) {
      await this.embed(missing);
      stored = await session.embeddingsFor(fingerprint);
    }
    const size = engine.embeddingSize;
    const keep = stored.ids.map((/** @type {string} */ id, /** @type {number} */ i) => i).filter((/** @type {number} */ i) => session.samples.has(stored.ids[i]));
    let { vectors } = stored;
    if (keep.length !== stored.ids.length) {
      vectors = new Float32Array(keep.length * size);
      keep.forEach((/** @type {number} */ from, /** @type {number} */ to) => vectors.set(stored.vectors.subarray(from * size, (from + 1) * size), to * size));
    }
    const list = keep.map((/** @type {number} */ i) => this.example(stored.ids[i]));
    this.held = new Set(list.map((/** @type {any} */ { id }) => id));
    await engine.setExamples(list, vectors);
  }

  /**
   * Embed stored pictures, keeping the numbers as they come.
   * @param {string[]} ids
   * @throws {DOMException} AbortError after `cancel`; what was done by then is kept
   */
  async embed(ids) {
    const { session, engine } = this;
    const { fingerprint } = engine.backbone;
    this.embedding = new AbortController();
    const { signal } = this.embedding;
    /** @type {{id: string, vector: Float32Array, quality: any}[]} */
    let done = [];
    try {
      for (let i = 0; i < ids.length; i++) {
        signal.throwIfAborted();
        this.dispatchEvent(new CustomEvent('progress', { detail: { text: `Looking again at ${i + 1} of ${ids.length} pictures`, fraction: i / ids.length, cancel: true } }));
        try {
          const { embedding, quality } = await engine.embedStored(await session.jpegOf(ids[i]));
          done.push({ id: ids[i], vector: embedding, quality });
        } catch (error) {
          // One picture that cannot be had must not take the others with it.
          this.dispatchEvent(new CustomEvent('error', { detail: error }));
        }
        if (done.length >= 32) {
          session.putEmbeddings(fingerprint, done);
          done = [];
        }
      }
    } finally {
      if (done.length) session.putEmbeddings(fingerprint, done);
      this.embedding = null;
      this.dispatchEvent(new Event('settled'));
    }
  }

  cancel() {
    this.embedding?.abort();
  }

  /**
   * Look through other eyes. If that fails or is cancelled, the old ones are put back.
   * @param {any} backbone an item of GET /api/v1/backbones
   * @returns {Promise<boolean>} true if the new backbone is in use
   */
  async useBackbone(backbone) {
    const { engine } = this;
    const before = engine.backbone;
    let used = false;
    await this.then(async () => {
      try {
        this.held.clear();
        await engine.load(backbone);
        await this.refill();
        used = true;
      } catch (error) {
        if (!before) throw error;
        this.held.clear();
        await engine.load(before);
        await this.refill();
        if (/** @type {Error} */ (error).name !== 'AbortError') throw error;
      } finally {
        this.dispatchEvent(new Event('settled'));
      }
    });
    return used;
  }
}
