// How loud games and outputs are, kept in this browser for all of them.

const KEY = 'showtell.volume';
/** Loud enough to hear, and nobody is startled. */
export const USUAL = 0.8;

/** localStorage, where it is allowed. @returns {Storage|null} */
function ours() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/**
 * Recall how loud it was.
 * @param {Pick<Storage, 'getItem'>|null} [storage]
 * @returns {number} 0..1
 */
export function recallVolume(storage = ours()) {
  try {
    const kept = storage?.getItem(KEY) ?? null;
    const value = kept === null ? NaN : Number(kept);
    return value >= 0 && value <= 1 ? value : USUAL;
  } catch {
    return USUAL;
  }
}

/**
 * Keep how loud it is.
 * @param {number} value 0..1
 * @param {Pick<Storage, 'setItem'>|null} [storage]
 */
export function keepVolume(value, storage = ours()) {
  try {
    storage?.setItem(KEY, String(value));
  } catch {
    // Storage may be forbidden; it then lasts as long as the page.
  }
}
