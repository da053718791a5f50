/**
 * The phones of a project, as a big screen knows them: who is there, what they see, and how long the
 * way to them is. Over Socket.IO's namespace `/phone` (docs/phone.md).
 *
 * @typedef {import('../net/api.js').WirePhone} WirePhone
 * @typedef {object} PhoneResult like a `Result` of the classifier, as far as a phone tells it
 * @property {Float32Array} shown (1 - none) * scores, in the order of the project's classes
 * @property {number} none length of the "none of these" bar, 0..1
 * @property {boolean} unknown
 * @property {string|null} label id of the class with the highest score
 * @property {null} value
 * @typedef {object} PhoneSeen used again for the next answer: copy what must stay
 * @property {PhoneResult|null} result null while the phone has nothing to tell apart
 * @property {number} at when its camera had the picture (ms, performance.now() of this page)
 * @property {number} done when it was heard here (ms)
 * @property {number} ageMs how old the picture was then: the phone's own work and half a round trip
 * @typedef {'idle'|'playing'|'paused'|'over'} ShownState
 * @typedef {{state: ShownState, title?: string, text?: string, score?: number|null}} Shown what a phone shows of the screen
 * @typedef {object} Line a Socket.IO connection, as far as it is used
 * @property {boolean} connected
 * @property {(event: string, listener: (message: any) => void) => unknown} on
 * @property {(event: string, message: any, acknowledge?: (answer: any) => void) => unknown} emit
 * @property {() => unknown} disconnect
 */
import { io } from 'socket.io-client';

/** A phone that was silent for so long is lost (ms): it says that it is there twice a second. */
export const SILENT_AFTER = 1500;
const WATCH_EVERY = 250;
const PING_EVERY = 2000;
/** Round trips whose median counts. */
const TRIPS = 5;

/** One phone. Event: 'change' when its name, player, connection or delay has changed. */
export class PhoneLink extends EventTarget {
  /** @param {WirePhone} phone */
  constructor({ id, name, role, player }) {
    super();
    this.id = id;
    this.name = name;
    /** @type {'player'|'teacher'} */
    this.role = role;
    /** 1 to 4; null for one that teaches. @type {number|null} */
    this.player = player;
    this.connected = false;
    /** Whether its camera runs. */
    this.looking = false;
    /** There and back again (ms); null until it is known. @type {number|null} */
    this.rtt_ms = null;
    /** What the server says; the phone may have fallen silent all the same. */
    this.joined = false;
    this.heardAt = -Infinity;
    this.sequence = -1;
    /** @type {number[]} */
    this.trips = [];
    /** @type {Set<(seen: PhoneSeen) => void>} */
    this.listeners = new Set();
    /** @type {PhoneResult} */
    this.result = { shown: new Float32Array(0), none: 0, unknown: false, label: null, value: null };
    /** @type {PhoneSeen} */
    this.seen = { result: null, at: 0, done: 0, ageMs: 0 };
  }

  /** From the picture to here, of the latest answer (ms); null until there is one. */
  get delay_ms() {
    return this.sequence < 0 ? null : this.seen.ageMs;
  }

  /**
   * Hear of every answer.
   * @param {(seen: PhoneSeen) => void} listener
   * @returns {() => void} stops
   */
  onSeen(listener) {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /**
   * Take in what the phone sees; what comes late is left out.
   * @param {{scores: [string, number][], none: number, unknown: boolean, age_ms: number, sequence: number}} message
   * @param {readonly string[]} classIds in their order
   * @param {number} now ms
   */
  hear({ scores, none, unknown, age_ms, sequence }, classIds, now) {
    this.notice(now, true);
    if (sequence <= this.sequence) return;
    this.sequence = sequence;
    const { result, seen } = this;
    if (result.shown.length !== classIds.length) result.shown = new Float32Array(classIds.length);
    else result.shown.fill(0);
    result.label = null;
    let best = -1;
    for (const [id, score] of scores) {
      const index = classIds.indexOf(id);
      if (index < 0) continue; // deleted here, and the phone has not heard yet
      result.shown[index] = score;
      if (score > best) {
        best = score;
        result.label = id;
      }
    }
    result.none = none;
    result.unknown = unknown;
    const before = seen.at;
    seen.ageMs = age_ms + (this.rtt_ms ?? 0) / 2;
    // An estimate of the way that has just become better must not turn the time back.
    seen.at = Math.min(now, Math.max(now - seen.ageMs, before));
    seen.done = now;
    seen.result = best < 0 ? null : result;
    for (const listener of this.listeners) listener(seen);
  }

  /** Note a sign of life. @param {number} now ms @param {boolean} looking */
  notice(now, looking) {
    this.heardAt = now;
    const changed = this.looking !== looking;
    this.looking = looking;
    this.settle(now, changed);
  }

  /** @param {number} ms a round trip */
  timed(ms) {
    this.trips = [...this.trips, ms].slice(-TRIPS);
    const sorted = [...this.trips].sort((a, b) => a - b);
    this.rtt_ms = sorted[sorted.length >> 1];
    this.changed();
  }

  /**
   * See whether it is still there.
   * @param {number} now ms @param {boolean} [changed] whether something else has changed
   */
  settle(now, changed = false) {
    const connected = this.joined && now - this.heardAt < SILENT_AFTER;
    if (connected === this.connected && !changed) return;
    this.connected = connected;
    // It counts anew after its page was loaded again.
    if (!connected) this.sequence = -1;
    this.changed();
  }

  changed() {
    this.dispatchEvent(new Event('change'));
  }
}

/** All phones of a project. Event: 'change' when one has come, gone or changed. */
export class Phones extends EventTarget {
  /**
   * @param {object} parts
   * @param {string} parts.projectId
   * @param {() => readonly string[]} parts.classIds of the project, in their order; asked at every answer
   * @param {() => Line} [parts.open] opens the connection
   * @param {() => number} [parts.now] ms
   */
  constructor({ projectId, classIds, open = openLine, now = () => performance.now() }) {
    super();
    this.projectId = projectId;
    this.classIds = classIds;
    this.now = now;
    /** In the order they came. @type {PhoneLink[]} */
    this.links = [];
    /** Whether the list has come. */
    this.ready = false;
    /** @type {Shown|null} */
    this.shown = null;
    /** When each ping left. @type {Map<number, {id: string, at: number}>} */
    this.pings = new Map();
    this.count = 0;
    this.pingedAt = -Infinity;
    this.line = open();
    this.listen();
    if (this.line.connected) this.enter();
    /** @type {ReturnType<typeof setInterval>} */
    this.timer = setInterval(() => this.watch(), WATCH_EVERY);
  }

