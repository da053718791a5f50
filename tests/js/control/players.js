// What the tests of controllers share: a clock that stands still, and who listens.

/** A clock that is set by hand. */
export function clock(time = 0) {
  const now = () => now.time;
  now.time = time;
  return now;
}

/** Write down what a controller says. @param {import('../../../static/js/control/controller.js').Controller} controller */
export function heard(controller) {
  /** @type {string[]} */
  const lines = [];
  controller.addEventListener('action', (event) => {
    const { type, action } = /** @type {CustomEvent} */ (event).detail;
    lines.push(`${type} ${action}`);
  });
  return lines;
}

/** Write down what states a controller goes through. @param {import('../../../static/js/control/controller.js').Controller} controller */
export function states(controller) {
  /** @type {string[]} */
  const lines = [];
  controller.addEventListener('state', () => lines.push(controller.state));
  return lines;
}

/** What sends what it sees, as a recogniser or a phone does. */
export function eyes() {
  /** @type {Set<(seen: any) => void>} */
  const listeners = new Set();
  return {
    listeners,
    onSeen: (/** @type {(seen: any) => void} */ listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** @param {number[] | null} shown @param {object} more */
    see: (shown, more) => listeners.forEach((listener) => listener({ result: shown && { shown: Float32Array.from(shown), unknown: false, value: null }, ...more })),
  };
}
