"""Classes whose objects live elsewhere."""

from __future__ import annotations

import functools
from typing import Any

from ramba.remote.options import Options
from ramba.remote.runner import current


class ActorClass:
    """What `ramba.remote` makes of a class: ``C.remote(...)`` makes an object elsewhere, ``C(...)`` one here."""

    def __init__(self, kind: type, options: Options) -> None:
        functools.update_wrapper(self, kind, updated=())
        self.__wrapped__ = kind
        self._options = options

    def __call__(self, *args: object, **named: object) -> Any:
        return self.__wrapped__(*args, **named)

    def remote(self, *args: object, **named: object) -> Any:
        """Makes an object elsewhere, and gives a handle to it at once: on Ray, Ray's own."""
        return current().start(self.__wrapped__, self._options, args, named)

    def options(self, **changes: object) -> ActorClass:
        """The same class with other options."""
        return ActorClass(self.__wrapped__, self._options.changed(changes))

    def __repr__(self) -> str:
        return f"<remote {self.__wrapped__!r}>"


__all__ = ["ActorClass"]
