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
 * @property {string|null} image
 *
 * @typedef {import('../core/eyes.js').Fetch} Fetch
 *
 * @typedef {{id: string, blob: Blob, name?: string, burst: string|null, source: string, created_at: string}} Upload
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
