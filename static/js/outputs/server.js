// What outputs ask of the server: files of a project, and web hooks.
import { asJson, send } from '../net/transport.js';

/**
 * @typedef {object} Asset a picture or sound of a project
 * @property {string} id @property {string} project_id @property {string} name @property {string} mime
 * @property {number} bytes @property {string} created_at @property {string} url
 * @typedef {object} Hook the address of a class
 * @property {string} class_id @property {string} url @property {boolean} is_enabled @property {string} created_at
 */

/** What a file chooser offers; the server decides by the bytes. */
export const ACCEPT = Object.freeze({ picture: 'image/png,image/jpeg,image/gif,image/webp', file: 'audio/wav,audio/mpeg,audio/ogg,audio/mp4,.m4a,.mp3,.ogg,.wav' });

/** Most bytes of one file; the server checks it too. */
export const MOST_BYTES = 10 * 1024 * 1024;

export class OutputServer {
  /** @param {string} projectId @param {{base?: string, request?: typeof send}} [parts] */
  constructor(projectId, { base = '/api/v1', request = send } = {}) {
    this.base = base;
    this.project = `${base}/projects/${encodeURIComponent(projectId)}`;
    this.request = request;
  }

  /** Where a file lies. @param {string} id */
  fileUrl(id) {
    return `${this.base}/assets/${encodeURIComponent(id)}/file`;
  }

  /** @returns {Promise<Asset[]>} in the order they came */
  async assets() {
    return asJson(await this.request(`${this.project}/assets`)).items;
  }

  /**
   * @param {Blob & {name?: string}} file
   * @param {{name?: string, onProgress?: (done: number, total: number) => void, signal?: AbortSignal}} [options]
   * @returns {Promise<Asset>}
   */
  async addAsset(file, { name = file.name ?? 'file', onProgress, signal } = {}) {
    if (file.size > MOST_BYTES) throw new Error(`${name} has ${(file.size / 1048576).toFixed(1)} MB; at most 10 MB are kept. Make the sound shorter or the picture smaller.`);
    const form = new FormData();
    form.append('file', file, name);
    return asJson(await this.request(`${this.project}/assets`, { method: 'POST', form, onProgress, signal }));
  }

  /** @param {string} id */
  async deleteAsset(id) {
    await this.request(`${this.base}/assets/${encodeURIComponent(id)}`, { method: 'DELETE' });
  }

  /**
   * Copy files of another project into this one, as after a copy of the project.
   * @param {Iterable<string>} ids of files that this project has not
   * @param {typeof fetch} [get]
   * @returns {Promise<Map<string, string>>} new ids by old ones; without those that are gone
   */
  async adopt(ids, get = fetch) {
    /** @type {Map<string, string>} */
    const newId = new Map();
    for (const id of ids) {
      const answer = await get(this.fileUrl(id));
      if (!answer.ok) continue;
      const [, name = 'file'] = /filename="?([^";]+)/.exec(answer.headers.get('Content-Disposition') ?? '') ?? [];
      newId.set(id, (await this.addAsset(await answer.blob(), { name })).id);
    }
    return newId;
  }

  /** @returns {Promise<Hook[]>} */
  async hooks() {
    return asJson(await this.request(`${this.project}/hooks`)).items;
  }

  /** @param {string} classId @param {{url: string, is_enabled: boolean}} hook @returns {Promise<Hook>} */
  async setHook(classId, hook) {
    return asJson(await this.request(this.#hook(classId), { method: 'PUT', json: hook }));
  }

  /** @param {string} classId */
  async deleteHook(classId) {
    await this.request(this.#hook(classId), { method: 'DELETE' });
  }

  /**
   * Let the server call the address of a class.
   * @param {string} classId
   * @param {{label: string, confidence: number|null, at: string}} seen
   * @returns {Promise<{status: number, ms: number}>} how the address answered
   */
  async fire(classId, seen) {
    return asJson(await this.request(`${this.#hook(classId)}/fire`, { method: 'POST', json: seen }));
  }

  /** @param {string} classId */
  #hook(classId) {
    return `${this.project}/hooks/${encodeURIComponent(classId)}`;
  }
}
