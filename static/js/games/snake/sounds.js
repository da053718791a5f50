export const SOUNDS = {};
export const MUSIC = null;
