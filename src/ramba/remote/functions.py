"""Functions that are called elsewhere."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ramba.remote.options import Options
from ramba.remote.runner import current


class RemoteFunction:
    """What `ramba.remote` makes of a function: ``f.remote(...)`` calls it elsewhere, ``f(...)`` here."""

    def __init__(self, function: Callable[..., Any], options: Options) -> None:
        functools.update_wrapper(self, function)
        self.__wrapped__ = function
        self._options = options

    def __call__(self, *args: object, **named: object) -> Any:
        return self.__wrapped__(*args, **named)

    def remote(self, *args: object, **named: object) -> Any:
        """Calls it elsewhere, and gives a future of the result: on Ray, a `ray.ObjectRef`."""
        return current().submit(self.__wrapped__, self._options, args, named)

    def options(self, **changes: object) -> RemoteFunction:
        """The same function with other options."""
        return RemoteFunction(self.__wrapped__, self._options.changed(changes))

    def __repr__(self) -> str:
        return f"<remote {self.__wrapped__!r}>"


__all__ = ["RemoteFunction"]
