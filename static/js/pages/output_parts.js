import { Machine } from '../outputs/machine.js';
import { Midi } from '../outputs/midi.js';
import { Screen } from '../outputs/screen.js';
import { Serial } from '../outputs/serial.js';
import { Sounds } from '../outputs/sounds.js';
import { Speech } from '../outputs/speech.js';
import { Synth } from '../outputs/synth.js';
import { recallVolume } from '../outputs/volume.js';
import { controlOf } from '../play/settings.js';

/**
 * Make a machine for a project, with all that outputs need, following the project's settings.
 * @param {any} session
 * @param {import('../outputs/server.js').OutputServer} server
 * @param {{show: (scene: import('../outputs/screen.js').Scene|null) => void, complain: (error: Error) => void}} page
 * @returns {{parts: Required<import('../outputs/kinds.js').Parts>, machine: Machine, resume: () => Promise<boolean>}} resume: call
 *   it from a person's gesture, else nothing can be heard
 */
export function openParts(session, server, { show, complain }) {
  const synth = new Synth();
  const parts = {
    synth, server,
    sounds: new Sounds({ synth }),
    speech: new Speech(),
    midi: new Midi(),
    serial: new Serial(),
    screen: new Screen({ show }),
  };
  synth.volume = recallVolume();
  parts.speech.volume = synth.volume;
  const settings = () => ({ outputs: session.settings.outputs, control: controlOf(session.settings) });
  const machine = new Machine({ settings: settings(), classes: session.classes, parts });
  machine.addEventListener('problem', (/** @type {any} */ e) => complain(e.detail));
  session.addEventListener('change', (/** @type {any} */ event) => {
    if (['classes', 'settings', 'reset'].includes(event.detail.kind)) machine.configure({ settings: settings(), classes: session.classes });
  });
  // Without a device for sound there are still pictures.
  const resume = () => synth.resume().catch(() => false);
  return { parts, machine, resume };
}
