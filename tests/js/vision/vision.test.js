import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSoftware } from '../../../static/js/vision/backends.js';
import { best, unit } from '../../../static/js/vision/network.js';
import { Numbering } from '../../../static/js/vision/numbering.js';
import { Knn } from '../../../static/js/core/knn.js';
import { times } from '../../../static/js/capture/video.js';
import { problem, problemOf } from '../../../static/js/capture/problems.js';

for (const name of [
  'ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)',
  'llvmpipe (LLVM 15.0.7, 256 bits)',
  'ANGLE (Mesa, llvmpipe (LLVM 12.0.0 256 bits), OpenGL 4.5)',
  'Microsoft Basic Render Driver',
  'Software Rasterizer',
  'software fallback',
  '',
  null,
]) {
  test(`${JSON.stringify(name)} counts as software`, () => assert.equal(isSoftware(name), true));
}
for (const name of [
  'ANGLE (Apple, ANGLE Metal Renderer: Apple M2, Unspecified Version)',
  'ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11 vs_5_0 ps_5_0, D3D11)',
  'ANGLE (Intel, Mesa Intel(R) UHD Graphics 620 (KBL GT2), OpenGL 4.6)',
  'Adreno (TM) 640',
]) {
  test(`${name} counts as a graphics card`, () => assert.equal(isSoftware(name), false));
}

test('vectors come to length 1, zero stays, and broken numbers are refused', () => {
  assert.deepEqual([...unit(Float32Array.of(3, 4))].map((x) => Math.fround(x)), [Math.fround(0.6), Math.fround(0.8)]);
  assert.deepEqual([...unit(Float32Array.of(0, 0))], [0, 0]);
  assert.throws(() => unit(Float32Array.of(NaN, 1)), /not finite/);
});

test('the best five of a thousand logits come in order with their probabilities', () => {
  const logits = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i * 1.7) * 9);
  const labels = Array.from({ length: 1000 }, (_, i) => ({ id: `n${i}`, name: `name ${i}` }));
  const sum = logits.reduce((total, x) => total + Math.exp(x), 0);
  const expected = [...logits.keys()].sort((a, b) => logits[b] - logits[a] || a - b).slice(0, 5);
  const found = best(logits, labels);
  assert.deepEqual(found.map(({ id }) => id), expected.map((i) => `n${i}`));
  found.forEach(({ probability }, i) => assert.ok(Math.abs(probability - Math.exp(logits[expected[i]]) / sum) < 1e-6));
});

/** @param {Numbering} numbering @param {string[]} names */
function evaluated(numbering, names) {
  const knn = new Knn({ size: 2 });
  knn.setClasses(['a', 'b']);
  const list = numbering.add(names.map((id, i) => ({ id, classId: 'ab'[i % 2], group: null })));
  knn.add(list, Float32Array.from(names.flatMap((_, i) => (i % 2 ? [0, 1] : [1, 0]))));
  return knn.finish();
}

test('an evaluation by numbers is read by ids, without those removed meanwhile', () => {
  const numbering = new Numbering();
  const numbered = evaluated(numbering, ['p', 'q', 'r', 's']);
  numbering.remove(['q']);
  const evaluation = numbering.accept(numbered);
  assert.deepEqual(evaluation.items.map(({ id, taught, answered }) => [id, taught, answered]), [['p', 'a', 'a'], ['r', 'a', 'a'], ['s', 'b', 'b']]);
  assert.deepEqual(evaluation.nearDuplicates, [['p', 'r']]);
  assert.equal(evaluation.items, evaluation.items, 'made once');
});

test('while the next evaluation is made, the last one is shown as out of date', () => {
  const numbering = new Numbering();
  assert.equal(numbering.waiting(0.1).accuracy, null);
  const evaluation = numbering.accept(evaluated(numbering, ['p', 'q', 'r', 's']));
  const waiting = numbering.waiting(0.4);
  assert.deepEqual([waiting.complete, waiting.progress, waiting.accuracy], [false, 0.4, evaluation.accuracy]);
  assert.deepEqual(waiting.items, evaluation.items);
});

test('an id that is there already, or comes twice, is refused', () => {
  const numbering = new Numbering();
  const example = { id: 'p', classId: 'a', group: null };
  assert.throws(() => numbering.add([example, example]), /more than once/);
  numbering.add([example]);
  assert.throws(() => numbering.add([example]), /p is there already/);
  numbering.keepClasses(['b']);
  numbering.add([example]);
});

test('the moments of a video lie evenly, at most as many as asked for', () => {
  assert.deepEqual(times(1, 4, 600), [0.125, 0.375, 0.625, 0.875]);
  assert.equal(times(3600, 10, 600).length, 600);
  assert.deepEqual(times(0.01, 10, 600), [0.005]);
});

for (const [name, kind] of Object.entries({
  NotAllowedError: 'denied',
  NotFoundError: 'none',
  NotReadableError: 'busy',
  OverconstrainedError: 'unsupported',
  SomethingNewError: 'unknown',
})) {
  test(`${name} is explained as ${kind}, with a way on`, () => {
    const found = problemOf(new DOMException('because', name));
    assert.equal(found.kind, kind);
    assert.ok(found.title && found.explanation && /files or a video, or draw/.test(found.wayOn));
  });
}

test('what the browser says is passed on only where nothing better is known', () => {
  assert.match(problem('unknown', 'lens cap').explanation, /lens cap/);
  assert.doesNotMatch(problem('busy', 'lens cap').explanation, /lens cap/);
});
