/** The sections of a result: plain functions of a report. */
import { html } from 'lit';
import { count, percent } from './element.js';
import { css, tint } from './colours.js';
import { icon } from './icons.js';
import { whiskers } from './leaderboard.js';
import { between, duration, optionLabel } from './training_words.js';
import { reliability, scatter } from './training_charts.js';

/**
 * @typedef {{label: string, id: string|null, color: string|null}} Ref
 * @typedef {{id: string, truth: number, answer: number, score: number, truth_score: number}} Judged
 */
const PICTURES = 12;

/**
 * A row of pictures with what was said of each.
 * @param {object} what
 * @param {string} what.title
 * @param {string} what.text
 * @param {{id: string, note: string, about: string, color: string|null}[]} what.items
 * @param {any} what.cache
 * @param {(at: string) => void} what.open
 * @param {string} what.testid
 */
export const pictureRow = ({ title, text, items, cache, open, testid }) => html`<section class="judged-row" data-testid=${testid}>
  <h4>${title}</h4><p class="small muted">${text}</p>
  <ul role="list" class="judged">${items.slice(0, PICTURES).map((item) => html`<li .style=${tint({ color: item.color ?? '#777777' })}>
    <button type="button" aria-label=${item.about} @click=${() => open(item.id)}><st-picture .cache=${cache} .sample=${item.id}></st-picture><span class="small">${item.note}</span></button></li>`)}</ul>
</section>`;

/** Precision, recall and F1 of each class. @param {any} test @param {Ref[]} refs */
export const perClass = (test, refs) => html`<p class="small muted">Precision: when it says a class, how often that is so. Recall: of all pictures of a class, how many it found. F1 is their balance.<span class="of-bars"> The thin lines show how much chance there still is in each number.</span></p>
  <div class="matrix-scroll" role="region" aria-label="Each class, in numbers" tabindex="0"><table class="per-class" data-testid="per-class">
    <thead><tr><th scope="col">Class</th><th scope="col" class="end">Tested</th><th scope="col">Precision</th><th scope="col">Recall</th><th scope="col" class="end">F1</th></tr></thead>
    <tbody>${test.per_class.map((/** @type {any} */ row, /** @type {number} */ i) => html`<tr .style=${tint({ color: refs[i]?.color ?? '#777777' })}>
      <th scope="row"><span class="swatch"></span><span class="head-name" title=${row.label}>${row.label}</span></th><td class="end nums">${row.support}</td>
      <td>${share(row.precision, row.precision_interval)}</td><td>${share(row.recall, row.recall_interval)}</td><td class="end nums">${row.f1 === null ? '–' : percent(row.f1)}</td></tr>`)}</tbody>
  </table></div>
  <p class="small muted nums">All classes counted the same: F1 ${test.macro_f1 === null ? '–' : percent(test.macro_f1)}.</p>`;

/** @param {number|null} value @param {[number, number]|null} interval */
const share = (value, interval) => (value === null ? html`<span class="muted small">never said</span>` : html`<span class="score-line" title=${interval ? `most likely ${between(interval)}` : ''}><b class="nums">${percent(value)}</b>${whiskers(value, interval)}</span>`);

/** How well it knows how sure it may be. @param {any} test */
export function sureness(test) {
  const { temperature, ece, ece_before: before, ece_by_chance: chance, bins } = test.calibration ?? {};
  if (!bins) return html`<p class="muted">There were too few pictures to find out.</p>`;
  const off = ece === null ? '' : ece <= Math.max(0.015, chance ?? 0) ? 'Its confidence can be taken at its word.' : `Its confidence is ${(ece * 100).toFixed(0)} points off on average.`;
  const toned = temperature === null || Math.abs(temperature - 1) < 0.05 ? 'Nothing had to be put right.' : temperature > 1 ? 'By itself it was too sure: it has been toned down.' : 'By itself it was too timid: it has been encouraged.';
  return html`<div class="sure" data-testid="calibration"><figure>${reliability(bins)}</figure>
    <div class="sure-words"><h4>${off || 'How sure may it be?'}</h4>
      <p>When it says 90%, nine of ten such pictures should be right: then its dot lies on the dotted line. Below the line it is too sure, above it too timid. Large dots stand for many pictures.</p>
      <dl class="facts small"><div><dt class="muted">Expected calibration error</dt><dd class="nums">${ece === null ? '–' : ece.toFixed(3)}${before == null ? '' : html` <span class="muted">(${before.toFixed(3)} by itself)</span>`}</dd></div>${chance == null ? '' : html`<div><dt class="muted">What chance alone would give</dt><dd class="nums">${chance.toFixed(3)}</dd></div>`}
        <div><dt class="muted">Temperature</dt><dd class="nums">${temperature?.toFixed(2) ?? '–'}</dd></div><div><dt class="muted">Log loss</dt><dd class="nums">${test.log_loss?.toFixed(3) ?? '–'}</dd></div></dl>
      <p class="small muted">${toned}</p></div></div>`;
}

/** What was tried, and which of it was taken. @param {any} tries */
export const triesTable = (tries) => html`<section data-testid="tries"><h4>What was tried</h4>
  <p class="small muted">The best by ${tries.by === 'cross-validation' ? 'cross-validation' : 'the validation pictures'} was taken; the test pictures had no say.</p>
  <div class="matrix-scroll" role="region" aria-label="What was tried" tabindex="0"><table class="tries small nums"><thead><tr>${tries.columns.map((/** @type {string} */ c) => html`<th scope="col">${optionLabel(c)}</th>`)}<th><span class="visually-hidden">Taken</span></th></tr></thead>
    <tbody>${tries.rows.map((/** @type {any[]} */ row, /** @type {number} */ i) => html`<tr class=${i === tries.chosen ? 'chosen' : ''}>${row.map((value) => html`<td>${cell(value)}</td>`)}<td>${i === tries.chosen ? html`<span class="badge">${icon('check')}taken</span>` : ''}</td></tr>`)}</tbody></table></div></section>`;

