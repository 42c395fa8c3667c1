"""Drivers that are interrupted, killed, forked, or end with work undone, on workers (F14, F17 to F28, F33, F51)."""

from __future__ import annotations

import fcntl
import os
import pathlib
import signal
import subprocess
import time

import pytest

from tests.fault.clusters import run, start
from tests.subject import repeats

pytest.importorskip("zmq")

pytestmark = [pytest.mark.fault, pytest.mark.one_process, pytest.mark.timeout(120)]

INTERRUPTED = """
a = np.arange(200_000) + 0.5
def question(round, given, n=100_000_000):
    b = heavy(n, 0.5 + round) + a
    return b[0] if round < 2 else (given + b[:150_000]).sum()
for round in range(3):
    question(round, np.array(numpy.arange(150_000) / 4), 50_000).item()
target = np.arange(200_000) * 1.0
target[::2] += heavy(50_000, 0.7)
usable()
target = np.arange(200_000) * 1.0
np.sync()
workers = [psutil.Process(pid) for pid in pids()]
for round in range(3):
    given = np.array(numpy.arange(150_000) / 4)     # sent together with what is interrupted
    if round == 1:
        target[::2] += heavy(scale=0.7)
    interrupt_after(0.6)
    start = time.monotonic()
    try:
        question(round, given).item()
    except KeyboardInterrupt:
        seconds = time.monotonic() - start
    else:
        sys.exit("not interrupted")
    assert seconds < 1.6 + SLACK, seconds
    start = time.monotonic()
    usable()
    assert time.monotonic() - start < 2 + SLACK, "the workers were busy"
    assert (numpy.asarray(a) == numpy.arange(200_000) + 0.5).all()
    assert (numpy.asarray(given) == numpy.arange(150_000) / 4).all()
    before = [seconds_of(worker) for worker in workers]
    time.sleep(0.5)
    assert all(seconds_of(w) - b < 0.3 for w, b in zip(workers, before)), "something still computes"
try:
    seen = numpy.asarray(target)
    assert (seen == numpy.arange(200_000)).all()
except ArrayLostError as problem:
    assert "interrupted" in str(problem), problem
assert pids() == [worker.pid for worker in workers]
"""


def test_f19_ctrl_c_in_a_long_kernel(place: pathlib.Path) -> None:
    """KeyboardInterrupt at once, workers idle, operands untouched, targets old or lost, the session usable."""
    run(place, "SLACK = 5\n" + INTERRUPTED)


def test_f20_ctrl_c_twice_and_at_any_moment(place: pathlib.Path) -> None:
    done = run(
        place,
        """
        values = numpy.arange(240_000) % 1000 / 7
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        usable()
        interrupted = lost = 0
        for round in range(80):
            a = np.array(values)
            try:
                try:
                    # the timer starts in here: an early signal must find the handlers
                    again = 0.0004 if round % 3 == 0 else 0
                    signal.setitimer(signal.ITIMER_REAL, 0.0005 + 0.0007 * (round % 40), again)
                    b = a * 2 + round
                    for step in range(round % 7 + 1):
                        b = np.maximum(b, a[::-1]) - step if round & (1 << step) else b * 0.5 + a
                    c = b.reshape(300, 800).T.copy()
                    c += 1
                    c.sum().item()
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                interrupted += 1
            except ArrayLostError:
                lost += 1
            try:
                seen = numpy.asarray(a)
                assert (seen == values).all(), round
            except ArrayLostError:
                lost += 1
            b, expected = np.array(values) * 2 + round, values * 2 + round
            for step in range(round % 7 + 1):
                b = np.maximum(b, b[::-1]) - step if round & (1 << step) else b * 0.5 + 1
                expected = numpy.maximum(expected, expected[::-1]) - step if round & (1 << step) else expected * 0.5 + 1
            assert (numpy.asarray(b) == expected).all(), round
        print(interrupted, lost)
        """,
        quiet=False,  # an interrupt inside a finalizer is printed by Python, and ignored
    )
    interrupted, lost = map(int, done.lines[-1].split())
    assert interrupted > 10, "the test interrupts too rarely to prove anything"
    assert lost <= interrupted / 4, "interrupts lose arrays that are not being computed"


