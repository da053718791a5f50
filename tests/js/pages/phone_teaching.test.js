import assert from 'node:assert/strict';
import test from 'node:test';
import { TeachAlong } from '../../../static/js/pages/phone_teaching.js';
import { ApiError, NetworkError } from '../../../static/js/net/errors.js';

/** A server that keeps what it is sent, and fails when a test says so. */
class Server {
  /** @type {Map<string, string>} */
  kept = new Map();
  /** @type {Error|null} */
  fault = null;
  requests = 0;
  /** @param {string} _id @param {any} sent */
  async addSamples(_id, { classId, files }) {
    this.requests += 1;
    if (this.fault) throw this.fault;
    for (const { id } of files) this.kept.set(id, classId);
  }
  /** @param {string} id */
  async deleteSample(id) {
    if (this.fault) throw this.fault;
    if (!this.kept.delete(id)) throw new ApiError(403, {});
  }
}

/** @param {(id: string) => boolean} [has] */
function phone(has) {
  const server = new Server();
  /** @type {(() => void)[]} */
  const later = [];
  const classes = [{ id: 'c', label: 'Cup', color: '#111111' }, { id: 's', label: 'Spoon', color: '#222222' }];
  const along = new TeachAlong({ api: /** @type {any} */ (server), projectId: 'p', classes: () => classes, has, later: (run) => later.push(run) });
  let n = 0;
  const take = (/** @type {string} */ classId, /** @type {string} */ burst, count = 1) => {
    for (let i = 0; i < count; i += 1) along.addSamples(classId, [{ id: `${burst}${(n += 1)}`, jpeg: new Blob(['x']), burst }]);
  };
  return { server, along, later, take };
}

test('pictures of a held button leave together, and are counted by class', async () => {
  const { server, along, later, take } = phone();
  take('c', 'a', 50);
  take('s', 'b', 3);
  assert.equal(later.length, 1);
  assert.equal(along.waiting, 53);
  await along.flush();
  assert.equal(server.requests, 3);
  assert.deepEqual([along.waiting, along.countOf('c').all, along.countOf('s').all, server.kept.size], [0, 50, 3, 53]);
});

test('without a connection pictures wait and leave later', async () => {
  const { server, along, later, take } = phone();
  server.fault = new NetworkError();
  take('c', 'a', 4);
  later.shift()?.();
  await along.sending;
  assert.deepEqual([along.isOffline, along.waiting, along.countOf('c').all], [true, 4, 4]);
  assert.equal(later.length, 1); // it tries again by itself
  server.fault = null;
  await along.flush();
  assert.deepEqual([along.isOffline, along.waiting, server.kept.size], [false, 0, 4]);
});

test('the last burst is taken back from the server too, the one before stays', async () => {
  const { server, along, take } = phone();
  take('c', 'a', 2);
  take('s', 'b', 3);
  await along.flush();
  assert.deepEqual(await along.undo(), { label: 'Spoon', count: 3 });
  assert.deepEqual([...server.kept.values()], ['c', 'c']);
  assert.deepEqual([along.last?.label, along.countOf('s').all], ['Cup', 0]);
  assert.deepEqual(await along.undo(), { label: 'Cup', count: 2 });
  assert.equal(await along.undo(), null);
});

test('a burst that never left is taken back without asking the server', async () => {
  const { server, along, take } = phone();
  take('c', 'a', 2);
  server.fault = new NetworkError();
  assert.deepEqual(await along.undo(), { label: 'Cup', count: 2 });
  assert.equal(along.waiting, 0);
});

test('a burst is taken back after what was on its way has arrived', async () => {
  const { server, along, take } = phone();
  take('c', 'a', 3);
  const sending = along.flush();
  await along.undo();
  await sending;
  assert.deepEqual([server.kept.size, along.countOf('c').all], [0, 0]);
});

test('what cannot be taken back now can be later', async () => {
  const { server, along, take } = phone();
  take('c', 'a', 3);
  await along.flush();
  server.fault = new NetworkError();
  await assert.rejects(along.undo(), NetworkError);
  assert.equal(along.countOf('c').all, 3);
  server.fault = null;
  assert.deepEqual(await along.undo(), { label: 'Cup', count: 3 });
  assert.equal(server.kept.size, 0);
});

test('pictures that the server refuses are told of and do not wait for ever', async () => {
  const { server, along, take } = phone();
  /** @type {any[]} */
  const refused = [];
  along.addEventListener('refused', (event) => refused.push(/** @type {CustomEvent} */ (event).detail.status));
  server.fault = new ApiError(422, {});
  take('c', 'a', 2);
  await along.flush();
  assert.deepEqual([refused, along.waiting, along.countOf('c').all, along.last], [[422], 0, 0, null]);
});

test('what the big screen has removed is no longer counted, and is again when it is brought back', async () => {
  const shown = new Set();
  const { along, take } = phone((id) => shown.has(id));
  take('c', 'a', 2);
  take('s', 'b', 1);
  assert.deepEqual(along.countOf('c'), { all: 2, unseen: 2 });
  await along.flush();
  for (const { ids } of along.bursts) for (const id of ids) shown.add(id);
  along.settle();
  assert.deepEqual(along.countOf('c'), { all: 2, unseen: 0 });
  for (const id of along.bursts[1].ids) shown.delete(id);
  along.settle();
  assert.deepEqual([along.countOf('s').all, along.last?.label], [0, 'Cup']);
  for (const id of along.bursts[1].ids) shown.add(id);
  along.settle();
  assert.deepEqual([along.countOf('s').all, along.last?.label], [1, 'Spoon']);
});
