import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Light, count, inWords } from './element.js';
import { icon } from './icons.js';
import { ask } from './dialogs.js';
import { everything } from '../capture/files.js';
import './project_card.js';
import './theme.js';

/** What can be brought in; the server looks into the file, not at its name. */
const IMPORTS = '.showtell,.zip,.json,.tm';

/**
 * The person's projects. Properties: projects (null while they are looked up), problem.
 * Events: new-project; import-files with a promise of what was chosen or dropped, folders opened;
 * really-delete with a project.
 */
export class HomePage extends Light {
  static properties = { projects: { attribute: false }, problem: { attribute: false }, busy: { type: Boolean }, over: { state: true }, teachUrl: { attribute: false } };

  constructor() {
    super();
    /** @type {any[]|null} */
    this.projects = null;
    /** @type {any} */
    this.problem = null;
    this.busy = false;
    this.over = false;
    this.teachUrl = (/** @type {string} */ id) => `/teach/${id}`;
    const { signal } = (this.drags = new AbortController());
    window.addEventListener('dragenter', (e) => this.onDrag(e, true), { signal });
    window.addEventListener('dragover', (e) => this.onDrag(e, true), { signal });
    window.addEventListener('dragleave', (e) => e.relatedTarget === null && this.onDrag(e, false), { signal });
    window.addEventListener('drop', (e) => this.onDrop(e), { signal });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.drags.abort();
  }

  render() {
    const { projects } = this;
    const empty = projects?.length === 0;
    return html`
      <header class="top home"><a class="wordmark" href="/"><img src="/static/img/favicon.svg" alt="" width="32" height="32"><span>Show <i>&amp;</i> Tell</span></a><span class="spacer"></span>
        <a class="button ghost small" href="/play" data-testid="play">${icon('play')}Play</a><a class="button ghost small" href="/api/docs">API</a><st-theme></st-theme></header>
      <main id="main" class="home-main">
        <section class="hero"><h1>You show it things. <em>It tells them apart.</em></h1>
          <p class="muted">A camera, a few seconds a thing, and this page knows which is which. It runs on this computer alone: no account, no cloud, and your pictures go nowhere.</p>
          <div class="hero-buttons">
            <button type="button" class="button primary" data-testid="new-project" ?disabled=${this.busy} @click=${() => this.emit('new-project')}>${icon('plus')}New project</button>
            <button type="button" class="button" ?disabled=${this.busy} @click=${() => this.need('#import').click()}>${icon('up')}Import a file</button>
            <button type="button" class="button" ?disabled=${this.busy} @click=${() => this.need('#import-folder').click()}>${icon('folder')}Import a folder</button>
            <input id="import" type="file" hidden accept=${IMPORTS} data-testid="import-input" @change=${this.onChoose}>
            <input id="import-folder" type="file" webkitdirectory hidden data-testid="import-folder" @change=${this.onChoose}>
            <span class="small muted">A file: .showtell, a zip of pictures, Teachable Machine, KNN JSON. A folder: pictures, one folder a class. Or drop either anywhere here.</span>
          </div>
        </section>
        ${this.problem ? html`<p class="offline" role="alert">${icon('warning')}<span>${inWords(this.problem)}</span></p>` : ''}
        ${empty ? this.emptyState() : html`<section aria-labelledby="projects-title">
          <div class="panel-head"><h2 id="projects-title">Your projects</h2>${projects ? html`<span class="small muted">${count(projects.length, 'project')}</span>` : ''}</div>
          <ul role="list" class="projects" aria-busy=${!projects}>${projects
            ? repeat(projects, (p) => p.id, (p) => html`<li><st-project .project=${p} href=${this.teachUrl(p.id)} @delete-project=${this.onDelete}></st-project></li>`)
            : [1, 2, 3].map(() => html`<li class="skeleton"></li>`)}</ul></section>`}
      </main>
      ${this.over ? html`<div class="drop-veil">Drop a file or folders to import them</div>` : ''}`;
  }

  emptyState() {
    return html`<section class="empty" aria-label="How to begin" data-testid="empty">
      <img src="/static/img/show_and_tell.svg" alt="" width="640" height="440">
      <ol class="steps">
        <li><strong>Make a project</strong><span class="muted">It begins with two classes. Call them what you like.</span></li>
        <li><strong>Show</strong><span class="muted">Hold a class’s button while the camera sees the thing: three seconds are plenty.</span></li>
        <li><strong>It tells</strong><span class="muted">The bars move at once. Save it, take it with you, use it from Python.</span></li>
      </ol>
    </section>`;
  }

  /** @param {Event} event */
  onChoose(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const found = everything([...(input.files ?? [])]);
    this.emit('import-files', found);
    // The same file may be chosen again after an error.
    input.value = '';
  }

  /** @param {DragEvent} event @param {boolean} over */
  onDrag(event, over) {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.over = over;
  }

  /** @param {DragEvent} event */
  onDrop(event) {
    this.over = false;
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    if (!this.busy) this.emit('import-files', everything(event.dataTransfer));
  }

  /** @param {CustomEvent} event */
  async onDelete(event) {
    event.stopPropagation();
    const project = event.detail;
    const total = project.classes.reduce((/** @type {number} */ n, /** @type {any} */ c) => n + c.count, 0);
    const answer = await ask({
      title: `Delete ${project.name}?`,
      text: `Its ${count(total, 'picture')} and everything it learned go for good, here and on the server. Export it first if you may want it back.`,
      choices: [{ value: 'yes', label: 'Delete', kind: 'danger', testid: 'confirm-delete' }],
    });
    if (answer) this.emit('really-delete', project);
  }
}
customElements.define('st-home', HomePage);
