"""The calls that memory is moved with. All hold the interpreter lock: no other thread of Python's gets in between."""

from __future__ import annotations

import ctypes
import functools
import mmap
import os
import queue
import sys
import threading
from typing import Any

import numpy as np

PAGE = mmap.PAGESIZE
_FIXED = 0x10  # MAP_FIXED and MREMAP_*, as Linux numbers them on all processors
_MAY_MOVE, _MOVE_TO = 1, 2
_PRESENT, _FROM_FILE, _SWAPPED = 1 << 63, 1 << 61, 1 << 62  # bits of a page in /proc/self/pagemap
_READ_WRITE = 3
_ENTRY = 8  # bytes of a page there
_PAGEOUT = 21  # of madvise, since Linux 5.4: drops pages that are unchanged, and only those


def can_move() -> bool:
    """Whether this system has all that is needed."""
    return sys.platform == "linux" and ctypes.sizeof(ctypes.c_void_p) == 8


@functools.cache
def _libc() -> Any:
    libc = ctypes.PyDLL(None, use_errno=True)  # unlike CDLL, it keeps the interpreter lock
    word, pointer, number = ctypes.c_size_t, ctypes.c_void_p, ctypes.c_int
    libc.mmap.restype = libc.mremap.restype = pointer
    libc.mmap.argtypes = [pointer, word, number, number, number, ctypes.c_int64]
    libc.mremap.argtypes = [pointer, word, word, number, pointer]
    libc.memmove.restype = pointer
    libc.memmove.argtypes = [pointer, pointer, word]
    libc.madvise.argtypes = [pointer, word, number]
    libc.pread.restype = ctypes.c_ssize_t
    libc.pread.argtypes = [number, pointer, word, ctypes.c_int64]
    return libc


def _checked(result: int | None) -> int:
    if result is None or result == ctypes.c_void_p(-1).value:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def map_file(address: int, nbytes: int, file: int) -> None:
    """Puts a file in the place of memory; what is written to it afterwards stays in memory, and in this process."""
    _checked(_libc().mmap(address, nbytes, _READ_WRITE, mmap.MAP_PRIVATE | _FIXED, file, 0))


def into_memory(address: int, nbytes: int) -> None:
    """Puts a copy of what is mapped from a file in its place."""
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    libc = _libc()
    fresh = _checked(libc.mmap(None, nbytes, _READ_WRITE, flags, -1, 0))
    libc.madvise(fresh, nbytes, mmap.MADV_HUGEPAGE)
    libc.memmove(fresh, address, nbytes)
    _checked(libc.mremap(fresh, nbytes, nbytes, _MAY_MOVE | _MOVE_TO, address))


def read_ahead(address: int, nbytes: int) -> None:
    """Has the system begin to read what will be used; a thread tells it, as that takes time of its own."""
    _wanted(os.getpid()).put((address, nbytes))


@functools.lru_cache(maxsize=1)
def _wanted(process: int) -> queue.SimpleQueue[tuple[int, int]]:
    """What that thread of this process is to ask for."""
    wanted: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()
    threading.Thread(target=_ask, args=(wanted,), name="ramba-read-ahead", daemon=True).start()
    return wanted


def _ask(wanted: queue.SimpleQueue[tuple[int, int]]) -> None:
    advise = ctypes.CDLL(None).madvise  # lets go of the interpreter lock
    advise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    while True:
        address, nbytes = wanted.get()
        advise(address, nbytes, mmap.MADV_WILLNEED)  # memory that is gone by now has nothing to read: no harm is done


def leave_to_system(address: int, nbytes: int) -> None:
    """Has the system drop unchanged pages of a file, which it reads again when somebody looks; others stay."""
    _libc().madvise(address, nbytes, _PAGEOUT)


def drop_unchanged(address: int, nbytes: int) -> bool:
    """Drops pages of a file, if none was written to since it was mapped; whether that was so."""
    if changed(address, nbytes):
        return False
    _libc().madvise(address, nbytes, mmap.MADV_DONTNEED)
    return True


def changed(address: int, nbytes: int) -> int:
    """Bytes of a mapped file that were written to; all, where the system does not tell."""
    file = _pagemap(os.getpid())
    pages = np.zeros(nbytes // PAGE, np.uint64)
    wanted = pages.nbytes
    if file < 0 or _libc().pread(file, pages.ctypes.data, wanted, address // PAGE * _ENTRY) != wanted:
        return nbytes
    own = ((pages & np.uint64(_PRESENT)) != 0) & ((pages & np.uint64(_FROM_FILE)) == 0)
    return int(np.count_nonzero(own | ((pages & np.uint64(_SWAPPED)) != 0))) * PAGE


@functools.lru_cache(maxsize=1)
def _pagemap(process: int) -> int:
    """The table of this process's pages; a child has its own."""
    try:
        return os.open("/proc/self/pagemap", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return -1


__all__ = ["PAGE", "can_move", "changed", "drop_unchanged", "into_memory", "leave_to_system", "map_file", "read_ahead"]
