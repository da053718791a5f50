"""Keeping and saving projects, in a real Chromium and with a real server."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ServerProcess
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Route

from tools.find_browser import find

HARNESS = Path(__file__).parent / "pages" / "store.js"
FLAGS = [
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-sandbox",
]
NEW = "async (labels) => (window.s = await Session.create({name: 'Things', labels})).id"
OPEN = "async (id) => { window.s = await Session.open(id); }"


@pytest.fixture(scope="module")
def browser(launch: Callable[..., Browser]) -> Browser:
    return launch()


def load(page: Page, url: str) -> Page:
    """Loads the harness into a plain page of the server, with its headers and its import map."""
    page.route(
        "**/tests/browser/pages/store.js",
        lambda route: route.fulfill(
            body=HARNESS.read_text(encoding="utf-8"), content_type="text/javascript"
        ),
    )
    page.goto(f"{url}/no-such-page")
    page.evaluate("() => import('/tests/browser/pages/store.js')")
    return page


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    started = ServerProcess(tmp_path_factory.mktemp("data"))
    yield started.wait_until_ready()
    started.kill()


@pytest.fixture
def server(shared_server: ServerProcess) -> ServerProcess:
    """One server for all tests that leave it alive; each works on projects of its own."""
    return shared_server


@pytest.fixture
def visit(browser: Browser, server: ServerProcess) -> Iterator[Callable[..., Page]]:
    """Opens the harness as a new person would, or in a further tab of a context."""
    contexts: list[BrowserContext] = []

    def go(context: BrowserContext | None = None) -> Page:
        if context is None:
            context = browser.new_context()
            context.set_default_timeout(20_000)
            contexts.append(context)
        return load(context.new_page(), server.url)

    yield go
    for context in contexts:
        context.close()


@pytest.fixture
def page(visit: Callable[..., Page]) -> Page:
    return visit()


def on_server(server: ServerProcess, project_id: str) -> list[tuple[str, list[str]]]:
    """Reads a project from the server: labels in order, each with its samples in order."""

    def get(path: str) -> Any:
        with urllib.request.urlopen(f"{server.url}/api/v1/projects/{project_id}{path}") as answer:
            return json.load(answer)

    samples = get("/samples?page_size=10000")["items"]
    return [
        (c["label"], [s["id"] for s in samples if s["class_id"] == c["id"]])
        for c in get("")["classes"]
    ]


def pairs(contents: list[Any]) -> list[tuple[str, list[str]]]:
    return [(label, ids) for label, ids in contents]


def listed(page: Page, project_id: str) -> dict[str, Any] | None:
    """What the list of projects says of one."""
    items = page.evaluate("() => Session.list()")
    return next((item for item in items if item["id"] == project_id), None)


def restart(start_server: Callable[..., Any], old: Any) -> Any:
    """Starts a server again at the address and with the data of one that was killed."""
    started = start_server("--port", str(old.port), data=old.data, wait=False)
    started.port, started.url = old.port, old.url
    return started.wait_until_ready()


# In this browser


def test_reload_keeps_classes_pictures_embeddings_and_undo(
    page: Page, server: ServerProcess
) -> None:
    project = page.evaluate(NEW, ["Cat", "Dog"])
    before = page.evaluate(
        """async () => {
          const embedding = new Float32Array(1280).fill(0.5);
          await teach(s, 'Cat', 0, 12, {embedding, fingerprint: 'a'.repeat(64), source: 'file'});
          await teach(s, 'Dog', 20, 23);
          s.setSettings({k: 7});
          s.deleteSamples([...s.samples.keys()].slice(0, 2));
          await s.flush();
          return [contents(s), await hashes(s), s.settings.k, s.undoLabel];
        }"""
    )
    load(page, server.url)
    page.evaluate(OPEN, project)
    after = page.evaluate("async () => [contents(s), await hashes(s), s.settings.k, s.undoLabel]")
    assert after == before
    assert len(after[1]) == 13
    found = page.evaluate(
        """async () => {
          s.undo();
          const {ids, vectors, missing} = await s.embeddingsFor('a'.repeat(64));
          return [ids.length, vectors.length, vectors[5], missing.length, s.samples.size];
        }"""
    )
    assert found == [12, 12 * 1280, 0.5, 3, 15]


def _chromium(profile: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Starts a Chromium of our own, which can be killed; returns it and its address."""
    process = subprocess.Popen(
        [str(find()), *FLAGS, "--headless", "--remote-debugging-port=0",
         f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if b"DevTools listening on" in line:
            return process, line.split()[-1].decode()
    raise AssertionError("Chromium did not start")


@contextlib.contextmanager
def _running(playwright: Playwright, profile: Path) -> Iterator[tuple[Page, Callable[[], None]]]:
    process, address = _chromium(profile)

    def kill() -> None:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    try:
        browser = playwright.chromium.connect_over_cdp(address)
        yield browser.contexts[0].new_page(), kill
    finally:
        kill()
        assert process.stderr is not None
        process.stderr.close()


def test_killed_browser_keeps_every_sample_that_was_acknowledged(
    ui_playwright: Playwright, server: ServerProcess, tmp_path: Path
) -> None:
    with _running(ui_playwright, tmp_path / "profile") as (page, kill):
        load(page, server.url)
        project = page.evaluate(NEW, ["Held"])
        page.evaluate("() => { window.recorded = []; void record(s, 'Held', recorded); }")
        page.wait_for_function("() => recorded.length >= 15")
        acknowledged = page.evaluate("() => [...recorded]")
        kill()
    with _running(ui_playwright, tmp_path / "profile") as (page, _):
        load(page, server.url)
        page.evaluate(OPEN, project)
        ((_, ids),) = page.evaluate("() => contents(s)")
        assert set(acknowledged) <= set(ids)
        assert len(page.evaluate("() => hashes(s)")) == len(ids)
        found = page.evaluate("async () => (await s.embeddingsFor('e'.repeat(64))).missing")
        assert found == [], "a sample and its embedding are written together"


def test_two_tabs_follow_each_other_and_overwrite_nothing(visit: Callable[..., Page]) -> None:
    one = visit()
    two = visit(one.context)
    project = one.evaluate(NEW, ["Cat", "Dog"])
    two.evaluate(OPEN, project)
    ids = one.evaluate("() => teach(s, 'Cat', 0, 3)")
    two.evaluate("(id) => when(s, () => s.samples.has(id))", ids[-1])
    for tab in (one, two):  # both begin before either has written
        tab.evaluate(
            """() => {
              const work = async () => {
                for (let i = 0; i < 20; i += 1) await teach(s, 'Dog', 100 + i, 101 + i);
                await s.flush();
              };
              window.busy = work();
            }"""
        )
    for tab in (one, two):
        tab.evaluate("() => busy")
    for tab in (one, two):
        tab.evaluate("() => when(s, () => s.samples.size === 43)")
    assert one.evaluate("() => contents(s)") == two.evaluate("() => contents(s)")
    load(one, one.url.rsplit("/", 1)[0])
    one.evaluate(OPEN, project)
    assert one.evaluate("() => s.samples.size") == 43


def test_full_disk_is_said_and_keeps_the_newest_in_memory(
    page: Page, server: ServerProcess
) -> None:
    # The browser remembers for a while how much room there was: the limit comes first.
    devtools = page.context.new_cdp_session(page)
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": server.url, "quotaSize": 100_000})
    project = page.evaluate(NEW, ["Cat"])
    page.evaluate("() => teach(s, 'Cat', 0, 60)")
    page.evaluate("() => when(s, () => s.status.problem)")
    problem = page.evaluate("() => statusOf(s)")["problem"]
    assert problem["title"] == "This browser has no room left"
    assert "Save to the server" in problem["message"]
    before = page.evaluate("() => hashes(s)")
    assert len(before) == 60
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": server.url})
    page.evaluate("() => when(s, () => s.status.stored)")  # it tries again by itself
    assert page.evaluate("() => statusOf(s)")["problem"] is None
    load(page, server.url)
    page.evaluate(OPEN, project)
    assert page.evaluate("() => hashes(s)") == before


def test_without_indexeddb_one_can_teach_and_save_and_is_told(
    visit: Callable[..., Page], server: ServerProcess
) -> None:
    page = visit()
    page.add_init_script("Object.defineProperty(window, 'indexedDB', {value: undefined})")
    load(page, server.url)
    project = page.evaluate(NEW, ["Cat"])
    page.evaluate("() => teach(s, 'Cat', 0, 3)")
    status = page.evaluate("() => statusOf(s)")
    assert (status["persistent"], status["stored"]) == (False, False)
    assert "IndexedDB" in page.evaluate("async () => (await openDatabase()).reason.message")
    assert page.evaluate("() => s.save()")
    assert pairs(page.evaluate("() => contents(s)")) == on_server(server, project)


# With the server


def test_saved_project_opens_elsewhere_with_the_same_pictures(
    visit: Callable[..., Page], server: ServerProcess
) -> None:
    page = visit()
    project = page.evaluate(NEW, ["10", "2", "Cat"])
    seen = page.evaluate(
        """async () => {
          await teach(s, 'Cat', 0, 45);
          await teach(s, '2', 50, 53);
          s.setSettings({tolerance: null, mirror: false});
          const phases = new Set();
          let last = 0, forward = true;
          s.addEventListener('status', ({detail: {saving}}) => {
            if (!saving) return;
            phases.add(saving.phase);
            forward &&= saving.done >= last && saving.done <= saving.total;
            last = saving.done;
          });
          const saved = await s.save();
          return [saved, [...phases], forward, statusOf(s)];
        }"""
    )
    saved, phases, forward, status = seen
    assert saved and forward
    assert phases == ["Making the project", "Sending pictures"]
    assert (status["where"], status["dirty"], status["problem"]) == ("server", False, None)
    mine = page.evaluate("async () => [contents(s), await hashes(s), s.settings]")
    assert pairs(mine[0]) == on_server(server, project)
    assert (listed(page, project) or {})["state"] == "saved"

    other = visit()
    there = listed(other, project)
    assert there and (there["state"], len(there["covers"])) == ("server", 4)
    other.evaluate(OPEN, project)
    theirs = other.evaluate("async () => [contents(s), await hashes(s), s.settings]")
    assert theirs == mine
    other.evaluate("() => s.flush()")
    assert (listed(other, project) or {})["state"] == "saved"
    requests: list[str] = []
    other.on("request", lambda request: requests.append(request.url))
    load(other, server.url)
    other.evaluate(OPEN, project)
    assert other.evaluate("() => hashes(s)") == mine[1]
    assert not [url for url in requests if url.endswith("/image")], "pictures were kept here"


def test_embeddings_come_from_the_server_where_this_browser_has_none(
    visit: Callable[..., Page],
) -> None:
    page = visit()
    project = page.evaluate(NEW, ["Cat"])
    page.evaluate("async () => { await teach(s, 'Cat', 0, 3); await s.save(); }")
    other = visit()
    other.evaluate(OPEN, project)
    ids, size, norm, missing, unknown = other.evaluate(
        """async () => {
          const {fingerprint} = (await api.backbones()).find((item) => item.name === s.backbone);
          const {ids, vectors, missing} = await s.embeddingsFor(fingerprint);
          const norm = Math.hypot(...vectors.slice(0, vectors.length / ids.length));
          const foreign = await s.embeddingsFor('0'.repeat(64));
          return [ids, vectors.length, norm, missing, foreign.missing.length];
        }"""
    )
    assert [("Cat", ids)] == pairs(other.evaluate("() => contents(s)"))
    assert size > 0 and abs(norm - 1) < 1e-4 and missing == []
    assert unknown == 3, "another backbone's have to be made from the pictures"


def test_every_kind_of_edit_reaches_the_server(page: Page, server: ServerProcess) -> None:
    project = page.evaluate(NEW, ["Cat", "Dog", "Mug"])
    page.evaluate("async () => { await teach(s, 'Cat', 0, 4); await teach(s, 'Mug', 10, 12); }")
    assert page.evaluate("() => s.save()")
    page.evaluate(
        """async () => {
          const [cat, dog, mug] = s.classes;
          const [a, b] = s.samplesOf(cat.id);
          s.moveSamples([a.id, s.samplesOf(mug.id)[0].id], dog.id);
          s.deleteSamples([b.id]);
          s.deleteClass(mug.id);
          s.renameClass(cat.id, 'Mug');
          s.renameClass(dog.id, 'Cat');
          s.reorderClasses([dog.id, cat.id]);
          s.addClass('New');
          await teach(s, 'New', 20, 22);
          s.rename('Other things');
        }"""
    )
    assert page.evaluate("() => s.save()")
    contents = pairs(page.evaluate("() => contents(s)"))
    assert [(label, len(ids)) for label, ids in contents] == [("Cat", 2), ("Mug", 2), ("New", 2)]
    assert contents == on_server(server, project)
    page.evaluate("() => { while (s.undo()); }")
    assert page.evaluate("() => s.save()")
    assert on_server(server, project) == pairs(page.evaluate("() => contents(s)"))


def test_undo_of_a_deletion_that_was_saved_puts_the_pictures_back(
    visit: Callable[..., Page], server: ServerProcess
) -> None:
    first = visit()
    project = first.evaluate(NEW, ["Cat", "Dog"])
    first.evaluate("async () => { await teach(s, 'Cat', 0, 3); await s.save(); }")
    before = on_server(server, project)
    other = visit()  # has never seen the pictures
    other.evaluate(OPEN, project)
    other.evaluate("async () => { s.deleteClass(s.classes[0].id); await s.save(); }")
    assert on_server(server, project) == [("Dog", [])]
    other.evaluate("async () => { s.undo(); await s.save(); }")
    assert on_server(server, project) == before


def test_server_killed_during_a_save_gets_the_rest_exactly_once(
    browser: Browser, start_server: Callable[..., ServerProcess]
) -> None:
    server = start_server()
    context = browser.new_context()
    page = load(context.new_page(), server.url)
    project = page.evaluate(NEW, ["Cat", "Dog"])
    page.evaluate("async () => { await teach(s, 'Cat', 0, 70); await teach(s, 'Dog', 70, 110); }")
    uploads: list[str] = []

    def watch(request: Any) -> None:
        if request.method == "POST" and request.url.endswith("/samples"):
            uploads.append(request.url)
            if len(uploads) == 3:
                server.kill()

    page.on("request", watch)
    assert page.evaluate("() => s.save()") is False
    status = page.evaluate("() => statusOf(s)")
    assert status["dirty"] and status["problem"]["name"] == "NetworkError"
    restart(start_server, server)
    had = sum(len(ids) for _, ids in on_server(server, project))
    assert 40 <= had < 110
    load(page, server.url)  # and the page was closed meanwhile
    page.evaluate(OPEN, project)
    page.remove_listener("request", watch)
    assert page.evaluate("() => s.save()")
    contents = pairs(page.evaluate("() => contents(s)"))
    assert on_server(server, project) == contents
    assert [len(ids) for _, ids in contents] == [70, 40]
    context.close()


def test_acknowledgement_that_never_arrived_is_no_conflict(
    page: Page, server: ServerProcess
) -> None:
    project = page.evaluate(NEW, ["Cat"])
    page.evaluate("async () => { await s.save(); await teach(s, 'Cat', 0, 45); }")
    lost = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route("**/samples", lose)
    assert page.evaluate("() => s.save()") is False
    assert lost == [201]
    assert page.evaluate("() => s.save()")
    assert page.evaluate("() => statusOf(s)")["conflict"] is None
    assert on_server(server, project) == pairs(page.evaluate("() => contents(s)"))


def test_offline_save_keeps_everything_and_works_once_online(
    page: Page, server: ServerProcess
) -> None:
    project = page.evaluate(NEW, ["Cat"])
    page.evaluate("() => teach(s, 'Cat', 0, 3)")
    page.context.set_offline(True)
    assert page.evaluate("() => s.save()") is False
    status = page.evaluate("() => statusOf(s)")
    assert status["dirty"] and status["problem"]["title"] == "The server cannot be reached"
    page.context.set_offline(False)
    assert page.evaluate("() => s.save()")
    assert page.evaluate("() => statusOf(s)")["problem"] is None
    assert on_server(server, project) == pairs(page.evaluate("() => contents(s)"))


def test_cancelled_save_goes_on_where_it_stopped(page: Page, server: ServerProcess) -> None:
    project = page.evaluate(NEW, ["Cat"])
    saved, dirty, problem = page.evaluate(
        """async () => {
          await teach(s, 'Cat', 0, 60);
          const stop = new AbortController();
          s.addEventListener('status', ({detail: {saving}}) => {
            if (saving && saving.done > saving.total / 2) stop.abort();
          });
          return [await s.save({signal: stop.signal}), s.status.dirty, s.status.problem];
        }"""
    )
    assert (saved, dirty, problem) == (False, True, None)
    had = page.evaluate("() => [...s.samples.values()].filter(({synced}) => synced).length")
    assert 0 < had < 60
    sent: list[int] = []
    page.on(
        "request",
        lambda request: sent.append((request.post_data_buffer or b"").count(b'name="file"')),
    )
    assert page.evaluate("() => s.save()")
    # A lot whose answer was not waited for may have arrived whole: it is not sent again either.
    assert 0 < sum(sent) <= 60 - had, "what was acknowledged is not sent again"
    assert on_server(server, project) == pairs(page.evaluate("() => contents(s)"))


def test_pictures_taken_during_a_save_are_saved_too(page: Page, server: ServerProcess) -> None:
    project = page.evaluate(NEW, ["Cat", "Dog"])
    assert page.evaluate(
        """async () => {
          await teach(s, 'Cat', 0, 60);
          let added = null;
          s.addEventListener('status', ({detail: {saving}}) => {
            if (!saving || added || saving.done < saving.total / 3) return;
            s.deleteSamples([...s.samples.keys()].slice(-5));
            added = teach(s, 'Dog', 100, 105);
          });
          const saved = await s.save();
          await added;
          return saved && (await s.save());
        }"""
    )
    assert on_server(server, project) == pairs(page.evaluate("() => contents(s)"))


# With other people


@pytest.fixture
def two(visit: Callable[..., Page]) -> tuple[Page, Page, str]:
    """Two people with the same saved project; the second does not follow the server by itself."""
    mine, theirs = visit(), visit()
    project = mine.evaluate(NEW, ["Cat", "Dog"])
    mine.evaluate("async () => { await teach(s, 'Cat', 0, 3); await s.save(); }")
    for page in (mine, theirs):
        page.evaluate(
            "async (id) => { await window.s?.close(); s = null;"
            " window.s = await Session.open(id, {live: false}); }",
            project,
        )
    return mine, theirs, project


CONFLICT = """async () => {
  s.rename('Mine');
  await teach(s, 'Dog', 10, 12);
  const heard = [];
  s.addEventListener('conflict', ({detail}) => heard.push(detail.server.name));
  return [await s.save(), heard, statusOf(s).conflict !== null, s.samples.size];
}"""
THEIRS = """async () => {
  s.rename('Theirs');
  await teach(s, 'Cat', 20, 24);
  s.addClass('Mug');
  return s.save();
}"""


def test_conflict_merged_keeps_both_sides(
    two: tuple[Page, Page, str], server: ServerProcess
) -> None:
    mine, theirs, project = two
    assert theirs.evaluate(THEIRS)
    assert mine.evaluate(CONFLICT) == [False, ["Theirs"], True, 5]
    assert mine.evaluate("(id) => s.resolveConflict('merge').then((own) => own === id)", project)
    status = mine.evaluate("() => statusOf(s)")
    assert (status["conflict"], status["dirty"], status["problem"]) == (None, False, None)
    contents = pairs(mine.evaluate("() => contents(s)"))
    assert [(label, len(ids)) for label, ids in contents] == [("Cat", 7), ("Dog", 2), ("Mug", 0)]
    assert on_server(server, project) == contents
    assert mine.evaluate("() => s.name") == "Mine"
    assert len(mine.evaluate("() => hashes(s)")) == 9


def test_conflict_resolved_for_theirs_can_be_undone(
    two: tuple[Page, Page, str], server: ServerProcess
) -> None:
    mine, theirs, project = two
    assert theirs.evaluate(THEIRS)
    mine.evaluate(CONFLICT)
    mine.evaluate("() => s.resolveConflict('theirs')")
    assert pairs(mine.evaluate("() => contents(s)")) == on_server(server, project)
    assert mine.evaluate("() => [s.name, statusOf(s).dirty]") == ["Theirs", False]
    assert mine.evaluate("() => s.undo()") == "Take the version of the server"
    assert mine.evaluate("() => [s.name, s.samples.size]") == ["Mine", 5]


def test_conflict_resolved_as_a_copy_keeps_mine_beside_theirs(
    two: tuple[Page, Page, str], server: ServerProcess
) -> None:
    mine, theirs, project = two
    assert theirs.evaluate(THEIRS)
    mine.evaluate(CONFLICT)
    before = mine.evaluate("async () => Object.values(await hashes(s)).sort()")
    copy = mine.evaluate("() => s.resolveConflict('mine-as-copy')")
    assert copy != project
    assert pairs(mine.evaluate("() => contents(s)")) == on_server(server, project)
    mine.evaluate(OPEN, copy)
    name, where, count, after = mine.evaluate(
        "async () => [s.name, statusOf(s).where, s.samples.size,"
        " Object.values(await hashes(s)).sort()]"
    )
    assert (name, where, count, after) == ("Mine (copy)", "local", 5, before)
    assert mine.evaluate("() => s.save()")
    assert on_server(server, copy) == pairs(mine.evaluate("() => contents(s)"))


def test_same_change_on_both_sides_is_no_conflict(two: tuple[Page, Page, str]) -> None:
    mine, theirs, _ = two
    assert theirs.evaluate("async () => { s.rename('Same'); return s.save(); }")
    assert mine.evaluate("async () => { s.rename('Same'); return s.save(); }")


def test_open_page_follows_what_others_save(visit: Callable[..., Page]) -> None:
    one, other = visit(), visit()
    project = one.evaluate(NEW, ["Cat"])
    one.evaluate("async () => { await teach(s, 'Cat', 0, 2); await s.save(); }")
    other.evaluate(OPEN, project)
    one.evaluate("async () => { await teach(s, 'Cat', 2, 4); await s.save(); }")
    other.evaluate("() => when(s, () => s.samples.size === 4)")
    assert other.evaluate("() => statusOf(s)")["dirty"] is False
    other.evaluate("() => s.rename('Changed here')")
    one.evaluate("async () => { s.rename('Changed there'); await s.save(); }")
    other.evaluate("() => when(s, () => s.status.conflict)")
    assert other.evaluate("() => s.name") == "Changed here", "nothing is merged silently"


def test_project_deleted_by_others_stays_here_and_can_be_put_back(
    two: tuple[Page, Page, str], server: ServerProcess
) -> None:
    mine, theirs, project = two
    theirs.evaluate("(id) => Session.remove(id)", project)
    assert listed(theirs, project) is None
    assert mine.evaluate("async () => { s.rename('Precious'); return s.save(); }") is False
    status = mine.evaluate("() => statusOf(s)")
    assert status["problem"]["title"] == "This project was deleted on the server"
    assert (status["where"], status["dirty"]) == ("local", True)
    assert mine.evaluate("() => s.save()")
    assert on_server(server, project) == pairs(mine.evaluate("() => contents(s)"))


def test_removed_project_is_gone_in_both_places(page: Page, server: ServerProcess) -> None:
    project = page.evaluate(NEW, ["Cat"])
    page.evaluate("async () => { await teach(s, 'Cat', 0, 2); await s.save(); await s.close(); }")
    page.evaluate("(id) => Session.remove(id)", project)
    assert listed(page, project) is None
    left = page.evaluate(
        """async () => {
          const database = await openDatabase();
          const stores = ['projects', 'samples', 'pictures', 'embeddings', 'history'];
          return (await Promise.all(stores.map((store) => database.all(store)))).flat().length;
        }"""
    )
    assert left == 0


def test_project_is_not_half_deleted_while_the_server_is_off(
    page: Page, server: ServerProcess
) -> None:
    project = page.evaluate(NEW, ["Cat"])
    page.evaluate("() => s.save()")
    page.context.set_offline(True)
    name = page.evaluate("(id) => Session.remove(id).catch((error) => error.name)", project)
    assert name == "NetworkError"
    page.context.set_offline(False)
    assert (listed(page, project) or {})["state"] == "saved"
