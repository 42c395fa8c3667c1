"""What was done and how long it took: counted once somebody asks, printed by what is there to print."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy
import pytest

from ramba import events
from tests.subject import mode, ramba

pytestmark = pytest.mark.own_modes


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    before = events.listeners
    yield
    ramba.reset_timing(on=False)
    assert events.listeners == before


def program() -> float:
    a = ramba.fromarray(numpy.arange(40_000.0).reshape(200, 200))
    a[1:] += a[:-1] * 0.5
    return float(a.sum())


def test_nothing_is_counted_before_somebody_asks() -> None:
    with mode("compiled"):
        before = events.listeners
        program()
        assert events.listeners is before
        assert ramba.statistics().flushes == 0
        program()
        assert ramba.statistics().flushes > 0


def test_on_threads() -> None:
    with mode("compiled"):
        ramba.reset_timing()
        program()
        program()
        done = ramba.statistics()
        assert done.plans_made + done.plans_found <= done.flushes  # one assignment alone needs no plan
        assert done.kernels_run >= done.flushes > 1
        assert (done.bytes_exchanged, done.bytes_gathered, done.fallbacks) == (0, 0, {})
        times = ramba.get_timing()
        assert times["flushes"].times == done.flushes
        assert times["kernels"].times == done.kernels_run
        assert 0 < times["kernels"].seconds <= times["flushes"].seconds * ramba.config.current().num_threads
        parts = {name: t for name, t in ramba.get_timing(details=True).items() if name.startswith("kernels: ")}
        assert sum(t.times for t in parts.values()) == done.kernels_run
        assert set(parts).isdisjoint(times)
        ramba.reset_timing()
        assert ramba.get_timing() == {}


def test_on_workers() -> None:
    with mode("3 workers"):
        ramba.reset_timing()
        heard: list[events.Event] = []
        with events.subscribe(heard.append, workers=True):
            program()
            ramba.sync()
            done = ramba.statistics()
        told = [e.event for e in heard if isinstance(e, events.OnWorker)]
        assert done.kernels_run == sum(isinstance(e, events.Ran) for e in told) > 0
        assert done.bytes_exchanged == sum(e.nbytes for e in told if isinstance(e, events.Sent) and e.target < 3) > 0
        assert done.bytes_gathered > 0


def test_fallbacks_and_files(tmp_path: Path) -> None:
    numpy.save(tmp_path / "a.npy", numpy.arange(50_000.0))
    with mode("default"):
        ramba.reset_timing()
        x = ramba.load(tmp_path / "a.npy")
        done = ramba.statistics()
        assert done.bytes_read == 400_000
        ramba.poly(x[:30_000][::3000])
        ramba.lexsort((x, x))
        names = ramba.statistics().fallbacks
        assert all(name.startswith("numpy.") for name in names)
        text = repr(ramba.statistics())
    assert "bytes read                400,000" in text
    assert all(name in text for name in names)


def test_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with mode("2 workers"):
        ramba.reset_timing()
        program()
        ramba.add_time("model", 1.5)
        ramba.add_sub_time("model", "boundary", 0.5)
        assert capsys.readouterr().out == ""
        ramba.timing_summary()
        printed = capsys.readouterr().out
        assert "    1.500 s       1 x  model\n    0.500 s       1 x  model: boundary\n" in printed
        assert "kernels run" in printed
        assert "boundary" not in ramba.get_timing_str()
        ramba.print_comm_stats()
        assert capsys.readouterr().out.startswith("worker 0: ")


def test_from_the_beginning() -> None:
    text = "import ramba; float(ramba.ones(10**6).sum()); print(ramba.statistics().flushes)"
    for value, flushes in (("1", "1"), ("off", "0")):
        done = subprocess.run(
            [sys.executable, "-c", text],
            env=os.environ | {"RAMBA_TIMING": value, "RAMBA_BACKEND": "threads"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert (done.stdout.strip(), done.stderr) == (flushes, "")
