import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strictClock, uuid } from '../../../static/js/store/ids.js';
import { LONGEST_LABEL, nextLabel, pictures, tidyName, uniqueLabel } from '../../../static/js/store/names.js';

test('default labels take the next free number', () => {
  assert.equal(nextLabel([]), 'Class 1');
  assert.equal(nextLabel(['Class 1', 'class 3', 'Cat']), 'Class 2');
});

test('a label that is taken gets the first free number and stays short enough', () => {
  assert.equal(uniqueLabel('Cat', ['Dog']), 'Cat');
  assert.equal(uniqueLabel('Cat', ['Cat', 'Cat 2']), 'Cat 3');
  const long = '😀'.repeat(LONGEST_LABEL);
  assert.equal([...uniqueLabel(long, [long])].length, LONGEST_LABEL);
});

test('names lose control characters, lone surrogates and outer space', () => {
  assert.equal(tidyName(' My\tproject\n\u0000 '), 'My project');
  assert.equal(tidyName('a\ud800b\u0085c'), 'a b c');
  assert.equal(tidyName('e\u0301'), '\u00e9');
  assert.equal(tidyName('abcdef', 3), 'abc');
  assert.equal(tidyName('  '), '');
});

test('numbers of pictures are said in words', () => {
  assert.deepEqual([1, 2, 0].map(pictures), ['1 picture', '2 pictures', '0 pictures']);
});

test('ids are UUIDs, with and without a secure context', () => {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  assert.match(uuid(), form);
  const own = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(crypto), 'randomUUID');
  Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true });
  try {
    const ids = Array.from({ length: 100 }, uuid);
    for (const id of ids) assert.match(id, form);
    assert.equal(new Set(ids).size, 100);
  } finally {
    delete (/** @type {any} */ (crypto).randomUUID);
  }
  assert.ok(own);
});

test('no two samples are made at the same time', () => {
  const clock = strictClock(() => 1000);
  const times = Array.from({ length: 50 }, clock);
  assert.deepEqual(times, [...new Set(times)].sort());
});
