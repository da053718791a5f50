import { html } from 'lit';
import { Light } from './element.js';
import { icon } from './icons.js';
import { fetchText } from '../core/eyes.js';
import './number_strip.js';

/** Texts change at most so often (ms). */
const TEXT_EVERY = 400;

/**
 * Under the hood: frames a second and milliseconds, the embedding as moving numbers, the names that
 * a backbone with a top gives, and which eyes it looks through.
 * Properties: backbone (the one in use), choice (of eyes), backend, size, loading ({text, fraction}|null),
 * changing (the same, of what is done beside), open. Events: choose-eyes, cancel-embedding.
 */
export class HoodPanel extends Light {
  static properties = { choice: { attribute: false }, changing: { attribute: false }, backbone: { attribute: false }, backend: {}, size: { type: Number }, loading: { attribute: false } };

  constructor() {
    super();
    /** @type {import('./eyes_dialog.js').Choice|null} */
    this.choice = null;
    /** @type {any} */
    this.backbone = null;
    this.backend = '';
    this.size = 0;
    /** @type {{text: string, fraction: number}|null} */
    this.loading = null;
    /** @type {import('./eyes_dialog.js').Changing|null} */
    this.changing = null;
    /** Milliseconds a frame with the eyes in use, on average. @type {number|null} */
    this.ms = null;
    this.textAt = -1e9;
    this.open = false;
  }

  render() {
    const { backbone, loading, changing, choice } = this;
    const fetching = choice?.fetching;
    return html`
      <div class="hood-line small">
        <span class="nums"><b data-testid="fps">–</b> frames/s</span><span class="nums"><b data-testid="ms">–</b> ms<span class="visually-hidden"> a frame</span></span>
        <span class="muted" title=${`What computes: ${this.backend || "nothing yet"}`} data-testid="backend">${this.backend}</span>
        <span class="privacy muted" title="Nothing is sent to anyone: camera, learning and saving all happen on this computer.">${icon('lock')}Pictures stay on this computer</span>
      </div>
      ${loading ? html`<div role="status">${this.line('loading', loading.text, loading.fraction)}</div>` : ''}
      ${changing ? this.line('changing', changing.text, changing.fraction, changing.eyes ? html`<button type="button" class="button small" data-testid="cancel-changing" @click=${() => this.emit('cancel-embedding')}>Cancel</button>` : '') : ''}
      ${fetching?.fetch ? this.line('fetching', `${fetching.title}. ${fetchText(fetching.fetch)}`, fetching.fetch.fraction, html`<button type="button" class="button small" @click=${() => this.emit('choose-eyes')}>Show</button>`) : ''}
      <details class="hood" data-testid="hood" @toggle=${(/** @type {any} */ e) => { this.open = e.target.open; }}>
        <summary>${icon('eye')}<span>Under the hood</span><span class="small muted">${this.eyesTitle()}</span></summary>
        <div class="hood-body">
          <div><h3>What a picture becomes</h3><p class="small muted">${this.size ? `${this.size.toLocaleString('en-GB')} numbers. Pictures that look alike get numbers that are alike.` : 'Numbers: as soon as the eyes are open.'}</p>
            <st-number-strip .size=${this.size}></st-number-strip></div>
          ${backbone?.has_top ? html`<div class="names"><h3>What it would call it by itself</h3><ol role="list" data-testid="top">${Array.from({ length: 5 }, () => html`<li><span class="name"></span><code class="id muted small"></code><span class="nums p"></span></li>`)}</ol></div>` : ''}
          <div><h3>The eyes it looks through</h3>
            <div class="eyes-now"><strong data-testid="eyes-now">${this.eyesTitle()}</strong>
              <button type="button" class="button small" data-testid="backbone-select" data-name=${backbone?.name ?? ''} ?disabled=${!!loading} @click=${() => this.emit('choose-eyes')}>${icon('eye')}Choose other eyes</button></div>
            ${backbone ? this.eyes(backbone) : ''}</div>
          <dl class="timings small" aria-label="Timings of the last frame">
            ${[['resample', 'crop and shrink'], ['embed', 'look'], ['knn', 'compare']].map(([key, text]) => html`<div><dt class="muted">${text}</dt><dd class="nums" data-ms=${key}>–</dd></div>`)}
          </dl>
        </div>
      </details>`;
  }

