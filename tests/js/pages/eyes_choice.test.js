import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { Api } from '../../../static/js/net/api.js';
import { EyesChoice } from '../../../static/js/pages/eyes_choice.js';

const STARTED = '2026-01-01T10:00:00.000Z';
const fetchOf = (state, more = {}) => ({ name: 'b', state, phase: 'download', fraction: 0.2, received_bytes: 1, total_bytes: 5, message: '', problem: null, started_at: STARTED, ended_at: null, ...more });

/**
 * Runs a test against a real HTTP server whose answers a table gives; what is said over the socket
 * is said by `say`.
 * @param {(table: Record<string, () => [number, any]>, choice: EyesChoice, say: (news: any) => void, asked: string[]) => Promise<void>} run
 */
async function withServer(run) {
  /** @type {Record<string, () => [number, any]>} */
  const table = {};
  /** @type {string[]} */
  const asked = [];
  const server = createServer((request, response) => {
    const what = `${request.method} ${request.url?.replace('/api/v1/backbones', '')}`;
    asked.push(what);
    const [status, body] = table[what]?.() ?? [404, { title: 'Not found', detail: what }];
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  /** @type {Set<(news: any) => void>} */
  const ears = new Set();
  const hear = (/** @type {string} */ event, /** @type {(news: any) => void} */ listener, /** @type {() => void} */ onConnected) => {
    assert.equal(event, 'backbone_fetch');
    ears.add(listener);
    onConnected();
    return () => ears.delete(listener);
  };
  const choice = new EyesChoice({ api: new Api(`http://127.0.0.1:${port}/api/v1`), hear });
  try {
    await run(table, choice, (news) => ears.forEach((listener) => listener(news)), asked);
    choice.catalogue = [];
    await choice.watch(false);
    assert.equal(ears.size, 0, 'somebody still listens');
  } finally {
    if (choice.asking) clearTimeout(choice.asking);
    server.closeAllConnections();
    server.close();
  }
}

/** @param {Record<string, () => [number, any]>} table @param {string[]} here @param {any} fetch */
function serve(table, here, fetch) {
  table['GET ?'] = table['GET '] = () => [200, { items: here.map((name) => ({ name })) }];
  table['GET /catalogue'] = () => [200, { items: [{ name: 'a', fetch: null }, { name: 'b', fetch }] }];
}

test('eyes that this page saw on their way are announced once, when they are in the list', async () => {
  await withServer(async (table, choice, say) => {
    serve(table, ['a'], fetchOf('running'));
    await choice.findHere();
    await choice.findOffers();
    assert.equal(choice.running?.name, 'b');
    /** @type {string[][]} */
    const arrived = [];
    choice.addEventListener('arrived', () => arrived.push(choice.here.map(({ name }) => name)));
    serve(table, ['a', 'b'], fetchOf('done'));
    const first = once(choice, 'arrived');
    say(fetchOf('done', { fraction: 1 }));
    say(fetchOf('done', { fraction: 1 }));
    await first;
    await choice.findOffers();
    assert.deepEqual(arrived, [['a', 'b']]);
    assert.equal(choice.running, null);
  });
});

test('eyes that came before this page was opened are not announced', async () => {
  await withServer(async (table, choice) => {
    serve(table, ['a', 'b'], fetchOf('done'));
    choice.addEventListener('arrived', () => assert.fail('announced'));
    await choice.findOffers();
  });
});

test('a server that was started anew knows of no fetch, and then there is none', async () => {
  await withServer(async (table, choice) => {
    serve(table, ['a'], fetchOf('running'));
    await choice.findOffers();
    serve(table, ['a'], null);
    await choice.findOffers();
    assert.equal(choice.running, null);
  });
});

test('a refusal stands at the eyes that it is about until the list is opened anew', async () => {
  await withServer(async (table, choice) => {
    serve(table, ['a'], null);
    table['POST /b/fetch'] = () => [409, { title: 'Conflict', detail: 'a is being fetched; one at a time.' }];
    await choice.watch(true);
    await choice.fetch('b');
    assert.match(String(choice.refusals.get('b')?.message), /one at a time/);
    await choice.watch(false);
    assert.equal(choice.refusals.size, 0);
  });
});

test('each pair of eyes is measured once, and not before the list is opened', async () => {
  await withServer(async (table, choice, _say, asked) => {
    serve(table, ['a', 'c'], null);
    table['GET /a/speed'] = () => [200, { milliseconds: 1.5, pictures: 20 }];
    table['GET /c/speed'] = () => [500, { title: 'No' }];
    await choice.findHere();
    assert.equal(choice.speeds.size, 0);
    await Promise.all([choice.watch(true), choice.watch(true)]);
    await choice.watch(false);
    await choice.watch(true);
    assert.deepEqual([...choice.speeds], [['a', 1.5], ['c', null]]);
    assert.equal(asked.filter((what) => what.endsWith('/speed')).length, 2);
  });
});

test('without a catalogue it says why, and what is here stays', async () => {
  await withServer(async (table, choice) => {
    serve(table, ['a'], null);
    table['GET /catalogue'] = () => [503, { title: 'Busy', detail: 'Later.' }];
    await choice.watch(true);
    assert.match(String(choice.problem?.message), /Later/);
    assert.deepEqual(choice.here.map(({ name }) => name), ['a']);
  });
});
