/**
 * What tabs of one browser tell each other about the projects they have open.
 *
 * @typedef {{projectId: string, seq: number, edits: import('./edits.js').Edit[],
 *   history: [number, import('./history.js').Step|undefined][], done: number}} Written
 */
const CHANNEL = 'show-and-tell';

/**
 * Listens to what other tabs write to a project, and tells them what this one writes.
 * @param {string} projectId
 * @param {(message: Written) => void} onWritten
 * @returns {{tell: (message: Omit<Written, 'projectId'>) => void, close: () => void}}
 */
export function joinTabs(projectId, onWritten) {
  if (typeof BroadcastChannel === 'undefined') return { tell() {}, close() {} };
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }) => {
    if (data?.projectId === projectId) onWritten(data);
  };
  // Node keeps a process alive for an open channel; a page does not know the method.
  /** @type {any} */ (channel).unref?.();
  let open = true;
  return {
    tell(message) {
      if (open) channel.postMessage({ projectId, ...message });
    },
    close() {
      open = false;
      channel.close();
    },
  };
}

/**
 * Runs one thing at a time among all tabs. Where the browser has no Web Locks (an insecure
 * context), among the callers of this tab only.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function alone(name, work) {
  if (globalThis.navigator?.locks) {
    return /** @type {Promise<T>} */ (navigator.locks.request(`${CHANNEL}:${name}`, work));
  }
  const before = running.get(name) ?? Promise.resolve();
  const mine = before.then(work, work);
  const settled = mine.then(() => {}, () => {});
  running.set(name, settled);
  try {
    return await mine;
  } finally {
    if (running.get(name) === settled) running.delete(name);
  }
}

/** @type {Map<string, Promise<void>>} */
const running = new Map();
