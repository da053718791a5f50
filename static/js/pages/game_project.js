// The project a game is played with: its classes at once, its camera only when somebody wants it.
import { Session } from '../store/session.js';
import { Phones } from '../play/phones.js';
import { Publisher } from '../play/publisher.js';
import { Recogniser } from '../recognition/recogniser.js';
import { bindingFor, controlOf, lastProject, rememberProject } from '../play/settings.js';

/** Changes of a session that may be about what classes do. */
const BINDING = ['settings', 'classes', 'reset'];

/**
 * Events: 'change' whenever anything of it has; 'binding' when what classes do, or how, may be another.
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
    /** @type {Publisher|null} */
    this.told = null;
    /** @type {Phones|null} */
    this.phones = null;
    session.addEventListener('change', (/** @type {any} */ event) => {
      if (BINDING.includes(event.detail.kind)) this.dispatchEvent(new Event('binding'));
      this.changed();
    });
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

  /** Whether the server has it. */
  get isSaved() {
    return this.session.status.where !== 'local';
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
    if (this.recogniser) {
      if (['off', 'failed'].includes(this.recogniser.eyes.camera.state)) this.wake();
      return this.recogniser;
    }
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

  /** Switch the camera on again, also after it has failed. */
  wake() {
    this.problem = null;
    this.recogniser?.eyes.start().catch((error) => {
      this.problem = error;
      this.changed();
    });
  }

  /** Switch the camera off: nobody plays with it now. */
  rest() {
    this.recogniser?.eyes.camera.stop();
  }

  /** Why there is no camera picture, in words. @returns {import('../capture/problems.js').CameraProblem|null} */
  get trouble() {
    const camera = this.recogniser?.eyes.camera;
    return camera?.state === 'failed' ? camera.error : null;
  }

  /** Tells programs what is seen; made with the first camera. */
  publisher() {
    return (this.told ??= new Publisher({ session: this.session, page: 'play' }));
  }

  /** Hear of the project's phones. @param {(links: import('../play/phones.js').PhoneLink[]) => void} listener */
  hearPhones(listener) {
    const phones = (this.phones ??= new Phones({ projectId: this.id, classIds: () => this.classes.map(({ id }) => id) }));
    phones.addEventListener('change', () => listener(phones.links));
    return phones;
  }

  /** Give camera, connections and project back. */
  async close() {
    this.told?.close();
    this.phones?.close();
    if (this.recogniser) await this.recogniser.close();
    else await this.session.close();
  }

  /** The camera's picture, null while there is none. @returns {HTMLElement|null} */
  get picture() {
    return this.recogniser ? this.recogniser.eyes.source.element : null;
  }

  changed() {
    this.dispatchEvent(new Event('change'));
  }
}
