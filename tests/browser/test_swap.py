"""Trained classifiers, swapped into the running page: the same numbers as in Python."""

from __future__ import annotations

import base64
import io
import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Page, expect
from scenes import GREEN, blue, red, scene
from steps import READY, card, expect_samples

#: What is trained, each once, for all tests here: recipe, options, kind of its model.
TRAINED = {
    "linear": ({}, "dense"),
    "head": ({"epochs": 5}, "dense"),
    "knn": ({"k": 3, "metric": "l2"}, "neighbours"),
    "convnet": ({"epochs": 2, "size": 32}, "network"),
}
#: How far a probability in the page may be from Python's.
TOLERANCE = 1e-3


class Server:
    """The API of a real server, as far as these tests need it."""

    def __init__(self, url: str):
        self.url = url

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> Any:
        headers = {"Content-Type": kind} if kind else {}
        request = Request(
            f"{self.url}/api/v1{path}", data=body or None, method=method, headers=headers
        )
        try:
            with urlopen(request, timeout=60) as answer:
                data = answer.read()
        except HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read()[:500]!r}") from error
        return json.loads(data) if data[:1] in (b"{", b"[") else data

    def json(self, method: str, path: str, document: Any) -> Any:
        return self.ask(method, path, json.dumps(document).encode(), "application/json")

    def upload(self, path: str, files: list[bytes], **fields: str) -> Any:
        edge = uuid.uuid4().hex
        out = io.BytesIO()
        for name, value in fields.items():
            out.write(f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode())
            out.write(f"{value}\r\n".encode())
        for i, data in enumerate(files):
            head = f'Content-Disposition: form-data; name="file"; filename="{i}.jpg"'
            out.write(f"--{edge}\r\n{head}\r\nContent-Type: image/jpeg\r\n\r\n".encode())
            out.write(data + b"\r\n")
        out.write(f"--{edge}--\r\n".encode())
        return self.ask("POST", path, out.getvalue(), f"multipart/form-data; boundary={edge}")

    def finish(self, job: Any) -> Any:
        """Waits for the end of a job and returns its classifier."""
        deadline = time.monotonic() + 120
        while job["state"] in ("queued", "running"):
            assert time.monotonic() < deadline, f"still {job['state']} after two minutes"
            time.sleep(0.05)
            job = self.ask("GET", f"/jobs/{job['id']}")
        assert job["state"] == "done", job["problem"]
        return self.ask("GET", f"/classifiers/{job['classifier_id']}")


@pytest.fixture(scope="module")
def api(ui_server: Any) -> Server:
    return Server(ui_server.url)


def make_project(api: Server, labels: tuple[str, str] = ("red", "blue")) -> Any:
    """Makes a project that has learned six red discs and six blue squares."""
    made = api.json("POST", "/projects", {"name": "Discs", "labels": labels})
    for label, picture in zip(labels, (red, blue), strict=True):
        files = [picture(9 * i)["buffer"] for i in range(6)]
        api.upload(f"/projects/{made['id']}/samples", files, label=label)
    return api.ask("GET", f"/projects/{made['id']}")


@pytest.fixture(scope="module")
def project(api: Server) -> Any:
    """A project that no test changes."""
    return make_project(api)


@pytest.fixture(scope="module")
def trained(api: Server, project: Any) -> Any:
    """Trains each recipe once: recipe -> classifier."""
    jobs = {
        recipe: api.json(
            "POST",
            f"/projects/{project['id']}/trainings",
            {"recipe": recipe, "options": options},
        )
        for recipe, (options, _) in TRAINED.items()
    }
    return {recipe: api.finish(job) for recipe, job in jobs.items()}


@pytest.fixture(scope="module")
def squares(api: Server, project: Any) -> list[bytes]:
    """Stored squares: three that were learned, and what no class is like."""
    items = api.ask("GET", f"/projects/{project['id']}/samples")["items"]
    stored = [api.ask("GET", f"/samples/{item['id']}/image") for item in items[::4]]
    strange = api.json("POST", "/projects", {"name": "Strange", "labels": ["green"]})
    found = api.upload(
        f"/projects/{strange['id']}/samples", [scene(GREEN, "disc", 40)], label="green"
    )
    return [*stored, api.ask("GET", f"/samples/{found['items'][0]['id']}/image")]


