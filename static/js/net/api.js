/**
 * The server's `/api/v1`, one method a route. Answers as they are on the wire (docs/architecture.md).
 *
 * @typedef {{id: string, label: string, color: string}} WireClass
 * @typedef {object} WireProject
 * @property {string} id
 * @property {string} name
 * @property {number} revision
 * @property {string} created_at
 * @property {string} changed_at
 * @property {string} backbone
 * @property {import('../store/edits.js').Settings} settings
 * @property {(WireClass & {count: number, covers: string[]})[]} classes
 * @property {number} sample_count
 *
 * @typedef {object} WireSample
 * @property {string} id
 * @property {string} project_id
 * @property {string} class_id
 * @property {string} label
 * @property {string} created_at
 * @property {string|null} burst
 * @property {string} source
 * @property {string|null} sha256
 * @property {number} bytes
 * @property {string|null} contributor who showed it; null: the project's own page
 * @property {string|null} image
 *
 * @typedef {object} WirePhone
 * @property {string} id @property {string} project_id
 * @property {'player'|'teacher'} role
 * @property {number|null} player 1 to 4 where it plays
 * @property {string} name of its person
 * @property {string} created_at @property {string} seen_at
 * @property {boolean} connected
 *
 * @typedef {object} WirePairing a code that lets one phone in
 * @property {string} id
 * @property {string} url what the QR code says @property {string} page where the code can be typed
 * @property {string} code @property {string} qr address of an SVG
 * @property {'player'|'teacher'} role @property {number|null} player
 * @property {string} expires_at @property {number} seconds_left
 * @property {boolean} reachable @property {string} hint what to do where it is not
 * @property {{sha256: string, is_own: boolean}|null} certificate
 *
 * @typedef {import('../core/eyes.js').Fetch} Fetch
 *
 * @typedef {object} WireJob a piece of work on the server, as docs/api.md tells
 * @property {string} id
 * @property {'training'|'all'|'export'|'import'} kind
 * @property {string|null} project_id @property {string|null} parent_id
 * @property {string|null} recipe @property {Record<string, any>} options
 * @property {string|null} format of an export
 * @property {string} name
 * @property {'queued'|'running'|'done'|'failed'|'cancelled'} state
 * @property {string} phase @property {number} fraction 0..1 @property {number|null} seconds_left
 * @property {number} attempt
 * @property {string} created_at @property {string|null} started_at @property {string|null} ended_at
 * @property {{title: string, detail: string, hint: string}|null} problem
 * @property {string|null} classifier_id
 * @property {number|null} accuracy @property {[number, number]|null} interval
 * @property {number} sequence of its newest event
 * @property {WireJob[]} children of "all"
 *
 * @typedef {object} WireEvent
 * @property {string} job_id
 * @property {number} sequence from 1
 * @property {string} at
 * @property {'log'|'metrics'|'state'} kind
 * @property {string} [level] @property {string} [text] @property {string} [state]
 * @property {number} [epoch] @property {number} [epochs]
 * @property {number|null} [loss] @property {number|null} [accuracy]
 * @property {number|null} [val_loss] @property {number|null} [val_accuracy]
 *
 * @typedef {object} WireClassifier
 * @property {string} id
 * @property {string|null} project_id @property {string|null} job_id
 * @property {string} name @property {string} recipe @property {string} created_at
 * @property {number|null} revision of the project when it was trained
 * @property {number} bytes
 * @property {{id: string|null, label: string, color: string|null}[]} classes in the order of its scores
 * @property {{name: string, fingerprint: string, embedding_size: number}|null} backbone
 * @property {{kind: 'dense'|'neighbours'|'network', [name: string]: any}} model
 * @property {number} temperature
 * @property {boolean} is_regression
 * @property {number|null} accuracy @property {[number, number]|null} interval @property {number|null} seconds
 * @property {any} [report] where one classifier is asked for
 *
 * @typedef {{id: string, blob: Blob, name?: string, burst: string|null, source: string, created_at: string, contributor?: string|null}} Upload
 */
import { ApiError } from './errors.js';
import { parseSafetensors } from './safetensors.js';
import { asJson, send } from './transport.js';

export { ApiError, NetworkError } from './errors.js';

export class Api {
  /** @param {string} [base] */
  constructor(base = '/api/v1') {
    this.base = base.replace(/\/$/, '');
  }

