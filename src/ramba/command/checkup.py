"""``python -m ramba doctor`` without a program: is this installation as fast as it can be, and what should be changed?

Nothing is started that stays: a launcher of MPI is asked for its version, everything else is read.
"""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from ramba import config, machine
from ramba.codegen.native import disk_cache
from ramba.kernels.local import blas
from ramba.lazyarray import NATIVE
from ramba.session import facts

GOOD, NOTE, CHANGE = "ok", "note", "change"
LITTLE_MEMORY = 1 << 30
SECONDS = 10.0  # that a launcher has to tell its version
HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")
BLAS_VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "OMP_NUM_THREADS")


class Check(NamedTuple):
    """One thing that was looked at."""

    name: str
    verdict: str  # GOOD; NOTE: it may be meant so; CHANGE: something is lost
    said: str
    instead: str = ""  # what to do


def short_ways() -> Iterator[Check]:
    """Whether calls on small arrays are C."""
    if NATIVE is not None:
        yield Check("short calls", GOOD, "compiled in C")
    elif not config.current().native:
        yield Check("short calls", NOTE, "in Python, as RAMBA_NATIVE=off asks: a call takes 1 us more", "unset it")
    else:
        compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
        missing = "" if shutil.which(compiler) else f"install a C compiler ({compiler} is not there), then "
        remedy = f"{missing}pip install --force-reinstall --no-deps --no-binary ramba ramba"
        yield Check("short calls", CHANGE, "in Python, as they were not compiled: a call takes 1 us more", remedy)


def threads() -> Iterator[Check]:
    """Whether all processors are used."""
    may, used, there = machine.processors(), config.current().num_threads, os.cpu_count() or 1
    said = f"{used}; {there} logical processors, of which this process may use {may} cores"
    if used < may:
        yield Check("threads", NOTE, said, f"RAMBA_NUM_THREADS={may} would use them all")
    elif used > may:
        yield Check("threads", CHANGE, said, f"RAMBA_NUM_THREADS={may}: more only take turns")
    else:
        yield Check("threads", GOOD, said)


def blas_threads() -> Iterator[Check]:
    """Whether products of matrices get the same threads."""
    named = [f"{name}={os.environ[name]}" for name in BLAS_VARIABLES if os.environ.get(name)]
    given, wanted = blas.threads(), config.current().num_threads
    if given is None:
        yield Check("BLAS", NOTE, "not a library whose threads can be told (OpenBLAS, MKL, BLIS)")
        return
    said = f"{given} threads" + (f", as {' and '.join(named)} says" if named else "")
    if named and given < wanted:
        yield Check("BLAS", CHANGE, f"{said}: products of matrices use fewer than {wanted}", "unset it")
    elif given > max(wanted, machine.processors() * 2):
        remedy = f"OPENBLAS_NUM_THREADS={machine.processors()}: it does not see the limits of this container"
        yield Check("BLAS", CHANGE, f"{said}, for {machine.processors()} cores", remedy)
    else:
        yield Check("BLAS", GOOD, said)


def huge_pages() -> Iterator[Check]:
    """Whether memory comes in pages of 2 MB."""
    try:
        chosen = HUGE_PAGES.read_text().partition("[")[2].partition("]")[0]
    except OSError:
        chosen = ""
    if chosen in ("always", "madvise"):
        yield Check("huge pages", GOOD, chosen)
    elif chosen:
        remedy = f"as root: echo madvise > {HUGE_PAGES}"
        yield Check("huge pages", CHANGE, f"{chosen}: new memory is slower by a third or so", remedy)
    else:
        yield Check("huge pages", NOTE, "this system does not say")


def memory() -> Iterator[Check]:
    """How large arrays may be."""
    free, total = machine.free_memory(), machine.total_memory()
    said = f"{free / 1e9:.1f} GB free of {total / 1e9:.1f} GB"
    limit = machine.address_space()
    if limit is not None:
        yield Check("memory", NOTE, f"{said}, but only {limit / 1e9:.1f} GB of addresses", "ulimit -v unlimited")
    elif free < LITTLE_MEMORY:
        yield Check("memory", CHANGE, said, "end other programs, or ask for a larger container")
    else:
        yield Check("memory", GOOD, said)


