"""Interrupts and failures mean what was sent up to them, and nothing else (F19, F20, F31)."""

from __future__ import annotations

import pathlib
import sys
from types import FrameType
from typing import Any

import numpy as np
import psutil
import pytest

import ramba
from ramba.layout import replicated
from ramba.runtime.flights import CANCELLED, Flight, Flights
from ramba.runtime.messages import Problem
from ramba.runtime.pool import Pool
from ramba.runtime.sharded import Sharded
from ramba.runtime.team import Team
from tests.fault.clusters import run
from tests.subject import repeats

pytest.importorskip("zmq")

pytestmark = [pytest.mark.fault, pytest.mark.one_process, pytest.mark.timeout(120)]


def test_what_nobody_wants_does_not_keep_anybody_waiting(place: pathlib.Path) -> None:
    """Ctrl-C between sending a run and waiting for it: the next statement is prompt. What is wanted goes on."""
    run(
        place,
        """
        warm()
        wanted = np.arange(1_000_000) * 1.0
        for _ in range(12):
            wanted = np.arctan(wanted) + np.tanh(wanted)
        ENGINE.flush()
        y = heavy()
        ENGINE.flush()
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)
        except KeyboardInterrupt:
            pass
        derived = y + 1
        ENGINE.flush()
        del y, derived
        start = time.monotonic()
        usable()
        assert time.monotonic() - start < 10, time.monotonic() - start
        expected = numpy.arange(1_000_000) * 1.0
        for _ in range(12):
            expected = numpy.arctan(expected) + numpy.tanh(expected)
        assert numpy.allclose(numpy.asarray(wanted), expected)
        """,
        RAMBA_EAGER_SIZE=0,  # else `y + 1` waits for `y`, which is one element, and there is nothing left to cancel
    )


ROOT = str(pathlib.Path(__file__).parents[2])
SOAKS = f"sys.path.insert(0, {ROOT!r})\nfrom tests.soaks import interrupts, memory_limits\n"

INTERRUPTED_SEND = """
from ramba.runtime.cluster import Cluster
from ramba.runtime.messages import Get
usable()
pack, armed = Cluster.pack, []
def interrupted(self):
    pack(self)
    if armed and self.outgoing is not None:
        armed.clear()
        raise KeyboardInterrupt
Cluster.pack = interrupted
given = np.array(numpy.arange(150_000) / 4)
x = given * 2
for _ in range(20):
    x = np.arctan(x) + 1
armed.append(1)
try:
    x.sum().item()
except KeyboardInterrupt:
    pass
else:
    sys.exit("not interrupted")
usable()
assert (numpy.asarray(given) == numpy.arange(150_000) / 4).all(), "the upload is lost"
expected = numpy.arange(150_000) / 2
for _ in range(20):
    expected = numpy.arctan(expected) + 1
assert numpy.allclose(numpy.asarray(x), expected)
"""


@pytest.mark.parametrize("backend", ["processes", "local"])
def test_an_interrupt_before_a_message_is_sent(place: pathlib.Path, backend: str) -> None:
    """The next statement has nothing to do with it, and what the message carried is not lost."""
    run(place, INTERRUPTED_SEND, RAMBA_BACKEND=backend)


def test_what_was_interrupted_is_computed_when_it_is_looked_at(place: pathlib.Path) -> None:
    """If what it reads is there; a value by itself, not all that was computed with it."""
    run(
        place,
        """
        warm()
        a = np.arange(200_000) * 1.0
        np.sync()
        for then in ("look", "use", "call"):
            b = a + 1                                   # in one run with what takes long
            slow = heavy() + a
            interrupt_after(0.5)
            try:
                slow[0].item()
            except KeyboardInterrupt:
                pass
            else:
                sys.exit("not interrupted")
            start = time.monotonic()
            if then == "look":
                assert (numpy.asarray(b) == numpy.arange(200_000) + 1.0).all()
            elif then == "use":
                assert ((b * 2).sum() == 200_000 * 200_001.0)
            else:
                assert len(np.unique(b)) == 200_000
            assert time.monotonic() - start < 10, time.monotonic() - start
            del slow
        """,
    )


