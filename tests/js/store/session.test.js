import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Api } from '../../../static/js/net/api.js';
import { LONGEST_HISTORY } from '../../../static/js/store/history.js';
import { MemoryDatabase } from '../../../static/js/store/memory_database.js';
import { Session } from '../../../static/js/store/session.js';

const PRINT = 'f'.repeat(64);
const api = new Api('http://127.0.0.1:9/api/v1'); // nobody listens there
const jpeg = (text = 'x') => new Blob([text], { type: 'image/jpeg' });

async function twoClasses(database = new MemoryDatabase()) {
  const session = await Session.create({ name: 'Test', labels: ['Cat', 'Dog'], database, api, live: false });
  const [cat, dog] = session.classes;
  return { database, session, cat, dog, again: () => Session.open(session.id, { database, api, live: false }) };
}

/** Collects what listeners hear. @param {Session} session @returns {string[]} */
function heard(session) {
  const kinds = [];
  session.addEventListener('change', (event) => kinds.push(/** @type {CustomEvent} */ (event).detail.kind));
  return kinds;
}

test('what was taught is there after opening again, in its order', async () => {
  const { session, cat, dog, again } = await twoClasses();
  session.setSettings({ k: 5, tolerance: null });
  session.setBackbone('starter');
  session.rename('  My\nthings ');
  session.recolorClass(dog.id, '#ABCDEF');
  const [first, second] = session.addSamples(cat.id, ['1', '2'].map((text) => ({ jpeg: jpeg(text), burst: 'b', quality: { sharpness: 1, brightness: 2, contrast: 3 } })));
  session.reorderClasses([dog.id, cat.id]);
  session.moveSamples([second], dog.id);
  await session.close();
  const other = await again();
  assert.deepEqual([other.name, other.backbone, other.settings.k, other.settings.tolerance], ['My things', 'starter', 5, null]);
  assert.deepEqual(other.classes.map(({ label, color }) => [label, color]), [['Dog', '#abcdef'], ['Cat', cat.color]]);
  assert.deepEqual(other.samplesOf(dog.id).map(({ id, burst, quality }) => [id, burst, quality?.contrast]), [[second, 'b', 3]]);
  assert.equal(await (await other.jpegOf(first)).text(), '1');
});

test('undo and redo survive a reload and speak in words', async () => {
  const { session, cat, again } = await twoClasses();
  session.addSamples(cat.id, [{ jpeg: jpeg() }, { jpeg: jpeg() }]);
  session.deleteClass(cat.id);
  await session.close();
  const other = await again();
  assert.equal(other.undoLabel, 'Delete Cat with 2 pictures');
  const kinds = heard(other);
  assert.equal(other.undo(), 'Delete Cat with 2 pictures');
  assert.deepEqual(kinds, ['classes', 'samples-added']);
  assert.equal(other.samplesOf(cat.id).length, 2);
  assert.equal(await (await other.jpegOf(other.samplesOf(cat.id)[0].id)).text(), 'x');
  await other.close();
  const third = await again();
  assert.deepEqual([third.undoLabel, third.redoLabel], ['Add 2 pictures to Cat', 'Delete Cat with 2 pictures']);
  third.redo();
  assert.deepEqual([third.classes.length, third.samples.size], [1, 0]);
});

test('a held button is one step back, however many pictures it made', async () => {
  const { session, cat } = await twoClasses();
  for (let shot = 0; shot < 25; shot += 1) session.addSamples(cat.id, [{ jpeg: jpeg(), burst: 'one' }]);
  session.addSamples(cat.id, [{ jpeg: jpeg(), burst: 'two' }]);
  session.undo();
  assert.equal(session.undoLabel, 'Add 25 pictures to Cat');
  session.undo();
  assert.equal(session.samples.size, 0);
  session.redo();
  assert.equal(session.samples.size, 25);
});

