"""When the record is full: after a fixed number of operations, at the quietest place of a loop's body.

A flush may fall anywhere in a loop, but it must fall at the same place in every round: then every flush plans the same
program, and finds its plan. Only what the program does counts, never time.
"""

from __future__ import annotations


class Period:
    """Watches the sequence of recorded operations for the period of a loop."""

    __slots__ = ("alive", "limit", "most", "signatures")

    def __init__(self, most: int) -> None:
        self.most = most
        self.signatures: list[object] = []
        self.alive: list[int] = []  # how much was pending after each operation
        self.limit = most

    def full(self, signature: object, pending: int) -> bool:
        """Notes one operation; whether it is time to flush."""
        self.signatures.append(signature)
        self.alive.append(pending)
        count = len(self.signatures)
        if count < self.limit:
            return False
        if count > self.limit or self.limit != self.most:
            return True
        period = self._period()
        if period is None:
            return True
        quiet = min(range(count - period, count), key=lambda n: self.alive[n])
        # the same place in the next round, unless that is right now
        self.limit = quiet + 1 + period if quiet != count - 1 else count
        return quiet == count - 1

    def flushed(self) -> None:
        """Starts anew; in a loop, the next flush comes a whole number of rounds later."""
        count = len(self.signatures)
        period = self._period() if count >= self.limit else None
        self.limit = self.most if period is None else max(self.most // period, 1) * period
        self.begin()

    def begin(self) -> None:
        """Begins a new record."""
        self.signatures.clear()
        self.alive.clear()

    def _period(self) -> int | None:
        """The shortest period with which the record ends."""
        signatures = self.signatures
        count = len(signatures)
        for period in range(1, count // 2 + 1):
            if signatures[count - period :] == signatures[count - 2 * period : count - period]:
                return period
        return None
