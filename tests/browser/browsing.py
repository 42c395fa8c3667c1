"""A browser that is found on this machine, and its pages, which are listened to and photographed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESK, PHONE = (1280, 900), (390, 844)  # pixels of windows
PATIENCE = 60_000  # milliseconds that anything may take


def browser_path() -> str | None:
    """The browser's program: what the variable CHROMIUM names, or the first that is on the path."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


class Window:
    """One page in one window: everything that it asked for and complained of is kept."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("response", lambda answer: self.complaints.append(answer.url) if answer.status >= 400 else None)
        page.on("pageerror", lambda problem: self.complaints.append(str(problem)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)

    def strangers(self) -> list[str]:
        """What was asked of other hosts than this one."""
        own = ("127.0.0.1", "localhost")
        return [
            url
            for url in self.requests
            if urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).hostname not in own
        ]

    def photograph(self, name: str, whole: bool = True) -> None:
        """Keeps how it looks, as a product of the build."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=whole)

    def fits(self) -> bool:
        """Whether nothing sticks out to the right, so that the page as a whole need not be moved sideways."""
        width: int = self.page.evaluate("document.documentElement.scrollWidth")
        return width <= self.page.viewport_size["width"]

    def contrast(self, selector: str) -> float:
        """How far an element's text is from its ground, as WCAG has it: 4.5 is readable."""
        found: float = self.page.locator(selector).first.evaluate(_CONTRAST)
        return found


@contextmanager
def window(browser: Any, size: tuple[int, int] = DESK, scheme: str = "light", scripts: bool = True) -> Iterator[Window]:
    """A new window, which knows nothing of those before."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, java_script_enabled=scripts
    )
    context.set_default_timeout(PATIENCE)
    try:
        seen = Window(context.new_page())
        try:
            yield seen
        except BaseException:
            seen.photograph("failed", whole=False)
            raise
    finally:
        context.close()


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *what: object) -> None:
        """Says nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A folder's address on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(folder)))
    server.daemon_threads = True
    thread = Thread(target=partial(server.serve_forever, poll_interval=0.05), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


_CONTRAST = """(element) => {
  const parts = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
  const linear = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  let ground = [255, 255, 255];
  for (let at = element; at; at = at.parentElement) {
    const [r, g, b, a = 1] = parts(getComputedStyle(at).backgroundColor);
    if (a === 1 && r !== undefined) { ground = [r, g, b]; break; }
  }
  const both = [luminance(parts(getComputedStyle(element).color)), luminance(ground)].sort((a, b) => b - a);
  return (both[0] + 0.05) / (both[1] + 0.05);
}"""
