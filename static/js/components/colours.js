import { PALETTE } from '../store/palette.js';

const NAMES = ['Blue', 'Orange', 'Green', 'Magenta', 'Olive', 'Violet', 'Red', 'Teal', 'Brown', 'Slate'];

/** The colours that a class may be given, with names for those who do not see them. */
export const SWATCHES = PALETTE.map((value, i) => ({ value, name: NAMES[i] ?? value }));

/** @param {string} colour #rgb or #rrggbb @returns {[number, number, number]} */
function channels(colour) {
  const hex = /^#[0-9a-f]{3}$/i.test(colour) ? colour.replace(/[0-9a-f]/gi, '$&$&') : colour;
  const value = /^#[0-9a-f]{6}$/i.test(hex) ? parseInt(hex.slice(1), 16) : 0x777777;
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** Relative luminance after WCAG 2.2. @param {string} colour */
export function luminance(colour) {
  const [r, g, b] = channels(colour).map((c) => {
    const s = c / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * Near-black or white, whichever reads better on a colour.
 * @param {string} colour
 */
export const inkOn = (colour) => (1.05 / (luminance(colour) + 0.05) >= (luminance(colour) + 0.05) / 0.0563 ? '#ffffff' : '#1d130c');

/**
 * Style text for Lit's `.style=${...}`. Assigning it goes through the CSSOM, which a content
 * security policy without 'unsafe-inline' allows; a style attribute (and Lit's styleMap, which
 * begins with one) it does not.
 * @param {Record<string, string>} properties
 */
export const css = (properties) => Object.entries(properties).map(([name, value]) => `${name}:${value.replace(/[;{}]/g, '')}`).join(';');

/**
 * The two custom properties that tint everything of a class. What is no colour becomes grey: a
 * colour may come from an imported file.
 * @param {{color: string}} item
 */
export function tint({ color }) {
  const safe = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(color) ? color : '#777777';
  return css({ '--class': safe, '--on-class': inkOn(safe) });
}
