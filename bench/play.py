"""A game played by camera: from a picture held up to the action, and what drawing costs meanwhile.

The camera is Chromium's fake one, whose picture is changed while it runs; the time counts from the
moment the picture is written to the moment the game has the action, camera and Worker included.
"""

import io
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from PIL import Image, ImageDraw, ImageOps

from bench.browser import FLAGS, ROOT
from bench.running import server
from bench.shared_weights import WEIGHTS
from bench.table import show
from tools.find_browser import find
from tools.live_camera import LiveCamera, frame

SUPERHEROES = WEIGHTS.parent / "pictures" / "superheroes"
PEERS = ROOT / "bench" / "peers" / "node_modules"
GREY = (90, 90, 90)
TAUGHT = 20
SECONDS = 10
LABELS = ("Left", "Right", "Nothing")
GAMES = {
    "pong": "Rally",
    "snake": "Lantern Walk",
    "maze": "Wind-Up Night",
    "sorter": "Odds & Bins",
    "runner": "Windfall",
}

#: Notes when the camera's action came, and when the picture after it was drawn (ms since 1970).
_NOTE = """() => {
  const { play } = window.showtellGame;
  const { controller } = play.connected[0];
  const now = () => performance.timeOrigin + performance.now();
  window.heard = [];
  controller.addEventListener('action', ({ detail: { type, action, seenAt } }) => {
    if (type !== 'press') return;
    const one = { action, at: now(), taken: performance.timeOrigin + seenAt, drawn: 0 };
    heard.push(one);
    requestAnimationFrame(() => requestAnimationFrame(() => { one.drawn = now(); }));
  });
}"""
_WATCH = """async (seconds) => {
  const { showtellGame: game } = window;
  const tasks = [];
  const watcher = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration);
  });
  watcher.observe({ type: 'longtask' });
  let answers = 0;
  const stop = game.project?.recogniser?.onSeen(() => { answers += 1; });
  const predicted = window.predicted ?? 0;
  const gaps = [];
  const end = performance.now() + seconds * 1000;
  let last = performance.now();
  while (last < end) {
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    gaps.push(now - last);
    last = now;
  }
  watcher.disconnect();
  stop?.();
  answers += (window.predicted ?? 0) - predicted;
  return { gaps, tasks, answers, work: game.measure.work };
}"""
#: The naive way: the library's documented loop on the page's own thread, beside the same game.
_NAIVE = """async () => {
  tf.wasm.setWasmPaths('/peers/@tensorflow/tfjs-backend-wasm/dist/');
  await tf.setBackend('wasm');
  const machine = await tmImage.load('/made/peer/model.json', '/made/peer/metadata.json');
  const video = document.createElement('video');
  Object.assign(video, { muted: true, playsInline: true });
  const size = { width: 640, height: 480 };
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: size });
  await video.play();
  document.body.append(video);
  window.predicted = 0;
  const look = async () => {
    await machine.predict(video);
    window.predicted += 1;
    video.requestVideoFrameCallback(look);
  };
  await machine.predict(video);
  video.requestVideoFrameCallback(look);
}"""


def run(switches: int = 40) -> None:
    """Print milliseconds to the action, and frames, answers and long tasks of the game."""
    albums = _albums()
    with tempfile.TemporaryDirectory() as name, server() as address:
        folder = Path(name)
        project = _teach(address, albums)
        camera = LiveCamera(folder / "camera.mjpeg", frame(albums["Nothing"][0], GREY))
        rows = []
        with _chromium(camera) as browser:
            page = _play(browser, f"{address}/play/pong?project={project}", by="Camera")
            page.wait_for_function("() => window.showtellGame.predictions > 0")
            times = _switch(page, camera, albums, switches)
            page.close()
            rows.append(["Rally, keys, no camera", *_rates(_watched(browser, address, "Keys"))])
            for game, title in GAMES.items():
                by_camera = _watched(browser, address, "Camera", project, game)
                rows.append([f"{title}, camera, ours (Worker)", *_rates(by_camera)])
            naive = _naive(browser, address, folder)
            rows.append(["Rally, camera, @teachablemachine/image on the page", *_rates(naive)])
    show(
        "From a picture held up to the action in the game (Rally), ms",
        ["to", "median", "95 %"],
        [[title, *_middle(values)] for title, values in times.items()],
        f"{len(times['the action'])} of {switches} changes between left, right and nothing, by"
        f" pictures that were not taught; {TAUGHT} pictures a class, default smoothing and hold."
        " The fake camera gives 30 pictures a second.",
    )
    show(
        f"Games for {SECONDS} s each, 1280 x 720",
        ["game", "drawn/s", "late frames %", "answers/s", "tasks > 50 ms", "longest ms"],
        rows,
        "Late: more than one and a half sixtieths after the one before. In the last row the game"
        " plays by itself, and the library looks at the same camera.",
    )


