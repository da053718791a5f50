import { html } from 'lit';
import { Light, calm } from './element.js';
import { isDark } from './theme.js';

/** Pictures a second: a card is looked at beside other things. */
const RATE = 15;
/** Fine screens need no more pixels than this for a picture of a card's size. */
const MOST_PIXELS = 1.5;

/**
 * The picture of a game on a small canvas, moving a little while it is in sight; still for those who
 * want little motion. Property: game (as games/table.js loads it), label.
 */
export class PlayPreview extends Light {
  static properties = { game: { attribute: false } };

  constructor() {
    super();
    /** @type {import('../games/table.js').Game|null} */
    this.game = null;
    this.visible = false;
    this.timer = 0;
    this.failed = false;
    this.watch = new IntersectionObserver(([entry]) => {
      this.visible = entry.isIntersecting;
      this.wake();
    });
    this.measure = new ResizeObserver(() => this.draw());
    this.theme = new MutationObserver(() => this.draw());
    this.scheme = matchMedia('(prefers-color-scheme: dark)');
    this.onScheme = () => this.draw();
    this.onShown = () => this.wake();
    this.view = { width: 0, height: 0, alpha: 0, time: 0, calm: true, dark: false, players: [{ name: '', action: null }, { name: '', action: null }] };
  }

  connectedCallback() {
    super.connectedCallback();
    this.watch.observe(this);
    this.measure.observe(this);
    this.theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    this.scheme.addEventListener('change', this.onScheme);
    document.addEventListener('visibilitychange', this.onShown);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.timer);
    for (const observer of [this.watch, this.measure, this.theme]) observer.disconnect();
    this.scheme.removeEventListener('change', this.onScheme);
    document.removeEventListener('visibilitychange', this.onShown);
  }

  render() {
    return html`<canvas aria-hidden="true"></canvas>`;
  }

  updated() {
    this.draw();
    this.wake();
  }

  /** Go on moving, if there is somebody to see it. */
  wake() {
    clearTimeout(this.timer);
    if (!this.visible || document.hidden || !this.game || this.failed) return;
    this.draw();
    if (!calm()) this.timer = window.setTimeout(() => requestAnimationFrame(() => this.wake()), 1000 / RATE);
  }

  draw() {
    const { game, view } = this;
    const canvas = this.querySelector('canvas');
    if (!game || !canvas || !canvas.clientWidth || this.failed) return;
    const { width, height } = game.GAME.field;
    const scale = Math.min(devicePixelRatio, MOST_PIXELS);
    const [w, h] = [Math.round(canvas.clientWidth * scale), Math.round(canvas.clientHeight * scale)];
    if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false }));
    // The card may be of another shape than the field: the field covers it.
    const size = Math.max(w / width, h / height);
    context.setTransform(size, 0, 0, size, (w - size * width) / 2, (h - size * height) / 2);
    Object.assign(view, { width, height, time: performance.now(), calm: calm(), dark: isDark() });
    try {
      game.preview(context, view);
    } catch (error) {
      // A picture less is no reason for a page less.
      this.failed = true;
      console.warn(`The picture of ${game.GAME.title} cannot be drawn.`, error);
    }
  }
}
customElements.define('st-play-preview', PlayPreview);
