"""What becomes of a call of a function of Python, as it travels."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from ramba.runtime.python.values import Value, loaded, pack, typed
from ramba.runtime.transport import decoder


class Returned(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """What a function gave."""

    value: Value


class Raised(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """That it raised something."""

    kind: str
    text: str
    trace: str
    problem: Value | None = None  # the exception itself, if it can travel


Outcome: TypeAlias = Returned | Raised


def encode(outcome: Outcome) -> bytes:
    """An outcome as bytes."""
    return _encoder.encode(outcome)


@decoder("An outcome")
def decode(message: bytes) -> Outcome:
    """What a worker says of its call."""
    return _outcomes.decode(message)


def outcome_of(call: Callable[[], object], passing: tuple[type[BaseException], ...] = ()) -> Outcome:
    """What became of a call. Exceptions of kinds that pass are raised."""
    try:
        return Returned(pack(call()))
    except passing:
        raise
    except BaseException as problem:
        return raised(problem)


def raised(problem: BaseException) -> Raised:
    """An exception as it travels."""
    trace = "".join(traceback.format_exception(problem)).rstrip()
    try:
        packed: Value | None = pack(problem)
    except Exception:
        packed = None
    return Raised(type(problem).__name__, str(problem), trace, packed)


_encoder = msgspec.msgpack.Encoder()
_outcomes = msgspec.msgpack.Decoder(Outcome)


def result_of(outcome: Outcome, where: str) -> Any:
    """What a worker's call gave; what it raised is raised here, with the worker's traceback as a note."""
    if isinstance(outcome, Raised):
        raise exception_of(outcome, where)
    value = outcome.value
    return loaded(value.content) if value.pickled else typed(value)


def exception_of(raised: Raised, where: str) -> BaseException:
    """The exception itself if it could travel, else one that says what it was."""
    problem: BaseException = RuntimeError(f"{raised.kind}: {raised.text}")
    if raised.problem is not None:
        with contextlib.suppress(Exception):
            found = loaded(raised.problem.content)
            if isinstance(found, BaseException):
                problem = found
    problem.add_note(f"{where}:\n{raised.trace}")
    return problem


__all__ = ["Outcome", "Raised", "Returned", "decode", "encode", "exception_of", "outcome_of", "raised", "result_of"]
