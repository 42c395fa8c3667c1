"""Ctrl-C, and what runs in the middle of a flush (F19, F20, F21, F26)."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

from tests.fault.harness import run
from tests.subject import repeats

pytestmark = [pytest.mark.fault]


@pytest.mark.parametrize(
    ("threads", "kernels"),
    [(1, "interpreted"), (2, "compiled")] + repeats((1, "compiled"), (2, "interpreted"), rows=True),
)
def test_f19_ctrl_c_in_a_long_kernel(tmp_path: pathlib.Path, kernels: str, threads: int) -> None:
    """KeyboardInterrupt within a second, idle within two, operands untouched, the session usable."""
    run(
        tmp_path,
        """
        a = np.arange(100_000) + 0.5
        np.sync()
        for round in range(2):
            b = long_sum(0.5 + round) + a
            interrupt_after(0.5)
            start = time.monotonic()
            try:
                b[0].item()
            except KeyboardInterrupt:
                seconds = time.monotonic() - start
            else:
                sys.exit("not interrupted")
            assert seconds < 8, seconds  # of a minute; a tenth of a second, were there no tests beside it
            time.sleep(0.3)
            before = time.process_time()
            time.sleep(0.4)
            assert time.process_time() - before < 0.2, "something still computes"
            assert (numpy.asarray(a) == numpy.arange(100_000) + 0.5).all()
            assert float((a * 2).sum()) == 100_000**2
            del b
        """,
        RAMBA_KERNELS=kernels,
        RAMBA_NUM_THREADS=threads,
        timeout=30,
    )


def test_f19_ctrl_c_in_an_in_place_update(tmp_path: pathlib.Path) -> None:
    """The target is its old value, its new value, or raises on use; nothing in between."""
    done = run(
        tmp_path,
        """
        a = np.ones(2_000_000)
        np.sync()
        view = a[::2]
        x = np.arange(2_000_000) / 1e6
        a += 1                                       # in place, in the same flush
        for _ in range(40):
            x = np.exp(-x * x) + np.arctan(x)
        a *= np.where(x > -1, 2, 0)
        heavy = long_sum() + a
        interrupt_after(0.5)
        try:
            heavy[0].item()
        except KeyboardInterrupt:
            pass
        else:
            sys.exit("not interrupted")
        del heavy
        try:
            seen = set(numpy.unique(numpy.asarray(a)).tolist())
            assert seen in ({1.0}, {2.0}, {4.0}), seen
            assert set(numpy.asarray(view).tolist()) == seen
            print("value", seen)
        except (RuntimeError, InterruptedError) as error:
            print("raises", error)
        assert float(np.ones(100_000).sum()) == 100_000
        """,
        timeout=30,
    )
    assert done.lines


def test_f20_ctrl_c_at_any_moment(tmp_path: pathlib.Path) -> None:
    """While planning, compiling, running; twice in a row. Whatever is computed afterwards is right."""
    done = run(
        tmp_path,
        """
        values = numpy.arange(30_000) % 1000 / 7
        interrupted = left = 0

        def interrupt(signum, frame):
            global left
            if left:
                left -= 1
                raise KeyboardInterrupt

        def work(a, round):
            global interrupted
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.0005 + 0.0007 * (round % 40), 0.0004 if left == 2 else 0)
                b = a * 2 + round
                for step in range(round % 7 + 1):
                    b = np.maximum(b, a) - step if round & (1 << step) else b * 0.5 + a
                b.sum().item()
            except KeyboardInterrupt:
                interrupted += 1
                time.sleep(0.0005)                   # the second one may come here

        signal.signal(signal.SIGALRM, interrupt)
        for round in range(60):
            a = np.array(values)
            left = 2 if round % 3 == 0 else 1
            try:
                work(a, round)
            except KeyboardInterrupt:
                pass
            left = 0
            signal.setitimer(signal.ITIMER_REAL, 0)
            b, expected = a * 2 + round, values * 2 + round
            for step in range(round % 7 + 1):
                b = np.maximum(b, a) - step if round & (1 << step) else b * 0.5 + a
                expected = numpy.maximum(expected, values) - step if round & (1 << step) else expected * 0.5 + values
            assert (numpy.asarray(b) == expected).all(), round
        print(interrupted)
        """,
        RAMBA_CACHE="off",
        RAMBA_KERNELS="compiled",
        RAMBA_EAGER_SIZE=0,
        timeout=60,
    )
    assert int(done.lines[-1]) > 5, "the test interrupts too rarely to prove anything"


IMPORTING = """
import numpy, os, signal, sys, time
signal.signal(signal.SIGALRM, signal.default_int_handler)
signal.setitimer(signal.ITIMER_REAL, float(sys.argv[1]))
try:
    try:
        import ramba
        time.sleep(0.2)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
