"""Whose turn it is to read: two threads share one socket, and only the one whose turn it is may touch it.

The member reads itself while it has nothing else to do, which saves waking the other thread; the thread that owns the
sockets reads while the member works. Each method is one step under a lock, so this table is all there is:

=========  ==========================================  ===============================================
holder     what happens                                holder afterwards
=========  ==========================================  ===============================================
nobody     the member asks                             the member, unless the thread wants it for itself
nobody     the thread looks, wants it or was not       the thread
           disturbed since it looked last
member     the member gives it back                    nobody
thread     the thread looks while the member waits     the member, unless the thread wants it for itself
any        the thread ends                             the member, for ever
=========  ==========================================  ===============================================

Who waits for the other is woken: the member that was refused rings and sleeps, and the thread's next look is its turn;
the thread that found the member reading sleeps, and the member rings when it gives the turn back. If neither reads, the
thread looks again soon, by the clock. `tests/runtime/test_turn.py` walks through all interleavings.
"""

from __future__ import annotations

import enum
import threading

from ramba.runtime.sockets.wakeup import Bell


class Holder(enum.Enum):
    """Whose turn it is."""

    NOBODY = 0
    MEMBER = 1
    THREAD = 2


class Share(enum.Enum):
    """What the thread does until it looks again."""

    READ = 0  # it is its turn
    PARK = 1  # nothing: the member reads, and rings when it ceases to
    SOON = 2  # nothing for a moment: the member was here just now


class Turn:
    """`ask`, `wait` and `give_back` are for the member, `look` and `end` for the thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gate = Bell()  # wakes the member that waits for its turn
        self.holder = Holder.NOBODY
        self._asked = False  # whether the member asked since the thread looked last
        self._waits = False  # whether the member waits for its turn
        self._parked = False  # whether the thread waits until the member gives the turn back
        self._wanted = False  # whether the thread wants to be alone
        self._over = False  # whether the thread has ended

    def ask(self) -> bool:
        """Whether it is the member's turn now. If not, it must wake the thread, and `wait`."""
        with self._lock:
            self._asked = True
            if self._over or (self.holder is Holder.NOBODY and not self._wanted):
                self.holder = Holder.MEMBER
                return True
            self._waits = True
            return False

    def wait(self) -> None:
        """Sleeps until it is the member's turn, after `ask` refused it."""
        while not self._gate.sleep(60):
            pass

    def give_back(self) -> bool:
        """The member reads no more; whether it must wake the thread."""
        with self._lock:
            self.holder = Holder.NOBODY
            parked, self._parked = self._parked, False
            return parked

    def look(self, wanted: bool) -> Share:
        """What the thread may do; `wanted` says that it needs the socket for itself."""
        with self._lock:
            asked, self._asked = self._asked, False
            self._wanted = wanted
            if self.holder is Holder.NOBODY and (wanted or not asked):
                self.holder = Holder.THREAD
            elif self._waits and not wanted:
                self._hand_over()
            self._parked = self.holder is Holder.MEMBER and (wanted or not asked)
            if self.holder is Holder.THREAD:
                return Share.READ
            return Share.PARK if self._parked else Share.SOON

    def end(self) -> None:
        """The thread reads no more, for ever."""
        with self._lock:
            self._over = True
            if self._waits:
                self._hand_over()

    def _hand_over(self) -> None:
        self._waits, self.holder = False, Holder.MEMBER
        self._gate.ring()
