import test from 'node:test';
import assert from 'node:assert/strict';
import { Midi } from '../../../static/js/outputs/midi.js';
import { Serial } from '../../../static/js/outputs/serial.js';

/** MIDI access with two outputs that write down what they are sent. */
function access() {
  const sent = [];
  const output = (/** @type {string} */ id) => [id, { id, name: `Synth ${id}`, send: (/** @type {number[]} */ bytes) => sent.push([id, ...bytes]) }];
  const outputs = new Map(/** @type {any} */ ([output('one'), output('two')]));
  return { sent, outputs, access: /** @type {any} */ (Object.assign(new EventTarget(), { outputs })) };
}

test('MIDI is asked for only when it is connected, and sends notes to the port that is named', async () => {
  const { sent, access: found } = access();
  let asked = 0;
  const midi = new Midi({ request: async () => { asked += 1; return found; } });
  assert.equal(midi.on({ note: 60 }), false);
  assert.equal(asked, 0);
  await midi.connect();
  await midi.connect();
  assert.equal(asked, 1);
  assert.deepEqual(midi.ports, [{ id: 'one', title: 'Synth one' }, { id: 'two', title: 'Synth two' }]);
  midi.on({ port: 'two', channel: 3, note: 64, velocity: 90 });
  midi.off({ port: 'two', channel: 3, note: 64 });
  midi.on({ port: 'gone', channel: 99, note: 300, velocity: -4 });
  assert.deepEqual(sent, [['two', 0x92, 64, 90], ['two', 0x82, 64, 0], ['one', 0x9f, 127, 1]]);
});

test('no MIDI note hangs: it ends before it begins again, and all end when it is closed', async () => {
  const { sent, access: found } = access();
  const midi = new Midi({ request: async () => found });
  await midi.connect();
  midi.on({ note: 60 });
  midi.on({ note: 60 });
  midi.on({ note: 67 });
  midi.close();
  assert.deepEqual(sent.filter(([, status]) => status === 0x80).map(([, , note]) => note), [60, 60, 67]);
  midi.off({ note: 60 });
  assert.equal(sent.length, 6);
});

test('a browser without MIDI, or a person who refuses, is told in words', async () => {
  const none = new Midi({ request: null });
  assert.equal(none.isHere, false);
  await assert.rejects(none.connect(), /no MIDI.*Chrome/);
  const refused = new Midi({ request: async () => { throw new DOMException('no', 'NotAllowedError'); } });
  await assert.rejects(refused.connect(), /not allowed/);
});

/** A serial port that keeps what is written to it. */
function board() {
  const lines = [];
  const port = {
    opened: /** @type {number[]} */ ([]), closed: 0, broken: false,
    open: async (/** @type {{baudRate: number}} */ { baudRate }) => { port.opened.push(baudRate); port.writable = make(); },
    close: async () => { port.closed += 1; },
    writable: /** @type {WritableStream<Uint8Array>|null} */ (null),
  };
  const make = () => new WritableStream({ write: (bytes) => { if (port.broken) throw new Error('unplugged'); lines.push(new TextDecoder().decode(bytes)); } });
  return { port, lines };
}

test('lines go to the board that was chosen', async () => {
  const { port, lines } = board();
  let asked = 0;
  const serial = new Serial({ serial: { getPorts: async () => [], requestPort: async () => { asked += 1; return port; } } });
  assert.equal(serial.write('too early'), false);
  await serial.connect(115200);
  assert.equal(serial.write('left'), true);
  serial.write('two\r\nlines');
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(lines, ['left\n', 'two lines\n']);
  assert.deepEqual([port.opened, asked], [[115200], 1]);
  await serial.close();
  assert.deepEqual([port.closed, serial.isConnected], [1, false]);
});

test('a board that was chosen before is opened without asking', async () => {
  const { port } = board();
  const serial = new Serial({ serial: { getPorts: async () => [port], requestPort: async () => assert.fail('asked') } });
  await serial.connect();
  assert.deepEqual(port.opened, [9600]);
});

test('a board that is pulled out is lost, not an error for ever', async () => {
  const { port } = board();
  const serial = new Serial({ serial: { getPorts: async () => [port], requestPort: async () => port } });
  await serial.connect();
  let changes = 0;
  serial.addEventListener('change', () => { changes += 1; });
  port.broken = true;
  serial.write('x');
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual([serial.isConnected, changes, serial.waiting], [false, 1, 0]);
  assert.equal(serial.write('y'), false);
});

test('no port, a port in use and no serial at all are told in words', async () => {
  const none = new Serial({ serial: null });
  await assert.rejects(none.connect(), /no serial ports.*Chrome/);
  const unchosen = new Serial({ serial: { getPorts: async () => [], requestPort: async () => { throw new DOMException('no', 'NotFoundError'); } } });
  await assert.rejects(unchosen.connect(), /No port was chosen/);
  const { port } = board();
  const busy = new Serial({ serial: { getPorts: async () => [{ ...port, open: async () => { throw new Error('Busy.'); } }], requestPort: async () => port } });
  await assert.rejects(busy.connect(), /could not be opened: Busy/);
});
