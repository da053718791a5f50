// Pictures from a video file, by seeking: slower than playing, but it misses nothing and stays exact.

const PATIENCE_MS = 15_000;

/**
 * Give frames of a video at even distances.
 * @param {File} file
 * @param {object} [options]
 * @param {number} [options.perSecond] frames for each second of the video
 * @param {number} [options.max] at most so many; of a longer video the frames lie further apart
 * @param {AbortSignal} [options.signal] stops it
 * @param {(fraction: number) => void} [options.onProgress] 0..1
 * @returns {AsyncGenerator<{bitmap: ImageBitmap, time: number}, void, void>} time in seconds
 * @throws {Error} where the browser cannot play the file; the signal's reason where it was stopped
 */
export async function* framesOf(file, { perSecond = 10, max = 600, signal, onProgress } = {}) {
  signal?.throwIfAborted();
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.preload = 'auto';
  const url = URL.createObjectURL(file);
  try {
    video.src = url;
    await happens(video, 'loadeddata', file, signal);
    const length = await durationOf(video, file, signal);
    for (const [i, time] of times(length, perSecond, max).entries()) {
      signal?.throwIfAborted();
      await seek(video, time, file, signal);
      yield { bitmap: await shownBy(video, signal), time };
      onProgress?.((i + 1) / times(length, perSecond, max).length);
    }
  } finally {
    video.removeAttribute('src');
    video.load(); // lets go of the decoder
    URL.revokeObjectURL(url);
  }
}

/**
 * Give the moments to look at, in seconds: the middle of each interval.
 * @param {number} length of the video in seconds @param {number} perSecond @param {number} max
 */
export function times(length, perSecond, max) {
  const count = Math.max(1, Math.min(max, Math.round(length * perSecond)));
  return Array.from({ length: count }, (_, i) => ((i + 0.5) * length) / count);
}

/** @param {HTMLVideoElement} video @param {File} file @param {AbortSignal} [signal] */
async function durationOf(video, file, signal) {
  if (Number.isFinite(video.duration)) return video.duration;
  // A recording of MediaRecorder does not know its length until somebody has been at its end.
  await seek(video, 1e7, file, signal);
  return Number.isFinite(video.duration) ? video.duration : video.currentTime;
}

/** @param {HTMLVideoElement} video @param {number} time @param {File} file @param {AbortSignal} [signal] */
async function seek(video, time, file, signal) {
  const done = happens(video, 'seeked', file, signal);
  video.currentTime = time;
  await done;
}

/**
 * Take the picture at the present position. On a busy machine a browser may say that it has got there
 * before it has the picture.
 * @param {HTMLVideoElement} video @param {AbortSignal} [signal]
 */
async function shownBy(video, signal) {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await createImageBitmap(video);
    } catch (error) {
      const early = error instanceof DOMException && error.name === 'InvalidStateError';
      if (!early || performance.now() > end) throw error;
    }
    await new Promise((done) => setTimeout(done, 20));
    signal?.throwIfAborted();
  }
}

/**
 * Wait for an event of a video, for its failure, for the signal, or until patience ends.
 * @param {HTMLVideoElement} video @param {string} type @param {File} file @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
function happens(video, type, file, signal) {
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const listen = { once: true, signal: over.signal };
    const settle = (/** @type {() => void} */ act) => {
      clearTimeout(timer);
      over.abort();
      act();
    };
    const unreadable = () =>
      settle(() => reject(new Error(`${file.name} cannot be played by this browser. Save it as MP4 (H.264) or WebM.`, { cause: video.error })));
    const timer = setTimeout(unreadable, PATIENCE_MS);
    video.addEventListener(type, () => settle(resolve), listen);
    video.addEventListener('error', unreadable, listen);
    signal?.addEventListener('abort', () => settle(() => reject(signal.reason)), listen);
  });
}
