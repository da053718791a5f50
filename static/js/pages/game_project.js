// The project a game is played with: its classes at once, its camera only when somebody wants it.
import { Session } from '../store/session.js';
import { Recogniser } from '../play/recogniser.js';
import { bindingFor, controlOf, lastProject, rememberProject } from '../play/settings.js';

/**
 * Events: 'change' whenever anything of it has.
 */
export class GameProject extends EventTarget {
  /** @param {any} session an open project */
  constructor(session) {
    super();
    this.session = session;
    /** @type {Recogniser|null} */
    this.recogniser = null;
    /** What the camera is waiting for; null when it sees. @type {{text: string, fraction: number|null}|null} */
    this.waiting = null;
    /** @type {Error|null} */
    this.problem = null;
    session.addEventListener('change', () => this.changed());
  }

  /**
   * Open the project that is named, or the one that was played last.
   * @param {string|null} wanted id
   * @returns {Promise<GameProject|null>} null where there is none
   * @throws {Error} one is named and cannot be opened
   */
  static async open(wanted) {
    const id = wanted ?? lastProject();
    if (!id) return null;
    try {
      const project = new GameProject(await Session.open(id));
      rememberProject(id);
      return project;
    } catch (error) {
      // The one of last time may have been deleted meanwhile; then it is played without.
      if (!wanted && /** @type {any} */ (error).status === 404) rememberProject(null);
      if (!wanted) return null;
      throw error;
    }
  }

  get id() {
    return this.session.id;
  }

  get name() {
    return this.session.name;
  }

  /** @returns {{id: string, label: string, color: string}[]} */
  get classes() {
    return this.session.classes;
  }

  /** How many classes have examples. */
  get taught() {
    return this.classes.filter(({ id }) => this.session.samplesOf(id).length).length;
  }

  /** @param {string} game @param {import('../games/table.js').Scheme} scheme @returns {Record<string, string|null>} action by class id */
  mapFor(game, scheme) {
    return bindingFor(this.session.settings, game, scheme, this.classes);
  }

  get control() {
    return controlOf(this.session.settings);
  }

  /** The recogniser; it opens its eyes and the camera when it is first asked for. */
  see() {
    if (this.recogniser) return this.recogniser;
    const recogniser = new Recogniser(this.session);
    this.recogniser = recogniser;
    this.waiting = { text: 'Opening its eyes', fraction: null };
    recogniser.addEventListener('progress', (/** @type {any} */ event) => {
      this.waiting = event.detail;
      this.changed();
    });
    recogniser.addEventListener('change', () => this.changed());
    recogniser.addEventListener('error', (/** @type {any} */ event) => {
      this.problem = event.detail;
      this.changed();
    });
    recogniser.start().then(
      () => {
        this.waiting = null;
        this.changed();
      },
      (error) => {
        this.waiting = null;
        this.problem = error;
        this.changed();
      },
    );
    this.changed();
    return recogniser;
  }

  /** The camera's picture, null while there is none. @returns {HTMLElement|null} */
  get picture() {
    return this.recogniser ? this.recogniser.eyes.source.element : null;
  }

  changed() {
    this.dispatchEvent(new Event('change'));
  }
}
