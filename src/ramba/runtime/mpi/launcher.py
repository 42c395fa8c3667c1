"""Tells whether this process is a rank of an MPI job, from what the launcher left in the environment.

mpi4py is not imported for that: its import starts MPI, which takes time and shared memory. A job is recognised by a
rank *and* a size of at least two; a size of one is a plain Python process. Recognised are, in this order:

========================================  =====================================================================
variables                                 set by
========================================  =====================================================================
OMPI_COMM_WORLD_RANK, OMPI_COMM_WORLD_SIZE  Open MPI's mpiexec and prterun
MV2_COMM_WORLD_RANK, MV2_COMM_WORLD_SIZE  MVAPICH's mpirun_rsh
PMI_RANK, PMI_SIZE                        MPICH's and Intel MPI's mpiexec (Hydra, gforker), ``srun --mpi=pmi2``, Cray
PMIX_RANK, SLURM_STEP_NUM_TASKS           ``srun --mpi=pmix``
========================================  =====================================================================

SLURM_PROCID alone is no sign: Slurm sets it for batch scripts too, and for tasks that know nothing of MPI.

What a program starts (subprocesses, process pools) would inherit these variables and take itself for a rank. So a rank
takes them out of ``os.environ`` once MPI has started (`forget`), and remembers itself here who it is. Processes that
multiprocessing started are never ranks.
"""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

_SIGNS = (
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ("MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE"),
    ("PMI_RANK", "PMI_SIZE"),
    ("PMIX_RANK", "SLURM_STEP_NUM_TASKS"),
)
_CONNECTIONS = ("PMI_FD", "PMI_PORT", "PMI_ID")  # by which MPICH reaches its launcher: of no use to a child
_SWITCHED_ON = ("1", "on", "true", "yes")


class Place(NamedTuple):
    """Where this process stands in a job."""

    rank: int
    size: int  # at least two
    process: int  # whose place this is: a forked child has none
    borrowed: bool  # whether the user's program has started MPI, and ends it


def place() -> Place | None:
    """The place of this process; None if it is not one of several ranks."""
    global _place
    if _place is None:
        _place = _found()
    return _place if _place is not None and _place.process == os.getpid() else None


def is_rank() -> bool:
    """Whether this process belongs to a driver and workers that a launcher started."""
    return place() is not None and _wanted()


def is_worker_rank() -> bool:
    """Whether this process shall serve the driver, rather than run the user's program."""
    here = place()
    return here is not None and here.rank > 0 and _wanted()


def is_driver_rank() -> bool:
    """Whether this process runs the user's program, and other ranks wait for its commands."""
    here = place()
    return here is not None and here.rank == 0 and _wanted()


def is_peer_rank() -> bool:
    """Whether this process shall run the user's program and work, as do all other ranks."""
    return _spmd() and place() is not None


def forget() -> None:
    """Take the launcher's variables out of the environment, so that no child takes itself for a rank."""
    for name in (*(name for pair in _SIGNS for name in pair if not name.startswith("SLURM")), *_CONNECTIONS):
        os.environ.pop(name, None)


def _found() -> Place | None:
    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None:
        return None
    for rank, size in _SIGNS:
        numbers = os.environ.get(rank, ""), os.environ.get(size, "")
        if all(text.isdecimal() for text in numbers):
            here = Place(int(numbers[0]), int(numbers[1]), os.getpid(), "mpi4py.MPI" in sys.modules)
            return here if here.size > 1 else None
    return None


def _wanted() -> bool:
    """Whether the ranks are Ramba's to use: not where another backend or SPMD mode was asked for.

    The two settings are looked at before the table of settings is read, which is done at first use.
    """
    if _spmd():
        return False  # every rank runs the program and computes: each is driver and worker at once
    return os.environ.get("RAMBA_BACKEND", "auto").lower() in ("auto", "mpi")


def _spmd() -> bool:
    return os.environ.get("RAMBA_SPMD", "").lower() in _SWITCHED_ON


_place: Place | None = None
