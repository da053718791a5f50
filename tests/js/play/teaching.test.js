import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Api } from '../../../static/js/net/api.js';
import { Recorder } from '../../../static/js/recognition/recorder.js';
import { GuidedTeaching, lessonsFor } from '../../../static/js/play/teaching.js';
import { meansNothing } from '../../../static/js/play/words.js';
import { MemoryDatabase } from '../../../static/js/store/memory_database.js';
import { Session } from '../../../static/js/store/session.js';

const ACTIONS = [{ id: 'left', title: 'Left', icon: '←' }, { id: 'right', title: 'Right', icon: '→' }];
const TIMES = { first: 300, next: 200, second: 100, record: 400 };

/** A project, its recorder, and a camera that gives pictures by the beat of a clock. @param {string[]} labels */
async function studio(...labels) {
  const session = await Session.create({ name: 'T', labels, api: new Api('http://127.0.0.1:9/api/v1'), database: new MemoryDatabase(), live: false });
  // What the eyes make of a picture is not what is tested here.
  const engine = { capture: async () => ({ jpeg: new Blob(['x']), embedding: Float32Array.of(1), fingerprint: 'f', quality: null, result: null }) };
  const recorder = new Recorder({ engine, session, remember() {} });
  const source = { ready: true };
  const recogniser = { session, recorder, eyes: { source } };
  let now = 0;
  /** Let some time pass, 10 frames a second, until something is so. @param {GuidedTeaching} teaching @param {() => boolean} until */
  const play = async (teaching, until) => {
    for (let frames = 0; !until(); frames += 1) {
      assert.ok(frames < 1000, `it is still ${teaching.phase} at ${teaching.index}`);
      now += 50;
      teaching.tick(now);
      if (recorder.classId !== null && source.ready) await recorder.take(/** @type {any} */ ({ close() {} }), { kind: 'camera' }, false);
    }
  };
  return { session, recogniser, source, play, clock: () => now };
}

const labelsOf = (/** @type {Session} */ session) => session.classes.map(({ label }) => label);
const bursts = (/** @type {Session} */ session) => session.classes.map(({ id }) => new Set(session.samplesOf(id).map(({ burst }) => burst)).size);

test('classes without names of their own are named, and what is missing is made', async () => {
  const { session } = await studio('Class 1', 'Class 2');
  const [a, b] = session.classes;
  const { lessons, map } = lessonsFor(session, ACTIONS, { [a.id]: 'left', [b.id]: 'right' }, meansNothing);
  assert.deepEqual(labelsOf(session), ['Left', 'Right', 'Nothing']);
  assert.deepEqual(lessons.map(({ title, action }) => [title, action]), [['Left', 'left'], ['Right', 'right'], ['Nothing', null]]);
  assert.deepEqual(Object.values(map), ['left', 'right', null]);
});

test('classes that have names or pictures are taught as they are', async () => {
  const { session } = await studio('Cup', 'Class 2', 'Ruhe');
  const [cup, second, calm] = session.classes;
  session.addSamples(second.id, [{ jpeg: new Blob(['x']) }]);
  const { lessons, map } = lessonsFor(session, ACTIONS, { [cup.id]: 'left', [second.id]: 'right' }, meansNothing);
  assert.deepEqual(labelsOf(session), ['Cup', 'Class 2', 'Ruhe']);
  assert.deepEqual(lessons.map(({ classId }) => classId), [cup.id, second.id, calm.id]);
  assert.equal(map[calm.id], null);
});

test('of two classes that do the same, the one with more pictures is shown', async () => {
  const { session } = await studio('One', 'Two');
  const [one, two] = session.classes;
  session.addSamples(two.id, [{ jpeg: new Blob(['x']) }]);
  const { lessons } = lessonsFor(session, ACTIONS.slice(0, 1), { [one.id]: 'left', [two.id]: 'left' }, meansNothing);
  assert.deepEqual(lessons.map(({ classId }) => classId).slice(0, 1), [two.id]);
  assert.deepEqual(labelsOf(session), ['One', 'Two', 'Nothing']);
});

