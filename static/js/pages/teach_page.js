import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Light } from '../components/element.js';
import { icon } from '../components/icons.js';
import { areScale } from '../core/numbers.js';
import { explain } from './shortcuts.js';
import '../components/answer.js';
import '../components/class_card.js';
import '../components/contributors.js';
import '../components/eyes_dialog.js';
import '../components/hood_panel.js';
import '../components/name_field.js';
import '../components/number_card.js';
import '../components/phone_dialog.js';
import '../components/quality_panel.js';
import '../components/save_bar.js';
import '../components/show_panel.js';
import '../components/tell_panel.js';
import '../components/theme.js';
import '../components/training_button.js';
import '../components/training_dialog.js';
import '../components/viewer.js';

/**
 * The teach page as a picture of its state; pages/teach.js sets the properties and answers the
 * events of the components.
 */
export class TeachPage extends Light {
  static properties = {
    session: { attribute: false }, cache: { attribute: false }, source: { attribute: false }, kind: {}, camera: { attribute: false },
    devices: { attribute: false }, recording: { attribute: false }, taught: { type: Number }, evaluation: { attribute: false },
    hints: { attribute: false }, choice: { attribute: false }, changing: { attribute: false }, backbone: { attribute: false }, backend: {}, size: { type: Number },
    loading: { attribute: false }, dropped: { attribute: false }, delay: { type: Number }, problem: { attribute: false }, training: { attribute: false },
    phones: { attribute: false }, people: { attribute: false }, own: { type: Number }, live: { type: Number },
  };

  constructor() {
    super();
    /** @type {any} */
    this.session = null;
    /** @type {any} */
    this.cache = null;
    /** @type {any} */
    this.source = null;
    /** @type {'camera'|'file'|'video'|'drawing'} */
    this.kind = 'camera';
    /** @type {any} */
    this.camera = null;
    /** @type {any[]} */
    this.devices = [];
    /** @type {string|null} id of the class that is being recorded */
    this.recording = null;
    this.taught = 0;
    /** @type {any} */
    this.evaluation = null;
    /** @type {any[]} */
    this.hints = [];
    /** The eyes that there are, those on their way too. */
    this.choice = { items: /** @type {import('../core/eyes.js').Item[]} */ ([]), fetching: /** @type {import('../core/eyes.js').Item|null} */ (null), speeds: new Map(), refusals: new Map(), problem: /** @type {Error|null} */ (null) };
    /** @type {import('../recognition/binding.js').Progress|null} */
    this.changing = null;
    /** @type {any} */
    this.backbone = null;
    this.backend = '';
    this.size = 0;
    /** @type {any} */
    this.loading = { text: 'Opening its eyes', fraction: 0 };
    /** @type {any} */
    this.dropped = null;
    this.delay = 0;
    /** @type {any} */
    this.problem = null;
    /** @type {import('./training_control.js').TrainingView|null} */
    this.training = null;
    /** @type {import('../play/phones.js').Phones|null} */
    this.phones = null;
    /** Who has taught on a phone. @type {import('../components/contributors.js').Contributor[]} */
    this.people = [];
    this.own = 0;
    /** Phones that teach along now. */
    this.live = 0;
    // Bars that move with every frame must not be drawn again because a picture was counted:
    // the same list is handed on until a name or colour changes.
    /** @type {any[]} */
    this.shownClasses = [];
  }

  get show() {
    return /** @type {import('../components/show_panel.js').ShowPanel} */ (this.need('st-show'));
  }
  get tell() {
    return /** @type {import('../components/tell_panel.js').TellPanel} */ (this.need('st-tell'));
  }
  get hood() {
    return /** @type {import('../components/hood_panel.js').HoodPanel} */ (this.need('st-hood'));
  }
  get eyes() {
    return /** @type {import('../components/eyes_dialog.js').EyesDialog} */ (this.need('st-eyes'));
  }
  get viewer() {
    return /** @type {import('../components/viewer.js').Viewer} */ (this.need('st-viewer'));
  }
  get trainings() {
    return /** @type {import('../components/training_dialog.js').TrainingsDialog} */ (this.need('st-trainings'));
  }
  get phonesDialog() {
    return /** @type {import('../components/phone_dialog.js').PhonesDialog} */ (this.need('st-phones'));
  }
  get pocket() {
    return /** @type {import('../components/answer.js').Answer} */ (this.need('.pocket-answer st-answer'));
  }

