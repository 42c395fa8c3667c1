"""Which commands' results nobody wants any more, and whether the member that obeys one knows."""

from __future__ import annotations


class Unwanted:
    """Messages of commands, by number; the member begins them in order.

    A member is told at most once about the message that it obeys, and about that one only.
    """

    def __init__(self) -> None:
        self.begun = 0  # the message that the member obeys, or obeyed last
        self._told = 0
        self._ranges: list[tuple[int, int]] = []

    def add(self, first: int, last: int) -> None:
        """Nobody wants what these messages ask for, both ends included. From any thread."""
        self._ranges.append((first, last))

    def begin(self, number: int) -> None:
        """The member obeys this message from now on."""
        self.begun = number
        for past in [some for some in self._ranges if some[1] < number]:
            self._ranges.remove(past)  # not a new list: another thread may add to this one

    @property
    def untold(self) -> bool:
        """Whether nobody wants what the member does, and it does not know."""
        return bool(self._ranges) and self._told != self.begun and any(a <= self.begun <= b for a, b in self._ranges)

    def tell(self) -> None:
        """It knows."""
        self._told = self.begun


__all__ = ["Unwanted"]
