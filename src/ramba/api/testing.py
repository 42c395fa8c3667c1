"""Assertions about what calls raise and warn of: what is recorded in them is computed in them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import TracebackType
from typing import Any

import numpy.testing

from ramba.engine import ENGINE

_CALLED = {"assert_raises": 1, "assert_raises_regex": 2, "assert_warns": 1, "assert_no_warnings": 0}
"""Where each takes the function that it calls."""


class _Expecting:
    """A context of NumPy's that expects an exception or warnings."""

    def __init__(self, context: Any) -> None:
        self._context = context

    def __enter__(self) -> Any:
        return self._context.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> Any:
        if kind is None:
            try:
                ENGINE.sync()
            except Exception as late:
                if self._context.__exit__(type(late), late, late.__traceback__):
                    return True
                raise
        return self._context.__exit__(kind, problem, trace)


def _expecting(np_function: Callable[..., Any], place: int) -> Callable[..., Any]:
    @functools.wraps(np_function)
    def function(*args: Any, **kwargs: Any) -> Any:
        if len(args) <= place:
            return _Expecting(np_function(*args, **kwargs))
        called = args[place]

        def run(*given: Any, **options: Any) -> Any:
            result = called(*given, **options)
            ENGINE.sync()
            return result

        return np_function(*args[:place], run, *args[place + 1 :], **kwargs)

    return function


EXPECTING = {name: _expecting(getattr(numpy.testing, name), place) for name, place in _CALLED.items()}
"""The assertions that call functions, which get arrays as they are."""
