"""The library of BLAS and LAPACK that NumPy calls: how many threads it gives to one call."""

from __future__ import annotations

import contextlib
import ctypes
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import numpy.linalg._umath_linalg as _umath_linalg

_NAMES = (  # what sets the number of threads, and what tells it: OpenBLAS as wheels have it, as systems do, MKL, BLIS
    *(
        (f"{prefix}openblas_set_num_threads{suffix}", f"{prefix}openblas_get_num_threads{suffix}")
        for prefix in ("scipy_", "")
        for suffix in ("64_", "")
    ),
    ("MKL_Set_Num_Threads", "MKL_Get_Max_Threads"),
    ("bli_thread_set_num_threads", "bli_thread_get_num_threads"),
)


class _Threads(NamedTuple):
    """The library's number of threads."""

    set: Callable[[int], object]
    get: Callable[[], int]


VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
"""What tells such libraries in the environment, before they are loaded."""

_lock = threading.Lock()
_before: list[int] = []  # the number of before, once for each thread of Python's that is in `one_thread_each`


@cache
def _threads() -> _Threads | None:
    """How the number of threads of NumPy's library is set; None if the library is not a known one."""
    library = ctypes.CDLL(_umath_linalg.__file__)
    for names in _NAMES:
        with contextlib.suppress(AttributeError):
            return _Threads(*(getattr(library, name) for name in names))
    return None


def threads() -> int | None:
    """How many threads one call of the library gets; None if the library is not a known one."""
    found = _threads()
    return None if found is None else found.get()


def limit(number: int) -> None:
    """No call of the library gets more threads than this, from now on: other workers use the other processors."""
    library = _threads()
    if library is not None and library.get() > number:
        library.set(number)


def can_be_limited() -> bool:
    """Whether `one_thread_each` does anything."""
    return _threads() is not None


@contextlib.contextmanager
def one_thread_each() -> Iterator[None]:
    """In which every call of the library gets one thread: the callers' threads share out the work already."""
    library = _threads()
    if library is None:
        yield
        return
    with _lock:
        _before.append(_before[-1] if _before else library.get())
        if len(_before) == 1:
            library.set(1)
    try:
        yield
    finally:
        with _lock:
            before = _before.pop()
            if not _before:
                library.set(before)


__all__ = ["VARIABLES", "can_be_limited", "limit", "one_thread_each", "threads"]
