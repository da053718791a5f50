import assert from 'node:assert/strict';
import test from 'node:test';
import { PhoneClient } from '../../../static/js/pages/phone_line.js';

/** A connection whose other end is the test. */
class FakeLine {
  connected = false;
  /** @type {[string, any, any][]} */
  said = [];
  /** @type {Map<string, (message?: any) => any>} */
  listeners = new Map();
  closed = 0;
  io = { engine: { close: () => (this.closed += 1) } };
  volatile = { emit: (/** @type {string} */ event, /** @type {any} */ message) => this.emit(event, message) };
  /** @param {string} event @param {(message?: any) => any} listener */
  on(event, listener) {
    this.listeners.set(event, listener);
  }
  /** @param {string} event @param {any} message @param {any} [acknowledge] */
  emit(event, message, acknowledge) {
    this.said.push([event, message, acknowledge]);
  }
  disconnect() {
    this.connected = false;
  }
  /** @param {string} event @param {any} [message] */
  hear(event, message) {
    if (event === 'connect') this.connected = true;
    if (event === 'disconnect') this.connected = false;
    return this.listeners.get(event)?.(message);
  }
  /** @param {string} event */
  last(event) {
    return this.said.findLast(([name]) => name === event);
  }
}

function phone(isLetIn = true) {
  const line = new FakeLine();
  const clock = { now: 0 };
  const client = new PhoneClient({ looking: () => true, isLetIn: async () => isLetIn, open: () => line, now: () => clock.now });
  clearInterval(client.timer);
  const join = (answer = { ok: true, phone: { id: 'p' }, project: 'P', shown: null }) => {
    line.hear('connect');
    line.last('join')?.[2](answer);
  };
  return { line, clock, client, join };
}
const SEEN = { scores: /** @type {[string, number][]} */ ([['c', 1]]), none: 0, unknown: false, age_ms: 30 };

test('a phone joins with every connection, and says what it sees once it has', () => {
  const { line, client, join } = phone();
  client.see(SEEN);
  assert.equal(line.last('seen'), undefined);
  join();
  assert.equal(client.state, 'connected');
  client.see(SEEN);
  client.see(SEEN);
  assert.deepEqual(line.said.filter(([event]) => event === 'seen').map(([, message]) => message.sequence), [1, 2]);
  line.hear('disconnect');
  assert.equal(client.state, 'lost');
  client.see(SEEN);
  assert.equal(line.last('seen')?.[1].sequence, 2);
  join();
  assert.equal(client.state, 'connected');
});

test('it measures the way, answers pings and shows what the screen says', () => {
  const { line, clock, client, join } = phone();
  join();
  client.beat();
  clock.now = 24;
  line.last('alive')?.[2]({ ok: true });
  assert.equal(client.rtt_ms, 24);
  line.hear('ping', { from: 'screen', n: 3 });
  assert.deepEqual(line.last('pong')?.[1], { to: 'screen', n: 3 });
  line.hear('show', { state: 'paused', title: 'Snake' });
  assert.equal(client.shown?.state, 'paused');
});

test('a line on which nobody answers is given up, though nobody said so', () => {
  const { line, clock, client, join } = phone();
  join();
  client.beat();
  clock.now = 2000;
  client.beat();
  assert.equal(client.state, 'connected');
  clock.now = 2600;
  client.beat();
  assert.deepEqual([client.state, line.closed], ['lost', 1]);
});

test('a phone that was removed stops, one that only cannot connect does not', async () => {
  const removed = phone();
  removed.join();
  removed.line.hear('removed');
  assert.equal(removed.client.state, 'removed');
  const refused = phone();
  refused.join(/** @type {any} */ ({ ok: false }));
  assert.equal(refused.client.state, 'removed');
  const unknown = phone(false);
  await unknown.line.hear('connect_error');
  assert.equal(unknown.client.state, 'removed');
  const away = phone(true);
  await away.line.hear('connect_error');
  assert.equal(away.client.state, 'lost');
  away.join();
  assert.equal(away.client.state, 'connected');
});

test('of two tabs the older one gives way for good', () => {
  const { line, client, join } = phone();
  join();
  line.hear('replaced');
  line.hear('disconnect');
  assert.equal(client.state, 'elsewhere');
});