  listen() {
    const { line } = this;
    line.on('connect', () => this.enter());
    line.on('disconnect', () => this.lost());
    line.on('phones', ({ project_id, items }) => project_id === this.projectId && this.take(items));
    line.on('phone_seen', (message) => this.find(message.phone_id)?.hear(message, this.classIds(), this.now()));
    line.on('phone_alive', ({ phone_id, looking }) => this.find(phone_id)?.notice(this.now(), looking));
    line.on('pong', ({ n }) => {
      const ping = this.pings.get(n);
      this.pings.delete(n);
      if (ping) this.find(ping.id)?.timed(this.now() - ping.at);
    });
  }

  /** @param {string} id */
  find(id) {
    return this.links.find((link) => link.id === id) ?? null;
  }

  /** The phone that plays for somebody: of several the one that is there, and came last. @param {number} player 1 to 4 */
  ofPlayer(player) {
    const theirs = this.links.filter((link) => link.player === player);
    return theirs.filter(({ connected }) => connected).at(-1) ?? theirs.at(-1) ?? null;
  }

  /**
   * Tell phones what goes on; one that comes later, or comes back, hears it too.
   * @param {Shown} shown
   */
  show({ state, title = '', text = '', score = null }) {
    this.shown = { state, title: title.slice(0, 80), text: text.slice(0, 200), score };
    this.tell(null);
  }

  /** @param {string|null} phoneId all where null */
  tell(phoneId) {
    if (this.shown && this.line.connected) this.line.emit('show', { project_id: this.projectId, phone_id: phoneId, ...this.shown });
  }

  /** Ask for the phones of the project, at first and after every lost connection. */
  enter() {
    this.line.emit('screen', { project_id: this.projectId }, (answer) => {
      if (answer?.ok) this.take(answer.items);
    });
  }

  /** @param {WirePhone[]} items */
  take(items) {
    const now = this.now();
    this.ready = true;
    /** @type {PhoneLink[]} */
    const came = [];
    this.links = items.map((item) => {
      const known = this.find(item.id);
      const link = known ?? new PhoneLink(item);
      if (!known) link.addEventListener('change', () => this.changed());
      Object.assign(link, { name: item.name, role: item.role, player: item.player });
      if (item.connected && !link.joined) {
        link.heardAt = now;
        came.push(link);
      }
      link.joined = item.connected;
      return link;
    });
    for (const link of this.links) link.settle(now);
    for (const link of came) {
      this.ping(link);
      this.tell(link.id);
    }
    this.changed();
  }

  /** This page's own connection is gone. */
  lost() {
    const now = this.now();
    for (const link of this.links) {
      link.joined = false;
      link.settle(now);
    }
    this.changed();
  }

  /** Look after who has fallen silent, and ask now and then how long the way is. */
  watch() {
    const now = this.now();
    for (const link of this.links) link.settle(now);
    if (now - this.pingedAt < PING_EVERY) return;
    this.pingedAt = now;
    for (const link of this.links) if (link.connected) this.ping(link);
  }

  /** @param {PhoneLink} link */
  ping(link) {
    this.count += 1;
    for (const [n, { id }] of this.pings) if (id === link.id) this.pings.delete(n);
    this.pings.set(this.count, { id: link.id, at: this.now() });
    this.line.emit('ping', { phone_id: link.id, n: this.count });
  }

  changed() {
    this.dispatchEvent(new Event('change'));
  }

  close() {
    clearInterval(this.timer);
    this.line.disconnect();
    for (const link of this.links) link.listeners.clear();
  }
}

/** @returns {Line} */
const openLine = () => io('/phone', { transports: ['websocket', 'polling'], tryAllTransports: true, reconnectionDelay: 500, reconnectionDelayMax: 2000 });
