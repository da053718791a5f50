/** Settings may be objects: they are the same where their JSON is, in whatever order their keys stand. */

/**
 * Compare two values of JSON, however deep; what is not there equals `undefined`.
 * @param {any} a @param {any} b
 * @returns {boolean}
 */
export function sameJson(a, b) {
  if (Object.is(a, b) || a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const key of keys) if (!sameJson(a[key], b[key])) return false;
  return true;
}

/**
 * List the keys under which two objects differ.
 * @param {Record<string, any>} a @param {Record<string, any>} b
 */
export function keysThatDiffer(a, b) {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => !sameJson(a[key], b[key]));
}

/**
 * Size of a value on the wire.
 * @param {any} value @returns {number} bytes
 */
export const jsonBytes = (value) => new TextEncoder().encode(JSON.stringify(value) ?? '').length;
