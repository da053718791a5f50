/**
 * What can be done when the server and this browser have both moved on.
 *
 * @typedef {import('./session.js').Session} Session
 */
import { copyProject } from './copy.js';
import { merge } from './merge.js';
import { baseSnapshot, editsTowards, EMPTY, localSnapshot, readServer } from './snapshot.js';

/** Each answers the id of the project that has mine in it. @type {Record<string, (session: Session) => Promise<string>>} */
export const RESOLVE = {
  async merge(session) {
    const server = await readServer(session.api, session.id);
    const merged = merge(baseSnapshot(session.state) ?? EMPTY, localSnapshot(session.state), server.snapshot);
    session.apply(editsTowards(session.state, merged, server), { label: 'Merge with the server', reset: true });
    return session.id;
  },

  /** A merge that is no step of this person: others teach along, and undo is about what was done here. */
  async join(session) {
    const server = await readServer(session.api, session.id);
    const merged = merge(baseSnapshot(session.state) ?? EMPTY, localSnapshot(session.state), server.snapshot);
    session.apply(editsTowards(session.state, merged, server), { reset: true });
    return session.id;
  },

  async theirs(session) {
    const server = await readServer(session.api, session.id);
    session.apply(editsTowards(session.state, server.snapshot, server), { label: 'Take the version of the server', reset: true });
    return session.id;
  },

  async 'mine-as-copy'(session) {
    const copy = await copyProject(session, `${session.name} (copy)`);
    const server = await readServer(session.api, session.id);
    session.apply(editsTowards(session.state, server.snapshot, server), { reset: true });
    return copy;
  },
};