@pytest.mark.parametrize("rank", [0, 1])
def test_f31_the_cause_is_told_and_not_its_consequences(place: pathlib.Path, rank: int) -> None:
    """A worker without memory while all of them sort: MemoryError names it, and the next statement works."""
    run(
        place,
        f"RANK = {rank}\n"
        + """
import resource
def work(n):
    return (np.sort(np.arange(n) * -1.0)[::-1].copy() + 1).sum().item()
work(300_000)
pid = pids()[RANK]
size = psutil.Process(pid).memory_info().vms
resource.prlimit(pid, resource.RLIMIT_AS, (size + (120 << 20), resource.RLIM_INFINITY))
try:
    work(20_000_000)
except MemoryError as problem:
    assert f"on worker {RANK} (process {pid}" in str(problem), problem
else:
    sys.exit("it had memory enough")
usable()
assert pids()[RANK] == pid
""",
    )


def named(number: int, drop: Any) -> Sharded:
    """An array that nobody can fetch."""
    return Sharded(number, np.dtype("f8"), replicated((3,)), None, drop)  # type: ignore[arg-type]


def _flights(*flights: Flight) -> tuple[Flights, dict[int, Sharded]]:
    arrays = {n: named(n, [].append) for flight in flights for n in flight.results}
    found = Flights(arrays)
    for flight in flights:
        found.add(flight)
    return found, arrays


def test_the_first_cause_is_told_whoever_noticed_it_when() -> None:
    flights, arrays = _flights(Flight(3, 1, (), (4,)), Flight(5, 2, (4,), (6,)), Flight(7, 3, (), (8,)))
    problems = [
        Problem("ArrayLostError", "on another worker", (), (4,), 3, False),
        Problem("ArrayLostError", "on another worker", (), (6,), 5, False),
        Problem(CANCELLED, "", (), (8,), 7),
        Problem("MemoryError", "none left", (), (4,), 3),
        Problem("ValueError", "later", (), (8,), 7),
    ]
    told = flights.judge(problems, 9, 0)
    assert told is not None
    assert (told.kind, told.command) == ("MemoryError", 3)
    assert arrays[4].lost == arrays[6].lost == "Its computation failed: MemoryError: none left"
    assert arrays[8].lost == "Its computation failed: ValueError: later"


def test_of_what_nobody_waits_for_nothing_is_told() -> None:
    flights, arrays = _flights(Flight(3, 1, (), (4,)), Flight(5, 2, (4,), (6,)))
    problems = [Problem(CANCELLED, "", (), (4,), 3), Problem("ArrayLostError", "x", (), (6,), 5, False)]
    assert flights.judge(problems, 9, 0) is None
    assert "interrupted" in str(arrays[6].lost)
    flights, arrays = _flights(Flight(3, 1, (), (4,)))
    assert flights.judge([Problem("ValueError", "bad", (), (4,), 3)], 9, 8) is None
    assert "bad" in str(arrays[4].lost)


def test_what_is_wanted_is_what_is_held_or_read_by_it() -> None:
    chain = [Flight(n, n, (n - 1,), (n,)) for n in range(2, 8)]
    flights, arrays = _flights(*chain)
    assert flights.unwanted(99) == []
    del arrays[7]
    assert flights.unwanted(99) == [(7, 7)]
    del arrays[6], arrays[3], arrays[2]
    assert flights.unwanted(99) == [(6, 7)]
    assert flights.unwanted(7) == []
    arrays.clear()
    assert flights.unwanted(99) == [(2, 7)]


class Interrupter:
    """Raises KeyboardInterrupt at the nth line that this thread executes in some files."""

    def __init__(self, at: int, *files: str) -> None:
        self.left = at
        self.files = files

    def __call__(self, frame: FrameType, event: str, argument: object) -> Any:
        if frame.f_code.co_name in ("__del__", "give_back"):
            return None  # what interrupts a finalizer is ignored by Python itself, with a message
        if event == "line" and frame.f_code.co_filename.endswith(self.files):
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self

    def run(self, work: Any) -> bool:
        """Does some work; whether it was interrupted."""
        before = sys.gettrace()
        sys.settrace(self)
        try:
            work()
        except KeyboardInterrupt:
            return True
        finally:
            sys.settrace(before)
        return self.left <= 0


