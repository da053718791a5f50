import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { prediction, Publisher } from '../../../static/js/play/publisher.js';

const CLASSES = [{ id: 'a', label: 'cup' }, { id: 'b', label: 'hand' }, { id: 'c', label: 'wall' }];
const ABOUT = { projectId: 'p', at: Date.UTC(2026, 0, 31, 9, 30, 0, 123), page: 'play', pageId: 'x' };

const result = (/** @type {object} */ changes = {}) => ({
  label: 'b', unknown: false, none: 0.1, shown: Float32Array.of(0.2, 0.6, 0.1), by: null, value: null, ...changes,
});

test('an answer becomes what programs hear, the best class first', () => {
  assert.deepEqual(prediction(result(), CLASSES, { ...ABOUT, action: 'left', player: 2 }), {
    project_id: 'p', at: '2026-01-31T09:30:00.123Z', page: 'play', page_id: 'x',
    label: 'hand', class_id: 'b', confidence: 0.6, unknown: false, none: 0.1,
    scores: [{ class_id: 'b', label: 'hand', score: 0.6 }, { class_id: 'a', label: 'cup', score: 0.2 }, { class_id: 'c', label: 'wall', score: 0.1 }],
    value: null, classifier: null, action: 'left', player: 2,
  });
});

test('what is like no class has no label, and is as sure as it is foreign', () => {
  const told = prediction(result({ unknown: true, none: 0.98765 }), CLASSES, ABOUT);
  assert.deepEqual([told.label, told.class_id, told.unknown, told.confidence], [null, null, true, 0.9877]);
  assert.equal(told.scores.length, 3);
});

test('a class that the project has no more counts as unknown', () => {
  assert.equal(prediction(result({ label: '' }), CLASSES, ABOUT).unknown, true);
});

test('a regression says its value and no class', () => {
  const told = prediction(result({ label: '', value: 3.25, by: 'k', none: 0 }), CLASSES, ABOUT);
  assert.deepEqual([told.value, told.label, told.confidence, told.unknown, told.scores, told.classifier], [3.25, null, null, false, [], 'k']);
});

test('fifty scores are told, the best, in numbers that the server takes', () => {
  const classes = Array.from({ length: 60 }, (_, i) => ({ id: `${i}`, label: `${i}` }));
  const shown = Float32Array.from(classes, (_, i) => (i === 7 ? 1.0000001 : i / 1000));
  const { scores, confidence } = prediction(result({ label: '7', shown }), classes, ABOUT);
  assert.equal(scores.length, 50);
  assert.deepEqual(scores.slice(0, 2).map(({ label }) => label), ['7', '59']);
  assert.equal(confidence, 1);
});

test('what a phone sends, which has less than a Result, is told too', () => {
  const { label, classifier, value } = prediction({ label: 'a', unknown: false, none: 0, shown: Float32Array.of(1, 0, 0) }, CLASSES, ABOUT);
  assert.deepEqual([label, classifier, value], ['cup', null, null]);
});

/** One end of a line, whose other end is this test. */
class Line extends EventEmitter {
  connected = true;
  io = { engine: { writeBuffer: /** @type {any[]} */ ([]) } };
  /** @type {[string, any][]} */
  sent = [];

  /** @param {any[]} words */
  emit(...words) {
    this.sent.push(/** @type {any} */ (words));
    return true;
  }

  /** What the server says. @param {string} event @param {any} [body] */
  say(event, body) {
    super.emit(event, body);
  }

  predictions() {
    return this.sent.filter(([name]) => name === 'prediction').map(([, body]) => body);
  }
}

/** @param {import('node:test').TestContext} context */
function publishing(context) {
  const line = new Line();
  let left = 0;
  const session = { id: 'p', classes: CLASSES };
  const open = /** @type {any} */ (() => ({ line, leave: () => (left += 1) }));
  const publisher = new Publisher({ session, page: 'teach', open });
  context.after(() => publisher.close());
  const listen = (/** @type {number} */ count, project = 'p') => line.say('listeners', { project_id: project, count });
  return { line, session, publisher, listen, left: () => left };
}

test('nothing is made or sent while nobody listens', (t) => {
  const { line, publisher, listen } = publishing(t);
  const untouched = new Proxy({}, { get: () => assert.fail('it was looked at') });
  publisher.see(/** @type {any} */ (untouched));
  assert.deepEqual(line.sent, [['announce', { project_id: 'p' }]]);
  publisher.see({ result: null, at: performance.now() });
  listen(1, 'another');
  publisher.see({ result: result(), at: performance.now() });
  assert.equal(line.predictions().length, 0);
});

test('every answer is sent while somebody listens, at the time of its picture', (t) => {
  const { line, publisher, listen } = publishing(t);
  listen(1);
  const before = Date.now();
  for (const age of [0, 200]) publisher.see({ result: result(), at: performance.now() - age }, { action: 'left', player: 1 });
  const [now, then] = line.predictions();
  assert.ok(Math.abs(Date.parse(now.at) - before) < 100);
  assert.ok(Math.abs(Date.parse(now.at) - Date.parse(then.at) - 200) < 100);
  assert.deepEqual([now.page, now.action, now.player, now.page_id], ['teach', 'left', 1, then.page_id]);
  listen(0);
  publisher.see({ result: result(), at: performance.now() });
  assert.equal(line.predictions().length, 2);
});

test('a picture that stands still is told to who comes later, a moving one is not told twice', (t) => {
  const { line, publisher, listen } = publishing(t);
  publisher.see({ result: result(), at: performance.now() - 5000 });
  listen(1);
  listen(2);
  listen(1);
  assert.equal(line.predictions().length, 2);
  publisher.see({ result: result(), at: performance.now() });
  listen(2);
  assert.equal(line.predictions().length, 3);
});

test('answers of other classes than there are now are not told', (t) => {
  const { line, session, publisher, listen } = publishing(t);
  listen(1);
  session.classes = CLASSES.slice(1);
  publisher.see({ result: result(), at: performance.now() });
  assert.equal(line.predictions().length, 0);
});

test('a connection that cannot keep up gets the latest later', (t) => {
  const { line, publisher, listen } = publishing(t);
  listen(1);
  line.io.engine.writeBuffer = Array(17);
  publisher.see({ result: result(), at: performance.now() });
  line.io.engine.writeBuffer = [];
  publisher.see({ result: result(), at: performance.now() });
  assert.equal(line.predictions().length, 1);
});

test('after a lost connection it is announced again, and nothing is sent before somebody is known to listen', (t) => {
  const { line, publisher, listen } = publishing(t);
  listen(1);
  line.say('disconnect');
  publisher.see({ result: result(), at: performance.now() });
  line.say('connect');
  assert.deepEqual(line.sent.map(([name]) => name), ['announce', 'announce']);
});

test('two of one page withdraw the project with the last of them', (t) => {
  const one = publishing(t);
  const two = publishing(t);
  one.publisher.close();
  one.publisher.close();
  assert.deepEqual([one.left(), one.line.sent.at(-1)?.[0]], [1, 'announce']);
  two.publisher.close();
  assert.equal(two.line.sent.at(-1)?.[0], 'withdraw');
  two.listen(1);
  two.publisher.see({ result: result(), at: performance.now() });
  assert.equal(two.line.predictions().length, 0);
});