  /** @param {Map<PropertyKey, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('backbone')) this.ms = null;
  }

  /** Of the eyes in use, as the list of eyes has it. */
  eyesTitle() {
    const { backbone, choice } = this;
    return choice?.items.find(({ name }) => name === backbone?.name)?.title ?? backbone?.title ?? '';
  }

  /** @param {string} testid @param {string} text @param {number} fraction @param {any} [button] */
  line(testid, text, fraction, button = '') {
    return html`<div class="loading" data-testid=${testid}><span class="small nums">${text}</span><progress max="1" .value=${fraction} aria-label=${text}></progress>${button}</div>`;
  }

  /** @param {any} b a backbone.json */
  eyes(b) {
    const accuracies = Object.entries(b.accuracy ?? {});
    return html`<p class="small muted eyes-facts">${b.parameters ? `${(b.parameters / 1e6).toFixed(1)} million weights, ` : ''}${b.bytes ? `${(b.bytes / 1e6).toFixed(1)} MB, ` : ''}${b.input_size} × ${b.input_size} pixels, ${b.embedding_size.toLocaleString('en-GB')} numbers.
        ${b.has_top ? '' : 'It has no names of its own.'}</p>
      ${accuracies.length ? html`<table class="accuracies small"><caption class="muted">Right on pictures never shown, by examples for each class</caption>
        <tbody>${accuracies.map(([collection, by]) => html`<tr><th scope="row">${collection}</th>${Object.entries(/** @type {any} */ (by)).map(([n, share]) => html`<td class="nums"><span class="muted">${n}:</span> ${Math.round(Number(share) * 100)}%</td>`)}</tr>`)}</tbody></table>`
        : html`<p class="small muted">How good these eyes are has not been measured.</p>`}`;
  }

  /**
   * Show a frame's numbers; most calls change nothing.
   * @param {{embedding: Float32Array|null, top: any[]|null, ms: any}} look
   * @param {number} fps @param {number} now ms
   */
  show(look, fps, now) {
    if (this.open && look.embedding) /** @type {import('./number_strip.js').NumberStrip} */ (this.need('st-number-strip')).show(look.embedding, now);
    this.ms = this.ms === null ? look.ms.total : this.ms + (look.ms.total - this.ms) / 10;
    if (now - this.textAt < TEXT_EVERY) return;
    this.textAt = now;
    this.need('[data-testid=fps]').textContent = fps.toFixed(fps < 10 ? 1 : 0);
    this.need('[data-testid=ms]').textContent = look.ms.total.toFixed(look.ms.total < 10 ? 1 : 0);
    if (!this.open) return;
    for (const element of this.querySelectorAll('[data-ms]')) {
      const value = look.ms[/** @type {HTMLElement} */ (element).dataset.ms ?? ''];
      element.textContent = value === undefined ? '–' : `${value.toFixed(1)} ms`;
    }
    const rows = this.querySelectorAll('.names li');
    look.top?.slice(0, rows.length).forEach((guess, i) => {
      /** @type {HTMLElement} */ (rows[i].querySelector('.name')).textContent = guess.name.replaceAll('_', ' ');
      /** @type {HTMLElement} */ (rows[i].querySelector('.id')).textContent = guess.id;
      /** @type {HTMLElement} */ (rows[i].querySelector('.p')).textContent = `${(guess.probability * 100).toFixed(1)}%`;
    });
  }

  /** There are no frames just now. */
  rest() {
    this.need('[data-testid=fps]').textContent = '–';
  }
}
customElements.define('st-hood', HoodPanel);
