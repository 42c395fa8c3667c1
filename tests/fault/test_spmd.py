"""Ranks that all run the program, and do not do the same, or not at the same time."""

from __future__ import annotations

import pathlib
import re
import time

import pytest

from tests.fault.mpi_jobs import Ended, Job, needs_mpi, run

pytestmark = [pytest.mark.fault, needs_mpi]

# line 2 is `import ramba`
START = """import os, time
import ramba as np
rank = __import__("mpi4py.MPI").MPI.COMM_WORLD.Get_rank()
a = np.arange(300_000.0)
"""


def ended(folder: pathlib.Path, ranks: int, script: str, limit: float = 40) -> Ended:
    """A job that must end by itself, with an error."""
    done = Job(folder, ranks, START + script, RAMBA_SPMD=1).end(limit)
    assert done.status != 0
    return done


def lines(done: Ended) -> set[int]:
    """The lines of the program that the error names."""
    message = next(line for line in done.stderr.splitlines() if "computes something else" in line)
    return {int(number) for number in re.findall(r"script\.py:(\d+)", message)}


@pytest.mark.parametrize("ranks", [2, 3])
def test_one_more_look(tmp_path: pathlib.Path, ranks: int) -> None:
    done = ended(tmp_path, ranks, "if rank == 0:\n    print(a.sum())\nb = a * 2\nprint(b.max())")
    assert lines(done) == {6, 8}


def test_one_more_look_at_the_end(tmp_path: pathlib.Path) -> None:
    done = ended(tmp_path, 2, "print(a.sum())\nif rank == 1:\n    print(a.max())")
    assert lines(done) == {5, 7}
    assert "the end of its program" in done.stderr


def test_one_that_ends_before_it_has_computed_anything(tmp_path: pathlib.Path) -> None:
    done = ended(tmp_path, 2, "if rank == 0:\n    raise SystemExit(0)\nprint(a.sum())")
    assert lines(done) == {7}
    assert "the end of its program" in done.stderr


def test_one_that_ends_with_an_exception(tmp_path: pathlib.Path) -> None:
    done = ended(tmp_path, 2, "if rank == 0:\n    raise ValueError('mine')\nprint(a.sum())", limit=20)
    assert "ValueError: mine" in done.stderr


def test_different_exchanges(tmp_path: pathlib.Path) -> None:
    """Both wait for messages that the other one does not send."""
    script = """
    m = np.arange(600.0 * 700).reshape(600, 700)
    if rank == 0:
        m = m.T.copy()
    else:
        m = m[::-1].copy()
    print(m[1, 2])
    """
    done = ended(tmp_path, 2, "".join(line[4:] + "\n" for line in script.splitlines()))
    assert "computes something else" in done.stderr
    assert lines(done)


def test_different_values(tmp_path: pathlib.Path) -> None:
    """Found where ranks compare what they are told: at once, with the lines."""
    done = ended(tmp_path, 3, "b = a + rank\nprint(b.sum())")
    assert lines(done) == {6}


def test_a_program_that_goes_on_after_that_is_ended_all_the_same(tmp_path: pathlib.Path) -> None:
    script = "for _ in range(100):\n    try:\n        print((a + rank).sum())\n    except np.RambaError:\n        pass"
    done = ended(tmp_path, 2, script)
    assert "computes something else" in done.stderr


def test_a_slow_rank_is_waited_for_and_named(tmp_path: pathlib.Path) -> None:
    """In a command, and at the end: for longer than any patience."""
    script = START + (
        "__import__('ramba.runtime.mpi.rollcall').runtime.mpi.rollcall.PATIENCE = 1.0\n"
        "if rank == 1:\n    time.sleep(3.5)\n"
        "print(f'{a.sum()}\\n', end='')\n"
        "if rank == 0:\n    time.sleep(3.5)\n"
    )
    done = run(tmp_path, 3, script, timeout=60, RAMBA_SPMD=1)
    assert done.lines == ["44999850000.0"] * 3
    warned = [line for line in done.stderr.splitlines() if "has waited for" in line]
    assert len(warned) == 2, done.stderr
    text = r"Rank 0 has waited for 2 s at .*script.py:8; rank 2 is at .*script.py:8: for ranks \[1\]"
    assert re.search(text, warned[0])
    assert re.search(r"Rank 1 has waited for 2 s at the end of its program .*: for ranks \[0\]", warned[1])


def test_ranks_meet_at_the_import(tmp_path: pathlib.Path) -> None:
    """Later, a rank could be waited for that never comes; and what it starts would take itself for a rank."""
    script = """
    import subprocess, sys
    import ramba as np
    code = "import ramba; print(float(ramba.arange(100_000.0).sum()), 'mpi4py' in sys.modules)"
    own = subprocess.run([sys.executable, "-c", "import sys; " + code], capture_output=True, text=True).stdout.strip()
    # in one piece: what two ranks write may be mixed
    sys.stdout.write(f"{own}\\n{float(np.arange(100_000.0).sum())}\\n")
    """
    begin = time.monotonic()
    done = run(tmp_path, 2, script, RAMBA_SPMD=1)
    assert sorted(done.lines) == ["4999950000.0"] * 2 + ["4999950000.0 False"] * 2
    assert time.monotonic() - begin < 30
