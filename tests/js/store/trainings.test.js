import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { ApiError, NetworkError } from '../../../static/js/net/errors.js';
import { Story } from '../../../static/js/store/story.js';
import { Trainings } from '../../../static/js/store/trainings.js';

const jobOf = (id, more = {}) => ({
  id, kind: 'training', project_id: 'p', parent_id: null, recipe: 'linear', options: {}, format: null, name: '', state: 'running', phase: 'fit',
  fraction: 0.1, seconds_left: null, attempt: 1, created_at: `2026-01-01T10:00:0${id.length}.000Z`, started_at: null, ended_at: null, problem: null,
  classifier_id: null, accuracy: null, interval: null, sequence: 0, children: [], ...more,
});
/** @returns {any} */
const metrics = (job_id, sequence, epoch, more = {}) => ({ job_id, sequence, at: '2026-01-01T10:00:00.000Z', kind: 'metrics', epoch, epochs: 50, loss: 1 / epoch, accuracy: 0.5, val_loss: 2 / epoch, val_accuracy: null, ...more });
const log = (job_id, sequence, text = `line ${sequence}`) => ({ job_id, sequence, at: '2026-01-01T10:00:00.000Z', kind: 'log', level: 'info', text });

/** A server of rows, whose socket says what the test lets it say. */
function fakeServer() {
  const server = {
    /** @type {any[]} */ jobs: [],
    /** @type {Record<string, any[]>} */ events: {},
    /** @type {any[]} */ classifiers: [],
    /** @type {string[]} */ asked: [],
    /** @type {Error|null} */ down: null,
    /** @type {Promise<void>} what an answer waits for, after its rows were read */ held: Promise.resolve(),
    /** @type {any} */ ears: null,
    /** @type {() => void} */ connected: () => {},
  };
  const answer = async (what, rows) => {
    server.asked.push(what);
    if (server.down) throw server.down;
    const copy = structuredClone(rows());
    await server.held;
    return copy;
  };
  const api = {
    jobs: (projectId) => answer(`jobs ${projectId}`, () => server.jobs),
    job: (id) => answer(`job ${id}`, () => server.jobs.find((job) => job.id === id)),
    jobEvents: (id, after = 0) => answer(`events ${id} ${after}`, () => (server.events[id] ?? []).filter(({ sequence }) => sequence > after)),
    classifiers: (projectId) => answer(`classifiers ${projectId}`, () => server.classifiers),
  };
  const watchAll = (projectId, listeners, onWatching) => {
    assert.equal(projectId, 'p');
    server.ears = listeners;
    server.connected = onWatching;
    return () => { server.ears = null; };
  };
  return { server, trainings: new Trainings({ projectId: 'p', api, watchAll, silence: 1e6 }) };
}

/** What was asked since the last time. @param {any} server @returns {string[]} */
const asked = (server) => server.asked.splice(0);

/** @param {Trainings} trainings @param {() => boolean} condition */
async function until(trainings, condition) {
  while (!condition()) await once(trainings, 'change');
}

test('a page that comes late sees the whole story, and goes on with it', async () => {
  const { server, trainings } = fakeServer();
  server.jobs = [jobOf('b', { sequence: 3 }), jobOf('a', { state: 'done', sequence: 9, classifier_id: 'c' })];
  server.events.b = [log('b', 1), metrics('b', 2, 1), metrics('b', 3, 2)];
  server.classifiers = [{ id: 'c' }];
  await trainings.start();
  assert.deepEqual(trainings.jobs.map(({ id }) => id), ['b', 'a']);
  assert.deepEqual(trainings.classifiers, [{ id: 'c' }]);
  assert.deepEqual(trainings.curvesOf('b'), { epoch: [1, 2], loss: [1, 0.5], accuracy: [0.5, 0.5], val_loss: [2, 1], val_accuracy: [null, null] });
  assert.deepEqual(trainings.eventsOf('b').map(({ sequence }) => sequence), [1, 2, 3]);
  assert.deepEqual(asked(server), ['jobs p', 'classifiers p', 'events b 0'], 'what has ended is not read before somebody opens it');
  server.ears.job_event(metrics('b', 4, 3));
  assert.deepEqual(trainings.curvesOf('b').epoch, [1, 2, 3]);
  assert.deepEqual(asked(server), []);
  server.events.a = Array.from({ length: 9 }, (_, i) => metrics('a', i + 1, i + 1));
  await trainings.open('a');
  assert.equal(trainings.curvesOf('a').loss.length, 9);
  trainings.stop();
});

