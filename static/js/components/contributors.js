import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Light, count } from './element.js';
import { icon } from './icons.js';

/** @typedef {{name: string, ids: string[]}} Contributor who showed pictures on a phone, and which */

/**
 * Who has taught: how many pictures each phone's person has added, and a button that removes them.
 * Properties: people; own (pictures of this page itself); live (phones that teach along now). Event:
 * remove-contributor with the name.
 */
export class Contributors extends Light {
  static properties = { people: { attribute: false }, own: { type: Number }, live: { type: Number } };

  constructor() {
    super();
    /** @type {Contributor[]} */
    this.people = [];
    this.own = 0;
    this.live = 0;
  }

  render() {
    const { people, own, live } = this;
    if (!people.length && !live) return '';
    return html`<section class="contributors" aria-labelledby="contributors-title" data-testid="contributors">
      <h3 id="contributors-title">Who taught</h3>
      <ul role="list">
        ${own ? html`<li><span>This page</span><span class="small muted nums">${count(own, 'picture')}</span><span></span></li>` : ''}
        ${repeat(people, ({ name }) => name, ({ name, ids }) => html`<li data-testid="contributor" data-name=${name} data-count=${ids.length}><span>${name}</span><span class="small muted nums">${count(ids.length, 'picture')}</span>
          <button type="button" class="button small" data-testid="remove-contributor" aria-label=${`Remove ${name}’s pictures`} @click=${() => this.emit('remove-contributor', name)}>${icon('trash')}Remove</button></li>`)}
      </ul>
      ${live ? html`<p class="small muted" role="status" data-testid="together">${live === 1 ? 'A phone teaches' : `${live} phones teach`} along: this page saves by itself meanwhile.</p>` : ''}
    </section>`;
  }
}
customElements.define('st-contributors', Contributors);
