// What a trained classifier answers in the Worker, class by class; networks are tested in a browser.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Trained } from '../../../static/js/vision/trained.js';

const { cases } = JSON.parse(String(await readFile(new URL('../../golden/classifiers.json', import.meta.url))));
const byName = (/** @type {string} */ name) => cases.find((/** @type {any} */ c) => c.name === name);

/** @param {Record<string, {shape: number[], data: number[]}>} arrays @returns {ArrayBuffer} safetensors */
function safetensors(arrays) {
  let at = 0;
  const header = Object.fromEntries(Object.entries(arrays).map(([name, { shape, data }]) => {
    const width = name === 'labels' ? 8 : 4;
    return [name, { dtype: name === 'labels' ? 'I64' : 'F32', shape, data_offsets: [at, (at += data.length * width)] }];
  }));
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + at);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  let to = 8 + text.length;
  for (const [name, { data }] of Object.entries(arrays)) {
    const numbers = name === 'labels' ? BigInt64Array.from(data, BigInt) : Float32Array.from(data);
    bytes.set(new Uint8Array(numbers.buffer), to);
    to += numbers.byteLength;
  }
  return bytes.buffer;
}

const noPixels = () => assert.fail('it looked at pixels');
const close = (/** @type {ArrayLike<number>} */ found, /** @type {number[]} */ expected) => {
  assert.equal(found.length, expected.length);
  expected.forEach((x, i) => assert.ok(Math.abs(found[i] - x) < 1e-6, `[${i}] ${found[i]}, expected ${x}`));
};

/** @param {string} name @param {any} [more] @param {string[]} [classes] */
async function trained(name, more = {}, classes = ['a', 'b', 'c']) {
  const { model, arrays, temperature, queries } = byName(name);
  const description = { id: 'x', name: 'Dogs', model, classIds: ['a', 'b', 'c'], backbone: null, temperature, isRegression: false, ...more };
  const open = await Trained.fetch(description, { weights: safetensors(arrays) });
  const made = await open(/** @type {any} */ (null));
  made.setClasses(classes);
  const vectors = queries.map((/** @type {any} */ q) => Float32Array.from(q.vector));
  return { made, queries, vectors };
}

for (const name of ['one layer', 'cosine', 'ties']) {
  test(`"${name}" from its file gives the probabilities of Python, class by class`, async () => {
    const { made, queries, vectors } = await trained(name);
    for (const [i, vector] of vectors.entries()) {
      const result = await made.answer(vector, noPixels);
      const { probabilities } = queries[i];
      close(result.scores, probabilities);
      close(result.shown, probabilities);
      assert.ok(Math.abs(result.none) < 1e-12);
      assert.equal(result.label, 'abc'[probabilities.indexOf(Math.max(...probabilities))]);
      assert.deepEqual([result.by, result.value, result.neighbours], ['x', null, []]);
    }
  });
}

test('classes in another order keep their scores, and one that was added later has none', async () => {
  const { made, queries, vectors } = await trained('one layer', {}, ['new', 'c', 'a', 'b']);
  const [p, q, r] = queries[0].probabilities;
  close((await made.answer(vectors[0], noPixels)).scores, [0, r, p, q]);
  made.setClasses(['b', 'c', 'a']);
  close((await made.answer(vectors[0], noPixels)).scores, [q, r, p]);
});

test('what speaks for a class that was deleted speaks for none of those there are', async () => {
  const { made, queries, vectors } = await trained('one layer', {}, ['a', 'c']);
  for (const [i, vector] of vectors.entries()) {
    const [p, q, r] = queries[i].probabilities;
    const result = await made.answer(vector, noPixels);
    close([...result.shown, result.none], [p, r, q]);
    assert.equal(result.unknown, q > Math.max(p, r));
  }
  made.setClasses([]);
  const nothing = await made.answer(vectors[0], noPixels);
  close([nothing.none, nothing.shown.length], [1, 0]);
  assert.deepEqual([nothing.label, nothing.unknown], ['', true]);
});

test('two of its classes that are one now add up; one without an id belongs to none', async () => {
  const { made, queries, vectors } = await trained('one layer');
  const [p, q, r] = queries[0].probabilities;
  made.mapClasses(['b', 'b', null]);
  const result = await made.answer(vectors[0], noPixels);
  close([...result.shown, result.none], [0, p + q, 0, r]);
});

test('a regression gives its value and no scores', async () => {
  const { made, queries, vectors } = await trained('a value', { isRegression: true });
  const result = await made.answer(vectors[0], noPixels);
  close([result.value ?? NaN], queries[0].logits);
  close(result.shown, [0, 0, 0]);
  assert.equal(result.none, 0);
});

test('what cannot answer here is refused in a sentence', async () => {
  const { model, arrays } = byName('cosine');
  const description = (/** @type {any} */ more) => ({ id: 'x', name: 'Dogs', model: { ...model, ...more }, classIds: ['a'], backbone: null, temperature: 1, isRegression: false });
  const source = { weights: safetensors(arrays) };
  await assert.rejects(Trained.fetch(description({ pixels: 32 }), source), { name: 'NotInPage', message: /raw pixels/ });
  await assert.rejects(Trained.fetch(description({ kind: 'forest' }), source), { name: 'NotInPage', message: /Dogs is of the kind forest; this page knows dense, neighbours, network/ });
  await assert.rejects(Trained.fetch(description({ kind: 'toString' }), source), { name: 'NotInPage' });
  await assert.rejects(Trained.fetch(description({}), {}), /without its weights/);
  const open = await Trained.fetch(description({}), source);
  await assert.rejects(open(/** @type {any} */ (null)), /Dogs gives 3 numbers for 1 classes/);
});