test('events that were lost on the way are asked for, from the last one that came', async () => {
  const { server, trainings } = fakeServer();
  server.jobs = [jobOf('b', { sequence: 1 })];
  server.events.b = [metrics('b', 1, 1)];
  await trainings.start();
  asked(server);
  server.events.b.push(metrics('b', 2, 2), metrics('b', 3, 3));
  server.ears.job_event(metrics('b', 3, 3));
  server.ears.job_event(metrics('b', 3, 3));
  await until(trainings, () => trainings.curvesOf('b').epoch.length === 3);
  assert.deepEqual(asked(server), ['events b 1'], 'once');
  server.ears.job_event(metrics('b', 2, 2));
  assert.deepEqual(trainings.curvesOf('b').epoch, [1, 2, 3], 'what came twice counts once');
  trainings.stop();
});

test('after a lost connection the rows are read again', async () => {
  const { server, trainings } = fakeServer();
  server.jobs = [jobOf('b', { sequence: 1 }), jobOf('gone')];
  server.events.b = [log('b', 1)];
  await trainings.start();
  server.jobs = [jobOf('b', { state: 'done', sequence: 3, classifier_id: 'c', accuracy: 0.9 })];
  server.events.b.push(metrics('b', 2, 1), { ...log('b', 3), kind: 'state', state: 'done' });
  server.classifiers = [{ id: 'c' }];
  /** @type {any[]} */
  const ended = [];
  trainings.addEventListener('ended', (/** @type {any} */ e) => ended.push(e.detail.id));
  server.connected();
  await until(trainings, () => trainings.classifiers.length === 1 && trainings.eventsOf('b').length === 3);
  assert.deepEqual(trainings.jobs.map(({ id, state, accuracy }) => [id, state, accuracy]), [['b', 'done', 0.9]]);
  assert.deepEqual(trainings.curvesOf('b').epoch, [1]);
  assert.deepEqual(ended, ['b'], 'it ended while this page was cut off');
  trainings.stop();
});

test('rows that were read before a hint came do not turn it back', async () => {
  const { server, trainings } = fakeServer();
  server.jobs = [jobOf('b', { sequence: 1, fraction: 0.2 })];
  server.events.b = [log('b', 1)];
  await trainings.start();
  let release = () => {};
  server.held = new Promise((resolve) => { release = () => resolve(undefined); });
  const reading = trainings.read();
  await Promise.resolve();
  server.ears.job(jobOf('b', { sequence: 2, state: 'failed', problem: { title: 'No', detail: 'No.', hint: '' } }));
  server.ears.job(jobOf('new', { sequence: 0, state: 'queued' }));
  release();
  await reading;
  assert.deepEqual(trainings.jobs.map(({ id, state }) => [id, state]), [['new', 'queued'], ['b', 'failed']]);
  server.ears.job(jobOf('b', { sequence: 2, state: 'running' }));
  assert.equal(trainings.job('b')?.state, 'failed', 'what has ended does not run again');
  server.ears.job(jobOf('b', { sequence: 3, state: 'running', attempt: 2 }));
  assert.equal(trainings.job('b')?.state, 'running', 'but for a new attempt');
  trainings.stop();
});

test('when a training is done its classifier is read', async () => {
  const { server, trainings } = fakeServer();
  server.jobs = [jobOf('b')];
  await trainings.start();
  server.classifiers = [{ id: 'c' }];
  server.jobs = [jobOf('b', { state: 'done', sequence: 1, classifier_id: 'c' })];
  server.events.b = [log('b', 1)];
  server.ears.job(server.jobs[0]);
  await until(trainings, () => trainings.classifiers.length === 1);
  await until(trainings, () => trainings.eventsOf('b').length === 1);
  assert.equal(trainings.active, false);
  trainings.stop();
});