def test_f20_ctrl_c_while_workers_start_and_are_replaced(place: pathlib.Path) -> None:
    """Whatever was interrupted is done again when it is needed; nothing is left of the first attempts."""
    run(
        place,
        """
        def interrupted(seconds, work):
            signal.signal(signal.SIGALRM, signal.default_int_handler)
            try:
                try:
                    signal.setitimer(signal.ITIMER_REAL, seconds, 0.05)
                    work()
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
            except (KeyboardInterrupt, WorkerLostError):
                pass
            signal.setitimer(signal.ITIMER_REAL, 0)

        for seconds in (0.02, 0.15, 0.4, 0.7):
            interrupted(seconds, lambda: np.init())
        usable()
        for seconds in (0.01, 0.1, 0.3, 0.6):
            os.kill(pids()[1], signal.SIGKILL)
            interrupted(seconds, lambda: np.ones(100_000).sum().item())
            try:
                usable()
            except WorkerLostError:     # it had not been noticed before the interrupt
                usable()
        children = {child.pid for child in psutil.Process().children()}
        deadline = time.monotonic() + 5
        while children - set(pids()) and time.monotonic() < deadline:
            time.sleep(0.05)
            children = {c.pid for c in psutil.Process().children() if c.status() != "zombie"}
        assert children == set(pids()), (children, pids())
        """,
        quiet=False,
    )


@pytest.mark.parametrize("number", [signal.SIGKILL, *repeats(signal.SIGTERM, signal.SIGHUP)])
def test_f17_f18_a_killed_driver_leaves_nothing(place: pathlib.Path, number: int) -> None:
    """No process, no directory, no shared memory, although the workers were busy."""
    running = start(
        place,
        """
        warm()
        value = heavy()
        threading.Timer(0.5, print, ("go",), {"flush": True}).start()
        value.item()
        """,
    )
    running.wait_for("go")
    running.process.send_signal(number)
    assert running.finish(5, 5).status == -number


def test_f22_exit_with_pending_work(place: pathlib.Path) -> None:
    """Silent, and what nobody asked for is not computed, wherever the arrays are."""
    done = run(
        place,
        """
        a = np.arange(200_000) * 2.0
        a.sum().item()
        value = long_sum()
        ring = [long_sum(2.0), a + 1]
        ring.append(ring)
        class Holder:
            held = long_sum(3.0)
        local = threading.local()
        local.held = long_sum(4.0)
        view = a[3:]
        class Deleter:
            def __del__(self):
                self.held = None
        deleter = Deleter()
        deleter.held = a * 3
        sleeper = threading.Thread(target=time.sleep, args=(9,), daemon=True)
        sleeper.start()
        """,
        timeout=20,
    )
    assert done.stderr == ""


def test_f22_handlers_at_exit(place: pathlib.Path) -> None:
    """They still have workers; those from before the import of Ramba get an error, and nobody waits."""
    (place / "script2.py").write_text(
        "import atexit\n"
        "def late():\n"
        "    try:\n"
        "        print(float((a + 2).sum()))\n"
        "    except np.RambaError as problem:\n"
        "        print('refused', problem)\n"
        "atexit.register(late)\n"
        "import ramba as np\n"
        "atexit.register(lambda: print(float((a + 1).sum()), flush=True))\n"
        "a = np.arange(100_000) * 1.0\n"
        "a.sum().item()\n"
    )
    done = run(place, "import runpy; os.execv(sys.executable, [sys.executable, 'script2.py'])", timeout=20)
    assert done.lines[0] == str(100_000 * 100_001 / 2)
    assert done.lines[1].startswith("refused")
    assert done.stderr == ""


