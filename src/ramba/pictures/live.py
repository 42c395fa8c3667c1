"""What a program is doing now, counted from its events: the numbers of a dashboard."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter, defaultdict, deque
from pathlib import Path
from typing import Any

from ramba import events, machine
from ramba.engine import ENGINE
from ramba.lazyarray import Array, distribution_of
from ramba.pictures.amounts import duration, size
from ramba.pictures.some_runs import hear_some

RECENT = 12  # kernels and calls that are shown
MOST_KERNELS = 500  # and calls whose runs are counted
MOST_UNREAD = 50_000  # events of workers that wait for somebody who looks
MOST_ARRAYS = 40
MOST_SAMPLES = 240  # of memory, of each process
MOST_BLOCKS = 8  # of an array that are named
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Live:
    """Counts what is told."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since = time.time()
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)  # by member
        self._recent: dict[tuple[str, str], tuple[int, float]] = {}  # runs and last seconds, by member and kernel
        self._doing = ""  # on the driver; "": nothing
        self._done = self._planned = 0  # kernels of the runs that are not over
        self._depth = 0
        self._memory: dict[str, deque[int]] = {}
        self._processes: dict[str, int] = {}  # by member, as they were at the last look
        self._replaced: Counter[str] = Counter()  # how often another process took a member's place
        self._unread: list[events.Block] = []  # what workers told since somebody looked
        self._in_blocks = 0  # events in them
        self._subscription = hear_some(self._hear, self._keep_block)

    def close(self) -> None:
        """Hears no more."""
        self._subscription.close()

    def _hear(self, event: events.Event, many: int) -> None:
        with self._lock:
            self._count("driver", event, many)
            self._follow(event)

    def _keep_block(self, block: events.Block) -> None:
        """Counts what a worker tells when somebody looks, or when it is much."""
        with self._lock:
            self._unread.append(block)
            self._in_blocks += block.length
            if self._in_blocks > MOST_UNREAD:
                self._read()

    def _read(self) -> None:
        blocks, self._unread, self._in_blocks = self._unread, [], 0
        for block in blocks:
            for told in block.events():
                self._count(f"worker {told.rank}", told.event, told.stands_for)

    def _count(self, member: str, event: Any, many: int) -> None:
        counts = self._counts[member]
        match event:
            case events.Ran(kernel=kernel, seconds=seconds):
                counts["kernels"] += many
                counts["microseconds"] += int(many * seconds * 1e6)
                # a worker tells the title
                self._note(member, events.title(kernel) if member == "driver" else kernel, many, seconds)
            case events.Called(function=function, seconds=seconds):
                counts["kernels"] += many
                counts["microseconds"] += int(many * seconds * 1e6)
                self._note(member, function, many, seconds)
            case events.Sent(nbytes=nbytes):
                counts["messages"] += many
                counts["bytes"] += many * nbytes
            case events.Compiled(cached=False):
                counts["compiled"] += 1

    def _note(self, member: str, what: str, many: int, seconds: float) -> None:
        """Something ran: it is the last of those that did."""
        runs, _ = self._recent.pop((member, what), (0, 0.0))
        self._recent[member, what] = runs + many, seconds
        if len(self._recent) > MOST_KERNELS:
            del self._recent[next(iter(self._recent))]

    def _follow(self, event: events.Event) -> None:
        """What the driver is doing."""
        match event:
            case events.Began(kernels):
                self._depth += 1
                self._planned += kernels
                self._doing = "running"
            case events.Ran():
                self._done += 1
            case events.Asking(workers):
                self._depth += 1
                self._doing = f"waiting for {workers} workers"
            case events.Compiling():
                self._doing = "compiling"
            case events.Compiled():
                self._doing = "running"
            case events.Working(what):
                self._doing = what
            case events.Flushed() | events.Asked():
                self._depth = max(self._depth - 1, 0)
        if not self._depth and isinstance(event, events.Flushed | events.Asked | events.Called):
            self._doing, self._done, self._planned = "", 0, 0

    # -- as data

    def state(self) -> dict[str, Any]:
        """All of it, as plain data for a page."""
        processes = _processes()
        memory = {name: _resident(pid) for name, pid in processes.items()}
        with self._lock:
            self._read()
            self._replaced.update(name for name, pid in processes.items() if self._processes.get(name, pid) != pid)
            self._processes = processes
            for name, nbytes in memory.items():
                if nbytes is not None:
                    self._memory.setdefault(name, deque(maxlen=MOST_SAMPLES)).append(nbytes)
            names = ["driver", *(name for name in processes if name != "driver")]
            names += sorted(set(self._counts) - set(names))
            members = [self._member(name, name in processes, memory.get(name)) for name in names]
            last = list(self._recent.items())[: -RECENT - 1 : -1]
            recent = [{"member": m, "what": k, "runs": n, "took": duration(s)} for (m, k), (n, s) in last]
            done, planned, doing = self._done, self._planned, self._doing
        return {
            "program": Path(sys.argv[0]).name if sys.argv and sys.argv[0] else "",
            "seconds": time.time() - self._since,
            "free": f"{size(machine.free_memory())} free of {size(machine.total_memory())}",
            "doing": doing or "nothing",
            "done": done,
            "planned": planned,
            "members": members,
            "recent": recent,
            "arrays": _arrays(),
        }

    def _member(self, name: str, has_process: bool, resident: int | None) -> dict[str, Any]:
        counts, replaced = self._counts[name], self._replaced[name]
        there = "there" if not replaced else "replaced" if replaced == 1 else f"replaced {replaced} times"
        return {
            "name": name,
            "state": "lost" if has_process and resident is None else there,
            "memory": size(resident) if resident is not None else "",
            "curve": list(self._memory.get(name, ())),
            "kernels": counts["kernels"],
            "time": duration(counts["microseconds"] / 1e6) if counts["kernels"] else "",
            "compiled": counts["compiled"],
            "sent": f"{counts['messages']:,} of {size(counts['bytes'])}" if counts["messages"] else "",
        }


def _processes() -> dict[str, int]:
    """Processes of this host whose memory can be seen."""
    found = {"driver": os.getpid()}
    link: Any = getattr(ENGINE.backend, "link", None) if ENGINE.distributed else None
    for rank, facts in enumerate(list(getattr(link, "members", ()))):
        if getattr(facts, "host", "") == os.uname().nodename and getattr(facts, "pid", 0) > 0:
            found[f"worker {rank}"] = facts.pid
    return found


def _resident(pid: int) -> int | None:
    """Bytes that a process holds; None if it has ended."""
    try:
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return None
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return None


def _arrays() -> list[dict[str, Any]]:
    """The arrays that the program's main module has names for, and where they lie."""
    names = dict(getattr(sys.modules.get("__main__"), "__dict__", {}))
    found: list[dict[str, Any]] = []
    for name, value in names.items():
        if isinstance(value, Array) and not name.startswith("_") and len(found) < MOST_ARRAYS:
            lies = str(distribution_of(value)).splitlines()
            more = [f"... {len(lies) - 1 - MOST_BLOCKS} more"] if len(lies) - 1 > MOST_BLOCKS else []
            pending = "pending" if value._np is None and value._buffer.pending else "computed"
            blocks = [*lies[1 : MOST_BLOCKS + 1], *more]
            found.append({"name": name, "is": lies[0], "state": pending, "blocks": [line.strip() for line in blocks]})
    return found


__all__ = ["Live"]
