import test from 'node:test';
import assert from 'node:assert/strict';
import { MOST_BYTES, OutputServer } from '../../../static/js/outputs/server.js';

/** A server that answers what it is told to. @param {any} answer */
function rig(answer = {}) {
  /** @type {any[]} */
  const asked = [];
  const request = async (/** @type {string} */ url, /** @type {any} */ { method = 'GET', json, form } = {}) => {
    asked.push({ method, url, ...(json && { json }), ...(form && { file: form.get('file')?.name }) });
    return /** @type {any} */ ({ status: 200, etag: null, type: 'application/json', body: new TextEncoder().encode(JSON.stringify(answer)).buffer });
  };
  return { asked, server: new OutputServer('p 1', { request }) };
}

test('files and hooks are asked for at their addresses', async () => {
  const { asked, server } = rig({ items: [] });
  await server.assets();
  await server.hooks();
  await server.setHook('c/1', { url: 'http://lamp.local/', is_enabled: false });
  await server.fire('c1', { label: 'Cup', confidence: 0.9, at: '2026-01-01T00:00:00.000Z' });
  await server.deleteHook('c1');
  await server.deleteAsset('a1');
  await server.addAsset(new File(['x'], 'la.wav'));
  assert.deepEqual(asked.map(({ method, url }) => `${method} ${url}`), [
    'GET /api/v1/projects/p%201/assets', 'GET /api/v1/projects/p%201/hooks', 'PUT /api/v1/projects/p%201/hooks/c%2F1', 'POST /api/v1/projects/p%201/hooks/c1/fire',
    'DELETE /api/v1/projects/p%201/hooks/c1', 'DELETE /api/v1/assets/a1', 'POST /api/v1/projects/p%201/assets',
  ]);
  assert.deepEqual(asked[2].json, { url: 'http://lamp.local/', is_enabled: false });
  assert.equal(asked[6].file, 'la.wav');
  assert.equal(server.fileUrl('a/1'), '/api/v1/assets/a%2F1/file');
});

test('files of another project are copied by name, those that are gone are left out', async () => {
  const { asked, server } = rig({ id: 'new' });
  const get = /** @type {any} */ (async (/** @type {string} */ url) => (url.includes('gone') ? new Response('', { status: 404 }) : new Response('GIF', { headers: { 'Content-Disposition': 'inline; filename=wave.gif' } })));
  assert.deepEqual(await server.adopt(['old', 'gone'], get), new Map([['old', 'new']]));
  assert.deepEqual(asked.map(({ file }) => file), ['wave.gif']);
});

test('a file that is too large is not even sent', async () => {
  const { asked, server } = rig();
  await assert.rejects(server.addAsset(/** @type {any} */ ({ size: MOST_BYTES + 1, name: 'opera.wav' })), /opera\.wav has 10\.0 MB; at most 10 MB/);
  assert.deepEqual(asked, []);
});
