"""Remote calls where something goes wrong: workers die, Ctrl-C, the program ends, calls are called off."""

from __future__ import annotations

import pathlib
import signal

import pytest

pytest.importorskip("zmq")

from tests.fault import clusters, harness

pytestmark = [pytest.mark.fault, pytest.mark.own_modes, pytest.mark.timeout(120)]

REMOTE = """
import os

@np.remote
def process():
    return os.getpid()

@np.remote
def slow(seconds, value=None):
    time.sleep(seconds)
    return value

@np.remote
def shown(x):
    return float(x.local().sum())

@np.remote
def die_once(mark):
    if not os.path.exists(mark):
        open(mark, "w").close()
        os._exit(3)
    return "done"

@np.remote
class Counter:
    def __init__(self):
        self.n = 0
    def add(self, k):
        self.n += k
        return self.n
    def process(self):
        return os.getpid()
    def wait(self, seconds):
        time.sleep(seconds)
        return self.n
"""


def run(folder: pathlib.Path, script: str, **settings: object) -> harness.Finished:
    return clusters.run(folder, REMOTE + script, **settings)


def test_an_actor_whose_worker_died_is_lost_and_others_live(tmp_path: pathlib.Path) -> None:
    script = """
counters = [Counter.remote() for _ in range(2)]
assert np.get([c.add.remote(5) for c in counters]) == [5, 5]
where = np.get([c.process.remote() for c in counters])
assert len(set(where)) == 2
x = np.arange(200_000) * 2.0
sums = np.get([shown.remote(x) for _ in counters])
going = [c.wait.remote(1.5) for c in counters]
os.kill(where[0], signal.SIGKILL)
problem = loss(lambda: np.get(going[0]), limit=10)
assert "SIGKILL" in str(problem), problem
assert np.get(going[1]) == 5  # what ran there goes on
loss(lambda: np.get(counters[0].add.remote(1)), limit=10)
assert np.get(counters[1].add.remote(1)) == 6  # and remembers
assert np.get(counters[1].process.remote()) == where[1]
assert float(x.sum()) == 200_000.0 * 199_999  # which calls have seen, and nobody wrote to
usable()
assert np.get(slow.remote(0, 4)) == 4
"""
    run(tmp_path, script, RAMBA_RESILIENCE="recompute")


def test_an_actor_that_may_is_begun_anew(tmp_path: pathlib.Path) -> None:
    script = """
counter = Counter.options(max_restarts=1).remote()
assert np.get(counter.add.remote(5)) == 5
os.kill(np.get(counter.process.remote()), signal.SIGKILL)
for attempt in range(100):
    try:
        assert np.get(counter.add.remote(1)) == 1
        break
    except WorkerLostError:
        time.sleep(0.1)
else:
    sys.exit("it was not begun anew")
assert np.get(counter.add.remote(1)) == 2
"""
    run(tmp_path, script)


def test_a_call_fails_with_its_worker_or_is_made_again(tmp_path: pathlib.Path) -> None:
    script = """
loss(lambda: np.get(die_once.remote(sys.argv[0] + ".mark")), limit=10)
assert np.get(die_once.options(max_restarts=2).remote(sys.argv[0] + ".other")) == "done"
assert np.get([slow.remote(0, k) for k in range(10)]) == list(range(10))
usable()
"""
    run(tmp_path, script)


@pytest.mark.parametrize("backend", ["threads", "processes"])
def test_an_interrupt_ends_the_waiting_and_the_call_goes_on(tmp_path: pathlib.Path, backend: str) -> None:
    script = """
np.get(slow.remote(0))
ref = slow.remote(5.0, 7)
interrupt_after(0.5)
begin = time.monotonic()
try:
    np.get(ref)
except KeyboardInterrupt:
    assert time.monotonic() - begin < 4.5
else:
    sys.exit("no interrupt")
assert np.get(ref) == 7
usable()
"""
    run(tmp_path, script, RAMBA_BACKEND=backend)


@pytest.mark.parametrize("backend", ["threads", "processes"])
def test_a_program_ends_while_calls_run(tmp_path: pathlib.Path, backend: str) -> None:
    script = """
np.get(slow.remote(0))
refs = [slow.remote(1000) for _ in range(4)]
counter = Counter.remote()
counter.wait.remote(1000)
time.sleep(0.3)
print("over")
"""
    finished = run(tmp_path, script, RAMBA_BACKEND=backend)
    assert finished.lines == ["over"]
    assert finished.seconds < 40


