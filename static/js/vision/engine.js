// The page's handle on the Worker: pixels in, embeddings and answers out. Ids of examples stay on
// this side; the Worker knows them by number, so that an evaluation of many thousand examples crosses
// over as a few arrays and costs the page nothing until somebody looks at it.

import { Numbering } from './numbering.js';

const MEMORY_KEY = 'showtell.backend';

/**
 * @typedef {import('../core/knn.js').Result} Result
 * @typedef {import('../core/quality.js').Quality} Quality
 * @typedef {import('./weights.js').Backbone} Backbone
 * @typedef {import('./numbering.js').Evaluation} Evaluation
 * @typedef {import('../net/api.js').WireClassifier} Classifier
 * @typedef {{id: string, classId: string, group: any}} Example
 * @typedef {{id: string, name: string, probability: number}} TopName
 * @typedef {import('./pixels.js').Picture} Picture an ImageBitmap or a VideoFrame
 * @typedef {object} Seen
 * @property {Result | null} result of what answers; the KNN's is null while there are no examples
 * @property {Result | null} other where asked to compare: what the KNN says, while a trained classifier answers
 * @property {TopName[] | null} top the five best names of a backbone with a top, where asked for
 * @property {Float32Array | null} embedding where asked for
 * @property {{resample: number, embed: number, knn: number, total: number}} ms
 * @typedef {object} Captured
 * @property {Blob} jpeg 224 x 224
 * @property {Float32Array} embedding of that JPEG, decoded again
 * @property {string} fingerprint of the backbone that made the embedding
 * @property {Quality} quality
 * @property {Result | null} result
 * @typedef {object} Loaded
 * @property {string} backend
 * @property {number} inputSize @property {number} embeddingSize @property {boolean} hasTop
 * @property {number} loadMs @property {number} firstMs
 */

const newWorker = () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });

/** End a Worker; nothing may wait for it for ever. @param {Worker} worker @param {Engine['calls']} calls @param {Error} error */
function retire(worker, calls, error) {
  worker.terminate();
  const waiting = [...calls.values()];
  calls.clear();
  for (const { reject } of waiting) reject(error);
}

/**
 * Give the neighbours their ids back, by the numbers of the Worker that was asked.
 * @template {{result: Result | null, other?: Result | null}} T @param {T} seen @param {Numbering} numbering @returns {T}
 */
function named(seen, numbering) {
  for (const result of [seen.result, seen.other]) if (result) result.neighbours = numbering.named(result.neighbours);
  return seen;
}

/**
 * Events: 'progress' {phase: 'code' | 'weights' | 'warmup' | 'probe', fraction: 0..1} while loading;
 * 'evaluation' Evaluation; 'backend' {backend} when it changes on its own; 'error' Error;
 * 'classifier' {classifier} when another one answers, null for the KNN.
 */
export class Engine extends EventTarget {
  /**
   * Start the Worker.
   * @param {{models?: string, backend?: string | null}} [options] models: where backbones without a
   *   `url` lie; backend: use this one instead of choosing
   * @returns {Promise<Engine>}
   */
  static async create({ models = '/models/', backend = null } = {}) {
    return Engine.begin({ models, backend });
  }

  /**
   * Start the Worker, at once.
   * @param {{models?: string, backend?: string | null}} [options] as for `create`
   * @throws {Error} where the browser is too old
   */
  static begin({ models = '/models/', backend = null } = {}) {
    if (typeof Worker === 'undefined' || typeof OffscreenCanvas === 'undefined') {
      throw new Error('This browser cannot work in the background (Worker, OffscreenCanvas). Please update it.');
    }
    return new Engine(newWorker(), models, backend);
  }

  /** @param {Worker} worker @param {string} models @param {string | null} forced */
  constructor(worker, models, forced) {
    super();
    this.worker = worker;
    this.models = models;
    this.forced = forced;
    /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
    this.calls = new Map();
    this.nextCall = 0;
    /** Frames in flight. */
    this.looking = 0;
    /** @type {Error | null} */
    this.dead = null;
    /** @type {Backbone | null} */
    this.backbone = null;
    /** @type {string | null} */
    this.backend = null;
    this.embeddingSize = 0;
    /** What answers instead of the KNN. @type {Classifier | null} */
    this.classifier = null;
    this.numbering = new Numbering();
    this.connect();
  }

