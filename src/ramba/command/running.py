"""Running a program as Python would, with Ramba's modules in place of NumPy's.

As for Python, the program is `__main__`: what it defines pickles, and processes that multiprocessing starts find it by
its file or name. Tracebacks begin with the program's own frames.
"""

from __future__ import annotations

import builtins
import importlib.util
import os
import sys
import types
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, NamedTuple

from ramba.command import importing

_OURS = str(Path(__file__).parent)


class CannotRunError(Exception):
    """There is no such program: a sentence and a status as Python's own."""

    def __init__(self, said: str, status: int = 1) -> None:
        super().__init__(said)
        self.status = status


class Program(NamedTuple):
    """What is run: a file, or with ``-m`` a module."""

    name: str
    arguments: tuple[str, ...] = ()
    is_module: bool = False
    include: tuple[str, ...] = ()  # packages that are rewritten although they are installed


def run(program: Program) -> None:
    """Runs a program as ``__main__``; it may end by any exception, ``SystemExit`` among them."""
    importing.install(program.include)
    spec: ModuleSpec | None = None
    if program.is_module:
        sys.argv = ["-m", *program.arguments]
        path, spec = _module(program.name)
        sys.argv = [path, *program.arguments]
    else:
        sys.argv = [program.name, *program.arguments]
        path = _script(program.name)
        if os.path.isdir(program.name):
            sys.path[0] = os.path.dirname(path)
            spec = importlib.util.spec_from_file_location("__main__", path)
        elif not sys.flags.safe_path:
            sys.path[0] = os.path.dirname(os.path.realpath(path))
    with open(path, "rb") as file:
        source = file.read()
    try:
        exec(importing.compiled(source, path), _main(path, spec).__dict__)
    except BaseException:
        hook = sys.excepthook
        sys.excepthook = lambda kind, value, trace: hook(kind, value, _clean(value))
        raise


def _main(path: str, spec: ModuleSpec | None) -> types.ModuleType:
    """The module `__main__`, as Python makes it for a file, or for what was found by its name."""
    main = types.ModuleType("__main__")
    loader = importing.Loader("__main__" if spec is None else spec.name, path)
    facts: dict[str, Any] = {"__file__": path, "__loader__": loader, "__spec__": spec, "__builtins__": builtins}
    main.__dict__.update(facts, __cached__=None, __package__=None if spec is None else spec.parent)
    if spec is None:
        vars(main).update(__annotations__={})
    else:
        spec.loader = loader
    _kept.append(sys.modules["__main__"])  # its globals would be emptied when it is gone, and `python -m` needs them
    sys.modules["__main__"] = main
    return main


_kept: list[types.ModuleType] = []


def _script(name: str) -> str:
    path = os.path.abspath(os.path.join(name, "__main__.py") if os.path.isdir(name) else name)
    try:
        with open(path, "rb"):
            return path
    except OSError as problem:
        said = f"[Errno {problem.errno}] {problem.strerror}"
        raise CannotRunError(f"can't open file {path!r}: {said}", status=2) from None


def _module(name: str) -> tuple[str, ModuleSpec]:
    """The file and the spec of a module, or of the `__main__` of a package."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, AttributeError, TypeError, ValueError) as problem:
        kind = type(problem).__name__
        raise CannotRunError(f"Error while finding module specification for {name!r} ({kind}: {problem})") from None
    if spec is None:
        raise CannotRunError(f"No module named {name}")
    if spec.submodule_search_locations is not None:
        if name.endswith(".__main__"):
            raise CannotRunError(f"Cannot use package as __main__ module; {name!r} is a package")
        return _module(f"{name}.__main__")
    if spec.origin is None or not spec.origin.endswith(".py"):
        raise CannotRunError(f"No code object available for {name}")
    return spec.origin, spec


def _clean(problem: BaseException) -> types.TracebackType | None:
    """Takes the frames of whoever runs the program out of an exception's traceback, and of those that led to it."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [problem]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        one.__traceback__ = _without_ours(one.__traceback__)
        waiting += [one.__cause__, one.__context__]
    return problem.__traceback__


def _without_ours(trace: types.TracebackType | None) -> types.TracebackType | None:
    """A traceback without our frames, those that led to the program, and those of imports that our hook ends."""
    links: list[types.TracebackType] = []
    reached = False
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith(_OURS):
            while links and (not reached or links[-1].tb_frame.f_code.co_filename.startswith("<frozen importlib")):
                links.pop()
            reached = True
        else:
            links.append(trace)
        trace = trace.tb_next
    kept: types.TracebackType | None = None
    for link in reversed(links):
        kept = types.TracebackType(kept, link.tb_frame, link.tb_lasti, link.tb_lineno)
    return kept


__all__ = ["CannotRunError", "Program", "run"]