#: An engine of the page's own code on a page that has none, and what tests ask it.
ENGINE = """
async ([project, options]) => {
  const { Engine } = await import('/static/js/vision/engine.js');
  const { Api } = await import('/static/js/net/api.js');
  window.api = new Api();
  window.engine = await Engine.create(options);
  const [backbone] = (await api.backbones()).filter(({ name }) => name === project.backbone);
  await engine.load(backbone);
  const classes = project.classes.map(({ id }) => id);
  await engine.setClasses(classes);
  const { ids, vectors } = await api.embeddings(project.id, backbone.fingerprint);
  const { items } = await api.samples(project.id);
  const classOf = new Map(items.map((item) => [item.id, item.class_id]));
  await engine.setExamples(ids.map((id) => ({ id, classId: classOf.get(id), group: id })), vectors);
  window.blobOf = (text) =>
    new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], { type: 'image/jpeg' });
  window.sourceOf = async ({ id, model }) => model.kind === 'network'
    ? { url: api.networkUrl(id) } : { weights: await api.classifierWeights(id) };
  window.use = async (classifier) =>
    engine.useClassifier(classifier, classifier ? await sourceOf(classifier) : {});
  window.says = async (text, options) => {
    const { result, other } = await engine.lookStored(blobOf(text), options);
    const plain = (r) => r && { by: r.by, value: r.value, none: r.none, scores: [...r.scores],
      shown: [...r.shown], label: r.label, neighbours: r.neighbours.length };
    return { result: plain(result), other: plain(other) };
  };
}
"""


@pytest.fixture
def page(watch: Callable[..., Page], ui_browser: Browser, project: Any) -> Iterator[Page]:
    """A quiet page of the server with an engine that knows the project's examples."""
    page = watch(ui_browser)
    page.goto("/")
    page.evaluate(ENGINE, [project, {}])
    yield page
    page.evaluate("engine.dispose()")


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def in_python(api: Server, classifier: Any, square: bytes) -> list[float]:
    """The probabilities of Python about a stored square, in the order of the project's classes."""
    (item,) = api.upload(f"/classifiers/{classifier['id']}/predict", [square])["items"]
    by_class = {score["class_id"]: score["score"] for score in item["scores"]}
    return [by_class[c["id"]] for c in classifier["classes"]]


@pytest.mark.parametrize("recipe", TRAINED)
def test_a_trained_classifier_gives_the_probabilities_of_python_and_the_knn_comes_back(
    page: Page, api: Server, trained: Any, squares: list[bytes], recipe: str
) -> None:
    classifier = trained[recipe]
    assert classifier["model"]["kind"] == TRAINED[recipe][1]
    before = [page.evaluate("says", text(square)) for square in squares]
    assert [answer["result"]["by"] for answer in before] == [None] * len(squares)
    page.evaluate("use", classifier)
    for square, knn in zip(squares, before, strict=True):
        found = page.evaluate("([text]) => says(text, { compare: true })", [text(square)])
        expected = in_python(api, classifier, square)
        assert found["result"]["scores"] == pytest.approx(expected, abs=TOLERANCE)
        assert found["result"]["shown"] == found["result"]["scores"]
        assert found["result"]["by"] == classifier["id"]
        assert found["result"]["value"] is None
        assert found["other"] == knn["result"], "the KNN goes on, and answers the same frame"
        alone = page.evaluate("says", text(square))
        assert alone["other"] is None
        assert alone["result"]["scores"] == pytest.approx(found["result"]["scores"], abs=1e-6)
    page.evaluate("use", None)
    assert [page.evaluate("says", text(square)) for square in squares] == before


def test_swapping_leaks_no_tensor_and_50_predictions_leave_none(
    page: Page, trained: Any, squares: list[bytes]
) -> None:
    counts = page.evaluate(
        """async ({ trained, square }) => {
          const count = async () => {
            const { numTensors, numBytes } = await engine.memory();
            return [numTensors, numBytes];
          };
          await says(square);
          const counts = { before: await count(), swaps: [] };
          for (let round = 0; round < 2; round++) {
            for (const classifier of trained) {
              await use(classifier);
              await says(square, { compare: true });
              const first = await count();
              for (let i = 0; i < 25; i++) await says(square, { compare: i % 2 === 0 });
              counts.swaps.push({ first, last: await count() });
            }
          }
          await use(null);
          counts.after = await count();
          return counts;
        }""",
        {"trained": list(trained.values()), "square": text(squares[0])},
    )
    assert counts["after"] == counts["before"]
    assert all(swap["first"] == swap["last"] for swap in counts["swaps"])
    assert max(swap["first"][0] for swap in counts["swaps"]) > counts["before"][0], "a second one"


