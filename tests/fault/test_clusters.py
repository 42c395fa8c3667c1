"""Workers that die, freeze or run out of memory, seen by a program that imports Ramba (F1 to F5, F8, F11, F31)."""

from __future__ import annotations

import pathlib

import pytest

from tests.fault.clusters import run
from tests.subject import repeats

pytest.importorskip("zmq")

pytestmark = [pytest.mark.fault, pytest.mark.one_process, pytest.mark.timeout(120)]

KILLED_AT_WORK = """
warm()
for name in ("SIGKILL", "SIGSEGV"):
    a = np.arange(200_000) * 2.0
    np.sync()
    rank, before = len(name) % 2, pids()
    struck = strike(rank, getattr(signal, name))
    problem = loss(lambda: heavy().item(), 5, struck)
    assert (problem.rank, problem.pid) == (rank, before[rank]), problem
    assert problem.host and REASON.format(name) in problem.reason, problem
    assert str(problem.pid) in raises(ArrayLostError, lambda: a.sum().item())
    assert str(problem.pid) in raises(ArrayLostError, lambda: a[5:7].tolist())
    usable()
    assert pids()[1 - rank] == before[1 - rank] and pids()[rank] != before[rank]
"""

KILLED_WHILE_IDLE = """
usable()
a, b = np.arange(200_000) * 2.0, numpy.arange(200_000) / 8
lazy = a + 1
kept = np.array(b)                          # nobody has sent it to the workers
np.sync()
pid = pids()[1]
process = psutil.Process(pid)
process.kill()
while process.is_running() and process.status() != "zombie":
    time.sleep(0.01)
time.sleep(0.3)                             # nothing is raised, even though it is known
unknown = np.arange(100_000) * 5.0
assert loss(lambda: a.sum().item()).pid == pid
for lost in (a, lazy, a[3:], a * 2):
    assert str(pid) in raises(ArrayLostError, lambda: numpy.asarray(lost))
raises(ArrayLostError, lambda: np.add(a, 1.0).sum().item())
usable()
a[:] = 7                                    # a new value
assert (numpy.asarray(a) == 7).all()
"""

KILLED_IN_A_LOOP = """
n = 400
a, y = np.arange(n * n * 1.0).reshape(n, n) * 1, np.zeros((n, n)) * 1
np.sync()
def sweep(first, last):
    for j in range(first, last):
        y[:, j] = a[j] + 0.5 * y[:, j - 1]                  # a column that each worker has a half of, and a row
sweep(1, 30)
np.sync()
struck, before = [time.monotonic()], pids()
psutil.Process(before[1]).kill()
problem = loss(lambda: (sweep(30, n), np.sync()), 5, struck)
assert (problem.rank, problem.pid) == (1, before[1]), problem
assert str(problem.pid) in raises(ArrayLostError, lambda: y.sum().item())
assert str(problem.pid) in raises(ArrayLostError, lambda: y[5:7].tolist())
a, y = np.arange(n * n * 1.0).reshape(n, n) * 1, np.zeros((n, n)) * 1
sweep(1, n)
b, z = numpy.arange(n * n * 1.0).reshape(n, n), numpy.zeros((n, n))
for j in range(1, n):
    z[:, j] = b[j] + 0.5 * z[:, j - 1]
assert (numpy.asarray(y) == z).all()
"""

KILLED_IN_AN_EXCHANGE = """
transposes(2)
for rank in (0, 1):
    struck = strike(rank, after=0.3)
    problem = loss(transposes, 5, struck)
    assert problem.rank == rank
    transposes(2)
usable()
"""

LOST_AGAIN_AND_AGAIN = """
for round in range(4):
    usable()                                # in a row counts
    os.kill(pids()[round % 2], signal.SIGKILL)
    loss(lambda: np.ones(100_000).sum().item())
usable()
stop = threading.Event()
def kill_all():
    while not stop.wait(0.02):
        try:
            children = psutil.Process().children()
            children[0].kill()
        except (IndexError, psutil.Error):  # there is none at this moment
            pass
killer = threading.Thread(target=kill_all, daemon=True)
killer.start()
for attempt in range(5):
    problem = loss(lambda: heavy().item(), 60)
    assert attempt <= 3
    if "ramba.init()" in str(problem):
        break
stop.set()
killer.join()
assert not psutil.Process().children()
assert "ramba.init()" in raises(WorkerLostError, lambda: np.ones(100_000).sum().item())
assert float(np.ones(10).sum()) == 10       # what needs no workers
np.init()
usable()
"""

