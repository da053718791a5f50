/**
 * Settings that speak of classes: what a class does in games (`play`), and what it sets off (`outputs`).
 *
 * @typedef {object} Play
 * @property {Record<string, {scheme: string, map: Record<string, string|null>}>} [bindings] by game; class id to action
 * @property {{smoothing_ms?: number, hold_ms?: number, repeat_ms?: number, repeat_delay_ms?: number,
 *   thresholds?: Record<string, {on?: number, off?: number}>}} [control]
 * @property {Calibrated|null} [calibration]
 *
 * @typedef {object} Calibrated how well it was played by, when it was last tried
 * @property {string} at ISO 8601 UTC
 * @property {string} game
 * @property {number} accuracy 0..1
 * @property {[number, number]} [interval] 0..1
 * @property {number|null} median_ms @property {number|null} p95_ms
 *
 * @typedef {Record<string, Record<string, any>[]>} Outputs by class id
 */
import { jsonBytes } from './json.js';

/** They can be absent; the others always have a value. */
export const OPTIONAL = Object.freeze(['play', 'outputs']);

/** The server takes no more of each. */
export const MOST_BYTES = 65_536;

/** @param {any} value @returns {boolean} whether it may be kept under `play` or `outputs` */
export function fitsClasses(value) {
  if (value === undefined) return true;
  return typeof value === 'object' && value !== null && !Array.isArray(value) && jsonBytes(value) <= MOST_BYTES;
}

/** @param {Record<string, any>} by @param {Map<string, string>} newId */
const rekeyed = (by, newId) => Object.fromEntries(Object.entries(by).flatMap(([id, value]) => (newId.has(id) ? [[newId.get(id), value]] : [])));

/**
 * Copy settings for a project whose classes have other ids. What speaks of a class that is not there is left out.
 * @template {Record<string, any>} T
 * @param {T} settings
 * @param {Map<string, string>} newId by old id
 * @returns {T}
 */
export function withNewIds(settings, newId) {
  /** @type {Record<string, any>} */
  const copy = structuredClone(settings);
  if (copy.outputs) copy.outputs = rekeyed(copy.outputs, newId);
  for (const binding of Object.values(copy.play?.bindings ?? {})) binding.map = rekeyed(binding.map ?? {}, newId);
  return /** @type {T} */ (copy);
}
