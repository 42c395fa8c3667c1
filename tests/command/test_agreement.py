"""What counts as the same, and what does not."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

from ramba.command.agreement import Tolerance, files, texts

WITHIN = Tolerance()


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("x 1.0", "x 1.0"), ("x 1.0000001", "x 1.0000002"), ("0.123", "0.124"), ("[1.  2.]", "[1. 2.]"),
        ("-0.0", "0.0"), ("1e-16", "3e-17"), ("nan inf", "nan inf"), ("<f at 0x7f00>", "<f at 0x8a11>"),
        ("3.1e5", "3.2e5"), ("a\nb 2.5\n", "a\nb 2.5000000001\n"), ("x=1.5,", "x=1.50,"),
    ],
)  # fmt: skip
def test_texts_that_agree(a: str, b: str) -> None:
    assert not texts(a, b, WITHIN).differences


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("x 1.0", "y 1.0"), ("7", "8"), ("1000000", "1000001"), ("0.123", "0.125"), ("1.0", "nan"), ("1.0", "1.0 2.0"),
        ("1", "1\n2"), ("-1.5", "1.5"), ("inf", "-inf"), ("true", "false"), ("7", "7.5"), ("x1", "x2"), ("", "a"),
    ],
)  # fmt: skip
def test_texts_that_differ(a: str, b: str) -> None:
    verdict = texts(a, b, WITHIN)
    assert verdict.differences
    assert verdict.said.startswith("DIFFERENT")


def test_tolerances() -> None:
    assert texts("1.000000", "1.000009", WITHIN).differences
    assert not texts("1.000000", "1.000009", Tolerance(1e-4)).differences
    assert not texts("0.000000", "0.000900", Tolerance(0, 1e-3)).differences


def test_files(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    for folder, step in ((a, 0.0), (b, 1e-9)):
        (folder / "sub").mkdir(parents=True)
        numpy.save(folder / "near.npy", numpy.ones(3) + step)
        numpy.save(folder / "far.npy", numpy.ones(3) + step * 1e6)
        numpy.save(folder / "whole.npy", numpy.arange(3) + int(step > 0))
        numpy.save(folder / "type.npy", numpy.ones(3, "f4" if step else "f8"))
        numpy.savez(folder / "sub" / "two.npz", x=numpy.ones(2) + step, y=numpy.arange(2))
        (folder / "text.csv").write_text(f"1.5,{2.5 + step}\n")
        (folder / "bytes").write_bytes(b"\xff" + bytes([int(step > 0)]))
    (a / "only").touch()
    found = {name: bool(verdict.differences) for name, verdict in files(a, b, WITHIN)}
    assert found == {
        "near.npy": False, "far.npy": True, "whole.npy": True, "type.npy": True, "sub/two.npz": False,
        "text.csv": False, "bytes": True, "only": True,
    }  # fmt: skip
