// The camera: choosing it, starting it, pausing it with the page, and saying plainly what is wrong.

import { problem, problemOf } from './problems.js';

/** @typedef {import('./problems.js').CameraProblem} CameraProblem */

/** Enough for a 224-pixel square, and little enough for every frame to be cut on the processor. */
const SIZE = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };

/** Events: 'statechange'; 'devicechange' when cameras come or go. */
export class Camera extends EventTarget {
  /**
   * List the cameras. Their names are known only after a camera was allowed once.
   * @returns {Promise<{id: string, label: string, facing: 'user' | 'environment' | null}[]>}
   */
  static async list() {
    const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
    return devices
      .filter(({ kind }) => kind === 'videoinput')
      .map(({ deviceId, label }, i) => ({ id: deviceId, label: label || `Camera ${i + 1}`, facing: facingOf(label) }));
  }

  constructor() {
    super();
    const video = document.createElement('video');
    // Without these three iOS opens the full-screen player, or nothing at all.
    video.playsInline = true;
    video.muted = true;
    video.autoplay = true;
    video.setAttribute('playsinline', '');
    video.setAttribute('muted', '');
    this.video = video;
    /** @type {'off' | 'starting' | 'running' | 'paused' | 'failed'} */
    this.state = 'off';
    /** @type {CameraProblem | null} */
    this.error = null;
    /** @type {MediaStream | null} */
    this.stream = null;
    /** @type {{deviceId: string | null, facing: 'user' | 'environment' | null}} */
    this.wanted = { deviceId: null, facing: null };
    this.attempt = 0;
    this.fresh = false;
    /** When the camera had the latest picture (ms, as performance.now() tells). */
    this.takenAt = 0;
    this.callback = 0;
    this.lastTime = -1;
    this.hiddenPause = false;
    this.onVisibility = () => this.followPage();
    this.onDevices = () => this.dispatchEvent(new Event('devicechange'));
    this.onEnded = () => this.fail(problem('ended'));
    navigator.mediaDevices?.addEventListener?.('devicechange', this.onDevices);
  }

  /** Which camera runs. */
  get deviceId() {
    return this.stream?.getVideoTracks()[0]?.getSettings().deviceId ?? null;
  }

  /** Which way it looks, where the browser says so. */
  get facing() {
    const track = this.stream?.getVideoTracks()[0];
    return track ? (track.getSettings().facingMode ?? facingOf(track.label)) : null;
  }

  /**
   * Start a camera; resolves when it runs or has failed (see `state` and `error`).
   * @param {{deviceId?: string | null, facing?: 'user' | 'environment' | null}} [wanted]
   */
  async start({ deviceId = null, facing = null } = {}) {
    this.release();
    const attempt = ++this.attempt;
    this.wanted = { deviceId, facing };
    this.error = null;
    this.become('starting');
    if (!globalThis.isSecureContext) return this.fail(problem('insecure'));
    if (!navigator.mediaDevices?.getUserMedia) return this.fail(problem('unsupported'));
    let stream;
    try {
      stream = await open(deviceId, facing);
    } catch (error) {
      if (attempt === this.attempt) this.fail(problemOf(error));
      return;
    }
    if (attempt !== this.attempt) {
      // Somebody stopped it or chose another one while the browser was asking.
      end(stream);
      return;
    }
    this.stream = stream;
    stream.getVideoTracks()[0].addEventListener('ended', this.onEnded);
    document.addEventListener('visibilitychange', this.onVisibility);
    this.video.srcObject = stream;
    try {
      await this.video.play();
    } catch (error) {
      // A second start() interrupts play(): then the newer attempt speaks.
      if (attempt === this.attempt) this.fail(problemOf(error));
      return;
    }
    if (attempt !== this.attempt) return;
    this.awaitFrame();
    this.become('running');
    this.followPage();
  }

  /** Stop the camera; its light goes out. */
  stop() {
    this.attempt++;
    this.release();
    this.error = null;
    this.become('off');
  }

  /** Hold the picture; the camera stays on. */
  pause() {
    if (this.state !== 'running') return;
    this.hiddenPause = false;
    this.hold();
  }

