"""The synthesiser in a real browser, rendered without a loudspeaker and measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

NAMES = (
    *("marimba", "bell", "pluck", "flute", "organ"),
    *("bass", "drum", "shaker", "blip", "brass"),
)

#: JavaScript: `render(seconds, play)` gives the samples of what `play(synth)` plays.
RENDER = """
  const { Synth, INSTRUMENTS, RELEASE, lengthOf } = await import('/static/js/outputs/synth.js');
  const RATE = 44100;
  const render = async (seconds, play) => {
    const context = new OfflineAudioContext(1, Math.ceil(seconds * RATE), RATE);
    const synth = new Synth({ context });
    synth.volume = 1;
    play(synth, context);
    return { samples: (await context.startRendering()).getChannelData(0), synth };
  };
  const measure = (samples, from = 0, to = samples.length) => {
    let [peak, square, step, finite] = [0, 0, 0, true];
    for (let i = from; i < to; i++) {
      finite &&= Number.isFinite(samples[i]);
      peak = Math.max(peak, Math.abs(samples[i]));
      square += samples[i] ** 2;
      if (i > from) step = Math.max(step, Math.abs(samples[i] - samples[i - 1]));
    }
    return { peak, rms: Math.sqrt(square / Math.max(1, to - from)), step, finite };
  };
"""


@pytest.fixture(scope="module")
def page(launch: Callable[..., Browser], harness_port: int) -> Iterator[Page]:
    """A page with nothing on it, which may import the modules."""
    browser = launch("--autoplay-policy=user-gesture-required")
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{harness_port}/tests/browser/pages/blank.html")
    yield page
    page.close()


def run(page: Page, body: str, argument: object = None) -> object:
    """Run JavaScript with `render` and `measure` at hand."""
    return page.evaluate(f"async (argument) => {{ {RENDER} {body} }}", argument)


def test_there_are_ten_instruments_with_titles(page: Page) -> None:
    names, titles = run(
        page,
        """const { TITLES } = await import('/static/js/outputs/synth.js');
        return [Object.keys(INSTRUMENTS), Object.keys(TITLES)];""",
    )
    assert tuple(names) == NAMES
    assert sorted(titles) == sorted(NAMES)


def test_every_instrument_is_heard_within_bounds_and_ends_in_time(page: Page) -> None:
    found = run(
        page,
        """const found = [];
        for (const instrument of Object.keys(INSTRUMENTS)) {
          for (const note of [36, 60, 84]) for (const duration of [0.05, 0.5]) {
            const end = duration + RELEASE[instrument];
            const { samples } = await render(end + 0.2, (synth) =>
              synth.play([{ instrument, note, at: 0, duration, gain: 1 }]));
            // The compressor looks 6 ms ahead.
            const over = Math.ceil((end + 0.01) * RATE);
            found.push({ instrument, note, duration, whole: measure(samples),
              first: measure(samples, 0, RATE / 10 | 0), after: measure(samples, over) });
          }
        }
        return found;""",
    )
    for sound in found:
        what = f"{sound['instrument']} {sound['note']} for {sound['duration']} s: {sound}"
        assert sound["whole"]["finite"], what
        assert 0.05 < sound["whole"]["peak"] < 1, what
        assert sound["first"]["rms"] > 0.005, what
        assert sound["after"]["peak"] < 1e-4, what
        # No jump at the end: it has died away before its sources stop.
    assert len(found) == len(NAMES) * 6


def test_fifty_loud_notes_at_once_are_pressed_together_not_cut_off(page: Page) -> None:
    sound = run(
        page,
        """const names = Object.keys(INSTRUMENTS);
        const notes = Array.from({ length: 50 }, (_, i) =>
          ({ instrument: names[i % 10], note: 36 + i, at: 0, duration: 0.4, gain: 1 }));
        const { samples } = await render(1, (synth) => synth.play(notes));
        return measure(samples);""",
    )
    assert sound["finite"]
    assert 0.3 < sound["peak"] < 1


def test_held_notes_start_and_stop_without_a_click(page: Page) -> None:
    """A click is a step far larger than any of the tone's own."""
    found = run(
        page,
        """const found = [];
        for (const instrument of ['flute', 'organ', 'marimba', 'bell']) {
          const { samples } = await render(1.2, (synth, context) => {
            synth.play([{ instrument, note: 60, at: 0.1, duration: 0.8, gain: 1 }]);
            context.suspend(0.5).then(() => { synth.stop(); context.resume(); });
          });
          const at = (s) => s * RATE | 0;
          found.push({ instrument, tone: measure(samples, at(0.25), at(0.45)).step,
            stop: measure(samples, at(0.5), at(0.6)).step,
            after: measure(samples, at(0.62)).peak });
        }
        return found;""",
    )
    for sound in found:
        assert sound["stop"] < sound["tone"] * 1.3, sound
        assert sound["after"] < 1e-3, sound