test('pictures that nothing can bring back leave the disk, those that undo can do not', async () => {
  const { database, session, cat } = await twoClasses();
  const [kept, lost] = ['kept', 'lost'].map((text) => session.addSamples(cat.id, [{ jpeg: jpeg(text), fingerprint: PRINT, embedding: new Float32Array([1, 0]) }])[0]);
  session.undo();
  await session.flush();
  assert.ok(await database.get('pictures', [session.id, lost]), 'redo may want it');
  session.rename('cuts off redo');
  await session.flush();
  assert.equal(await database.get('pictures', [session.id, lost]), undefined);
  assert.equal(await database.get('embeddings', [session.id, PRINT, lost]), undefined);
  assert.equal(await database.get('samples', [session.id, lost]), undefined);
  session.deleteSamples([kept]);
  for (let step = 0; step < LONGEST_HISTORY - 1; step += 1) session.addClass();
  await session.flush();
  assert.ok(await database.get('pictures', [session.id, kept]), 'the oldest step can bring it back');
  session.addClass();
  session.addSamples(cat.id, [{ jpeg: jpeg() }]);
  await session.flush();
  assert.equal(await database.get('pictures', [session.id, kept]), undefined);
});

test('embeddings come back in the order of classes and creation, missing ones are named', async () => {
  const { session, cat, dog } = await twoClasses();
  const [a] = session.addSamples(dog.id, [{ jpeg: jpeg(), embedding: new Float32Array([0, 1]), fingerprint: PRINT }]);
  const [b, c] = session.addSamples(cat.id, [{ jpeg: jpeg(), embedding: new Float32Array([1, 0]), fingerprint: PRINT }, { jpeg: jpeg() }]);
  assert.deepEqual((await session.embeddingsFor(PRINT)).ids, [b, a], 'before the disk has them');
  await session.flush();
  const found = await session.embeddingsFor(PRINT);
  assert.deepEqual([found.ids, [...found.vectors], found.missing], [[b, a], [1, 0, 0, 1], [c]]);
  session.putEmbeddings(PRINT, [{ id: c, vector: new Float32Array([0.6, 0.8]), quality: { sharpness: 9, brightness: 0, contrast: 0 } }]);
  assert.deepEqual((await session.embeddingsFor(PRINT, [c])).ids, [c]);
  assert.equal(session.samples.get(c)?.quality?.sharpness, 9);
  assert.deepEqual((await session.embeddingsFor('0'.repeat(64))).missing, [b, c, a]);
});

test('lists of other classes keep their identity when one class changes', async () => {
  const { session, cat, dog } = await twoClasses();
  session.addSamples(cat.id, [{ jpeg: jpeg() }]);
  const [cats, dogs] = [session.samplesOf(cat.id), session.samplesOf(dog.id)];
  session.addSamples(dog.id, [{ jpeg: jpeg() }]);
  assert.equal(session.samplesOf(cat.id), cats);
  assert.notEqual(session.samplesOf(dog.id), dogs);
});

