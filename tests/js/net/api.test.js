import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { Api, ApiError, NetworkError } from '../../../static/js/net/api.js';

/**
 * Runs a test against a real HTTP server of this process.
 * @param {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse, body: Buffer) => void} answer
 * @param {(api: Api) => Promise<void>} run
 */
async function withServer(answer, run) {
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    answer(request, response, Buffer.concat(parts));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  try {
    await run(new Api(`http://127.0.0.1:${port}/api/v1/`));
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const json = (response, status, body, headers = {}) => {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};

test('a refusal becomes an error with the words of the problem', async () => {
  const problem = { type: 'about:blank', title: 'The project has changed', status: 412, detail: 'It is at revision 9.', hint: 'Read it again.', revision: 9 };
  await withServer(
    (request, response) => json(response, 412, problem, { 'Content-Type': 'application/problem+json' }),
    async (api) => {
      await assert.rejects(api.patchProject('p', { name: 'x' }, { etag: '"7"' }), (error) => {
        assert.ok(error instanceof ApiError);
        assert.deepEqual([error.status, error.title, error.detail, error.message], [412, problem.title, problem.detail, 'It is at revision 9. Read it again.']);
        assert.equal(error.problem.revision, 9);
        return true;
      });
    },
  );
});

test('a refusal without problem details is still an error with its status', async () => {
  for (const [type, body] of [['text/html', '<h1>Bad gateway</h1>'], ['application/problem+json', '{"title":'], ['application/json', 'null']]) {
    await withServer(
      (request, response) => response.writeHead(502, { 'Content-Type': type }).end(body),
      async (api) => assert.rejects(api.project('p'), { name: 'ApiError', status: 502, title: 'The server answered 502' }),
    );
  }
});

test('no server, and one that hangs up, are network errors', async () => {
  /** @type {Api|undefined} */
  let gone;
  await withServer((request) => request.socket.destroy(), async (api) => {
    await assert.rejects(api.projects(), (error) => error instanceof NetworkError && /kept in this browser/.test(error.message));
    gone = api;
  });
  await assert.rejects(/** @type {Api} */ (gone).projects(), NetworkError);
});

test('an answer that breaks off in its middle is a network error', async () => {
  await withServer(
    (request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' });
      response.write('{"items": [');
      response.flushHeaders();
      setImmediate(() => request.socket.destroy());
    },
    async (api) => assert.rejects(api.projects(), NetworkError),
  );
});

test('cancelling ends a request with the reason it was given', async () => {
  const stop = new AbortController();
  await withServer(
    () => stop.abort(),
    async (api) => assert.rejects(api.project('p', { signal: stop.signal }), { name: 'AbortError' }),
  );
});

test('the revision travels from answer to next write', async () => {
  await withServer(
    (request, response) => json(response, 200, { id: 'p', revision: 4 }, { ETag: `"${request.headers['if-match'] ? 5 : 4}"` }),
    async (api) => {
      const { etag } = await api.project('p');
      assert.equal(etag, '"4"');
      assert.equal((await api.patchProject('p', {}, { etag })).etag, '"5"');
    },
  );
});

test('pictures go as one multipart form, fields in the order of the files', async () => {
  await withServer(
    (request, response, body) => {
      const text = body.toString('latin1');
      const fields = [...text.matchAll(/name="(\w+)"(?:; filename="([^"]+)")?[^]*?\r\n\r\n([^]*?)\r\n--/g)].map(([, name, file, value]) => [name, file ?? value]);
      json(response, 201, { items: [], total: 0, fields, path: request.url, match: request.headers['if-match'] }, { ETag: '"8"' });
    },
    async (api) => {
      const files = ['a', 'b'].map((id) => ({ id, blob: new Blob([id], { type: 'image/jpeg' }), burst: 'x', source: 'camera', created_at: `t${id}` }));
      const answer = await api.addSamples('p', { classId: 'c', files }, { etag: '"7"' });
      assert.deepEqual(
        [answer.path, answer.match, answer.etag],
        ['/api/v1/projects/p/samples', '"7"', '"8"'],
      );
      const of = (name) => answer.fields.filter(([key]) => key === name).map(([, value]) => value);
      assert.deepEqual([of('class_id'), of('id'), of('created_at'), of('file')], [['c'], ['a', 'b'], ['ta', 'tb'], ['a.jpg', 'b.jpg']]);
    },
  );
});

test('embeddings that do not fit their ids are refused, absent ones are null', async () => {
  const header = (ids) => {
    const text = Buffer.from(JSON.stringify({ __metadata__: { ids: JSON.stringify(ids) }, vectors: { dtype: 'F32', shape: [1, 2], data_offsets: [0, 8] } }));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(text.length));
    const numbers = Buffer.alloc(8);
    numbers.writeFloatLE(0.6, 0);
    numbers.writeFloatLE(0.8, 4);
    return Buffer.concat([size, text, numbers]);
  };
  /** @type {Record<string, (response: import('node:http').ServerResponse) => void>} */
  const routes = {
    good: (response) => response.writeHead(200).end(header(['a'])),
    odd: (response) => response.writeHead(200).end(header(['a', 'b'])),
    none: (response) => json(response, 404, {}),
    foreign: (response) => json(response, 409, {}),
  };
  await withServer(
    (request, response) => routes[String(request.url).split('/')[4]](response),
    async (api) => {
      const found = await api.embeddings('good', 'f');
      assert.deepEqual([found?.ids, found?.size, found && [...found.vectors].map((x) => x.toFixed(1))], [['a'], 2, ['0.6', '0.8']]);
      await assert.rejects(api.embeddings('odd', 'f'), /shape 1,2 for 2 samples/);
      assert.deepEqual([await api.embeddings('none', 'f'), await api.embeddings('foreign', 'f')], [null, null]);
    },
  );
});

test('ids cannot lead to another address', () => {
  const api = new Api('/api/v1');
  assert.equal(api.imageUrl('../projects/x'), '/api/v1/samples/..%2Fprojects%2Fx/image');
  assert.equal(api.exportUrl('a b', 'x&y=1'), '/api/v1/projects/a%20b/export?format=x%26y%3D1');
});

test('trainings and classifiers are asked for where the server has them', async () => {
  /** @type {string[]} */
  const asked = [];
  await withServer(
    (request, response, body) => {
      const multipart = request.headers['content-type']?.startsWith('multipart/') ?? false;
      const names = [...body.toString('latin1').matchAll(/name="(\w+)"/g)].map(([, name]) => name);
      asked.push([request.method, request.url?.replace('/api/v1', ''), multipart ? names.join() : body.toString()].filter(Boolean).join(' '));
      if (request.method === 'DELETE' && request.url?.includes('classifiers')) response.writeHead(204).end();
      else json(response, 200, { id: 'x', items: [] });
    },
    async (api) => {
      assert.deepEqual(await api.recipes(), []);
      assert.equal((await api.startTraining('p/1', { recipe: 'head', options: { epochs: 3 } })).id, 'x');
      await api.startTraining('p', { recipe: 'all', name: 'Dogs' });
      await api.jobs('p');
      await api.jobs('p', { state: 'running' });
      await api.job('j');
      assert.deepEqual(await api.jobEvents('j', 7), []);
      await api.cancelJob('j');
      await api.classifiers('p');
      await api.classifier('c');
      await api.deleteClassifier('c');
      assert.ok((await api.classifierWeights('c')) instanceof ArrayBuffer);
      await api.exportsOf('c');
      await api.startExport('c', 'tflite-int8');
      await api.importClassifier(new File(['x'], 'model.zip'), { projectId: 'p' });
      assert.match(api.networkUrl('c'), /\/api\/v1\/classifiers\/c\/tfjs\/$/);
      assert.match(api.exportUrlOf('c', 'a b'), /\/classifiers\/c\/export\?format=a%20b$/);
      assert.match(api.reportUrl('c', 'html'), /\/classifiers\/c\/report\?format=html$/);
    },
  );
  assert.deepEqual(asked, [
    'GET /recipes',
    'POST /projects/p%2F1/trainings {"recipe":"head","options":{"epochs":3}}',
    'POST /projects/p/trainings {"recipe":"all","name":"Dogs"}',
    'GET /jobs?project_id=p',
    'GET /jobs?project_id=p&state=running',
    'GET /jobs/j',
    'GET /jobs/j/events?after=7',
    'DELETE /jobs/j',
    'GET /projects/p/classifiers',
    'GET /classifiers/c',
    'DELETE /classifiers/c',
    'GET /classifiers/c/weights',
    'GET /classifiers/c/exports',
    'POST /classifiers/c/exports {"format":"tflite-int8"}',
    'POST /classifiers project_id,file',
  ]);
});
