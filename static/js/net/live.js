/**
 * Hears over Socket.IO that a project has changed on the server. A hint only: whoever hears it asks
 * the server itself.
 */
import { io } from 'socket.io-client';

/** One connection for the page, however many projects it watches. @type {import('socket.io-client').Socket|null} */
let socket = null;
let watchers = 0;

/**
 * Watches a project. Whenever the server begins to report, at first and after every lost
 * connection, the listener is called with revision undefined, for what may have been missed.
 * @param {string} projectId
 * @param {(change: {id: string, revision: number|null|undefined}) => void} onChanged revision is null
 *   where the project was deleted
 * @returns {() => void} stops
 */
export function watch(projectId, onChanged) {
  const line = (socket ??= io({ transports: ['websocket', 'polling'], tryAllTransports: true }));
  watchers += 1;
  let stopped = false;
  const join = () => {
    line.emit('watch', { project_id: projectId }, () => {
      if (!stopped) onChanged({ id: projectId, revision: undefined });
    });
  };
  const changed = (/** @type {{id: string, revision: number|null}} */ change) => {
    if (change?.id === projectId) onChanged(change);
  };
  line.on('connect', join);
  line.on('project_changed', changed);
  if (line.connected) join();
  return () => {
    if (stopped) return;
    stopped = true;
    line.off('connect', join);
    line.off('project_changed', changed);
    line.emit('unwatch', { project_id: projectId });
    watchers -= 1;
    if (watchers === 0) {
      line.disconnect();
      socket = null;
    }
  };
}
