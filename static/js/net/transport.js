/**
 * One request, one answer. `fetch` does it, but for uploads that are to show progress:
 * those need XMLHttpRequest.
 */
import { ApiError, NetworkError } from './errors.js';

/**
 * @typedef {object} Request
 * @property {string} [method]
 * @property {unknown} [json] body, sent as JSON
 * @property {FormData} [form] body, sent as multipart
 * @property {string|null} [etag] the revision that a write is for
 * @property {AbortSignal} [signal]
 * @property {(done: number, total: number) => void} [onProgress] bytes of the body that have left
 * @typedef {{status: number, etag: string|null, type: string, body: ArrayBuffer}} Answer
 */

/** Who this page says it is; see `actAs`. @type {Record<string, string>} */
let identity = {};

/**
 * Make all requests of this page in the name of a phone: on the computer's own address, which asks for
 * no token, nothing else would tell the page of a phone from a page of the computer.
 * @param {string|null} phoneId
 */
export function actAs(phoneId) {
  identity = phoneId ? { 'X-Showtell-Phone': phoneId } : {};
}

/**
 * Sends a request.
 * @param {string} url
 * @param {Request} [request]
 * @returns {Promise<Answer>} with a status below 400
 * @throws {ApiError} the server refuses
 * @throws {NetworkError} the server does not answer
 * @throws {DOMException} AbortError, where `signal` says so
 */
export async function send(url, { method = 'GET', json, form, etag, signal, onProgress } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: 'application/json', ...identity };
  if (etag) headers['If-Match'] = etag;
  if (json !== undefined) headers['Content-Type'] = 'application/json';
  const body = json === undefined ? form : JSON.stringify(json);
  const withProgress = onProgress && typeof XMLHttpRequest !== 'undefined';
  const answer = await (withProgress ? byXhr : byFetch)(url, { method, headers, body, signal, onProgress });
  if (answer.status < 400) return answer;
  throw new ApiError(answer.status, asProblem(answer));
}

/** @param {Answer} answer @returns {any} */
export const asJson = ({ body }) => JSON.parse(new TextDecoder().decode(body));

/** @param {Answer} answer */
function asProblem(answer) {
  if (!/[/+]json\b/.test(answer.type)) return {};
  try {
    return asJson(answer) ?? {};
  } catch {
    return {};
  }
}

/** @param {string} url @param {any} init @returns {Promise<Answer>} */
async function byFetch(url, { method, headers, body, signal }) {
  try {
    const answer = await fetch(url, { method, headers, body, signal, cache: 'no-store', credentials: 'same-origin' });
    return {
      status: answer.status,
      etag: answer.headers.get('ETag'),
      type: answer.headers.get('Content-Type') ?? '',
      body: await answer.arrayBuffer(),
    };
  } catch (error) {
    signal?.throwIfAborted();
    throw new NetworkError(error);
  }
}

/** @param {string} url @param {any} init @returns {Promise<Answer>} */
function byXhr(url, { method, headers, body, signal, onProgress }) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const xhr = new XMLHttpRequest();
    xhr.open(method, url);
    xhr.responseType = 'arraybuffer';
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = ({ loaded, total }) => onProgress(loaded, total);
    const cancel = () => xhr.abort();
    signal?.addEventListener('abort', cancel, { once: true });
    xhr.onloadend = () => signal?.removeEventListener('abort', cancel);
    xhr.onabort = () => reject(signal?.reason ?? new DOMException('Cancelled', 'AbortError'));
    xhr.onerror = () => reject(new NetworkError());
    xhr.onload = () =>
      resolve({
        status: xhr.status,
        etag: xhr.getResponseHeader('ETag'),
        type: xhr.getResponseHeader('Content-Type') ?? '',
        body: xhr.response ?? new ArrayBuffer(0),
      });
    xhr.send(body);
  });
}
