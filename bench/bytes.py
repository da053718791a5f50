"""Bytes that a browser fetches from the first page to the first embedded picture."""

from collections import Counter

from bench.browser import chromium
from bench.running import server
from bench.table import show

READY = "[data-testid=hold-button]:not([disabled])"
KINDS = {
    "page": lambda path: not path.startswith(("/static", "/models", "/api", "/socket.io")),
    "our code and styles": lambda path: path.startswith("/static") and "/vendor/" not in path,
    "TensorFlow.js, Lit, Socket.IO": lambda path: path.startswith("/static/vendor/"),
    "backbone": lambda path: path.startswith("/models/"),
    "API": lambda path: True,
}


def run() -> None:
    """Print the transferred and the decoded bytes of a new project's page, by kind."""
    with server() as address, chromium() as browser:
        page = browser.new_page()
        page.goto(address)
        page.get_by_test_id("new-project").click()
        page.wait_for_selector(READY)
        # The Worker's requests too: resource timing of page and Worker, read where they happen.
        entries = page.evaluate(_READ) + [e for w in page.workers for e in w.evaluate(_READ)]
    sent, whole, files = Counter(), Counter(), Counter()
    seen = set()
    for path, transferred, decoded in entries:
        if path in seen:
            continue
        seen.add(path)
        kind = next(name for name, test in KINDS.items() if test(path))
        sent[kind] += transferred
        whole[kind] += decoded
        files[kind] += 1
    rows = [[k, files[k], f"{sent[k] / 1000:.0f}", f"{whole[k] / 1000:.0f}"] for k in KINDS]
    total = [sum(files.values()), f"{sum(sent.values()) / 1000:.0f}"]
    rows.append(["all", *total, f"{sum(whole.values()) / 1000:.0f}"])
    show("New project to eyes open, kB", ["kind", "files", "sent", "unpacked"], rows)


_READ = """() => {
  const pages = performance.getEntriesByType('navigation');
  const rest = performance.getEntriesByType('resource');
  return [...pages, ...rest]
    .filter((e) => e.name.startsWith(location.origin))
    .map((e) => [new URL(e.name).pathname, e.transferSize, e.decodedBodySize]);
}"""
