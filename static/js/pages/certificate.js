import '../components/theme.js';

/** Which of the ways is this device's, told by what its browser calls itself. @type {[RegExp, string][]} */
const WAYS = [[/Firefox/, 'firefox'], [/Android/, 'android'], [/iPhone|iPad/, 'ios'], [/Chrome|Edg/, 'desktop'], [/Safari/, 'safari']];

// The one that fits stands first; the others stay, for the phone beside it.
const way = WAYS.find(([pattern]) => pattern.test(navigator.userAgent))?.[1];
const found = document.querySelector(`[data-way="${way}"]`);
found?.parentElement?.prepend(found);
