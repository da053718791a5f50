import assert from 'node:assert/strict';
import test from 'node:test';
import { Phones, SILENT_AFTER } from '../../../static/js/play/phones.js';
import { RemoteController } from '../../../static/js/control/remote.js';

const A = 'a0000000-0000-4000-8000-000000000000';
const B = 'b0000000-0000-4000-8000-000000000000';
const phone = (more = {}) => ({ id: 'p1', project_id: 'x', name: 'Anna', role: 'player', player: 1, connected: true, ...more });

/** A line that keeps what is said on it, and lets a test say what the server would. */
class FakeLine {
  connected = true;
  said = [];
  /** @type {any[]} */
  items = [];
  listeners = new Map();
  on(event, listener) {
    this.listeners.set(event, listener);
  }
  emit(event, message, acknowledge) {
    this.said.push([event, message]);
    if (event === 'screen') acknowledge({ ok: true, items: this.items });
  }
  disconnect() {
    this.connected = false;
  }
  hear(event, message) {
    this.listeners.get(event)?.(message);
  }
}

/** @param {any[]} [items] */
function desk(items = [phone()]) {
  const line = new FakeLine();
  line.items = items;
  const clock = { now: 1000 };
  const phones = new Phones({ projectId: 'x', classIds: () => [A, B], open: () => line, now: () => clock.now });
  clearInterval(phones.timer);
  return { line, clock, phones };
}
const seen = (more = {}) => ({ phone_id: 'p1', player: 1, scores: [[B, 0.7], [A, 0.1]], none: 0.2, unknown: false, age_ms: 40, sequence: 1, ...more });

test('what a phone sees comes in the order of the classes, with the time it took', () => {
  const { line, clock, phones } = desk();
  const [link] = phones.links;
  const heard = [];
  const stop = link.onSeen(({ result, at, ageMs }) => heard.push({ shown: result && [...result.shown], label: result?.label, at, ageMs }));
  const [, ping] = line.said.find(([event]) => event === 'ping');
  clock.now += 30;
  line.hear('pong', { phone_id: 'p1', n: ping.n });
  assert.equal(link.rtt_ms, 30);
  line.hear('phone_seen', seen());
  assert.equal(heard[0].label, B);
  assert.deepEqual(heard[0].shown.map((x) => x.toFixed(2)), ['0.10', '0.70']);
  assert.equal(heard[0].ageMs, 55);
  assert.equal(heard[0].at, clock.now - 55);
  assert.equal(link.delay_ms, 55);
  stop();
  line.hear('phone_seen', seen({ sequence: 2 }));
  assert.equal(heard.length, 1);
});

test('answers that come late, and classes that are gone, are left out', () => {
  const { line, phones } = desk();
  const [link] = phones.links;
  let count = 0;
  link.onSeen(() => (count += 1));
  line.hear('phone_seen', seen({ sequence: 5 }));
  line.hear('phone_seen', seen({ sequence: 4 }));
  assert.equal(count, 1);
  line.hear('phone_seen', seen({ sequence: 6, scores: [['c0000000-0000-4000-8000-000000000000', 1]] }));
  assert.equal(link.seen.result, null);
  assert.equal(count, 2);
});

test('time never runs backwards when the way turns out to be longer', () => {
  const { line, clock, phones } = desk();
  const [link] = phones.links;
  line.hear('phone_seen', seen());
  const first = link.seen.at;
  link.timed(400);
  clock.now += 20;
  line.hear('phone_seen', seen({ sequence: 2 }));
  assert.ok(link.seen.at >= first);
});

test('a phone that falls silent is lost, and is back with its next word', () => {
  const { line, clock, phones } = desk();
  const [link] = phones.links;
  const states = [];
  link.addEventListener('change', () => states.push(link.connected));
  line.hear('phone_alive', { phone_id: 'p1', looking: true });
  clock.now += SILENT_AFTER - 1;
  phones.watch();
  assert.equal(link.connected, true);
  clock.now += 1;
  phones.watch();
  assert.equal(link.connected, false);
  line.hear('phone_seen', seen({ sequence: 0 }));
  assert.equal(link.connected, true);
  assert.equal(link.sequence, 0);
  assert.deepEqual(states.filter((state, i) => state !== states[i - 1]), [true, false, true]);
});

test('the game that a phone plays hears at once that its line is gone, and that it is back', () => {
  const { line, clock, phones } = desk();
  const [link] = phones.links;
  const controller = new RemoteController({ link, classIds: () => [A, B], actions: ['left', 'right'], map: { [A]: 'left', [B]: 'right' }, now: () => clock.now });
  controller.start();
  line.hear('phone_seen', seen());
  assert.equal(controller.state, 'ready');
  line.hear('phones', { project_id: 'x', items: [phone({ connected: false })] });
  assert.equal(controller.state, 'lost');
  line.hear('phones', { project_id: 'x', items: [phone()] });
  line.hear('phone_seen', seen({ sequence: 1 }));
  assert.equal(controller.state, 'ready');
  controller.stop();
});

test('what goes on is told to all, and again to who comes later', () => {
  const { line, phones } = desk([]);
  phones.show({ state: 'playing', title: 'Snake', score: 3 });
  line.said.length = 0;
  line.hear('phones', { project_id: 'x', items: [phone()] });
  const told = line.said.filter(([event]) => event === 'show').map(([, message]) => message);
  assert.deepEqual(told, [{ project_id: 'x', phone_id: 'p1', state: 'playing', title: 'Snake', text: '', score: 3 }]);
  line.hear('phones', { project_id: 'other', items: [] });
  assert.equal(phones.links.length, 1);
});

test('without a line of its own the screen has no phones, and asks anew when it is back', () => {
  const { line, phones } = desk();
  line.hear('disconnect', 'transport close');
  assert.equal(phones.links[0].connected, false);
  line.hear('connect');
  assert.equal(phones.links[0].connected, true);
});

test('of two phones of one player the one that is there and came last plays', () => {
  const { line, phones } = desk([phone(), phone({ id: 'p2', name: 'Ben' }), phone({ id: 'p3', name: 'Cleo', player: 2 })]);
  assert.equal(phones.ofPlayer(1)?.id, 'p2');
  line.hear('phones', { project_id: 'x', items: [phone(), phone({ id: 'p2', name: 'Ben', connected: false })] });
  assert.equal(phones.ofPlayer(1)?.id, 'p1');
  assert.equal(phones.ofPlayer(4), null);
});
