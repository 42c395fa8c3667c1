"""What others sent is read or refused: whatever is wrong with it, only a ProtocolError comes out of a decoder."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from ramba.errors import ProtocolError

P = ParamSpec("P")
R = TypeVar("R")


def decoder(what: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Makes a function that reads bytes of others refuse, as ProtocolError, everything that it stumbles over."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def decode(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(*args, **kwargs)
            except ProtocolError:
                raise
            except Exception as problem:
                # its text may quote what came: that must not be long, nor end somebody's terminal
                text = ascii(f"{problem}"[:200])[1:-1]
                raise ProtocolError(f"{what} that cannot be read: {type(problem).__name__}: {text}") from None

        return decode

    return decorate


__all__ = ["decoder"]
