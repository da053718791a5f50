// The exported page: camera or picture in, answer out. Everything it needs is in the page itself.
import * as tf from 'tf';
import { setWasmPaths } from 'tf-wasm';
import { Resampler, centreSquare } from 'resample';

const SQUARE = 224;
const at = (id) => document.getElementById(id);
const model = JSON.parse(at('model').textContent);
const [video, picture, stage, status] = ['camera', 'picture', 'stage', 'status'].map(at);

const bytes = (text) => Uint8Array.from(atob(text.trim()), (c) => c.charCodeAt(0));
const say = (text, bad = false) => {
  status.textContent = text;
  status.classList.toggle('bad', bad);
};

const rows = model.labels.map((label, i) => {
  const row = document.createElement('li');
  row.style.setProperty('--class', model.colors[i]);
  row.dataset.testid = 'bar';
  row.dataset.label = label;
  row.append(document.createElement('span'), document.createElement('span'), document.createElement('i'));
  row.firstChild.textContent = label;
  row.lastChild.append(document.createElement('b'));
  row.lastChild.firstChild.style.transform = 'scaleX(0)';
  return row;
});
if (!model.isRegression) at('bars').append(...rows);

/** What is needed to look: made once. */
const resampler = new Resampler();
const shrink = new Resampler();
const square = new Uint8Array(SQUARE * SQUARE * 3);
const input = new Float32Array(model.size * model.size * 3);
const canvas = document.createElement('canvas');
const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true, colorSpace: 'srgb' });
let network;
let stream = null;
let looked = 0;

async function open() {
  const wasm = `data:application/wasm;base64,${at('wasm').textContent.trim()}`;
  const names = ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm-threaded-simd.wasm'];
  setWasmPaths(Object.fromEntries(names.map((name) => [name, wasm])));
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  if (!(await tf.setBackend('wasm'))) throw new Error('This browser has no WebAssembly with SIMD. Please update it.');
  const weights = bytes(at('weights').textContent).buffer;
  network = await tf.loadGraphModel({ load: async () => ({ ...model.artifacts, weightData: weights }) });
  for (const id of ['weights', 'wasm']) at(id).remove();
  await answer(); // the first time compiles; nobody should wait for it later
}

/** Compute on `input`. */
async function answer() {
  const tensor = tf.tensor4d(input, [1, model.size, model.size, 3]);
  const result = network.execute({ image: tensor }, model.output);
  const values = await result.data();
  tf.dispose([tensor, result]);
  return values;
}

/** Look at a picture that can be drawn, as the classifier did when it was taught. */
async function look(source, width, height, mirror) {
  const { left, top, size } = centreSquare(width, height);
  if (canvas.width !== size) canvas.width = canvas.height = size;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, size, size);
  context.drawImage(source, -left, -top);
  resampler.toBytes(context.getImageData(0, 0, size, size).data, size, 4, SQUARE, square, mirror);
  shrink.toFloats(square, SQUARE, model.size, input);
  show(await answer());
}

function show(values) {
  looked += 1;
  document.documentElement.dataset.looked = String(looked);
  if (model.isRegression) {
    at('answer').textContent = Number(values[0]).toPrecision(4);
    at('answer').dataset.value = String(values[0]);
    return;
  }
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  rows.forEach((row, i) => {
    row.dataset.score = String(values[i]);
    row.children[1].textContent = `${Math.round(values[i] * 100)}%`;
    row.lastChild.firstChild.style.transform = `scaleX(${values[i]})`;
    row.classList.toggle('best', i === best);
  });
  at('answer').textContent = model.labels[best];
}

function shown(element) {
  for (const one of [video, picture, at('empty')]) one.hidden = one !== element;
}

function stop() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  video.srcObject = null;
  at('start').textContent = 'Start camera';
}

const CAMERA_PROBLEMS = {
  NotAllowedError: 'The camera was not allowed. Allow it beside the address, then start it again.',
  NotFoundError: 'There is no camera here. Choose or drop a picture.',
  NotReadableError: 'Another program uses the camera. Close that, then start it again.',
};

async function start() {
  if (stream) {
    stop();
    shown(at('empty'));
    return;
  }
  if (!navigator.mediaDevices?.getUserMedia) {
    say('This browser gives no camera to a page like this one. Choose or drop a picture.', true);
    return;
  }
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 }, facingMode: 'user' } });
  } catch (error) {
    say(CAMERA_PROBLEMS[error.name] ?? `The camera does not start: ${error.message}`, true);
    return;
  }
  video.srcObject = stream;
  await video.play();
  shown(video);
  at('start').textContent = 'Stop camera';
  say('');
  const mine = stream;
  while (stream === mine) {
    await new Promise(requestAnimationFrame);
    if (stream !== mine || video.readyState < 2) continue;
    await look(video, video.videoWidth, video.videoHeight, at('mirror').checked);
  }
}

async function take(file) {
  if (!file) return;
  stop();
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none', imageOrientation: 'from-image' });
  } catch {
    say(`${file.name} is not a picture that this browser can read.`, true);
    return;
  }
  // Pictures are seen as they are; only the camera is a mirror.
  await look(bitmap, bitmap.width, bitmap.height, false);
  bitmap.close();
  const seen = picture.getContext('2d');
  const pixels = seen.createImageData(SQUARE, SQUARE);
  for (let i = 0, from = 0; i < pixels.data.length; i += 4, from += 3) {
    pixels.data.set([square[from], square[from + 1], square[from + 2], 255], i);
  }
  seen.putImageData(pixels, 0, 0);
  shown(picture);
  say(file.name);
}

const mirrored = () => video.classList.toggle('mirrored', at('mirror').checked);
at('mirror').addEventListener('change', mirrored);
mirrored();
at('start').addEventListener('click', start);
at('file').addEventListener('change', (event) => take(event.target.files[0]));
addEventListener('dragover', (event) => {
  event.preventDefault();
  stage.classList.add('over');
});
addEventListener('dragleave', () => stage.classList.remove('over'));
addEventListener('drop', (event) => {
  event.preventDefault();
  stage.classList.remove('over');
  if (network) take(event.dataTransfer.files[0]);
});

try {
  await open();
  at('start').disabled = false;
  say('Ready.');
  document.documentElement.dataset.ready = 'true';
} catch (error) {
  say(`The network does not start: ${error.message}`, true);
}
