"""Backends describe themselves: adding one is one file, which settings, `info` and the engine then find."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ramba import config
from ramba.runtime import backends
from ramba.runtime.backend import chosen, starts_processes

ONE_FILE = '''
"""One worker that counts what it runs."""

from ramba import config
from ramba.runtime.backends.threads import Threads
from ramba.runtime.description import CannotStartError, Description, Start


def start():
    if config.current().workers is not None:
        raise CannotStartError("has one worker")
    return Start(1, 7, "and counts")


BACKEND = Description("counting", start, needs=("json",), starts_processes=True, order=3)


class Counting(Threads):
    followed = 0

    def follow(self, *args):
        Counting.followed += 1
        return super().follow(*args)


def open():
    return Counting()
'''
LACKING = """
from ramba.runtime.description import Description, Start

BACKEND = Description("lacking", lambda: Start(1, 1, "never"), needs=("no_such_module",), extra="lack")


def open():
    import no_such_module
"""
PROGRAM = """
import json, sys
from ramba.runtime import backends
backends.__path__.append(sys.argv[1])
import ramba as np
from ramba.session import facts
from ramba.engine.keeper import KEEPER
from ramba.runtime.backend import starts_processes

told = {}
np.init(backend="Counting")
told["sum"] = float(np.ones(100_000).sum())
told["followed"] = type(KEEPER.backend).followed
told["apart"] = starts_processes()
info = facts.information("0")
told["chosen"], told["all"] = info["backend"], info["backends"]
told["text"] = facts.text(info)
np.config.set(workers=2)
told["why"] = facts.backend("counting")["why"]
for backend in ("lacking", "unknown"):
    try:
        np.init(backend=backend)
    except (ImportError, ValueError) as problem:
        told[backend] = str(problem)
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What a program sees for which two files more lie among the backends."""
    place = tmp_path_factory.mktemp("more")
    (place / "counting.py").write_text(ONE_FILE)
    (place / "lacking.py").write_text(LACKING)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(place)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_one_file_is_a_backend(told: dict) -> None:
    assert told["sum"] == 100_000
    assert told["followed"] >= 1
    assert told["apart"]


def test_info_finds_it(told: dict) -> None:
    assert told["chosen"] == "counting"
    assert list(told["all"]) == ["threads", "local", "processes", "counting", "mpi", "ray", "spmd", "lacking"]
    assert told["all"]["counting"] == {"can start": True, "workers": 1, "threads": 7, "how": "and counts"}
    assert "* counting             1 worker of 7 threads, and counts\n" in told["text"]
    assert told["why"] == "has one worker"


def test_settings_find_it(told: dict) -> None:
    assert "one of auto, threads, local, processes, counting, mpi, ray, lacking" in told["unknown"]


def test_what_it_lacks_is_named(told: dict) -> None:
    why = "needs no_such_module: pip install 'ramba[lack]'"
    assert told["all"]["lacking"] == {"can start": False, "why": why}
    assert told["lacking"] == f"The backend 'lacking' {why}"


@pytest.mark.parametrize("name", ["threads", "local", "processes", "mpi", "ray"])
def test_files_bear_the_names_of_backends(name: str) -> None:
    row = backends.descriptions()[name]
    assert (Path(backends.__file__).parent / f"{row.name}.py").exists()
    with config.set(backend=name):
        assert chosen() == name
        assert starts_processes() == row.starts_processes == (name in ("processes", "ray"))


def test_what_was_started_decides_where_settings_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    from ramba.runtime.mpi import launcher

    with config.set(backend="auto", ray_address="somewhere:1"):
        assert chosen() == "ray"
        monkeypatch.setattr(launcher, "_place", launcher.Place(0, 3, os.getpid(), False))
        assert chosen() == "mpi"
        with config.set(backend="threads", spmd=True):
            assert chosen() == "spmd"
        with config.set(backend="threads"):
            assert chosen() == "threads"


def test_descriptions_import_nothing_that_takes_time() -> None:
    code = (
        "import sys, ramba; from ramba.runtime import backends; backends.descriptions();"
        "print(*sorted({'numba', 'llvmlite', 'ray', 'mpi4py', 'zmq'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not done.stdout.split()
