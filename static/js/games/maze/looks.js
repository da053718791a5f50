// The colours of the toy shop: floorboards in the last sun, or by moonlight.

/**
 * @typedef {object} Look
 * @property {string} floor @property {string} board the joints of the boards @property {string} grain
 * @property {string} beam light from the window @property {string} shade @property {string} ink
 * @property {string[][]} blocks [top, side, mark] of each paint
 * @property {string} gleam light along the edges of blocks
 * @property {string[]} box outline, wood, light wood, inside
 * @property {string[]} crumb edge, crumb, light
 * @property {string[]} mouse fur, belly, ear
 * @property {string} halo light under toys, so that they stand out from the floor
 * @property {string} points @property {string} arrow @property {number} glow 0..1
 */

/** @type {Record<'day'|'night', Look>} */
export const LOOKS = {
  day: {
    floor: '#efdcb9',
    board: 'rgb(136 92 48 / 0.28)',
    grain: 'rgb(136 92 48 / 0.13)',
    beam: 'rgb(255 246 214 / 0.6)',
    shade: 'rgb(92 56 24 / 0.26)',
    ink: '#3a261b',
    blocks: [
      ['#dd8468', '#b05c44', '#f6c3a8'],
      ['#8fb5a2', '#638c7b', '#d3e5d4'],
      ['#e3bd6d', '#b98e42', '#fae6b4'],
      ['#a994bd', '#7d6894', '#dfd2ea'],
      ['#8fb1cb', '#63879f', '#d5e6f0'],
    ],
    gleam: 'rgb(255 255 255 / 0.4)',
    box: ['#3a261b', '#9a6a44', '#c6935f', '#4a3024'],
    crumb: ['#8a5424', '#cf8d45', '#f3cd8e'],
    mouse: ['#8d8794', '#e9e0dd', '#f2a9a2'],
    halo: 'rgb(255 252 240 / 0.24)',
    points: '#fffaf1',
    arrow: '#b23a1a',
    glow: 0.35,
  },
  night: {
    floor: '#2b2a45',
    board: 'rgb(8 8 24 / 0.5)',
    grain: 'rgb(160 170 230 / 0.06)',
    beam: 'rgb(150 180 255 / 0.16)',
    shade: 'rgb(4 4 16 / 0.5)',
    ink: '#0e0c1a',
    blocks: [
      ['#7d4a4c', '#4f2c35', '#a96f66'],
      ['#3f6464', '#274345', '#65918a'],
      ['#7b6640', '#4d3f2b', '#a88f5c'],
      ['#5c4f80', '#3a3257', '#8576ab'],
      ['#40618a', '#283f5e', '#658bb5'],
    ],
    gleam: 'rgb(190 210 255 / 0.22)',
    box: ['#0e0c1a', '#543a33', '#7a5745', '#17111a'],
    crumb: ['#3b2416', '#f5c078', '#fff0cf'],
    mouse: ['#b9b4c6', '#f4ecec', '#f0a7a5'],
    halo: 'rgb(196 204 255 / 0.08)',
    points: '#fff3d2',
    arrow: '#ffb08f',
    glow: 0.8,
  },
};

/** Paint of each toy: body, light, dark. */
export const TOYS = {
  duck: ['#f7c52f', '#ffe68a', '#c98a12'],
  robot: ['#a07be6', '#d3bdfa', '#6a48b0'],
  top: ['#2aa6a0', '#86e0d6', '#146a6a'],
  crab: ['#e0503a', '#ff9a80', '#99281c'],
};

/** Paint of toys that have run down. */
export const LIMP = ['#b9c0cf', '#e6eaf2', '#7c8498'];
