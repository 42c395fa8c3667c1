"""The report and the dashboard in a browser. The first tests are quick, and a part of `make test`, too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.browser.browsing import DESK, PHONE, ROOT, window
from tests.subject import ramba

pytestmark = pytest.mark.own_modes


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a report of a small program."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    with ramba.config.set(backend="threads", num_threads=2), ramba.profile(path):
        a = ramba.arange(400_000.0)
        b = ramba.sqrt(a) * 2
        b[1:] += a[:-1]
        float(ramba.sort(b).sum())
    return path.as_uri()


def end_of_axis(page: Any) -> tuple[float, str]:
    """The number at the end of the time line, and its unit."""
    number, unit = page.locator(".axis span").last.inner_text().split()
    return float(number), unit


def test_a_report(browser: Any, report: str) -> None:
    with window(browser) as seen:
        page = seen.page
        page.goto(report)
        assert page.locator("h1").inner_text()
        whole = end_of_axis(page)
        page.locator("#time").focus()
        page.keyboard.press("+")
        assert end_of_axis(page) != whole
        page.keyboard.press("0")
        assert end_of_axis(page) == whole
        page.locator("details summary").first.click()
        assert page.locator("pre").first.is_visible()
        assert seen.fits()
        assert not seen.strangers()
        assert not seen.complaints


def test_a_dashboard(browser: Any) -> None:
    with ramba.config.set(backend="threads"), ramba.dashboard() as board, window(browser) as seen:
        page = seen.page
        page.goto(board.url)
        kernels = page.locator("#members tbody tr td:nth-child(4)").first
        kernels.wait_for()
        before = int(kernels.inner_text().replace(",", ""))
        float((ramba.arange(300_000.0) * 2).sum())
        page.wait_for_function(
            "before => Number(document.querySelector('#members tbody td:nth-child(4)').textContent) > before",
            arg=before,
        )
        assert seen.fits()
        assert not seen.strangers()
        assert not seen.complaints


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_report_of_workers(browser: Any, tmp_path: Path, size: tuple[int, int], scheme: str) -> None:
    path = tmp_path / "report.html"
    program = ROOT / "tests" / "browser" / "waves.py"
    subprocess.run([sys.executable, program, "report", path], check=True, cwd=ROOT, timeout=120)
    with window(browser, size, scheme) as seen:
        seen.page.goto(path.as_uri())
        for name in ("program", "worker 0", "worker 1"):
            assert seen.page.locator(".lane b", has_text=name).first.is_visible()
        assert seen.fits()
        assert seen.contrast("td") > 4.5
        assert seen.contrast("h2") > 4.5
        seen.photograph(f"report-{'phone' if size == PHONE else 'desk'}-{scheme}")


@contextmanager
def waves() -> Iterator[tuple[subprocess.Popen[str], str, list[int]]]:
    """A program on two workers with a dashboard: its process, address and workers' processes."""
    program = ROOT / "tests" / "browser" / "waves.py"
    child = subprocess.Popen(
        [sys.executable, program, "dashboard"], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert child.stdout is not None
        address, *workers = child.stdout.readline().split()
        yield child, address, [int(pid) for pid in workers]
    finally:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()


def counts(page: Any) -> list[int]:
    cells = page.locator("#members tbody tr td:nth-child(4)").all_inner_texts()
    return [int(text.replace(",", "") or 0) for text in cells]


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_dashboard_of_workers(browser: Any, scheme: str) -> None:
    """Numbers move while it computes, and who was killed is lost."""
    with waves() as (child, address, workers), window(browser, scheme=scheme) as seen:
        page = seen.page
        page.goto(address)
        page.locator("#members tbody tr").nth(2).wait_for()
        before, until = counts(page), time.monotonic() + 30
        while not all(after > count for after, count in zip(counts(page)[1:], before[1:], strict=True)):
            assert time.monotonic() < until
            page.wait_for_timeout(200)
        page.locator("#arrays tbody tr", has_text="field").wait_for()
        seen.photograph(f"dashboard-desk-{scheme}")
        assert seen.contrast("td") > 4.5
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        assert seen.fits()
        seen.photograph(f"dashboard-phone-{scheme}")
        page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
        assert child.stdin is not None
        child.stdin.write("wait\n")  # no more of the program: nobody replaces who is lost
        child.stdin.flush()
        page.wait_for_timeout(1000)
        os.kill(workers[1], signal.SIGKILL)
        page.locator("#members tbody tr", has_text="worker 1").get_by_text("lost").wait_for()
        seen.photograph(f"dashboard-lost-{scheme}")
        child.stdin.write("go on\n")
        child.stdin.flush()
        page.locator("#members tbody tr", has_text="worker 1").get_by_text("replaced").wait_for()
        seen.photograph(f"dashboard-replaced-{scheme}")
        child.kill()
        page.get_by_text("does not answer").wait_for()
        assert not seen.strangers()
