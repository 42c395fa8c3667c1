"""Ctrl-C ends a user's endless loop, in Python and in compiled code, on threads and on workers."""

from __future__ import annotations

import pathlib
import textwrap

import pytest

from tests.fault.harness import run
from tests.subject import repeats

pytestmark = [pytest.mark.fault, pytest.mark.own_modes]

BACKENDS = {
    "one thread": {"RAMBA_NUM_THREADS": 1},
    "threads": {"RAMBA_NUM_THREADS": 2},
    "local": {"RAMBA_BACKEND": "local", "RAMBA_WORKERS": 2, "RAMBA_EAGER_SIZE": 16},
    "processes": {"RAMBA_BACKEND": "processes", "RAMBA_WORKERS": 2, "RAMBA_EAGER_SIZE": 16},
}

FOREVER = """
def forever(x):
    n = 0
    while n >= 0 and x > -5:
        n = (n + 1) % 1000
    return n

def impure(x):
    global seen
    seen = x
    while True:
        pass

def interrupted(call):
    interrupt_after(0.5)
    start = time.monotonic()
    try:
        call()
    except KeyboardInterrupt:
        assert time.monotonic() - start < 10, time.monotonic() - start  # two and a half, and the tests beside it
    else:
        sys.exit("not interrupted")
    time.sleep(0.3)
    before = time.process_time()
    time.sleep(0.3)
    assert time.process_time() - before < 0.2, "something still computes"
    assert float((np.arange(100_000) * 2).sum()) == 99_999 * 100_000

def few(x):
    return x[0].item()
"""


@pytest.mark.parametrize("backend", ["threads", "processes", *repeats("one thread", "local")])
def test_compiled_loops(tmp_path: pathlib.Path, backend: str) -> None:
    run(
        tmp_path,
        FOREVER
        + textwrap.dedent("""
        from numba import njit
        compiled = njit(forever)
        star = lambda a: compiled(a[0]) + a[1]
        scan = lambda a, b: a + compiled(b)
        short = np.full(10, -9.0)  # nothing goes on for ever yet: Numba compiles before somebody interrupts
        few(np.smap(forever, short) + np.sstencil(star, short) + np.scumulative(scan, None, short))
        for count in (10, 300_000) if os.environ.get("RAMBA_NUM_THREADS") else (300_000,):
            x = np.arange(float(count)) + 1
            np.sync()
            interrupted(lambda: few(np.smap(forever, x)))
            interrupted(lambda: few(np.sstencil(star, x)))
            interrupted(lambda: np.scumulative(scan, None, x)[-1].item())
        """),
        timeout=60,
        **BACKENDS[backend],
    )


@pytest.mark.parametrize("kernels", ["compiled", "interpreted"])
def test_compiled_loops_in_either_executor(tmp_path: pathlib.Path, kernels: str) -> None:
    run(
        tmp_path,
        FOREVER
        + textwrap.dedent("""
        few(np.smap(forever, np.full(300_000, -9.0)))  # Numba compiles before somebody interrupts
        x = np.arange(300_000.0) + 1
        interrupted(lambda: few(np.smap(forever, x)))
        """),
        RAMBA_KERNELS=kernels,
        timeout=60,
    )


@pytest.mark.parametrize("backend", ["threads", "processes", *repeats("one thread", "local")])
def test_loops_of_python(tmp_path: pathlib.Path, backend: str) -> None:
    run(
        tmp_path,
        FOREVER
        + textwrap.dedent("""
        np.config.set(on_fallback="ignore")
        x = np.arange(300_000.0) + 1
        np.sync()
        spin = lambda v: [v for _ in iter(os.getpid, 0)]     # travels to workers
        interrupted(lambda: few(np.smap(impure, x)))
        interrupted(lambda: few(np.smap(spin, x)))
        interrupted(lambda: few(np.map_blocks(spin, x)))
        """),
        timeout=60,
        **BACKENDS[backend],
    )
