// The colours of the garden: dusk with a last warm light by day, a blue night with a moon by night.

/**
 * @typedef {object} Look
 * @property {string[]} ground from where the light falls in to the far corner
 * @property {string} sky light that falls in from a corner
 * @property {number[]} skyAt where from, in logical units
 * @property {string} path @property {string} dot @property {string} grass @property {string[]} petals
 * @property {string} shade @property {string} ink
 * @property {string[]} hedge outline, body, leaf, light leaf
 * @property {string[]} stone outline, body, light, moss
 * @property {string[]} pond bank, deep, shallow, ripple, lily
 * @property {string[]} wood outline, body, light
 * @property {string} rope @property {string} points
 * @property {number} glow how strongly lights glow, 0..1
 */

/** @type {Record<'dusk'|'night', Look>} */
export const LOOKS = {
  dusk: {
    ground: ['#d99c86', '#a9849f', '#7b74a6', '#555a90'],
    sky: 'rgb(255 214 150 / 0.5)',
    skyAt: [90, -40],
    path: 'rgb(255 226 190 / 0.16)',
    dot: 'rgb(255 236 214 / 0.2)',
    grass: 'rgb(52 66 96 / 0.42)',
    petals: ['#ffe3c2', '#f7c0c4', '#d9d2ff'],
    shade: 'rgb(34 26 62 / 0.34)',
    ink: '#2b2140',
    hedge: ['#263f4a', '#3f6d66', '#568a76', '#83b18c'],
    stone: ['#3b3552', '#8f8aa6', '#c3bccb', '#7f9d83'],
    pond: ['#44406d', '#3d6b94', '#6aa3bd', '#d5ecee', '#5f9d7d'],
    wood: ['#3a2430', '#8a5a4c', '#c08a68'],
    rope: '#33264a',
    points: '#fff4d8',
    glow: 0.62,
  },
  night: {
    ground: ['#34507e', '#233761', '#1a2747', '#121a33'],
    sky: 'rgb(150 180 255 / 0.3)',
    skyAt: [720, -50],
    path: 'rgb(170 200 255 / 0.075)',
    dot: 'rgb(190 210 255 / 0.13)',
    grass: 'rgb(120 160 200 / 0.2)',
    petals: ['#c9b9a8', '#a88aa8', '#8f95c9'],
    shade: 'rgb(2 5 16 / 0.5)',
    ink: '#0c1122',
    hedge: ['#0b1a24', '#1c3c43', '#275450', '#3c7565'],
    stone: ['#101628', '#47506e', '#7380a0', '#3d6258'],
    pond: ['#111a33', '#1b3a63', '#2f6488', '#a9d3ea', '#2f6b57'],
    wood: ['#140d16', '#4b3238', '#7a5648'],
    rope: '#c8a982',
    points: '#fff0c4',
    glow: 0.9,
  },
};

/** Fillings of the lanterns. */
export const PAPERS = ['#ee5f43', '#f9b13f', '#f08aa6', '#fbe3b4', '#f4823c'];
