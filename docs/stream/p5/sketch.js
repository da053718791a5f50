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
let size = 40;

function setup() {
  createCanvas(windowWidth, windowHeight);
  textAlign(CENTER, CENTER);
  textSize(24);
  x = width / 2;
  if (!project) return;
  // The browser connects again by itself when the connection is lost.
  const stream = new EventSource(`${server}/api/v1/projects/${project}/stream`);
  stream.addEventListener('prediction', (event) => {
    seen = JSON.parse(event.data);
  });
  stream.onerror = () => {
    message = `Cannot hear ${server}. Is it running, and does it let ${location.origin} listen?`;
    seen = null;
  };
}

function draw() {
  background('#fbf4e6');
  if (!seen) {
    fill('#6b5a4b');
    text(message, 0, 0, width, height);
    return;
  }
  // Every class has a place, in the order of the alphabet; the scores come best first.
  const labels = seen.scores.map((score) => score.label).sort();
  const placeOf = (label) => ((labels.indexOf(label) + 0.5) / labels.length) * width;
  noStroke();
  fill('#6b5a4b');
  for (const label of labels) text(label, placeOf(label), height * 0.85);

  // Half the way every eighth of a second, however fast the screen is.
  const step = 1 - 0.5 ** (deltaTime / 125);
  const aim = seen.label === null ? width / 2 : placeOf(seen.label);
  x = lerp(x, aim, step);
  size = lerp(size, 40 + 120 * (seen.label === null ? 0 : seen.confidence), step);
  fill(seen.label === null ? '#b8a894' : '#e4572e');
  circle(x, height / 2, size);
}

function windowResized() {
  resizeCanvas(windowWidth, windowHeight);
}