test('labels that clash are numbered, unknown classes and odd values are refused in words', async () => {
  const { session, cat } = await twoClasses();
  assert.equal(session.addClass('Cat').label, 'Cat 2');
  assert.equal(session.addClass().label, 'Class 1');
  session.renameClass(cat.id, 'Dog');
  assert.equal(session.classes[0].label, 'Dog 2');
  session.renameClass(cat.id, '   ');
  assert.equal(session.classes[0].label, 'Dog 2');
  assert.throws(() => session.addSamples('nope', [{ jpeg: jpeg() }]), /No class nope; there are/);
  assert.throws(() => session.recolorClass(cat.id, 'red'), /expected one like #/);
  for (const patch of [{ k: 0 }, { k: NaN }, { tolerance: -1 }, { colour: 1 }]) {
    assert.throws(() => session.setSettings(/** @type {any} */ (patch)), RangeError);
  }
});

test('a server that is off leaves everything as it was, and says so', async () => {
  const { session, cat, database } = await twoClasses();
  session.addSamples(cat.id, [{ jpeg: jpeg() }]);
  assert.equal(await session.save(), false);
  const { dirty, where, saving, problem, conflict } = session.status;
  assert.deepEqual([dirty, where, saving, conflict], [true, 'local', null, null]);
  assert.equal(/** @type {any} */ (problem).title, 'The server cannot be reached');
  const [listed] = await Session.list({ api, database });
  assert.deepEqual([listed.name, listed.state, listed.classes.map(({ count }) => count), listed.covers.length], ['Test', 'local', [1, 0], 1]);
});

test('a failing disk keeps everything in memory, and the next try writes it', async () => {
  let full = false;
  class SmallDisk extends MemoryDatabase {
    persistent = true;
    /** @type {MemoryDatabase['write']} */
    async write(writes, expect) {
      if (full) throw new DOMException('no room', 'QuotaExceededError');
      return super.write(writes, expect);
    }
  }
  const { session, cat, again } = await twoClasses(new SmallDisk());
  full = true;
  const [id] = session.addSamples(cat.id, [{ jpeg: jpeg('precious') }]);
  session.rename('Full');
  await assert.rejects(session.flush(), { name: 'QuotaExceededError' });
  assert.equal(/** @type {any} */ (session.status.problem).title, 'This browser has no room left');
  assert.equal(session.status.stored, false);
  assert.equal(await (await session.jpegOf(id)).text(), 'precious');
  full = false;
  await session.flush();
  assert.deepEqual([session.status.problem, session.status.stored], [null, true]);
  const other = await again();
  assert.deepEqual([other.name, await (await other.jpegOf(id)).text()], ['Full', 'precious']);
});

test('two tabs on one project see each other, and neither overwrites the other', async () => {
  const { session: one, cat, dog, again } = await twoClasses();
  const alive = setInterval(() => {}, 1000); // channels do not keep a process alive
  const two = await again();
  const next = (session) => new Promise((resolve) => session.addEventListener('change', resolve, { once: true }));
  let change = next(two);
  const [fromOne] = one.addSamples(cat.id, [{ jpeg: jpeg('one') }]);
  await change;
  assert.ok(two.samples.has(fromOne), 'the other tab follows');
  assert.equal(two.undoLabel, 'Add 1 picture to Cat');
  // Both at once: whoever writes second must do its edits again on top of the first.
  const added = [one.addSamples(cat.id, [{ jpeg: jpeg() }]), two.addSamples(dog.id, [{ jpeg: jpeg() }])].flat();
  one.rename('By one');
  two.addClass('By two');
  await Promise.all([one.flush(), two.flush()]);
  const third = await again();
  assert.deepEqual([...third.samples.keys()].sort(), [fromOne, ...added].sort());
  assert.deepEqual([third.name, third.classes.map(({ label }) => label)], ['By one', ['Cat', 'Dog', 'By two']]);
  await Promise.all([one, two, third].map((session) => session.close()));
  clearInterval(alive);
});

test('a project that another tab deleted stays in this tab and says so', async () => {
  const { database, session, cat } = await twoClasses();
  await Session.remove(session.id, { api, database });
  session.addSamples(cat.id, [{ jpeg: jpeg() }]);
  await assert.rejects(session.flush(), /deleted in another tab/);
  assert.equal(session.samples.size, 1);
  assert.ok(session.status.problem);
  assert.deepEqual(await Session.list({ api, database }), [], 'and does not come back by itself');
});

test('a project of a newer page is not touched', async () => {
  const { database, session, again } = await twoClasses();
  const record = await database.get('projects', [session.id]);
  await database.write([{ store: 'projects', key: [session.id], value: { ...record, version: 2 } }]);
  await assert.rejects(again(), /version 2; this page reads showtell-local version 1/);
});

test('whose a picture is survives undo, a copy and a reload', async () => {
  const { database, session, cat, again } = await twoClasses();
  const [hers] = session.addSamples(cat.id, [{ jpeg: jpeg(), contributor: 'Anna' }]);
  session.addSamples(cat.id, [{ jpeg: jpeg() }]);
  session.deleteSamples([hers]);
  session.undo();
  const copied = await session.resolveConflict('mine-as-copy').catch(() => null); // no server: nothing to take instead
  assert.equal(copied, null);
  await session.close();
  const other = await again();
  assert.deepEqual(other.samplesOf(cat.id).map(({ contributor }) => contributor ?? null), ['Anna', null]);
  const projects = await database.all('projects', []);
  for (const { id } of projects.filter((record) => record.id !== session.id)) {
    const copy = await Session.open(id, { database, api, live: false });
    assert.deepEqual(copy.samplesOf(copy.classes[0].id).map(({ contributor }) => contributor ?? null), ['Anna', null]);
  }
  assert.ok(projects.length > 1, 'the copy was made before the server was asked');
});
