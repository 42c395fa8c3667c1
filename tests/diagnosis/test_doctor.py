"""The doctor finds what is ill, on its line, says what to write instead, and is silent about the healthy."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

from ramba import events
from ramba.diagnosis import Doctor
from ramba.diagnosis.reasons import kernels_differ, programs_differ
from ramba.lazyarray.native import NATIVE
from tests.command.programs import python, write
from tests.diagnosis import sick
from tests.subject import ramba
from tests.test_explain import workers

pytestmark = pytest.mark.own_modes

needs_native = pytest.mark.skipif(NATIVE is None, reason="the short ways in C count elements")
LINES = Path(sick.__file__).read_text().splitlines()


def data() -> Any:
    made = ramba.array(numpy.random.default_rng(0).random(200_000))
    ramba.sync()
    return made


def ill_line(function: Callable[[Any], None]) -> int:
    start = function.__code__.co_firstlineno
    return next(number for number, line in enumerate(LINES, 1) if number > start and line.endswith("# ill"))


def examined(function: Callable[[Any], None], times: int = 1, least: float = 0.0, **settings: Any) -> Doctor:
    """Calls a function so often, and for so many seconds at least: a look at the thread comes every 20 ms."""
    a, until = data(), time.perf_counter() + least
    with ramba.config.set(on_fallback="ignore", **settings), ramba.doctor() as doctor:
        for _ in range(times):
            function(a)
        while time.perf_counter() < until:
            function(a)
    return doctor


@pytest.mark.parametrize(
    ("function", "what", "instead"),
    [
        (sick.looks, "looks by float(), int() or as an index", "look after the loop"),
        pytest.param(sick.elements, "elements read or written one by one", "whole arrays", marks=needs_native),
        pytest.param(sick.writes, "elements read or written one by one", "whole arrays", marks=needs_native),
        (sick.builtin, "Python's sum() over an array", "np.sum(x)"),
        (sick.loop, "a loop of Python over", "whole arrays"),
        (sick.fallback, "numpy.i0 by NumPy alone", "other functions"),
        (sick.moving, "none found again: shapes differ", "one shape"),
    ],
)
def test_what_is_ill_is_found(function: Callable[[Any], None], what: str, instead: str) -> None:
    doctor = examined(function, 3, least=0.2)
    found = [f for f in doctor.findings if what in f.what]
    assert found, doctor
    assert {f.line for f in found} == {ill_line(function)}
    assert all(f.file == sick.__file__ and instead in f.instead for f in found)
    assert all(0.01 * doctor.seconds <= f.seconds <= doctor.seconds for f in doctor.findings)
    assert [f.seconds for f in doctor.findings] == sorted((f.seconds for f in doctor.findings), reverse=True)
    assert f"sick.py:{ill_line(function)}  {found[0].what}" in str(doctor)


def test_kernels_that_are_compiled_over_and_over() -> None:
    doctor = examined(sick.kernels, kernels="compiled", cache="off")
    (found,) = [f for f in doctor.findings if "kernels compiled" in f.what]
    assert found.line == ill_line(sick.kernels)
    assert "what is pending differs" in found.what
    assert doctor.compiling > 0


def test_the_healthy_are_left_alone() -> None:
    examined(sick.healthy)  # once, to have its plan and its kernels
    doctor = examined(sick.healthy, 30)
    assert not [f for f in doctor.findings if f.line < sick.healthy.__code__.co_firstlineno]
    assert not [f for f in doctor.findings if "elements" in f.what or "kernels" in f.what or "plans" in f.what]


def test_lines_are_the_programs_own_and_ranked() -> None:
    doctor = examined(sick.looks, least=0.3)
    assert doctor.lines
    assert all(not file.startswith(str(Path(ramba.__file__).parent)) for _, file, _ in doctor.lines)
    assert sum(took for took, *_ in doctor.lines) <= 1.2 * doctor.seconds + 0.05
    assert doctor.lines[0][2] in range(sick.looks.__code__.co_firstlineno, ill_line(sick.looks) + 1)


def test_workers_gather_and_redistribute() -> None:
    with workers(3):
        a = ramba.array(numpy.random.default_rng(0).random((1000, 1200)))
        ramba.sync()
        with ramba.doctor() as doctor:
            for _ in range(20):
                b = a[:, :1000] + a[:, :1000].T
                ramba.sync()
            whole = numpy.asarray(b)
        del whole
    line = next(f for f in (doctor._listener.lines.items()) if f[1].sent)
    assert line[1].sent >= 20 * 1_000_000
    assert sum(told.gathered for told in doctor._listener.lines.values()) >= 8_000_000


def test_nothing_is_left_when_it_is_over() -> None:
    with pytest.raises(KeyError), ramba.doctor():
        raise KeyError
    assert events.listeners == events.tracers == ()
    assert not [thread for thread in threading.enumerate() if thread.name == "ramba-doctor"]


def test_other_threads_are_not_examined() -> None:
    a = data()
    with ramba.doctor() as doctor:
        thread = threading.Thread(target=sick.looks, args=(a,))
        thread.start()
        thread.join()
    assert not doctor.findings


def test_reasons_why_kernels_differ() -> None:
    one = "for j:\n    v0 = load f8 unit\n    v1 = sqrt(v0) -> f8"
    assert "dtypes" in kernels_differ([one, one.replace("f8", "f4")])[0]
    assert "dimensions" in kernels_differ([one, one.replace("for j", "for k0, j")])[0]
    assert "pending" in kernels_differ([one, one + "\n    v2 = exp(v1) -> f8"])[0]
    assert "strides" in kernels_differ([one, one.replace("unit", "strided")])[0]
    assert "cache" in kernels_differ([one, one])[0]


def program(function: Callable[[], Any]) -> object:
    heard: list[events.Event] = []
    with ramba.config.set(eager_size=0), events.subscribe(heard.append):
        held = function()
        ramba.sync()
    del held
    return next(e.program for e in heard if isinstance(e, events.Planned))


def test_reasons_why_programs_differ() -> None:
    a, b = data(), ramba.array(numpy.ones(200_000, "f4"))
    ramba.sync()
    first = program(lambda: ramba.sqrt(a[10:110]) + 3.25)
    assert "operations" in programs_differ([first, program(lambda: ramba.exp(a[10:110]) + 3.25)])[0]
    assert "values" in programs_differ([first, program(lambda: ramba.sqrt(a[10:110]) + 3.25 + a[:100])])[0]
    assert "dtypes" in programs_differ([first, program(lambda: ramba.sqrt(b[10:110]) + numpy.float32(3.25))])[0]
    assert "shapes" in programs_differ([first, program(lambda: ramba.sqrt(a[10:111]) + 3.25)])[0]
    assert "slices" in programs_differ([first, program(lambda: ramba.sqrt(a[20:320:3]) + 3.25)])[0]


SICK = "import ramba as np\na = np.ones(400_000) / 3\nfor n in range(3): print(round(sum(a)))\n"


def test_the_variable_asks_for_a_report_at_the_end(tmp_path: Path) -> None:
    write(tmp_path, "program.py", SICK + "import os, subprocess, sys\nassert 'RAMBA_DOCTOR' not in os.environ\n")
    done = python(tmp_path, "program.py", RAMBA_DOCTOR="1")
    assert done.stdout == "133333\n" * 3
    assert "program.py:3  Python's sum() over an array, 3 times: 1,200,000 elements" in done.stderr
    done = python(tmp_path, "program.py", RAMBA_DOCTOR=str(tmp_path / "report.json"))
    assert not done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["findings"][0]["line"] == 3
    assert report["seconds"] > report["findings"][0]["seconds"]
    for value in ("off", "0"):
        assert not python(tmp_path, "program.py", RAMBA_DOCTOR=value).stderr


def test_the_variable_is_silent_about_the_healthy(tmp_path: Path) -> None:
    write(tmp_path, "program.py", "import ramba as np\nprint(np.ones(100_000).sum())\n")
    assert not python(tmp_path, "program.py", RAMBA_DOCTOR="1").stderr


def test_the_command(tmp_path: Path) -> None:
    write(tmp_path, "program.py", SICK.replace("ramba", "numpy") + "raise SystemExit(4)\n")
    done = python(tmp_path, "-m", "ramba", "doctor", "program.py")
    assert (done.returncode, done.stdout) == (4, "133333\n" * 3)
    assert "Python's sum()" in done.stderr
    done = python(tmp_path, "-m", "ramba", "doctor", "--json", "report.json", "program.py")
    assert not done.stderr
    assert json.loads((tmp_path / "report.json").read_text())["findings"]
