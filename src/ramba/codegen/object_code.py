"""Functions that Numba compiles, whose machine code is kept: in memory to travel, and in the disk cache.

Numba asks a cache before it compiles, and gives it what it compiled; ours takes what came with the function, then what
the disk has. What is kept is Numba's own: object code with its description, in a pickle. It is read only if it came
through a worker's door (`runtime.python`), or if its digest says that this user wrote it (`codegen.cache`).
"""

from __future__ import annotations

import importlib
import pickle
import time
import uuid
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from types import FunctionType, SimpleNamespace
from typing import Any, TypeAlias

from ramba import events
from ramba.codegen.native import disk_cache
from ramba.errors import CompileError
from ramba.interrupts import InterruptGuard

Numbas: TypeAlias = Any  # something of Numba's, which has no annotations
Codes = dict[str, bytes]  # object code by signature and processor


class Compiled:
    """A function and its machine code.

    Parameters
    ----------
    function
        What is compiled.
    options
        Of Numba's ``njit``.
    key
        All that the code depends on besides arguments and processor; empty: nobody knows, it is not kept on disk.
    codes
        What was compiled elsewhere.
    """

    def __init__(self, function: FunctionType, options: dict[str, Any], key: str, codes: Codes) -> None:
        if options.get("parallel"):
            raise ValueError("parallel=True is refused: calls are what runs in parallel.")
        numba = _numba()
        digest = blake2b(key.encode(), digest_size=8).hexdigest() if key else uuid.uuid4().hex[:16]
        unique = FunctionType(
            function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
        )
        # symbols are named after it: two functions of one name, of two processes, must not be taken for each other
        unique.__qualname__ = f"{function.__qualname__}_{digest}"
        # who loads the code imports the module that it names, which he may not have; nothing is looked up there
        unique.__module__, unique.__kwdefaults__ = __name__, function.__kwdefaults__
        self.codes = codes
        self.dispatcher = numba.njit(**{"nogil": True, **options})(unique)
        self.dispatcher.compile = _guarded(self.dispatcher.compile)  # which its calls ask, too
        self.dispatcher._cache = _Store(numba, codes, f"numba function {key}\n{options!r}" if key else "", unique)

    def prepare(self, args: tuple[Any, ...]) -> Any:
        """Compiles for arguments like these, or finds what was compiled; gives Numba's signature."""
        kinds = tuple(self.dispatcher.typeof_pyval(arg) for arg in args)
        found = self.dispatcher.overloads.get(kinds)
        if found is None:
            self.dispatcher.compile(kinds)
            found = self.dispatcher.overloads[kinds]
        return found.signature


def _guarded(compile_for: Callable[..., Any]) -> Callable[..., Any]:
    """Numba's way to compile, which no interrupt ends half done: it comes after it."""

    def compiling(*args: Any) -> Any:
        with InterruptGuard():
            return compile_for(*args)

    return compiling


class _Store:
    """What Numba takes for its cache."""

    cache_path = ""

    def __init__(self, numba: SimpleNamespace, codes: Codes, key: str, function: FunctionType) -> None:
        self._numba = numba
        self._codes = codes
        self._key = key
        self._function = function
        self._begun = 0.0

    def enable(self) -> None:
        """It is."""

    def disable(self) -> None:
        """Nobody asks for that."""

    def flush(self) -> None:
        """Nothing waits."""

    def load_overload(self, signature: Numbas, context: Numbas) -> Any:
        """What was compiled before, for Numba."""
        self._begun = time.perf_counter()
        context.refresh()
        name = self._name(signature, context.codegen())
        content, how = self._codes.get(name), "sent"
        if content is None and self._key and (disk := disk_cache()) is not None:
            content, how = disk.get(self._disk_key(name)), "disk"
        if content is None:
            return None
        try:
            found = self._numba.compiler.CompileResult._rebuild(context, *pickle.loads(content))
        except Exception:  # as all that the disk cache doubts: it is compiled
            self._codes.pop(name, None)
            return None
        self._codes[name] = content
        self._tell(how)
        return found

    def save_overload(self, signature: Numbas, made: Numbas) -> None:
        """Keeps what Numba compiled, unless it has addresses of this process in it."""
        self._tell("numba")
        name = self._name(signature, made.codegen)
        if made.library.has_dynamic_globals or made.lifted or " at 0x" in name:
            return
        content = self._numba.serialize.dumps(made._reduce())
        self._codes[name] = content
        if self._key and (disk := disk_cache()) is not None:
            disk.put(self._disk_key(name), content)

    def _name(self, signature: Numbas, codegen: Numbas) -> str:
        return f"{signature}\n{codegen.magic_tuple()}\n{self._numba.version} {self._numba.llvmlite_version}"

    def _disk_key(self, name: str) -> str:
        return f"{self._key}\n{name}"

    def _tell(self, how: str) -> None:
        if events.listeners:
            seconds = time.perf_counter() - self._begun
            events.tell(events.FunctionCompiled(self._function.__name__, how, seconds))


def unlike(before: Numbas, after: Numbas) -> bool:
    """Whether Numba takes two types for different ones, were it not for how an array lies in memory."""
    types = _numba().types
    before, after = types.unliteral(before), types.unliteral(after)
    if isinstance(before, types.Array) and isinstance(after, types.Array):
        return bool(before.dtype != after.dtype or before.ndim != after.ndim)
    return bool(before != after)


def compile_errors() -> tuple[type[BaseException], ...]:
    """What Numba raises for a function that it cannot compile."""
    return (_numba().errors.NumbaError, CompileError)


@cache
def _numba() -> SimpleNamespace:
    """What is used of Numba, imported when the first function is compiled."""
    numba = importlib.import_module("numba")
    names = {"compiler": "core.compiler", "errors": "core.errors", "serialize": "core.serialize", "types": "core.types"}
    parts = {name: importlib.import_module(f"numba.{module}") for name, module in names.items()}
    versions = {"version": numba.__version__, "llvmlite_version": importlib.import_module("llvmlite").__version__}
    return SimpleNamespace(njit=numba.njit, **parts, **versions)


__all__ = ["Codes", "Compiled", "compile_errors", "unlike"]
