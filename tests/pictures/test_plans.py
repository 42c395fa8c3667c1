"""`x.visualize()` and `ramba.explain(x, "plan.svg")` draw what `explain` says, and run nothing."""

from __future__ import annotations

import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

from tests.subject import ramba
from tests.test_explain import data, workers

pytestmark = pytest.mark.own_modes


def texts(svg: str) -> list[str]:
    """What is written in a drawing, which is well-formed."""
    return ["".join(element.itertext()) for element in xml.fromstring(svg).iter() if element.tag.endswith("text")]


def test_a_chain_is_one_box() -> None:
    a = ramba.arange(500_000.0)
    ramba.sync()
    with ramba.kernels_run() as count:
        said = texts((ramba.sqrt(a) * 2 + 1).visualize().svg)
    assert count == 0
    assert said[0] == "%0  in memory"
    assert said[2:4] == ["1. kernel over 500000 points", "reads 4 MB, writes 4 MB"]
    assert not [line for line in said if line.startswith("2. ")]
    assert said[-1].endswith("f8[500000]  held")


def test_arrows_lead_from_who_makes_to_who_reads() -> None:
    a = ramba.arange(500_000.0)
    ramba.sync()
    svg = ((a - a.mean()) / 2).visualize().svg
    assert svg.count("marker-end") >= 3
    assert "add(%0)" in svg


def test_calls_are_named_and_values_escaped() -> None:
    svg = ramba.cumsum(ramba.arange(500_000.0) * 2).visualize().svg
    assert any(line.endswith(". accumulate") for line in texts(svg))


def test_what_is_computed_is_said() -> None:
    a = ramba.arange(500_000.0)
    ramba.sync()
    for array in (a, ramba.arange(3)):
        assert texts(array.visualize().svg) == ["Nothing is pending: the values are in memory."]


def test_messages_of_workers() -> None:
    with workers(3):
        a = data(60, 60)
        ramba.sync()
        b = a[1:] - a[:-1]
        said = texts(b.visualize().svg)
    assert any(line.endswith("; 2 messages of 1.02 kB") for line in said)


def test_files(tmp_path: Path) -> None:
    x = ramba.arange(500_000.0) * 2
    drawing = x.visualize(tmp_path / "a.svg")
    text = ramba.explain(x, str(tmp_path / "b.svg"), tmp_path / "c.svg")
    assert text == ramba.explain(x)
    assert {(tmp_path / name).read_text() for name in ("a.svg", "b.svg", "c.svg")} == {drawing.svg}
    assert drawing._repr_svg_() == drawing.svg
    assert repr(drawing).startswith("<drawing of ")


def test_a_long_program_stays_a_picture() -> None:
    x = ramba.arange(500_000.0)
    kept = []
    for k in range(80):
        x = ramba.cumsum(x + k)
        kept.append(x)
    svg = x.visualize().svg
    assert any("more kernels" in line for line in texts(svg))
