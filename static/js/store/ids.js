/**
 * Makes a random UUID (version 4), lower-case with dashes.
 *
 * `crypto.randomUUID` exists in secure contexts only; a phone that opens the page by an address of
 * the local network is none, and must be able to teach all the same.
 * @returns {string}
 */
export function uuid() {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * Makes a clock that never answers the same millisecond twice, so that an order by time is total.
 * @param {() => number} [now] milliseconds since 1970
 * @returns {() => string} ISO 8601 UTC with milliseconds
 */
export function strictClock(now = Date.now) {
  let last = 0;
  return () => {
    last = Math.max(now(), last + 1);
    return new Date(last).toISOString();
  };
}