def test_a_swap_happens_between_two_frames_and_leaves_the_page_free(
    page: Page, trained: Any, squares: list[bytes]
) -> None:
    found = page.evaluate(
        """async ({ trained, square }) => {
          const tasks = [];
          new PerformanceObserver((list) => {
            for (const { duration } of list.getEntries()) tasks.push(duration);
          }).observe({ type: 'longtask' });
          const bitmap = () => createImageBitmap(blobOf(square));
          await engine.look(await bitmap());
          let running = true;
          const by = [];
          const frames = (async () => {
            while (running) by.push((await engine.look(await bitmap())).result.by);
          })();
          for (const classifier of [...trained, null]) {
            await use(classifier);
            const from = by.length;
            while (by.length < from + 3) await engine.memory();
          }
          running = false;
          await frames;
          return { tasks, by };
        }""",
        {"trained": list(trained.values()), "square": text(squares[0])},
    )
    order = [name for i, name in enumerate(found["by"]) if i == 0 or found["by"][i - 1] != name]
    assert order == [None, *(c["id"] for c in trained.values()), None]
    assert found["tasks"] == []


def test_a_regression_gives_the_value_of_python(
    watch: Callable[..., Page], ui_browser: Browser, api: Server, squares: list[bytes]
) -> None:
    project = make_project(api, ("10", "2.5"))
    path = f"/projects/{project['id']}/trainings"
    regression = api.finish(api.json("POST", path, {"recipe": "regression"}))
    page = watch(ui_browser)
    page.goto("/")
    page.evaluate(ENGINE, [project, {}])
    page.evaluate("use", regression)
    for square in squares:
        (item,) = api.upload(f"/classifiers/{regression['id']}/predict", [square])["items"]
        found = page.evaluate("says", text(square))["result"]
        assert found["value"] == pytest.approx(item["value"], abs=TOLERANCE)
        assert found["shown"] == [0, 0]
    page.evaluate("engine.dispose()")
    teach = open_teaching(page, project)
    send(teach, "use-classifier", regression["id"])
    expect(teach.get_by_test_id("winner").last).to_have_text(re.compile(r"^-?[\d.]+$"))
    send(teach, "use-classifier", None)
    expect(teach.get_by_test_id("winner").last).to_have_text(re.compile("^(10|2.5|None of these)$"))


def rejection(page: Page, script: str, argument: Any) -> dict[str, str]:
    """What a promise is rejected with."""
    return page.evaluate(
        "async (argument) => { try { await (" + script + ")(argument); return null; }"
        " catch ({ name, message }) { return { name, message }; } }",
        argument,
    )


def test_what_cannot_answer_is_refused_and_what_answered_goes_on(
    page: Page, trained: Any, squares: list[bytes]
) -> None:
    linear, knn, convnet = trained["linear"], trained["knn"], trained["convnet"]
    page.evaluate("use", linear)
    other = {**linear["backbone"], "name": "owl_eyes", "fingerprint": "0" * 64}
    refused = rejection(page, "use", {**linear, "backbone": other})
    assert refused["name"] == "OtherEyes"
    assert "trained with the eyes owl_eyes" in refused["message"]
    assert "Change the eyes, or train again" in refused["message"]
    refused = rejection(page, "use", {**knn, "model": {**knn["model"], "pixels": 32}})
    assert refused["name"] == "NotInPage"
    assert "raw pixels" in refused["message"]
    wrong = {**convnet["model"], "input_size": 33}
    refused = rejection(page, "use", {**convnet, "model": wrong})
    assert "expected [n, 33, 33, 3]" in refused["message"]
    script = "(c) => engine.useClassifier(c, { weights: new ArrayBuffer(3) })"
    assert "Not a safetensors file" in rejection(page, script, linear)["message"]
    assert page.evaluate("says", text(squares[0]))["result"]["by"] == linear["id"]
    # Of two wishes the later holds, though the earlier takes longer.
    script = """async ([slow, quick]) => {
      const weights = await api.classifierWeights(quick.id);
      const first = engine.useClassifier(slow, { url: api.networkUrl(slow.id) });
      await engine.useClassifier(quick, { weights });
      await first;
    }"""
    assert rejection(page, script, [convnet, knn])["name"] == "AbortError"
    assert page.evaluate("says", text(squares[0]))["result"]["by"] == knn["id"]


