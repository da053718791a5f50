import { html } from 'lit';
import { areNumbers } from '../core/numbers.js';
import { Light, count } from './element.js';
import { icon } from './icons.js';
import { card, notReady } from './training_words.js';
import './training_options.js';

/** @typedef {import('./training_words.js').Recipe} Recipe */

/** Recipes that try all does not try: a value is no class. */
const tried = (/** @type {Recipe} */ recipe) => !recipe.is_regression;

/**
 * The choice of a recipe: cards, settings, the button that starts it.
 * Properties: recipes (none: not known yet), taught, total (classes and pictures), labels (of the
 * classes), busy (what is being done just now), offline (they could not be had).
 * Event: train with {recipe, options}.
 */
export class TrainingRecipes extends Light {
  static properties = {
    recipes: { attribute: false }, taught: { type: Number }, total: { type: Number }, labels: { attribute: false }, busy: {},
    offline: { type: Boolean }, chosen: { state: true }, values: { state: true },
  };

  constructor() {
    super();
    /** @type {Recipe[]} */
    this.recipes = [];
    this.taught = 0;
    this.total = 0;
    /** @type {string[]} */
    this.labels = [];
    /** @type {string|null} */
    this.busy = null;
    this.offline = false;
    this.chosen = 'all';
    /** What was changed, by recipe and option. @type {Record<string, Record<string, any>>} */
    this.values = {};
  }

  render() {
    const { recipes, chosen, total } = this;
    const missing = notReady(this.taught, total);
    const recipe = recipes.find((r) => r.name === chosen);
    return html`
      <div class="recipe-scroll">
        <h3 id="recipes-title">How should it learn?</h3>
        ${missing ? html`<div class="train-missing" data-testid="not-ready">${icon('camera')}<div><strong>${missing.title}</strong><p class="small">${missing.text}</p></div></div>` : ''}
        ${recipes.length ? html`<div class="recipe-cards" role="radiogroup" aria-labelledby="recipes-title">
          ${this.allCard(recipes.filter(tried).length)}
          ${recipes.map((r) => this.card(r))}
        </div>` : this.offline ? html`<p class="small muted">The server does not say what it can train.</p><button type="button" class="button small" data-testid="ask-again" @click=${() => this.emit('watch-trainings', true)}>${icon('redo')}Ask again</button>` : html`<p class="muted small" role="status">Asking the server what it can train …</p>`}
        ${recipe ? this.settings(recipe) : ''}
      </div>
      <div class="recipe-start">
        <p class="small muted" role="status">${this.busy ?? `${count(total, 'picture')} in ${count(this.taught, 'class', 'classes')}. Some are held back to judge it by.`}</p>
        <button type="button" class="button primary wide" data-testid="start-training" ?disabled=${!!missing || !recipes.length || !!this.busy || !!(recipe && this.unfit(recipe))} @click=${this.start}>${icon('train')}${chosen === 'all' ? 'Try all' : `Train: ${recipe?.title ?? ''}`}</button>
      </div>`;
  }

  /** @param {number} n recipes it tries */
  allCard(n) {
    return html`<label class="recipe all">
      <input type="radio" name="recipe" value="all" aria-labelledby="recipe-all-title" aria-describedby="recipe-all-about" .checked=${this.chosen === 'all'} data-testid="recipe-all" @change=${() => { this.chosen = 'all'; }}>
      <span class="recipe-mark">${icon('podium')}</span>
      <span class="recipe-words"><strong id="recipe-all-title">Try all</strong><span class="small" id="recipe-all-about">Trains ${n} recipes on the same pictures and shows which does best. You need not know anything about them.</span>
        <span class="recipe-facts small muted">Minutes · the first rows after seconds</span></span>
    </label>`;
  }

  /** @param {Recipe} recipe */
  card(recipe) {
    const { time, good, icon: mark } = card(recipe.name);
    const unfit = this.unfit(recipe);
    return html`<label class="recipe ${unfit ? 'unfit' : ''}">
      <input type="radio" name="recipe" value=${recipe.name} aria-labelledby=${`recipe-${recipe.name}-title`} aria-describedby=${`recipe-${recipe.name}-about recipe-${recipe.name}-facts`} .checked=${this.chosen === recipe.name} data-testid=${`recipe-${recipe.name}`} @change=${() => { this.chosen = recipe.name; }}>
      <span class="recipe-mark">${icon(mark)}</span>
      <span class="recipe-words"><strong id=${`recipe-${recipe.name}-title`}>${recipe.title}</strong><span class="small" id=${`recipe-${recipe.name}-about`}>${recipe.description}</span>
        <span class="recipe-facts small muted" id=${`recipe-${recipe.name}-facts`}>${unfit || [time, good].filter(Boolean).join(' · ')}</span></span>
    </label>`;
  }

  /** Why a recipe does not suit these classes; empty where it does. @param {Recipe} recipe */
  unfit({ is_regression: isRegression }) {
    if (!isRegression || (this.labels.length > 1 && areNumbers(this.labels))) return '';
    return 'Name your classes with numbers, 0 and 100 for example, to learn a value.';
  }

  /** @param {Recipe} recipe */
  settings(recipe) {
    const values = this.values[recipe.name] ?? {};
    const changed = Object.keys(values).length;
    return html`<details class="recipe-settings" data-testid="recipe-settings">
      <summary>${icon('dials')}<span>Settings</span><span class="small muted">${changed ? `${count(changed, 'change')}` : 'as usual'}</span></summary>
      <div class="recipe-settings-body">
        <st-options .options=${recipe.options} .values=${values} @set-option=${(/** @type {CustomEvent} */ e) => this.setOption(recipe.name, e.detail)}></st-options>
        <button type="button" class="button small" ?disabled=${!changed} data-testid="reset-options" @click=${() => { this.values = { ...this.values, [recipe.name]: {} }; }}>${icon('undo')}All as usual</button>
      </div>
    </details>`;
  }

  /** @param {string} recipe @param {{name: string, value: any}} option */
  setOption(recipe, { name, value }) {
    const { [name]: _, ...rest } = this.values[recipe] ?? {};
    this.values = { ...this.values, [recipe]: value === undefined ? rest : { ...rest, [name]: value } };
  }

  /** Choose a recipe with options, to be looked at and started. @param {string} recipe @param {Record<string, any>} [options] */
  choose(recipe, options = {}) {
    this.chosen = recipe;
    this.values = { ...this.values, [recipe]: options };
  }

  start() {
    this.emit('train', { recipe: this.chosen, options: this.values[this.chosen] ?? {} });
  }
}
customElements.define('st-recipes', TrainingRecipes);
