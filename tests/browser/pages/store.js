/** What tests/browser/test_store.py calls in the page: sessions over real IndexedDB and a real server. */
import { Api } from '/static/js/net/api.js';
import { openDatabase } from '/static/js/store/database.js';
import { Session } from '/static/js/store/session.js';

const SIZE = 224;
const api = new Api();

/** Draws a picture that no other number gives. */
async function picture(number) {
  const canvas = new OffscreenCanvas(SIZE, SIZE);
  const pen = canvas.getContext('2d');
  pen.fillStyle = `hsl(${(number * 47) % 360} 60% 50%)`;
  pen.fillRect(0, 0, SIZE, SIZE);
  pen.fillStyle = 'white';
  pen.font = '60px sans-serif';
  pen.fillText(String(number), 20, 130);
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
}

async function digest(blob) {
  const hash = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer());
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Teaches pictures `from` to `to` (not included) to the class of a label. */
async function teach(session, label, from, to, more = {}) {
  const { id } = session.classes.find((item) => item.label === label);
  const list = [];
  for (let number = from; number < to; number += 1) list.push({ jpeg: await picture(number), burst: `b${from}`, ...more });
  return session.addSamples(id, list);
}

/** Says what a session has: labels in their order, each with its samples in theirs. */
const contents = (session) => session.classes.map(({ id, label }) => [label, session.samplesOf(id).map((sample) => sample.id)]);

/** The hash of every picture, by sample. */
async function hashes(session) {
  const all = [];
  for (const id of session.samples.keys()) all.push([id, await digest(await session.jpegOf(id))]);
  return Object.fromEntries(all);
}

/** Status in values that travel to the test. */
function statusOf(session) {
  const { conflict, problem, ...plain } = session.status;
  return { ...plain, conflict: conflict?.server.revision ?? null, problem: problem && { title: problem.title, message: problem.message, name: problem.name } };
}

const PATIENCE_MS = 15_000;

/** Resolves as soon as a condition holds; asked again at every change and status. */
function when(session, condition) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`never: ${condition}; ${JSON.stringify(statusOf(session))}`)), PATIENCE_MS);
    const look = () => {
      if (!condition(session)) return;
      clearTimeout(late);
      for (const type of ['change', 'status']) session.removeEventListener(type, look);
      resolve(true);
    };
    for (const type of ['change', 'status']) session.addEventListener(type, look);
    look();
  });
}

/** Records until the page dies; `recorded` are the samples that the disk has acknowledged. */
async function record(session, label, recorded) {
  for (let number = 0; ; number += 1) {
    const ids = await teach(session, label, number, number + 1, { burst: 'held', embedding: new Float32Array(1280).fill(number), fingerprint: 'e'.repeat(64) });
    void session.flush().then(() => recorded.push(...ids));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Object.assign(globalThis, { api, contents, digest, hashes, openDatabase, picture, record, Session, statusOf, teach, when });