  /** Go on after `pause`. */
  async resume() {
    if (this.state !== 'paused' || !this.stream) return;
    this.hiddenPause = false;
    const { attempt } = this;
    for (const track of this.stream.getVideoTracks()) track.enabled = true;
    try {
      await this.video.play();
    } catch (error) {
      if (attempt === this.attempt) this.fail(problemOf(error));
      return;
    }
    if (attempt !== this.attempt) return;
    this.awaitFrame();
    this.become('running');
  }

  /** Stop, and let go of the page: for a component that is taken away. */
  dispose() {
    this.stop();
    navigator.mediaDevices?.removeEventListener?.('devicechange', this.onDevices);
  }

  /**
   * Give the latest frame, whole.
   * @returns {Promise<ImageBitmap | VideoFrame | null>} to be closed or transferred; null when there is
   *   no new one since the last call
   */
  async frame() {
    const { video } = this;
    if (this.state !== 'running' || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || !video.videoWidth) return null;
    if ('requestVideoFrameCallback' in video) {
      if (!this.fresh) return null;
      this.fresh = false;
      this.awaitFrame();
    } else {
      if (this.video.currentTime === this.lastTime) return null;
      this.lastTime = this.video.currentTime;
      this.takenAt = performance.now();
    }
    try {
      return await pictureOf(video);
    } catch {
      return null; // the track ended between the two lines; 'ended' follows
    }
  }

  // What follows is for this class alone.

  awaitFrame() {
    const { video } = this;
    if (!('requestVideoFrameCallback' in video)) return;
    video.cancelVideoFrameCallback(this.callback);
    this.callback = video.requestVideoFrameCallback((now, { captureTime = now }) => {
      this.fresh = true;
      // Some cameras count from another zero: what cannot be is not believed.
      this.takenAt = captureTime <= now && captureTime > now - 1000 ? captureTime : now;
    });
  }

  hold() {
    this.video.pause();
    for (const track of this.stream?.getVideoTracks() ?? []) track.enabled = false;
    this.become('paused');
  }

  /** A hidden page pauses; shown again it goes on, unless the person had paused it. */
  followPage() {
    if (document.hidden && this.state === 'running') {
      this.hold();
      this.hiddenPause = true;
    } else if (!document.hidden && this.state === 'paused' && this.hiddenPause) {
      this.resume();
    }
  }

  /** @param {CameraProblem} error */
  fail(error) {
    this.attempt++;
    this.release();
    this.error = error;
    this.become('failed');
  }

  release() {
    const { stream, video } = this;
    document.removeEventListener('visibilitychange', this.onVisibility);
    if ('cancelVideoFrameCallback' in video) video.cancelVideoFrameCallback(this.callback);
    this.fresh = false;
    this.hiddenPause = false;
    this.stream = null;
    video.srcObject = null;
    if (!stream) return;
    stream.getVideoTracks()[0]?.removeEventListener('ended', this.onEnded);
    end(stream);
  }

  /** @param {Camera['state']} state */
  become(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}

/**
 * Take what a video shows. A VideoFrame is only a handle, which costs the page's thread next to nothing:
 * its colours are converted where it is read.
 * @param {HTMLVideoElement} video
 * @returns {Promise<ImageBitmap | VideoFrame>}
 */
export async function pictureOf(video) {
  if (typeof VideoFrame !== 'undefined') {
    try {
      return new VideoFrame(video);
    } catch {
      // Not every browser that has VideoFrame makes one of every video.
    }
  }
  return await createImageBitmap(video);
}

/**
 * Ask for a camera: as wanted, and if that one is gone, for any.
 * @param {string | null} deviceId @param {'user' | 'environment' | null} facing
 */
async function open(deviceId, facing) {
  const choice = deviceId ? { deviceId: { exact: deviceId } } : facing ? { facingMode: { ideal: facing } } : {};
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...SIZE, ...choice } });
  } catch (error) {
    if (/** @type {any} */ (error)?.name !== 'OverconstrainedError') throw error;
    // A camera remembered from another day may have a new id: any camera is better than none.
    return await navigator.mediaDevices.getUserMedia({ audio: false, video: SIZE });
  }
}

/** @param {MediaStream} stream */
function end(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/** @param {string} label @returns {'user' | 'environment' | null} */
function facingOf(label) {
  if (/back|rear|environment|world/i.test(label)) return 'environment';
  if (/front|user|selfie|facetime/i.test(label)) return 'user';
  return null;
}
