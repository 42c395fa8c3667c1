"""Memory above the limit goes to files, and nobody sees a difference."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import numpy
import pytest
from hypothesis import strategies as st

import ramba
from ramba import config, machine
from ramba.engine import ENGINE
from ramba.errors import SpillWarning
from ramba.runtime import pool
from ramba.runtime.pool import Block, Pool
from ramba.runtime.spilling import segments, system
from tests.programs import failure, write_program
from tests.subject import mode

pytestmark = [
    pytest.mark.own_modes,
    pytest.mark.skipif(not system.can_move(), reason="memory moves to files on Linux only"),
]
KILOBYTE, MEGABYTE = 1 << 10, 1 << 20
PAGE = system.PAGE
f8 = numpy.dtype("f8")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every block may go to a file, page by page."""
    monkeypatch.setattr(pool, "_MAPPED", 1)
    monkeypatch.setattr(segments, "SEGMENT", 2 * PAGE)
    monkeypatch.setattr(segments, "LEAST", PAGE)


@contextlib.contextmanager
def spilling(folder: Path, limit: str | int | None) -> Iterator[None]:
    """Spills to a directory what exceeds a limit."""
    with config.set(spill=str(folder), memory_limit=limit):
        yield
        ramba.shutdown()


def files_of(process: int | str = "self") -> list[str]:
    """The files that a process has open or mapped, and that have no name any more."""
    lines = Path(f"/proc/{process}/maps").read_text().splitlines()
    return [line for line in lines if "(deleted)" in line and "/memfd:" not in line]


def filled(memory: Pool, number: int, count: int = 3 * PAGE) -> Block:
    """A block that holds a number everywhere."""
    block = memory.take(count)
    assert memory.spill is not None
    with memory.spill.using([(block.address, block.address + count, True)]):
        block.array(numpy.dtype("u1"), (count,))[:] = number
    return block


def test_what_was_not_used_for_longest_gives_way(small: None, tmp_path: Path) -> None:
    with config.set(spill=str(tmp_path), memory_limit=8 * PAGE):
        memory = Pool()
        blocks = [filled(memory, number) for number in range(8)]
        assert memory.spill is not None
        assert memory.spill.resident() <= 8 * PAGE
        assert memory.spill.counts.written >= 12 * PAGE
        whole = numpy.dtype("u1"), (3 * PAGE,)
        for _ in range(2):
            for number, block in enumerate(blocks):
                with memory.spill.using([(block.address, block.address + block.nbytes, False)]):
                    assert (block.array(*whole) == number).all()
                assert memory.spill.resident() <= 8 * PAGE
        written = memory.spill.counts.written
        assert written <= 8 * 4 * PAGE, "what was not changed is written once"
        blocks[0].array(*whole)[:] = 77  # by somebody who has not asked
        for block in blocks[1:]:
            with memory.spill.using([(block.address, block.address + block.nbytes, False)]):
                pass
        assert [block.array(*whole)[-1] for block in blocks] == [77, *range(1, 8)]
        assert not list(tmp_path.iterdir())