  render() {
    const { session } = this;
    return html`
      <header class="top">
        <a class="wordmark" href="/" aria-label="Show & Tell: all projects"><img src="/static/img/favicon.svg" alt="" width="32" height="32"><span>Show <i>&amp;</i> Tell</span></a>
        ${session ? html`<div class="title-row"><st-name .value=${session.name} label="Name of the project" testid="project-name" kind="project-name" @rename=${(/** @type {CustomEvent} */ e) => this.emit('rename-project', e.detail)}></st-name></div>` : ''}
        <span class="spacer"></span>
        ${session ? html`
          <button type="button" class="button ghost icon small" aria-label=${`Undo ${session.undoLabel ?? ''}`} title=${session.undoLabel ? `Undo: ${session.undoLabel}` : 'Nothing to undo'} data-testid="undo" ?disabled=${!session.undoLabel} @click=${() => this.emit('undo')}>${icon('undo')}</button>
          <button type="button" class="button ghost icon small" aria-label=${`Redo ${session.redoLabel ?? ''}`} title=${session.redoLabel ? `Redo: ${session.redoLabel}` : 'Nothing to redo'} data-testid="redo" ?disabled=${!session.redoLabel} @click=${() => this.emit('redo')}>${icon('redo')}</button>
          <a class="button ghost small to-play" href=${`/play?project=${session.id}`} title="Play with what you have taught" data-testid="play">${icon('play')}<span>Play</span></a>
          <st-theme></st-theme>
          <st-save .session=${session}></st-save>` : html`<st-theme></st-theme>`}
      </header>
      <main id="main" class="desk">${this.problem ? this.problemPanel() : session ? this.desk() : html`<p class="muted">Opening the project …</p>`}</main>
      ${session ? html`<st-phones .phones=${this.phones} .session=${session}></st-phones>` : ''}
      <st-viewer .classes=${this.shownClasses} .cache=${this.cache}></st-viewer>
      <st-trainings .training=${this.training} .classes=${this.shownClasses} .cache=${this.cache} .taught=${session ? this.taughtClasses() : 0} .total=${session?.samples.size ?? 0} @view-items=${this.viewItems}></st-trainings>
      <st-eyes .choice=${this.choice} .changing=${this.changing} .examples=${session?.samples.size ?? 0} .pageMs=${() => this.hood.ms}></st-eyes>`;
  }

