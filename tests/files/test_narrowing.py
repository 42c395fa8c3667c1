"""What is read of a file when only parts of a lazy array are used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.files.arrays import bytes_read, indexes
from tests.subject import MODES, mode, ramba

A = numpy.arange(6000.0).reshape(20, 30, 10)
ALL = [name for name in MODES if name in ("threads", "interpreted") or "workers" in name]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("narrow") / "a.npy"
    numpy.save(path, A)
    return path


def _program(np: Any, x: Any, picks: list[Any]) -> list[Any]:
    """Parts of what is computed, parts of what is read, one of them moved, and a whole result beside them."""
    first, second, third = picks
    y = x * 2 + 1
    part = y[first]
    moved = (x.T - y.T)[third]
    kept = np.zeros(A.shape[1:])
    kept[...] = x[3] + y[5, ::-1]
    return [part.sum(), x[second] + 0, moved.max() if moved.size else moved + 0, y[second].reshape(-1) * 2, kept]


@pytest.mark.own_modes
@pytest.mark.parametrize("name", ALL)
@given(data=st.data())
def test_values(name: str, data: st.DataObject, file: Path) -> None:
    shapes = [A.shape, A.shape, A.T.shape]
    picks = [data.draw(indexes(shape)) for shape in shapes]
    expected = _program(numpy, A, picks)
    with mode(name):
        found = _program(ramba, ramba.Dataset(file)[...], picks)
        for ours, theirs in zip(found, expected, strict=True):
            numpy.testing.assert_allclose(numpy.asarray(ours), theirs, rtol=1e-12)


@pytest.mark.own_modes
@pytest.mark.parametrize("name", ["threads", "3 workers"])
def test_bytes(name: str, file: Path) -> None:
    row = 30 * 10 * 8
    with mode(name):
        d = ramba.Dataset(file)
        for work, rows in (
            (lambda: float((d[...] * 2)[4:8].sum()), 4),
            (lambda: float(d[...][4:8, 3].sum() + d[...][2:5].max()), 6),
            (lambda: float((d[...][1:] - d[...][:-1])[:3].sum()), 4),
            (lambda: float(numpy.asarray(ramba.Dataset(file)[2:][::3][1:3] + 1).sum()), 2),
        ):
            nbytes = bytes_read(work)
            workers = 3 if "workers" in name else 1  # blocks of narrow rows: what lies between is read over
            assert 0 < nbytes <= (rows + 3 * (rows == 2)) * row * workers


@pytest.mark.own_modes
@pytest.mark.parametrize("name", ["threads", "3 workers"])
def test_parts_of_what_does_not_fit(name: str, file: Path) -> None:
    with mode(name), ramba.config.set(memory_limit=A.nbytes // 5):
        x = ramba.load(file, dtype="f8")
        y = ramba.sqrt(x)
        assert float(y[7].sum()) == pytest.approx(numpy.sqrt(A[7]).sum())
        assert float(y[15:, ::2].max()) == numpy.sqrt(A[15:, ::2]).max()
        assert float(y[3:].sum()) == pytest.approx(numpy.sqrt(A[3:]).sum())
        with pytest.raises(MemoryError):
            numpy.asarray(y)
