"""The C programs that Ramba is compared with: they compile, and their results are right for uneven slabs, too."""

from __future__ import annotations

import shutil

import pytest

from benchmarks.mpi.run import BIN, PROGRAMS, seconds
from tests.fault.mpi_jobs import needs_mpi

COMPILES = (BIN / "mpicc").exists() and shutil.which("cc") is not None


@needs_mpi
@pytest.mark.skipif(not COMPILES, reason="there is no C compiler with MPI: pip install mpich, and a system compiler")
@pytest.mark.parametrize("name", PROGRAMS)
def test_results(name: str) -> None:
    for ranks in (1, 3):
        assert 0 <= seconds(name, ranks, repeats=2, size=101) < 10
