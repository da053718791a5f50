// A ball that rolls to the place of the class that Show & Tell sees, and grows as it is surer.
//
// Serve this folder (python3 -m http.server 8000), start Show & Tell so that pages from there may
// listen (SHOWTELL_STREAM_ORIGINS=http://localhost:8000 make run), and open
// http://localhost:8000/?project=ID where ID is the last part of the address of the project's page.

const asked = new URLSearchParams(location.search);
const server = asked.get('server') ?? 'http://127.0.0.1:5000';
const project = asked.get('project');

let seen = null; // the latest prediction
let message = project ? 'Waiting for a page that sees something ...' : 'Add ?project=ID to the address.';
let x = 0;
let size = 0;
let turned = 0;

function setup() {
  createCanvas(windowWidth, windowHeight);
  textAlign(CENTER, CENTER);
  x = width / 2;
  if (!project) return;
  // The browser connects again by itself when the connection is lost.
  const stream = new EventSource(`${server}/api/v1/projects/${project}/stream`);
  stream.onopen = () => {
    message = 'Waiting for a page that sees something ...';
  };
  stream.onerror = () => {
    message = `Cannot hear ${server}. Is it running, and does it let ${location.origin} listen?`;
    seen = null;
  };
  stream.addEventListener('prediction', (event) => {
    seen = JSON.parse(event.data);
  });
}

function draw() {
  background('#fbf4e6');
  textSize(constrain(width / 40, 16, 28));
  if (!seen) {
    fill('#6b5a4b');
    text(message, width * 0.1, 0, width * 0.8, height);
    return;
  }
  // Every class has a place on the ground, in the order of the alphabet; the scores come best first.
  const labels = seen.scores.map((score) => score.label).sort();
  const place = width / Math.max(1, labels.length);
  const ground = height * 0.7;
  noStroke();
  for (const [i, label] of labels.entries()) {
    fill(label === seen.label ? '#efd9b4' : i % 2 ? '#f6ead3' : '#f3e4c8');
    rect(i * place, ground, place + 1, height);
    fill(label === seen.label ? '#3b2a20' : '#6b5a4b');
    text(label, i * place + 8, ground, place - 16, height - ground);
  }

  // Half the way every eighth of a second, however fast the screen is.
  const step = 1 - 0.5 ** (deltaTime / 125);
  const isKnown = seen.label !== null;
  const before = x;
  x = lerp(x, isKnown ? (labels.indexOf(seen.label) + 0.5) * place : width / 2, step);
  size = lerp(size, Math.min(place, ground) * (isKnown ? 0.2 + 0.5 * seen.confidence : 0.2), step);
  turned += (x - before) / Math.max(1, size / 2); // it rolls, and does not slide
  translate(x, ground - size / 2);
  rotate(turned);
  fill(isKnown ? '#e4572e' : '#b8a894');
  circle(0, 0, size);
  fill('#fbf4e6');
  circle(size * 0.3, 0, size * 0.14);
}

function windowResized() {
  resizeCanvas(windowWidth, windowHeight);
}