except KeyboardInterrupt:
    pass
import ramba
assert int((ramba.arange(100_000) * 2).sum()) == 9999900000
"""


@pytest.mark.parametrize("seconds", [0.001, 0.02, 0.045, 0.09, *repeats(0.01, 0.03, 0.06)])
def test_f20_ctrl_c_during_import(seconds: float) -> None:
    command = [sys.executable, "-c", IMPORTING, str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr


def test_f21_a_notebook_goes_on_after_an_interrupt(tmp_path: pathlib.Path) -> None:
    """Cells of one session: the second is interrupted, the third works."""
    run(
        tmp_path,
        """
        import code
        console = code.InteractiveInterpreter({"np": np, "long_sum": long_sum})
        console.runsource("a = np.arange(100_000) + 1")
        interrupt_after(0.5)
        try:
            console.runsource("b = float(long_sum() + a[3])")
        except KeyboardInterrupt:
            pass
        console.runsource("c = int((a * 2).sum())")
        assert console.locals["c"] == 100_000 * 100_001
        assert "b" not in console.locals
        """,
        quiet=False,
        timeout=30,
    )


@pytest.mark.parametrize("kernels", ["auto", "compiled"])
@pytest.mark.parametrize("start", ["cold", "warm"])
def test_f26_reentrancy(tmp_path: pathlib.Path, start: str, kernels: str) -> None:
    """__del__, weakref callbacks, signal handlers, log handlers and event listeners may call Ramba in a flush."""
    run(
        tmp_path,
        """
        import logging, weakref
        from ramba import events
        total = []

        class Dying:
            def __del__(self):
                total.append(float((np.arange(50_000) * 2).sum()))

        class Handler(logging.Handler):
            def emit(self, record):
                total.append(float(np.ones(50_000).sum()))

        logging.getLogger("ramba").addHandler(Handler())
        logging.getLogger("ramba").setLevel(logging.DEBUG)
        handled = []
        busy = []
        def handle(*_):
            if not busy:
                busy.append(1)
                handled.append(float((np.arange(40_000) + 1).sum()))
                busy.clear()
        signal.signal(signal.SIGALRM, handle)
        values = numpy.arange(40_000.0)
        if os.environ["WARM"] == "warm":
            for size in (30_000, 40_000, 50_000):
                (np.arange(size) + 1).sum().item(), (np.arange(size) * 2).sum().item(), np.full(size, 2.0).sum().item()
            (np.sqrt(np.array(values)) + 1)[::-1].tolist()
        signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
        gc.set_threshold(50, 2, 2)
        for round in range(150):
            ring = [Dying()]
            if sys.version_info >= (3, 12):  # before, np.errstate itself crashes when a collection interrupts it
                ring.append(ring)
            a = np.array(values)
            weakref.finalize(a, lambda: total.append(float(np.full(30_000, 2.0).sum())))
            b = np.sqrt(a) + round
            c = b[::-1] * a
            expected = (numpy.sqrt(values) + round)[::-1] * values
            del ring, b
            assert (numpy.asarray(c) == expected).all()
        signal.setitimer(signal.ITIMER_REAL, 0)
        assert set(handled) <= {40_000 * 40_001 / 2} and handled, handled
        assert set(total) <= {50_000.0 * 49_999, 50_000.0, 60_000.0}, set(total)
        """,
        timeout=60,
        RAMBA_LOG="debug",
        WARM=start,
        RAMBA_KERNELS=kernels,
    )