  desk() {
    const { session, cache, kind, recording } = this;
    const { settings } = session;
    const classes = this.classes();
    const total = session.samples.size;
    const taught = this.taughtClasses();
    const ready = !!this.backbone && !this.loading;
    const subject = classes.find((c) => c.id === recording) ?? null;
    return html`
      <div class="seeing">
        <section class="show" aria-labelledby="show-title">
          <st-show .source=${this.source} kind=${this.kind} .camera=${this.camera} .devices=${this.devices} ?mirror=${settings.mirror} .recording=${subject} .taught=${this.taught}></st-show>
          <div class="pocket-answer" aria-hidden="true"><st-answer .classes=${classes} .cache=${cache} .idle=${taught < 2 ? html`<p class="display">Hold a class’s button to teach it.</p>` : ''}></st-answer></div>
        </section>
        <div class="under"><st-hood .choice=${this.choice} .changing=${this.changing} .backbone=${this.backbone} backend=${this.backend} .size=${this.size} .loading=${this.loading}></st-hood></div>
      </div>
      <section class="classes" aria-labelledby="classes-title">
        <header class="panel-head"><h2 id="classes-title">Classes</h2><span class="spacer"></span><button type="button" class="button small ghost" title="Let phones teach this project too" data-testid="open-phones" @click=${() => this.emit('open-phones')}>${icon('phone')}Teach together</button><button type="button" class="button small ghost" aria-label="Keys" @click=${explain}><kbd aria-hidden="true">?</kbd>Keys</button></header>
        ${repeat(classes, (c) => c.id, (c, i) => html`<st-class .item=${c} .index=${i} .samples=${session.samplesOf(c.id)} .cache=${cache} kind=${this.kind} ?recording=${recording === c.id} ?ready=${ready}></st-class>`)}
        <button type="button" class="button add-class" data-testid="add-class" @click=${() => this.emit('add-class')}>${icon('plus')}Add a class</button>
        <st-number ?numbers=${this.isAboutNumbers()} text=${kind === 'camera' || kind === 'video' ? 'Hold to record' : 'Add this picture'} ?recording=${recording !== null} ?ready=${ready}></st-number>
        <st-contributors .people=${this.people} .own=${this.own} .live=${this.live}></st-contributors>
      </section>
      <section class="tell ${classes.length > 6 ? 'classes-many' : ''}" aria-labelledby="tell-title">
        <st-tell .classes=${classes} .cache=${cache} .settings=${settings} .taught=${taught} .total=${total} .delay=${this.delay} .dropped=${this.dropped} .training=${this.training}></st-tell>
        ${taught >= 2 ? html`<p class="small muted tell-next">And then? <a href=${`/outputs/${session.id}`} data-testid="to-outputs">Let it make a sound, speak or show a picture</a></p>` : ''}
      </section>
      <section class="quality" aria-labelledby="quality-title" data-testid="quality">
        <st-quality .classes=${classes} .evaluation=${this.evaluation} .hints=${this.hints} .training=${this.training}></st-quality>
      </section>`;
  }

  /** Whether all classes with pictures are named like points of a scale. */
  isAboutNumbers() {
    const { session } = this;
    return areScale(session.classes.filter((/** @type {any} */ c) => session.samplesOf(c.id).length).map((/** @type {any} */ c) => c.label));
  }

  /** How many classes have pictures. */
  taughtClasses() {
    const { session } = this;
    return session.classes.filter((/** @type {any} */ c) => session.samplesOf(c.id).length > 0).length;
  }

  /** Show pictures of a result in the viewer; those that are gone since are left out. @param {CustomEvent} event */
  viewItems({ detail: { title, hint, at, items } }) {
    const { session } = this;
    this.viewer.show({
      title, hint, at: items.some((/** @type {any} */ item) => item.id === at && session.samples.has(at)) ? at : undefined,
      list: () => items.filter((/** @type {any} */ item) => session.samples.has(item.id)).map((/** @type {any} */ item) => {
        const owner = session.classes.find((/** @type {any} */ c) => c.id === session.samples.get(item.id).classId);
        return { id: item.id, color: owner?.color ?? '#777777', note: item.note, about: owner ? `Taught as ${owner.label}` : '' };
      }),
    });
  }

  /** The classes, the same array for as long as nothing in it has changed. */
  classes() {
    const next = this.session.classes;
    const old = this.shownClasses;
    const same = old.length === next.length && old.every((c, i) => c.id === next[i].id && c.label === next[i].label && c.color === next[i].color);
    if (!same) this.shownClasses = next.map((/** @type {any} */ c) => ({ ...c }));
    return this.shownClasses;
  }

  problemPanel() {
    const { title, detail, message } = this.problem;
    return html`<section class="quality" role="alert" data-testid="page-problem"><h2>${title ?? 'This project could not be opened'}</h2>
      <p>${detail ?? message}</p><p><a class="button" href="/">${icon('left')}All projects</a></p></section>`;
  }
}
customElements.define('st-teach', TeachPage);
