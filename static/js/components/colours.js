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
 * The two custom properties that tint everything of a class.
 * @param {{color: string}} item
 */
export const tint = (item) => ({ '--class': item.color, '--on-class': inkOn(item.color) });
