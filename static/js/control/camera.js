// The camera of this computer as a controller, whatever answers: the quick learner or a classifier
// that was trained on the server.

import { SeenController } from './seen.js';

/**
 * @typedef {object} Recognising what is needed of a `Recogniser` (recognition/recogniser.js)
 * @property {readonly {id: string}[]} classes in the order of the answers
 * @property {(listener: (seen: import('./seen.js').SeenPicture) => void) => (() => void)} onSeen
 */

export class CameraController extends SeenController {
  /**
   * @param {object} options
   * @param {Recognising} options.recogniser
   * @param {readonly string[]} options.actions of the game's scheme
   * @param {Readonly<Record<string, string | null>>} options.map action by class id
   * @param {Partial<import('./decider.js').Control>} [options.control]
   * @param {() => number} [options.now] ms
   */
  constructor({ recogniser, actions, map, control, now }) {
    /** @type {string[]} */
    const ids = [];
    const classIds = () => {
      const { classes } = recogniser;
      ids.length = classes.length;
      for (let i = 0; i < classes.length; i++) ids[i] = classes[i].id;
      return ids;
    };
    super('camera', 'Camera', { onSeen: (listener) => recogniser.onSeen(listener), classIds, actions, map, control, now });
    this.recogniser = recogniser;
    this.words = { ...this.words, waiting: 'The camera is getting ready.', lost: 'The camera gives no pictures.' };
  }
}