def test_the_same_notes_sound_the_same_each_time(page: Page) -> None:
    apart = run(
        page,
        """const notes = Object.keys(INSTRUMENTS).map((instrument, i) =>
          ({ instrument, note: 60, at: i * 0.1, duration: 0.1, gain: 0.7 }));
        const play = (synth) => synth.play(notes);
        const [a, b] = [await render(1, play), await render(1, play)];
        return a.samples.reduce(
          (far, value, i) => Math.max(far, Math.abs(value - b.samples[i])), 0);""",
    )
    # Browsers add up what meets in a node in any order.
    assert apart < 1e-4


def test_strings_and_flutes_are_in_tune(page: Page) -> None:
    """The strongest autocorrelation near the period must be within 10 cents of the note."""
    cents = run(
        page,
        """const found = {};
        for (const instrument of ['marimba', 'pluck', 'flute', 'organ', 'brass']) {
          for (const note of [48, 60, 72]) {
            const { samples } = await render(0.9, (synth) =>
              synth.play([{ instrument, note, at: 0, duration: 0.8, gain: 0.8 }]));
            const part = samples.subarray(RATE * 0.12 | 0, RATE * 0.45 | 0);
            const f = 440 * 2 ** ((note - 69) / 12);
            const like = (lag) => {
              const whole = Math.floor(lag);
              const rest = lag - whole;
              let sum = 0;
              for (let i = 0; i + lag + 1 < part.length - 400; i++) {
                sum += part[i] * (part[i + whole] * (1 - rest) + part[i + whole + 1] * rest);
              }
              return sum;
            };
            let [best, at] = [-Infinity, 0];
            // Over four periods, for a finer answer.
            for (let c = -40; c <= 40; c += 2) {
              const value = like(4 * RATE / (f * 2 ** (c / 1200)));
              if (value > best) [best, at] = [value, c];
            }
            found[instrument + note] = at;
          }
        }
        return found;""",
    )
    assert max(abs(c) for c in cents.values()) <= 10, cents


def test_there_is_no_sound_and_no_context_before_a_gesture(page: Page) -> None:
    before = run(
        page,
        """globalThis.live = new Synth();
        const heard = live.play([{ instrument: 'bell', note: 60, at: 0, duration: 1, gain: 1 }]);
        return [live.context, live.ready, heard, live.voices];""",
    )
    assert before == [None, False, 0, 0]
    page.evaluate(
        """() => {
          const button = document.createElement('button');
          button.textContent = 'sound';
          button.onclick = async () => { globalThis.went = await live.resume(); };
          document.body.append(button);
        }"""
    )
    page.get_by_role("button", name="sound").click()
    page.wait_for_function("globalThis.went === true")
    assert page.evaluate("live.context.state") == "running"


def test_voices_are_bounded_and_all_nodes_go_when_they_end(page: Page) -> None:
    page.evaluate(
        """async () => {
          const { Synth } = await import('/static/js/outputs/synth.js');
          globalThis.synth = new Synth();
        }"""
    )
    page.mouse.click(1, 1)
    page.keyboard.press("a")
    most = page.evaluate(
        """async () => {
          await synth.resume();
          let most = [0, 0];
          for (let i = 0; i < 300; i++) {
            const note = 40 + (i % 40);
            synth.play([{ instrument: 'marimba', note, at: 0, duration: 0.02, gain: 0.3 }]);
            most = [Math.max(most[0], synth.voices), Math.max(most[1], synth.nodes)];
          }
          return most;
        }"""
    )
    assert most[0] == 48
    assert most[1] < 48 * 15
    page.wait_for_function("synth.voices === 0 && synth.nodes === 0")
    page.evaluate("synth.close()")
    assert page.evaluate("synth.play([{instrument:'bell',note:60,at:0,duration:1,gain:1}])") == 0
