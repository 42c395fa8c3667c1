"""How much is read: of a slice what it needs, of a file that does not fit a piece at a time."""

from __future__ import annotations

import gc
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest

from ramba.engine import ENGINE
from tests.files.arrays import bytes_read, same
from tests.subject import mode, ramba, repeats

h5py = pytest.importorskip("h5py")
zarr = pytest.importorskip("zarr")

A = numpy.arange(400_000.0).reshape(800, 500)
BACKENDS = ["default", "threads", "3 workers"]


def held() -> int:
    """Bytes of arrays that other tests have left alive in this process."""
    gc.collect()
    pool: Any = getattr(ENGINE.backend, "pool", None)
    return pool.in_use if pool is not None and pool.available() else 0  # asked first: what is gone is counted out


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A in several formats, in chunks of 100 x 100 where there are chunks, and not compressed."""
    folder = tmp_path_factory.mktemp("bytes")
    numpy.save(folder / "a.npy", A)
    with h5py.File(folder / "plain.h5", "w") as file:
        file["x"] = A
    with h5py.File(folder / "chunked.h5", "w") as file:
        file.create_dataset("x", data=A, chunks=(100, 100))
    zarr.create_array(folder / "a.zarr", shape=A.shape, chunks=(100, 100), dtype="f8", compressors=None)[...] = A
    sharded = zarr.create_array(
        folder / "s.zarr", shape=A.shape, chunks=(100, 100), shards=(400, 500), dtype="f8", compressors=None
    )
    sharded[...] = A
    return folder


CHUNK = 100 * 100 * 8
WHOLE = A.nbytes


@pytest.mark.own_modes
@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize(
    ("index", "plain", "chunks"),
    [
        (numpy.s_[100:200], 100 * 500 * 8, 5),
        (numpy.s_[50:250:10, :], 20 * 500 * 8, 15),
        (numpy.s_[:, 0], 800 * 8, 8),
        (numpy.s_[700:, 450:], 100 * 50 * 8, 1),
        (numpy.s_[3, 4], 8, 1),
        (numpy.s_[5:5], 0, 0),
        (numpy.s_[::-1], WHOLE, 40),
    ],
)
def test_a_slice_reads_what_it_needs(name: str, index: Any, plain: int, chunks: int, files: Path) -> None:
    with mode(name):
        for file in ("a.npy", "plain.h5", "chunked.h5", "a.zarr", "s.zarr"):
            found: list[Any] = []
            nbytes = bytes_read(
                lambda file=file, found=found: found.append(numpy.asarray(ramba.Dataset(files / file)[index]))
            )
            same(found[0], A[index])
            is_plain = file in ("a.npy", "plain.h5")
            workers = 3 if "workers" in name else 1
            if is_plain:
                assert plain <= nbytes <= plain + 800 * 4096  # what lies between is read over, if it is short
                if plain in (100 * 500 * 8, 20 * 500 * 8, 8, 0, WHOLE):
                    assert nbytes == plain * (workers if plain == 8 else 1)  # one element is on every worker
            else:
                shards = 0 if file != "s.zarr" else 2 * (20 * 16 + 4)
                assert chunks * CHUNK <= nbytes <= (chunks * CHUNK + shards) * (workers if chunks else 1)
                if workers == 1:
                    assert nbytes <= chunks * CHUNK + shards


@pytest.mark.own_modes
def test_nothing_is_read_before_it_is_needed(files: Path) -> None:
    with mode("threads"):
        for file in ("a.npy", "plain.h5", "chunked.h5", "a.zarr"):
            assert not bytes_read(lambda file=file: ramba.Dataset(files / file)[10:200, ::2] * 2 + 1)


@pytest.mark.own_modes
@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("default", "chunked.h5"),
        ("2 workers", "a.npy"),
        ("3 workers", "a.zarr"),
        *repeats(("default", "a.npy"), ("2 workers", "a.zarr"), ("3 workers", "chunked.h5"), rows=True),
    ],
)
def test_files_larger_than_memory(name: str, file: str, files: Path) -> None:
    """Folds over all of it, and one that needs the result of another: once and twice through the file."""
    with mode(name), ramba.config.set(memory_limit=WHOLE // 4 + held()):
        d = ramba.Dataset(files / file)
        found: list[Any] = []

        def folds() -> None:
            x = d[...]
            mean = x.mean(axis=0)
            results = (x * 2 + 1).sum(), mean, x.max(axis=1), ((x - mean) ** 2).sum(axis=0), x[:, ::7].min()
            found.extend(map(numpy.asarray, results))

        nbytes = bytes_read(folds)
        expected = (
            (A * 2 + 1).sum(), A.mean(axis=0), A.max(axis=1), ((A - A.mean(axis=0)) ** 2).sum(axis=0), A[:, ::7].min()
        )  # fmt: skip
        for ours, theirs in zip(found, expected, strict=True):
            assert ours.dtype == theirs.dtype
            numpy.testing.assert_allclose(ours, theirs, rtol=1e-12)
        if file == "a.npy" or name == "default":  # pieces begin where chunks do
            assert nbytes == 2 * WHOLE
        with pytest.raises(MemoryError):
            numpy.asarray(d[...])
        assert float(d[-1].sum()) == A[-1].sum()


@pytest.mark.own_modes
@pytest.mark.parametrize("name", ["default", "3 workers"])
def test_folds_with_large_results(name: str, files: Path) -> None:
    """Each piece is folded into those before it at once: their results are not kept until the last one is read."""
    with mode(name), ramba.config.set(memory_limit=WHOLE // 4 + held()):
        x = ramba.Dataset(files / "a.npy", ftype="raw", offset=128, shape=(80, 5000))[...]
        expected = A.reshape(80, 5000)
        mean = x.mean(axis=0)
        numpy.testing.assert_allclose(numpy.asarray((x - 1).max(axis=0)), expected.max(axis=0) - 1)
        numpy.testing.assert_allclose(float(((x - mean) ** 2).sum()), ((expected - expected.mean(axis=0)) ** 2).sum())


@pytest.mark.own_modes
@pytest.mark.parametrize("name", ["default", "3 workers"])
def test_a_large_file_beside_arrays_in_memory(name: str, files: Path) -> None:
    weights = numpy.linspace(0, 1, 800)
    with mode(name), ramba.config.set(memory_limit=WHOLE // 2 + held()):
        x = ramba.Dataset(files / "a.npy")[...]
        w = ramba.asarray(weights)
        total = (x * w[:, None] + ramba.arange(500.0)).sum(axis=0)
        rows = ramba.where(x.sum(axis=1) > 1e6, w, -w)
        numpy.testing.assert_allclose(
            numpy.asarray(total), (A * weights[:, None] + numpy.arange(500.0)).sum(axis=0), rtol=1e-12
        )
        numpy.testing.assert_array_equal(numpy.asarray(rows), numpy.where(A.sum(axis=1) > 1e6, weights, -weights))


class _Ranges(http.server.SimpleHTTPRequestHandler):
    """A server that knows byte ranges, which Python's own does not."""

    def do_GET(self) -> None:
        content = Path(self.translate_path(self.path)).read_bytes()
        first, last = 0, len(content) - 1
        asked = self.headers.get("Range")
        if asked:
            low, _, high = asked.removeprefix("bytes=").partition("-")
            first, last = int(low), min(int(high or last), last)
        self.send_response(206 if asked else 200)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content[first : last + 1])

    do_HEAD = do_GET

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def server(files: Path) -> Iterator[str]:
    """The URL of a server of the files, on this host only."""
    handler = type(
        "Handler", (_Ranges,), {"__init__": lambda self, *args: _Ranges.__init__(self, *args, directory=files)}
    )
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.server_address[1]}"
    made.shutdown()
    made.server_close()
    thread.join()


def test_urls(files: Path, server: str) -> None:
    fsspec = pytest.importorskip("fsspec")
    pytest.importorskip("aiohttp")
    memory = fsspec.filesystem("memory")
    for file in ("a.npy", "plain.h5", "chunked.h5", "a.zarr"):
        memory.put(str(files / file), f"/files/{file}", recursive=True)
    for place in ("memory://files", f"file://{files}", server):
        for file in ("a.npy", "plain.h5", "chunked.h5", "a.zarr"):
            if file == "a.zarr" and place == server:
                continue  # zarr lists a store, which this server does not
            d = ramba.Dataset(f"{place}/{file}")
            same(d[100:300:3, ::-5], A[100:300:3, ::-5])
            assert float(ramba.load(f"{place}/{file}").sum()) == A.sum()
    nbytes = bytes_read(lambda: float(ramba.Dataset(f"{server}/a.npy")[100:200].sum()))
    assert nbytes == 100 * 500 * 8
