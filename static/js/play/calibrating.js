/**
 * A calibration round as a page runs it: shows prompts when they are due, hands on pictures and decisions.
 * The measuring is in control/round.js.
 */
import { Round, plan } from '../control/calibration.js';
import { strengths } from '../control/strengths.js';

/** How often each action is asked for: enough to say something, over in half a minute. @param {number} actions */
export const timesFor = (actions) => (actions <= 2 ? 4 : actions <= 4 ? 3 : 2);

/** Events: 'change' with every prompt, 'done' when the last one has ended, 'lost' when the camera is gone. */
export class Calibrating extends EventTarget {
  /**
   * @param {object} parts
   * @param {Pick<import('../recognition/recogniser.js').Recogniser, 'onSeen'> & {session: any, eyes: any}} parts.recogniser
   * @param {import('../control/camera.js').CameraController} parts.controller running, with the binding in use
   * @param {{id: string, title: string}[]} parts.actions of the scheme, in order
   * @param {Record<string, string|null>} parts.map class id to action
   * @param {import('../control/decider.js').Control} parts.control in use
   * @param {() => number} parts.random 0..1
   * @param {number} [parts.times] each action is asked for
   * @param {() => number} [parts.now] ms
   */
  constructor({ recogniser, controller, actions, map, control, random, times = timesFor(actions.length), now = () => performance.now() }) {
    super();
    const { session } = recogniser;
    const ids = actions.map(({ id }) => id);
    this.recogniser = recogniser;
    this.controller = controller;
    this.map = map;
    this.now = now;
    /** @type {{index: number, of: number, action: string|null}|null} */
    this.prompt = null;
    this.running = false;
    this.round = new Round({
      plan: plan([...ids, null], times, random),
      actions: ids,
      control,
      titles: Object.fromEntries(actions.map(({ id, title }) => [id, title])),
      classes: session.classes.map((/** @type {any} */ { id, label }) => ({ id, label, action: map[id] ?? null, count: session.samplesOf(id).length })),
    });
    this.raw = new Float32Array(ids.length);
    /** @type {string[]} */
    this.classIds = session.classes.map((/** @type {any} */ { id }) => id);
    this.onAction = (/** @type {any} */ event) => this.round.decide(event.detail);
    /** @type {() => void} */
    this.deafen = () => {};
  }

  /** Ask for the first one. @param {number} now ms */
  start(now) {
    const { controller, recogniser, round, raw, map } = this;
    this.running = true;
    // Decisions of a picture must come after the picture itself: so this listens before the controller does.
    controller.stop();
    this.deafen = recogniser.onSeen(({ result, at }) => {
      strengths(result, this.classIds, map, round.actions, raw);
      round.see(raw, at, this.now(), result?.shown ?? raw);
    });
    controller.addEventListener('action', this.onAction);
    controller.start();
    this.show(round.next(now));
  }

  /** Go on; called for every frame that is drawn. @param {number} now ms */
  tick(now) {
    if (!this.running) return;
    // Nobody can be right without a picture: rather no result than a wrong one.
    if (!this.recogniser.eyes.source.ready) {
      this.end();
      this.dispatchEvent(new Event('lost'));
      return;
    }
    if (!this.round.due(now)) return;
    const prompt = this.round.next(now);
    if (prompt) {
      this.show(prompt);
      return;
    }
    this.end();
    this.dispatchEvent(new Event('done'));
  }

  /** Stop without a result. */
  cancel() {
    if (this.running) this.end();
  }

  end() {
    this.running = false;
    this.prompt = null;
    this.deafen();
    this.controller.removeEventListener('action', this.onAction);
  }

  /** @param {Calibrating['prompt']} prompt */
  show(prompt) {
    this.prompt = prompt;
    this.dispatchEvent(new Event('change'));
  }
}

/**
 * Find better values beside the page: it takes longer than a frame.
 * @param {import('../control/round.js').Samples} samples
 * @param {import('../control/decider.js').Control} control in use
 * @returns {Promise<import('../control/propose.js').Proposal>}
 */
export function proposeBeside(samples, control) {
  const worker = new Worker(new URL('./propose_worker.js', import.meta.url), { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message || 'Better values could not be looked for.'));
    worker.postMessage({ samples, control });
  }).finally(() => worker.terminate());
}