def test_what_an_array_lies_over_stays(small: None, tmp_path: Path) -> None:
    with config.set(spill=str(tmp_path), memory_limit=4 * PAGE):
        memory = Pool()
        looked = filled(memory, 1)
        array = looked.array(numpy.dtype("u1"), (3 * PAGE,))
        assert not looked.exclusive()
        others = [filled(memory, number) for number in range(2, 6)]
        assert memory.spill is not None
        assert system.changed(looked.address // PAGE * PAGE, 3 * PAGE) == 3 * PAGE, "it is in memory"
        array[:] = 9
        del array
        assert looked.exclusive()
        others.append(filled(memory, 6))
        assert (looked.array(numpy.dtype("u1"), (3 * PAGE,)) == 9).all()


def test_memory_that_was_a_file_is_not_recycled(small: None, tmp_path: Path) -> None:
    with config.set(spill=str(tmp_path), memory_limit=4 * PAGE):
        memory = Pool()
        before = len(files_of())
        blocks = [filled(memory, number) for number in range(6)]
        assert len(files_of()) > before
        blocks.clear()
        gc.collect()
        assert memory.available() == 4 * PAGE
        assert len(files_of()) == before
        assert memory.spill is not None
        assert memory.spill.away == 0
        assert memory.in_use == 0


KERNELS: list[Any] = [
    lambda np, a, b: a + b,
    lambda np, a, b: (a * b).sum(),
    lambda np, a, b: a.sum(axis=0) + b.max(axis=0),
    lambda np, a, b: np.sqrt(abs(a)).sum(axis=1),
    lambda np, a, b: a + b[::-1],
    lambda np, a, b: a[:, ::-1] - b,
    lambda np, a, b: a[1:] + b[:-1],
    lambda np, a, b: a.T + 1,
    lambda np, a, b: np.sort(a, axis=0),
    lambda np, a, b: np.cumsum(a * b),
    lambda np, a, b: np.where(a > b, a, b)[::7],
    lambda np, a, b: a @ b.T[:, :3],
    lambda np, a, b: np.concatenate([a, b])[::3],
    lambda np, a, b: (a > 0).any(axis=1),
]


@pytest.mark.parametrize("name", ["threads", "interpreted", "3 workers"])
def test_operations_on_what_does_not_fit(name: str, small: None, tmp_path: Path) -> None:
    random = numpy.random.default_rng(1)
    values = random.standard_normal((2, 150, 64))
    with mode(name), spilling(tmp_path, values.nbytes // 4):
        a, b = (ramba.array(value) for value in values)
        for number, kernel in enumerate(KERNELS):
            expected, found = kernel(numpy, *values), kernel(ramba, a, b)
            numpy.testing.assert_allclose(numpy.asarray(found), expected, rtol=1e-12, atol=1e-12, err_msg=str(number))
        a[3:] *= 2
        a[:, 5] = b[:, 6]
        values[0, 3:] *= 2
        values[0][:, 5] = values[1][:, 6]
        assert (numpy.asarray(a) == values[0]).all()
        if not ENGINE.distributed:
            assert ENGINE.backend.pool.spill is not None
            assert ENGINE.backend.pool.spill.counts.written


def test_the_bits_do_not_depend_on_it(small: None, tmp_path: Path) -> None:
    values = numpy.random.default_rng(2).standard_normal((2, 400_000))
    results = []
    with mode("threads"):
        for limit in (None, values.nbytes // 3):
            with spilling(tmp_path, limit or "1GB"):
                a, b = (ramba.array(value) for value in values)
                results.append([float((a * b).sum()), float((a - b).std()), numpy.asarray(a * b - a).tobytes()])
    assert results[0] == results[1]


@pytest.mark.parametrize("name", ["mixed", "threads", "interpreted", "3 workers"])
@hypothesis.settings(
    max_examples=15,
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
@hypothesis.given(seed=st.integers(0, 2**32 - 1))
def test_a_program_gives_numpys_answers(name: str, seed: int, small: None, tmp_path: Path) -> None:
    with mode(name), spilling(tmp_path, 2 * PAGE):
        assert failure(write_program(seed)) is None


def script(body: str, folder: Path, limit: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs a program in a process of its own."""
    environment = os.environ | {"RAMBA_SPILL": str(folder), "RAMBA_MEMORY_LIMIT": limit} | more
    return subprocess.run(
        [sys.executable, "-c", body], capture_output=True, text=True, env=environment, timeout=100, check=False
    )


THREE_TIMES = """
import ramba as np, ramba

def field(name):
    return int(next(line for line in open("/proc/self/status") if line.startswith(name)).split()[1]) * 1024

def program(n):
    a = np.arange(n, dtype=float) + 1
    b = a * 2
    ramba.sync()
    c = b - a
    assert float(c.sum()) == n * (n + 1) / 2
    c += b
    a[::2] = 0
    assert float(c.sum()) == 3 * n * (n + 1) / 2
    assert float(a.sum()) == n // 2 * (n // 2 + 1)

program(20_000)  # machine code and compiler are there now
before = field("VmRSS")
program(2_000_000)
print((field("VmHWM") - before) / 1e6)
"""


@pytest.mark.parametrize("kernels", ["compiled", "interpreted"])
def test_three_times_the_limit_ends_right_near_the_limit(
    kernels: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache = tmp_path_factory.mktemp("cache")  # empty, so that the compiler comes with the first program
    more = {"RAMBA_NUM_THREADS": "2", "RAMBA_KERNELS": kernels, "RAMBA_CACHE": str(cache)}
    ran = script(THREE_TIMES, tmp_path, "16MB", **more)
    assert ran.returncode == 0, ran.stderr
    assert float(ran.stdout) < 40, "the limit is 16 MB, and three arrays take 48"
    assert not list(tmp_path.iterdir())


FULL = """
import resource, numpy, ramba as np, ramba
n = 500_000
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
a = np.arange(n, dtype=float) + 1
b = a * 2
ramba.sync()
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
c = b - a
for attempt in range(2):
    try:
        ramba.sync()
        float(c[5])
    except MemoryError as problem:
        assert "is full" in str(problem) and "RAMBA_SPILL" in "".join(problem.__notes__), problem
    else:
        raise AssertionError("there was room")
a += 1  # nothing new is needed for this
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))
expected = numpy.arange(n, dtype=float) + 1
assert (numpy.asarray(c) == expected).all()
assert (numpy.asarray(b) == expected * 2).all()
assert (numpy.asarray(a) == expected + 1).all()
print("done")
"""


@pytest.mark.parametrize("more", [{}, {"RAMBA_BACKEND": "local", "RAMBA_WORKERS": "2"}], ids=["threads", "2 workers"])
def test_a_full_disk_is_a_memory_error_and_loses_nothing(more: dict[str, str], tmp_path: Path) -> None:
    ran = script(FULL, tmp_path, "6MB" if not more else "3MB", **more)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "done\n"
    assert not list(tmp_path.iterdir())


def test_what_the_disk_has_no_room_for_is_refused_before_anything_is_touched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with mode("threads"), spilling(tmp_path, "4MB"):
        a = ramba.ones(400_000)
        ramba.sync()
        assert ENGINE.backend.pool.spill is not None
        monkeypatch.setattr(ENGINE.backend.pool.spill.folder, "room", lambda: 4_000_000)
        with pytest.raises(MemoryError, match="Unable to allocate"):
            ramba.zeros(2_000_000)
        with pytest.raises(MemoryError, match="Unable to allocate"):
            ramba.sort(ramba.broadcast_to(a, (4, 400_000)) + 1)[0, 0].item()
        assert float(a.sum()) == 400_000


@pytest.mark.parametrize("where", ["threads", "3 workers"])
def test_a_function_of_whole_arrays_says_that_its_result_does_not_fit_into_memory(
    where: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Before the machine swaps: its disk has room, but only loops run by parts."""
    with mode(where), spilling(tmp_path, None):
        a = ramba.arange(9_000_000) * 1.0
        ramba.sync()
        monkeypatch.setattr(machine, "free_memory", lambda: 40 << 20)
        monkeypatch.setattr(machine, "total_memory", lambda: 400 << 20)
        with pytest.raises(MemoryError, match="Unable to allocate") as met:
            ramba.sort(a)[-1].item()
        assert "need their results in memory" in "".join(met.value.__notes__)
        monkeypatch.undo()
        assert float(ramba.sort(a)[-1]) == 8_999_999
        assert float(a.sum()) == 8_999_999 * 4_500_000


HOLDING = """
import os, signal, sys, numpy, ramba as np, ramba
a = np.arange(1_000_000, dtype=float) + 1
b = a * 2
ramba.sync()
store = ramba.engine.ENGINE.backend.pool.spill
assert store.counts.written
assert any("(deleted)" in line for line in open("/proc/self/maps"))
"""
ENDS = {
    "exit": ("", 0),
    "exception": ("raise RuntimeError", 1),
    "SIGKILL": ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    "fork": (
        """
process = os.fork()
if not process:
    c = a + b  # moves memory, and has its own of what the parent wrote
    a *= 3
    os._exit(0 if float(c.sum()) == 1.5 * float(b.sum()) and float(a[9]) == 30 else 1)
del b
c = a + 1
ramba.sync()
assert os.waitpid(process, 0)[1] == 0
assert (numpy.asarray(a) == numpy.arange(1_000_000) + 1).all()
assert (numpy.asarray(c) == numpy.arange(1_000_000) + 2).all()
""",
        0,
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_nothing_is_left_behind(end: str, tmp_path: Path) -> None:
    folder = tmp_path / "made" / "by us"
    ran = script(HOLDING + ENDS[end][0], folder, "4MB")
    assert ran.returncode == ENDS[end][1], ran.stderr
    assert not list(folder.iterdir())
    assert folder.stat().st_mode & 0o777 == 0o700


def test_files_are_private_where_they_have_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On a file system without O_TMPFILE, they have one for a moment."""
    from ramba.runtime.spilling.folder import Folder

    names: list[str] = []
    unlink = os.unlink
    monkeypatch.setattr(os, "O_TMPFILE", 0)  # what such a system makes of it: a directory cannot be opened for writing

    def noted(name: str) -> None:
        assert os.stat(name).st_mode & 0o777 == 0o600
        names.append(name)
        unlink(name)

    monkeypatch.setattr(os, "unlink", noted)
    made = Folder(str(tmp_path))
    memory = Pool()
    block = memory.take(4 * MEGABYTE)
    block.array(f8, (100,))[:] = 7
    start = -(-block.address // PAGE) * PAGE
    file = made.write(start, 2 * MEGABYTE)
    assert os.fstat(file).st_size == 2 * MEGABYTE
    os.close(file)
    assert len(names) == 2
    assert not list(tmp_path.iterdir())


def test_a_directory_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    place = tmp_path / "a file"
    place.write_text("")
    with pytest.warns(SpillWarning, match="which RAMBA_SPILL names"), config.set(spill=str(place)):
        memory = Pool()
    assert memory.spill is None
    assert Pool().spill is None


def test_it_begins_and_ends_with_the_setting(tmp_path: Path) -> None:
    memory = Pool()
    assert memory.spill is None
    with config.set(spill=str(tmp_path)):
        assert memory.spill is not None
        assert memory.spill.active
    assert not memory.spill.active
