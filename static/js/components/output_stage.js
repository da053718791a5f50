import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Light } from './element.js';
import { css, tint } from './colours.js';

/** @typedef {import('../outputs/screen.js').Scene} Scene */
/** @typedef {import('../outputs/kinds.js').Item} Item */

/**
 * How large a text may be to fill a stage (a letter is about half as wide as high).
 * @param {string} text
 * @returns {{word: number, area: number}} so that its longest word has room, in hundredths of the stage's width; so that
 *   all of it has, in hundredths of the mean of width and height
 */
export function textSize(text) {
  const letters = [...text].length || 1;
  const longest = Math.max(1, ...text.split(/\s+/).map((word) => [...word].length));
  return { word: 155 / longest, area: 86 / Math.sqrt(letters) };
}

/** @type {Record<Item['kind'], (item: Item, label: string) => any>} */
const ITEMS = {
  emoji: ({ text }) => html`<p class="scene-emoji" .style=${css({ '--emoji': String(Math.max(1, [...new Intl.Segmenter().segment(text)].length)) })} data-testid="scene-emoji">${text}</p>`,
  picture: ({ text }, label) => html`<img class="scene-picture" src=${text} alt=${label} decoding="async" data-testid="scene-picture">`,
  text: ({ text }) => {
    const { word, area } = textSize(text);
    return html`<p class="scene-text display" .style=${css({ '--word': word.toFixed(2), '--area': area.toFixed(2) })} data-testid="scene-text">${text}</p>`;
  },
};

/** Pictures above words, whatever order they were added in. @type {Item['kind'][]} */
const ORDER = ['picture', 'emoji', 'text'];

/**
 * What outputs show: one scene, and while it comes the one that goes. Properties: scene (null: nothing),
 * classes (whose colours rest on the empty stage).
 */
export class Stage extends Light {
  static properties = { scene: { attribute: false }, classes: { attribute: false }, past: { state: true } };

  constructor() {
    super();
    /** @type {Scene|null} */
    this.scene = null;
    /** @type {readonly {id: string, color: string}[]} */
    this.classes = [];
    /** @type {Scene|null} */
    this.past = null;
  }

  /** @param {Map<string, any>} changed */
  willUpdate(changed) {
    if (changed.has('scene')) this.past = changed.get('scene') ?? null;
  }

  render() {
    const { scene, past } = this;
    // Never more than two: what went before these two is gone, finished or not.
    const scenes = [past, scene].filter((s) => s !== null);
    return html`<div class="stage" data-testid="stage" data-class=${scene?.classId ?? ''}>
      <div class="stage-rest ${scene ? '' : 'waiting'}" aria-hidden="true">${this.classes.slice(0, 12).map((c) => html`<i .style=${tint(c)}></i>`)}</div>
      ${repeat(scenes, ({ id }) => id, (s) => this.drawScene(s))}
    </div>`;
  }

  /** @param {Scene} scene */
  drawScene(scene) {
    const isPast = scene === this.past;
    const kinds = new Set(scene.items.map(({ kind }) => kind));
    const look = kinds.has('picture') ? 'has-picture' : kinds.has('emoji') ? 'has-emoji' : kinds.size ? 'only-text' : 'bare';
    const items = [...scene.items].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
    return html`<section class="scene ${look} ${isPast ? 'past' : ''} ${kinds.size > 1 ? 'mixed' : ''}" .style=${tint(scene)} aria-label=${scene.label} ?inert=${isPast} data-testid=${isPast ? 'past-scene' : 'scene'} @animationend=${(/** @type {AnimationEvent} */ e) => this.onEnd(e, scene)}>
      <div class="scene-disc" aria-hidden="true"></div>
      <div class="scene-items">${items.map((item) => ITEMS[item.kind](item, scene.label))}</div>
    </section>`;
  }

  /** @param {AnimationEvent} event @param {Scene} scene */
  onEnd(event, scene) {
    if (event.animationName === 'scene-out' && scene === this.past) this.past = null;
  }
}
customElements.define('st-stage', Stage);