/** @param {any} value */
const cell = (value) => (typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)).toString() : value === null ? '–' : String(value));

/** @type {Record<string, string>} */
const SPLITS = {
  burst: 'Pictures recorded in the same breath were kept on one side: neighbouring frames are nearly twins and would flatter the number.',
  moment: 'A recording had to be cut in time, so training and test pictures are moments of the same one: the number flatters.',
  none: 'Each picture was drawn by lot.',
};
/** @type {['train'|'validation'|'test', string][]} */
const PARTS = [['train', 'learned from'], ['validation', 'steered by'], ['test', 'judged by']];

/** Which pictures were for what, and everything that is needed to do it again. @param {any} report @param {Ref[]} refs @param {(text: string) => void} copy */
export function howMade(report, refs, copy) {
  const sum = (/** @type {string} */ part) => (report.counts[part] ?? []).reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0);
  const most = Math.max(1, ...refs.map((_, i) => PARTS.reduce((s, [part]) => s + (report.counts[part]?.[i] ?? 0), 0)));
  const { embed, fit, evaluate } = report.seconds ?? {};
  const took = [['looking', embed], ['learning', fit], ['judging', evaluate]].filter(([, s]) => s != null).map(([what, s]) => `${what} ${duration(Number(s))}`).join(', ');
  /** @type {[string, any][]} */
  const facts = [
    ['Seed', report.seed], ['Took', took || '–'], ['Weights', report.parameters?.toLocaleString('en-GB') ?? '–'], ['Looks through', report.backbone?.name ?? 'its own eyes'],
    ['Settings', Object.entries(report.options ?? {}).map(([name, value]) => `${name} ${value ?? 'by itself'}`).join(', ') || 'as usual'],
    ['Made with', Object.entries(report.versions ?? {}).map(([name, version]) => `${name} ${version}`).join(', ') || '–'],
  ];
  return html`<div class="made" data-testid="how-made">
    <p>${PARTS.map(([part, text], i) => html`${i ? ', ' : ''}<strong class="nums">${sum(part)}</strong> <span class="part ${part}">${text}</span>`)}. ${SPLITS[report.split?.by] ?? ''}</p>
    ${(report.split?.warnings ?? []).map((/** @type {string} */ text) => html`<p class="train-warn small">${icon('warning')}<span>${text}</span></p>`)}
    ${(report.notes ?? []).map((/** @type {string} */ text) => html`<p class="small muted">${text}</p>`)}
    <table class="parts small"><thead class="visually-hidden"><tr><th scope="col">Class</th>${PARTS.map(([, text]) => html`<th scope="col">${text}</th>`)}</tr></thead>
      <tbody>${refs.map((ref, i) => html`<tr><th scope="row"><span class="head-name" title=${ref.label}>${ref.label}</span></th>
        <td colspan="3"><span class="part-bar">${PARTS.map(([part, text]) => { const n = report.counts[part]?.[i] ?? 0; return n ? html`<i class=${part} title=${`${n} ${text}`} .style=${css({ '--share': `${(100 * n) / most}%` })}>${n}</i>` : ''; })}</span></td></tr>`)}</tbody></table>
    ${report.skipped?.length ? html`<details class="job-log"><summary>${icon('warning')}<span>${count(report.skipped.length, 'picture')} left out</span></summary><ul role="list" class="small">${report.skipped.map((/** @type {any} */ s) => html`<li><span>${s.reason}</span></li>`)}</ul></details>` : ''}
    <dl class="facts small">${facts.map(([term, value]) => html`<div><dt class="muted">${term}</dt><dd class="nums">${value}</dd></div>`)}</dl>
    ${report.command ? html`<div class="command"><h4 id="command-title">The same again, on the command line</h4><pre tabindex="0" aria-labelledby="command-title"><code>${report.command}</code></pre>
      <button type="button" class="button small" data-testid="copy-command" @click=${() => copy(report.command)}>${icon('copy')}Copy</button></div>` : ''}
  </div>`;
}

/** Predicted against true. @param {any} test @param {any} cache @param {(at: string) => void} open */
export const values = (test, cache, open) => html`<div class="sure" data-testid="scatter"><figure>${scatter(test.points)}</figure>
  <div class="sure-words"><p>A dot is a picture it had never seen. On the dotted line it is exactly right.</p>
    <dl class="facts small"><div><dt class="muted">Mean absolute error</dt><dd class="nums">${number(test.mean_absolute_error)}</dd></div><div><dt class="muted">If it always said the middle</dt><dd class="nums">${number(test.baseline_error)}</dd></div>
      <div><dt class="muted">Root mean squared error</dt><dd class="nums">${number(test.root_mean_squared_error)}</dd></div><div><dt class="muted">Explained (R²)</dt><dd class="nums">${test.r2 === null ? '–' : test.r2.toFixed(3)}</dd></div></dl></div></div>
  ${pictureRow({ title: 'Furthest off', text: 'The largest errors first.', testid: 'most-wrong', cache, open, items: (test.most_wrong ?? []).map((/** @type {number} */ i) => test.points[i]).map((/** @type {any} */ p) => ({ id: p.id, color: null, note: `${number(p.truth)}, said ${number(p.answer)}`, about: `True ${number(p.truth)}, it said ${number(p.answer)}` })) })}`;

/** @param {number|null|undefined} x */
export const number = (x) => (x === null || x === undefined ? '–' : Number(x.toPrecision(3)).toString());