def _albums() -> dict[str, list[Image.Image]]:
    """Gives pictures of each class; the first `TAUGHT` are taught, the others asked about."""
    choose = random.Random(3)
    kinds = {}
    if SUPERHEROES.is_dir():
        for label, kind in zip(LABELS, ("darth_vader", "elsa"), strict=False):
            files = choose.sample(sorted((SUPERHEROES / kind).iterdir()), TAUGHT + 15)
            kinds[label] = [ImageOps.fit(Image.open(f).convert("RGB"), (480, 480)) for f in files]
    else:
        for label, shape in zip(LABELS, ("ellipse", "rectangle"), strict=False):
            kinds[label] = [_drawn(choose, shape) for _ in range(TAUGHT + 15)]
    kinds["Nothing"] = [_wall(choose) for _ in range(TAUGHT + 15)]
    return kinds


def _drawn(choose: random.Random, shape: str) -> Image.Image:
    image = _wall(choose)
    x, y, r = choose.randint(180, 300), choose.randint(180, 300), choose.randint(110, 160)
    color = (200, 60, 40) if shape == "ellipse" else (40, 80, 190)
    getattr(ImageDraw.Draw(image), shape)((x - r, y - r, x + r, y + r), fill=color)
    return image


def _wall(choose: random.Random) -> Image.Image:
    light = Image.linear_gradient("L").rotate(choose.randint(0, 180)).resize((480, 480))
    tint = tuple(choose.randint(120, 220) for _ in range(3))
    return ImageOps.colorize(light.point(lambda v: 90 + v // 4), (0, 0, 0), tint)


def _teach(address: str, albums: dict[str, list[Image.Image]]) -> str:
    """Makes the project over the API and returns its id."""
    api = f"{address}/api/v1/projects"
    settings = {"mirror": False}
    body = {"name": "Bench", "labels": list(LABELS), "settings": settings}
    answer = requests.post(api, json=body, timeout=30)
    answer.raise_for_status()
    project = answer.json()["id"]
    for label in LABELS:
        files = []
        for number, picture in enumerate(albums[label][:TAUGHT]):
            # As the camera will show it.
            file = io.BytesIO()
            whole = Image.open(io.BytesIO(frame(picture, GREY)))
            whole.save(file, "JPEG", quality=95)
            files.append(("file", (f"{number}.jpg", file.getvalue(), "image/jpeg")))
        sent = requests.post(f"{api}/{project}/samples", data={"label": label}, files=files)
        sent.raise_for_status()
    return project


@contextmanager
def _chromium(camera: LiveCamera) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    flags = [f for f in FLAGS if "fake" not in f]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(find()), args=[*flags, *camera.flags]
        )
        try:
            yield browser
        finally:
            browser.close()


def _play(browser: Any, url: str, by: str = "", start: str = "start", **options: Any) -> Any:
    """Opens a game in a page of its own, begins it and waits until it runs."""
    page = browser.new_page(permissions=["camera"], **options)
    page.goto(url)
    if by:
        page.get_by_test_id("seat-0").get_by_role("radio", name=by).check(force=True)
    page.get_by_test_id(start).click()
    page.wait_for_function("() => window.showtellGame?.phase === 'play'")
    return page


def _switch(
    page: Any, camera: LiveCamera, albums: dict[str, list[Image.Image]], switches: int
) -> dict[str, list[float]]:
    """Changes the picture before the camera and waits for the action, so many times."""
    page.evaluate(_NOTE)
    asked = {label: [frame(p, GREY) for p in album[TAUGHT:]] for label, album in albums.items()}
    choose = random.Random(1)
    times: dict[str, list[float]] = {
        "the picture that decides": [],
        "the action": [],
        "the action, drawn": [],
    }
    label = "Right"
    for _ in range(switches):
        label = choose.choice([other for other in ("Left", "Right") if other != label])
        if choose.random() < 0.5:
            camera.show(choose.choice(asked["Nothing"]))
            page.wait_for_function("() => !window.showtellGame.play.connected[0].controller.active")
        # Not in step with the camera's own pictures.
        time.sleep(0.4 + choose.random() / 20)
        if page.evaluate("() => window.showtellGame.phase") != "play":
            page.evaluate("() => window.showtellGame.play.begin('play')")
            page.wait_for_function("() => window.showtellGame.phase === 'play'")
        before = page.evaluate("() => heard.length")
        shown = camera.show(choose.choice(asked[label]))
        try:
            page.wait_for_function(
                "([n, action]) => heard.slice(n).some((h) => h.action === action && h.drawn)",
                arg=[before, label.lower()],
                timeout=3000,
            )
        except Exception:  # this picture is not told: that is accuracy's affair, and counted
            continue
        found = page.evaluate(
            "([n, action]) => heard.slice(n).find((h) => h.action === action)",
            [before, label.lower()],
        )
        times["the picture that decides"].append(found["taken"] - shown)
        times["the action"].append(found["at"] - shown)
        times["the action, drawn"].append(found["drawn"] - shown)
    return times


def _watched(
    browser: Any, address: str, by: str, project: str = "", game: str = "pong"
) -> dict[str, Any]:
    query = f"?project={project}" if project else ""
    page = _play(browser, f"{address}/play/{game}{query}", by)
    try:
        if project:
            page.wait_for_function("() => window.showtellGame.predictions > 0")
        return page.evaluate(_WATCH, SECONDS)
    finally:
        page.close()


def _naive(browser: Any, address: str, folder: Path) -> dict[str, Any]:
    """Watches the game while the library classifies on the page's own thread."""
    make = [sys.executable, "-m", "bench.peer_model", str(folder)]
    subprocess.run(make, cwd=ROOT, check=True, stderr=subprocess.DEVNULL)

    def serve(route: Any) -> None:
        path = route.request.url.split("?")[0].partition(address)[2]
        root = {"/peers/": PEERS, "/made/": folder}
        prefix = next(p for p in root if path.startswith(p))
        route.fulfill(path=root[prefix] / path[len(prefix) :])

    # What the page forbids (scripts and `eval` of others) is what is to be measured here.
    context = browser.new_context(permissions=["camera"], bypass_csp=True)
    page = context.new_page()
    try:
        for pattern in ("**/peers/**", "**/made/**"):
            page.route(pattern, serve)
        page.goto(f"{address}/play/pong")
        for script in (
            "@tensorflow/tfjs/dist/tf.min.js",
            "@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js",
            "@teachablemachine/image/dist/teachablemachine-image.min.js",
        ):
            page.add_script_tag(url=f"/peers/{script}")
        page.evaluate(_NAIVE)
        page.get_by_test_id("watch").click()
        page.wait_for_function("() => window.showtellGame?.phase === 'play'")
        return page.evaluate(_WATCH, SECONDS)
    finally:
        context.close()


def _rates(found: dict[str, Any]) -> list[Any]:
    gaps, tasks = found["gaps"], found["tasks"]
    late = sum(gap > 25 for gap in gaps) / len(gaps)
    return [
        1000 * len(gaps) / sum(gaps),
        100 * late,
        found["answers"] / SECONDS if found["answers"] else "-",
        len(tasks),
        max(tasks, default=0.0),
    ]


def _middle(values: list[float]) -> list[Any]:
    if not values:
        return ["-", "-"]
    ordered = sorted(values)
    return [statistics.median(ordered), ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]]
