// The browser's voices. Some speak on this computer, others send the text to their maker: those are
// never chosen unless the person chooses them by name.

/** @typedef {{id: string, title: string, lang: string, isLocal: boolean}} VoiceInfo */

/** Words a minute are of no use across voices: a factor of the voice's own speed. */
export const RATE = Object.freeze({ min: 0.5, max: 2, usual: 1 });

/**
 * List voices for choosing: those of this computer first, those of the page's language before others.
 * @param {readonly SpeechSynthesisVoice[]} voices
 * @param {string} [language] such as 'en-GB'
 * @returns {VoiceInfo[]}
 */
export function listVoices(voices, language = 'en') {
  const family = (/** @type {string} */ lang) => lang.toLowerCase().split(/[-_]/)[0];
  const wanted = family(language);
  const rank = (/** @type {SpeechSynthesisVoice} */ v) => (v.localService ? 0 : 2) + (family(v.lang) === wanted ? 0 : 1);
  return voices
    .map((voice) => ({ voice, at: rank(voice) }))
    .sort((a, b) => a.at - b.at || Number(b.voice.default) - Number(a.voice.default) || a.voice.name.localeCompare(b.voice.name))
    .map(({ voice }) => ({ id: voice.voiceURI, title: voice.name, lang: voice.lang, isLocal: voice.localService }));
}

/**
 * Choose the voice that speaks: the one named if it is here, else the best of this computer, else none.
 * @param {readonly SpeechSynthesisVoice[]} voices
 * @param {string} id '' for any of this computer
 * @param {string} [language]
 * @returns {SpeechSynthesisVoice|null}
 */
export function chooseVoice(voices, id, language = 'en') {
  const named = id ? voices.find((voice) => voice.voiceURI === id) : undefined;
  if (named) return named;
  const best = listVoices(voices, language)[0];
  return best?.isLocal ? (voices.find((voice) => voice.voiceURI === best.id) ?? null) : null;
}

/**
 * Speaks one text at a time. What comes while it speaks either cuts in or waits; of those that wait
 * only the latest is said, and only if it is still wanted: a class that flickers does not stutter.
 */
export class Speech {
  /**
   * @param {{synthesis?: SpeechSynthesis|null, utter?: (text: string) => SpeechSynthesisUtterance, language?: string}} [parts]
   */
  constructor({ synthesis = globalThis.speechSynthesis ?? null, utter = (text) => new SpeechSynthesisUtterance(text), language = globalThis.navigator?.language ?? 'en' } = {}) {
    this.synthesis = synthesis;
    this.utter = utter;
    this.language = language;
    this.volume = 1;
    this.muted = false;
    /** @type {SpeechSynthesisUtterance|null} */
    this.speaking = null;
    /** @type {{text: string, voice: string, rate: number, isWanted: () => boolean}|null} */
    this.next = null;
  }

  /** True if this browser has voices at all. */
  get isHere() {
    return this.synthesis !== null;
  }

  /** @returns {VoiceInfo[]} empty until the browser has loaded them: hear 'voiceschanged' of speechSynthesis */
  voices() {
    return listVoices(this.synthesis?.getVoices() ?? [], this.language);
  }

  /**
   * Say a text.
   * @param {string} text
   * @param {{voice?: string, rate?: number, interrupt?: boolean, isWanted?: () => boolean}} [options] interrupt: cut off
   *   what is being said; else it is let finish, and `isWanted` is asked before this is said
   * @returns {boolean} false if nothing here can say it
   */
  say(text, { voice = '', rate = RATE.usual, interrupt = true, isWanted = () => true } = {}) {
    const { synthesis } = this;
    if (!synthesis || this.muted || !text.trim()) return false;
    if (!chooseVoice(synthesis.getVoices(), voice, this.language)) return false;
    const wish = { text, voice, rate, isWanted };
    if (this.speaking && !interrupt) this.next = wish;
    // The same word again while it is still being said would be a stutter.
    else if (this.speaking?.text === text) this.next = null;
    else {
      this.next = null;
      if (this.speaking) this.hush();
      this.begin(wish);
    }
    return true;
  }

  /** @param {{text: string, voice: string, rate: number}} wish */
  begin({ text, voice, rate }) {
    const { synthesis } = this;
    if (!synthesis) return;
    const chosen = chooseVoice(synthesis.getVoices(), voice, this.language);
    if (!chosen) return;
    const utterance = this.utter(text);
    utterance.voice = chosen;
    utterance.lang = chosen.lang;
    utterance.rate = Math.min(RATE.max, Math.max(RATE.min, rate));
    utterance.volume = this.volume;
    const done = () => {
      // The end of one that was cut off comes after another has begun.
      if (this.speaking !== utterance) return;
      this.speaking = null;
      const { next } = this;
      this.next = null;
      if (next?.isWanted()) this.begin(next);
    };
    utterance.onend = done;
    utterance.onerror = done;
    this.speaking = utterance;
    // Some browsers stay paused for ever after a page was hidden.
    synthesis.resume();
    synthesis.speak(utterance);
  }

  hush() {
    this.speaking = null;
    this.synthesis?.cancel();
  }

  /** Be silent at once. */
  stop() {
    this.next = null;
    if (this.speaking) this.hush();
  }
}
