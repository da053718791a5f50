/**
 * Hears over Socket.IO that a project has changed on the server, or how far a fetch is. A hint only:
 * whoever hears it asks the server itself.
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

/**
 * Watches a project. Whenever the server begins to report, at first and after every lost
 * connection, the listener is called with revision undefined, for what may have been missed.
 * @param {string} projectId
 * @param {(change: {id: string, revision: number|null|undefined}) => void} onChanged revision is null
 *   where the project was deleted
 * @returns {() => void} stops
 */
export function watch(projectId, onChanged) {
  let stopped = false;
  const { line, leave } = join();
  const stop = hear(
    'project_changed',
    (/** @type {{id: string, revision: number|null}} */ change) => {
      if (change?.id === projectId) onChanged(change);
    },
    () => {
      line.emit('watch', { project_id: projectId }, () => {
        if (!stopped) onChanged({ id: projectId, revision: undefined });
      });
    },
  );
  return () => {
    if (stopped) return;
    stopped = true;
    line.emit('unwatch', { project_id: projectId });
    stop();
    leave();
  };
}
