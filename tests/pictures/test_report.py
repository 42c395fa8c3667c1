"""`ramba.profile("report.html")`: one page, complete, that loads nothing and says what happened."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy
import pytest

from ramba.pictures import ProfilePage
from ramba.pictures.amounts import duration, size
from ramba.pictures.lanes import WIDTH, Bar, curve, lane
from ramba.pictures.usage import copy_speed
from tests.subject import ramba
from tests.test_explain import data, workers

pytestmark = pytest.mark.own_modes

VOID = {"meta", "link", "br", "img", "rect", "path"}


class Checked(HTMLParser):
    """Whether all that is opened is closed, and what would be loaded."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []
        self.headings: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, text: str) -> None:
        if self.open and self.open[-1] in ("h2", "h3"):
            self.headings.append(text)


def program() -> float:
    a = ramba.arange(400_000.0)
    b = ramba.sqrt(a) * 2
    b[1:] += a[:-1]
    return float(ramba.sort(b).sum())


def test_a_page_of_one_process(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    with ramba.config.set(backend="threads"), ramba.profile(path) as profile:
        program()
    text = path.read_text()
    page = Checked(text)
    assert not page.open
    assert not page.loaded
    assert page.headings[:4] == ["Time", "Memory", "Kernels", "Who did how much"]
    assert "The doctor" in page.headings
    assert isinstance(profile, ProfilePage)
    assert "test_report.py:" in text
    assert "sqrt" in text
    assert not re.search(r"url\(|@import|http", text.replace("http://www.w3.org/2000/svg", ""))


def test_bytes_and_lines_of_kernels(tmp_path: Path) -> None:
    with ramba.config.set(backend="threads", kernels="compiled"):
        a = ramba.arange(1_000_000.0)
        ramba.sync()
        with ramba.profile(tmp_path / "report.html") as profile:
            for _ in range(3):
                b = ramba.cos(a) * 3
                ramba.sync()
            del b
    assert isinstance(profile, ProfilePage)
    (row,) = [row for row in profile.kernels() if "cos" in row.title]
    assert row.runs == 3
    assert row.nbytes == 3 * 16_000_000
    ((file, line),) = row.lines
    assert file == __file__
    assert "ramba.sync()" in Path(__file__).read_text().splitlines()[line - 1]
    assert profile.speed > 1e8


def test_a_page_of_workers(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    with workers(3), ramba.profile(path):
        a, b = data(60, 60), data(60, 60)
        b[1:] += a[:-1]
        assert float(b.sum()) == float(numpy.asarray(b).sum())
    text = path.read_text()
    page = Checked(text)
    assert not page.open
    assert "Messages" in page.headings
    assert "messages with commands" in text
    for rank in range(3):
        assert f"worker {rank}, messages" in text


def test_bytes_and_lines_of_kernels_on_workers() -> None:
    with workers(2):
        a = ramba.arange(1_000_000.0)
        ramba.sync()
        with ProfilePage() as profile:
            for _ in range(3):
                b = ramba.cos(a) * 3
                ramba.sync()
            sorted_by_workers = ramba.sort(b)
            float(sorted_by_workers[0])
            del b
    rows = {row.title: row for row in profile.kernels()}
    (row,) = [row for title, row in rows.items() if "cos" in title]
    source = Path(__file__).read_text().splitlines()
    assert row.runs == 6
    assert row.nbytes == 3 * 16_000_000
    assert row.texts
    ((file, line),) = row.lines
    assert file == __file__
    assert "ramba.sync()" in source[line - 1]
    ((file, line),) = rows["sort"].lines
    assert "sort" in source[line - 1]


def test_a_page_of_a_program_that_fails(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    with pytest.raises(ZeroDivisionError), ramba.profile(path):
        program()
        raise ZeroDivisionError
    assert not Checked(path.read_text()).open


def test_nothing_at_all_is_a_page_too(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    with ramba.profile(path):
        pass
    assert "None ran." in path.read_text()


def test_many_bars_are_a_short_picture() -> None:
    bars = [Bar("kernel", k * 5e-6, 2e-6, "sin") for k in range(200_000)]
    text = lane(bars, 1.0)
    assert len(text) < 100_000
    assert text.count("M") == 1  # all of them touch, at this size


def test_bars_keep_their_places() -> None:
    text = lane([Bar("kernel", 0.25, 0.25, "<sin>"), Bar("wait", 0.0, 1.0, "wait")], 1.0)
    assert f"M{WIDTH / 4:.1f} 3h{WIDTH / 4:.1f}" in text
    assert text.index('class="wait"') < text.index('class="kernel"')
    assert "&lt;sin&gt;: 250 ms" in text


def test_a_curve_ends_where_it_should() -> None:
    text = curve([(0.0, 5.0), (1.0, 10.0)], 1.0, 10.0, height=100)
    assert f"L{WIDTH:.1f} 2.0" in text
    assert curve([], 1.0, 1.0) == ""


def test_memory_is_seen_to_grow() -> None:
    program = """if True:
        import os, numpy
        from ramba.pictures.usage import Memory
        memory = Memory({"here": os.getpid(), "nowhere": 2**22 + 1})
        held = numpy.ones(10_000_000)
        memory.close()
        values = [nbytes for _, nbytes in memory.samples["here"]]
        print(max(values) - values[0] > held.nbytes / 2, memory.samples["nowhere"])
    """  # in a process of its own: another one may have memory at hand, of which nobody sees that it grows
    assert subprocess.check_output([sys.executable, "-c", program], text=True).split() == ["True", "[]"]


def test_amounts() -> None:
    assert [duration(x) for x in (2.5, 0.0123, 4e-6)] == ["2.5 s", "12.3 ms", "4 us"]
    assert [size(x) for x in (5, 1.5e4, 2e6, 3.25e9)] == ["5 bytes", "15 kB", "2 MB", "3.25 GB"]
    assert copy_speed() > 1e8


@pytest.mark.parametrize("count", [0, 2])
def test_a_single_run_after_many_short_ones_is_seen(count: int) -> None:
    with workers(count) if count else ramba.config.set(backend="threads", kernels="compiled"):
        a = ramba.arange(200_000.0)
        ramba.sync()
        with ProfilePage() as profile:
            for _ in range(300):
                b = ramba.cos(a) * 3
                ramba.sync()
            b = ramba.sqrt(a) * 2
            ramba.sync()
            del b
    (row,) = [row for row in profile.kernels() if "sqrt" in row.title]
    assert row.runs == max(count, 1)


def test_many_short_runs_are_estimated_by_some() -> None:
    with ramba.config.set(backend="threads", kernels="compiled"):
        a = ramba.arange(200_000.0)
        ramba.sync()
        with ProfilePage() as profile:
            for _ in range(1200):
                b = ramba.cos(a) * 3
                ramba.sync()
            del b
    (row,) = [row for row in profile.kernels() if "cos" in row.title]
    heard = sum(isinstance(found.event, ramba.events.Ran) for found in profile.slices)
    assert profile.sampled == (heard < 1200)
    assert 1100 <= row.runs <= 1200  # the last ones may stand for nobody