test('everything is shown twice, in bursts of its own, hands free', async () => {
  const { session, recogniser, play, clock } = await studio();
  const { lessons } = lessonsFor(session, ACTIONS, {}, meansNothing);
  const teaching = new GuidedTeaching({ recogniser, lessons, times: TIMES });
  const heard = [];
  const asked = [];
  teaching.addEventListener('cue', (event) => heard.push(/** @type {CustomEvent} */ (event).detail));
  teaching.addEventListener('change', () => teaching.phase === 'recording' && asked.push(teaching.step?.lesson.title));
  teaching.start(clock());
  assert.equal(teaching.fraction(clock() + 150), 0.5);
  await play(teaching, () => teaching.phase === 'done');
  assert.deepEqual(asked, ['Left', 'Right', 'Nothing', 'Left', 'Right', 'Nothing']);
  assert.deepEqual(bursts(session), [2, 2, 2]);
  assert.ok([...session.samples.values()].length >= 36, 'six pictures at least of each');
  assert.deepEqual(heard.filter((cue) => cue !== 'tick'), ['start', 'stop', 'start', 'stop', 'start', 'stop', 'start', 'stop', 'start', 'stop', 'start', 'done']);
});

test('the last one is redone: its pictures go, those of the others stay', async () => {
  const { session, recogniser, play, clock } = await studio();
  const { lessons } = lessonsFor(session, ACTIONS, {}, meansNothing);
  const teaching = new GuidedTeaching({ recogniser, lessons, times: TIMES });
  teaching.start(clock());
  await play(teaching, () => teaching.index === 2 && teaching.phase === 'countdown');
  const [left, right] = session.classes;
  const kept = session.samplesOf(left.id).map(({ id }) => id);
  assert.ok(session.samplesOf(right.id).length > 0);
  teaching.again(clock());
  assert.deepEqual([teaching.index, teaching.phase, session.samplesOf(right.id).length], [1, 'countdown', 0]);
  await play(teaching, () => teaching.phase === 'recording' && session.samplesOf(right.id).length > 2);
  // In the middle of a recording it is this one that begins anew.
  teaching.again(clock());
  assert.deepEqual([teaching.index, session.samplesOf(right.id).length], [1, 0]);
  await play(teaching, () => teaching.phase === 'done');
  assert.deepEqual(bursts(session), [2, 2, 2]);
  assert.deepEqual(session.samplesOf(left.id).slice(0, kept.length).map(({ id }) => id), kept);
});

test('it waits for a camera that goes away, and what was stopped records nothing', async () => {
  const { session, recogniser, source, play, clock } = await studio();
  const { lessons } = lessonsFor(session, ACTIONS, {}, meansNothing);
  const teaching = new GuidedTeaching({ recogniser, lessons, times: TIMES });
  teaching.start(clock());
  await play(teaching, () => teaching.phase === 'recording' && session.samples.size > 1);
  source.ready = false;
  teaching.tick(clock());
  assert.deepEqual([teaching.phase, recogniser.recorder.classId], ['waiting', null]);
  source.ready = true;
  await play(teaching, () => teaching.phase === 'recording');
  teaching.stop();
  assert.deepEqual([teaching.phase, teaching.running, recogniser.recorder.classId], ['stopped', false, null]);
  const before = session.samples.size;
  teaching.tick(clock() + 60_000);
  assert.equal(session.samples.size, before);
});

test('a slow machine gets the time for enough pictures', async () => {
  const { session, recogniser, play, clock } = await studio();
  const teaching = new GuidedTeaching({ recogniser, lessons: lessonsFor(session, ACTIONS.slice(0, 1), {}, meansNothing).lessons, rounds: 1, times: { ...TIMES, record: 50 } });
  teaching.start(clock());
  await play(teaching, () => teaching.phase === 'done');
  assert.ok(session.classes.every(({ id }) => session.samplesOf(id).length >= 6));
});
