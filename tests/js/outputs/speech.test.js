import test from 'node:test';
import assert from 'node:assert/strict';
import { Speech, chooseVoice, listVoices } from '../../../static/js/outputs/speech.js';

const voice = (/** @type {string} */ name, /** @type {string} */ lang, localService = true, isDefault = false) =>
  /** @type {SpeechSynthesisVoice} */ ({ name, voiceURI: `uri:${name}`, lang, localService, default: isDefault });
const ONLINE = voice('Cloudia', 'en-US', false, true);
const VOICES = [ONLINE, voice('Karl', 'de-DE'), voice('Zoe', 'en-GB'), voice('Amy', 'en_US')];

test('voices of this computer and of the language come first, and each says where it speaks', () => {
  const listed = listVoices(VOICES, 'en-GB');
  assert.deepEqual(listed.map(({ title }) => title), ['Amy', 'Zoe', 'Karl', 'Cloudia']);
  assert.deepEqual(listed.map(({ isLocal }) => isLocal), [true, true, true, false]);
});

test('a voice that is not of this computer speaks only if it was chosen by name', () => {
  assert.equal(chooseVoice(VOICES, '', 'en')?.name, 'Amy');
  assert.equal(chooseVoice(VOICES, 'uri:Karl', 'en')?.name, 'Karl');
  assert.equal(chooseVoice(VOICES, 'uri:gone', 'en')?.name, 'Amy');
  assert.equal(chooseVoice([ONLINE], '', 'en'), null);
  assert.equal(chooseVoice([ONLINE], 'uri:gone', 'en'), null);
  assert.equal(chooseVoice([ONLINE], 'uri:Cloudia', 'en')?.name, 'Cloudia');
});

/** A synthesis that says nothing and writes down everything. */
function rig(voices = VOICES) {
  const log = [];
  /** @type {any[]} */
  const said = [];
  const synthesis = /** @type {any} */ ({ getVoices: () => voices, speak: (u) => { said.push(u); log.push(`speak ${u.text}`); }, cancel: () => log.push('cancel'), resume: () => {} });
  const speech = new Speech({ synthesis, utter: (text) => /** @type {any} */ ({ text }), language: 'en' });
  return { speech, log, said };
}

test('a text cuts off what is being said', () => {
  const { speech, log, said } = rig();
  speech.say('one');
  speech.say('two');
  said[0].onerror(); // the browser says so of what was cut off
  assert.deepEqual(log, ['speak one', 'cancel', 'speak two']);
  assert.equal(said[1].voice.name, 'Amy');
  said[1].onend();
  assert.equal(speech.speaking, null);
});

test('the same text does not begin again while it is being said', () => {
  const { speech, log, said } = rig();
  for (let i = 0; i < 5; i++) speech.say('one');
  assert.deepEqual(log, ['speak one']);
  said[0].onend();
  speech.say('one');
  assert.deepEqual(log, ['speak one', 'speak one']);
});

test('where it may finish only the latest that is still wanted is said next', () => {
  const { speech, log, said } = rig();
  let wanted = true;
  speech.say('one', { interrupt: false });
  speech.say('two', { interrupt: false });
  speech.say('three', { interrupt: false, isWanted: () => wanted });
  said[0].onend();
  assert.deepEqual(log, ['speak one', 'speak three']);
  speech.say('four', { interrupt: false, isWanted: () => wanted });
  wanted = false;
  said[1].onend();
  assert.deepEqual(log, ['speak one', 'speak three']);
});

test('without a voice of its own, or without voices, nothing is said', () => {
  const { speech, log } = rig([ONLINE]);
  assert.equal(speech.say('one'), false);
  assert.equal(speech.say('one', { voice: 'uri:Cloudia' }), true);
  assert.deepEqual(log, ['speak one']);
  const silent = new Speech({ synthesis: null });
  assert.equal(silent.isHere, false);
  assert.equal(silent.say('one'), false);
});

test('muted it says nothing; stopping is at once', () => {
  const { speech, log, said } = rig();
  speech.muted = true;
  assert.equal(speech.say('one'), false);
  speech.muted = false;
  speech.say('one');
  speech.say('two', { interrupt: false });
  speech.stop();
  said[0].onend?.();
  assert.deepEqual(log, ['speak one', 'cancel']);
});

test('a speed out of range is brought into it', () => {
  const { speech, said } = rig();
  speech.say('one', { rate: 9 });
  assert.equal(said[0].rate, 2);
});
