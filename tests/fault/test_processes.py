"""Exit, fork, process pools, threads, sockets (F17, F18, F22, F23, F24, F25, F27, F54)."""

from __future__ import annotations

import pathlib
import signal
import time

import pytest

from tests.fault.harness import run, start
from tests.subject import repeats

pytestmark = [pytest.mark.fault]


@pytest.mark.parametrize("number", [signal.SIGTERM, *repeats(signal.SIGHUP), signal.SIGKILL])
def test_f18_a_killed_process_leaves_nothing(tmp_path: pathlib.Path, number: int) -> None:
    running = start(tmp_path, "value = long_sum(); print('go', flush=True); value.item()")
    running.wait_for("go")
    time.sleep(0.3)
    running.process.send_signal(number)
    assert running.finish(5).status == -number


HOLDERS = {
    "a global": "a = long_sum()",
    "a cycle": "ring = [long_sum()]; ring.append(ring)",
    "a class": "class Holder: a = long_sum()",
    "a thread-local": "local = threading.local(); local.a = long_sum()",
    "a view": "a = np.ones(10**6); np.sync(); a[::2] += long_sum(); view = a[3:]",
    "a deleter": "class D:\n    def __del__(self): self.a = None\nd = D(); d.a = long_sum()",
    "a running thread": "t = threading.Thread(target=time.sleep, args=(9,), daemon=True); t.start(); a = long_sum()",
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_f22_exit_with_pending_work(tmp_path: pathlib.Path, holder: str) -> None:
    """Silent, and what nobody asked for is not computed."""
    done = run(tmp_path, HOLDERS[holder], timeout=10)
    assert done.stderr == ""
    assert done.seconds < 5


def test_f22_work_at_exit(tmp_path: pathlib.Path) -> None:
    done = run(
        tmp_path,
        """
        import atexit
        a = np.arange(100_000) + 1
        class Last:
            def __del__(self):
                print("deleted", flush=True)
        last = Last()
        @atexit.register
        def report():
            print(int(a.sum()), float(np.sqrt(np.full(50_000, 4.0)).sum()))
        """,
        timeout=10,
    )
    assert done.lines == ["5000050000 100000.0", "deleted"]


def test_f22_exit_status_is_the_users(tmp_path: pathlib.Path) -> None:
    running = start(tmp_path, "a = np.arange(10**6) + 1; a.sum().item(); b = long_sum(); sys.exit(3)")
    assert running.finish(5).status == 3


def test_f23_fork_after_use(tmp_path: pathlib.Path) -> None:
    """The child has a team of its own; pending work is computed by whoever looks, in both."""
    run(
        tmp_path,
        """
        import warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        a = np.arange(200_000) * 2.0
        a.sum().item()
        pending = a + 1
        for round in range(5):
            child = os.fork()
            if child == 0:
                try:
                    assert float(pending.sum()) == 200_000 * 199_999 + 200_000
                    a[:] = 7
                    assert float((a * 2).sum()) == 14 * 200_000
                    threads = [threading.Thread(target=lambda: (np.ones(100_000) + 1).sum().item()) for _ in range(3)]
                    [t.start() for t in threads]
                    [t.join() for t in threads]
                    os._exit(0)
                except BaseException as error:
                    print(repr(error), file=sys.stderr, flush=True)
                    os._exit(1)
            deadline = time.monotonic() + 10
            while True:
                done, status = os.waitpid(child, os.WNOHANG)
                if done:
                    break
                if time.monotonic() > deadline:
                    os.kill(child, signal.SIGABRT)
                    sys.exit("the child hangs")
                time.sleep(0.01)
            assert os.waitstatus_to_exitcode(status) == 0
            assert float((a + round).sum()) == 200_000 * 199_999 + 200_000 * round
        assert float(pending[3]) == 7.0
        """,
        timeout=60,
    )


def test_f23_fork_while_another_thread_computes(tmp_path: pathlib.Path) -> None:
    run(
        tmp_path,
        """
        import warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        stop = threading.Event()
        def work():
            while not stop.is_set():
                assert float((np.arange(300_000) * 2.0).sum()) == 300_000 * 299_999.0
        workers = [threading.Thread(target=work) for _ in range(2)]
        [w.start() for w in workers]
        for round in range(10):
            time.sleep(0.02)
            child = os.fork()
            if child == 0:
                ok = float((np.arange(100_000) + 1.0).sum()) == 100_000 * 100_001 / 2
                os._exit(0 if ok else 1)
            deadline = time.monotonic() + 10
            while not (done := os.waitpid(child, os.WNOHANG))[0]:
                if time.monotonic() > deadline:
                    os.kill(child, signal.SIGABRT)
                    stop.set()
                    sys.exit("the child hangs")
                time.sleep(0.01)
            assert os.waitstatus_to_exitcode(done[1]) == 0
        stop.set()
        [w.join() for w in workers]
        """,
        timeout=60,
    )


POOL = """
import concurrent.futures, multiprocessing, warnings
warnings.simplefilter("ignore", DeprecationWarning)

def total(n):
    value = int((np.arange(n) * 2).sum())
    return value, np.config.current().num_threads, multiprocessing.parent_process() is not None

if __name__ == "__main__":
    int((np.arange(100_000) * 2).sum())
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("{method}")) as pool:
        results = list(pool.map(total, [100_000, 50_000, 10, 70_000]))
    assert [value for value, _, _ in results] == [n * (n - 1) for n in (100_000, 50_000, 10, 70_000)], results
    assert all(child for _, _, child in results)
    if "{method}" != "fork":
        assert all(threads == 1 for _, threads, _ in results), "together the children fill the machine"
    array = np.arange(50_000) + 1
    with multiprocessing.get_context("{method}").Pool(2) as pool:
        back = pool.map(abs, [array, -array])   # pickled there and back
    assert all((numpy.asarray(b) == numpy.arange(50_000) + 1).all() for b in back)
    print("done")
"""


@pytest.mark.parametrize("method", ["fork", "spawn", *repeats("forkserver")])
def test_f24_process_pools(place: pathlib.Path, method: str) -> None:
    assert run(place, POOL.replace("{method}", method), timeout=60).lines == ["done"]


def test_f25_eight_threads_at_once(tmp_path: pathlib.Path) -> None:
    """Shared and separate arrays, recording and flushing: NumPy's results, no deadlock."""
    run(
        tmp_path,
        """
        shared = np.arange(60_000) / 8
        truth = numpy.arange(60_000) / 8
        counters = np.zeros(8 * 30_000).reshape(8, 30_000)
        failures = []
        def work(me):
            try:
                own = np.zeros(30_000)
                for round in range(100):
                    own += 1
                    counters[me] += 1
                    view = shared[me::8]
                    if round % 5 == me % 5:
                        assert (numpy.asarray(view * 2 + me) == truth[me::8] * 2 + me).all()
                    if round % 7 == 0:
                        assert float(own.sum()) == 30_000 * (round + 1)
                    if round % 11 == me:
                        np.sync()
                    assert int((np.arange(20_000) % (me + 2)).max()) == me + 1
                assert (numpy.asarray(counters[me]) == 100).all()
            except BaseException as error:
                failures.append(repr(error))
                raise
        threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        assert not failures, failures
        assert (numpy.asarray(counters) == 100).all()
        """,
        timeout=60,
    )


def test_f27_asyncio(tmp_path: pathlib.Path) -> None:
    run(
        tmp_path,
        """
        import asyncio
        async def main():
            a = np.arange(200_000) + 0.5
            ticks = 0
            async def tick():
                nonlocal ticks
                while True:
                    ticks += 1
                    await asyncio.sleep(0.005)
            ticking = asyncio.create_task(tick())
            sums = await asyncio.gather(*(asyncio.to_thread(lambda i=i: float((a * i).sum())) for i in range(20)))
            assert sums == [i * 200_000**2 / 2 for i in range(20)], sums
            assert float(a.sum()) == 200_000**2 / 2
            await asyncio.sleep(0.02)
            ticking.cancel()
            assert ticks > 1
        asyncio.run(main())
        """,
        timeout=20,
    )


def test_f54_an_embedded_session_listens_on_nothing_and_starts_nothing(tmp_path: pathlib.Path) -> None:
    run(
        tmp_path,
        """
        a = np.sin(np.arange(500_000)) + 1
        a.sum().item()
        b = a.reshape(500, 1000) @ a.reshape(1000, 500)
        b[b > 0].mean().item()
        np.random.default_rng(1).normal(size=100_000).sum()
        listening, children = own_state()
        assert not listening, listening
        assert not children, children
        assert "/dev/shm/" not in open("/proc/self/maps").read()
        paths = [f"/proc/self/fd/{n}" for n in os.listdir("/proc/self/fd")]
        links = [os.readlink(path) for path in paths if os.path.lexists(path)]
        assert not [link for link in links if link.startswith(("socket:", "/dev/shm/"))], links
        """,
    )
