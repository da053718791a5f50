// Hear what Show & Tell sees, in Node.js, over Socket.IO.
//
//   npm install socket.io-client
//   node listen.mjs http://127.0.0.1:5000 ID
//
// ID is the last part of the address of the project's page. Where the server asks for an access
// token, put it into the environment as SHOWTELL_TOKEN.
import process from 'node:process';
import { io } from 'socket.io-client';

const [server, project] = process.argv.slice(2);
const token = process.env.SHOWTELL_TOKEN;
const line = io(`${server}/stream`, { extraHeaders: token ? { Authorization: `Bearer ${token}` } : {} });

// At first, and again after a lost connection.
line.on('connect', () => {
  line.emit('listen', { project_id: project }, ({ ok, problem }) => {
    if (ok) return;
    console.error(problem.detail);
    line.disconnect();
  });
});

let before;
line.on('prediction', ({ label, confidence }) => {
  const now = label ?? 'none of these';
  if (now === before) return;
  before = now;
  // Put here what is to happen.
  console.log(`${now}  ${Math.round((confidence ?? 0) * 100)}%`);
});
line.on('connect_error', ({ message }) => console.error(`${message}; trying again ...`));
