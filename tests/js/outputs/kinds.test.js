import test from 'node:test';
import assert from 'node:assert/strict';
import { KINDS, MOST_OUTPUTS, usable } from '../../../static/js/outputs/kinds.js';
import { STARTERS, added, changed, filesIn, isEmpty, kindsIn, outputsOf, removed, started, withFiles } from '../../../static/js/outputs/edit.js';
import { phrase } from '../../../static/js/outputs/music.js';
import { EMOJI, emojiFor, emojiForEach, graphemes } from '../../../static/js/outputs/emoji.js';

const CLASSES = [{ id: 'a', label: 'Thumbs up' }, { id: 'b', label: 'Cat' }, { id: 'c', label: 'Zzyzx' }];

test('every kind makes outputs that it can use, describe and keep as JSON', () => {
  for (const [name, kind] of Object.entries(KINDS)) {
    for (let index = 0; index < 10; index++) {
      const output = kind.make({ label: 'Cup', index });
      assert.equal(output.kind, name);
      assert.deepEqual(usable([JSON.parse(JSON.stringify(output))]), [output]);
      assert.ok(kind.describe(output, {}).length > 0, name);
    }
    assert.ok(kind.title && kind.line && kind.icon);
  }
});

test('a sound is told by its instrument, phrase and note, a drum by its stroke', () => {
  const told = (/** @type {string} */ name, /** @type {string} */ instrument, /** @type {number} */ root) => KINDS.sound.describe({ kind: 'sound', instrument, notes: phrase(name, instrument, root) }, {});
  assert.deepEqual([told('up', 'bell', 64), told('one', 'drum', 38), told('drumroll', 'drum', 36)], ['Bell: going up, E4', 'Drums: snare', 'Drums: kick roll']);
  assert.equal(KINDS.sound.describe({ kind: 'sound', instrument: 'bell', notes: phrase('up', 'bell', 64).slice(1) }, {}), 'Bell: 3 notes');
});

const ID = '1b4e28ba-2fa1-41d2-883f-0016d3cca427';
const BROKEN = [
  { kind: 'sound', instrument: 'constructor', notes: [] }, { kind: 'sound', instrument: 'bell', notes: 'x' }, { kind: 'sound', instrument: 'bell', notes: [{ instrument: 'toString', note: 60, at: 0, duration: 1, gain: 1 }] },
  { kind: 'sound', instrument: 'bell', notes: [{ instrument: 'bell', note: 60, at: 1e9, duration: 1, gain: 1 }] },
  { kind: 'speech', text: 5 }, { kind: 'speech', text: 'x'.repeat(301) }, { kind: 'speech', text: 'x', rate: 50 }, { kind: 'emoji' }, { kind: 'text', text: {} },
  { kind: 'picture', asset: '../../etc' }, { kind: 'file', asset: 'https://elsewhere.example/x.mp3' }, { kind: 'file', asset: ID, loop: 'yes' },
  { kind: 'midi', channel: 0, note: 60, velocity: 1 }, { kind: 'midi', channel: 1, note: NaN, velocity: 1 }, { kind: 'serial', text: 'x', baud: 300 }, { kind: '__proto__' }, { kind: 'toString' }, {}, null, 7,
];

test('what somebody else wrote wrongly is not used', () => {
  assert.deepEqual(usable(BROKEN), []);
  assert.deepEqual(usable({ length: 1 }), []);
  assert.equal(usable(Array.from({ length: 99 }, () => ({ kind: 'hook' }))).length, MOST_OUTPUTS);
});

test('outputs are added, changed and removed without touching those of other classes', () => {
  const emoji = { kind: 'emoji', text: '⭐' };
  let settings = /** @type {any} */ ({ k: 10 });
  settings = added(settings, 'a', emoji);
  settings = added(settings, 'a', { kind: 'text', text: 'x' });
  settings = added(settings, 'b', emoji);
  settings = changed(settings, 'a', 1, { kind: 'text', text: 'y' });
  assert.deepEqual(settings.outputs, { a: [emoji, { kind: 'text', text: 'y' }], b: [emoji] });
  assert.deepEqual([...kindsIn(settings, CLASSES)], ['emoji', 'text']);
  settings = removed(settings, 'a', 0);
  settings = removed(settings, 'b', 0);
  assert.deepEqual(settings.outputs, { a: [{ kind: 'text', text: 'y' }] });
  settings = removed(settings, 'a', 0);
  assert.deepEqual(settings, { outputs: undefined }, 'nothing is left of it');
  assert.equal(isEmpty(settings, CLASSES), true);
});

test('a copy lets its outputs use files of its own', () => {
  const other = ID.replace('1', '2');
  const settings = { outputs: { a: [{ kind: 'picture', asset: ID }, { kind: 'text', text: 'x' }], b: [{ kind: 'file', asset: other }, { kind: 'picture', asset: '' }] } };
  assert.deepEqual(filesIn(settings, CLASSES), new Set([ID, other]));
  const moved = withFiles(settings, CLASSES, new Map([[ID, other]]));
  assert.deepEqual(moved.outputs, { a: [{ kind: 'picture', asset: other }, { kind: 'text', text: 'x' }], b: settings.outputs.b });
});

test('each starter gives every class something of its own, also many classes', () => {
  const many = Array.from({ length: 15 }, (_, i) => ({ id: `c${i}`, label: `Class ${i}` }));
  for (const starter of STARTERS) {
    const settings = started({}, many, starter);
    const made = many.map(({ id }) => outputsOf(settings, id));
    assert.ok(made.every((list) => list.length === 1), starter.id);
    assert.equal(new Set(made.map((list) => JSON.stringify(list))).size, 15, starter.id);
  }
  const twice = STARTERS.reduce((settings, starter) => started(settings, CLASSES, starter), /** @type {any} */ ({}));
  assert.deepEqual(outputsOf(twice, 'b').map(({ kind }) => kind), ['sound', 'speech', 'emoji']);
});

test('an emoji fits the name, in some languages, and no two classes have the same', () => {
  assert.deepEqual(['Thumbs up', 'thumbs down', 'cats', 'Katze', 'left', 'nothing', 'Background'].map((label) => emojiFor(label)), ['👍', '👎', '🐱', '🐱', '⬅️', '💤', '💤']);
  assert.equal(emojiFor('scatter'), '⭐', 'a cat is no part of a word');
  assert.equal(new Set(emojiForEach([...CLASSES, { label: 'cat' }, { label: 'my cat' }])).size, 5);
  assert.equal(new Set(EMOJI).size, EMOJI.length);
  assert.equal(graphemes('👩‍👩‍👧a👍🏽b', 3), '👩‍👩‍👧a👍🏽');
});
