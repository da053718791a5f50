import { ask } from '../components/dialogs.js';
import { html } from 'lit';

/** The addresses of the classes: kept on the server, off until a person has said yes to each. */
export class OutputHooks {
  /**
   * @param {object} parts
   * @param {import('../outputs/server.js').OutputServer} parts.server
   * @param {any} parts.session
   * @param {import('./outputs_page.js').OutputsPage} parts.page
   * @param {(error: any) => void} parts.complain
   */
  constructor({ server, session, page, complain }) {
    this.server = server;
    this.session = session;
    this.page = page;
    this.complain = complain;
  }

  async refresh() {
    const list = await this.server.hooks();
    this.page.hooks = new Map(list.map((hook) => [hook.class_id, hook]));
  }

  /** @param {string} id of the class @param {string} text @param {boolean} [isBad] */
  tell(id, text, isBad = false) {
    this.page.told = { id, text, isBad };
  }

  /** A new address is off: the person has not said yes to it. @param {string} id @param {string} url */
  async setAddress(id, url) {
    this.page.told = null;
    try {
      if (url) await this.server.setHook(id, { url, is_enabled: false });
      else await this.server.deleteHook(id);
      if (url) this.tell(id, 'Kept, and off until you switch it on.');
    } catch (error) {
      const { title, detail, hint, message } = /** @type {any} */ (error);
      this.tell(id, [detail ?? title ?? message, hint].filter(Boolean).join(' '), true);
      return;
    }
    await this.refresh();
  }

  /** @param {string} id @param {string} label @param {boolean} on */
  async turn(id, label, on) {
    const hook = this.page.hooks.get(id);
    if (!hook) return;
    if (on) {
      const choice = await ask({
        title: 'Let the server call this address?',
        text: html`<p>Whenever the camera sees <strong>${label}</strong> on this page or in the machine, the server sends its name, how sure it is and the time to</p>
          <p class="hook-address"><code>${hook.url}</code></p><p>No picture is sent. It stays on until you switch it off.</p>`,
        choices: [{ value: 'on', label: 'Switch it on', kind: 'primary', testid: 'confirm-hook' }],
      });
      if (choice !== 'on') return;
    }
    await this.server.setHook(id, { url: hook.url, is_enabled: on });
    this.tell(id, on ? 'It is on.' : 'It is off.');
    await this.refresh();
  }

  /** @param {string} id @param {string} label */
  async fire(id, label) {
    this.tell(id, 'Calling …');
    try {
      const { status, ms } = await this.server.fire(id, { label, confidence: null, at: new Date().toISOString() });
      this.tell(id, `It answered ${status} after ${Math.round(ms)} ms.`, status >= 400);
    } catch (error) {
      const { title, detail, message } = /** @type {any} */ (error);
      this.tell(id, detail ?? title ?? message, true);
    }
  }

  /** An output that is removed calls nobody any more. @param {string} id */
  async remove(id) {
    if (!this.page.hooks.has(id)) return;
    try {
      await this.server.deleteHook(id);
      await this.refresh();
    } catch (error) {
      this.complain(error);
    }
  }
}
