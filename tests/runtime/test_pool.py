"""Memory is recycled when nobody looks at it any more, and not before."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba import config
from ramba.runtime import memory, pool
from ramba.runtime.pool import ALIGNMENT, Block, Pool

MEGABYTE = 1 << 20
f8 = np.dtype(np.float64)


@pytest.mark.parametrize("nbytes", [0, 1, 63, 64, 1000, MEGABYTE, 5 * MEGABYTE + 3, 70 * MEGABYTE])
def test_a_block_is_aligned_and_large_enough(nbytes: int) -> None:
    block = Pool().take(nbytes)
    assert block.address % ALIGNMENT == 0
    assert block.nbytes == nbytes
    every = block.array(np.dtype(np.uint8), (nbytes,))
    every[:] = 7
    assert every.ctypes.data == block.address or nbytes == 0
    assert str(nbytes) in repr(block)


def test_arrays_over_a_block() -> None:
    block = Pool().take(80)
    row = block.array(f8, (10,))
    row[:] = range(10)
    assert block.array(f8, (3,), 72, (-24,)).tolist() == [9, 6, 3]
    assert block.array(f8, (2, 3), 8, (24, 8)).tolist() == [[1, 2, 3], [4, 5, 6]]
    assert type(row) is np.ndarray
    with pytest.raises((ValueError, TypeError)):
        block.array(f8, (11,))


@pytest.mark.parametrize("nbytes", [100_000, 2 * MEGABYTE, 8 * MEGABYTE])
def test_memory_comes_back_when_the_last_array_is_gone(nbytes: int) -> None:
    mine = Pool()
    block = mine.take(nbytes)
    address = block.address
    array = block.array(f8, (nbytes // 8,))
    view = array[5::7].reshape(-1, 1).T
    del block, array
    other = mine.take(nbytes)
    assert other.address != address
    del view
    again = mine.take(nbytes - nbytes // 100)
    assert again.address == address
    del other, again
    mine.trim()
    assert (mine.in_use, mine.retained) == (0, 0)


def test_what_waits_is_bounded() -> None:
    mine = Pool()
    blocks = [mine.take(MEGABYTE) for _ in range(10)]
    assert mine.in_use == 10 * MEGABYTE
    del blocks
    mine.take(MEGABYTE)
    assert mine.peak == 10 * MEGABYTE
    assert mine.retained <= mine.peak
    mine.most_retained = 3 * MEGABYTE
    blocks = [mine.take(MEGABYTE) for _ in range(10)]
    del blocks  # and not only at the next take: that may never come
    assert mine.retained <= 3 * MEGABYTE
    assert mine.in_use == 0


def test_other_sizes_make_room_for_new_ones() -> None:
    """A program that changes its shapes does not keep what the old ones needed."""
    mine = Pool()
    for size in range(1, 40):
        mine.take(size * MEGABYTE)
    gc.collect()
    mine.take(1)
    assert mine.retained <= mine.peak <= 44 * MEGABYTE


def test_what_was_used_last_waits_longest() -> None:
    pool = Pool()
    pool.take(8 << 20)
    del_later = [pool.take(2 << 20) for _ in range(3)]
    del del_later
    address = pool.take(8 << 20).address
    for _ in range(5):  # other sizes wait, and all together are more than the most that was ever in use
        assert pool.take(8 << 20).address == address


def test_trimmed_before_memory_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Pool()
    mine.take(80 * MEGABYTE)
    mine.take(1)
    assert mine.retained >= 80 * MEGABYTE
    monkeypatch.setattr(memory, "available", lambda held=0: 90 * MEGABYTE)
    kept = mine.take(100 * MEGABYTE)
    assert mine.retained < 80 * MEGABYTE <= kept.nbytes


def test_available_counts_what_waits() -> None:
    mine = Pool()
    with config.set(memory_limit=100 * MEGABYTE):
        block = mine.take(40 * MEGABYTE)
        assert mine.available() == 60 * MEGABYTE
        del block
        assert mine.available() == 100 * MEGABYTE
    with config.set(memory_limit=10 * MEGABYTE):  # less than what waits
        assert mine.available() == 10 * MEGABYTE


@given(st.integers(0, 1 << 45))
def test_size_classes(nbytes: int) -> None:
    size = pool._size_class(nbytes)
    assert size >= nbytes
    assert size % ALIGNMENT == 0
    assert size <= max(ALIGNMENT, nbytes + nbytes // 8 + ALIGNMENT)
    assert pool._size_class(size) == size


def test_beginnings_lie_apart() -> None:
    mine = Pool()
    blocks = [mine.take(8 * MEGABYTE) for _ in range(4)]
    assert len({block.address % 4096 for block in blocks}) == 4


@pytest.mark.parametrize("index", [np.s_[:], np.s_[::-2], np.s_[3:3]])
def test_blocks_over_foreign_memory(index: slice) -> None:
    theirs = np.arange(20.0)[index]
    block = Block.over(theirs)
    offset = theirs.ctypes.data - block.address if theirs.size else 0
    mine = block.array(f8, theirs.shape, offset, theirs.strides)
    assert mine.tolist() == theirs.tolist()
    mine += 1
    assert mine.tolist() == theirs.tolist()
    theirs.flags.writeable = False
    assert not Block.over(theirs).array(f8, (0,)).flags.writeable
    expected = theirs.tolist()
    del theirs, block
    assert mine.tolist() == expected


def test_many_threads_take_and_drop() -> None:
    mine = Pool()
    problems: list[str] = []

    def work(mark: int) -> None:
        for round_number in range(300):
            block = mine.take(1000 * (1 + round_number % 7))
            array = block.array(np.dtype(np.uint8), (block.nbytes,))
            array[:] = mark
            if not (array == mark).all():
                problems.append("two arrays share memory")

    threads = [threading.Thread(target=work, args=(mark,)) for mark in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    mine.trim()
    assert mine.in_use == 0


def test_dropped_inside_the_pool() -> None:
    """A garbage collection, or a signal handler, may drop blocks while the pool is at work."""
    mine = Pool()

    class Cycle:
        def __init__(self) -> None:
            self.block = mine.take(1000)
            self.me = self

        def __del__(self) -> None:
            mine.take(10)

    for _ in range(50):
        Cycle()
    gc.set_threshold(1)
    try:
        for _ in range(200):
            mine.take(1000)
    finally:
        gc.set_threshold(700)
    gc.collect()
    mine.trim()
    assert mine.in_use == 0


@pytest.mark.fault
def test_a_forked_child_writes_into_its_own_memory() -> None:
    array = Pool().take(8 * MEGABYTE).array(f8, (MEGABYTE,))
    array[:] = 1
    child = os.fork()
    if not child:
        array[:] = 2
        os._exit(0)
    os.waitpid(child, 0)
    assert (array == 1).all()


@pytest.mark.fault
@pytest.mark.skipif(sys.platform != "linux", reason="needs RLIMIT_AS")
def test_memory_that_is_refused() -> None:
    program = (
        "import resource, builtins, numpy as np\n"
        "from ramba.runtime.pool import Pool\n"
        "from ramba.runtime import memory\n"
        "from ramba.errors import MemoryError\n"
        "pool = Pool(); pool.take(300 << 20); pool.take(1)\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * 4096\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + (200 << 20),) * 2)\n"
        "print(0 < memory.available() <= 200 << 20)\n"
        "kept = pool.take(350 << 20); print(pool.retained < 1000)\n"  # only by giving back what waited
        "try: pool.take(1 << 30)\n"
        "except builtins.MemoryError as problem: print(type(problem) is MemoryError, problem)\n"
        "print(pool.take(1000).nbytes)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.stderr == ""
    assert run.stdout.splitlines() == ["True", "True", "True Unable to allocate 1.00 GiB", "1000"]


@pytest.mark.fault
def test_silent_at_exit() -> None:
    program = (
        "import numpy as np; from ramba.runtime.pool import Pool\n"
        "pool = Pool(); a = pool.take(1 << 23).array(np.dtype('f8'), (1 << 20,)); b = pool.take(100)\n"
        "class Cycle: pass\n"
        "c = Cycle(); c.me = c; c.block = pool.take(1 << 22)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("", "")
