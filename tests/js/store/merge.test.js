import assert from 'node:assert/strict';
import { test } from 'node:test';
import { merge, same } from '../../../static/js/store/merge.js';
import { localSnapshot } from '../../../static/js/store/snapshot.js';
import { generator, randomState, work } from './random_projects.js';

const [A, B, C] = ['A', 'B', 'C'].map((label) => ({ id: label.toLowerCase(), label, color: '#2f7fd6' }));

/** @returns {import('../../../static/js/store/merge.js').Snapshot} */
const snapshot = (classes, samples = {}, more = {}) => ({
  name: 'p', backbone: 'x', settings: { k: 10, mirror: true }, classes, samples: new Map(Object.entries(samples)), ...more,
});
const labels = ({ classes }) => classes.map(({ label }) => label);

/** Three related snapshots: a base and what two sides made of it. */
function triple(seed) {
  const random = generator(seed);
  const start = randomState(random, 15);
  const sides = [0, 1].map(() => work(random, structuredClone(start), Math.floor(random() * 15)));
  return [start, ...sides].map(localSnapshot);
}
const SEEDS = Array.from({ length: 400 }, (_, index) => index + 1);

test('what either side added is in the result', () => {
  for (const seed of SEEDS) {
    const [base, mine, theirs] = triple(seed);
    const merged = merge(base, mine, theirs);
    const ids = new Set(merged.classes.map(({ id }) => id));
    for (const side of [mine, theirs]) {
      for (const id of side.samples.keys()) if (!base.samples.has(id)) assert.ok(merged.samples.has(id), `seed ${seed}: sample ${id}`);
      for (const { id } of side.classes) {
        if (!base.classes.some((other) => other.id === id)) assert.ok(ids.has(id), `seed ${seed}: class ${id}`);
      }
    }
  }
});

test('the result is sound: classes for all samples, no label and no class twice', () => {
  for (const seed of SEEDS) {
    const [base, mine, theirs] = triple(seed);
    const merged = merge(base, mine, theirs);
    const ids = new Set(merged.classes.map(({ id }) => id));
    assert.equal(ids.size, merged.classes.length, `seed ${seed}`);
    assert.equal(new Set(labels(merged)).size, merged.classes.length, `seed ${seed}: ${labels(merged)}`);
    for (const classId of merged.samples.values()) assert.ok(ids.has(classId), `seed ${seed}`);
  }
});

test('where one side did nothing, the other is taken as it is', () => {
  for (const seed of SEEDS) {
    const [base, mine, theirs] = triple(seed);
    assert.ok(same(merge(base, mine, base), mine), `seed ${seed}: only mine`);
    assert.ok(same(merge(base, base, theirs), theirs), `seed ${seed}: only theirs`);
    assert.ok(same(merge(base, mine, mine), mine), `seed ${seed}: both alike`);
  }
});

test('the same samples survive whoever merges, and merging again changes nothing', () => {
  for (const seed of SEEDS) {
    const [base, mine, theirs] = triple(seed);
    const [one, other] = [merge(base, mine, theirs), merge(base, theirs, mine)];
    assert.deepEqual([...one.samples.keys()].sort(), [...other.samples.keys()].sort(), `seed ${seed}`);
    assert.ok(same(merge(theirs, one, theirs), one), `seed ${seed}: theirs is in it already`);
  }
});

test('what one side deleted and the other left alone stays deleted, unless its class had to stay', () => {
  for (const seed of SEEDS) {
    const [base, mine, theirs] = triple(seed);
    const merged = merge(base, mine, theirs);
    for (const [id, classId] of base.samples) {
      if (mine.samples.has(id) || theirs.samples.get(id) !== classId || !merged.samples.has(id)) continue;
      assert.ok(!mine.classes.some((item) => item.id === classId), `seed ${seed}: ${id} came back without need`);
    }
  }
});

test('a sample that one moved and the other deleted stays where it was moved', () => {
  const base = snapshot([A, B], { 1: 'a', 2: 'a' });
  const mine = snapshot([A, B], { 1: 'b' });
  const theirs = snapshot([A, B], { 2: 'b' });
  assert.deepEqual([...merge(base, mine, theirs).samples].sort(), [['1', 'b'], ['2', 'b']]);
});

test('a class that one deleted and the other taught further stays with all of it', () => {
  const base = snapshot([A, B], { 1: 'a', 2: 'b' });
  const mine = snapshot([B], { 2: 'b' });
  const theirs = snapshot([A, B], { 1: 'a', 2: 'b', 3: 'a' });
  const merged = merge(base, mine, theirs);
  assert.deepEqual(labels(merged), ['A', 'B']);
  assert.deepEqual([...merged.samples.keys()].sort(), ['1', '2', '3']);
});

test('a class that one deleted and the other left alone goes with its samples', () => {
  const base = snapshot([A, B], { 1: 'a', 2: 'b' });
  const merged = merge(base, snapshot([B], { 2: 'b' }), snapshot([A, B], { 1: 'a', 2: 'b', 3: 'b' }));
  assert.deepEqual(labels(merged), ['B']);
  assert.deepEqual([...merged.samples.keys()].sort(), ['2', '3']);
});

test('two classes that both sides named alike are both kept, one with a number', () => {
  const cat = (id) => ({ id, label: 'Cat', color: '#d9681d' });
  const merged = merge(snapshot([A]), snapshot([A, cat('m')], { 1: 'm' }), snapshot([A, cat('t')], { 2: 't' }));
  assert.deepEqual(labels(merged), ['A', 'Cat', 'Cat 2']);
  assert.equal(merged.samples.size, 2);
});

test('names, settings and colours: whoever changed one wins, mine where both did', () => {
  const base = snapshot([A, B]);
  const mine = snapshot([{ ...A, label: 'Mine' }, B], {}, { name: 'mine', settings: { k: 5, mirror: true } });
  const theirs = snapshot([{ ...A, label: 'Theirs', color: '#000000' }, B], {}, { name: 'theirs', settings: { k: 3, mirror: false }, backbone: 'y' });
  const merged = merge(base, mine, theirs);
  assert.deepEqual([merged.name, merged.backbone, merged.settings], ['mine', 'y', { k: 5, mirror: false }]);
  assert.deepEqual(merged.classes[0], { id: 'a', label: 'Mine', color: '#000000' });
});

test('an order that one side changed is kept, with what the other added after its neighbour', () => {
  const merged = merge(snapshot([A, B]), snapshot([B, A]), snapshot([A, C, B]));
  assert.deepEqual(labels(merged), ['B', 'A', 'C']);
  assert.deepEqual(labels(merge(snapshot([A, B]), snapshot([A, C, B]), snapshot([B, A]))), ['B', 'A', 'C']);
});