NEVER_REPLACED = """
from ramba.runtime.sockets import link, processes
x = np.arange(100_000) + 1
assert x.sum().item() == 5000050000
with open("mute.py", "w") as file:
    file.write("import time; time.sleep(600)")
os.environ["PYTHONPATH"] = os.getcwd()
processes._PROGRAM, link._FORMING = "mute", 5.0   # what is started now does not answer; 5 s for 60
os.kill(pids()[0], signal.SIGKILL)
loss(lambda: np.ones(100_000).sum().item())
pending = np.arange(100_000) * 2.0
begin = time.monotonic()
problem = loss(lambda: np.ones(100_000).sum().item(), 9)
assert time.monotonic() - begin > 4
assert "no answer within 5 s" in str(problem) and "ramba.init()" in problem.__notes__[0], problem
for _ in range(3):                          # nobody waits again for the same loss
    assert "ramba.init()" in str(loss(lambda: np.ones(100_000).sum().item(), 1))
assert not psutil.Process().children()
processes._PROGRAM, link._FORMING = "ramba.runtime.sockets.child", 60.0
np.init()
usable()
assert pending.sum().item() == 9999900000   # it needed nothing of what was lost
raises(ArrayLostError, lambda: x.sum().item())
"""


STORIES = {
    "at work": KILLED_AT_WORK,
    "while idle": KILLED_WHILE_IDLE,
    "in a loop": KILLED_IN_A_LOOP,
    "in an exchange": KILLED_IN_AN_EXCHANGE,
    "again and again": LOST_AGAIN_AND_AGAIN,
}


@pytest.mark.parametrize("when", ["at work", "again and again", *repeats("while idle", "in a loop", "in an exchange")])
def test_f1_f2_f3_f5_f8_a_worker_dies(place: pathlib.Path, when: str) -> None:
    """The loss is told within 5 s, once; arrays it held raise on use; a replacement does new work."""
    quiet = "SIGSEGV" not in STORIES[when]  # the worker itself says where it was
    run(place, "REASON = 'killed by {}'\n" + STORIES[when], quiet=quiet)


FROZEN = """
usable()
held = np.arange(200_000) * 2.0
np.sync()
process = psutil.Process(pids()[1])
process.suspend()
threading.Timer(1.5, process.resume).start()
assert float(held.sum()) == 200_000 * 199_999.0   # a pause is no loss
process.suspend()
problem = loss(lambda: held.sum().item(), 15)
assert problem.pid == process.pid and "no heartbeat for" in problem.reason, problem
try:
    process.resume()                        # too late: nobody listens to it any more
except psutil.NoSuchProcess:
    pass
raises(ArrayLostError, lambda: held.sum().item())
usable()
assert process.pid not in pids()
psutil.wait_procs([process], 5)
assert not process.is_running()
"""


def test_f9_workers_that_cannot_be_replaced_are_waited_for_once(place: pathlib.Path) -> None:
    run(place, NEVER_REPLACED)


def test_f4_a_frozen_worker_is_lost_and_does_not_come_back(place: pathlib.Path) -> None:
    run(place, FROZEN)


@pytest.mark.repeats  # of f4_f11 in test_workers
def test_f11_a_busy_worker_is_not_lost(place: pathlib.Path) -> None:
    """Longer in one kernel, and in one call that is no kernel of ours, than a frozen worker would be given."""
    run(
        place,
        """
        warm()
        before = pids()
        start = time.monotonic()
        heavy(2_000_000).item()
        each = (time.monotonic() - start) / 2_000_000
        start = time.monotonic()
        heavy(int(11 / each)).item()
        print(time.monotonic() - start)
        usable()
        assert pids() == before
        """,
        timeout=100,
    )