  /** Hear the Worker. One that has been replaced goes on answering what it was asked, and then ends. */
  connect() {
    const { worker, calls } = this;
    const fail = (/** @type {string} */ message) => {
      if (worker === this.worker) this.fail(new Error(message));
      else retire(worker, calls, new Error(message));
    };
    worker.onmessage = ({ data }) => this.receive(data, worker, calls);
    worker.onmessageerror = () => fail('An answer of the background worker could not be read.');
    worker.onerror = (event) => {
      event.preventDefault();
      fail(`The background worker stopped: ${event.message || 'its code could not be loaded'}. Reload the page.`);
    };
  }

  /** @param {any} data @param {Worker} worker @param {Engine['calls']} calls that this Worker was asked */
  receive({ call, value, error, event, detail }, worker, calls) {
    const current = worker === this.worker;
    if (event) {
      if (current) this.events[/** @type {keyof Engine['events']} */ (event)](detail);
      return;
    }
    const waiting = calls.get(call);
    calls.delete(call);
    if (error) waiting?.reject(Object.assign(new Error(error.message), { name: error.name }));
    else waiting?.resolve(value);
    if (!current && !calls.size) worker.terminate();
  }

  /** What the Worker says unasked, and what becomes of it here. */
  events = {
    progress: (/** @type {any} */ detail) => this.emit('progress', detail),
    evaluation: (/** @type {any} */ detail) => this.emit('evaluation', this.numbering.accept(detail)),
    evaluating: (/** @type {{progress: number}} */ detail) => this.emit('evaluation', this.numbering.waiting(detail.progress)),
    backendlost: (/** @type {{message: string, backend: string}} */ { message, backend }) => {
      this.forget();
      this.backend = backend;
      this.emit('backend', { backend });
      this.emit('error', Object.assign(new Error(message), { name: 'BackendLost' }));
    },
    error: (/** @type {{name: string, message: string}} */ { name, message }) =>
      this.emit('error', Object.assign(new Error(message), { name })),
  };

  /** @param {string} type @param {any} detail */
  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** The Worker is gone: nothing that waits for it may wait for ever. @param {Error} error */
  fail(error) {
    this.end(error);
    this.emit('error', error);
  }

  /** @param {Error} error */
  end(error) {
    if (this.dead) return;
    this.dead = error;
    retire(this.worker, this.calls, error);
  }

  /** Start another engine like this one, for a backbone that is to follow; see `adopt`. */
  spare() {
    return new Engine(newWorker(), this.models, this.forced);
  }

  /**
   * Go on with the Worker of another engine, with its backbone and its examples, between two calls:
   * no frame goes without an answer. The other engine is used up. A trained classifier stays behind:
   * it may not be able to see with other eyes.
   * @param {Engine} other
   */
  adopt(other) {
    if (other.dead) throw other.dead;
    const { worker, calls } = this;
    for (const key of /** @type {const} */ (['worker', 'calls', 'nextCall', 'backbone', 'backend', 'embeddingSize', 'numbering'])) {
      Object.assign(this, { [key]: other[key] });
    }
    other.dead = new Error('This engine has been adopted by another.');
    other.numbering = new Numbering();
    this.connect();
    if (!calls.size) worker.terminate();
    this.answering(other.classifier);
    const { latest } = this.numbering;
    if (latest) this.emit('evaluation', latest);
  }

  /**
   * @param {string} type @param {any} message @param {Transferable[]} [transfer]
   * @returns {Promise<any>}
   */
  ask(type, message, transfer = []) {
    if (this.dead) return Promise.reject(this.dead);
    const call = this.nextCall++;
    return new Promise((resolve, reject) => {
      this.worker.postMessage({ call, type, ...message }, transfer); // throws before anything waits
      this.calls.set(call, { resolve, reject });
    });
  }

