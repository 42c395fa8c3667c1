"""Puts an object file into memory, so that machine code from the disk cache runs without loading LLVM.

LLVM's own linker takes 80 ms to import and 1.5 ms per object; this one takes 0.2 ms, because it knows only what kernels
are made of: read-only sections, relative addresses, and calls to C functions. It refuses everything else.
"""

from __future__ import annotations

import ctypes
import functools
import mmap
import platform
import struct
import sys
from typing import Any, NamedTuple

from ramba.errors import CompileError

_X86_64 = 62  # e_machine
_RELOCATIONS = 4  # sh_type SHT_RELA
_SYMBOLS = 2  # sh_type SHT_SYMTAB
_ZEROS = 8  # sh_type SHT_NOBITS
_WRITE, _ALLOCATE = 1, 2  # sh_flags
_ABSOLUTE64, _RELATIVE32, _CALL32 = 1, 2, 4  # R_X86_64_64, _PC32, _PLT32
_SLOT32 = (9, 41, 42)  # R_X86_64_GOTPCREL and its two relaxable kinds
_JUMP = b"\xff\x25\x00\x00\x00\x00"  # jmp *[the 8 bytes that follow]
_JUMP_SIZE = 16  # bytes: the jump, the address, padding

LIBRARIES = ("libmvec.so.1", "libm.so.6")


class Unsupported(Exception):
    """An object file that only LLVM's linker understands."""


class _Section(NamedTuple):
    kind: int
    flags: int
    offset: int  # in the file
    size: int
    link: int  # number of the section of strings or symbols that belongs to it
    target: int  # number of the section that relocations apply to
    alignment: int


class _Symbol(NamedTuple):
    name: str
    section: int  # 0: defined elsewhere
    value: int


class Image:
    """An object file in executable memory, which is unmapped when this object is dropped."""

    def __init__(self, content: bytes) -> None:
        if not is_supported():
            raise Unsupported(platform.machine())
        try:
            self._place(content)
        except (struct.error, IndexError, UnicodeDecodeError) as problem:
            raise CompileError(f"The object file is damaged: {problem}.") from problem

    def address(self, name: str) -> int:
        """Where the function `name` begins."""
        for symbol in self._symbols:
            if symbol.name == name and symbol.section in self._starts:
                return self._base + self._starts[symbol.section] + symbol.value
        raise CompileError(f"The object file does not define {name!r}.")

    def _place(self, content: bytes) -> None:
        sections = _sections(content)
        self._symbols = _symbols(content, sections)
        self._starts, size = _layout(sections)
        # every function that lies elsewhere gets a jump; the address in it serves where code wants the address itself
        relocations = [each for each in sections if each.kind == _RELOCATIONS and each.target in self._starts]
        self._jumps: dict[int, int] = {}  # by number of the symbol
        for section in relocations:
            for _, info, _ in struct.iter_unpack("<QQq", _bytes(content, section)):
                symbol = self._symbols[info >> 32]
                if info & 0xFFFFFFFF in _SLOT32 or not symbol.section:
                    self._jumps.setdefault(info >> 32, _aligned(size, _JUMP_SIZE) + _JUMP_SIZE * len(self._jumps))
        self.nbytes = _aligned(_aligned(size, _JUMP_SIZE) + _JUMP_SIZE * len(self._jumps) or 1, mmap.PAGESIZE)
        image = bytearray(self.nbytes)
        for number, start in self._starts.items():
            image[start : start + sections[number].size] = _bytes(content, sections[number])
        self._memory = mmap.mmap(
            -1, self.nbytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ | mmap.PROT_WRITE
        )
        self._base = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        for number, start in self._jumps.items():
            image[start : start + 14] = _JUMP + struct.pack("<Q", self._value(self._symbols[number]))
        for section in relocations:
            self._relocate(image, content, section)
        self._memory[:] = image
        # never writable and executable at once
        if _mprotect()(self._base, self.nbytes, mmap.PROT_READ | mmap.PROT_EXEC):
            raise Unsupported("the system grants no executable memory")

    def _value(self, symbol: _Symbol) -> int:
        """The address of a symbol."""
        if not symbol.section:
            return _symbol_address(symbol.name)
        if symbol.section in self._starts:
            return self._base + self._starts[symbol.section] + symbol.value
        raise Unsupported(f"symbol {symbol.name!r} in section {symbol.section}")

    def _relocate(self, image: bytearray, content: bytes, section: _Section) -> None:
        for offset, info, addend in struct.iter_unpack("<QQq", _bytes(content, section)):
            number, kind = info >> 32, info & 0xFFFFFFFF
            place = self._starts[section.target] + offset
            if kind == _ABSOLUTE64:
                struct.pack_into("<Q", image, place, (self._value(self._symbols[number]) + addend) % 2**64)
                continue
            if kind in _SLOT32:
                value = self._jumps[number] + len(_JUMP)
            elif kind in (_RELATIVE32, _CALL32):
                jump = self._jumps.get(number) if not self._symbols[number].section else None
                value = self._value(self._symbols[number]) - self._base if jump is None else jump
            else:
                raise Unsupported(f"relocation {kind}")
            struct.pack_into("<i", image, place, value + addend - place)


