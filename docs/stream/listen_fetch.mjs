// Hear what Show & Tell sees, in Node.js 20 or later, with no package at all. The function works in
// browsers and in Deno too.
//
//   node listen_fetch.mjs http://127.0.0.1:5000 ID
//
// ID is the last part of the address of the project's page. Where the server asks for an access
// token, put it into the environment as SHOWTELL_TOKEN.
import process from 'node:process';

const [server, project] = process.argv.slice(2);
const token = process.env.SHOWTELL_TOKEN;

/** Give each prediction as it is made. */
async function* predictions() {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const answer = await fetch(`${server}/api/v1/projects/${project}/stream`, { headers });
  if (!answer.ok) throw new Error((await answer.json()).detail);
  let text = '';
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
    const events = (text + part).split('\n\n'); // an empty line ends an event
    text = events.pop();
    for (const event of events) {
      const [, name, data] = event.match(/event: (.*)\ndata: (.*)/) ?? [];
      if (name === 'prediction') yield JSON.parse(data);
    }
  }
}

let before;
for await (const { label, confidence } of predictions()) {
  const now = label ?? 'none of these';
  if (now === before) continue;
  before = now;
  // Put here what is to happen.
  console.log(`${now}  ${Math.round((confidence ?? 0) * 100)}%`);
}
