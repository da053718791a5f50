// @ts-check
// Shows the OpenAPI description of this server. A deferred classic script, the viewer's bundle, has
// run before this module does.

/** @typedef {(options: Record<string, unknown>) => unknown} SwaggerUI */

/**
 * Draws the description into an element.
 * @param {HTMLElement} target carries the description's address in `data-openapi`
 * @param {SwaggerUI | undefined} viewer
 */
export function show(target, viewer) {
  const say = (/** @type {string} */ text) => {
    target.textContent = text;
    target.removeAttribute('aria-busy');
  };
  if (!viewer) {
    say('The viewer is missing. Run "make run" once to bundle it; the description itself is at ' + target.dataset.openapi);
    return;
  }
  viewer({
    url: target.dataset.openapi,
    domNode: target,
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    // Nothing about this server is ever sent to a validator elsewhere.
    validatorUrl: null,
    onComplete: () => target.removeAttribute('aria-busy'),
  });
}

const target = document.getElementById('swagger');
if (target) show(target, /** @type {any} */ (globalThis).SwaggerUIBundle);
