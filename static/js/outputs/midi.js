// Notes to instruments and programs by MIDI, where the browser has it (Chrome, Edge, Opera, Firefox).

/** Which browsers can, for those that cannot. */
export const MIDI_BROWSERS = 'Chrome, Edge, Opera and Firefox have MIDI';

/** @typedef {{id: string, title: string}} Port */

/** The MIDI outputs of this computer; asked for only by `connect`, from a person's click. */
export class Midi extends EventTarget {
  /** @param {{request?: (() => Promise<MIDIAccess>)|null}} [parts] */
  constructor({ request = globalThis.navigator && 'requestMIDIAccess' in navigator ? () => navigator.requestMIDIAccess({ sysex: false }) : null } = {}) {
    super();
    this.request = request;
    /** @type {MIDIAccess|null} */
    this.access = null;
    /** Notes that sound, so that none hangs: [port, channel, note]. @type {Map<string, [string, number, number]>} */
    this.held = new Map();
    this.onState = () => this.dispatchEvent(new Event('change'));
  }

  /** True if this browser has MIDI. */
  get isHere() {
    return this.request !== null;
  }

  get isConnected() {
    return this.access !== null;
  }

  /** @returns {Port[]} */
  get ports() {
    return [...(this.access?.outputs.values() ?? [])].map(({ id, name }) => ({ id, title: name ?? id }));
  }

  /**
   * Ask for the ports; the browser asks the person.
   * @throws {Error} in words, if they are refused or there is no MIDI
   */
  async connect() {
    if (!this.request) throw new Error(`This browser has no MIDI. ${MIDI_BROWSERS}.`);
    if (this.access) return;
    try {
      this.access = await this.request();
    } catch (error) {
      const refused = /** @type {Error} */ (error).name === 'SecurityError' || /** @type {Error} */ (error).name === 'NotAllowedError';
      throw new Error(refused ? 'The browser was not allowed to use MIDI. Allow it in the settings of this page (beside its address).' : `MIDI could not be opened: ${/** @type {Error} */ (error).message}`);
    }
    this.access.addEventListener('statechange', this.onState);
    this.onState();
  }

  /** @param {string} port id; '' or one that is gone: the first @returns {MIDIOutput|null} */
  output(port) {
    const outputs = this.access?.outputs;
    return outputs?.get(port) ?? outputs?.values().next().value ?? null;
  }

  /**
   * Begin a note.
   * @param {{port?: string, channel?: number, note?: number, velocity?: number}} wish channel 1..16, note and velocity 0..127
   * @returns {boolean} false if there is no port
   */
  on({ port = '', channel = 1, note = 60, velocity = 100 }) {
    const output = this.output(port);
    if (!output) return false;
    const [c, n, v] = [clamp(channel, 1, 16) - 1, clamp(note, 0, 127), clamp(velocity, 1, 127)];
    const key = `${output.id}/${c}/${n}`;
    if (this.held.has(key)) output.send([0x80 | c, n, 0]);
    output.send([0x90 | c, n, v]);
    this.held.set(key, [output.id, c, n]);
    return true;
  }

  /** End a note. @param {{port?: string, channel?: number, note?: number}} wish */
  off({ port = '', channel = 1, note = 60 }) {
    const output = this.output(port);
    if (!output) return;
    const [c, n] = [clamp(channel, 1, 16) - 1, clamp(note, 0, 127)];
    if (this.held.delete(`${output.id}/${c}/${n}`)) output.send([0x80 | c, n, 0]);
  }

  /** End all notes. */
  stop() {
    for (const [id, c, n] of this.held.values()) this.access?.outputs.get(id)?.send([0x80 | c, n, 0]);
    this.held.clear();
  }

  close() {
    this.stop();
    this.access?.removeEventListener('statechange', this.onState);
    this.access = null;
  }
}

const clamp = (/** @type {number} */ x, /** @type {number} */ least, /** @type {number} */ most) => Math.min(most, Math.max(least, Math.round(Number(x)) || 0));
