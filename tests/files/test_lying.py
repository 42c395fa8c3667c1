"""What is read from a file lies on workers as the program says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest

from tests.files.arrays import same
from tests.subject import mode, ramba

pytestmark = pytest.mark.own_modes

A = numpy.arange(60_000.0).reshape(300, 200)
WORKERS = 3


@pytest.fixture(autouse=True)
def _workers() -> Iterator[None]:
    with mode(f"{WORKERS} workers"):
        yield


def written(folder: Path, name: str) -> Path:
    if name == "fortran.npy":
        numpy.save(folder / name, numpy.asfortranarray(A))
    else:
        pytest.importorskip({"h5": "h5py", "zarr": "zarr"}.get(name.rpartition(".")[2], "numpy"))
        ramba.save(folder / name, ramba.asarray(A))
    return folder / name


FILES = ["a.npy", "fortran.npy", "a.h5", "a.zarr"]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("distribution", [0, 1, (1, 2), "whole", [(0, 17, 300), 1]])
def test_loaded(name: str, distribution: Any, tmp_path: Path) -> None:
    path = written(tmp_path, name)
    wanted = ramba.zeros(A.shape, distribution=distribution).distribution
    for found in (ramba.load(path, distribution=distribution), ramba.Dataset(path, distribution=distribution)[...]):
        if not found.flags.f_contiguous:
            assert found.distribution == wanted  # promised
        same(found, A)
        assert sorted(box for _, box in found.distribution.blocks) == sorted(box for _, box in wanted.blocks)
        same(found + 1, A + 1)


@pytest.mark.parametrize("name", FILES[::3])
def test_each_worker_reads_the_part_that_it_holds(name: str, tmp_path: Path) -> None:
    path = written(tmp_path, name)
    heard: list[Any] = []
    with ramba.events.subscribe(heard.append, workers=True):
        x = ramba.Dataset(path, distribution=1)[...]
        ramba.sync()
        same(x, A)
    read = {e.rank: e.event for e in heard if isinstance(e, ramba.events.OnWorker)}
    sent = [e.event for e in heard if isinstance(e, ramba.events.OnWorker) and isinstance(e.event, ramba.events.Sent)]
    assert len(read) == WORKERS
    assert not [message for message in sent if message.target < WORKERS]


def test_parts_and_what_follows_of_them(tmp_path: Path) -> None:
    path = written(tmp_path, "a.npy")
    d = ramba.Dataset(path, distribution=1)
    part = d[10:200, ::3]
    assert part.distribution.partition.grid == (1, WORKERS)
    same(part, A[10:200, ::3])
    same(d[5], A[5])
    same(d[[3, 1]], A[[3, 1]])
    same(d[...][20:, 7:].sum(axis=0), A[20:, 7:].sum(axis=0))
    assert d[:2, :2].sum() == A[:2, :2].sum()
    with ramba.config.set(memory_limit=A.nbytes // 2):
        same(d[...].sum(axis=0), A.sum(axis=0))


def test_numpys_own_files(tmp_path: Path) -> None:
    A.tofile(tmp_path / "a.bin")
    assert ramba.fromfile(tmp_path / "a.bin", distribution="whole").distribution.replicated
    same(ramba.fromfile(tmp_path / "a.bin", count=7, distribution=0), A.reshape(-1)[:7])
    numpy.savez(tmp_path / "a.npz", x=A)
    with pytest.raises(TypeError, match="Archive is none"):
        ramba.load(tmp_path / "a.npz", distribution=0)


def test_what_cannot_be(tmp_path: Path) -> None:
    path = written(tmp_path, "a.npy")
    for wrong in (2, (WORKERS + 1, 1), (1, 1, 1), "rows"):
        for attempt in (ramba.load, ramba.Dataset):
            with pytest.raises(ValueError):
                attempt(path, distribution=wrong)
    with pytest.raises(TypeError, match="is no distribution"):
        ramba.Dataset(path, distribution=1.5)
