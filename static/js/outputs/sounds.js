// Sound files of a person's own, through the synthesiser's volume and compressor.

/** @typedef {{element: HTMLAudioElement, node: MediaElementAudioSourceNode, fade: GainNode, stopping: number}} Player */

/** So many files stay opened; the one that was played longest ago makes room. */
const PLAYERS = 12;
/** Seconds of a fade: short enough to feel like a stop, long enough not to click. */
const FADE = 0.12;

/** Plays sound files by address. Silent until its synthesiser may sound. */
export class Sounds {
  /** @param {{synth: import('./synth.js').Synth, open?: (url: string) => HTMLAudioElement}} parts */
  constructor({ synth, open = (url) => new Audio(url) }) {
    this.synth = synth;
    this.open = open;
    /** @type {Map<string, Player>} */
    this.players = new Map();
  }

  /**
   * Play a file from its beginning.
   * @param {string} url
   * @param {{loop?: boolean, onError?: (error: Error) => void}} [options]
   * @returns {() => void} fades it out
   */
  play(url, { loop = false, onError = () => {} } = {}) {
    const { context } = this.synth;
    if (!this.synth.ready || !(context instanceof AudioContext)) return () => {};
    const player = this.player(url, context);
    const { element, fade } = player;
    clearTimeout(player.stopping);
    fade.gain.cancelScheduledValues(context.currentTime);
    fade.gain.setValueAtTime(1, context.currentTime);
    element.loop = loop;
    element.currentTime = 0;
    element.play().catch((error) => {
      // Stopped before it began: nobody missed anything.
      if (error.name !== 'AbortError') onError(error);
    });
    return () => this.fadeOut(player, context);
  }

  /** @param {string} url @param {AudioContext} context */
  player(url, context) {
    let player = this.players.get(url);
    if (player) this.players.delete(url);
    else {
      if (this.players.size >= PLAYERS) this.drop(/** @type {string} */ (this.players.keys().next().value));
      const element = this.open(url);
      const fade = context.createGain();
      const node = context.createMediaElementSource(element);
      node.connect(fade).connect(/** @type {AudioNode} */ (this.synth.input));
      player = { element, node, fade, stopping: 0 };
    }
    this.players.set(url, player);
    return player;
  }

  /** @param {Player} player @param {AudioContext} context */
  fadeOut(player, context) {
    player.fade.gain.setTargetAtTime(0, context.currentTime, FADE / 4);
    clearTimeout(player.stopping);
    player.stopping = Number(setTimeout(() => player.element.pause(), FADE * 1000));
  }

  /** Fade out everything. */
  stop() {
    const { context } = this.synth;
    if (!(context instanceof AudioContext)) return;
    for (const player of this.players.values()) if (!player.element.paused) this.fadeOut(player, context);
  }

  /** @param {string} url */
  drop(url) {
    const player = this.players.get(url);
    if (!player) return;
    this.players.delete(url);
    clearTimeout(player.stopping);
    player.element.pause();
    player.node.disconnect();
    player.fade.disconnect();
    player.element.removeAttribute('src');
    player.element.load();
  }

  close() {
    for (const url of [...this.players.keys()]) this.drop(url);
  }
}
