"""The formats: one file for each in `formats/`, whose `FORMAT` says what it can do. To add one, add a file."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from pathlib import PurePosixPath
from typing import Any

from ramba.files import formats as rooms
from ramba.files.format import Format


@functools.cache
def formats() -> dict[str, Format]:
    """All formats by name."""
    modules = [
        importlib.import_module(f"{rooms.__name__}.{room.name}") for room in pkgutil.iter_modules(rooms.__path__)
    ]
    found: list[Format] = [module.FORMAT for module in modules]
    return {row.name: row for row in sorted(found)}


def format_of(file: str, ftype: str | None = None) -> Format | None:
    """The format of a file by its ending, or by the name of a format or an ending; None if there is none."""
    if ftype is not None:
        wanted = ftype.lower().lstrip(".")
        found = formats().get(wanted) or _by_ending(wanted)
        if found is None:
            raise ValueError(f"{ftype!r} is no format: known are {known()}.")
        return found
    path = PurePosixPath(file.rstrip("/").partition("?")[0])
    return _by_ending(path.suffix.lower().lstrip("."))


def known() -> str:
    """The endings, for messages."""
    return ", ".join(
        f"{', '.join('.' + e for e in row.endings)} ({row.name})" for row in formats().values() if row.endings
    )


def unknown(file: str) -> ValueError:
    """What is raised for a file of an unknown ending."""
    return ValueError(f"The ending of {file!r} names no format: known are {known()}; or say which by ftype=.")


def _by_ending(ending: str) -> Format | None:
    return next((row for row in formats().values() if ending in row.endings), None)


def options_of(row: Format, given: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, if a format has them."""
    strange = {name for name, value in given.items() if value is not None} - set(row.options)
    if strange:
        raise TypeError(f"Files of format {row.name} have no option {', '.join(sorted(strange))}.")
    return {name: value for name, value in given.items() if value is not None}


__all__ = ["format_of", "formats", "known", "options_of", "unknown"]
