import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, NetworkError } from '../../../static/js/net/errors.js';
import { MOST_KEPT, MOST_SCORE, Scores, asScore, merged } from '../../../static/js/play/scores.js';

/** @typedef {import('../../../static/js/play/scores.js').Score} Score */

/** @param {string} id @param {number} score @param {Partial<Score>} [more] @returns {Score} */
const score = (id, score, more = {}) => ({ id, game: 'pong', score, level: 1, name: 'Ada', controller: 'keyboard', seconds: 60, created_at: '2026-01-01T00:00:00.000Z', ...more });
const played = (/** @type {Partial<Score>} */ more = {}) => ({ game: 'pong', score: 10, level: 1, name: 'Ada', controller: 'keyboard', seconds: 60, ...more });

function memory() {
  /** @type {Record<string, string>} */
  const kept = {};
  return { kept, getItem: (/** @type {string} */ key) => kept[key] ?? null, setItem: (/** @type {string} */ key, /** @type {string} */ text) => { kept[key] = text; } };
}

/** A server that keeps scores, behind the one function that asks it. */
function server() {
  /** @type {Map<string, Score>} */
  const items = new Map();
  const made = {
    items, down: false, project: true, asked: /** @type {string[]} */ ([]),
    /** @param {string} url @param {{method?: string, json?: any}} [request] */
    async request(url, { method = 'GET', json = null } = {}) {
      made.asked.push(method);
      if (made.down) throw new NetworkError();
      if (!made.project) throw new ApiError(404, { title: 'Not found' });
      if (method === 'POST') {
        if (json.name === 'refused') throw new ApiError(422, {});
        items.set(json.id, json);
      }
      if (method === 'DELETE' && !items.delete(url.split('/').pop() ?? '')) throw new ApiError(404, {});
      const game = new URL(url, 'http://x').searchParams.get('game');
      const body = new TextEncoder().encode(JSON.stringify({ items: [...items.values()].filter((item) => item.game === game) })).buffer;
      return { status: 200, etag: null, type: 'application/json', body };
    },
  };
  return made;
}

test('lists are put together: each once, the best first, of two alike the older', () => {
  const late = score('c', 50, { created_at: '2026-01-02T00:00:00.000Z' });
  const list = merged([score('a', 10), late], [score('b', 50), score('a', 10), score('d', 99)], ['d']);
  assert.deepEqual(list.map(({ id }) => id), ['b', 'c', 'a']);
});

test('of each game only the best are kept', () => {
  const many = Array.from({ length: MOST_KEPT + 20 }, (_, i) => score(`p${i}`, i));
  const list = merged(many, [score('s', 1, { game: 'snake' })]);
  assert.equal(list.length, MOST_KEPT + 1);
  assert.equal(Math.min(...list.filter(({ game }) => game === 'pong').map((each) => each.score)), 20);
});

test('a score is made as the server wants it', () => {
  const made = asScore(played({ score: 12.6, level: 0, name: '  \u0007Ada\nLovelace  ', seconds: 61.27 }));
  assert.deepEqual([made.score, made.level, made.name, made.seconds], [13, 1, 'Ada Lovelace', 61.3]);
  assert.match(made.id, /^[0-9a-f-]{36}$/);
  const wild = asScore(played({ score: Infinity, level: 1e9, name: '🎈'.repeat(50), seconds: NaN }));
  assert.deepEqual([wild.score, wild.level, [...wild.name].length, wild.seconds], [0, 10_000, 40, 0]);
  assert.equal(asScore(played({ score: 1e12, name: ' ' })).score, MOST_SCORE);
  assert.equal(asScore(played({ name: ' ' })).name, 'Somebody');
});

test('without a project scores stay in this browser', async () => {
  const storage = memory();
  const there = server();
  const scores = new Scores({ projectId: null, storage, request: there.request });
  const { rank, sent } = scores.add(played({ score: 20 }));
  assert.equal(rank, 1);
  assert.equal(await sent, false);
  assert.equal(scores.add(played({ score: 10 })).rank, 2);
  assert.deepEqual(there.asked, []);
  const again = new Scores({ projectId: null, storage, request: there.request });
  assert.deepEqual(again.best('pong').map(({ score }) => score), [20, 10]);
  assert.deepEqual(again.best('snake'), []);
});

test('what could not be sent is sent later, once', async () => {
  const storage = memory();
  const there = server();
  there.down = true;
  const scores = new Scores({ projectId: 'p', storage, request: there.request });
  assert.equal(await scores.add(played()).sent, false);
  assert.equal(there.items.size, 0);
  there.down = false;
  const later = new Scores({ projectId: 'p', storage, request: there.request });
  assert.equal(await later.sync('pong'), true);
  assert.equal(there.items.size, 1);
  there.asked.length = 0;
  await later.sync('pong');
  assert.deepEqual(there.asked, ['GET']);
});

test('a project that is not saved yet keeps its scores until it is', async () => {
  const there = server();
  there.project = false;
  const scores = new Scores({ projectId: 'p', storage: memory(), request: there.request });
  assert.equal(await scores.add(played()).sent, false);
  there.project = true;
  assert.equal(await scores.sync('pong'), true);
  assert.equal(there.items.size, 1);
});

test('scores of others come in, and those deleted elsewhere go', async () => {
  const there = server();
  const scores = new Scores({ projectId: 'p', storage: memory(), request: there.request });
  const mine = scores.add(played({ score: 5 }));
  await mine.sent;
  there.items.set('x', score('x', 70));
  await scores.sync('pong');
  assert.deepEqual(scores.best('pong').map((each) => each.score), [70, 5]);
  there.items.delete(mine.score.id);
  await scores.sync('pong');
  assert.deepEqual(scores.best('pong').map((each) => each.score), [70]);
});

test('a score that is deleted is gone at once, and on the server as soon as that answers', async () => {
  const there = server();
  const scores = new Scores({ projectId: 'p', storage: memory(), request: there.request });
  const { score: made, sent } = scores.add(played());
  await sent;
  there.down = true;
  assert.equal(await scores.remove(made.id), false);
  assert.deepEqual(scores.best('pong'), []);
  there.down = false;
  await scores.sync('pong');
  assert.equal(there.items.size, 0);
  assert.deepEqual(scores.best('pong'), []);
});

test('a score that the server refuses for good stays here and stops nothing', async () => {
  const there = server();
  const scores = new Scores({ projectId: 'p', storage: memory(), request: there.request });
  there.down = true;
  await scores.add(played({ name: 'refused' })).sent;
  await scores.add(played({ name: 'fine', score: 3 })).sent;
  there.down = false;
  assert.equal(await scores.sync('pong'), true);
  assert.deepEqual([...there.items.values()].map(({ name }) => name), ['fine']);
  assert.deepEqual(scores.best('pong').map(({ name }) => name), ['refused', 'fine']);
  there.asked.length = 0;
  await scores.sync('pong');
  assert.deepEqual(there.asked, ['GET'], 'it is asked no more');
});

test('storage that is damaged or forbidden does no harm', () => {
  const storage = memory();
  storage.kept['showtell.scores.none'] = '{"items": [{"id": 7}, null, 3], "unsent": "x"}';
  const scores = new Scores({ projectId: null, storage });
  assert.deepEqual(scores.best('pong'), []);
  scores.add(played());
  assert.equal(scores.best('pong').length, 1);
  const refuses = { getItem() { throw new Error('no'); }, setItem() { throw new Error('no'); } };
  const other = new Scores({ projectId: null, storage: refuses });
  other.add(played());
  assert.equal(other.best('pong').length, 1, 'it is kept as long as the page');
});
