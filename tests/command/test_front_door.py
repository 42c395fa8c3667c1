"""What a newcomer types first: `python -m ramba` alone, its demo, its facts, and a doctor for the installation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy
import pytest

from ramba.command import checkup, demo
from ramba.kernels.local import blas
from tests.command.programs import python
from tests.subject import ramba, repeats

pytestmark = pytest.mark.own_modes

SCREEN = 24


def checked(check: object) -> list[checkup.Check]:
    return list(check())  # type: ignore[operator]


def test_alone_it_says_what_it_can_do(tmp_path: Path) -> None:
    done = python(tmp_path, "-m", "ramba")
    assert done.returncode == 0
    for command in ("demo", "doctor", "info", "compare"):
        assert f"python -m ramba {command}" in done.stdout
    assert ramba.__version__ in done.stdout
    lines = done.stdout.splitlines()
    assert len(lines) <= SCREEN
    assert max(map(len, lines)) <= 120


def test_facts_fit_one_screen(tmp_path: Path) -> None:
    short = python(tmp_path, "-m", "ramba", "info", RAMBA_NUM_THREADS="1").stdout
    everything = python(tmp_path, "-m", "ramba", "info", "--all").stdout
    assert short.count("\n") <= SCREEN
    assert "num_threads        1            (environment RAMBA_NUM_THREADS)" in short
    assert "eager_size" not in short
    assert everything.count("\n") > SCREEN
    assert "eager_size" in everything


def test_demo(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    done = python(tmp_path, "-m", "ramba", "demo", "--seconds", "0.3", "--picture", "demo.svg")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("yes, ") == len(demo.PROGRAMS)
    assert "@@@@@" in done.stdout
    assert (tmp_path / "demo.svg").read_text().rstrip().endswith("</svg>")
    assert not done.stderr  # no progress line, where nobody watches


def test_demo_sees_what_differs() -> None:
    result = demo.Result("x", "1 row", 1.0, 1.0, 0.5, 0.1)
    assert list(demo.table([result]))[-1].endswith("NO")
    assert list(demo.table([result._replace(error=0.0)]))[-1].endswith("2.0   yes, exactly")


def test_a_picture_of_letters() -> None:
    assert demo.text_picture(numpy.array([[0.0, 9.0], [1.0, 1.0]])) == " @"
    assert demo.text_picture(numpy.zeros((2, 2))) == ""


def test_a_healthy_installation(tmp_path: Path) -> None:
    done = python(tmp_path, "-m", "ramba", "doctor", RAMBA_CACHE=str(tmp_path / "cache"))
    names = [check.name for look in checkup.CHECKS for check in look()]
    for name in names:
        assert f"  {name} " in done.stdout
    assert done.returncode == ("  change  " in done.stdout)
    assert f"ray {ramba.__version__}" not in done.stdout


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"RAMBA_CACHE": "off"}, "unset RAMBA_CACHE"),
        ({"RAMBA_NUM_THREADS": "64"}, "more only take turns"),
        *repeats(
            ({"RAMBA_NATIVE": "off"}, "in Python, as RAMBA_NATIVE=off asks"),
            ({"RAMBA_KERNELS": "interpreted"}, "not used, as RAMBA_KERNELS=interpreted asks"),
            rows=True,
        ),
    ],
)
def test_what_costs_something_is_named(tmp_path: Path, variables: dict[str, str], said: str) -> None:
    done = python(tmp_path, "-m", "ramba", "doctor", **variables)
    assert said in done.stdout
    assert done.returncode == ("  change  " in done.stdout)


def test_threads_of_blas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "threads", lambda: 1)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    with ramba.config.set(num_threads=4):
        (found,) = checked(checkup.blas_threads)
    assert found.verdict == checkup.CHANGE
    assert "OPENBLAS_NUM_THREADS=1" in found.said
    monkeypatch.setattr(blas, "threads", lambda: 999)
    (found,) = checked(checkup.blas_threads)
    assert found.verdict == checkup.CHANGE
    monkeypatch.setattr(blas, "threads", lambda: None)
    assert checked(checkup.blas_threads)[0].verdict == checkup.NOTE


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("always [madvise] never", "ok"), ("[always] madvise never", "ok"), ("always madvise [never]", "change")],
)
def test_huge_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, verdict: str) -> None:
    path = tmp_path / "enabled"
    path.write_text(text)
    monkeypatch.setattr(checkup, "HUGE_PAGES", path)
    assert checked(checkup.huge_pages)[0].verdict == verdict
    path.unlink()
    assert checked(checkup.huge_pages)[0].verdict == checkup.NOTE


def test_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ramba.machine.free_memory", lambda: 10)
    monkeypatch.setattr("ramba.machine.address_space", lambda: None)
    assert checked(checkup.memory)[0].verdict == checkup.CHANGE
    monkeypatch.setattr("ramba.machine.address_space", lambda: 10**9)
    assert "1.0 GB of addresses" in checked(checkup.memory)[0].said


def test_a_launcher_of_mpi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mpi4py")
    launcher = tmp_path / "mpiexec"
    for said, found in (
        ("HYDRA build details:\n    Version:                                 4.3.0", "MPICH (Hydra) 4.3.0"),
        ("mpiexec (OpenRTE) 4.1.4\n\nReport bugs", "mpiexec (OpenRTE) 4.1.4"),
    ):
        launcher.write_text(f"#!/bin/sh\ncat <<END\n{said}\nEND\n")
        launcher.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        (check,) = checked(checkup.mpi)
        assert check.verdict == checkup.GOOD
        assert check.said.endswith(f"{launcher}: {found}")


def test_facts_as_json_stay_complete(tmp_path: Path) -> None:
    data = json.loads(python(tmp_path, "-m", "ramba", "info", "--json").stdout)
    assert {"packages", "backends", "security", "settings"} <= data.keys()


def test_who_reads_may_stop() -> None:
    command = f"{sys.executable} -m ramba info --all | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("ramba ")
    assert not done.stderr
