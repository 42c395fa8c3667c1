"""Hears that a module has been imported."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

Hear = Callable[[ModuleType], None]


class Watcher(MetaPathFinder):
    """Finds what the other finders find, and calls a function when one of its modules has been executed."""

    def __init__(self, hear: Mapping[str, Hear]) -> None:
        self._hear = hear
        self._looking: set[str] = set()  # other finders that ask all others, as we do, would ask for ever

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module that is waited for, whose loader tells of it; None leaves it to the others."""
        if fullname not in self._hear or fullname in self._looking:
            return None
        self._looking.add(fullname)
        try:
            spec = self._found(fullname, path, target)
        finally:
            self._looking.discard(fullname)
        if spec is not None and spec.loader is not None:
            _tell_after(spec.loader, self._hear[fullname])
        return spec

    def _found(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
        for finder in list(sys.meta_path):
            if finder is not self and (spec := finder.find_spec(fullname, path, target)) is not None:
                return spec
        return None


def _tell_after(loader: Any, hear: Hear) -> None:
    execute = loader.exec_module

    def execute_and_tell(module: ModuleType) -> None:
        execute(module)
        hear(module)

    loader.exec_module = execute_and_tell


def attend(hear: Mapping[str, Hear]) -> None:
    """Calls the functions with the modules of these names: now if they are there, else when they have been imported."""
    sys.meta_path.insert(0, Watcher(hear))
    for name, function in hear.items():
        if (module := sys.modules.get(name)) is not None:
            function(module)


__all__ = ["Watcher", "attend"]
