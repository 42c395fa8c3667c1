"""Lines of the user's program: found by going up from where something happens."""

from __future__ import annotations

import site
import sysconfig
from pathlib import Path
from types import CodeType, FrameType
from typing import NamedTuple

_PACKAGE = f"{Path(__file__).parent.parent}/"
_TYPED = ("<stdin>", "<ipython-input")  # other names in brackets are of code that libraries make
_INSTALLED = ("/site-packages/", "/dist-packages/")


class Place(NamedTuple):
    """A line of the program."""

    file: str
    line: int
    code: CodeType
    instruction: int  # where in the code


class Way(NamedTuple):
    """A place, and how it came to what happens."""

    place: Place
    entered: str  # the function of Ramba's that the line called; "" if there is no frame of it
    passed: list[str]  # qualified names of all functions in between, the innermost first


def _foreign() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    names = [paths["stdlib"], paths["platstdlib"], *site.getsitepackages()]
    return (_PACKAGE, "<frozen ", *(f"{Path(name)}/" for name in names))


_FOREIGN = _foreign()
_own: dict[CodeType, bool] = {}


def is_own(code: CodeType) -> bool:
    """Whether a function is the user's own."""
    known = _own.get(code)
    if known is None:
        file = code.co_filename
        known = not file.startswith(_FOREIGN) and not any(part in file for part in _INSTALLED)
        known = known and (not file.startswith("<") or file.startswith(_TYPED))
        _own[code] = known
    return known


def _before(frame: FrameType) -> int:
    """The line of the last instruction that has one: the jump back at the end of a loop has none."""
    lines = [line for start, _, line in frame.f_code.co_lines() if line is not None and start <= frame.f_lasti]
    return lines[-1] if lines else frame.f_code.co_firstlineno


def way(frame: FrameType | None) -> Way | None:
    """The innermost line of the user's that a frame was reached from; None if there is none."""
    passed: list[str] = []
    while frame is not None:
        code = frame.f_code
        known = _own.get(code)
        if known or (known is None and is_own(code)):
            place = Place(code.co_filename, frame.f_lineno or _before(frame), code, frame.f_lasti)
            return Way(place, passed[-1] if passed else "", passed)
        passed.append(code.co_qualname)
        frame = frame.f_back
    return None


__all__ = ["Place", "Way", "is_own", "way"]
