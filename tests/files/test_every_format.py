"""What every format must stand: files that are cut short, changed, or gone before they are read."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

from tests.files.arrays import same
from tests.subject import mode, ramba

h5py = pytest.importorskip("h5py")
zarr = pytest.importorskip("zarr")
tifffile = pytest.importorskip("tifffile")
Image = pytest.importorskip("PIL.Image")

A = numpy.random.default_rng(0).integers(0, 255, (300, 400)).astype("u1")
RAW = {"dtype": "u1", "shape": A.shape}


def in_hdf5(**options: Any) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with h5py.File(path, "w") as file:
            file.create_dataset("x", data=A, **options)

    return write


def in_zarr(**options: Any) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        zarr.create_array(path, data=A, overwrite=True, **options)

    return write


def in_tiff(**options: Any) -> Callable[[Path], None]:
    return lambda path: tifffile.imwrite(path, A.reshape(5, 60, 400), photometric="minisblack", **options)


FORMATS: dict[str, Callable[[Path], None]] = {
    "a.npy": lambda path: numpy.save(path, A),
    "a.raw": lambda path: A.tofile(path),
    "plain.h5": in_hdf5(),
    "gzip.h5": in_hdf5(chunks=(50, 50), compression="gzip", shuffle=True),
    "lzf.h5": in_hdf5(chunks=(50, 50), compression="lzf"),
    "a.nc": in_hdf5(chunks=(100, 100)),
    "second.zarr": in_zarr(chunks=(50, 50), zarr_format=2),
    "third.zarr": in_zarr(chunks=(50, 50)),
    "shards.zarr": in_zarr(chunks=(50, 50), shards=(100, 100)),
    "plain.tif": in_tiff(),
    "packed.tif": in_tiff(compression="zlib"),
    "a.png": lambda path: Image.fromarray(A).save(path),
}


def opened(path: Path) -> Any:
    return ramba.Dataset(path, **(RAW if path.suffix == ".raw" else {}))


def metadata(path: Path) -> Path:
    """The file by which a change is noticed."""
    if not path.is_dir():
        return path
    return path / ("zarr.json" if (path / "zarr.json").exists() else ".zarray")


def data(path: Path) -> Path:
    """A file with elements."""
    files = [file for file in path.rglob("*") if file.is_file() and not file.name.startswith((".z", "zarr.json"))]
    return sorted(files)[0] if path.is_dir() else path


@pytest.mark.own_modes
@pytest.mark.parametrize("name", ["default", "3 workers"])
@pytest.mark.parametrize("file", FORMATS)
def test_changed_before_it_is_read(file: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / file
    FORMATS[file](path)
    with mode(name):
        d = opened(path)
        assert d[...].sum() == A.sum()
        later = d[...].max()
        os.utime(metadata(path), ns=(1, 1))
        with pytest.raises(ramba.FileChangedError, match=file.replace(".", r"\.")):
            float(later)
        metadata(path).unlink()
        with pytest.raises((FileNotFoundError, ramba.FileChangedError)):
            float(d[...].min())
        FORMATS[file](path)
        same(opened(path)[...].sum(), A.sum())


@pytest.mark.parametrize("file", FORMATS)
@pytest.mark.parametrize("part", [0.0, 0.5, 0.98])
def test_cut_short(file: str, part: float, tmp_path: Path) -> None:
    path = tmp_path / file
    FORMATS[file](path)
    victim = data(path)
    with open(victim, "r+b") as stream:
        stream.truncate(int(victim.stat().st_size * part))
    with pytest.raises((ValueError, OSError, EOFError)):
        float(opened(path)[...].sum())


@pytest.mark.parametrize("file", ["second.zarr", "third.zarr", "shards.zarr"])
def test_a_store_that_claims_more_than_there_is_memory(file: str, tmp_path: Path) -> None:
    path = tmp_path / file
    FORMATS[file](path)
    facts = json.loads(metadata(path).read_text())
    facts["shape"] = [1 << 40, 400]
    metadata(path).write_text(json.dumps(facts))
    d = opened(path)
    same(d[:300], A)
    same(d[1 << 39 : (1 << 39) + 2, :3], numpy.zeros((2, 3), "u1"))
    with pytest.raises(MemoryError):
        numpy.asarray(d[...])


@pytest.mark.parametrize("damage", [{"shape": [-1, 5]}, {"shape": "x"}, {"shape": None}])
def test_metadata_of_nonsense(damage: dict[str, Any], tmp_path: Path) -> None:
    for file in ("second.zarr", "third.zarr"):
        path = tmp_path / file
        FORMATS[file](path)
        facts = json.loads(metadata(path).read_text()) | damage
        metadata(path).write_text(json.dumps(facts))
        with pytest.raises((ValueError, TypeError, KeyError)):
            opened(path)
    metadata(path).write_text("no json")
    with pytest.raises(ValueError):
        opened(path)


def test_arrays_of_objects_are_refused(tmp_path: Path) -> None:
    """No format unpickles anything."""
    with h5py.File(tmp_path / "o.h5", "w") as file:
        file.create_dataset("x", data=["a", "bcd"], dtype=h5py.string_dtype())
    numpy.save(tmp_path / "o.npy", numpy.array([{}], dtype=object))
    for name in ("o.h5", "o.npy"):
        with pytest.raises(ValueError):
            ramba.Dataset(tmp_path / name)
    for name in ("w.h5", "w.zarr"):
        with pytest.raises(ValueError, match="Python objects"):
            ramba.save(tmp_path / name, numpy.array([{}], dtype=object))
