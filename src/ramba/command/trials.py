"""One run of a program in a folder of its own, with NumPy or with Ramba; what it prints is kept."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ramba.command import running
from ramba.command.running import Program
from ramba.diagnosis import Doctor
from ramba.runtime.mpi import launcher


class Trial(NamedTuple):
    """What a run gave."""

    status: int
    output: str
    errors: str
    seconds: float  # from its start to its end, Python's own start included
    report: dict[str, Any] | None = None  # the doctor's


def with_numpy(program: Program, folder: Path) -> Trial:
    """Runs it as it stands."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("RAMBA_")}
    return _child(_command(program), folder, plain)


def with_ramba(program: Program, folder: Path) -> Trial:
    """Runs it with Ramba, on whatever backend the settings say, and with the doctor beside it."""
    if launcher.is_driver_rank():  # the workers are this process's
        return _here(program, folder)
    report = folder.parent / "doctor.json"
    included = [word for package in program.include for word in ("--include", package)]
    command = ["-m", "ramba", *included, *_command(program)]
    trial = _child(command, folder, {**os.environ, "RAMBA_DOCTOR": str(report)})
    return trial._replace(report=json.loads(report.read_text())) if report.exists() else trial


def start() -> float:
    """Seconds that Python takes to start and to import NumPy."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import numpy"], check=False, stdin=subprocess.DEVNULL)
    return time.perf_counter() - begin


def _command(program: Program) -> list[str]:
    return [*(("-m",) if program.is_module else ()), program.name, *program.arguments]


def _child(command: list[str], folder: Path, environment: dict[str, str]) -> Trial:
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    seconds = time.perf_counter() - begin
    return Trial(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"), seconds)


def _here(program: Program, folder: Path) -> Trial:
    """Runs it in this process."""
    begin, before, status, doctor = time.perf_counter(), Path.cwd(), 0, Doctor()
    output, errors = folder.parent / "output", folder.parent / "errors"
    os.chdir(folder)
    with _redirected(1, output), _redirected(2, errors):
        doctor.begin()
        try:
            running.run(program)
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        except BaseException as problem:
            sys.excepthook(type(problem), problem, problem.__traceback__)
            status = 1
        for thread in threading.enumerate():
            if not thread.daemon and thread is not threading.main_thread():
                thread.join()
        doctor.end()
    os.chdir(before)
    seconds = time.perf_counter() - begin
    return Trial(status, output.read_text(errors="replace"), errors.read_text(errors="replace"), seconds, doctor.data())


@contextlib.contextmanager
def _redirected(number: int, path: Path) -> Iterator[None]:
    """What is written to a file descriptor goes to a file."""
    stream = {1: sys.stdout, 2: sys.stderr}[number]
    stream.flush()
    kept = os.dup(number)
    with path.open("wb") as file:
        os.dup2(file.fileno(), number)
    try:
        yield
    finally:
        stream.flush()
        os.dup2(kept, number)
        os.close(kept)


__all__ = ["Trial", "start", "with_numpy", "with_ramba"]
