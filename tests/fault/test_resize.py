"""More workers and fewer while a program runs, on processes: who is started and who leaves, and what is lost."""

from __future__ import annotations

import pathlib

import pytest

from tests.fault.clusters import run

pytest.importorskip("zmq")

pytestmark = [pytest.mark.fault, pytest.mark.one_process, pytest.mark.timeout(120)]

GROWN_AND_SHRUNK = """
np.init(eager_size=100)
values = numpy.arange(2_400_000.0).reshape(1200, 2000)
a = np.arange(2_400_000.0).reshape(1200, 2000)
view = a[5:1000:7, ::-3]
columns = np.zeros((300, 400), distribution=1) + 1
whole = np.redistribute(np.arange(500) * 1.0, "whole")
np.sync()
before = pids()

def right():
    "Looked at anew: what was seen once the driver has."
    assert (numpy.asarray(view + 0) == values[5:1000:7, ::-3]).all()
    assert float((columns + 0).sum()) == 120_000 and float((whole + 0).sum()) == 124_750
    usable()

def children():
    return {child.pid for child in psutil.Process().children() if child.status() != "zombie"}

for workers in NUMBERS:
    sent = ENGINE.backend.link.transport.bytes
    assert np.resize(workers=workers) == workers == np.num_workers == len(pids())
    # a single worker has no neighbour: what a loss would cost the driver has
    assert ENGINE.backend.link.transport.bytes - sent < 1_000_000, "arrays went through the driver"
    assert pids()[: len(before)] == before[:workers], "others stay"
    assert children() == set(pids()), (children(), pids())
    right()
    before = pids()
os.kill(pids()[-1], signal.SIGKILL)
right()
"""


@pytest.mark.parametrize("numbers", [(1, 2), pytest.param((3, 1, 4, 2), marks=pytest.mark.repeats)])
def test_arrays_move_between_workers(place: pathlib.Path, numbers: tuple[int, ...]) -> None:
    """Values stay, who is not needed any more is gone, and a loss afterwards costs nothing but time."""
    run(place, f"NUMBERS = {numbers}\n" + GROWN_AND_SHRUNK, RAMBA_RESILIENCE="recompute", quiet=False)


LOST_MEANWHILE = """
np.init(eager_size=100)
a = np.arange(2_000_000) * 3.0
np.sync()
for workers, after in MOMENTS:
    victim = pids()[-1]
    timer = threading.Timer(after, os.kill, (victim, signal.SIGKILL))
    timer.start()
    assert np.resize(workers=workers) == workers
    timer.join()
    assert float((a + 0).sum()) == 3.0 * 2_000_000 * 1_999_999 / 2
    assert len(pids()) == workers
usable()
"""


@pytest.mark.parametrize(
    "moments",
    [[(3, 0.3)], pytest.param([(3, 0.05), (2, 0.1), (3, 0.6), (2, 0.02), (3, 1.0)], marks=pytest.mark.repeats)],
)
def test_a_worker_is_killed_while_others_are_started_or_leave(
    place: pathlib.Path, moments: list[tuple[int, float]]
) -> None:
    run(place, f"MOMENTS = {moments}\n" + LOST_MEANWHILE, RAMBA_RESILIENCE="recompute", quiet=False)


NOT_STARTED = """
from ramba.runtime.sockets import processes
np.init(eager_size=100)
a = np.arange(200_000) * 3.0
np.sync()
before = pids()
processes._PROGRAM, program = "ramba.no_such_module", processes._PROGRAM
found = loss(lambda: np.resize(workers=3), limit=20)
assert "exit code" in found.reason, found
processes._PROGRAM = program
assert pids() == before and np.num_workers == 2
assert float((a + 0).sum()) == 3.0 * 200_000 * 199_999 / 2  # without resilience: nothing was touched
assert {child.pid for child in psutil.Process().children()} == set(before)
signal.signal(signal.SIGALRM, signal.default_int_handler)
signal.setitimer(signal.ITIMER_REAL, 0.2)
try:
    np.resize(workers=3)
except KeyboardInterrupt:
    pass
signal.setitimer(signal.ITIMER_REAL, 0)
assert float((a + 0).sum()) == 3.0 * 200_000 * 199_999 / 2
assert pids() == before
"""


def test_workers_that_cannot_be_started_change_nothing(place: pathlib.Path) -> None:
    """Nor does Ctrl-C while they are being started."""
    run(place, NOT_STARTED, quiet=False)