  /** @param {{page?: number, pageSize?: number, signal?: AbortSignal}} [options] @returns {Promise<{items: WireProject[], total: number}>} */
  async projects({ page = 1, pageSize = 1000, signal } = {}) {
    return asJson(await send(`${this.base}/projects?page=${page}&page_size=${pageSize}`, { signal }));
  }

  /** @param {string} id @param {{signal?: AbortSignal}} [options] @returns {Promise<{project: WireProject, etag: string}>} */
  async project(id, { signal } = {}) {
    return asProject(await send(this.#project(id), { signal }));
  }

  /**
   * Makes a project; one that is there already with the same content is answered as it is.
   * @param {{id: string, name: string, classes: WireClass[], settings: object, backbone?: string}} doc
   * @param {{signal?: AbortSignal}} [options]
   */
  async createProject(doc, { signal } = {}) {
    return asProject(await send(`${this.base}/projects`, { method: 'POST', json: doc, signal }));
  }

  /** @param {string} id @param {object} patch @param {{etag?: string|null, signal?: AbortSignal}} [options] */
  async patchProject(id, patch, { etag, signal } = {}) {
    return asProject(await send(this.#project(id), { method: 'PATCH', json: patch, etag, signal }));
  }

  /** @param {string} id @param {{etag?: string|null}} [options] */
  async deleteProject(id, { etag } = {}) {
    await send(this.#project(id), { method: 'DELETE', etag });
  }

  /**
   * @param {string} id
   * @param {{page?: number, pageSize?: number, signal?: AbortSignal}} [options]
   * @returns {Promise<{items: WireSample[], total: number, etag: string|null}>}
   */
  async samples(id, { page = 1, pageSize = 2000, signal } = {}) {
    const answer = await send(`${this.#project(id)}/samples?page=${page}&page_size=${pageSize}`, { signal });
    return { ...asJson(answer), etag: answer.etag };
  }

  /**
   * Sends pictures of one class. May be repeated: the server knows samples by their id.
   * @param {string} id of the project
   * @param {{classId: string, files: Upload[]}} samples
   * @param {{etag?: string|null, signal?: AbortSignal, onProgress?: (done: number, total: number) => void}} [options]
   */
  async addSamples(id, { classId, files }, { etag, signal, onProgress } = {}) {
    const form = new FormData();
    form.append('class_id', classId);
    for (const file of files) {
      form.append('id', file.id);
      form.append('burst', file.burst ?? '');
      form.append('source', file.source);
      form.append('created_at', file.created_at);
      form.append('contributor', file.contributor ?? '');
      form.append('file', file.blob, file.name ?? `${file.id}.jpg`);
    }
    const answer = await send(`${this.#project(id)}/samples`, { method: 'POST', form, etag, signal, onProgress });
    return { ...asJson(answer), etag: answer.etag };
  }

  /** @param {string} id of the sample @param {{classId: string}} target @param {{etag?: string|null, signal?: AbortSignal}} [options] */
  async moveSample(id, { classId }, { etag, signal } = {}) {
    const answer = await send(this.#sample(id), { method: 'PATCH', json: { class_id: classId }, etag, signal });
    return { sample: asJson(answer), etag: answer.etag };
  }

  /** @param {string} id of the sample @param {{etag?: string|null, signal?: AbortSignal}} [options] */
  async deleteSample(id, { etag, signal } = {}) {
    return { etag: (await send(this.#sample(id), { method: 'DELETE', etag, signal })).etag };
  }

  /** @param {string} sampleId */
  imageUrl(sampleId) {
    return `${this.#sample(sampleId)}/image`;
  }

  /** @param {string} sampleId @param {{signal?: AbortSignal}} [options] @returns {Promise<Blob>} */
  async image(sampleId, { signal } = {}) {
    const { body, type } = await send(this.imageUrl(sampleId), { signal });
    return new Blob([body], { type: type || 'image/jpeg' });
  }

  /**
   * Gets the embeddings that the server has of a project's samples.
   * @param {string} id
   * @param {string} fingerprint of the backbone
   * @param {{signal?: AbortSignal}} [options]
   * @returns {Promise<{ids: string[], vectors: Float32Array, size: number}|null>} null where it has none
   * @throws {RangeError} where ids and vectors do not fit
   */
  async embeddings(id, fingerprint, { signal } = {}) {
    let answer;
    try {
      answer = await send(`${this.#project(id)}/embeddings?backbone=${encodeURIComponent(fingerprint)}`, { signal });
    } catch (error) {
      if (error instanceof ApiError && [404, 409].includes(error.status)) return null;
      throw error;
    }
    if (answer.status === 204) return null;
    return asEmbeddings(answer.body);
  }

  /** @returns {Promise<any[]>} */
  async backbones() {
    return asJson(await send(`${this.base}/backbones`)).items;
  }

  /** @returns {Promise<any[]>} the official backbones, here or not, each with its fetch */
  async catalogue() {
    return asJson(await send(`${this.base}/backbones/catalogue`)).items;
  }

  /** Begins to fetch an official backbone. @param {string} name @returns {Promise<Fetch>} */
  async fetchBackbone(name) {
    return asJson(await send(`${this.#backbone(name)}/fetch`, { method: 'POST' }));
  }

  /** @param {string} name @returns {Promise<Fetch>} how far it is, or how it ended */
  async backboneFetch(name) {
    return asJson(await send(`${this.#backbone(name)}/fetch`));
  }

  /** @param {string} name @returns {Promise<Fetch>} as it is after the end */
  async cancelBackboneFetch(name) {
    return asJson(await send(`${this.#backbone(name)}/fetch`, { method: 'DELETE' }));
  }

  /** Measures a backbone on the server. @param {string} name @returns {Promise<{milliseconds: number, pictures: number}>} */
  async backboneSpeed(name) {
    return asJson(await send(`${this.#backbone(name)}/speed`));
  }

  /**
   * Brings a file in as a new project.
   * @param {File} file
   * @param {{onProgress?: (done: number, total: number) => void, signal?: AbortSignal}} [options]
   * @returns {Promise<WireProject & {notes: string[]}>} and what was left out, in sentences
   */
  async importProject(file, { onProgress, signal } = {}) {
    const form = new FormData();
    form.append('file', file, file.name);
    return asJson(await send(`${this.base}/projects/import`, { method: 'POST', form, onProgress, signal }));
  }

  /** @param {string} id @param {string} format */
  exportUrl(id, format) {
    return `${this.#project(id)}/export?format=${encodeURIComponent(format)}`;
  }

  /** @param {string} id @param {Iterable<File>} files @param {{signal?: AbortSignal}} [options] @returns {Promise<any[]>} an answer for each file */
  async predict(id, files, { signal } = {}) {
    const form = new FormData();
    for (const file of files) form.append('file', file, file.name);
    return asJson(await send(`${this.#project(id)}/predict`, { method: 'POST', form, signal })).items;
  }

  // Trainings ----------------------------------------------------------------------------------

  /** @returns {Promise<any[]>} how a classifier can be trained, with the options of each */
  async recipes() {
    return asJson(await send(`${this.base}/recipes`)).items;
  }

  /**
   * Begins a training of what the server has of a project.
   * @param {string} id of the project
   * @param {{recipe: string, options?: Record<string, any>, name?: string}} wish recipe: a name, or "all"
   * @returns {Promise<WireJob>}
   */
  async startTraining(id, { recipe, options, name }) {
    return asJson(await send(`${this.#project(id)}/trainings`, { method: 'POST', json: { recipe, ...(options && { options }), ...(name && { name }) } }));
  }

  /** @param {string} projectId @param {{state?: string}} [options] @returns {Promise<WireJob[]>} newest first */
  async jobs(projectId, { state } = {}) {
    const query = new URLSearchParams({ project_id: projectId, ...(state && { state }) });
    return asJson(await send(`${this.base}/jobs?${query}`)).items;
  }

  /** @param {string} id @returns {Promise<WireJob>} */
  async job(id) {
    return asJson(await send(this.#job(id)));
  }

  /** @param {string} id @param {number} [after] sequence of the last event that is known @returns {Promise<WireEvent[]>} in order */
  async jobEvents(id, after = 0) {
    return asJson(await send(`${this.#job(id)}/events?after=${after}`)).items;
  }

  /** @param {string} id @returns {Promise<WireJob>} as it is after that; one that has ended stays as it is */
  async cancelJob(id) {
    return asJson(await send(this.#job(id), { method: 'DELETE' }));
  }

  /** @param {string} projectId @returns {Promise<WireClassifier[]>} newest first, without reports */
  async classifiers(projectId) {
    return asJson(await send(`${this.#project(projectId)}/classifiers`)).items;
  }

  /** @param {string} id @returns {Promise<WireClassifier>} with its report */
  async classifier(id) {
    return asJson(await send(this.#classifier(id)));
  }

  /** @param {string} id */
  async deleteClassifier(id) {
    await send(this.#classifier(id), { method: 'DELETE' });
  }

  /** Gets the numbers of a classifier on embeddings. @param {string} id @returns {Promise<ArrayBuffer>} safetensors */
  async classifierWeights(id) {
    return (await send(`${this.#classifier(id)}/weights`)).body;
  }

  /** Where the TensorFlow.js files of a network lie. @param {string} id */
  networkUrl(id) {
    return `${this.#classifier(id)}/tfjs/`;
  }

  /** @param {string} id @returns {Promise<{format: string, title: string, description: string, extension: string, available: boolean, reason: string|null}[]>} */
  async exportsOf(id) {
    return asJson(await send(`${this.#classifier(id)}/exports`)).items;
  }

  /** Begins to make an export. @param {string} id @param {string} format @returns {Promise<WireJob>} */
  async startExport(id, format) {
    return asJson(await send(`${this.#classifier(id)}/exports`, { method: 'POST', json: { format } }));
  }

  /** @param {string} id of a classifier @param {string} format */
  exportUrlOf(id, format) {
    return `${this.#classifier(id)}/export?format=${encodeURIComponent(format)}`;
  }

  /** @param {string} id of a classifier @param {'html'|'json'} format */
  reportUrl(id, format) {
    return `${this.#classifier(id)}/report?format=${format}`;
  }

  /**
   * Brings a classifier in: a .classifier, a Teachable Machine model, a Keras model.
   * @param {File} file
   * @param {{projectId?: string, onProgress?: (done: number, total: number) => void, signal?: AbortSignal}} [options]
   * @returns {Promise<WireJob>}
   */
  async importClassifier(file, { projectId, onProgress, signal } = {}) {
    const form = new FormData();
    if (projectId) form.append('project_id', projectId);
    form.append('file', file, file.name);
    return asJson(await send(`${this.base}/classifiers`, { method: 'POST', form, onProgress, signal }));
  }

  // Phones -------------------------------------------------------------------------------------

  /**
   * Makes a code that lets one phone in.
   * @param {string} id of the project @param {{role: 'player'|'teacher', player?: number}} wish
   * @returns {Promise<WirePairing>}
   */
  async pair(id, { role, player }) {
    return asJson(await send(`${this.#project(id)}/pairings`, { method: 'POST', json: { role, ...(player && { player }) } }));
  }

  /** Shows the code that this phone has scanned. @param {{token: string, name: string}} claim @returns {Promise<WirePhone & {project: string}>} */
  async claimPhone(claim) {
    return asJson(await send(`${this.base}/phones/claim`, { method: 'POST', json: claim }));
  }

  /** @returns {Promise<WirePhone & {project: string}>} what this phone was let in for */
  async ownPhone() {
    return asJson(await send(`${this.base}/phones/me`));
  }

  /** @param {string} id of the project @returns {Promise<WirePhone[]>} */
  async phones(id) {
    return asJson(await send(`${this.#project(id)}/phones`)).items;
  }

  /** Shuts a phone out. @param {string} id */
  async removePhone(id) {
    await send(`${this.base}/phones/${encodeURIComponent(id)}`, { method: 'DELETE' });
  }

  /** @param {string} id */
  #job(id) {
    return `${this.base}/jobs/${encodeURIComponent(id)}`;
  }

  /** @param {string} id */
  #classifier(id) {
    return `${this.base}/classifiers/${encodeURIComponent(id)}`;
  }

  /** @param {string} id */
  #project(id) {
    return `${this.base}/projects/${encodeURIComponent(id)}`;
  }

  /** @param {string} name */
  #backbone(name) {
    return `${this.base}/backbones/${encodeURIComponent(name)}`;
  }

  /** @param {string} id */
  #sample(id) {
    return `${this.base}/samples/${encodeURIComponent(id)}`;
  }
}

/** @param {import('./transport.js').Answer} answer @returns {{project: WireProject, etag: string}} */
function asProject(answer) {
  const project = asJson(answer);
  return { project, etag: answer.etag ?? `"${project.revision}"` };
}

/** @param {ArrayBuffer} body */
function asEmbeddings(body) {
  const { metadata, tensors } = parseSafetensors(body);
  const vectors = tensors.get('vectors');
  const ids = JSON.parse(metadata.ids ?? '[]');
  if (!vectors || vectors.shape.length !== 2 || vectors.shape[0] !== ids.length) {
    throw new RangeError(`The server sent embeddings of shape ${vectors?.shape} for ${ids.length} samples.`);
  }
  return { ids, vectors: vectors.data, size: vectors.shape[1] };
}
