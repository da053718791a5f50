// A real server, a real backbone, and what can go wrong between them.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { fetchModel } from '../../../static/js/vision/weights.js';

const folder = new URL('../../../models/showtell_v2/', import.meta.url);
const described = JSON.parse(await readFile(new URL('backbone.json', folder), 'utf8'));
/** @type {Record<string, (bytes: Buffer) => Buffer | null>} what each route does to the weights */
const TRICKS = {
  '/whole/': (bytes) => bytes,
  '/flipped/': (bytes) => {
    const copy = Buffer.from(bytes);
    copy[1000] ^= 1;
    return copy;
  },
  '/short/': (bytes) => bytes.subarray(0, -4),
  '/long/': (bytes) => Buffer.concat([bytes, Buffer.alloc(4)]),
  '/missing/': () => null,
};
/** @type {string[]} */
const asked = [];
const server = createServer(async (request, response) => {
  const { pathname, search } = new URL(String(request.url), 'http://x');
  asked.push(pathname + search);
  const trick = Object.keys(TRICKS).find((prefix) => pathname.startsWith(prefix)) ?? '';
  const file = await readFile(new URL(pathname.split('/').pop() ?? '', folder)).catch(() => null);
  const body = file && pathname.endsWith('.bin') ? TRICKS[trick](file) : pathname.includes('/notjson/') ? Buffer.from('<html>') : file;
  if (!body) response.writeHead(404).end();
  else response.writeHead(200).end(body);
});
let base = '';
before(async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(null)));
  base = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
});
after(() => server.close());

const backbone = (/** @type {string} */ route, fingerprint = described.fingerprint) => ({ name: 'showtell_v2', url: `${base}${route}`, fingerprint });

test('a whole backbone arrives with progress, and its files are asked for by fingerprint', async () => {
  /** @type {number[]} */
  const steps = [];
  const model = await fetchModel(backbone('/whole/'), (fraction) => steps.push(fraction));
  assert.equal(model.format, 'graph-model');
  assert.ok(model.weightData.byteLength > 1e6);
  assert.deepEqual(steps, [...steps].sort((a, b) => a - b));
  assert.equal(steps.at(-1), 1);
  assert.ok(asked.every((url) => url.endsWith(`?v=${described.fingerprint}`)));
});

for (const [route, words] of /** @type {const} */ ([
  ['/flipped/', new RegExp(`have the fingerprint [0-9a-f]{12}…; expected ${described.fingerprint.slice(0, 12)}…`)],
  ['/short/', /have \d+ bytes; model.json speaks of \d+/],
  ['/long/', /longer than model.json says/],
  ['/missing/', /the server answered 404 for \/missing\/group1/],
  ['/notjson/', /model.json is not JSON/],
])) {
  test(`weights from ${route} are refused with the reason`, async () => {
    await assert.rejects(fetchModel(backbone(route)), words);
  });
}

test('the right weights under another fingerprint are refused', async () => {
  await assert.rejects(fetchModel(backbone('/whole/', 'f'.repeat(64))), /expected ffffffffffff/);
});

test('a server that is gone is named as the reason', async () => {
  await assert.rejects(fetchModel({ name: 'x', url: 'http://127.0.0.1:9/', fingerprint: '' }), /could not be fetched. Is the server still running/);
});
