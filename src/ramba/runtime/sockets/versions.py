"""Whether a worker runs what the driver runs."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping

import numpy as np

from ramba.codegen.native import imported
from ramba.errors import VersionMismatchError, VersionMismatchWarning, warn
from ramba.runtime.sockets.wire import PROTOCOL

_SAME = ("ramba", "protocol", "python", "byteorder")  # else the worker is refused
_NAMES = {"ramba": "Ramba", "protocol": "protocol", "python": "Python", "byteorder": "byte order"}
_NAMES |= {"numpy": "NumPy", "llvmlite": "llvmlite"}


def own() -> dict[str, str]:
    """What this process runs."""
    return {
        "ramba": str(getattr(sys.modules[__name__.partition(".")[0]], "__version__", "unknown")),
        "protocol": str(PROTOCOL),
        "python": platform.python_version(),
        "byteorder": sys.byteorder,
        "numpy": np.__version__,
        "llvmlite": imported("llvmlite").__version__,
    }


def compare(versions: Mapping[str, str], who: str) -> None:
    """Refuses a worker that cannot work with this driver; warns where results may differ in their last bits."""
    mine = own()
    for name, version in mine.items():
        theirs = versions.get(name, "unknown")
        if _relevant(name, version) == _relevant(name, theirs):
            continue
        text = f"{who} has {_NAMES[name]} {theirs}, the driver has {version}."
        if name in _SAME:
            raise VersionMismatchError(text + " Both must run the same one.")
        warn(text, VersionMismatchWarning)


def _relevant(name: str, version: str) -> str:
    """The part that must agree: of libraries and Python, major and minor."""
    return version if name in ("ramba", "protocol", "byteorder") else ".".join(version.split(".")[:2])
