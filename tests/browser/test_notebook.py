"""A notebook in JupyterLab, light and dark; and what is kept of it, in a page without scripts."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.browser.browsing import DESK, PHONE, Window, window

pytestmark = [pytest.mark.own_modes, pytest.mark.browser]

CELLS = (
    "import ramba as np\na = np.arange(12_000_000.0).reshape(3000, 4000)\nb = np.sqrt(a) + 1\nb.info()",
    "b",
    "(np.sqrt(b) - a).sum(axis=0).visualize()",
    "np.init(backend='processes', workers=2)\nc = np.zeros((3000, 4000)) + 1\nnp.sync()\nc",
    "def waiting(turns):\n    waits = np.ones(5_000_000)\n    for _ in range(turns):\n"
    "        waits = np.sin(waits) + np.cos(waits)\n    return float(waits.sum()) > 0\n\n"
    "print('done', waiting(1000))",
    "np.shutdown()\n%load_ext ramba",
    "%%ramba_profile\nd = np.sqrt(a) * 2\nprint(float(d[1:].sum()))",
    "print('begun')\nwaiting(100_000)",
    "print('kept', float(b[0, 1]), float((b + 1)[0, 1]))",
)
PENDING, COMPUTED, DRAWN, SHARED, LONG, _, PROFILED, ENDLESS, AFTER = range(len(CELLS))


class Lab(NamedTuple):
    """JupyterLab that runs."""

    address: str
    token: str
    folder: Path


@pytest.fixture(scope="module", params=["light", "dark"])
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, str]]:
    """A server with one notebook, which nobody has run."""
    pytest.importorskip("jupyterlab", reason="pip install 'ramba[browser]'")
    folder = tmp_path_factory.mktemp("lab")
    cells = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "source": text, "outputs": [], "execution_count": None}
        for n, text in enumerate(CELLS)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (folder / "notebook.ipynb").write_text(json.dumps(notebook))
    theme = "JupyterLab Dark" if request.param == "dark" else "JupyterLab Light"
    for plugin, settings in (
        ("apputils-extension/themes", {"theme": theme}),
        ("apputils-extension/notification", {"fetchNews": "false", "checkForUpdates": False}),
        ("notebook-extension/tracker", {"windowingMode": "none"}),
    ):
        path = folder / "settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings))
    token = secrets.token_hex(16)
    places = {name: str(folder / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}
    child = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"),
            *("--ServerApp.port=0", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}"),
            *(f"--LabApp.user_settings_dir={folder / 'settings'}", f"--LabApp.workspaces_dir={folder / 'spaces'}"),
        ],
        env=os.environ | places,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Lab(_address(child, token), token, folder), request.param
    finally:
        child.terminate()
        child.communicate(timeout=30)


def _address(child: subprocess.Popen[str], token: str) -> str:
    """Where the server says that it is, once it answers."""
    assert child.stderr is not None
    said = ""
    while (found := re.search(r"http://127\.0\.0\.1:\d+", said)) is None:
        line = child.stderr.readline()
        assert line, said
        said += line
    until = time.monotonic() + 30
    while True:
        try:
            with urlopen(f"{found[0]}/api?token={token}", timeout=5):
                return found[0]
        except URLError:
            assert time.monotonic() < until
            time.sleep(0.1)


def output(seen: Window, cell: int) -> Any:
    return seen.page.locator(".jp-CodeCell").nth(cell).locator(".jp-Cell-outputArea")


def test_a_notebook(browser: Any, lab: tuple[Lab, str]) -> None:
    """Arrays as tables with pictures, a progress bar, drawings of plans and profiles, an interrupt."""
    server, scheme = lab
    with window(browser, (DESK[0], 1000), scheme) as seen:
        page = seen.page
        page.goto(f"{server.address}/lab/tree/notebook.ipynb?token={server.token}")
        page.locator(".jp-CodeCell").nth(len(CELLS) - 1).wait_for()
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        page.wait_for_timeout(1000)  # what is run before the kernel is connected is not run
        choose(page, "Run", "Run All Cells")
        page.locator(".jp-InputPrompt", has_text=re.compile("[*1]")).first.wait_for()
        bar = output(seen, LONG)
        bar.get_by_text(re.compile(r"kernel|compiling|waiting")).first.wait_for()
        output(seen, LONG).scroll_into_view_if_needed()
        seen.photograph(f"notebook-progress-{scheme}", whole=False)
        output(seen, PROFILED).locator("iframe").wait_for()
        assert "pending" in output(seen, PENDING).inner_text()
        for cell in (COMPUTED, SHARED):
            assert output(seen, cell).locator("svg rect").first.is_visible()
        assert output(seen, DRAWN).locator("svg").first.is_visible()
        assert output(seen, LONG).inner_text().strip() == "done True"  # the bar is gone
        for cell, name in ((PENDING, "pending"), (SHARED, "shared"), (DRAWN, "plan"), (PROFILED, "profile")):
            output(seen, cell).scroll_into_view_if_needed()
            seen.photograph(f"notebook-{name}-{scheme}", whole=False)
        interrupted(seen, scheme)
        page.keyboard.press("Control+s")
        page.wait_for_timeout(1000)
        kept = json.loads((server.folder / "notebook.ipynb").read_text())
    parts = [part["data"] for cell in kept["cells"] for part in cell["outputs"] if "data" in part]
    shown = ["".join(part.get("image/svg+xml") or part["text/html"]) for part in parts]
    assert sum(map(bool, shown)) == len((PENDING, COMPUTED, DRAWN, SHARED, PROFILED))  # of bars nothing is left
    static(browser, server.folder, list(filter(None, shown)), scheme)


def choose(page: Any, menu: str, entry: str) -> None:
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(f"^{menu}$")).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{entry}$")).click()


def interrupted(seen: Window, scheme: str) -> None:
    """A cell that would take an hour ends; the next one finds its arrays."""
    page = seen.page
    output(seen, ENDLESS).get_by_text("begun").wait_for()
    output(seen, ENDLESS).get_by_text(re.compile(r"kernel|compiling|waiting")).first.wait_for()
    choose(page, "Kernel", "Interrupt Kernel")
    output(seen, ENDLESS).get_by_text("KeyboardInterrupt").first.wait_for()
    page.locator(".jp-CodeCell").nth(AFTER).locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    output(seen, AFTER).get_by_text("kept 2.0 3.0").wait_for()
    output(seen, ENDLESS).scroll_into_view_if_needed()
    seen.photograph(f"notebook-interrupted-{scheme}", whole=False)


def static(browser: Any, folder: Path, shown: list[str], scheme: str) -> None:
    """As viewers show them that run no script."""
    style = "body{background:#111;color:#eee}" if scheme == "dark" else ""
    text = f"<!DOCTYPE html><title>{escape('static')}</title><style>{style}</style>" + "<hr>".join(shown)
    (folder / "static.html").write_text(text)
    for size, name in ((DESK, "desk"), (PHONE, "phone")):
        with window(browser, size, scheme, scripts=False) as seen:
            seen.page.goto((folder / "static.html").as_uri())
            assert seen.page.locator("svg rect").first.is_visible()
            assert not seen.strangers()
            seen.photograph(f"notebook-static-{name}-{scheme}")
