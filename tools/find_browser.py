"""Find Chromium, Chrome or Edge; install one where it may.

    python tools/find_browser.py            prints the path, or exits with 1
    python tools/find_browser.py --install  installs Debian's chromium or Playwright's first

`SHOWTELL_BROWSER` names one by hand.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
PLAYWRIGHT_FOLDERS = {"linux": "~/.cache/ms-playwright", "darwin": "~/Library/Caches/ms-playwright"}
PLAYWRIGHT_FILES = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/Google Chrome for Testing",
    "chromium-*/chrome-win*/chrome.exe",
)
MAC_PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
WINDOWS_PLACES = (
    r"Chromium\Application\chrome.exe",
    r"Google\Chrome\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
)
ADVICE = """No Chromium, Chrome or Edge was found. Any one of these helps:
  Debian, Ubuntu    sudo apt-get install chromium
  Fedora            sudo dnf install chromium
  macOS             brew install --cask chromium (or install Google Chrome)
  Windows           Microsoft Edge is part of it; install it again if it was removed
  anywhere          python -m playwright install chromium
  already there?    SHOWTELL_BROWSER=/path/to/browser"""


def find() -> str | None:
    """Return the path of a browser that can run without a window, or None.

    Looked at in this order: `SHOWTELL_BROWSER`, the commands on the PATH, Playwright's own
    folder, the usual places of macOS and Windows.
    """
    return next(_candidates(), None)


def _candidates() -> Iterator[str]:
    named = os.environ.get("SHOWTELL_BROWSER")
    if named:
        # Named by hand and wrong: finding another one silently would hide the mistake.
        found = shutil.which(named)
        if found:
            yield found
        return
    for command in COMMANDS:
        found = shutil.which(command)
        if found:
            yield found
    yield from _existing(_in_playwright_folder())
    yield from _existing([*MAC_PLACES] if sys.platform == "darwin" else [])
    yield from _existing(_in_windows_folders() if sys.platform == "win32" else [])


def _existing(paths) -> Iterator[str]:
    for path in paths:
        if os.access(path, os.X_OK) and Path(path).is_file():
            yield str(path)


def _in_playwright_folder() -> list[Path]:
    default = PLAYWRIGHT_FOLDERS.get(sys.platform, "~/AppData/Local/ms-playwright")
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or default).expanduser()
    found = [path for pattern in PLAYWRIGHT_FILES for path in folder.glob(pattern)]
    return sorted(found, reverse=True)


def _in_windows_folders() -> list[str]:
    roots = [os.environ.get(key) for key in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
    return [str(Path(root) / place) for root in roots if root for place in WINDOWS_PLACES]


def install() -> str | None:
    """Install Debian's chromium where root rights need no password, else Playwright's.

    Returns:
        The path of the browser, or None when nothing could be installed.
    """
    for commands in (_debian_commands(), _playwright_commands()):
        for command in commands:
            print("Installing a browser:", " ".join(command), file=sys.stderr)
            if subprocess.run(command, stdout=sys.stderr, check=False).returncode != 0:
                break
        found = find()
        if found:
            return found
    return None


def _debian_commands() -> list[list[str]]:
    if not shutil.which("apt-get"):
        return []
    prefix: list[str] = []
    if getattr(os, "geteuid", lambda: 1)() != 0:
        asks = ["sudo", "-n", "true"]
        if not shutil.which("sudo") or subprocess.run(asks, capture_output=True).returncode != 0:
            return []
        prefix = ["sudo", "-n"]
    quiet = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    return [
        [*quiet, "update"],
        [*quiet, "install", "-y", "--no-install-recommends", "chromium"],
    ]


def _playwright_commands() -> list[list[str]]:
    return [[sys.executable, "-m", "playwright", "install", "chromium"]]


def main(arguments: list[str]) -> int:
    """Print the browser's path; with `--install`, install one first where there is none."""
    unknown = set(arguments) - {"--install"}
    if unknown:
        print(__doc__, file=sys.stderr)
        return 2
    path = find()
    if path is None and "--install" in arguments and not os.environ.get("SHOWTELL_BROWSER"):
        path = install()
    if path is None:
        named = os.environ.get("SHOWTELL_BROWSER")
        if named:
            print(f"SHOWTELL_BROWSER is {named!r}, which is no program.", file=sys.stderr)
        print(ADVICE, file=sys.stderr)
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
