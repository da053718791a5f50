/**
 * Hears over Socket.IO that a project has changed on the server, how far its trainings are, or how far
 * a fetch is. A hint only: whoever hears it asks the server itself.
 */
import { io } from 'socket.io-client';

/** One connection for the page, however many listen. @type {import('socket.io-client').Socket|null} */
let socket = null;
let listeners = 0;

/** @returns {{line: import('socket.io-client').Socket, leave: () => void}} */
function join() {
  const line = (socket ??= io({ transports: ['websocket', 'polling'], tryAllTransports: true }));
  listeners += 1;
  const leave = () => {
    listeners -= 1;
    if (listeners > 0) return;
    line.disconnect();
    socket = null;
  };
  return { line, leave };
}

/** Namespaces in use. @type {Map<string, {line: import('socket.io-client').Socket, users: number}>} */
const namespaces = new Map();

/**
 * Enters a namespace of Socket.IO, over the page's one connection.
 * @param {string} name such as '/stream'
 * @returns {{line: import('socket.io-client').Socket, leave: () => void}}
 */
export function enter(name) {
  const { line: root, leave: leaveRoot } = join();
  const space = namespaces.get(name) ?? { line: root.io.socket(name), users: 0 };
  namespaces.set(name, space);
  space.users += 1;
  let left = false;
  const leave = () => {
    if (left) return;
    left = true;
    space.users -= 1;
    if (!space.users) {
      namespaces.delete(name);
      space.line.disconnect();
    }
    leaveRoot();
  };
  return { line: space.line, leave };
}

/**
 * Hears what the server tells every page.
 * @param {string} event
 * @param {(detail: any) => void} listener
 * @param {() => void} onConnected at first and after every lost connection, for what may have been missed
 * @returns {() => void} stops
 */
export function hear(event, listener, onConnected) {
  const { line, leave } = join();
  line.on('connect', onConnected);
  line.on(event, listener);
  if (line.connected) onConnected();
  let stopped = false;
  return () => {
    if (stopped) return;
    stopped = true;
    line.off('connect', onConnected);
    line.off(event, listener);
    leave();
  };
}

/** How many watch each project: the server knows only whether this page does. @type {Map<string, number>} */
const watchers = new Map();

/**
 * Hears what the server tells those who watch a project.
 * @param {string} projectId
 * @param {Record<string, (detail: any) => void>} listeners by event
 * @param {() => void} onWatching whenever the server begins to report, at first and after every lost
 *   connection, for what may have been missed
 * @returns {() => void} stops
 */
export function watchAll(projectId, listeners, onWatching) {
  const { line, leave } = join();
  let stopped = false;
  const enter = () => {
    line.emit('watch', { project_id: projectId }, () => {
      if (!stopped) onWatching();
    });
  };
  watchers.set(projectId, (watchers.get(projectId) ?? 0) + 1);
  for (const [event, listener] of Object.entries(listeners)) line.on(event, listener);
  line.on('connect', enter);
  if (line.connected) enter();
  return () => {
    if (stopped) return;
    stopped = true;
    line.off('connect', enter);
    for (const [event, listener] of Object.entries(listeners)) line.off(event, listener);
    const left = /** @type {number} */ (watchers.get(projectId)) - 1;
    if (left) watchers.set(projectId, left);
    else {
      watchers.delete(projectId);
      line.emit('unwatch', { project_id: projectId });
    }
    leave();
  };
}

/**
 * Watches a project. When the server begins to report, the listener is called with revision undefined.
 * @param {string} projectId
 * @param {(change: {id: string, revision: number|null|undefined}) => void} onChanged revision is null
 *   where the project was deleted
 * @returns {() => void} stops
 */
export function watch(projectId, onChanged) {
  const listener = (/** @type {{id: string, revision: number|null}} */ change) => {
    if (change?.id === projectId) onChanged(change);
  };
  return watchAll(projectId, { project_changed: listener }, () => onChanged({ id: projectId, revision: undefined }));
}