@pytest.fixture
def unraisable(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What finalizers failed with."""
    seen: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: seen.append((told.exc_value, told.object)))
    return seen


def test_what_was_cut_short_says_nothing_and_gives_back_what_it_had(unraisable: list[Any]) -> None:
    pool, made = Pool(), []
    for at in range(1, 200):
        if not Interrupter(at, "pool.py").run(lambda: pool.take(100_000)):
            break
        made.append(at)
        pool.trim()
        assert pool.in_use == 0
    else:
        pytest.fail("the line was never the last")
    assert len(made) > 10
    dropped: list[int] = []
    for at in range(1, 30):
        Interrupter(at, "sharded.py").run(lambda: named(1, dropped.append))
    team_at = 1
    while Interrupter(team_at, "team.py").run(lambda: Team(2)):
        team_at += 1
    assert not unraisable, unraisable


def test_a_local_group_is_interrupted_at_every_line() -> None:
    """An update in place happens once or is lost; an array that was given away is there; later statements are right."""
    with ramba.config.set(backend="local", workers=3, eager_size=0):
        ramba.shutdown()
        try:
            lost = 0
            for at in range(1, 4000, 61):
                values = np.arange(120.0) + at
                a, b = ramba.array(values), ramba.array(values)

                def work(a: Any = a, b: Any = b) -> None:
                    a[::2] += 1
                    float((a + b[::-1]).sum())

                files = ("cluster.py", "local.py", "member.py", "joint.py", "worker.py", "mailbox.py", "flights.py")
                finished = not Interrupter(at, *files).run(work)
                assert float(ramba.ones(50).sum()) == 50
                assert (np.array(b) == values).all()
                after = values.copy()
                after[::2] += 1
                try:
                    assert np.array(a).tolist() in (values.tolist(), after.tolist())
                except ramba.ArrayLostError:
                    lost += 1
                if finished:
                    break
            else:
                pytest.fail("the line was never the last")
            assert at > 600
        finally:
            ramba.shutdown()


@pytest.mark.parametrize(
    ("backend", "step"),
    [("local", 1), ("processes", 11), pytest.param("processes", 4, marks=pytest.mark.slow, id="processes, more often")],
)
def test_opening_and_closing_are_interrupted_at_every_line(backend: str, step: int, unraisable: list[Any]) -> None:
    """The old group, a new one or none; the next use works, and no child is left."""
    files = ("keeper.py", "backend.py", "cluster.py", "local.py", "link.py", "processes.py", "session.py", "engine.py")
    before = set(psutil.Process().children())
    with ramba.config.set(backend=backend, workers=2, num_threads=1):
        try:
            for at in range(1, 2000, step):
                interrupted = Interrupter(at, *files).run(ramba.init)
                assert float(ramba.ones(300_000).sum()) == 300_000
                if not interrupted:
                    break
            else:
                pytest.fail("the line was never the last")
            assert at > 15
        finally:
            ramba.shutdown()
    _, left = psutil.wait_procs(set(psutil.Process().children()) - before, 5)
    assert not left, left
    assert not unraisable, unraisable


@pytest.mark.parametrize("backend", ["threads", "processes", *repeats("local")])
def test_the_soak_of_interrupts_in_short(place: pathlib.Path, backend: str) -> None:
    crowded = "interrupts.PROMPT = 30\n"  # other tests run beside it: the soak itself says how prompt it is
    run(place, f"{SOAKS}{crowded}interrupts.main(['--rounds', '12', '--backend', {backend!r}])\n")


def test_the_soak_of_memory_limits_in_short(place: pathlib.Path) -> None:
    run(place, f"{SOAKS}memory_limits.main(['--rounds', '8'])\n")
