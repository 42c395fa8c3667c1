"""Workers that are killed in the middle of work which is then right to the bit (F1, F2, F3, F5 with resilience)."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from tests.fault.clusters import run
from tests.subject import repeats

pytest.importorskip("zmq")

pytestmark = [pytest.mark.fault, pytest.mark.one_process, pytest.mark.timeout(500)]

WORKS = """
import warnings
given = numpy.random.default_rng(0).random((500, 400))

def cumsum(x, turns=60):
    for turn in range(turns):
        x = x.cumsum(axis=turn % 2) / 300
    return x

def sort(x, turns=30):
    x = x.reshape(-1)
    for turn in range(turns):
        x = np.sort(x) * 1.5 % 1
    return x

def stencil(x, turns=300):
    x = x.copy()
    for _ in range(turns):
        x[1:-1, 1:-1] += 0.2 * (x[2:, 1:-1] - 2 * x[1:-1, 1:-1] + x[:-2, 1:-1])
    return x

def columns(x, turns=400):
    x = x.copy()
    for j in range(1, turns):
        x[:, j] = 0.3 * x[:, j] + 0.7 * x[:, j - 1]
    return x

def looked_at(x, turns=150):
    total = 0.0
    for turn in range(turns):
        total = float((np.sin(x[turn:]) * (1 + total / 1e6)).sum())
    return numpy.array(total)

def recovered(work, *options, after=0.1, number=signal.SIGKILL):
    x = np.array(given) * 1.0
    begin = time.monotonic()
    expected = numpy.asarray(work(x, *options))
    plain = time.monotonic() - begin
    struck, pid = strike(1, number, after), pids()[1]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        begin = time.monotonic()
        found = numpy.asarray(work(x, *options))
        took = time.monotonic() - begin
        while not struck:                   # it was quicker than that
            assert numpy.asarray(work(x, *options)).tobytes() == expected.tobytes()
        numpy.asarray(x)
    assert found.tobytes() == expected.tobytes(), work
    (message,) = [str(warning.message) for warning in told]
    assert f"process {pid} " in message and " s." in message, message
    assert numpy.asarray(x).tobytes() == given.tobytes()
    print(f"{work.__name__}: {plain:.2f} s, with a loss {took:.2f} s; {message}")
"""


def check(place: pathlib.Path, script: str, **environment: Any) -> None:
    """Runs a script with resilience on two workers."""
    print(run(place, WORKS + script, timeout=450, RAMBA_RESILIENCE="recompute", **environment).stdout)


WORKS_AT_ONCE = ("stencil",)
WORKS_LATER = ("cumsum", "sort", "columns", "looked_at")


@pytest.mark.parametrize("work", [*WORKS_AT_ONCE, *repeats(*WORKS_LATER)])
def test_f1_f5_a_worker_killed_in_the_middle(place: pathlib.Path, work: str) -> None:
    check(place, f"warm()\nrecovered({work})")


def test_f2_f3_killed_while_idle_and_in_a_long_kernel(place: pathlib.Path) -> None:
    """The sum of half a minute's kind of work, which is being looked at; and before anything is asked."""
    script = """
    import warnings
    warnings.simplefilter("always")
    warm()
    a, small, expected = np.arange(200_000) * 2.0, np.arange(50) + 1, heavy(4_000_000).item()
    np.sync()
    struck = strike(0, signal.SIGSEGV, 0.05)
    assert heavy(4_000_000).item() == expected and struck
    os.kill(pids()[1], signal.SIGKILL)
    time.sleep(0.3)
    assert float((a + 1).sum()) == 200_000 * 199_999.0 + 200_000 and small.sum() == 1275
    usable()
    """
    run(place, script, quiet=False, RAMBA_RESILIENCE="recompute")


def test_f8_what_kills_its_workers_ends_the_attempts(place: pathlib.Path) -> None:
    """A command that cannot be replayed is tried three times."""
    script = """
    import contextlib
    from ramba.runtime.recovery import Recovery
    usable()
    x = np.arange(100_000) * 2.0
    np.sync()
    say = Recovery.say
    def deadly(self, record):
        with contextlib.suppress(ProcessLookupError):  # the last one may have taken it along
            os.kill(pids()[0], signal.SIGKILL)
        say(self, record)
    Recovery.say = deadly
    os.kill(pids()[1], signal.SIGKILL)
    problem = loss(lambda: x.sum().item(), 60)
    assert "ramba.init()" in problem.__notes__[0], problem
    assert not psutil.Process().children()
    np.init()
    usable()
    raises(ArrayLostError, lambda: x.sum().item())
    """
    run(place, script, RAMBA_RESILIENCE="recompute")


@pytest.mark.slow
def test_f1_a_stencil_of_ten_thousand_steps(place: pathlib.Path) -> None:
    check(place, "warm()\nrecovered(stencil, 10_000, after=2.0)")


@pytest.mark.slow
def test_f1_the_same_kept_by_neighbours(place: pathlib.Path) -> None:
    check(place, "warm()\nrecovered(stencil, 10_000, after=2.0)", RAMBA_RESILIENCE_SECONDS=0.5)


@pytest.mark.slow
def test_f4_a_frozen_worker_is_replaced(place: pathlib.Path) -> None:
    check(place, "warm()\nrecovered(cumsum, number=signal.SIGSTOP)")


@pytest.mark.slow
@pytest.mark.parametrize("work", ["cumsum", "sort", "stencil"])
def test_f1_f5_on_ray(place: pathlib.Path, work: str) -> None:
    pytest.importorskip("ray")
    check(place, f"warm()\nrecovered({work})", RAMBA_BACKEND="ray")


def test_what_a_lost_worker_had_spilled_is_computed_again(place: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """Files of the dead are gone with them; nothing is left behind."""
    script = """
    import warnings
    np.reset_timing()
    given = numpy.random.default_rng(1).random((1500, 1000))
    x = np.array(given)
    y = x * 2 + 1
    z = (x - y).cumsum(axis=0)
    expected = numpy.asarray(z).tobytes()
    assert np.statistics().bytes_spilled > 2e6, np.statistics()
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        os.kill(pids()[1], signal.SIGKILL)
        assert numpy.asarray(z).tobytes() == expected
    assert (numpy.asarray(x) == given).all() and (numpy.asarray(y) == given * 2 + 1).all()
    x[:] = y
    assert (numpy.asarray(x) == given * 2 + 1).all()
    usable()
    """
    run(place, script, RAMBA_SPILL=str(tmp_path / "made"), RAMBA_MEMORY_LIMIT="6MB", RAMBA_RESILIENCE="recompute")
    assert not list((tmp_path / "made").iterdir())