@pytest.mark.parametrize("end", ["raise ValueError(3)", "os._exit(4)", *repeats("sys.exit(3)")])
def test_f14_the_exit_status_is_the_users(place: pathlib.Path, end: str) -> None:
    running = start(place, f"a = np.arange(10**6) + 1; a.sum().item(); b = long_sum(); {end}")
    finished = running.finish(20, 5)
    assert finished.status == {"sys.exit(3)": 3, "raise ValueError(3)": 1, "os._exit(4)": 4}[end]
    assert finished.stderr.count("Traceback") == end.startswith("raise")


def test_f23_fork_after_use(place: pathlib.Path) -> None:
    """The workers stay the parent's: the child computes by itself, or starts some of its own."""
    run(
        place,
        """
        import warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        a = np.arange(200_000) * 2.0
        small = np.arange(10) + 1
        a.sum().item()
        pending = a + 1
        for round in range(2):
            child = os.fork()
            if child == 0:
                try:
                    assert int(small.sum()) == 55
                    for lost in (pending, a, a * 2):
                        assert "forked" in raises(ArrayLostError, lambda: lost.sum().item())
                    if round:
                        np.init(backend="processes", workers=1)
                    usable()
                    assert "forked" in raises(ArrayLostError, lambda: a.sum().item())
                    np.shutdown()
                    os._exit(0)
                except BaseException as error:
                    import traceback
                    traceback.print_exc()
                    os._exit(1)
            deadline = time.monotonic() + 20
            while not (done := os.waitpid(child, os.WNOHANG))[0]:
                if time.monotonic() > deadline:
                    os.kill(child, signal.SIGABRT)
                    sys.exit("the child hangs")
                time.sleep(0.01)
            assert os.waitstatus_to_exitcode(done[1]) == 0
            assert float((a + round).sum()) == 200_000 * 199_999.0 + 200_000 * round
        assert float(pending[3]) == 7.0
        """,
    )


def test_f25_several_threads_at_once(place: pathlib.Path) -> None:
    run(
        place,
        """
        shared, truth = np.arange(60_000) / 8, numpy.arange(60_000) / 8
        failures = []
        def work(me):
            try:
                own = np.zeros(30_000)
                for round in range(40):
                    own += 1
                    view = shared[me::8]
                    if round % 5 == me % 5:
                        assert (numpy.asarray(view * 2 + me) == truth[me::8] * 2 + me).all()
                    if round % 7 == 0:
                        assert float(own.sum()) == 30_000 * (round + 1)
                    if round % 11 == me:
                        np.sync()
                    assert int((np.arange(20_000) % (me + 2)).max()) == me + 1
            except BaseException as error:
                failures.append(repr(error))
                raise
        threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        assert not failures, failures
        """,
    )


def test_f25_a_loss_while_several_threads_compute(place: pathlib.Path) -> None:
    """Each thread meets the loss, or arrays that are lost by it, or nothing; none waits for ever."""
    run(
        place,
        """
        usable()
        seen = []
        def work(me):
            for round in range(60):
                try:
                    x = np.arange(40_000) * float(me)
                    assert float(x.sum()) == me * 40_000 * 39_999 / 2
                except (WorkerLostError, ArrayLostError) as problem:
                    seen.append(str(problem))
        threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
        [t.start() for t in threads]
        struck = strike(1, after=0.1)
        [t.join() for t in threads]
        assert struck and seen and all("process" in text for text in seen), seen
        usable()
        """,
    )


