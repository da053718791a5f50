/**
 * The phone's own end of the line to the big screens (Socket.IO's namespace `/phone`).
 *
 * @typedef {import('../net/api.js').WirePhone} WirePhone
 * @typedef {import('../play/phones.js').Shown} Shown
 * @typedef {'connecting'|'connected'|'lost'|'removed'|'elsewhere'} LineState lost: it tries again by itself;
 *   removed: the phone was shut out; elsewhere: another tab of this phone has taken over
 * @typedef {{scores: [string, number][], none: number, unknown: boolean, age_ms: number, sequence: number}} SeenMessage
 */
import { io } from 'socket.io-client';

/** How often the phone says that it is there (ms), and after how long without an answer the line is dead. */
const ALIVE_EVERY = 500;
const DEAD_AFTER = 2500;

/** @param {any} options */
const openLine = (options) => io('/phone', options);

/** Events: 'state', 'shown', 'trip'. */
export class PhoneClient extends EventTarget {
  /**
   * @param {object} parts
   * @param {() => boolean} parts.looking whether the camera's pictures are looked at
   * @param {() => Promise<boolean>} parts.isLetIn asks the server whether this phone still is
   * @param {(options: any) => any} [parts.open]
   * @param {() => number} [parts.now] ms
   */
  constructor({ looking, isLetIn, open = openLine, now = () => performance.now() }) {
    super();
    this.looking = looking;
    this.isLetIn = isLetIn;
    this.now = now;
    /** @type {LineState} */
    this.state = 'connecting';
    /** @type {WirePhone|null} */
    this.phone = null;
    /** What the screen says that goes on. @type {Shown|null} */
    this.shown = null;
    /** There and back to the server (ms). @type {number|null} */
    this.rtt_ms = null;
    this.sequence = 0;
    this.saidAt = -Infinity;
    this.answeredAt = now();
    this.line = open({ transports: ['websocket', 'polling'], tryAllTransports: true, reconnectionDelay: 500, reconnectionDelayMax: 2000, timeout: 5000 });
    this.listen();
    if (this.line.connected) this.join();
    /** @type {ReturnType<typeof setInterval>} */
    this.timer = setInterval(() => this.beat(), ALIVE_EVERY);
  }

  listen() {
    const { line } = this;
    line.on('connect', () => this.join());
    line.on('disconnect', () => this.become('lost'));
    line.on('connect_error', () => this.doubt());
    line.on('removed', () => this.end('removed'));
    line.on('replaced', () => this.end('elsewhere'));
    line.on('ping', (/** @type {{from: string, n: number}} */ { from, n }) => line.emit('pong', { to: from, n }));
    line.on('show', (/** @type {Shown} */ shown) => this.show(shown));
  }

  join() {
    this.answeredAt = this.now();
    this.line.emit('join', {}, (/** @type {any} */ answer) => {
      if (!answer?.ok) {
        this.end('removed');
        return;
      }
      this.phone = answer.phone;
      this.become('connected');
      this.show(answer.shown);
    });
  }

  /** Whether the server does not answer, or not this phone any more. */
  async doubt() {
    this.become('lost');
    if (!(await this.isLetIn().catch(() => true))) this.end('removed');
  }

  /**
   * Say what is seen. On a slow line the newest replaces what could not leave.
   * @param {Omit<SeenMessage, 'sequence'>} seen
   */
  see(seen) {
    if (this.state !== 'connected') return;
    this.sequence += 1;
    this.saidAt = this.now();
    this.line.volatile.emit('seen', { ...seen, sequence: this.sequence });
  }

  /** Say that it is there, and notice when nobody answers: a dead Wi-Fi does not say so itself. */
  beat() {
    const now = this.now();
    if (!this.line.connected) return;
    if (now - this.answeredAt > DEAD_AFTER) {
      this.answeredAt = now;
      this.become('lost');
      this.line.io.engine?.close();
      return;
    }
    this.line.emit('alive', { looking: this.looking() }, () => {
      this.answeredAt = this.now();
      this.rtt_ms = this.answeredAt - now;
      this.dispatchEvent(new Event('trip'));
    });
  }

  /** @param {Shown|null} shown */
  show(shown) {
    this.shown = shown;
    this.dispatchEvent(new Event('shown'));
  }

  /** @param {LineState} state */
  become(state) {
    if (this.state === state || this.state === 'removed' || this.state === 'elsewhere') return;
    this.state = state;
    this.dispatchEvent(new Event('state'));
  }

  /** @param {'removed'|'elsewhere'} state */
  end(state) {
    this.become(state);
    this.close();
  }

  close() {
    clearInterval(this.timer);
    this.line.disconnect();
  }
}
