// A phone as a controller: it sends what its camera recognises, and the decision is made here, by the
// same rules as for the camera of this computer.

import { SeenController } from './seen.js';

/**
 * @typedef {object} Link what is needed of a `PhoneLink` (play/phones.js), an EventTarget
 * @property {string} name of the phone or its player, for people
 * @property {boolean} connected
 * @property {(listener: (seen: import('./seen.js').SeenPicture) => void) => (() => void)} onSeen
 * @property {(type: 'change', listener: () => void, options: {signal: AbortSignal}) => void} addEventListener
 */

export class RemoteController extends SeenController {
  /**
   * @param {object} options
   * @param {Link} options.link
   * @param {() => readonly string[]} options.classIds in the order of the phone's answers
   * @param {readonly string[]} options.actions of the game's scheme
   * @param {Readonly<Record<string, string | null>>} options.map action by class id
   * @param {Partial<import('./decider.js').Control>} [options.control]
   * @param {() => number} [options.now] ms
   */
  constructor({ link, classIds, actions, map, control, now }) {
    super('remote', link.name || 'Phone', { onSeen: (listener) => link.onSeen(listener), classIds, actions, map, control, now });
    this.link = link;
    this.words = { ...this.words, waiting: `Waiting for ${this.title}.`, lost: `${this.title} is gone. It comes back by itself.` };
    /** @type {AbortController | null} */
    this.listening = null;
  }

  start() {
    if (this.listening) return;
    this.listening = new AbortController();
    // A closed connection is known at once; silence only after a while.
    this.link.addEventListener('change', () => this.follow(), { signal: this.listening.signal });
    super.start();
  }

  stop() {
    this.listening?.abort();
    this.listening = null;
    super.stop();
  }

  /** See whether the phone is still there. */
  follow() {
    if (this.link.connected || this.state !== 'ready') return;
    this.forget();
    this.become('lost', this.words.lost);
  }
}
