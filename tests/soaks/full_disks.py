"""Fills the disk that memory spills to, at random moments: what is computed has the bits it had, or is a MemoryError.

    python -m tests.soaks.full_disks --rounds 60 --backend threads|processes|ray [--workers 3] [--seed SEED]

Arrays take some times what memory is allowed to hold; the disk is a small one of memory, in a namespace of its own, so
this needs root. One line about each round; ends with status 1 at the first thing that is wrong: other bits, another
exception, an error though there was room, arrays that are lost when there is room again, a file that is left, a hang.
"""

from __future__ import annotations

import argparse
import faulthandler
import functools
import gc
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy

import ramba as np
from tests.soaks.kills import HANG, WORK, WORKS, Wrong, close, ended, same
from tests.soaks.strikes import emptied, filled, striking

INSIDE = "SOAK_DISK"  # the folder, once this process has one
DISK = 160 << 20  # bytes
HELD = 6  # arrays that are only held
LIMIT = 5  # times one array: what memory may hold


def one(chance: random.Random, folder: Path, workers: int) -> str:
    """A round: what happened, in words."""
    name = chance.choice(list(WORKS))
    shape = chance.randrange(600, 1300), chance.randrange(600, 1300)
    given = numpy.random.default_rng(chance.randrange(2**32)).random(shape)
    np.config.set(memory_limit=LIMIT * given.nbytes // workers + (1 << 20))
    x = np.array(given) * 1.0
    values = close("the operand", x, given)
    expected = close(name, WORKS[name](x), WORKS[name](given))
    held = [x * (2.0**number) for number in range(HELD)]
    np.sync()
    right, refused, begin = 0, 0, time.monotonic()
    begun: list[int] = []

    def fill(left: int) -> bool:
        begun.append(left)
        return filled(folder, left)

    fillings = [functools.partial(fill, chance.choice([0, 4096, 1 << 20])) for _ in range(2)]
    with striking(chance, fillings):
        while time.monotonic() < begin + WORK / 2 or not (right or refused):
            try:
                found = numpy.asarray(WORKS[name](x))
            except MemoryError as problem:
                if not begun:
                    raise Wrong(f"{name}: there was room, and yet: {problem}") from problem
                refused += 1
            else:
                same(name, found, expected)
                right += 1
    emptied(folder)
    same(f"{name} afterwards", WORKS[name](x), expected)
    same("the operand afterwards", x, values)
    for number, each in enumerate(held):
        same(f"array {number} afterwards", each, values * 2.0**number)
    if left := os.listdir(folder):
        raise Wrong(f"files are left: {left}")
    return f"{name} {shape[0]} x {shape[1]}: {right} times right, {refused} times refused"


def soak(options: argparse.Namespace, folder: Path) -> int:
    """On a disk of its own."""
    seed = options.seed if options.seed is not None else random.randrange(2**31)
    chance = random.Random(seed)
    print(f"seed {seed}", flush=True)
    words: dict[str, Any] = {} if options.backend == "threads" else {"workers": options.workers, "num_threads": 1}
    np.config.set(spill=str(folder))
    np.init(backend=options.backend, **words)
    workers = options.workers if words else 1
    try:
        for number in range(options.rounds):
            faulthandler.dump_traceback_later(HANG, exit=True)
            begin = time.monotonic()
            print(f"{number}: {one(chance, folder, workers)}, {time.monotonic() - begin:.1f} s", flush=True)
            gc.collect()
        faulthandler.dump_traceback_later(HANG, exit=True)
        ended()
    except Wrong as problem:
        print(f"seed {seed}: {problem}")
        return 1
    faulthandler.cancel_dump_traceback_later()
    print(f"{options.rounds} rounds, nothing wrong")
    return 0


def main() -> int:
    """The program: outside, it gets itself a disk."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--backend", choices=["threads", "processes", "ray"], default="threads")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--seed", type=int, help="default: random")
    options = parser.parse_args()
    if INSIDE in os.environ:
        return soak(options, Path(os.environ[INSIDE]))
    if os.geteuid():
        print("needs root, for a disk of its own")
        return 1
    with tempfile.TemporaryDirectory(prefix="ramba-soak-") as folder:
        script = f'mount -t tmpfs -o size={DISK} none {folder} && exec "$@"'
        command = [sys.executable, "-m", "tests.soaks.full_disks", *sys.argv[1:]]
        environment = {**os.environ, INSIDE: folder}
        return subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", *command], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