  /**
   * Load a backbone and start it. The examples are forgotten: their vectors belong to the old one.
   * So is a trained classifier.
   * @param {Backbone} backbone an item of GET /api/v1/backbones
   * @returns {Promise<Loaded>}
   */
  async load(backbone) {
    const url = new URL(backbone.url ?? `${this.models}${backbone.name}/`, location.href).href;
    const { probed, ...loaded } = await this.ask('load', {
      backbone: { name: backbone.name, fingerprint: backbone.fingerprint, url: url.endsWith('/') ? url : `${url}/` },
      forced: this.forced,
      remembered: this.remembered(backbone.fingerprint),
    });
    if (probed) this.remember(backbone.fingerprint, probed);
    this.numbering.clear();
    this.backbone = backbone;
    this.backend = loaded.backend;
    this.embeddingSize = loaded.embeddingSize;
    this.answering(null);
    return loaded;
  }

  /**
   * Let a classifier that was trained on the server answer, from the next frame on. The KNN goes on
   * learning meanwhile. If it cannot be had, what answered before goes on.
   * @param {Classifier | null} classifier null: the KNN answers again
   * @param {object} [parts]
   * @param {ArrayBuffer} [parts.weights] of a dense one, or one of neighbours: safetensors; transferred
   * @param {string} [parts.url] of a network: the folder of its model.json
   * @param {(string | null)[]} [parts.classIds] which class of the project each of its classes is now;
   *   null: none
   * @throws {Error} `OtherEyes` where it was trained with another backbone, `NotInPage` where its kind
   *   only answers on the server, `AbortError` where another was chosen before it was here
   */
  async useClassifier(classifier, { weights, url, classIds } = {}) {
    const { worker } = this;
    const description = classifier && {
      id: classifier.id,
      name: classifier.name,
      model: classifier.model,
      backbone: classifier.backbone,
      temperature: classifier.temperature,
      isRegression: classifier.is_regression,
      classIds: classIds ?? classifier.classes.map(({ id }) => id),
    };
    const source = { weights, url: url && new URL(url.endsWith('/') ? url : `${url}/`, location.href).href };
    await this.ask('useClassifier', { description, source }, weights ? [weights] : []);
    if (worker !== this.worker) throw new DOMException('Other eyes have come meanwhile.', 'AbortError');
    this.answering(classifier);
  }

  /**
   * Say anew which class of the project each class of the trained classifier is; null: none.
   * @param {(string | null)[]} ids
   */
  mapClasses(ids) {
    return this.ask('mapClasses', { ids });
  }

  /** @param {Classifier | null} classifier */
  answering(classifier) {
    if (classifier === this.classifier) return;
    this.classifier = classifier;
    this.emit('classifier', { classifier });
  }

  /**
   * Look at a frame: embed and classify it. One frame is in flight at a time; a second one is dropped
   * and answered by null, so that a camera loop needs no queue of its own.
   * @param {Picture} bitmap of any size; transferred, or closed
   * @param {object} [options]
   * @param {boolean} [options.mirror] left to right, as the project wants its camera pictures
   * @param {boolean} [options.classify] @param {boolean} [options.top] @param {boolean} [options.embedding]
   * @param {boolean} [options.compare] whether the KNN is asked as well, while a trained one answers
   * @param {boolean} [options.wait] queue the frame instead of dropping it
   * @returns {Promise<Seen | null>}
   */
  async look(bitmap, { mirror = false, classify = true, top = false, embedding = false, compare = false, wait = false } = {}) {
    if (this.looking > 0 && !wait) {
      bitmap.close();
      return null;
    }
    this.looking++;
    const { numbering } = this;
    try {
      return named(await this.ask('look', { bitmap, mirror, classify, top, embedding, compare }, [bitmap]), numbering);
    } finally {
      this.looking--;
    }
  }