def test_f28_leftovers_of_other_sessions(place: pathlib.Path) -> None:
    """Of dead ones of this user they are removed; those of living ones, and what is not ours, stay."""
    temporary = place / "tmp"
    temporary.mkdir()
    for name in ("dead", "living", "other", "ray-dead"):
        (temporary / f"ramba-{name}").mkdir(mode=0o700)
        (temporary / f"ramba-{name}" / "lock").touch(0o600)
    (temporary / "ramba-other").chmod(0o755)
    (temporary / "ramba-file").touch()
    (temporary / "ramba-link").symlink_to(place)
    with open(temporary / "ramba-living" / "lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        running = start(place, "usable()\nprint('used', flush=True)\nsys.stdin.read() if False else time.sleep(0.2)")
        running.wait_for("used")
        assert {path.name for path in temporary.glob("ramba-*dead")} == set()
        running.process.wait(20)
    left = {path.name for path in temporary.iterdir()}
    assert left == {"ramba-living", "ramba-other", "ramba-file", "ramba-link"}
    for path in temporary.iterdir():
        path.unlink() if not path.is_dir() or path.is_symlink() else subprocess.run(["rm", "-r", path], check=True)
    assert running.finish(5).status == 0


def test_f33_nothing_is_kept_in_shared_folders(place: pathlib.Path) -> None:
    """Messages between workers need no space in /dev/shm, and files of none."""
    before = os.listdir("/dev/shm")
    done = run(place, "transposes(3); print([n for n in os.listdir('/dev/shm') if n not in " + repr(before) + "])")
    assert "ramba" not in done.lines[0]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small file system")
def test_f33_the_temporary_folder_is_full(place: pathlib.Path) -> None:
    temporary = place / "tmp"
    temporary.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=2,mode=1777", "none", str(temporary)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        (temporary / "taken").touch()
        running = start(
            place,
            """
            import tempfile
            tempfile.tempdir = os.environ["TMPDIR"]
            try:
                usable()
            except OSError as problem:
                assert "ramba-" in problem.filename and problem.filename.startswith(os.environ["TMPDIR"]), problem
                print("told")
            os.unlink(os.environ["TMPDIR"] + "/taken")
            assert float(np.ones(10).sum()) == 10
            """,
        )
        (finished := running.finish(20)).lines.index("told")
        assert finished.status == 0
    finally:
        deadline = time.monotonic() + 5
        while subprocess.run(["umount", temporary], capture_output=True, check=False).returncode:
            assert time.monotonic() < deadline
            time.sleep(0.1)


PRETENCES = {
    "Python 3.9.7": "import platform; platform.python_version = lambda: '3.9.7'",
    "protocol 77": "import ramba.runtime.sockets.versions as v; v.PROTOCOL = 77",
}


@pytest.mark.parametrize("version", ["Python 3.9.7", *repeats("protocol 77")])
def test_f51_workers_that_run_something_else_are_refused(place: pathlib.Path, version: str) -> None:
    """Both versions are named, nothing is left of the workers, and the program can go on without them."""
    pretend(place, PRETENCES[version])
    run(
        place,
        f"""
        from ramba.errors import VersionMismatchError
        for _ in range(2):
            text = raises(VersionMismatchError, usable)
            assert {version!r} in text and "the driver has" in text, text
        assert not psutil.Process().children()
        np.init(backend="threads")
        usable()
        """,
        PYTHONPATH=place / "site",
    )


def test_f51_workers_with_other_libraries_are_warned_of(place: pathlib.Path) -> None:
    pretend(place, "import numpy; numpy.__version__ = '1.99.0'")
    run(
        place,
        """
        import warnings
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            usable()
        told = [w for w in seen if w.category.__name__ == "VersionMismatchWarning"]
        assert any("NumPy 1.99.0" in str(w.message) and numpy.__version__ in str(w.message) for w in told), seen
        assert {w.filename for w in told} == {__file__}, told
        """,
        PYTHONPATH=place / "site",
    )


def pretend(place: pathlib.Path, what: str) -> None:
    """Has workers begin with a line of Python."""
    site = place / "site"
    site.mkdir()
    lines = ["import sys", "if 'ramba.runtime.sockets.child' in sys.orig_argv:", f"    {what}"]
    (site / "sitecustomize.py").write_text("\n".join(lines))
