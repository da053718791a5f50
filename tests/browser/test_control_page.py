"""Making a controller: taught by showing, bound, tuned, measured; and all of it remembered."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator

import pytest
from person import KINDS, Person, albums, as_jpeg
from playwright.sync_api import Browser, Page, expect

from tools.live_camera import LiveCamera, frame

CREATE = """async (labels) => {
  const { Session } = await import('/static/js/store/session.js');
  const session = await Session.create({ name: 'Gestures', labels, live: false });
  await session.close();
  return session.id;
}"""
FLUSH = "document.querySelector('st-control').recogniser.session.flush()"
#: As people are asked, but faster.
HURRY = """() => Object.assign(document.querySelector('st-control'), {
  pace: { teaching: { first: 900, next: 700, second: 700, record: 700 }, times: 2 },
})"""
SAMPLES = "document.querySelector('st-control').recogniser.session.samples.size"
SETTINGS = "document.querySelector('st-control').recogniser.session.settings"


def made(page: Page, *labels: str) -> str:
    page.goto("/")
    return page.evaluate(CREATE, list(labels))


def opened(page: Page, project: str, game: str = "pong") -> None:
    page.goto(f"/control/{project}?game={game}")
    expect(page.get_by_test_id("teach")).to_be_enabled(timeout=60_000)
    page.evaluate(HURRY)


def bound(page: Page, action: str) -> list[str]:
    """Returns the names of the classes in a bay."""
    return page.locator(f'[data-testid=bay][data-action="{action}"] .chip-name').all_inner_texts()


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> LiveCamera:
    """What the browser looks through."""
    path = tmp_path_factory.mktemp("camera") / "live.mjpeg"
    return LiveCamera(path, frame(albums()["teach"]["nothing"][0]))


@pytest.fixture(scope="module")
def browser(launch: Callable[..., Browser], camera: LiveCamera) -> Browser:
    """A browser with that camera."""
    return launch(*camera.flags)


@pytest.fixture
def person(camera: LiveCamera) -> Iterator[Person]:
    """Somebody before the camera."""
    found = albums()
    both = {kind: [*found["teach"][kind], *found["ask"][kind]] for kind in KINDS}
    somebody = Person(camera, both)
    yield somebody
    somebody.leave()


@pytest.fixture
def player(watch: Callable[..., Page], browser: Browser, person: Person) -> Page:
    """A page before whose camera somebody sits who does what is asked."""
    page = watch(browser)
    person.follow(page)
    return page


def test_a_gesture_is_taught_measured_and_still_there_after_a_reload(player, person):
    page = player
    project = made(page, "Class 1", "Class 2")
    opened(page, project)
    expect(page.get_by_test_id("calibrate")).to_be_disabled()
    page.get_by_test_id("teach").click()
    asked = page.get_by_test_id("prompt")
    expect(asked).to_have_attribute("data-asked", "left")
    expect(asked).to_have_attribute("data-phase", "recording")
    expect(page.get_by_test_id("part-teach")).to_have_attribute(
        "data-phase", "done", timeout=90_000
    )
    # The classes that a new project has were named, the one that was missing was made.
    assert [bound(page, action) for action in ("left", "right", "")] == [
        ["Left"], ["Right"], ["Nothing"]
    ]  # fmt: skip
    bursts = page.evaluate("""() => {
      const { session } = document.querySelector('st-control').recogniser;
      return session.classes.map(({ id }) => {
        const samples = session.samplesOf(id);
        return [samples.length, new Set(samples.map(({ burst }) => burst)).size];
      });
    }""")
    assert [n for _, n in bursts] == [2, 2, 2] and min(n for n, _ in bursts) >= 12

    page.get_by_test_id("calibrate").click()
    result = page.get_by_test_id("calibration-result")
    expect(result).to_be_visible(timeout=90_000)
    accuracy = float(result.get_attribute("data-accuracy") or 0)
    assert accuracy >= 0.66, result.inner_text()
    expect(page.get_by_test_id("median")).to_have_text(re.compile(r"^\d+ ms$"))
    assert 0 < float(result.get_attribute("data-median") or 0) < 3000
    page.locator(".confusion summary").click()
    rows = page.locator("[data-testid=confusion] tbody tr")
    expect(rows).to_have_count(3)
    counts = [[int(cell) for cell in row.locator("td").all_inner_texts()[:3]] for row in rows.all()]
    assert [sum(row) for row in counts] == [2, 2, 2]
    assert sum(counts[i][i] for i in range(3)) == round(accuracy * 6)

    # Which picture is before the camera decides, with nobody asking.
    person.show("right")
    expect(page.get_by_test_id("decided")).to_have_attribute("data-action", "right")
    person.show("nothing")
    expect(page.get_by_test_id("decided")).to_have_attribute("data-action", "")

    page.evaluate(FLUSH)
    page.reload()
    expect(page.get_by_test_id("calibrated")).to_contain_text(f"{round(accuracy * 100)}% right")
    assert bound(page, "left") == ["Left"] and bound(page, "right") == ["Right"]
    stored = page.evaluate(f"() => {SETTINGS}.play")
    assert stored["calibration"]["game"] == "pong"
    assert stored["calibration"]["accuracy"] == pytest.approx(accuracy)
    page.get_by_test_id("go-play").click()
    page.wait_for_url(f"**/play/pong?project={project}")


TRAIN = """async (pictures) => {
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const { session, engine, api } = document.querySelector('st-control').recogniser;
  for (const { id, label } of session.classes) {
    for (const text of pictures[label.toLowerCase()]) {
      const taken = await engine.capture(await createImageBitmap(new Blob([bytes(text)])));
      session.addSamples(id, [taken]);
    }
  }
  if (!(await session.save())) throw session.status.problem;
  let job = await api.startTraining(session.id, { recipe: 'linear' });
  while (['queued', 'running'].includes(job.state)) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    job = await api.job(job.id);
  }
  if (job.state !== 'done') throw new Error(JSON.stringify(job.problem));
  localStorage.setItem(`showtell.classifier.${session.id}`, job.classifier_id);
}"""


def test_the_classifier_that_answered_last_steers_too(player, person):
    page = player
    project = made(page, "Left", "Right", "Nothing")
    opened(page, project)
    taught = {
        kind: [base64.b64encode(as_jpeg(picture)).decode() for picture in album[:8]]
        for kind, album in albums()["teach"].items()
    }
    page.evaluate(TRAIN, taught)
    page.reload()
    expect(page.locator(".decision")).to_contain_text("Logistic regression", timeout=60_000)
    for kind, action in (("left", "left"), ("right", "right"), ("nothing", ""), ("left", "left")):
        person.show(kind)
        expect(page.get_by_test_id("decided")).to_have_attribute("data-action", action)
    # In the teach page somebody goes back to the quick learner: it answers here as well.
    page.evaluate("() => document.querySelector('st-control').recogniser.useClassifier(null)")
    expect(page.locator(".decision")).to_contain_text("Quick learner")
    expect(page.get_by_test_id("decided")).to_have_attribute("data-action", "left")


def test_what_does_what_is_chosen_by_list_by_dragging_and_undone(player):
    page = player
    project = made(page, "Links", "Rechts", "Nichts", "Cup")
    opened(page, project)
    assert [bound(page, action) for action in ("left", "right", "")] == [
        ["Links"], ["Rechts"], ["Nichts", "Cup"]
    ]  # fmt: skip
    page.get_by_label("What Cup does").select_option("right")
    expect(page.locator('[data-testid=bay][data-action="right"] .chip-name')).to_have_count(2)
    expect(page.get_by_label("What Cup does")).to_be_focused()
    page.get_by_test_id("bind-chip").filter(has_text="Links").drag_to(
        page.locator('[data-testid=bay][data-action=""]')
    )
    expect(page.locator('[data-testid=bay][data-action="left"] .chip-name')).to_have_count(0)
    assert bound(page, "") == ["Links", "Nichts"]
    expect(page.locator(".bind-chip.fixed")).to_have_text("None of these")
    assert page.locator(".bind-chip.fixed select").count() == 0
    page.get_by_test_id("undo").click()
    expect(page.locator('[data-testid=bay][data-action="left"] .chip-name')).to_have_count(1)
    # Another game begins with what this one has; the whole is there in the next visit.
    page.get_by_test_id("choose-game").select_option("maze")
    assert bound(page, "right") == ["Rechts", "Cup"]
    page.get_by_test_id("choose-scheme").select_option("four")
    expect(page.get_by_test_id("bay")).to_have_count(5)
    page.evaluate(FLUSH)
    page.reload()
    expect(page.get_by_test_id("choose-scheme")).to_have_value("four")
    assert bound(page, "right") == ["Rechts", "Cup"]


def test_tuning_says_what_it_costs_and_goes_back(player):
    page = player
    opened(page, made(page, "Left", "Right"))
    page.evaluate("""async () => {
      const { session } = document.querySelector('st-control').recogniser;
      // One example of each will do to have something to tune.
      const { engine, eyes } = document.querySelector('st-control').recogniser;
      const picture = await createImageBitmap(eyes.source.element);
      const { embedding, fingerprint, jpeg } = await engine.capture(picture);
      for (const { id } of session.classes) {
        session.addSamples(id, [{ jpeg, embedding, fingerprint }]);
      }
    }""")
    page.locator("details.tune summary").click()
    smoothing = page.get_by_test_id("smoothing_ms")
    text = page.locator("label", has=smoothing).locator("small")
    smoothing.fill("0")
    expect(text).to_have_text("Every picture counts by itself: quick, and nervous.")
    smoothing.fill("300")
    expect(text).to_have_text(re.compile(r"adds about [2-4]\d\d ms"))
    page.get_by_test_id("on-left").fill("0.8")
    page.get_by_test_id("off-left").fill("0.9")
    expect(page.locator("[data-testid=levels] [data-action=left] [role=img]")).to_have_attribute(
        "aria-label", "Left begins at 80% and ends below 80%"
    )
    control = page.evaluate(f"() => {SETTINGS}.play.control")
    assert control == {"smoothing_ms": 300, "thresholds": {"left": {"on": 0.8, "off": 0.8}}}, (
        json.dumps(control)
    )
    page.get_by_test_id("reset-control").click()
    expect(smoothing).to_have_value("60")
    expect(page.get_by_test_id("reset-control")).to_be_disabled()


def test_teaching_can_be_redone_and_stopped_and_measuring_cancelled(player):
    page = player
    opened(page, made(page))
    # Nothing goes on by itself between two moves: this test presses the buttons in its own time.
    page.evaluate("document.querySelector('st-control').pace.teaching.next = 60000")
    page.get_by_test_id("teach").click()
    asked = page.get_by_test_id("prompt")
    expect(asked).to_have_attribute("data-asked", "right")
    first = page.evaluate(SAMPLES)
    assert first > 4
    page.get_by_test_id("teach-again").click()
    expect(asked).to_have_attribute("data-asked", "left")
    # What was recorded first is gone; what is recorded now takes its place.
    assert page.evaluate(SAMPLES) == 0
    page.evaluate("document.querySelector('st-control').teaching.times.next = 500")
    page.get_by_test_id("teach-again").click()
    expect(asked).to_have_attribute("data-asked", "right")
    expect(asked).to_have_attribute("data-phase", "recording")
    page.get_by_test_id("teach-stop").click()
    expect(asked).to_have_count(0)
    expect(page.get_by_test_id("part-teach")).to_have_attribute("data-phase", "stopped")
    expect(page.get_by_test_id("calibrate")).to_be_enabled()
    page.get_by_test_id("calibrate").click()
    expect(asked).to_have_attribute("data-phase", "question")
    page.get_by_test_id("calibrate-cancel").click()
    expect(asked).to_have_count(0)
    assert page.get_by_test_id("calibration-result").count() == 0
    assert page.evaluate(f"() => {SETTINGS}.play.calibration ?? null") is None
