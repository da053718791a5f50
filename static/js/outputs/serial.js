// Lines of text to a board on a USB cable (Arduino, micro:bit), where the browser has serial ports.

/** Which browsers can, for those that cannot. */
export const SERIAL_BROWSERS = 'Chrome, Edge and Opera on a computer have serial ports';

export const BAUDS = Object.freeze([9600, 115200]);

/** A line that is longer is a mistake, and boards have little memory. */
export const LONGEST_LINE = 200;

/**
 * @typedef {object} PortLike what is used of a SerialPort
 * @property {(options: {baudRate: number}) => Promise<void>} open
 * @property {() => Promise<void>} close
 * @property {WritableStream<Uint8Array>|null} writable
 * @property {(type: string, listener: () => void) => void} [addEventListener]
 * @typedef {{requestPort: () => Promise<PortLike>, getPorts: () => Promise<PortLike[]>}} SerialLike
 */

/** One serial port; chosen by the person in the browser's own list. */
export class Serial extends EventTarget {
  /** @param {{serial?: SerialLike|null}} [parts] */
  constructor({ serial = /** @type {any} */ (globalThis.navigator)?.serial ?? null } = {}) {
    super();
    this.serial = serial;
    /** @type {PortLike|null} */
    this.port = null;
    /** @type {WritableStreamDefaultWriter<Uint8Array>|null} */
    this.writer = null;
    this.baud = BAUDS[0];
    /** Lines on their way: a board that reads nothing must not fill the memory. */
    this.waiting = 0;
  }

  /** True if this browser has serial ports. */
  get isHere() {
    return this.serial !== null;
  }

  get isConnected() {
    return this.writer !== null;
  }

  /**
   * Open a port: one that the person has given to this page before, else let them choose one.
   * @param {number} [baud] 9600 or 115200
   * @param {{choose?: boolean, ask?: boolean}} [options] choose: ask in any case, for another board; ask: false to
   *   open only what was given before
   * @throws {Error} in words, if none was chosen or it is in use
   */
  async connect(baud = BAUDS[0], { choose = false, ask = true } = {}) {
    if (!this.serial) throw new Error(`This browser has no serial ports. ${SERIAL_BROWSERS}.`);
    if (this.isConnected && !choose && baud === this.baud) return;
    await this.close();
    const [known] = choose ? [] : await this.serial.getPorts();
    if (!known && !ask) throw new Error('No board is known here. Connect it on the page of outputs once.');
    let port;
    try {
      port = known ?? (await this.serial.requestPort());
    } catch (error) {
      throw new Error(/** @type {Error} */ (error).name === 'NotFoundError' ? 'No port was chosen. Plug the board in and try again.' : `The browser gave no port: ${/** @type {Error} */ (error).message}`);
    }
    try {
      await port.open({ baudRate: baud });
    } catch (error) {
      throw new Error(`The port could not be opened: ${/** @type {Error} */ (error).message} Another program may use it.`);
    }
    this.port = port;
    this.baud = baud;
    this.writer = /** @type {WritableStream<Uint8Array>} */ (port.writable).getWriter();
    port.addEventListener?.('disconnect', () => this.lost(port));
    this.dispatchEvent(new Event('change'));
  }

  /**
   * Send a line.
   * @param {string} text without its end; it is sent as UTF-8 with "\n"
   * @returns {boolean} false if no port is open or it does not take what it was sent
   */
  write(text) {
    const { writer, port } = this;
    if (!writer || this.waiting > 16) return false;
    const line = text.replace(/[\r\n]+/g, ' ').slice(0, LONGEST_LINE);
    this.waiting += 1;
    writer.write(new TextEncoder().encode(`${line}\n`)).then(
      () => { this.waiting -= 1; },
      () => {
        this.waiting -= 1;
        this.lost(port);
      },
    );
    return true;
  }

  /** @param {PortLike|null} port */
  lost(port) {
    if (this.port !== port) return;
    this.port = null;
    this.writer = null;
    this.dispatchEvent(new Event('change'));
  }

  /** Give the port back. */
  async close() {
    const { port, writer } = this;
    if (!port) return;
    this.lost(port);
    try {
      writer?.releaseLock();
      await port.close();
    } catch {
      // It was pulled out: then it is closed.
    }
  }
}
