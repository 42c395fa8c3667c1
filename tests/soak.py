"""Runs random programs for a while and reports the seeds that fail, with a shrunken program for each.

    python -m tests.soak --minutes 10 [--start SEED] [--mode MODE]

The programs run in a child process: a crash or a hang is a failing seed as well.
"""

from __future__ import annotations

import argparse
import queue
import random
import subprocess
import sys
import threading
import time
from typing import IO

from tests.programs import failure, failure_in_child, shrink, write_program
from tests.subject import MODES, mode

HANG = 120.0  # seconds that one program may take


def work(start: int, modes: list[str]) -> None:
    """Run program after program until one fails; one line about each on stdout."""
    for seed in range(start, 2**32):
        lines = write_program(seed)
        for name in modes:
            print(f"start {seed} {name}", flush=True)
            with mode(name):
                reason = failure(lines)
                if reason:
                    print("failed", flush=True)
                    return  # the next program runs in a fresh process


def follow(stream: IO[str], into: queue.Queue[str | None]) -> None:
    for line in stream:
        into.put(line.rstrip("\n"))
    into.put(None)


def run_child(start: int, modes: list[str], deadline: float) -> tuple[int, str | None]:
    """Run programs until one fails, crashes or hangs, or time is up: the last seed begun, and the mode that failed."""
    command = [sys.executable, "-m", "tests.soak", "--work", str(start), *[f"--mode={name}" for name in modes]]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert child.stdout is not None
    events: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=follow, args=(child.stdout, events), daemon=True).start()
    seed, name, failed = start, modes[0], False
    while not failed and time.monotonic() < deadline:
        try:
            event = events.get(timeout=min(HANG, max(deadline - time.monotonic(), 0.1)))
        except queue.Empty:
            failed = time.monotonic() < deadline
            break
        if event is None or event == "failed":
            failed = True
        else:
            _, number, name = event.split(maxsplit=2)
            seed = int(number)
    child.kill()
    child.wait()
    return seed, name if failed else None


def report(seed: int, name: str) -> str:
    """A failing seed with its shrunken program."""
    lines = write_program(seed)
    reason = failure_in_child(lines, name)
    if reason is None:
        return f"seed {seed}, mode {name}: only after the programs before it"
    small = shrink(lines, lambda shorter: failure_in_child(shorter, name, timeout=20), rounds=200)
    return "\n".join([f"seed {seed}, mode {name}: {failure_in_child(small, name) or reason}", *small])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--start", type=int, help="the first seed; default: random")
    parser.add_argument("--mode", choices=list(MODES), action="append", help="default: all of them")
    parser.add_argument("--most", type=int, default=100, help="failures after which to stop")
    parser.add_argument("--work", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    modes = options.mode or list(MODES)
    if options.work is not None:
        work(options.work, modes)
        return 0
    deadline = time.monotonic() + options.minutes * 60
    first = seed = options.start if options.start is not None else random.randrange(2**31)
    failures: list[str] = []
    while time.monotonic() < deadline and len(failures) < options.most:
        seed, name = run_child(seed, modes, deadline)
        if name is not None:
            failures.append(report(seed, name))
            print(failures[-1] + "\n", flush=True)
        seed += 1
    print(f"{seed - first} programs in {len(modes)} modes from seed {first}: {len(failures)} failures")
    print("\n".join(failure.splitlines()[0] for failure in failures))
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