def test_classes_that_moved_or_came_later_keep_their_scores_by_id(
    page: Page, api: Server, trained: Any, squares: list[bytes]
) -> None:
    linear = trained["linear"]
    red_id, blue_id = (c["id"] for c in linear["classes"])
    p, q = in_python(api, linear, squares[0])
    page.evaluate("use", linear)
    page.evaluate("ids => engine.setClasses(ids)", ["new", blue_id, red_id])
    assert page.evaluate("says", text(squares[0]))["result"]["shown"] == pytest.approx(
        [0, q, p], abs=TOLERANCE
    )
    page.evaluate("ids => engine.setClasses(ids)", [blue_id])
    found = page.evaluate("says", text(squares[0]))["result"]
    assert [*found["shown"], found["none"]] == pytest.approx([q, p], abs=TOLERANCE)


def test_other_eyes_leave_a_trained_classifier_behind_and_say_so(
    page: Page, trained: Any, squares: list[bytes]
) -> None:
    page.evaluate("use", trained["linear"])
    told = page.evaluate(
        """async () => {
          const told = [];
          const tell = ({ detail }) => told.push(detail.classifier);
          engine.addEventListener('classifier', tell);
          const spare = engine.spare();
          await spare.load(engine.backbone);
          engine.adopt(spare);
          return [told, engine.classifier];
        }"""
    )
    assert told == [[None], None]
    assert page.evaluate("says", text(squares[0]))["result"] is None, "it has no examples yet"
    page.evaluate("use", trained["convnet"])
    assert page.evaluate("says", text(squares[0]))["result"]["by"] == trained["convnet"]["id"]
    page.evaluate("engine.load(engine.backbone)")
    assert page.evaluate("engine.classifier") is None
    assert page.evaluate("says", text(squares[0]))["result"] is None


def test_when_the_graphics_card_is_lost_a_trained_network_goes_on_too(
    watch: Callable[..., Page],
    launch: Callable[..., Browser],
    api: Server,
    project: Any,
    trained: Any,
    squares: list[bytes],
) -> None:
    drawn_by_the_processor = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
    page = watch(launch(*drawn_by_the_processor, "--ignore-gpu-blocklist"))
    page.goto("/")
    page.evaluate(ENGINE, [project, {"backend": "webgl"}])
    assert page.evaluate("engine.backend") == "webgl"
    page.evaluate("use", trained["convnet"])
    expected = in_python(api, trained["convnet"], squares[0])
    on_the_card = page.evaluate("says", text(squares[0]))["result"]["scores"]
    assert on_the_card == pytest.approx(expected, abs=TOLERANCE)
    page.evaluate(
        "() => { window.lost = new Promise((resolve) =>"
        " engine.addEventListener('backend', ({ detail }) => resolve(detail.backend))); }"
    )
    page.workers[0].evaluate(
        """async () => {
          const { gl } = (await import('/static/vendor/tf.js')).backend().getGPGPUContext();
          gl.getExtension('WEBGL_lose_context').loseContext();
        }"""
    )
    assert page.evaluate("lost") == "wasm"
    after = page.evaluate("says", text(squares[0]))["result"]
    assert after["by"] == trained["convnet"]["id"]
    assert after["scores"] == pytest.approx(expected, abs=TOLERANCE)
    page.evaluate("engine.dispose()")


def open_teaching(page: Page, project: Any) -> Page:
    """Opens a project's teach page and waits until it can be taught."""
    page.goto(f"/teach/{project['id']}")
    page.wait_for_selector(READY)
    expect_samples(page, 0, 6)
    return page


def send(page: Page, event: str, detail: Any) -> None:
    """Sends an event as a component would."""
    page.evaluate(
        "([name, detail]) => document.querySelector('st-teach')"
        ".dispatchEvent(new CustomEvent(name, { detail }))",
        [event, detail],
    )


