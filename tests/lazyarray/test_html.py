"""Arrays in notebooks: what is shown is true, escaped, light, and costs no computation."""

from __future__ import annotations

import re
import time
from typing import Any
from xml.etree import ElementTree

import numpy
import pytest

from ramba import events
from ramba.lazyarray.info import MOST_BLOCKS
from tests.subject import ramba
from tests.test_explain import data, workers


def html(array: Any) -> str:
    """What a notebook gets: well-formed, and the same twice; nothing was computed, nothing was sent."""
    heard: list[Any] = []
    with events.subscribe(heard.append, workers=True):
        begin = time.perf_counter()
        text = array._repr_html_()
        assert time.perf_counter() - begin < 5  # 10 ms, were the machine not noisy
        assert array._repr_html_() == text
    assert heard == []
    ElementTree.fromstring(text)
    return str(text)


def rectangles(text: str) -> list[tuple[float, ...]]:
    found = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', text)
    return [tuple(map(float, row)) for row in found]


def test_pending() -> None:
    with ramba.config.set(eager_size=10):
        a = ramba.arange(100.0) * 2 + 1
        text = html(a)
    for part in ("(100,)", "float64", "800 bytes", "operations are pending"):
        assert part in text
    assert "<pre>" not in text


@pytest.mark.one_process
def test_values_are_shown_once_they_are_there() -> None:
    with ramba.config.set(eager_size=10):
        a = ramba.arange(100) * 2
        ramba.sync()
        assert "<pre>[  0   2   4 ... 194 196 198]</pre>" in html(a)
        assert "<pre>[  2   4   6 ... 194 196 198]</pre>" in html(a[1:])
        large = data(300, 300) * 2
        assert "<pre>" not in html(large)
        ramba.sync()
        assert "<pre>[[" in html(large)
        assert "..." in html(large)
        assert "<pre>[1. 1. 1.]</pre>" in html(ramba.ones(3))


def test_text_is_escaped() -> None:
    array = ramba.array(numpy.array(["<script>", "a & b"]))
    assert "&lt;script&gt;" in html(array)
    names = ramba.array(numpy.zeros(2, [("<b>", "f8")]))
    assert "<b>" not in html(names)


def test_objects_are_not_asked_for_their_text() -> None:
    class Slow:
        def __repr__(self) -> str:
            raise AssertionError

    assert "object" in html(ramba.array(numpy.array([Slow(), 1], object)))


def test_one_value_is_a_line() -> None:
    with ramba.config.set(eager_size=10):
        for value in (ramba.array(3.5), (ramba.arange(300.0) * 2.0).sum()):
            assert value._repr_html_() is None


@pytest.mark.parametrize("shape", [(0,), (3, 0), (1,), (1, 1, 1, 1)])
def test_odd_shapes(shape: tuple[int, ...]) -> None:
    assert str(shape) in html(ramba.zeros(shape))


def test_blocks_are_coloured_by_worker() -> None:
    with workers(4):
        a = data(96, 96)
        text = html(a)
        found = rectangles(text)
        assert len(found) == 4
        assert sum(width * height for _, _, width, height in found) == pytest.approx(160 * 160)
        assert len(set(re.findall(r"hsl\(\d+,60%,\d+%\)", text))) == 4
        assert "worker 2: [48:72, 0:96]" in text
        assert "4 x 1 blocks of 24 x 96" in text
        assert "local, 4 workers" in text
        assert "on the workers" in text
        assert "<pre>" not in text


def test_a_view_shows_its_own_part() -> None:
    with workers(4):
        text = html(data(96, 96)[30:60].T)
        assert len(rectangles(text)) == 2
        assert "worker 1: [0:96, 0:18]" in text
        assert "of the array of shape (96, 96)" in text


@pytest.mark.parametrize(("shape", "label"), [((40_000,), "40000"), ((3, 4, 5, 600), "(dimensions 2 and 3 of 4)")])
def test_other_dimensions(shape: tuple[int, ...], label: str) -> None:
    with workers(5):
        text = html(data(*shape))
        assert label in text
        assert len(rectangles(text)) == 5


def test_a_small_array_is_on_every_worker() -> None:
    with workers(3):
        a = data(96, 96).sum(axis=0)[:50]
        text = html(a)
        assert "on every worker" in text
        assert len(rectangles(text)) == 1


def test_many_workers_give_a_small_page() -> None:
    with workers(MOST_BLOCKS + 1):
        text = html(data(600, 600))
    assert len(text) < 2000
    with workers(40):
        assert len(html(data(600, 600))) < 10_000


def test_lost_arrays_say_so() -> None:
    with workers(2):
        a = data(60, 60)
    text = html(a)
    assert "lost" in text


@pytest.mark.one_process
def test_info_is_a_tuple_and_a_table() -> None:
    with ramba.config.set(eager_size=10):
        a = ramba.arange(24.0).reshape(4, 6)[1:] + 1
        facts = a.info()
        assert facts.shape == (3, 6)
        assert facts.dtype == numpy.float64
        assert facts.nbytes == 144
        assert facts.pending >= 1
        assert facts.partition is None
        assert repr(facts).splitlines()[0] == "shape     (3, 6)"
        ramba.sync()
        assert a.info().pending == 0
        assert ramba.ones(3).info().state == "in NumPy's memory"


def test_info_does_not_start_workers() -> None:
    with ramba.config.set(backend="local", workers=2, eager_size=10):
        ramba.shutdown()
        try:
            assert ramba.ones(3).info().backend == "local (not started)"
        finally:
            ramba.shutdown()
