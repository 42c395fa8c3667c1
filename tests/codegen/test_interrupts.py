"""An interrupt that comes where Python ignores exceptions: in a finalizer, or somewhere in Numba."""

from __future__ import annotations

import gc
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

import ramba
from ramba.interrupts import InterruptGuard, undisturbed

numba = pytest.importorskip("numba")
extending = pytest.importorskip("numba.extending")


class Gone:
    """Whose finalizer an interrupt finds at work."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


def test_an_interrupt_in_a_finalizer() -> None:
    reached = []
    with pytest.raises(KeyboardInterrupt), InterruptGuard(), InterruptGuard():
        Gone()
        reached.append("the end")
    assert reached
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_does_not_disturb_what_is_aside() -> None:
    """It ends the waiting, not the work."""
    done = threading.Event()

    def work() -> None:
        Gone()
        time.sleep(0.02)
        done.set()

    with pytest.raises(KeyboardInterrupt):
        undisturbed(work)
    assert done.wait(30)
    while not gc.isenabled():
        time.sleep(0.01)


def test_what_is_aside_gives_raises_and_knows_what_it_would_here() -> None:
    threads = []

    def work() -> str:
        threads.append(threading.current_thread())
        return ramba.config.current().cache

    with ramba.config.set(cache="off"):
        assert undisturbed(work) == "off"
        assert undisturbed(lambda: undisturbed(work)) == "off"
    assert threading.current_thread() not in threads
    with pytest.raises(ZeroDivisionError):
        undisturbed(lambda: 1 // 0)
    assert gc.isenabled()


def _by_jit(function: Callable[[float], float], x: float) -> Any:
    return ramba.jit(function)(x)


def _by_smap(function: Callable[[float], float], x: float) -> Any:
    with ramba.config.set(functions="compile"):
        return ramba.smap(function, ramba.arange(100_000) * 0.0 + x).max().item()


@pytest.mark.parametrize("call", [_by_jit, _by_smap])
def test_an_interrupt_while_numba_compiles(call: Callable[..., Any]) -> None:
    """It comes when that is over; nothing that Numba knows is left half done."""
    times = []

    def asked(x: float) -> float:
        return x

    @extending.overload(asked)
    def overloaded(x):  # type: ignore[no-untyped-def]
        times.append(1)
        if len(times) == 1:
            Gone()
        return lambda x: x

    one = time.time_ns() % 1e9  # nobody has compiled this before

    def function(x: float) -> float:
        return asked(x) + one

    with pytest.raises(KeyboardInterrupt):
        call(function, 1.0)
    assert call(function, 1.0) == 1.0 + one
    assert times
