import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHUNK, chunksOf, diff } from '../../../static/js/store/diff.js';
import { same } from '../../../static/js/store/merge.js';
import { localSnapshot } from '../../../static/js/store/snapshot.js';
import { generator, randomState, work } from './random_projects.js';

/** The rules of the server, after docs/architecture.md: what it would refuse throws. */
class Rules {
  constructor(snapshot) {
    this.state = snapshot && { ...snapshot, samples: new Map(snapshot.samples) };
  }

  run(operation) {
    const has = (classId) => assert.ok(this.state.classes.some(({ id }) => id === classId), `class ${classId} is there`);
    ({
      create: ({ project }) => (this.state = { backbone: null, ...project, samples: new Map() }),
      patch: ({ patch }) => {
        Object.assign(this.state, patch, { settings: { ...this.state.settings, ...patch.settings } });
        const names = this.state.classes.map(({ label }) => label);
        assert.equal(new Set(names).size, names.length, `labels are unique: ${names}`);
        const kept = new Set(this.state.classes.map(({ id }) => id));
        for (const [id, classId] of this.state.samples) if (!kept.has(classId)) this.state.samples.delete(id);
      },
      move: ({ id, classId }) => {
        assert.ok(this.state.samples.has(id), 'moves what is there');
        has(classId);
        this.state.samples.set(id, classId);
      },
      add: ({ ids, classId }) => {
        has(classId);
        for (const id of ids) this.state.samples.set(id, classId);
      },
      delete: ({ id }) => assert.ok(this.state.samples.delete(id), 'deletes what is there'),
    })[operation.kind](operation);
  }
}

test('sending the difference makes the server equal, whatever was done', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = generator(seed);
    const start = randomState(random, 15);
    const base = localSnapshot(structuredClone(start));
    const local = localSnapshot(work(random, start, 15));
    for (const known of [base, null]) {
      const server = new Rules(known);
      for (const operation of diff(local, known)) server.run(operation);
      assert.ok(same(server.state, local), `seed ${seed}`);
      assert.deepEqual(diff(local, server.state), [], `seed ${seed}: nothing is left to send`);
    }
  }
});

test('a class that takes the name of a deleted one is sent without a clash', () => {
  const common = { name: 'p', backbone: 'b', settings: {} };
  const base = { ...common, classes: [{ id: 'old', label: 'Cat', color: '#000000' }], samples: new Map([['1', 'old']]) };
  const local = { ...common, classes: [{ id: 'new', label: 'Cat', color: '#000000' }], samples: new Map([['1', 'new']]) };
  const server = new Rules(base);
  for (const operation of diff(local, base)) server.run(operation);
  assert.ok(same(server.state, local));
});

test('a backbone that nobody chose is left to the server', () => {
  const project = { name: 'p', backbone: null, settings: {}, classes: [], samples: new Map() };
  assert.deepEqual(diff(project, { ...project, backbone: 'starter' }), []);
  const [operation] = diff(project, null);
  assert.ok(operation.kind === 'create' && !('backbone' in operation.project));
});

test('requests carry at most twenty pictures and two megabytes', () => {
  const ids = Array.from({ length: 101 }, (_, index) => `${index}`);
  const small = chunksOf(ids, () => 8000);
  assert.deepEqual(small.map(({ length }) => length), [20, 20, 20, 20, 20, 1]);
  assert.deepEqual(small.flat(), ids);
  for (const chunk of chunksOf(ids, () => 300_000)) assert.ok(chunk.length * 300_000 <= CHUNK.bytes);
  assert.deepEqual(chunksOf(['huge', 'next'], () => 9_000_000), [['huge'], ['next']], 'one that is too large goes alone');
});
