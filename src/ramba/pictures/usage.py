"""What a profile needs besides the engine's events: memory of processes, traffic of kernels, speed of the machine."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from math import prod
from pathlib import Path

import numpy as np

from ramba import machine
from ramba.engine import ENGINE
from ramba.plan import Kernel, show, tile_counts, traffic

INTERVAL = 0.02  # seconds between two looks at memory
MOST_SAMPLES = 20_000  # of each process; then every second one is dropped, and looks are half as frequent
COPIED = 32 << 20  # bytes that each thread copies, to see how fast the machine is
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Memory:
    """Bytes that processes held, looked at by a thread of its own."""

    def __init__(self, processes: dict[str, int]) -> None:
        self.samples: dict[str, list[tuple[float, int]]] = {name: [] for name in processes}
        self._files = {name: Path(f"/proc/{pid}/statm") for name, pid in processes.items()}
        self._interval = INTERVAL
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="ramba-memory", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Looks once more, and ends."""
        self._over.set()
        self._thread.join(1.0)
        self._look()

    def _watch(self) -> None:
        self._look()
        while not self._over.wait(self._interval):
            self._look()

    def _look(self) -> None:
        for name, file in self._files.items():
            try:
                pages = int(file.read_text().split()[1])
            except (OSError, ValueError, IndexError):  # it has ended, or this system has no such file
                continue
            self.samples[name].append((time.time(), pages * _PAGE))
        if any(len(rows) > MOST_SAMPLES for rows in self.samples.values()):
            self.samples = {name: rows[::2] for name, rows in self.samples.items()}
            self._interval *= 2


def traffic_of_plans() -> dict[tuple[str, int], int]:
    """Bytes that one run of a kernel reads and writes, by its text and its number of tiles: of all known plans."""
    found: dict[tuple[str, int], int] = {}
    for recipe in list(ENGINE.plans.recipes.values()):
        for job in list(recipe.jobs.values()):
            for step in _kernels(getattr(getattr(job, "plan", None), "steps", ())):
                count = prod(tile_counts(step.spec, step.extents, step.tiles))
                found[show(step.spec), count] = sum(traffic([step]))
    return found


def _kernels(steps: Iterable[object]) -> Iterable[Kernel]:
    return (step for step in steps if isinstance(step, Kernel))


def copy_speed() -> float:
    """Bytes that all cores together read and write in a second, when they copy more than caches hold."""
    count = machine.processors()
    size = min(COPIED, machine.free_memory() // (8 * count))
    pieces = [(np.zeros(size, np.uint8), np.zeros(size, np.uint8)) for _ in range(count)]
    with ThreadPoolExecutor(count) as threads:
        seconds = []
        for _ in range(3):
            begin = time.perf_counter()
            list(threads.map(lambda pair: np.copyto(*pair), pieces))
            seconds.append(time.perf_counter() - begin)
    return 2 * size * count / min(seconds)


__all__ = ["Memory", "copy_speed", "traffic_of_plans"]
