"""What a profile needs besides the engine's events: memory of processes, traffic of kernels, speed of the machine."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ramba import events, machine
from ramba.engine import ENGINE
from ramba.plan import Kernel, show

INTERVAL, LONGEST = 0.02, 0.25  # seconds between two looks at memory: a twentieth of the time so far, within these
MOST_SAMPLES = 20_000  # of each process; then every second one is dropped, and looks are rarer
COPIED = 32 << 20  # bytes that each thread copies, to see how fast the machine is
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Memory:
    """Bytes that processes held, looked at by a thread of its own."""

    def __init__(self, processes: dict[str, int]) -> None:
        self.samples: dict[str, list[tuple[float, int]]] = {name: [] for name in processes}
        self._files: dict[str, int] = {}  # opened once: a look is a call for each
        for name, pid in processes.items():
            with contextlib.suppress(OSError):  # it has ended, or this system has no such file
                self._files[name] = os.open(f"/proc/{pid}/statm", os.O_RDONLY | os.O_CLOEXEC)
        self._longest = LONGEST
        self._over = threading.Event()
        self._look()
        self._thread = threading.Thread(target=self._watch, name="ramba-memory", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Looks once more, and ends."""
        self._over.set()
        self._thread.join(1.0)
        if self._thread.is_alive():  # it is late, and may be reading
            return
        self._look()
        while self._files:
            os.close(self._files.popitem()[1])

    def _watch(self) -> None:
        begin = time.perf_counter()
        while not self._over.wait(min(max((time.perf_counter() - begin) / 20, INTERVAL), self._longest)):
            self._look()

    def _look(self) -> None:
        for name, file in self._files.items():
            try:
                pages = int(os.pread(file, 100, 0).split()[1])
            except (OSError, ValueError, IndexError):  # it has ended
                continue
            self.samples[name].append((time.time(), pages * _PAGE))
        if any(len(rows) > MOST_SAMPLES for rows in self.samples.values()):
            self.samples = {name: rows[::2] for name, rows in self.samples.items()}
            self._longest *= 2


def texts_of_plans() -> dict[str, set[str]]:
    """The texts of kernels, by title, of all known plans: of several workers, the first one's."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for recipe in list(ENGINE.plans.recipes.values()):
        for job in list(recipe.jobs.values()):
            for step in getattr(getattr(job, "plan", None), "steps", ()):
                if isinstance(step, Kernel):
                    text = show(step.spec)
                    found[events.title(text)].add(text)
    return found


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


__all__ = ["Memory", "copy_speed", "texts_of_plans"]
