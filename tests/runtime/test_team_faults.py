"""The thread team under abuse: interrupts, forks, many threads, the end of the interpreter. Each in its own process."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time

import pytest

pytestmark = pytest.mark.fault

PREPARE = """
import atexit, os, signal, sys, threading, time
import numpy as np
from ramba.runtime.team import Team
from tests.runtime import kernels

code = kernels.counter()
calls = np.zeros(20_000, np.int64)
short = kernels.arguments(calls)
long = kernels.arguments(calls, kernels.LONG)
addresses = {id(block): block.ctypes.data for block in (short, long)}  # NumPy imports at `ctypes`: not at exit
team = Team(2)

def run(block, tiles):
    return team.run(code.address, addresses.get(id(block)) or block.ctypes.data, tiles)

def interrupt(after, times=1):
    def send():
        for _ in range(times):
            time.sleep(after)
            os.kill(os.getpid(), signal.SIGINT)
    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    return thread

def busy(seconds=0.05):
    before = time.process_time()
    time.sleep(seconds)
    return time.process_time() - before
"""


def output(program: str, timeout: float = 30.0, code: int = 0) -> str:
    """What a program prints; it has to be silent on the error stream and end in time."""
    run = subprocess.run(
        [sys.executable, "-c", PREPARE + textwrap.dedent(program)], capture_output=True, text=True, timeout=timeout
    )
    assert run.stderr == ""
    assert run.returncode == code
    return run.stdout.strip()


def test_interrupt_in_a_long_kernel() -> None:
    said = output("""
        run(short, 100)
        for _ in range(3):
            interrupt(0.2)
            start = time.perf_counter()
            try:
                run(long, 20_000)
            except KeyboardInterrupt:
                print(time.perf_counter() - start < 8, busy() < 0.02)
        calls[:] = 0
        run(short, 20_000)
        print((calls == 1).all())
    """)
    assert said.split() == ["True"] * 7


def test_interrupt_again_and_again() -> None:
    said = output("""
        run(short, 100)
        caught = 0
        interrupt(0.02, times=100_000)
        deadline = time.monotonic() + 5
        while caught < 20 and time.monotonic() < deadline:
            try:
                run(long, 20_000)
            except KeyboardInterrupt:
                caught += 1
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        calls[:] = 0
        run(short, 20_000)
        print(caught, (calls == 1).all(), busy() < 0.02)
    """)
    assert said == "20 True True"


def test_a_storm_of_interrupts_leaves_nobody_at_work() -> None:
    """However often a handler raises while a job is given up, no thread works on its memory afterwards."""
    said = output("""
        def storm(number, frame):
            if frame.f_code.co_filename.endswith(("team.py", "contextlib.py")):
                raise KeyboardInterrupt
        signal.signal(signal.SIGALRM, storm)
        run(short, 100)
        interrupted = working = 0
        for _ in range(100):
            signal.setitimer(signal.ITIMER_REAL, 0.003, 0.00003)
            try:
                run(long, 20_000)
            except KeyboardInterrupt:
                interrupted += 1
            signal.setitimer(signal.ITIMER_REAL, 0)
            before = calls.sum()
            time.sleep(0.004)
            working += int(calls.sum() != before)
        print(interrupted, working)
    """)
    assert said == "100 0"


def test_interrupt_while_threads_are_created_and_code_is_compiled() -> None:
    output("""
        teams = []
        for delay in np.linspace(0, 0.01, 20):
            try:
                sender = interrupt(delay)
                team = Team(4)
                teams.append(team)
                for _ in range(200):
                    run(short, 50)
                sender.join()
                time.sleep(1)
            except KeyboardInterrupt:
                pass
            calls[:] = 0
            run(short, 20_000)
            assert (calls == 1).all()
    """)


def test_interrupt_in_map() -> None:
    said = output("""
        interrupt(0.2)
        start = time.perf_counter()
        try:
            team.map(lambda number: time.sleep(0.01), 10_000)
        except KeyboardInterrupt:
            print(time.perf_counter() - start < 8)
        done = []
        team.map(done.append, 100)
        print(len(done))
    """)
    assert said.split() == ["True", "100"]


def test_a_signal_handler_may_use_the_team() -> None:
    said = output("""
        inner = np.zeros(100, np.int64)
        block = kernels.arguments(inner)
        signal.signal(signal.SIGINT, lambda *_: run(block, 100))
        interrupt(0.1)
        run(long, 500)
        print((inner == 1).all(), (calls[:500] == 1).all())
    """)
    assert said == "True True"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("used_before", [True, False])
def test_fork(used_before: bool) -> None:
    said = output(f"""
        if {used_before}:
            run(short, 20_000)
            team.map(lambda number: None, 10)
        calls[:] = 0
        child = os.fork()
        run(short, 20_000)
        done = []
        team.map(done.append, 50)
        good = (calls == 1).all() and len(done) == 50
        if not child:
            threads = len(os.listdir("/proc/self/task"))
            os._exit(0 if good and threads == 3 else 1)
        print(good, os.waitpid(child, 0)[1])
    """)
    assert said == "True 0"


def test_fork_while_another_thread_runs_a_job() -> None:
    said = output("""
        other = threading.Thread(target=run, args=(long, 2000))
        other.start()
        time.sleep(0.1)
        mine = np.zeros(100, np.int64)
        block = kernels.arguments(mine)
        child = os.fork()
        if not child:
            run(block, 100)
            os._exit(0 if (mine == 1).all() else 1)
        print(os.waitpid(child, 0)[1])
        other.join()
        print((calls[:2000] == 1).all())
    """)
    assert said.split() == ["0", "True"]


def test_fork_while_another_thread_compiles() -> None:
    output("""
        from ramba.codegen import native
        def compile():
            for number in range(60):
                native.compile_ir(kernels.COUNT)
        other = threading.Thread(target=compile)
        other.start()
        while other.is_alive():
            time.sleep(0.01)
            child = os.fork()
            if not child:
                native.compile_ir(kernels.COUNT)
                run(short, 100)
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
    """)


def test_fork_inside_a_job_is_noticed_in_the_child() -> None:
    said = output("""
        child = []
        signal.signal(signal.SIGALRM, lambda *_: child.append(os.fork()))
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        try:
            run(long, 1000)
            lost = False
        except RuntimeError:
            lost = True
        if not child[0]:
            calls[:] = 0
            run(short, 1000)
            os._exit(0 if lost and (calls[:1000] == 1).all() else 1)
        print(lost, (calls[:1000] == 1).all(), os.waitpid(child[0], 0)[1])
    """)
    assert said == "False True 0"


def test_fork_in_a_multiprocessing_pool() -> None:
    said = output("""
        import multiprocessing
        run(short, 1000)
        def work(number):
            run(short, 1000)
            return int((calls[:1000] == 2).all())
        with multiprocessing.get_context("fork").Pool(3) as pool:
            print(pool.map(work, range(3), chunksize=1).count(1) >= 1)
    """)
    assert said == "True"


def test_eight_threads_at_once() -> None:
    said = output("""
        results = []
        def work():
            mine = np.zeros(64, np.int64)
            block = kernels.arguments(mine, 100)
            for count in range(1000):
                run(block, 64)
            results.append((mine == 1000).all())
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print(len(results), all(results))
    """)
    assert said == "8 True"


def test_exit_when_idle_is_prompt() -> None:
    start = time.perf_counter()
    said = output("""
        run(short, 20_000)
        team.map(lambda number: None, 100)
        print(time.time())
    """)
    assert time.time() - float(said) < 1.0
    assert time.perf_counter() - start < 20


def test_exit_while_busy() -> None:
    said = output("""
        threading.Thread(target=run, args=(long, 20_000), daemon=True).start()
        threading.Thread(target=team.map, args=(lambda number: time.sleep(0.01), 100_000), daemon=True).start()
        time.sleep(0.2)
        print(time.time())
    """)
    assert time.time() - float(said) < 2.5


def test_use_at_exit() -> None:
    said = output("""
        class Late:
            def __del__(self):
                calls[:] = 0
                run(short, 1000)
                print((calls[:1000] == 1).all())
        late = Late()
        def last():
            run(short, 20_000)
            done = []
            team.map(done.append, 10)
            print((calls == 2).all(), len(done))
        atexit.register(last)
        import ramba.runtime.team
        run(short, 20_000)
        atexit._run_exitfuncs()
        run(short, 20_000)
        print((calls == 3).all())
    """)
    assert said.split() == ["True", "10", "True", "True"]


def test_nothing_listens_and_nothing_is_started() -> None:
    said = output("""
        import psutil
        run(short, 20_000)
        team.map(lambda number: None, 100)
        me = psutil.Process()
        print(me.net_connections("all"), me.children())
    """)
    assert said == "[] []"


def test_no_thread_can_be_created() -> None:
    said = output("""
        from ramba.runtime import team as module
        functions = module._functions()._replace(spawn=lambda *arguments: 0)
        module._functions = lambda: functions
        run(short, 20_000)
        print((calls == 1).all())
    """)
    assert said == "True"