def test_use_this_one_survives_a_reload_and_is_compared_on_the_live_camera(
    watch: Callable[..., Page], ui_browser: Browser, project: Any, trained: Any
) -> None:
    teach = open_teaching(watch(ui_browser), project)
    answerer = teach.get_by_test_id("answerer")
    expect(answerer).to_have_attribute("data-id", "")
    for recipe in ("linear", "convnet"):
        send(teach, "use-classifier", trained[recipe]["id"])
        expect(answerer).to_have_attribute("data-id", trained[recipe]["id"])
    expect(teach.get_by_test_id("winner").first).not_to_be_empty()
    teach.reload()
    teach.wait_for_selector(READY)
    expect(answerer).to_have_attribute("data-id", trained["convnet"]["id"])
    send(teach, "use-classifier", trained["linear"]["id"])
    expect(answerer).to_have_attribute("data-id", trained["linear"]["id"])
    send(teach, "compare", True)
    expect(teach.get_by_test_id("agreement")).to_contain_text("frames")
    send(teach, "use-classifier", None)
    expect(answerer).to_have_attribute("data-id", "")
    expect(teach.get_by_test_id("compare")).to_have_count(0)
    teach.reload()
    teach.wait_for_selector(READY)
    expect(answerer).to_have_attribute("data-id", "")


def test_a_project_that_goes_on_is_said_and_trained_again(
    watch: Callable[..., Page], ui_browser: Browser, api: Server
) -> None:
    project = make_project(api)
    path = f"/projects/{project['id']}"
    old = api.finish(api.json("POST", f"{path}/trainings", {"recipe": "linear"}))
    teach = open_teaching(watch(ui_browser), project)
    answerer = teach.get_by_test_id("answerer")
    send(teach, "use-classifier", old["id"])
    expect(answerer).to_have_attribute("data-id", old["id"])
    expect(teach.get_by_test_id("stale")).to_have_count(0)
    card(teach, 0).get_by_test_id("hold-button").click()
    expect_samples(teach, 0, 7)
    expect(teach.get_by_test_id("stale")).to_contain_text("The pictures have changed since")
    # What is trained is the server's copy: the page saves first.
    teach.get_by_test_id("retrain").click()
    read = "() => document.querySelector('st-teach').training.classifiers.length === 2"
    teach.wait_for_function(read, timeout=60_000)
    new, _ = api.ask("GET", f"{path}/classifiers")["items"]
    assert new["recipe"] == "linear"
    counts = api.ask("GET", f"/classifiers/{new['id']}")["report"]["counts"]
    assert sum(part[0] for part in counts.values() if part) == 7
    send(teach, "use-classifier", new["id"])
    expect(answerer).to_have_attribute("data-id", new["id"])
    expect(teach.get_by_test_id("stale")).to_have_count(0)
    # One that was deleted elsewhere does not go on answering.
    api.ask("DELETE", f"/classifiers/{new['id']}")
    send(teach, "open-trainings", None)
    expect(answerer).to_have_attribute("data-id", "")


def test_an_export_is_made_and_downloaded_and_what_was_downloaded_is_brought_in(
    watch: Callable[..., Page], ui_browser: Browser, project: Any, trained: Any
) -> None:
    teach = open_teaching(watch(ui_browser, excuse=("422",)), project)
    listed = "(n) => document.querySelector('st-teach').training?.classifiers.length === n"
    teach.wait_for_function(listed, arg=len(trained))
    linear = trained["linear"]["id"]
    with teach.expect_download(timeout=60_000) as found:
        send(teach, "export-classifier", {"id": linear, "format": "labels"})
    assert found.value.path().read_text().split() == ["red", "blue"]
    with teach.expect_download() as found:
        teach.evaluate(
            "([id]) => { const link = document.createElement('a'); link.download = '';"
            " link.href = `/api/v1/classifiers/${id}/file`; link.click(); }",
            [linear],
        )
    file = base64.b64encode(found.value.path().read_bytes()).decode()
    teach.evaluate(
        """(text) => {
          const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
          const detail = new File([bytes], 'mine.classifier');
          const event = new CustomEvent('import-classifier', { detail });
          document.querySelector('st-teach').dispatchEvent(event);
        }""",
        file,
    )
    teach.wait_for_function(listed, arg=len(trained) + 1, timeout=60_000)
    # What the server refuses is said in the dialog, where that is open.
    send(teach, "open-trainings", None)
    send(teach, "train", {"recipe": "linear", "options": {"petals": 5}})
    expect(teach.get_by_test_id("training-problem")).to_contain_text("petals")
