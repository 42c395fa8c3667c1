"""Where a thread is, every few milliseconds: how many seconds each line of the program took, about."""

from __future__ import annotations

import sys
import threading
import time
from collections import defaultdict

from ramba.diagnosis.places import way

# each look costs the program 50 to 200 microseconds, most of them to hand over the interpreter
INTERVAL, LONGEST = 0.02, 0.1  # seconds between two looks: a twentieth of the time so far, but no less and no more
LINE = tuple[str, int]


class Sampler:
    """Looks at the thread that made it."""

    def __init__(self) -> None:
        self.seconds: defaultdict[LINE, float] = defaultdict(float)
        self._of = threading.get_ident()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="ramba-doctor", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Looks no more."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(1.0)

    def _watch(self) -> None:
        begin = last = time.perf_counter()
        while not self._over.wait(min(max((last - begin) / 20, INTERVAL), LONGEST)):
            frame = sys._current_frames().get(self._of)
            found = way(frame)
            del frame  # else it would keep the program's arrays alive
            # C code that keeps the interpreter to itself delays the look: then it has all the time since the last one
            now = time.perf_counter()
            if found is not None:
                self.seconds[found.place.file, found.place.line] += now - last
            last = now


__all__ = ["INTERVAL", "LINE", "Sampler"]
