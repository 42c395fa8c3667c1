"""One file per backend: its `BACKEND` describes it, its `open` starts it. To add one, add a file."""

from __future__ import annotations

import functools
import importlib
import pkgutil

from ramba import config
from ramba.runtime.description import Description


def descriptions() -> dict[str, Description]:
    """All backends by name, in the order of lists."""
    return _found(tuple(__path__))


@functools.cache
def _found(path: tuple[str, ...]) -> dict[str, Description]:
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(path)]
    found: list[Description] = [module.BACKEND for module in modules]
    return {row.name: row for row in sorted(found, key=lambda row: (row.order, row.name))}


def names() -> tuple[str, ...]:
    """Those that settings can name."""
    return tuple(name for name, row in descriptions().items() if row.by_name)


config.find_backends(names)
