// Properties: however the examples came to be what they are, the evaluation is the one of docs/knn.md,
// computed here a second time, naively, from the definition.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Knn } from '../../../static/js/core/knn.js';
import { loadKernel } from '../../../static/js/core/knn_kernel.js';

const kernel = await loadKernel(await readFile(new URL('../../../static/js/core/knn_kernel.wasm', import.meta.url)));

/** @param {number} seed */
function seeded(seed) {
  let state = seed * 7919 + 17;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

/** @param {() => number} random @param {number} size @param {number} bunch */
function vectorOf(random, size, bunch) {
  const v = Float32Array.from({ length: size }, (_, d) => random() - 0.5 + (d === bunch ? 1.2 : 0));
  const length = Math.hypot(...v);
  return v.map((x) => x / length);
}

/**
 * @typedef {{id: string, classId: string, group: string | null, vector: Float32Array}} Row
 * The definition, word by word. @param {Row[]} rows @param {string[]} classes @param {{k: number, tolerance: number | null}} options
 */
function oracle(rows, classes, { k, tolerance }) {
  const n = rows.length;
  const filled = classes.filter((c) => rows.some((r) => r.classId === c)).length;
  const groups = rows.map((r) => r.group ?? r);
  // In 32 bits, as the rows are: ties of equal vectors stay ties.
  const s = rows.map((a) => rows.map((b) => Math.fround(a.vector.reduce((sum, x, d) => sum + x * b.vector[d], 0))));
  const allowed = rows.map((r, i) => {
    const outside = rows.some((o, j) => o.classId === r.classId && groups[j] !== groups[i]);
    return rows.map((_, j) => j).filter((j) => (outside ? groups[j] !== groups[i] : j !== i));
  });
  const nearest = allowed.map((list, i) => [...list].sort((a, b) => s[i][b] - s[i][a] || a - b).slice(0, k));
  const votesOf = (/** @type {number} */ i, /** @type {number} */ beta) => {
    const weights = nearest[i].map((j) => Math.exp(beta * (s[i][j] - s[i][nearest[i][0]])));
    const total = weights.reduce((a, b) => a + b, 0);
    return classes.map((c) => weights.reduce((sum, w, x) => sum + (rows[nearest[i][x]].classId === c ? w : 0), 0) / total);
  };
  const scoreOf = (/** @type {number} */ vote) => (1 - 1 / n) * vote + 1 / n / filled;
  const used = rows.map((_, i) => i).filter((i) => nearest[i].length > 0);
  let beta = 16;
  if (filled >= 2 && n >= 4) {
    const grid = Array.from({ length: 19 }, (_, j) => 2 ** (j / 2));
    const losses = grid.map((b) => used.reduce((sum, i) => sum - Math.log(scoreOf(votesOf(i, b)[classes.indexOf(rows[i].classId)])), 0) / used.length);
    beta = grid[losses.findIndex((loss) => loss <= Math.min(...losses) + 1e-4)];
  }
  const spreads = classes.map((c) => {
    const d = rows.flatMap((r, i) => {
      const own = allowed[i].filter((j) => rows[j].classId === c && s[i][j] < 0.97).map((j) => s[i][j]);
      return r.classId === c && own.length > 0 ? [1 - Math.max(...own)] : [];
    }).sort((a, b) => a - b);
    if (rows.filter((r) => r.classId === c).length < 2) return null;
    if (d.length === 0) return 0.16;
    const p = 0.5 * (d.length - 1);
    const [a, b] = [d[Math.floor(p)], d[Math.ceil(p)]];
    return Math.max(0.16, a + (p - Math.floor(p)) * (b - a));
  });
  const borrowed = Math.max(0, ...spreads.map((q) => q ?? 0)) || 0.5;
  const confusion = new Uint32Array(classes.length ** 2);
  const answers = rows.map((r, i) => {
    if (nearest[i].length === 0) return { answered: -1, score: NaN, novelty: NaN };
    const votes = votesOf(i, beta);
    const answered = votes.indexOf(Math.max(...votes));
    confusion[classes.indexOf(r.classId) * classes.length + answered]++;
    const q = spreads[classes.indexOf(rows[nearest[i][0]].classId)] ?? borrowed;
    const novelty = tolerance === null ? 0 : Math.max(0, 1 - s[i][nearest[i][0]]) / (tolerance * q);
    return { answered, score: scoreOf(votes[answered]), novelty };
  });
  return { beta, spreads: spreads.map((q) => q ?? borrowed), confusion, answers };
}

/** @param {import('../../../static/js/core/knn.js').Evaluation} e @param {ReturnType<typeof oracle>} expected @param {Row[]} rows @param {string} when */
function same(e, expected, rows, when) {
  assert.equal(e.complete, true, when);
  assert.deepEqual(Array.from(e.ids), rows.map(({ id }) => id), when);
  assert.ok(Math.abs(e.beta - expected.beta) < 1e-9, `${when}: beta ${e.beta}, expected ${expected.beta}`);
  assert.deepEqual([...e.answered], expected.answers.map(({ answered }) => answered), when);
  assert.deepEqual(e.confusion, expected.confusion, when);
  const near = (/** @type {number} */ a, /** @type {number} */ b) => Math.abs(a - b) < 2e-4 || (Number.isNaN(a) && Number.isNaN(b));
  expected.answers.forEach(({ score, novelty }, i) => {
    assert.ok(near(e.score[i], score), `${when}: score ${i} ${e.score[i]}, expected ${score}`);
    assert.ok(near(e.novelty[i], novelty), `${when}: novelty ${i} ${e.novelty[i]}, expected ${novelty}`);
  });
  e.perClass.forEach(({ Q }, c) => assert.ok(near(Q, expected.spreads[c]), `${when}: Q ${Q}, expected ${expected.spreads[c]}`));
}

for (let seed = 1; seed <= 12; seed++) {
  test(`after random additions, removals and moves the evaluation is that of the definition (seed ${seed})`, () => {
    const random = seeded(seed);
    const pick = (/** @type {number} */ n) => Math.floor(random() * n);
    const size = 5 + pick(20);
    let classes = ['10', '2', 'a', 'b'].slice(0, 2 + pick(3));
    const options = { k: 1 + pick(6), tolerance: pick(4) === 0 ? null : 1.5 };
    const knn = new Knn({ size, kernel: seed % 2 ? kernel : null, ...options });
    knn.setClasses(classes);
    /** @type {Row[]} */
    let rows = [];
    let next = 0;
    const acts = {
      add() {
        const group = pick(3) === 0 ? null : `burst ${pick(8)}`;
        const c = pick(classes.length);
        const fresh = Array.from({ length: 1 + pick(6) }, () => ({
          id: `s${next++}`,
          classId: classes[c],
          group,
          vector: rows.length > 0 && pick(6) === 0 ? rows[pick(rows.length)].vector : vectorOf(random, size, c),
        }));
        knn.add(fresh, Float32Array.from(fresh.flatMap(({ vector }) => [...vector])));
        rows.push(...fresh);
      },
      remove() {
        const ids = rows.filter(() => pick(5) === 0).map(({ id }) => id);
        knn.remove([...ids, 'never there']);
        rows = rows.filter(({ id }) => !ids.includes(id));
      },
      move() {
        const to = classes[pick(classes.length)];
        const ids = rows.filter(() => pick(8) === 0).map(({ id }) => id);
        knn.move(ids, to);
        rows = rows.map((row) => (ids.includes(row.id) ? { ...row, classId: to } : row));
      },
      reorder() {
        classes = [...classes].sort(() => random() - 0.5);
        knn.setClasses(classes);
      },
      options() {
        options.k = 1 + pick(14);
        knn.setOptions({ k: options.k });
      },
      work() {
        // A clock that runs out at once: the smallest slice there is.
        for (let i = pick(9); i > 0; i--) knn.step(0, () => 0);
      },
    };
    const names = /** @type {(keyof typeof acts)[]} */ (['add', 'add', 'add', 'remove', 'move', 'work', 'work', 'reorder', 'options']);
    for (let turn = 0; turn < 60; turn++) {
      const name = names[pick(names.length)];
      acts[name]();
      if (turn % 4 === 3) same(knn.finish(), oracle(rows, classes, options), rows, `turn ${turn}, after ${name}`);
    }
    const e = knn.finish();
    assert.equal(e.n, rows.length > 1 ? rows.length : 0);
  });
}

test('an added example costs one pass: the others are not compared again', () => {
  const random = seeded(99);
  const knn = new Knn({ size: 16 });
  knn.setClasses(['a', 'b']);
  const add = (/** @type {number} */ from, /** @type {number} */ count) => {
    const list = Array.from({ length: count }, (_, i) => ({ id: from + i, classId: 'ab'[(from + i) % 2], group: null }));
    knn.add(list, Float32Array.from(list.flatMap(({ id }) => [...vectorOf(random, 16, id % 2)])));
  };
  add(0, 400);
  knn.finish();
  let compared = 0;
  const dots = knn.rows.dots.bind(knn.rows);
  knn.rows.dots = (row, from, count) => {
    compared += count;
    return dots(row, from, count);
  };
  add(400, 1);
  knn.finish();
  assert.equal(compared, 401);
});

test('a removal makes few lists anew', () => {
  const random = seeded(5);
  const knn = new Knn({ size: 16 });
  knn.setClasses(['a', 'b']);
  const list = Array.from({ length: 500 }, (_, id) => ({ id, classId: 'ab'[id % 2], group: null }));
  knn.add(list, Float32Array.from(list.flatMap(({ id }) => [...vectorOf(random, 16, id % 2)])));
  knn.finish();
  let passes = 0;
  const dots = knn.rows.dots.bind(knn.rows);
  knn.rows.dots = (row, from, count) => {
    passes++;
    return dots(row, from, count);
  };
  knn.remove([3, 77, 123]);
  knn.finish();
  assert.ok(passes <= 5, `${passes} lists were made anew`);
});

test('the work can be cut into slices, and says how far it is', () => {
  const random = seeded(7);
  const knn = new Knn({ size: 8 });
  knn.setClasses(['a', 'b']);
  const list = Array.from({ length: 300 }, (_, id) => ({ id, classId: 'ab'[id % 2], group: null }));
  knn.add(list, Float32Array.from(list.flatMap(({ id }) => [...vectorOf(random, 8, id % 2)])));
  let slices = 1;
  let before = 0;
  while (knn.step(0, () => 0)) {
    slices++;
    const { progress, complete } = knn.evaluation;
    assert.equal(complete, false);
    assert.ok(progress >= before && progress < 1, `${before} to ${progress}`);
    before = progress;
  }
  assert.ok(slices > 100);
  assert.equal(knn.evaluation.progress, 1);
  assert.equal(knn.evaluation.complete, true);
});
