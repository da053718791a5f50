import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RemoteController } from '../../../static/js/control/remote.js';
import { LOST_AFTER } from '../../../static/js/control/seen.js';
import { clock, eyes, heard } from './players.js';

/** @param {import('node:test').TestContext} t */
function started(t) {
  const now = clock(5000);
  const link = Object.assign(new EventTarget(), { ...eyes(), name: 'Mia’s phone', connected: true });
  const remote = new RemoteController({ link, classIds: () => ['a', 'b'], actions: ['left', 'right'], map: { a: 'left', b: 'right' }, now });
  const lines = heard(remote);
  remote.start();
  t.after(() => remote.stop());
  const look = (/** @type {number[]} */ shown, /** @type {number} */ ms, /** @type {number} */ ageMs) => {
    for (const end = now.time + ms; now.time < end; ) {
      now.time += 50;
      link.see(shown, { at: now.time - ageMs, ageMs });
    }
  };
  return { now, link, remote, lines, look };
}

test('what the phone sees moves its player, with the age that it names', (t) => {
  const { remote, lines, look } = started(t);
  assert.deepEqual([remote.title, remote.text], ['Mia’s phone', 'Waiting for Mia’s phone.']);
  look([0.9, 0.1], 300, 140);
  look([0.1, 0.9], 300, 140);
  assert.deepEqual(lines, ['press left', 'release left', 'press right']);
  assert.equal(remote.age, 140);
});

test('a phone that hangs up is lost at once, and comes back with its next picture', (t) => {
  const { link, remote, lines, look } = started(t);
  look([1, 0], 300, 50);
  link.dispatchEvent(new Event('change')); // another name, say
  assert.equal(remote.state, 'ready');
  link.connected = false;
  link.dispatchEvent(new Event('change'));
  assert.deepEqual([remote.state, remote.text], ['lost', 'Mia’s phone is gone. It comes back by itself.']);
  assert.deepEqual(lines, ['press left', 'release left']);
  link.connected = true;
  link.dispatchEvent(new Event('change'));
  assert.equal(remote.state, 'lost');
  look([1, 0], 300, 50);
  assert.equal(remote.state, 'ready');
  assert.equal(lines.at(-1), 'press left');
});

test('a phone that falls silent is lost after a while', (t) => {
  const { now, remote, look } = started(t);
  look([1, 0], 300, 50);
  now.time += LOST_AFTER;
  remote.watch();
  assert.equal(remote.state, 'lost');
});

test('stopped it hears nothing of the phone', (t) => {
  const { link, remote, look } = started(t);
  look([1, 0], 300, 50);
  remote.stop();
  assert.equal(link.listeners.size, 0);
  link.connected = false;
  link.dispatchEvent(new Event('change'));
  assert.equal(remote.state, 'waiting');
});
