"""Handles of objects that live elsewhere: their methods are called one after the other, as they were asked for."""

from __future__ import annotations

import weakref
from typing import Any, NoReturn, Protocol


class Body(Protocol):
    """An actor, for its handle."""

    def call(self, method: str, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Has a method called after those that were asked for before; a future."""

    def close(self) -> None:
        """Nobody has a handle any more. From finalizers, too."""


class ActorHandle:
    """An object that lives elsewhere, for as long as there is a handle to it and something left to do."""

    def __init__(self, kind: type, body: Body) -> None:
        self._kind = kind
        self._body = body
        weakref.finalize(self, body.close).atexit = False

    def __getattr__(self, name: str) -> ActorMethod:
        if name.startswith("__") or not callable(getattr(self._kind, name, None)):
            raise AttributeError(f"{self._kind.__name__} has no method {name!r}; fields are seen by its methods only.")
        return ActorMethod(self, name)

    def __reduce__(self) -> NoReturn:
        raise TypeError("The handle of an actor does not travel, but on Ray.")

    def __repr__(self) -> str:
        return f"<actor {self._kind.__name__}>"


class ActorMethod:
    """A method of an object that lives elsewhere."""

    def __init__(self, actor: ActorHandle, name: str) -> None:
        self._actor = actor  # a method that is held keeps the actor
        self._name = name

    def remote(self, *args: object, **named: object) -> Any:
        """Calls it after what was asked for before, and gives a future of the result."""
        return self._actor._body.call(self._name, args, named)

    def __repr__(self) -> str:
        return f"<method {self._name} of {self._actor!r}>"


__all__ = ["ActorHandle", "ActorMethod", "Body"]
