"""Input and output: text. Tables of numbers are read and written by all threads or workers, other text by NumPy."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from ramba import config, files
from ramba.datasets import by_one, reading
from ramba.files import rows
from ramba.files.digits import code
from ramba.files.formats import text
from ramba.lazyarray import Array, asarray, call, call_library, implements, is_compiled, look
from ramba.runtime.team import current

_COMPRESSED = (".gz", ".bz2", ".xz", ".lzma")  # endings by which NumPy compresses


@implements(np.array_repr)
def array_repr(
    arr: ArrayLike, max_line_width: int | None = None, precision: int | None = None, suppress_small: bool | None = None
) -> str:
    """The text that `repr` shows."""
    return look(np.array_repr, arr, max_line_width, precision, suppress_small)


@implements(np.array_str)
def array_str(
    a: ArrayLike, max_line_width: int | None = None, precision: int | None = None, suppress_small: bool | None = None
) -> str:
    """The text that `print` shows."""
    return look(np.array_str, a, max_line_width, precision, suppress_small)


@implements(np.array2string)
def array2string(a: ArrayLike, *args: object, **kwargs: object) -> str:
    """The elements as text."""
    return look(np.array2string, a, *args, **kwargs)


@implements(np.loadtxt, always=True)
def loadtxt(
    fname: object,
    dtype: DTypeLike | None = float,
    comments: object = "#",
    delimiter: object = None,
    converters: object = None,
    skiprows: object = 0,
    usecols: object = None,
    unpack: bool = False,
    ndmin: int = 0,
    encoding: str | None = None,
    max_rows: object = None,
    *,
    quotechar: str | None = None,
    like: Any = None,
) -> Any:
    """An array of the numbers in a text file: large tables are read by all threads or workers, each its own lines."""
    if converters is None and quotechar is None and like is None and ndmin in (0, 1, 2) and _is_large(fname):
        found = _table(
            fname,
            dtype=float if dtype is None else dtype,
            comments=comments,
            delimiter=delimiter,
            skiprows=skiprows,
            usecols=usecols,
            max_rows=max_rows,
            encoding=encoding,
            rows_only=True,
        )
        if found is not None:
            return _shaped(found, ndmin, unpack)
    options: dict[str, Any] = {"max_rows": max_rows, "quotechar": quotechar}
    options |= {} if like is None else {"like": like}
    return call_library(
        np.loadtxt, fname, dtype, comments, delimiter, converters, skiprows, usecols, unpack, ndmin, encoding, **options
    )


_PLAIN = {"dtype", "comments", "delimiter", "skip_header", "usecols", "unpack", "max_rows", "encoding", "ndmin"}
_OF_TABLES = ("comments", "delimiter", "usecols", "max_rows", "encoding")


@implements(np.genfromtxt, always=True)
def genfromtxt(fname: Any, dtype: Any = float, *args: Any, **options: Any) -> Any:
    """An array of what is in a text file: large tables without a gap are read by all threads or workers."""
    given = dict(zip(("comments", "delimiter", "skip_header"), args, strict=False)) | options
    plain = len(args) < 4 and given.keys() <= _PLAIN and dtype in (float, np.float64, "f8", "float64")
    if plain and given.get("ndmin", 0) in (0, 1, 2) and given.get("max_rows") != 0 and _is_large(fname):
        own = {name: given[name] for name in _OF_TABLES if name in given}
        found = _table(fname, skiprows=given.get("skip_header", 0), **own)
        if found is not None:
            return _shaped(found, given.get("ndmin", 0), bool(given.get("unpack")))
    return call_library(np.genfromtxt, fname, dtype, *args, **options)


def _is_large(file: object) -> bool:
    """Whether it is a text file of which so much is there that it is worth the threads."""
    if not isinstance(file, str | os.PathLike) or os.fspath(file).endswith(_COMPRESSED):
        return False
    try:
        return os.stat(file).st_size > 2 * config.current().eager_size and os.path.isfile(file)
    except (OSError, ValueError):
        return False


def _table(file: Any, **options: Any) -> Any:
    """The numbers in a file as they lie there, in two dimensions; None if NumPy had better read it."""
    skip, most, dtype = options["skiprows"], options.get("max_rows"), options.get("dtype", float)
    columns = options.get("usecols")
    if columns is not None and not isinstance(columns, int):
        columns = list(columns) if isinstance(columns, list | tuple | np.ndarray) else [None]
        options["usecols"] = columns
    counts = [skip, *([] if most is None else [most]), *(columns if isinstance(columns, list) else [])]
    if any(type(count) is not int for count in counts) or (most is not None and most < 1):
        return None
    if options.get("encoding") == "bytes":
        options["encoding"] = None
    for name in ("comments", "delimiter"):
        given = options.get(name)
        if isinstance(given, list | tuple) and len(given) == 1:
            given = given[0]
        options[name] = given.decode("latin1") if isinstance(given, bytes) else given
        if not isinstance(options[name], str | None):
            return None
    try:
        source = text.described(files.where(file), current(), **options)
        return reading(source, files.everything(source.shape), np.dtype(dtype), now=True)
    except (ValueError, OSError, TypeError, LookupError):
        return None  # NumPy reads it, or says in its words what is wrong


def _shaped(found: Any, ndmin: int, unpack: bool) -> Any:
    """A table with as many dimensions as NumPy gives it."""
    found = found.squeeze() if found.ndim > ndmin else found
    if found.ndim < ndmin:
        found = found.reshape(1) if ndmin == 1 else found.reshape(-1, 1)
    return found.T if unpack else found


@implements(np.savetxt, always=True)
def savetxt(
    fname: object,
    X: ArrayLike,
    fmt: Any = "%.18e",
    delimiter: str = " ",
    newline: str = "\n",
    header: str = "",
    footer: str = "",
    comments: str = "# ",
    encoding: str | None = None,
) -> None:
    """Writes an array to a text file, on all threads or workers if it is large.

    The file appears as a whole if it is one of its own and not compressed.
    """
    given = fmt, delimiter, newline, header, footer, comments, encoding
    if not isinstance(fname, str | os.PathLike) or os.fspath(fname).endswith(_COMPRESSED):
        look(np.savetxt, fname, X, *given)
        return
    path = files.where(fname)
    if files.is_remote(path) or not files.replaceable(path):
        look(np.savetxt, fname, X, *given)
        return
    x: Any = asarray(X) if isinstance(X, Array | np.ndarray) else X
    how = _shown(x, *given)
    if how is None:
        with files.replacing(path) as draft:
            look(np.savetxt, draft, x, *given)
        return
    by_one(x, lambda x: _write(path, x, how, *given))


def _shown(x: Any, fmt: Any, delimiter: str, newline: str, *texts: str | None) -> rows.Shown | None:
    """How the rows of a large array are shown without Python; None if only Python can do that."""
    if not isinstance(x, Array) or x.size <= config.current().eager_size // 16 or x.ndim not in (1, 2):
        return None
    if code() is None or not is_compiled(x.dtype) or not all(isinstance(t, str) for t in (delimiter, newline)):
        return None
    columns = 1 if x.ndim == 1 else x.shape[1]
    if isinstance(fmt, list | tuple):
        formats = delimiter.join(fmt) if len(fmt) == columns and all(isinstance(f, str) for f in fmt) else None
    elif isinstance(fmt, str):
        formats = delimiter.join([fmt] * columns) if fmt.count("%") == 1 else fmt
    else:
        formats = None
    *words, encoding = texts
    if formats is None or not text.is_plain(encoding) or not all(isinstance(w, str) and w.isascii() for w in words):
        return None
    return rows.shown(formats, columns, newline, x.dtype)


def _write(path: str, x: Any, how: rows.Shown, *given: Any) -> None:
    """Writes a table beside its place, and renames it; NumPy does if there are numbers that only Python shows."""
    _, _, newline, header, footer, comments, _ = given
    head, foot = (
        (comments + t.replace("\n", "\n" + comments) + newline).encode() if t else b"" for t in (header, footer)
    )
    with files.replacing(path) as draft:
        with open(draft, "wb") as stream:
            stream.write(head)
        try:
            call("write_text", [x if x.ndim == 2 else x[:, None]], draft, len(head), tuple(how), now=True)
        except ValueError:
            look(np.savetxt, draft, x, *given)
            return
        with open(draft, "ab") as stream:
            stream.write(foot)


def _noted(words: str, comments: str, newline: str) -> bytes:
    """Text before or behind the rows."""
    return (comments + words.replace("\n", "\n" + comments) + newline).encode() if words else b""
