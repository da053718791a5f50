import { html } from 'lit';
import { Light, ago, count } from './element.js';
import { icon } from './icons.js';
import { tint } from './colours.js';

/** Where a project lives, in words. @type {Record<string, [string, string]>} state: icon, text */
const STATES = {
  local: ['here', 'Only in this browser'],
  unsaved: ['warning', 'Unsaved changes'],
  saved: ['check', 'Saved'],
  server: ['check', 'Saved'],
};
const CLASSES_SHOWN = 4;

/**
 * A project as a card. Properties: project (an item of Session.list), href.
 * Event: delete-project.
 */
export class ProjectCard extends Light {
  static properties = { project: { attribute: false }, href: {} };

  constructor() {
    super();
    /** @type {any} */
    this.project = null;
    this.href = '';
    /** Object URLs that this card made. @type {string[]} */
    this.urls = [];
    /** @type {any} the covers for which the URLs were made */
    this.covers = null;
    /** @type {string[]} */
    this.shown = [];
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.urls.forEach((url) => URL.revokeObjectURL(url));
    this.urls = [];
    this.covers = null;
  }

  willUpdate() {
    const { project } = this;
    if (!project || this.covers === project.covers) return;
    this.urls.forEach((url) => URL.revokeObjectURL(url));
    this.urls = [];
    this.covers = project.covers;
    this.shown = project.covers.slice(0, 4).map((/** @type {any} */ cover) => {
      let { url } = cover;
      if (cover.blob) this.urls.push((url = URL.createObjectURL(cover.blob)));
      return url;
    });
  }

  render() {
    const { project, href } = this;
    if (!project) return '';
    const [mark, where] = STATES[project.state] ?? STATES.saved;
    const more = project.classes.length - CLASSES_SHOWN;
    const total = project.classes.reduce((/** @type {number} */ n, /** @type {any} */ c) => n + c.count, 0);
    return html`<article class="project" data-testid="project-card" data-id=${project.id} data-name=${project.name} data-state=${project.state}>
      <div class="covers n${this.shown.length}" aria-hidden="true">${this.shown.length
        ? this.shown.map((url) => html`<img src=${url} alt="" loading="lazy" decoding="async" width="224" height="224">`)
        : html`<span class="no-cover">${icon('picture')}</span>`}</div>
      <div class="project-text">
        <h3 class="display"><a href=${href}>${project.name}</a></h3>
        <ul role="list" class="chips" aria-label="Classes">${project.classes.slice(0, CLASSES_SHOWN).map((/** @type {any} */ c) => html`<li class="chip" .style=${tint(c)}><span class="swatch"></span><span class="chip-name">${c.label}</span><span class="nums muted">${c.count}</span></li>`)}
          ${more > 0 ? html`<li class="chip muted">+${more}</li>` : ''}</ul>
        <p class="project-foot small muted"><span class="where ${project.state}">${icon(mark)}${where}</span><span>${ago(project.changedAt)}, ${count(total, 'picture')}</span></p>
      </div>
      <a class="button icon ghost small play" href=${`/play?project=${project.id}`} aria-label=${`Play with ${project.name}`} title="Play" data-testid="play-project">${icon('play')}</a>
      <button type="button" class="button icon ghost small delete" aria-label=${`Delete ${project.name}`} title="Delete" data-testid="delete-project" @click=${() => this.emit('delete-project', project)}>${icon('trash')}</button>
    </article>`;
  }
}
customElements.define('st-project', ProjectCard);
