import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NetworkError } from '../../../static/js/net/errors.js';
import { embedPictures } from '../../../static/js/recognition/embedding.js';

/** A session and an engine, as far as embedding asks them. @param {number} n of samples @param {(id: string) => void} look */
function parts(n, look) {
  const ids = Array.from({ length: n }, (_, i) => `s${i}`);
  /** @type {Map<string, string>} id to fingerprint */
  const kept = new Map();
  const session = {
    samples: new Map(ids.map((id) => [id, {}])),
    jpegOf: async (/** @type {string} */ id) => id,
    putEmbeddings: (/** @type {string} */ print, /** @type {{id: string}[]} */ lot) => lot.forEach(({ id }) => kept.set(id, print)),
  };
  const engine = {
    dead: null,
    fingerprint: 'old',
    async embedStored(/** @type {string} */ jpeg) {
      look(jpeg);
      return { embedding: Float32Array.of(1), fingerprint: this.fingerprint, quality: null };
    },
  };
  return { ids, kept, session, engine, onProgress() {}, signal: new AbortController().signal };
}

test('every picture is looked at, in lots, and progress counts them', async () => {
  const seen = [];
  const lots = [];
  const { kept, ...job } = parts(70, () => {});
  const failed = await embedPictures({ ...job, onProgress: (done, total) => seen.push([done, total]), onLot: (lot) => lots.push(lot.length) });
  assert.deepEqual(failed, []);
  assert.equal(kept.size, 70);
  assert.deepEqual([seen[0], seen.at(-1), seen.length], [[0, 70], [69, 70], 70]);
  assert.equal(lots.reduce((sum, n) => sum + n), 70);
  assert.ok(lots.length > 1);
});

test('a picture that cannot be had does not take the others with it', async () => {
  const { kept, ...job } = parts(5, (id) => {
    if (id === 's2') throw new Error('No picture');
  });
  assert.deepEqual(await embedPictures(job), ['s2']);
  assert.deepEqual([...kept.keys()], ['s0', 's1', 's3', 's4']);
});

test('a server that is gone ends it, and what was done is kept', async () => {
  const { kept, ...job } = parts(5, (id) => {
    if (id === 's3') throw new NetworkError();
  });
  await assert.rejects(embedPictures(job), NetworkError);
  assert.equal(kept.size, 3);
});

test('cancelled midway, it stops before the next picture and keeps what was done', async () => {
  const stop = new AbortController();
  const { kept, ...job } = parts(5, (id) => {
    if (id === 's1') stop.abort('enough');
  });
  await assert.rejects(embedPictures({ ...job, signal: stop.signal }), (reason) => reason === 'enough');
  assert.deepEqual([...kept.keys()], ['s0', 's1']);
});

test('samples that were deleted meanwhile are left out', async () => {
  const { kept, ...job } = parts(3, () => job.session.samples.delete('s1'));
  await embedPictures(job);
  assert.deepEqual([...kept.keys()], ['s0', 's2']);
});

test('numbers are kept under the eyes that made them, also where these change on the way', async () => {
  const { kept, ...job } = parts(4, (id) => {
    if (id === 's2') job.engine.fingerprint = 'new';
  });
  await embedPictures(job);
  assert.deepEqual([...kept.values()], ['old', 'old', 'new', 'new']);
});