def test_f31_one_worker_has_no_memory(place: pathlib.Path) -> None:
    """The error names the worker; it lives on, the others are released, and what was there before is intact."""
    run(
        place,
        """
        import resource
        usable()
        kept = np.arange(300_000) * 2.0
        np.sync()
        before = pids()
        size = psutil.Process(before[1]).memory_info().vms
        resource.prlimit(before[1], resource.RLIMIT_AS, (size + (96 << 20), resource.RLIM_INFINITY))
        start = time.monotonic()
        big = np.arange(60_000_000) * 2.0           # 240 MB on each worker
        try:
            big[-1].item()
        except MemoryError as problem:
            text = str(problem) + " ".join(problem.__notes__)
            assert "worker 1" in text and str(before[1]) in text, text
        else:
            sys.exit("it had memory enough")
        assert time.monotonic() - start < 5
        raises(MemoryError, lambda: big.sum().item())  # it is tried again
        assert float(kept.sum()) == 300_000 * 299_999.0
        usable()
        assert pids() == before
        resource.prlimit(before[1], resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert float(big[-1]) == 2 * 59_999_999.0
        """,
    )


CHAOS = """
import random
seed = int(os.environ["SEED"])
rng = random.Random(seed)
deadline = time.monotonic() + float(os.environ["SECONDS"])
usable()
stop = threading.Event()
def killer():
    own = random.Random(seed + 1)
    while not stop.wait(own.expovariate(1 / 2.5)):
        try:
            os.kill(own.choice(pids()), signal.SIGKILL)
        except Exception:                   # the group is just formed anew
            pass
threading.Thread(target=killer, daemon=True).start()

def pair(n):
    values = numpy.arange(n) % rng.randrange(3, 1000) / 8
    return np.array(values), values

OPERATIONS = [
    lambda p, q: (p[0] + q[0], p[1] + q[1]),
    lambda p, q: (p[0][::-1] * 2, p[1][::-1] * 2),
    lambda p, q: (numpy_or(np, p[0]), numpy_or(numpy, p[1])),
    lambda p, q: (p[0].reshape(200, -1).T.copy().reshape(-1), p[1].reshape(200, -1).T.copy().reshape(-1)),
    lambda p, q: (np.roll(p[0], 7), numpy.roll(p[1], 7)),
    lambda p, q: updated(p, q),
    lambda p, q: (np.maximum(p[0], q[0][0]), numpy.maximum(p[1], q[1][0])),
    lambda p, q: (p[0] - p[0].max(), p[1] - p[1].max()),
]

def numpy_or(xp, x):
    return xp.where(x > 3, x, -x)

def updated(p, q):
    p[0][5::3] += 1
    p[1][5::3] += 1
    return p

results = errors = 0
live = []
while time.monotonic() < deadline or errors < 2 or results < 20:
    try:
        while len(live) < 3:
            live.append(pair(20_000 * rng.randrange(2, 5)))
        same = rng.choice(live)
        other = rng.choice([p for p in live if p[1].shape == same[1].shape])
        live[rng.randrange(3)] = rng.choice(OPERATIONS)(same, other)
        ours, theirs = rng.choice(live)
        if rng.random() < 0.5:
            assert (numpy.asarray(ours) == theirs).all(), "a wrong value"
            results += 1
        else:
            assert float(ours[::2].max()) == theirs[::2].max(), "a wrong value"
            results += 1
    except (WorkerLostError, ArrayLostError) as problem:
        assert "process" in str(problem), problem
        errors += 1
        live.clear()
stop.set()
try:
    usable()
except WorkerLostError:
    usable()
print(results, errors)
"""


@pytest.mark.parametrize(
    ("seed", "seconds"), [(1, 3), *(pytest.param(seed, 60, marks=pytest.mark.slow) for seed in range(2, 6))]
)
def test_f7_no_kill_makes_a_wrong_value(place: pathlib.Path, seed: int, seconds: float) -> None:
    """Workers are killed at random moments of mixed operations: NumPy's values, or an error that names the worker."""
    done = run(place, CHAOS, timeout=seconds + 40, SEED=seed, SECONDS=seconds)
    assert done.lines