def cache() -> Iterator[Check]:
    """Whether compiled kernels are kept for the next run."""
    verdict = facts.security()["cache"]
    found = disk_cache() if verdict != "off" else None
    if found is None:
        remedy = "unset RAMBA_CACHE" if config.current().cache == "off" else "set RAMBA_CACHE to a directory of yours"
        yield Check("kernel cache", CHANGE, "off: every run compiles its kernels, some 20 ms each", remedy)
    elif verdict.endswith(": private"):
        count = sum(1 for _ in found.directory.iterdir())
        yield Check("kernel cache", GOOD, f"{verdict}, {count} files")
    else:
        yield Check("kernel cache", CHANGE, verdict, f"chmod 700 {found.directory}, or RAMBA_CACHE=another directory")


def mpi() -> Iterator[Check]:
    """Which MPI there is: the package and the launcher have to be of one kind."""
    beside = Path(sys.executable).with_name("mpiexec")  # where pip puts that of MPICH
    package, launcher = _version("mpi4py"), shutil.which("mpiexec") or (str(beside) if beside.exists() else None)
    if package is None:
        yield Check("MPI", NOTE, "mpi4py is not installed", "pip install 'ramba[mpi]', if you want it")
    elif launcher is None:
        yield Check("MPI", NOTE, f"mpi4py {package}, but no mpiexec on the PATH", "module load, or pip install mpich")
    else:
        yield Check("MPI", GOOD, f"mpi4py {package}; {launcher}: {_launcher_says(launcher)}")


def _launcher_says(launcher: str) -> str:
    try:
        done = subprocess.run(
            [launcher, "--version"],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        return f"does not tell its version ({problem})"
    lines = [line.strip() for line in (done.stdout or done.stderr).splitlines() if line.strip()]
    version = next((line.partition(":")[2].strip() for line in lines if line.startswith("Version:")), "")
    kind = "MPICH (Hydra)" if any("HYDRA" in line for line in lines) else ""
    return f"{kind} {version}".strip() if kind or version else (lines or ["no version"])[0]


def packages() -> Iterator[Check]:
    """Ray, and what processes talk with."""
    for name, extra, purpose in (("ray", "ray", "Ray"), ("pyzmq", "processes", "worker processes")):
        version = _version(name)
        if version is None:
            yield Check(purpose, NOTE, f"{name} is not installed", f"pip install 'ramba[{extra}]', if you want it")
        else:
            yield Check(purpose, GOOD, f"{name} {version}")


def compiler() -> Iterator[Check]:
    """Whether kernels can be compiled at all."""
    try:
        importlib.import_module("llvmlite.binding").get_host_cpu_name()
    except Exception as problem:  # whatever a broken library raises
        yield Check("compiler", CHANGE, f"llvmlite does not work: {problem}", "pip install --force-reinstall llvmlite")
        return
    versions = f"llvmlite {_version('llvmlite')}, numba {_version('numba')}, NumPy {_version('numpy')}"
    if config.current().kernels == "interpreted":
        yield Check("compiler", CHANGE, f"{versions}; not used, as RAMBA_KERNELS=interpreted asks", "unset it")
    else:
        yield Check("compiler", GOOD, versions)


CHECKS = (compiler, short_ways, threads, blas_threads, huge_pages, memory, cache, packages, mpi)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def report(checks: list[Check]) -> str:
    """What was found, for people."""
    lines = []
    for check in checks:
        lines.append(f"{check.verdict:>8}  {check.name:16}  {check.said}")
        lines += [f"{'':28}{'instead' if check.verdict == CHANGE else 'to change'}: {check.instead}"] * bool(
            check.instead
        )
    changes = sum(check.verdict == CHANGE for check in checks)
    said = "Nothing has to be changed." if not changes else f"{changes} of these cost{'s' * (changes == 1)} something."
    return "\n".join([*lines, "", said])


def check_up() -> int:
    """Looks at everything and says it; the exit code is 1 if something should be changed."""
    found = [check for look in CHECKS for check in look()]
    print(report(found))
    print("A program of yours: python -m ramba doctor program.py")
    return int(any(check.verdict == CHANGE for check in found))


__all__ = ["CHANGE", "CHECKS", "GOOD", "NOTE", "Check", "check_up", "report"]
