"""The doctor: looks and listens for the length of a block or of a program, then reports."""

from __future__ import annotations

import atexit
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from ramba import config
from ramba.diagnosis.findings import LEAST, Finding, judged
from ramba.diagnosis.listening import Listener
from ramba.diagnosis.sampling import Sampler
from ramba.engine import ENGINE

MOST_LINES = 8
VARIABLE = "RAMBA_DOCTOR"


class Doctor:
    """What `ramba.doctor` gives: a report when its block is over."""

    def __init__(self) -> None:
        self.seconds = 0.0  # that the block took
        self.compiling = 0.0  # of them, into kernels that the cache did not have
        self.findings: list[Finding] = []
        self.lines: list[tuple[float, str, int]] = []  # seconds of the program's lines, the longest first

    def __enter__(self) -> Doctor:
        self.begin()
        return self

    def __exit__(self, kind: object, *exception: object) -> None:
        try:
            if kind is None:
                ENGINE.sync()
        finally:
            self.end()

    def begin(self) -> None:
        """Looks and listens from here on."""
        self._begin = time.perf_counter()
        self._listener = Listener()
        self._sampler = Sampler()

    def end(self) -> None:
        """Looks and listens no more, and judges."""
        self._sampler.close()
        self._listener.close()
        self.seconds = time.perf_counter() - self._begin
        seconds = self._sampler.seconds
        self.compiling = sum(line.compile_seconds for line in self._listener.lines.values())
        self.findings = judged(self._listener.lines, seconds, self.seconds)
        longest = sorted(((took, *at) for at, took in seconds.items()), reverse=True)
        self.lines = [row for row in longest if row[0] >= LEAST * self.seconds]

    def data(self) -> dict[str, Any]:
        """The report as plain data."""
        lines = [{"seconds": took, "file": file, "line": line} for took, file, line in self.lines]
        findings = [found._asdict() for found in self.findings]
        return {"seconds": self.seconds, "compiling": self.compiling, "findings": findings, "lines": lines}

    def __str__(self) -> str:
        return report(self.data())

    __repr__ = __str__


def report(data: dict[str, Any]) -> str:
    """A report for people."""
    total = data["seconds"]
    lines = [f"Ramba's doctor: {total:.2f} s"]
    if data["findings"]:
        lines += ["", "  seconds  share  where, what, and what to write instead"]
    for found in data["findings"]:
        lines += [
            f"{_time(found['seconds'], total)}  {_where(found)}  {found['what']}",
            f"                  instead: {found['instead']}",
        ]
    if not data["findings"]:
        lines.append(f"Nothing to mend that took {LEAST:.0%} of it.")
    if data["lines"]:
        lines += ["", "  seconds  share  the program's lines that took longest"]
    lines += [f"{_time(row['seconds'], total)}  {_where(row)}" for row in data["lines"][:MOST_LINES]]
    return "\n".join(lines)


def _time(seconds: float, total: float) -> str:
    return f"{seconds:9.2f}  {seconds / max(total, 1e-9):4.0%} "


def _where(row: dict[str, Any]) -> str:
    file = Path(row["file"])
    name = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
    return f"{name}:{row['line']}"


def attend() -> None:
    """Begins with the program and reports at its end, if ``RAMBA_DOCTOR`` asks for it: for this process alone."""
    wanted = config.current().doctor
    del os.environ[VARIABLE]  # whatever the program starts is not asked
    if wanted == "off":
        return
    doctor = Doctor()
    doctor.begin()
    process = os.getpid()

    def say() -> None:
        if os.getpid() != process:
            return
        doctor.end()
        if wanted != "on":
            Path(wanted).write_text(json.dumps(doctor.data(), indent=1))
        elif doctor.findings:
            print(doctor, file=sys.stderr)  # noqa: T201 - what was asked for

    atexit.register(say)


__all__ = ["Doctor", "attend", "report"]
