import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { arrange, zipFolder } from '../../../static/js/net/zip_folder.js';

/** @param {string} at @param {BlobPart} [content] */
const entry = (at, content = at) => ({ path: at, file: new File([content], at.split('/').at(-1) ?? '') });
/** @param {...string} paths */
const arranged = (...paths) => {
  const { entries, ...rest } = arrange(paths.map((at) => entry(at)));
  return { ...rest, paths: entries.map(({ path: at }) => at) };
};

test('the folder around the classes gives the project its name', () => {
  assert.deepEqual(arranged('pets/cats/1.jpg', 'pets/dogs/2.PNG', 'pets/notes.txt'), { name: 'pets', paths: ['cats/1.jpg', 'dogs/2.PNG'], others: ['pets/notes.txt'], loose: [] });
  assert.deepEqual(arranged('all/pets/cats/1.jpg', 'all/pets/dogs/1.jpg').paths, ['cats/1.jpg', 'dogs/1.jpg']);
});

test('several folders are classes, and so is one folder of pictures', () => {
  assert.deepEqual(arranged('cats/1.jpg', 'dogs/1.jpg'), { name: 'cats, dogs', paths: ['cats/1.jpg', 'dogs/1.jpg'], others: [], loose: [] });
  assert.deepEqual(arranged('cats/1.jpg', 'cats/2.jpg').paths, ['cats/1.jpg', 'cats/2.jpg']);
  assert.equal(arranged('a/1.jpg', 'b/1.jpg', 'c/1.jpg', 'd/1.jpg', 'e/1.jpg').name, 'a, b, c and 2 more');
});

test('pictures beside folders are in no class; a folder inside a class belongs to it', () => {
  assert.deepEqual(arranged('pets/me.jpg', 'pets/cats/1.jpg', 'pets/dogs/1.jpg'), { name: 'pets', paths: ['cats/1.jpg', 'dogs/1.jpg'], others: [], loose: ['pets/me.jpg'] });
  assert.deepEqual(arranged('cats/1.jpg', 'cats/old/1.jpg').paths, ['cats/1.jpg', 'cats/old/1.jpg']);
  assert.deepEqual(arranged('1.jpg', '2.jpg'), { name: '', paths: [], others: [], loose: ['1.jpg', '2.jpg'] });
});

test('folders of one name from two places are one class and lose nothing', () => {
  assert.deepEqual(arranged('cats/1.jpg', 'cats/1.jpg', 'cats/1.jpg', 'a\\b/1.jpg', 'a_b/1.jpg').paths, ['cats/1.jpg', 'cats/1 (2).jpg', 'cats/1 (3).jpg', 'a_b/1.jpg', 'a_b/1 (2).jpg']);
});

const contents = [entry('Élsa ✓/1.jpg', new Uint8Array(300_000).map((_, i) => i * i)), entry('Darth/2.png', 'two'), entry('Darth/empty.gif', '')];

test('what is packed is read back byte for byte, with progress on the way', async () => {
  /** @type {number[]} */
  const steps = [];
  const { zip, unreadable } = await zipFolder(contents, { onProgress: (done, total) => steps.push(done / total) });
  assert.deepEqual(unreadable, []);
  assert.equal(steps.length, 3);
  assert.ok(steps[0] > 0.9 && steps[2] === 1);
  const files = unzipSync(new Uint8Array(await zip.arrayBuffer()));
  assert.deepEqual(Object.keys(files), contents.map(({ path: at }) => at));
  for (const { path: at, file } of contents) assert.deepEqual(files[at], new Uint8Array(await file.arrayBuffer()));
  assert.ok(zip.size < 301_000, 'stored, not swollen');
});

test('Python reads it, names and sums', async () => {
  const { zip } = await zipFolder(contents);
  const folder = mkdtempSync(path.join(tmpdir(), 'zip-'));
  try {
    const file = path.join(folder, 'all.zip');
    writeFileSync(file, new Uint8Array(await zip.arrayBuffer()));
    const script = 'import sys, json, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(json.dumps([z.testzip(), [[i.filename, i.file_size, i.compress_type] for i in z.infolist()]]))';
    const [bad, infos] = JSON.parse(execFileSync('python3', ['-c', script, file], { encoding: 'utf8' }));
    assert.equal(bad, null);
    assert.deepEqual(infos, contents.map(({ path: at, file: { size } }) => [at, size, 0]));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a stop ends it, and a file that is gone is told', async () => {
  const controller = new AbortController();
  const packing = zipFolder(contents, { signal: controller.signal, onProgress: () => controller.abort() });
  await assert.rejects(packing, { name: 'AbortError' });
  const gone = entry('Darth/gone.jpg');
  gone.file.arrayBuffer = () => Promise.reject(new DOMException('moved', 'NotFoundError'));
  const { zip, unreadable } = await zipFolder([gone, contents[1]]);
  assert.deepEqual(unreadable, ['Darth/gone.jpg']);
  assert.deepEqual(Object.keys(unzipSync(new Uint8Array(await zip.arrayBuffer()))), ['Darth/2.png']);
});

test('more than a zip of this kind holds is refused before anything is read', async () => {
  const large = entry('cats/large.jpg');
  Object.defineProperty(large.file, 'size', { value: 5e9 });
  await assert.rejects(zipFolder([large]), /1 picture of 5,000 MB/);
});
