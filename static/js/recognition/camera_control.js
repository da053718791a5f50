import { Camera } from '../capture/camera.js';
import { Drawing } from '../capture/drawing.js';
import { PicturesSource, VideoSource } from './sources.js';

/** The camera that was used last, remembered in this browser. */
const REMEMBER = 'camera';

/** A Camera as a source. @param {Camera} camera */
function cameraSource(camera) {
  return {
    kind: /** @type {'camera'} */ ('camera'),
    element: /** @type {HTMLElement} */ (camera.video),
    still: false,
    get ready() {
      return camera.state === 'running';
    },
    frame: () => camera.frame(),
    get takenAt() {
      return camera.takenAt;
    },
    touch() {},
    close() {},
  };
}

/** A Drawing as a source, with a mark where the keyboard's pen is. */
function drawingSource() {
  const drawing = new Drawing();
  const element = document.createElement('div');
  element.className = 'sheet';
  const pen = document.createElement('span');
  pen.className = 'pen';
  element.append(drawing.canvas, pen);
  const place = () => {
    pen.style.left = `${(100 * drawing.pen.x) / drawing.canvas.width}%`;
    pen.style.top = `${(100 * drawing.pen.y) / drawing.canvas.height}%`;
  };
  for (const type of ['pen', 'change']) drawing.addEventListener(type, place);
  place();
  return {
    kind: /** @type {'drawing'} */ ('drawing'),
    element,
    still: true,
    ready: true,
    frame: () => drawing.frame(),
    touch: () => drawing.again(),
    clear: () => drawing.clear(),
    close: () => drawing.dispose(),
  };
}

/**
 * Chooses what is looked at: keeps one camera and its substitutes, starts and stops them.
 * `onChange` is told of every change that the page shows.
 */
export class Eyes {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.camera = new Camera();
    /** @type {{id: string, label: string, facing: string|null}[]} */
    this.devices = [];
    /** @type {'camera'|'file'|'video'|'drawing'} */
    this.kind = 'camera';
    /** @type {'user'|'environment'} */
    this.facing = 'user';
    /** @type {Record<string, () => any>} */
    this.makers = {
      camera: () => cameraSource(this.camera),
      file: () => new PicturesSource(),
      video: () => new VideoSource(),
      drawing: () => drawingSource(),
    };
    /** @type {Record<string, any>} */
    this.made = {};
    this.camera.addEventListener('statechange', () => onChange());
    this.camera.addEventListener('devicechange', async () => {
      this.devices = await Camera.list().catch(() => []);
      onChange();
    });
  }

  get source() {
    return (this.made[this.kind] ??= this.makers[this.kind]());
  }

  /** @param {{deviceId?: string|null, facing?: 'user'|'environment'|null}} [wish] */
  async start(wish = {}) {
    let { deviceId = null } = wish;
    try {
      deviceId ??= wish.facing ? null : localStorage.getItem(REMEMBER);
    } catch {
      // Storage may be forbidden: then any camera will do.
    }
    await this.camera.start({ deviceId, facing: wish.facing ?? null });
    this.devices = await Camera.list().catch(() => []);
    this.onChange();
  }

  /** @param {string} deviceId */
  choose(deviceId) {
    try {
      localStorage.setItem(REMEMBER, deviceId);
    } catch {
      // It is then chosen for this visit only.
    }
    return this.start({ deviceId });
  }

  flip() {
    this.facing = this.facing === 'user' ? 'environment' : 'user';
    const other = this.devices.find((d) => d.facing === this.facing) ?? this.devices.find((d) => d.id !== this.camera.deviceId);
    return this.start(other ? { deviceId: other.id } : { facing: this.facing });
  }

  toggle() {
    const { camera } = this;
    if (camera.state === 'running') camera.pause();
    else if (camera.state === 'paused') camera.resume();
    else return this.start();
    return undefined;
  }

  /** @param {'camera'|'file'|'video'|'drawing'} kind */
  async use(kind) {
    if (kind === this.kind) return;
    if (this.kind === 'camera') this.camera.stop();
    if (this.kind === 'video') this.source.element.pause();
    this.kind = kind;
    this.source.touch();
    this.onChange();
    if (kind === 'camera') await this.start();
  }

  /** @param {File[]} files */
  open(files) {
    if (this.kind === 'file') this.source.open(files);
    else if (this.kind === 'video' && files[0]) this.source.open(files[0]);
    this.onChange();
  }

  close() {
    this.camera.stop();
    for (const [kind, source] of Object.entries(this.made)) if (kind !== 'camera') source.close?.();
  }
}
