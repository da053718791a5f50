// From an answer about classes to strengths of actions.

/** @typedef {{shown: ArrayLike<number>, unknown?: boolean, value?: number | null}} Answer what is needed of a `Result` */

/**
 * Add up how sure the classifier is of the classes that mean each action. An unknown picture, a number
 * instead of a class, and an answer about other classes than these say nothing: all are 0.
 * @param {Answer | null} result
 * @param {readonly string[]} classIds in the order of `result.shown`
 * @param {Readonly<Record<string, string | null>>} map action of each class; null or missing: nothing
 * @param {readonly string[]} actions
 * @param {Float32Array} out one number per action, 0..1
 * @returns {Float32Array} out
 */
export function strengths(result, classIds, map, actions, out) {
  out.fill(0);
  if (!result || result.unknown || typeof result.value === 'number' || result.shown.length !== classIds.length) return out;
  for (let i = 0; i < classIds.length; i++) {
    const action = map[classIds[i]];
    if (!action) continue;
    const at = actions.indexOf(action);
    if (at >= 0) out[at] = Math.min(1, out[at] + result.shown[i]);
  }
  return out;
}
