"""Long lists of numbers: nobody looks for arrays in them, which takes ten times as long as NumPy does to read them."""

from __future__ import annotations

MOST_SEARCHED = 32  # items of a list that are always looked at
_NUMBERS_AND_TEXTS = frozenset((int, float, complex, bool, str, bytes))
_DEPTH = 64  # of lists in lists, as deep as NumPy looks


def is_of_numbers(x: object) -> bool:
    """Whether something is a long list that begins with a number or text, or with lists that do.

    Should there be an array further on, NumPy reads it by itself.
    """
    if type(x) is not list or len(x) <= MOST_SEARCHED:
        return False
    first: object = x
    for _ in range(_DEPTH):
        if not isinstance(first, list | tuple):
            break
        if not first:
            return False
        first = first[0]
    return type(first) in _NUMBERS_AND_TEXTS


__all__ = ["is_of_numbers"]
