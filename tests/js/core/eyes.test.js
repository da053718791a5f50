import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accuracies, consequence, fetchLabel, fetchText, joinEyes, megabytes, milliseconds, takeNews } from '../../../static/js/core/eyes.js';

/** @typedef {{name: string, fetch: import('../../../static/js/core/eyes.js').Fetch|null, [key: string]: any}} Offer */
const own = { name: 'showtell_v9', title: 'Own', bytes: 1.9e6, embedding_size: 256, licence: 'Apache-2.0', is_default: true, accuracy: { digits: { 20: 0.6 } } };
const converted = { name: 'birds', title: 'Birds', bytes: 3e6, embedding_size: 96, licence: '', is_default: false, accuracy: {} };
/** @returns {Offer} */
const offer = (name, more = {}) => ({
  name, title: name.toUpperCase(), description: `For ${name}.`, licence: 'Apache-2.0', download_bytes: 14.5e6, bytes: 7.1e6, embedding_size: 1280,
  accuracy: { superheroes: { 5: 0.9, 20: 0.98 }, digits: { 20: 0.72 } }, present: false, fetch: null, ...more,
});
const fetch = (state, more = {}) => ({
  name: 'b', state, phase: 'download', fraction: 0.25, received_bytes: 3.1e6, total_bytes: 7e6, message: 'm', problem: null,
  started_at: '2026-01-01T10:00:00.000Z', ended_at: state === 'running' ? null : '2026-01-01T10:01:00.000Z', ...more,
});
const names = (items) => items.map(({ name }) => name);
const states = (items) => Object.fromEntries(items.map(({ name, state }) => [name, state]));

test('what is here and what can be fetched become one list without doubles, our own eyes first', () => {
  const here = [converted, { ...offer('a'), embedding_size: 1280, title: 'A, as converted' }, own];
  const items = joinEyes(here, [offer('a'), offer('b')], { inUse: 'showtell_v9' });
  assert.deepEqual(names(items), ['showtell_v9', 'birds', 'a', 'b']);
  assert.deepEqual(states(items), { showtell_v9: 'in-use', birds: 'here', a: 'here', b: 'absent' });
  assert.equal(items[2].title, 'A');
  assert.equal(items[2].description, 'For a.');
  assert.match(items[0].description, /without a network/);
  assert.doesNotMatch(items[1].description, /Show & Tell/);
});

test('the order of the list stays while eyes are fetched and when they have arrived', () => {
  const lists = [
    joinEyes([own], [offer('a'), offer('b')]),
    joinEyes([own], [offer('a'), offer('b', { fetch: fetch('running') })]),
    joinEyes([{ ...offer('b') }, own], [offer('a'), offer('b', { fetch: fetch('done') })]),
  ];
  for (const list of lists) assert.deepEqual(names(list), ['showtell_v9', 'a', 'b']);
  assert.deepEqual(lists.map((list) => list[2].state), ['absent', 'fetching', 'here']);
});

test('a fetch that failed can be tried again; one that was cancelled leaves nothing', () => {
  const [failed, cancelled] = ['failed', 'cancelled'].map((state) => joinEyes([], [offer('b', { fetch: fetch(state) })])[0]);
  assert.equal(failed.state, 'failed');
  assert.equal(cancelled.state, 'absent');
});

test('eyes that are getting ready are marked as such, and those in use stay marked', () => {
  assert.deepEqual(states(joinEyes([own, converted], [], { inUse: 'showtell_v9', gettingReady: 'birds' })), { showtell_v9: 'in-use', birds: 'getting-ready' });
});

test('without a catalogue there is still what is here', () => {
  assert.deepEqual(names(joinEyes([own], [])), ['showtell_v9']);
});

test('what was measured here counts before what the catalogue says; the rest is not measured', () => {
  const [mine, other] = joinEyes([own, converted], [], {});
  assert.deepEqual(accuracies(mine).map(({ share }) => share), [null, 0.6]);
  assert.deepEqual(accuracies(other).map(({ share }) => share), [null, null]);
  const [official] = joinEyes([{ ...offer('b'), accuracy: {} }], [offer('b')]);
  assert.deepEqual(accuracies(official).map(({ share }) => share), [0.98, 0.72]);
});

test('news of a fetch takes its place, and its end is told once', () => {
  let { catalogue, ended } = takeNews([offer('a'), offer('b')], fetch('running'));
  assert.equal(catalogue[1].fetch?.fraction, 0.25);
  assert.equal(ended, false);
  ({ catalogue, ended } = takeNews(catalogue, fetch('done')));
  assert.equal(ended, true);
  ({ catalogue, ended } = takeNews(catalogue, fetch('done')));
  assert.equal(ended, false);
});

test('late news neither turns back a fetch nor wakes one that has ended', () => {
  const far = takeNews([offer('b')], fetch('running', { fraction: 0.6 })).catalogue;
  assert.equal(takeNews(far, fetch('running', { fraction: 0.4 })).catalogue[0].fetch?.fraction, 0.6);
  const ended = takeNews(far, fetch('cancelled')).catalogue;
  assert.equal(takeNews(ended, fetch('running', { fraction: 0.9 })).catalogue[0].fetch?.state, 'cancelled');
  const again = fetch('running', { started_at: '2026-01-01T10:02:00.000Z', fraction: 0 });
  assert.equal(takeNews(ended, again).catalogue[0].fetch?.state, 'running');
  assert.equal(takeNews(takeNews(ended, again).catalogue, fetch('failed')).catalogue[0].fetch?.state, 'running');
});

test('news of eyes that are not offered changes nothing', () => {
  const { catalogue, ended } = takeNews([offer('a')], fetch('done', { name: 'z' }));
  assert.deepEqual([catalogue, ended], [[offer('a')], false]);
});

test('a fetch says how far it is, phase by phase', () => {
  assert.equal(fetchText(fetch('running')), 'Fetching: 3.1 MB of 7.0 MB');
  assert.equal(fetchText(fetch('running', { total_bytes: null })), 'Fetching: 3.1 MB');
  assert.equal(fetchText(fetch('running', { received_bytes: 0 })), 'Asking for the file');
  assert.match(fetchText(fetch('running', { phase: 'convert' })), /Converting/);
  assert.match(fetchText(fetch('running', { phase: 'check' })), /Checking/);
  assert.equal(fetchText(fetch('running', { phase: 'polish', message: 'Polishing' })), 'Polishing');
});

test('the button says how much comes over the network, roughly where it is not known', () => {
  const label = (more) => fetchLabel(joinEyes([], [offer('b', more)])[0]);
  assert.equal(label({}), 'Fetch (15 MB)');
  assert.equal(label({ download_bytes: 2_019_640 }), 'Fetch (2.0 MB)');
  assert.equal(label({ download_bytes: null }), 'Fetch (about 7.1 MB)');
  assert.equal(label({ download_bytes: null, bytes: null }), 'Fetch');
});

test('sizes and times have two digits or so', () => {
  assert.deepEqual([megabytes(870_523), megabytes(9.96e6), megabytes(14_536_120)], ['0.9 MB', '10 MB', '15 MB']);
  assert.deepEqual([milliseconds(1.46), milliseconds(9.96), milliseconds(27.3)], ['1.5 ms', '10 ms', '27 ms']);
});

test('what a choice means is said with the number of examples, and not without any', () => {
  assert.equal(consequence(0), '');
  assert.match(consequence(1), /1 example\. Other eyes look at it again/);
  assert.match(consequence(1234), /1,234 examples\. Other eyes look at each of them again/);
});
