"""The teach page at work: frames a second, and tasks over 50 ms on the main thread."""

import statistics

from bench.browser import chromium
from bench.running import server
from bench.table import show

READY = "[data-testid=hold-button]:not([disabled])"
SECONDS = 15
_WATCH = """
  window.looks = 0;
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...rest) {
    if (message?.type === 'look') window.looks += 1;
    return post.call(this, message, ...rest);
  };
"""
_RUN = """async (seconds) => {
  const tasks = [];
  const watcher = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) tasks.push(entry.duration);
  });
  watcher.observe({ type: 'longtask' });
  const looks = window.looks;
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
  return { tasks, frames: (window.looks - looks) / seconds, drawn: gaps.length / seconds };
}"""


def run() -> None:
    """Print, while recording and while recognising: frames, drawing rate, long tasks."""
    rows = []
    with server() as address, chromium() as browser:
        page = browser.new_page(permissions=["camera"])
        page.add_init_script(_WATCH)
        page.goto(address)
        page.get_by_test_id("new-project").click()
        page.wait_for_selector(READY)
        for key in "12":
            page.keyboard.down(key)
            found = page.evaluate(_RUN, SECONDS // 3)
            page.keyboard.up(key)
            rows.append(_row(f"recording class {key}", found))
        rows.append(_row("recognising", page.evaluate(_RUN, SECONDS)))
    show(
        "Teach page, 640 x 480 camera, embedded default",
        ["", "answers/s", "drawn/s", "tasks > 50 ms", "median ms", "longest ms"],
        rows,
        "While recording, further frames are kept: encoded, decoded again, embedded and stored.",
    )


def _row(name: str, found: dict) -> list:
    tasks = found["tasks"] or [0]
    return [
        name,
        found["frames"],
        found["drawn"],
        len(found["tasks"]),
        statistics.median(tasks),
        max(tasks),
    ]
