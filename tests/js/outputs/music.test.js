import test from 'node:test';
import assert from 'node:assert/strict';
import { PHRASES, SCALES, noteForEach, noteName, noteOf, phrase, phraseOf } from '../../../static/js/outputs/music.js';

test('notes have their usual names', () => {
  assert.deepEqual([60, 69, 21, 108, 61].map(noteName), ['C4', 'A4', 'A0', 'C8', 'C♯4']);
});

test('scales go on through the octaves, upwards and downwards', () => {
  assert.deepEqual([0, 1, 4, 5, 6, -1].map((n) => noteOf('pentatonic', n)), [60, 62, 69, 72, 74, 57]);
  for (const name of Object.keys(SCALES)) assert.equal(noteOf(name, SCALES[name].steps.length, 48), 60);
});

test('every phrase is short, begins at once and is found again from its notes', () => {
  for (const name of Object.keys(PHRASES)) {
    const notes = phrase(name, 'bell', 64);
    assert.equal(Math.min(...notes.map((n) => n.at)), 0, name);
    assert.ok(notes.every((n) => n.duration > 0 && n.gain > 0 && n.gain <= 1 && n.note >= 21 && n.note <= 108), name);
    assert.ok(Math.max(...notes.map((n) => n.at + n.duration)) <= 2, name);
    assert.deepEqual(phraseOf(notes), { phrase: name, root: 64 });
  }
  assert.equal(phraseOf([]), null);
  assert.equal(phraseOf([{ instrument: 'bell', note: 60, at: 0, duration: 0.123, gain: 1 }]), null);
});

test('each class gets a note of its own', () => {
  for (const n of [1, 5, 12, 15]) assert.equal(new Set(noteForEach(n).map(([one]) => one.note)).size, n);
  assert.ok(noteForEach(50).every(([one]) => one.note <= 96));
});
