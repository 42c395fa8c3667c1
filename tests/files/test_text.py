"""Tables of numbers as text: read and written as NumPy does it, whatever is in them."""

from __future__ import annotations

import bz2
import gzip
import io
import itertools
import lzma
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ramba.files import rows
from ramba.files.digits import code
from ramba.files.formats import text as tables
from tests.files.arrays import bytes_read, same
from tests.subject import mode, ramba

ALL = ["threads", "3 workers"]

compiled = pytest.mark.skipif(code() is None, reason="the reader of text was not compiled")
pytestmark = pytest.mark.own_modes


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "PIECE", 16)
    monkeypatch.setattr(rows, "BLOCK", 7)


def outcome(call: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """What a call gives, or raises, and what it warns of."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            found = call(*args, **options)
        except Exception as problem:
            found = type(problem), str(problem)
    return found, [(w.category, str(w.message)) for w in warned]


def alike(found: Any, expected: Any) -> None:
    """The same arrays and warnings, or the same exception."""
    (ours, ours_warned), (theirs, theirs_warned) = found, expected
    assert ours_warned == theirs_warned
    if isinstance(theirs, tuple):
        assert ours == theirs
        return
    assert not isinstance(ours, tuple), ours
    for one, other in zip(ours, theirs, strict=True) if isinstance(theirs, list) else [(ours, theirs)]:
        assert type(one) is ramba.ndarray
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        numpy.testing.assert_array_equal(numpy.asarray(one), other)
        if one.dtype.kind == "f":
            numpy.testing.assert_array_equal(numpy.signbit(numpy.asarray(one)), numpy.signbit(other))


integers = st.integers(-300, 300).map(str)
numbers = st.one_of(
    integers,
    st.floats(width=64).map(repr),
    st.floats(-1e6, 1e6).map(lambda x: f"{x:.18e}"),
    st.sampled_from(
        ["1.", ".5", "-0", "+7", "1E5", "Infinity", "-NaN", "nan", "00012", "1e-5", "123456789012345678901234"]
    ),
)
strange = st.sampled_from(
    [
        "",
        "x",
        "1_0",
        "0x1",
        "1e",
        ".",
        "1 2",
        "e5",
        "é",
        "1e400",
        "--1",
        '"1"',
        "99999999999999999999",
        "\x0b",
        "-",
        "1j",
    ]
)


@st.composite
def texts(draw: st.DrawFn) -> tuple[bytes, dict[str, Any]]:
    """A table with comments, empty lines, blanks and mistakes; and how it is to be read."""
    delimiter = draw(st.sampled_from([None, None, ",", ";", "\t", " ", "|"]))
    comment = draw(st.sampled_from(["#", "#", "%", None]))
    count = draw(st.integers(1, 4))
    kind = draw(st.sampled_from([numbers, integers]))
    between = {None: [" ", "  ", "\t"], " ": [" "], "\t": ["\t", " \t"]}.get(delimiter, [delimiter, f" {delimiter} "])
    lines = []
    for _ in range(draw(st.integers(0, 8))):
        row = [draw(kind) for _ in range(count)]
        change = draw(st.integers(0, 25))
        if change == 0:
            row[draw(st.integers(0, count - 1))] = draw(strange)
        elif change == 1:
            row.append("1")
        line = draw(st.sampled_from(between)).join(row)
        if change == 2:
            line = draw(st.sampled_from(["", " ", " \t", f"{comment} note", f"  {comment} note"]))
        elif change == 3:
            line = f" {line}\t"
        elif change == 4:
            line += f" {comment} note"
        elif change == 5:
            line += "\r"
        lines.append(line)
    ending = draw(st.sampled_from(["\n", "\n", "\n", "\r\n"]))
    content = ending.join(lines) + draw(st.sampled_from([ending, ""]))
    options: dict[str, Any] = {"delimiter": delimiter, "comments": comment}
    for name, values in {
        "usecols": [0, -1, (0,), (1, 0), (0, 0), (5,)],
        "unpack": [True],
        "ndmin": [1, 2],
        "encoding": ["utf-8", "latin1", "ascii", "bytes", "utf-16"],
        "max_rows": [1, 3, 100],
    }.items():
        if draw(st.integers(0, 4)) == 0:
            options[name] = draw(st.sampled_from(values))
    return content.encode("utf-8"), options


@pytest.mark.parametrize("name", ALL)
@example(text=(b"# \xc3\xa9\n1 2\n3 4", {"delimiter": None, "comments": "#"}), skip=0, dtype="f8")
@example(text=(b"\xef\xbb\xbf# e\n1 2\n3 4", {"delimiter": None, "comments": "#"}), skip=0, dtype="f8")
@example(text=(b"head\r1\r2\n3", {"delimiter": None, "comments": "#"}), skip=1, dtype="f8")
@given(
    text=texts(),
    skip=st.sampled_from([0, 0, 1, 2, 20]),
    dtype=st.sampled_from(["f8", "f8", "f4", "i8", "i1", "u2", "c16", "U5", ">f8"]),
)
def test_any_text(name: str, text: tuple[bytes, dict[str, Any]], skip: int, dtype: str, tmp_path_factory: Any) -> None:
    content, options = text
    path = tmp_path_factory.mktemp("text") / "a.txt"
    path.write_bytes(content)
    with mode(name):
        for function, skipped in (("loadtxt", "skiprows"), ("genfromtxt", "skip_header")):
            given = {**options, skipped: skip, "dtype": dtype}
            expected = outcome(getattr(numpy, function), path, **given)
            alike(outcome(getattr(ramba, function), path, **given), expected)


@compiled
@given(
    st.lists(
        st.one_of(
            st.floats(allow_nan=False).map(repr),
            st.tuples(st.integers(0, 10**19), st.integers(-340, 300)).map(lambda x: f"{x[0]}e{x[1]}"),
        ),
        min_size=1,
    )
)
def test_every_double_is_the_nearest(words: list[str]) -> None:
    words = [word for word in words if abs(float(word)) < 1e308]
    found = numpy.empty(len(words))
    columns = numpy.zeros(1, numpy.int32)
    assert code().parse("\n".join(words).encode(), 0, 0, 1, columns, 0, 1, found) == len(words)
    expected = numpy.array([float(word) for word in words])
    numpy.testing.assert_array_equal(found.view("u8"), expected.view("u8"))


@compiled
def test_halves_between_doubles() -> None:
    """Decimal digits just at, above and below the middle between two doubles."""
    bits = numpy.random.default_rng(0).integers(0x3FD << 52, 0x41F << 52, 300)
    words = []
    for low, high in zip(bits.view("f8").tolist(), (bits + 1).view("f8").tolist(), strict=True):
        (a, b), (c, d) = low.as_integer_ratio(), high.as_integer_ratio()
        digits = (a * d + c * b) * 10**60 // (2 * b * d)
        words += [f"{digits + off}e-60" for off in (-1, 0, 1)] + [f"{digits // 10**45}e-15"]
    found = numpy.empty(len(words))
    assert code().parse("\n".join(words).encode(), 0, 0, 1, numpy.zeros(1, numpy.int32), 0, 1, found) == len(words)
    assert found.tolist() == [float(word) for word in words]


COMPRESSED = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open, ".lzma": lzma.open}
FORMATS = ["%.18e", "%.3e", "%e", "%f", "%.2f", "%12.6f", "%30.18e", "%.18f", "%g", "%+.3e", "%-12.4f|", "%08.3f", "%E",
           "%.0f", "%d", "%5i", "%s", "%r", "%x", "%.3d", "%%", "é%f", "%5", "%.0e", "% d"]  # fmt: skip


@st.composite
def shown(draw: st.DrawFn) -> tuple[numpy.ndarray, dict[str, Any]]:
    """An array, and how it is to be shown."""
    shape = draw(st.sampled_from([(0,), (1,), (20,), (3, 0), (1, 4), (9, 2), (5, 3), (2, 2, 2), ()]))
    dtype = draw(st.sampled_from(["f8", "f8", "f4", "f2", "i8", "i1", "u8", "?", "c16", ">f8"]))
    count = int(numpy.prod(shape))
    drawn = draw(
        st.lists(st.floats(width=32) if draw(st.booleans()) else st.integers(-9, 99), min_size=count, max_size=count)
    )
    with numpy.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        a = numpy.array(drawn, "f8").reshape(shape).astype(dtype)
    options: dict[str, Any] = {"fmt": draw(st.sampled_from(FORMATS))}
    if len(shape) == 2 and draw(st.integers(0, 3)) == 0:
        options["fmt"] = draw(st.lists(st.sampled_from(FORMATS[:6]), min_size=shape[1], max_size=shape[1]))
    if len(shape) == 2 and draw(st.integers(0, 3)) == 0 and isinstance(options["fmt"], str):
        options["fmt"] = " ".join([options["fmt"]] * shape[1]) + draw(st.sampled_from(["", ";"]))
    for name, values in {
        "delimiter": [",", "", " -> ", "é", None],
        "newline": ["\r\n", "", "%\n"],
        "header": ["a\nb", "é"],
        "footer": ["end"],
        "comments": ["% ", ""],
        "encoding": ["utf-8", "latin1", "utf-16", "ascii"],
    }.items():
        if draw(st.integers(0, 5)) == 0:
            options[name] = draw(st.sampled_from(values))
    return a, options


@pytest.mark.parametrize("name", ALL)
@given(case=shown())
def test_the_same_bytes(name: str, case: tuple[numpy.ndarray, dict[str, Any]], tmp_path_factory: Any) -> None:
    a, options = case
    folder = tmp_path_factory.mktemp("text")
    with mode(name):
        x = ramba.asarray(a) * ramba.asarray(1, a.dtype) if a.dtype.kind == "f" else ramba.asarray(a)
        expected, _ = outcome(numpy.savetxt, folder / "theirs", a, **options)
        found, _ = outcome(ramba.savetxt, folder / "ours", x, **options)
        assert found == expected
    if expected is None:
        assert (folder / "ours").read_bytes() == (folder / "theirs").read_bytes()
        assert sorted(os.listdir(folder)) == ["ours", "theirs"]
    else:
        assert os.listdir(folder) in ([], ["theirs"])


@compiled
@given(st.lists(st.floats(allow_nan=False), min_size=1), st.sampled_from(["e", "f"]), st.integers(0, 20))
@example([0.5, 2.5, 1e22, 9.9999999999999995, 99999.5, 5e-324, 1e23, 0.1], "e", 1)
@example([0.5, 0.125, 2.5, 1e18, 9e17, 0.95, 0.05], "f", 1)
def test_every_double_is_shown_as_python_does(given: list[float], letter: str, precision: int) -> None:
    form = f"%.{precision}{letter}"
    how = rows.shown(form, 1, "\n", numpy.dtype("f8"))
    assert how is not None
    parts = rows.texts(numpy.array(given)[:, None], how, tables._Alone())
    assert parts is not None
    assert b"".join(part.tobytes() for part in parts).decode().split() == [form % x for x in given]


@pytest.mark.parametrize("name", ALL)
def test_rows_in_several_rounds(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ramba.kernels.tables.AT_ONCE", 500)
    a = numpy.random.default_rng(0).normal(size=(101, 7))
    with mode(name):
        ramba.savetxt(tmp_path / "a.txt", ramba.asarray(a) * 1, header="h", footer="f")
        ramba.savetxt(tmp_path / "t.txt", (ramba.asarray(a) * 1).T)
    numpy.savetxt(tmp_path / "b.txt", a, header="h", footer="f")
    numpy.savetxt(tmp_path / "u.txt", a.T)
    assert (tmp_path / "a.txt").read_bytes() == (tmp_path / "b.txt").read_bytes()
    assert (tmp_path / "t.txt").read_bytes() == (tmp_path / "u.txt").read_bytes()


@pytest.mark.parametrize("name", ALL)
def test_what_cannot_be_cut_is_numpys(name: str, tmp_path: Path) -> None:
    content = b"1 2\n3 4\n5 6\n"
    for ending, opened in COMPRESSED.items():
        with opened(tmp_path / f"a{ending}", "wb") as stream:
            stream.write(content)
        ramba.savetxt(tmp_path / f"b{ending}", ramba.arange(6.0).reshape(3, 2))
        same(ramba.loadtxt(tmp_path / f"b{ending}"), numpy.arange(6.0).reshape(3, 2))
    (tmp_path / "a.txt").write_bytes(content)
    sources: list[Callable[[], Any]] = [
        *(lambda ending=ending: tmp_path / f"a{ending}" for ending in COMPRESSED),
        lambda: io.StringIO(content.decode()),
        lambda: io.BytesIO(content),
        lambda: content.decode().splitlines(),
        lambda: (line for line in content.decode().splitlines()),
        lambda: itertools.chain(["# c", "7 8"], content.decode().splitlines()),
        lambda: str(tmp_path / "missing.txt"),
        lambda: tmp_path,
        lambda: 5,
    ]
    with mode(name):
        for function, source in itertools.product(("loadtxt", "genfromtxt"), sources):
            expected = outcome(getattr(numpy, function), source())
            alike(outcome(getattr(ramba, function), source()), expected)
        path = tmp_path / "a.txt"
        for options in (
            {"converters": {0: lambda word: float(word) * 2}},
            {"converters": float},
            {"quotechar": '"'},
            {"comments": ["#", "//"]},
            {"dtype": [("a", "f8"), ("b", "i4")]},
            {"dtype": [("a", "f8"), ("b", "i4")], "unpack": True},
            {"skiprows": -1},
            {"max_rows": 0},
            {"delimiter": "ab"},
            {"dtype": None},
            {"like": numpy.zeros(1)},
            {"usecols": "a"},
            {"usecols": (0.5,)},
            {"nothing": 1},
        ):
            alike(outcome(ramba.loadtxt, path, **options), outcome(numpy.loadtxt, path, **options))


@compiled
@pytest.mark.parametrize("name", ALL)
def test_a_mistake_leaves_what_else_is_pending(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"1 2\n3 4\n5 x\n7 8\n")
    with mode(name):
        pending = ramba.arange(100.0) * 2
        with pytest.raises(ValueError, match="could not convert string 'x' to float64 at row 2, column 2"):
            ramba.loadtxt(tmp_path / "a.txt")
        same(pending, numpy.arange(100.0) * 2)


@compiled
@pytest.mark.parametrize("name", ALL)
def test_a_dataset_of_text(name: str, tmp_path: Path) -> None:
    a = numpy.random.default_rng(0).integers(0, 1000, (200, 5)).astype("f8")
    path = tmp_path / "a.csv"
    numpy.savetxt(path, a, delimiter=",", fmt="%d", header="five columns")
    with mode(name):
        d = ramba.Dataset(path, ftype="text", delimiter=",")
        assert d.shape == (200, 5)
        same(d[20:120:7, ::-2], a[20:120:7, ::-2])
        same(ramba.load(path, ftype="text", delimiter=",", dtype="i4", usecols=(3, 1)), a[:, [3, 1]].astype("i4"))
        assert bytes_read(lambda: float(d[50:52].sum())) < path.stat().st_size / 8
        later = d[...].sum()
        os.utime(path, ns=(1, 1))
        with pytest.raises(ramba.FileChangedError):
            float(later)
        with pytest.raises(ValueError, match="1 numbers"):
            float(ramba.Dataset(path, ftype="text")[...].sum())
        (tmp_path / "b.csv").write_bytes(b"1,2\n3,x\n" * 20_000)
        with pytest.raises(ValueError, match="numbers"):
            float(ramba.Dataset(tmp_path / "b.csv", ftype="text", delimiter=",")[...].sum())


@compiled
@pytest.mark.parametrize("name", ALL)
def test_workers_read_and_write_their_own_rows(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "PIECE", 1 << 16)
    a = numpy.random.default_rng(0).normal(size=(9000, 4))
    with mode(name):
        ramba.savetxt(tmp_path / "a.txt", ramba.asarray(a) + 0)
        length = (tmp_path / "a.txt").stat().st_size
        read = bytes_read(lambda: same(ramba.loadtxt(tmp_path / "a.txt"), a))
    assert 2 * length < read < 2.5 * length  # it is counted, and read once


def test_nothing_appears_if_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> int:
        raise OSError(28, os.strerror(28))

    path = tmp_path / "a.txt"
    with mode("threads"):
        ramba.savetxt(path, ramba.arange(1000.0))
        before = path.read_bytes()
        monkeypatch.setattr(os, "pwrite", full)
        if code() is not None:
            with pytest.raises(OSError, match="No space left"):
                ramba.savetxt(path, ramba.arange(1000.0) + 1)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.txt"]


def test_few_numbers_are_numpys(tmp_path: Path) -> None:
    with mode("default"):
        ramba.savetxt(tmp_path / "a.txt", ramba.arange(10.0))
        assert bytes_read(lambda: ramba.loadtxt(tmp_path / "a.txt")) == 0
