// What the benchmark's pages share.

/** Run `work` and leave its result where the driver looks for it. */
export async function report(work) {
  try {
    window.result = await work();
  } catch (error) {
    window.failure = String(error?.stack ?? error);
  }
}

/** @returns {Promise<HTMLVideoElement>} the page's video element, playing the camera at 640 x 480 */
export async function cameraVideo() {
  const video = document.querySelector('video');
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
  await video.play();
  return video;
}

/** Wait for a new picture, so that no route is paid for looking at the same one twice. */
export function nextFrame(video) {
  return new Promise((resolve) => video.requestVideoFrameCallback(() => resolve()));
}

/** A small seeded generator (mulberry32), so that every route gets the same numbers. */
export function seeded(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** n unit vectors of d numbers, row after row. */
export function unitVectors(n, d, seed) {
  const random = seeded(seed);
  const out = new Float32Array(n * d);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < d; j++) {
      const x = random() - 0.3;
      out[i * d + j] = x;
      sum += x * x;
    }
    const scale = 1 / Math.sqrt(sum);
    for (let j = 0; j < d; j++) out[i * d + j] *= scale;
  }
  return out;
}
