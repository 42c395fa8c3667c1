"""What is known of functions that were seen before: as long as all that their results depend on is the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, TypeVar

import numpy as np

from ramba import config
from ramba.engine import few
from ramba.functions.arguments import FOR_EACH
from ramba.functions.fingerprints import Unknown, fingerprint
from ramba.lazyarray import Recipe, are_simple, follow, readings, recipe_of
from ramba.limits import FEW

MOST = 512  # functions

T = TypeVar("T")

PLAIN = (bool, int, float, complex, np.generic, str, type(None))
"""Arguments that are the same if they are written alike."""
_recipes: dict[Any, Recipe] = {}


def key_of(function: object, *more: object) -> Any:
    """What is the same as long as a function gives the same; None if nobody knows."""
    try:
        return (fingerprint(function), *more)
    except Unknown:
        return None


def remember(known: dict[Any, T], key: object, value: T) -> T:
    """Enters a value into a table that does not grow for ever."""
    if len(known) >= MOST:
        known.clear()
    known[key] = value
    return value


class Attempt:
    """A call of a function for each element: recorded as the one before was, if that is known."""

    def __init__(self, function: Callable[..., Any], arguments: Sequence[Any], shape: tuple[int, ...]) -> None:
        self.key: Any = None
        self.before: list[Any] = []
        if not shape or prod(shape) <= few(FEW):  # NumPy may have them at once
            return
        self.arrays: list[Any] = []
        kinds: list[Any] = [config.current().functions]
        for x in arguments:
            if isinstance(x, FOR_EACH):
                self.arrays += x.arrays()
                kinds.append(x.kind())
            elif isinstance(x, PLAIN):
                kinds.append((type(x), repr(x)))
            else:
                return
        if self.arrays and are_simple(self.arrays):
            self.key = key_of(function, *kinds)

    def repeated(self) -> Any:
        """The result, recorded; None if the function was not seen before."""
        recipe = None if self.key is None else _recipes.get(self.key)
        if recipe is not None:
            return follow(recipe, self.arrays)
        if self.key is not None:
            self.before = readings(self.arrays)
        return None

    def done(self, made: T) -> T:
        """Notes how a result was made, and gives it back."""
        recipe = None if self.key is None else recipe_of(made, self.before)
        if recipe is not None:
            remember(_recipes, self.key, recipe)
        return made


__all__ = ["PLAIN", "Attempt", "key_of", "remember"]