def is_supported() -> bool:
    """Whether objects for this machine can be linked here."""
    return sys.platform == "linux" and platform.machine() == "x86_64" and sys.maxsize > 2**32


@functools.cache
def libraries() -> tuple[ctypes.CDLL, ...]:
    """The C libraries that kernels may call, as far as they exist."""
    found = []
    for name in LIBRARIES:
        try:
            found.append(ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL))
        except OSError:
            continue
    return (*found, ctypes.CDLL(None))


@functools.cache
def _symbol_address(name: str) -> int:
    for library in libraries():
        try:
            return ctypes.cast(library[name], ctypes.c_void_p).value or 0
        except AttributeError:
            continue
    raise CompileError(f"No C library defines {name!r}.")


@functools.cache
def _mprotect() -> Any:
    function = ctypes.CDLL(None).mprotect
    function.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    return function


def _sections(content: bytes) -> list[_Section]:
    if content[:6] != b"\x7fELF\x02\x01" or struct.unpack_from("<H", content, 0x12)[0] != _X86_64:
        raise CompileError("This is not an object file for x86-64.")
    (start,) = struct.unpack_from("<Q", content, 0x28)
    size, count = struct.unpack_from("<HH", content, 0x3A)
    found = []
    for number in range(count):
        _, kind, flags, _, offset, length, link, target, alignment, _ = struct.unpack_from(
            "<IIQQQQIIQQ", content, start + number * size
        )
        found.append(_Section(kind, flags, offset, length, link, target, max(1, alignment)))
    return found


def _layout(sections: list[_Section]) -> tuple[dict[int, int], int]:
    """Where each section that is needed at run time goes, by number, and the size of all."""
    starts, size = {}, 0
    for number, section in enumerate(sections):
        if section.flags & _ALLOCATE and section.size:
            if section.flags & _WRITE or section.kind == _ZEROS:
                raise Unsupported("a section that is written")
            starts[number] = _aligned(size, section.alignment)
            size = starts[number] + section.size
    return starts, size


def _symbols(content: bytes, sections: list[_Section]) -> list[_Symbol]:
    for section in sections:
        if section.kind == _SYMBOLS:
            names = _bytes(content, sections[section.link])
            return [
                _Symbol(names[name : names.index(b"\0", name)].decode(), number, value)
                for name, _, _, number, value, _ in struct.iter_unpack("<IBBHQQ", _bytes(content, section))
            ]
    return []


def _bytes(content: bytes, section: _Section) -> bytes:
    return content[section.offset : section.offset + section.size]


def _aligned(size: int, alignment: int) -> int:
    return -(-size // alignment) * alignment
