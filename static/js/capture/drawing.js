// A sheet to draw on, by pointer or by keyboard: a camera for those who have none.

const SIDE = 480;
const STEP = 8;
const PAPER = '#ffffff';

/** Moves of the pen, in steps. @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Events: 'change' when something was drawn. */
export class Drawing extends EventTarget {
  /** @param {{size?: number}} [options] side of the sheet in pixels */
  constructor({ size = SIDE } = {}) {
    super();
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = size;
    canvas.tabIndex = 0;
    canvas.style.touchAction = 'none'; // a finger draws, it does not scroll
    canvas.setAttribute('role', 'img');
    canvas.setAttribute(
      'aria-label',
      'Sheet to draw on. Arrow keys move the pen, hold Space to draw, Delete clears the sheet.',
    );
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false }));
    this.color = '#111111';
    this.width = 14;
    this.pen = { x: size / 2, y: size / 2 };
    /** Whether the pen is on the paper. */
    this.down = false;
    this.changed = true;
    this.over = new AbortController();
    this.clear();
    this.listen();
  }

  /** Give a clean sheet. */
  clear() {
    this.context.fillStyle = PAPER;
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.touch();
  }

  /**
   * Draw from where the pen is to a place on the sheet.
   * @param {number} x @param {number} y in pixels of the sheet
   */
  lineTo(x, y) {
    const { context, pen } = this;
    context.strokeStyle = this.color;
    context.lineWidth = this.width;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    context.beginPath();
    context.moveTo(pen.x, pen.y);
    context.lineTo(x, y);
    context.stroke();
    this.pen = { x, y };
    this.touch();
  }

  /**
   * Give the sheet as a frame, as a Camera does.
   * @returns {Promise<ImageBitmap | null>} null when nothing has changed since the last call
   */
  async frame() {
    if (!this.changed) return null;
    this.changed = false;
    return await createImageBitmap(this.canvas);
  }

  /** Let the next `frame` give the sheet although nothing changed. */
  again() {
    this.changed = true;
  }

  dispose() {
    this.over.abort();
    this.canvas.remove();
  }

  touch() {
    this.changed = true;
    this.dispatchEvent(new Event('change'));
  }

  listen() {
    const { canvas } = this;
    const { signal } = this.over;
    const on = (/** @type {string} */ type, /** @type {(event: any) => void} */ act) => canvas.addEventListener(type, act, { signal });
    on('pointerdown', (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.down = true;
      this.pen = this.placeOf(event);
      this.lineTo(this.pen.x, this.pen.y);
    });
    on('pointermove', (event) => {
      if (!this.down || !canvas.hasPointerCapture(event.pointerId)) return;
      // A fast stroke has more points than events.
      const points = event.getCoalescedEvents?.() ?? [];
      for (const point of points.length > 0 ? points : [event]) {
        const { x, y } = this.placeOf(point);
        this.lineTo(x, y);
      }
    });
    for (const type of ['pointerup', 'pointercancel', 'blur']) on(type, () => (this.down = false));
    on('keydown', (event) => this.press(event));
    on('keyup', (event) => event.key === ' ' && (this.down = false));
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (event.key === ' ') {
      this.down = true;
      this.lineTo(this.pen.x, this.pen.y);
    } else if (event.key === 'Delete' || event.key === 'Backspace') this.clear();
    else if (arrow) {
      const far = event.shiftKey ? 4 : 1;
      const limit = (/** @type {number} */ value) => Math.max(0, Math.min(this.canvas.width, value));
      const x = limit(this.pen.x + arrow[0] * STEP * far);
      const y = limit(this.pen.y + arrow[1] * STEP * far);
      if (this.down) this.lineTo(x, y);
      else this.pen = { x, y };
      this.dispatchEvent(new Event('pen'));
    } else return;
    event.preventDefault(); // the page must not scroll meanwhile
  }

  /** @param {PointerEvent} event */
  placeOf(event) {
    const box = this.canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) * this.canvas.width) / box.width,
      y: ((event.clientY - box.top) * this.canvas.height) / box.height,
    };
  }
}
