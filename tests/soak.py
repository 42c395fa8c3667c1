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

from tests.programs import failure, shrink, write_program
from tests.subject import MODES, mode

HANG = 120.0  # seconds that one program may take


def work(start: int, modes: list[str]) -> None:
    """Run program after program; one line about each on stdout."""
    for seed in range(start, 2**32):
        lines = write_program(seed)
        for name in modes:
            print(f"start {seed} {name}", flush=True)
            with mode(name):
                reason = failure(lines)
                if reason:
                    small = shrink(lines, failure, rounds=200)
                    report = "\n".join([*small, f"# {failure(small) or reason}"])
                    print(f"failed {report!r}", flush=True)


def follow(stream: IO[str], into: queue.Queue[str | None]) -> None:
    for line in stream:
        into.put(line.rstrip("\n"))
    into.put(None)


def run_child(start: int, modes: list[str], deadline: float) -> tuple[int, list[str]]:
    """Run a child until it dies, hangs or time is up: the last seed it began, and what failed."""
    child = subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-m", "tests.soak", "--work", str(start), *[f"--mode={m}" for m in modes]],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    events: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=follow, args=(child.stdout, events), daemon=True).start()
    seed, name, failures = start, "", []
    while True:
        try:
            event = events.get(timeout=min(HANG, max(deadline - time.monotonic(), 0.1)))
        except queue.Empty:
            if time.monotonic() < deadline:
                failures.append(f"seed {seed}, mode {name}: hangs")
            break
        if event is None:
            failures.append(f"seed {seed}, mode {name}: the process ended with status {child.wait()}")
            break
        word, _, rest = event.partition(" ")
        if word == "start":
            seed, name = int(rest.split()[0]), rest.split()[1]
        elif word == "failed":
            failures.append(f"seed {seed}, mode {name}:\n" + eval(rest))
            print(failures[-1] + "\n", flush=True)
        if time.monotonic() > deadline:
            break
    child.kill()
    child.wait()
    return seed, failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--start", type=int, help="the first seed; default: random")
    parser.add_argument("--mode", choices=list(MODES), action="append", help="default: all of them")
    parser.add_argument("--work", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    modes = options.mode or list(MODES)
    if options.work is not None:
        work(options.work, modes)
        return 0
    deadline = time.monotonic() + options.minutes * 60
    first = seed = options.start if options.start is not None else random.randrange(2**31)
    failures: list[str] = []
    while time.monotonic() < deadline and len(failures) < 100:
        seed, new = run_child(seed, modes, deadline)
        failures += new
        seed += 1
    print(f"{seed - first} programs in {len(modes)} modes from seed {first}: {len(failures)} failures")
    print("\n".join(failure.splitlines()[0] for failure in failures))
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
