"""The teach page may run for hours: 500 frames leave no listener, no node and no tensor behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Page
from scenes import blue, red
from steps import add_files, new_project

#: Counts the frames that were sent to the Worker, and keeps the Worker to ask for its tensors.
COUNT = """
  window.looks = 0;
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...rest) {
    if (message?.type === 'look') window.looks += 1;
    window.eyes = this;
    return post.call(this, message, ...rest);
  };
"""
TENSORS = """() => new Promise((resolve) => {
  const answered = ({ data }) => {
    if (data.call !== 'test') return;
    window.eyes.removeEventListener('message', answered);
    resolve(data.value.numTensors);
  };
  window.eyes.addEventListener('message', answered);
  window.eyes.postMessage({ call: 'test', type: 'memory' });
})"""


def test_500_frames_leave_no_listener_no_node_and_no_tensor_behind(
    ui_browser: Browser, watch: Callable[..., Page]
) -> None:
    page = watch(ui_browser, viewport={"width": 1280, "height": 800})
    page.add_init_script(COUNT)
    new_project(page)
    add_files(page, 0, [red(4 * i) for i in range(4)])
    add_files(page, 1, [blue(4 * i) for i in range(4)])
    session: Any = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def counts_after(looks: int) -> dict[str, float]:
        page.wait_for_function("(n) => window.looks >= n", arg=looks, timeout=90_000)
        session.send("HeapProfiler.collectGarbage")
        metrics = session.send("Performance.getMetrics")["metrics"]
        found = {m["name"]: m["value"] for m in metrics}
        return {
            "listeners": found["JSEventListeners"],
            "nodes": found["Nodes"],
            "tensors": page.evaluate(TENSORS),
        }

    start = page.evaluate("window.looks")
    before = counts_after(start + 60)
    after = counts_after(start + 560)
    assert after["tensors"] == before["tensors"]
    # The examples that voted change from frame to frame, and a notice may come or go with them.
    assert after["listeners"] <= before["listeners"] + 10, (before, after)
    assert after["nodes"] <= before["nodes"] + 60, (before, after)