  /**
   * Make an example of a frame: its square as JPEG, and the embedding of that JPEG.
   * @param {Picture} bitmap of any size; transferred
   * @param {{mirror?: boolean, keepEmbedding?: boolean}} [options]
   * @returns {Promise<Captured>}
   */
  async capture(bitmap, { mirror = false, keepEmbedding = true } = {}) {
    const { numbering } = this;
    return named(await this.ask('capture', { bitmap, mirror, keepEmbedding }, [bitmap]), numbering);
  }

  /**
   * Embed a stored picture.
   * @param {Blob} jpeg
   * @returns {Promise<{embedding: Float32Array, fingerprint: string, quality: Quality}>}
   */
  embedStored(jpeg) {
    return this.ask('embedStored', { jpeg });
  }

  /**
   * Embed and classify a stored picture.
   * @param {Blob} jpeg
   * @param {{classify?: boolean, top?: boolean, embedding?: boolean, compare?: boolean}} [options]
   * @returns {Promise<Seen>}
   */
  async lookStored(jpeg, { classify = true, top = false, embedding = false, compare = false } = {}) {
    const { numbering } = this;
    return named(await this.ask('lookStored', { jpeg, classify, top, embedding, compare }), numbering);
  }

  /** Set the classes and their order; examples of other classes are removed. @param {string[]} ids */
  setClasses(ids) {
    this.numbering.keepClasses(ids);
    return this.ask('setClasses', { ids: [...ids] });
  }

  /** @param {{k?: number, tolerance?: number | null}} values */
  setOptions({ k, tolerance }) {
    const values = { ...(k !== undefined && { k }), ...(tolerance !== undefined && { tolerance }) };
    return this.ask('setOptions', { values });
  }

  /**
   * Replace all examples.
   * @param {Example[]} list @param {Float32Array} vectors n * D unit vectors; transferred
   */
  async setExamples(list, vectors) {
    this.numbering.clear();
    await this.put('setExamples', list, vectors);
  }

  /**
   * Append examples.
   * @param {Example[]} list @param {Float32Array} vectors n * D unit vectors; copied
   */
  async addExamples(list, vectors) {
    await this.put('addExamples', list, vectors.slice());
  }

  /** @param {'setExamples' | 'addExamples'} type @param {Example[]} list @param {Float32Array} vectors */
  async put(type, list, vectors) {
    const numbered = this.numbering.add(list);
    try {
      await this.ask(type, { list: numbered, vectors }, [vectors.buffer]);
    } catch (error) {
      this.numbering.remove(list.map(({ id }) => id));
      throw error;
    }
  }

  /** @param {string[]} ids */
  removeExamples(ids) {
    return this.ask('removeExamples', { ids: this.numbering.remove(ids) });
  }

  /** @param {string[]} ids @param {string} classId */
  moveExamples(ids, classId) {
    return this.ask('moveExamples', { ids: this.numbering.move(ids, classId), classId });
  }

  /** Say what is in use; for tests and the curious. */
  memory() {
    return this.ask('memory', {});
  }

  /** End the Worker; whatever still waits is rejected. */
  dispose() {
    this.end(new Error('The engine was closed.'));
    this.numbering.clear();
  }

  // Where a probe has chosen a backend, the next visit need not probe again. Private windows may refuse.

  /** @param {string} fingerprint @returns {string | null} */
  remembered(fingerprint) {
    try {
      const { browser, choices } = JSON.parse(localStorage.getItem(MEMORY_KEY) ?? '{}');
      return browser === navigator.userAgent ? (choices[fingerprint] ?? null) : null;
    } catch {
      return null;
    }
  }

  /** @param {string} fingerprint @param {string} backend */
  remember(fingerprint, backend) {
    try {
      const { browser, choices } = JSON.parse(localStorage.getItem(MEMORY_KEY) ?? '{}');
      const kept = browser === navigator.userAgent ? choices : {};
      const value = { browser: navigator.userAgent, choices: { ...kept, [fingerprint]: backend } };
      localStorage.setItem(MEMORY_KEY, JSON.stringify(value));
    } catch {
      // It will be measured again.
    }
  }

  forget() {
    try {
      localStorage.removeItem(MEMORY_KEY);
    } catch {
      // There was nothing to forget.
    }
  }
}