test('jobs that belong to another are its children, whichever way they come', async () => {
  const { server, trainings } = fakeServer();
  const [one, two] = [jobOf('1', { parent_id: 'all', created_at: '1' }), jobOf('2', { parent_id: 'all', created_at: '2' })];
  server.jobs = [jobOf('all', { kind: 'all', recipe: null, children: [two] })];
  await trainings.start();
  server.ears.job(one);
  const shown = () => trainings.jobs.map(({ id, children }) => [id, children.map((c) => [c.id, c.state])]);
  assert.deepEqual(shown(), [['all', [['1', 'running'], ['2', 'running']]]]);
  server.ears.job({ ...two, state: 'cancelled', sequence: 1 });
  assert.deepEqual(shown(), [['all', [['1', 'running'], ['2', 'cancelled']]]]);
  server.jobs = [two, one, jobOf('all', { kind: 'all' })];
  await trainings.read();
  assert.deepEqual(shown(), [['all', [['1', 'running'], ['2', 'cancelled']]]]);
  trainings.stop();
});

test('jobs of other projects and events of unknown jobs are passed over', async () => {
  const { server, trainings } = fakeServer();
  await trainings.start();
  server.ears.job(jobOf('x', { project_id: 'q' }));
  server.ears.job_event(metrics('x', 1, 1));
  assert.deepEqual(trainings.jobs, []);
  assert.deepEqual(trainings.eventsOf('x'), []);
  trainings.stop();
});

test('a server that does not answer is said, and what is known stays', async () => {
  const { server, trainings } = fakeServer();
  server.jobs = [jobOf('b')];
  await trainings.start();
  server.down = new NetworkError();
  await trainings.read();
  assert.equal(trainings.problem, server.down);
  assert.equal(trainings.jobs.length, 1);
  server.down = null;
  await trainings.read();
  assert.equal(trainings.problem, null);
  trainings.stop();
});

test('a lost line says at once that the server is gone, and is forgotten when it is back', async () => {
  const { server, trainings } = fakeServer();
  server.jobs = [jobOf('b')];
  await trainings.start();
  server.down = new Error('The server does not answer');
  server.ears.disconnect();
  await until(trainings, () => trainings.problem === server.down);
  assert.equal(trainings.jobs.length, 1, 'what is known stays');
  server.down = null;
  server.connected();
  await until(trainings, () => trainings.problem === null);
  trainings.stop();
});

test('a project that the server has not got yet has no trainings, and that is no problem', async () => {
  const { server, trainings } = fakeServer();
  server.down = new ApiError(404, { title: 'Not found' });
  await trainings.start();
  assert.equal(trainings.problem, null);
  assert.equal(trainings.known, false);
  trainings.stop();
});

test('while something runs and nothing is heard, the rows are read again; then no more', async () => {
  const { server, trainings } = fakeServer();
  trainings.silence = 1;
  server.jobs = [jobOf('b')];
  await trainings.start();
  server.jobs = [jobOf('b', { state: 'done', sequence: 0 })];
  await until(trainings, () => !trainings.active);
  asked(server);
  await trainings.read();
  assert.deepEqual(asked(server), ['jobs p', 'classifiers p']);
  trainings.stop();
  assert.equal(server.ears, null, 'nobody listens any more');
});

test('a server that knows of events which it does not have is not asked for ever', async () => {
  const { server, trainings } = fakeServer();
  server.jobs = [jobOf('b', { sequence: 5 })];
  server.events.b = [log('b', 1)];
  await trainings.start();
  assert.deepEqual(asked(server).filter((what) => what.startsWith('events')), ['events b 0', 'events b 1']);
  trainings.stop();
});

test('curves of a training that was resumed go on where it was resumed', () => {
  const story = new Story();
  for (const [i, epoch] of [1, 2, 3, 2, 3, 4].entries()) assert.ok(story.take(metrics('b', i + 1, epoch, { loss: i })));
  assert.deepEqual(story.curves.epoch, [1, 2, 3, 4]);
  assert.deepEqual(story.curves.loss, [0, 3, 4, 5]);
  assert.equal(story.events.length, 6);
});
