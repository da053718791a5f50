import { html } from 'lit';

/**
 * @typedef {{id: string, name: string}} ProjectName
 * @typedef {{text: string, href?: string}} Step where one is; the last one is this page
 */

/** @param {string} path @param {string|null|undefined} projectId */
export const playUrl = (path, projectId) => (projectId ? `${path}?project=${encodeURIComponent(projectId)}` : path);

/**
 * The header that all pages of play share: home, the way here, the project, light or dark. The page
 * imports components/theme.js.
 * @param {{project?: ProjectName|null, trail?: Step[], extra?: any}} [parts] trail: below Play
 */
export const top = ({ project = null, trail = [], extra = '' } = {}) => html`<header class="top play-top">
  <a class="wordmark" href="/" aria-label="Show & Tell: all projects"><img src="/static/img/favicon.svg" alt="" width="32" height="32"><span>Show <i>&amp;</i> Tell</span></a>
  <nav class="trail" aria-label="Where you are"><ol role="list">
    ${[{ text: 'Play', href: playUrl('/play', project?.id) }, ...trail].map(({ text, href }, i, all) => html`<li>${i < all.length - 1 && href
      ? html`<a href=${href}>${text}</a>` : html`<span aria-current="page">${text}</span>`}</li>`)}
  </ol></nav>
  <span class="spacer"></span>
  ${extra}
  ${project ? html`<a class="button ghost small to-teach" href=${`/teach/${project.id}`} title=${`Teach ${project.name}`} data-testid="to-teach">Teach <span class="to-teach-name">${project.name}</span></a>` : ''}
  <st-theme></st-theme>
</header>`;