def test_a_killed_driver_leaves_nothing(tmp_path: pathlib.Path) -> None:
    script = """
np.get(slow.remote(0))
refs = [slow.remote(1000) for _ in range(4)]
print("ready", flush=True)
time.sleep(1000)
"""
    running = clusters.start(tmp_path, REMOTE + script)
    running.wait_for("ready")
    running.process.send_signal(signal.SIGKILL)
    assert running.finish(30, 5).status == -signal.SIGKILL


@pytest.mark.parametrize("backend", ["threads", "processes"])
def test_what_has_not_begun_can_be_called_off(tmp_path: pathlib.Path, backend: str) -> None:
    script = """
from concurrent.futures import CancelledError
np.get(slow.remote(0))
refs = [slow.remote(0.5, k) for k in range(6)]
last = refs[-1]
depends = slow.remote(0, last)
assert last.cancel()
raises(CancelledError, lambda: np.get(last))
raises(CancelledError, lambda: np.get(depends))
assert np.get(refs[:-1]) == list(range(5))
assert not refs[0].cancel()
"""
    run(tmp_path, script, RAMBA_BACKEND=backend)


def test_workers_that_are_shut_down_fail_what_was_asked(tmp_path: pathlib.Path) -> None:
    script = """
np.get(slow.remote(0))
ref = slow.remote(1000)
counter = Counter.remote()
np.shutdown()
raises(np.RambaError, lambda: np.get(ref, timeout=10))
raises(np.RambaError, lambda: np.get(counter.add.remote(1), timeout=10))
assert np.get(slow.remote(0, 3)) == 3
"""
    run(tmp_path, script)


def test_threads_wait_for_each_other_without_end_of_threads(tmp_path: pathlib.Path) -> None:
    script = """
@np.remote
def depth(n):
    return 0 if n == 0 else 1 + np.get(depth.remote(n - 1))

assert np.get(depth.remote(20)) == 20

both = threading.Barrier(2)

@np.remote
def meet():
    return both.wait(10)

for _ in range(1000):
    slow.remote(0)  # after these, calls are taken to be quick
assert sorted(np.get([meet.remote(), meet.remote()])) == [0, 1]

child = os.fork()
if child == 0:
    os._exit(0 if np.get(slow.remote(0, 5), timeout=20) == 5 else 1)
assert os.waitpid(child, 0)[1] == 0
"""
    run(tmp_path, script, RAMBA_BACKEND="threads", RAMBA_NUM_THREADS=2)


def test_other_workers_take_calls_and_those_that_leave_end_theirs(tmp_path: pathlib.Path) -> None:
    script = """
np.init(workers=2, eager_size=100)
x = np.arange(200_000) * 2.0
total = 200_000.0 * 199_999
counters = [Counter.remote() for _ in range(2)]
assert np.get([c.add.remote(5) for c in counters]) == [5, 5]
where = np.get([c.process.remote() for c in counters])
going = [slow.remote(0.5, k) for k in range(6)]
queued = [shown.remote(x) for _ in range(6)]
assert np.resize(workers=3) == 3
assert np.get(going) == list(range(6))
assert len(np.get(queued)) == 6
more = [Counter.remote() for _ in range(2)]
assert np.get([c.add.remote(1) for c in counters]) == [6, 6]
found = {*np.get([c.process.remote() for c in (*counters, *more)])}
assert set(pids()) <= found, (pids(), found)
assert len(set(np.get([process.remote() for _ in range(60)]))) == 3
going = [slow.remote(0.5, k) for k in range(6)]
assert np.resize(workers=1) == 1
assert np.get(going) == list(range(6))
here = [c for c, pid in zip(counters, where) if pid == pids()[0]]
gone = [c for c, pid in zip(counters, where) if pid != pids()[0]]
assert np.get(here[0].add.remote(1)) == 7
problem = loss(lambda: np.get(gone[0].add.remote(1)))
assert "it left when the number of workers changed" in str(problem), problem
assert np.get(shown.remote(x)) == total
assert float((x + 0).sum()) == total
"""
    run(tmp_path, script, RAMBA_RESILIENCE="recompute")
