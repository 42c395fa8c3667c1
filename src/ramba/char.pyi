"""Operations on strings: the names of `numpy.char`."""

# Written by `make stubs` with NumPy 2.4.6: not to be edited by hand.

from typing import Any, Literal, TypeAlias

import numpy
from numpy.typing import ArrayLike, DTypeLike

from ramba import ndarray

_AnyArray: TypeAlias = ndarray | numpy.ndarray[Any, Any]

from ramba import add as add

def array(
    obj: Any,
    itemsize: int | None = None,
    copy: bool = True,
    unicode: bool | None = None,
    order: Literal["K", "A", "C", "F"] | None = None,
) -> Any: ...
def asarray(
    obj: Any, itemsize: int | None = None, unicode: bool | None = None, order: Literal["K", "A", "C", "F"] | None = None
) -> Any: ...
def capitalize(a: ArrayLike) -> ndarray: ...
def center(a: ArrayLike, width: ArrayLike, fillchar: ArrayLike = " ") -> ndarray: ...

from numpy.char import chararray as chararray

def compare_chararrays(
    a1: ArrayLike, a2: ArrayLike, cmp: Literal["<", "<=", "==", ">=", ">", "!="], rstrip: bool
) -> ndarray: ...
def count(a: ArrayLike, sub: ArrayLike, start: ArrayLike = 0, end: ArrayLike | None = None) -> ndarray: ...
def decode(a: ArrayLike, encoding: str | None = None, errors: str | None = None) -> ndarray: ...
def encode(a: ArrayLike, encoding: str | None = None, errors: str | None = None) -> ndarray: ...
def endswith(a: ArrayLike, suffix: ArrayLike, start: ArrayLike = 0, end: ArrayLike | None = None) -> ndarray: ...
def equal(x1: ArrayLike, x2: ArrayLike) -> ndarray: ...
def expandtabs(a: ArrayLike, tabsize: ArrayLike = 8) -> ndarray: ...
def find(a: ArrayLike, sub: ArrayLike, start: ArrayLike = 0, end: ArrayLike | None = None) -> ndarray: ...
def greater(x1: ArrayLike, x2: ArrayLike) -> ndarray: ...
def greater_equal(x1: ArrayLike, x2: ArrayLike) -> ndarray: ...
def index(a: ArrayLike, sub: ArrayLike, start: ArrayLike = 0, end: ArrayLike | None = None) -> ndarray: ...
def isalnum(
    x: ArrayLike,
    /,
    out: _AnyArray | None = None,
    *,
    where: ArrayLike = True,
    casting: Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"] = "same_kind",
    order: Literal["K", "A", "C", "F"] | None = "K",
    dtype: DTypeLike | None = None,
    subok: bool = True,
    signature: Any = None,
) -> ndarray: ...
def isalpha(
    x: ArrayLike,
    /,
    out: _AnyArray | None = None,
    *,
    where: ArrayLike = True,
    casting: Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"] = "same_kind",
    order: Literal["K", "A", "C", "F"] | None = "K",
    dtype: DTypeLike | None = None,
    subok: bool = True,
    signature: Any = None,
) -> ndarray: ...
def isdecimal(
    x: ArrayLike,
    /,
    out: _AnyArray | None = None,
    *,
    where: ArrayLike = True,
    casting: Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"] = "same_kind",
    order: Literal["K", "A", "C", "F"] | None = "K",
    dtype: DTypeLike | None = None,
    subok: bool = True,
    signature: Any = None,
) -> ndarray: ...
def isdigit(
    x: ArrayLike,
    /,
    out: _AnyArray | None = None,
    *,
    where: ArrayLike = True,
    casting: Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"] = "same_kind",
    order: Literal["K", "A", "C", "F"] | None = "K",
    dtype: DTypeLike | None = None,
    subok: bool = True,
    signature: Any = None,
) -> ndarray: ...
def islower(
    x: ArrayLike,
    /,
    out: _AnyArray | None = None,
    *,
    where: ArrayLike = True,
    casting: Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"] = "same_kind",
    order: Literal["K", "A", "C", "F"] | None = "K",
    dtype: DTypeLike | None = None,
    subok: bool = True,
    signature: Any = None,
) -> ndarray: ...
def isnumeric(
    x: ArrayLike,
    /,
    out: _AnyArray | None = None,
    *,
    where: ArrayLike = True,
    casting: Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"] = "same_kind",
    order: Literal["K", "A", "C", "F"] | None = "K",
    dtype: DTypeLike | None = None,
    subok: bool = True,
    signature: Any = None,
) -> ndarray: ...
def isspace(
    x: ArrayLike,
    /,
    out: _AnyArray | None = None,
    *,
    where: ArrayLike = True,
    casting: Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"] = "same_kind",
    order: Literal["K", "A", "C", "F"] | None = "K",
    dtype: DTypeLike | None = None,
    subok: bool = True,
    signature: Any = None,
) -> ndarray: ...
def istitle(
    x: ArrayLike,
    /,
    out: _AnyArray | None = None,
    *,
    where: ArrayLike = True,
    casting: Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"] = "same_kind",
    order: Literal["K", "A", "C", "F"] | None = "K",
    dtype: DTypeLike | None = None,
    subok: bool = True,
    signature: Any = None,
) -> ndarray: ...
def isupper(
    x: ArrayLike,
    /,
    out: _AnyArray | None = None,
    *,
    where: ArrayLike = True,
    casting: Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"] = "same_kind",
    order: Literal["K", "A", "C", "F"] | None = "K",
    dtype: DTypeLike | None = None,
    subok: bool = True,
    signature: Any = None,
) -> ndarray: ...
def join(sep: ArrayLike, seq: Any) -> ndarray: ...
def less(x1: ArrayLike, x2: ArrayLike) -> ndarray: ...
def less_equal(x1: ArrayLike, x2: ArrayLike) -> ndarray: ...
def ljust(a: ArrayLike, width: ArrayLike, fillchar: ArrayLike = " ") -> ndarray: ...
def lower(a: ArrayLike) -> ndarray: ...
def lstrip(a: ArrayLike, chars: ArrayLike | None = None) -> ndarray: ...
def mod(a: ArrayLike, values: ArrayLike) -> ndarray: ...
def multiply(a: ArrayLike, i: ArrayLike) -> ndarray: ...
def not_equal(x1: ArrayLike, x2: ArrayLike) -> ndarray: ...
def partition(a: ArrayLike, sep: ArrayLike) -> ndarray: ...
def replace(a: ArrayLike, old: ArrayLike, new: ArrayLike, count: ArrayLike = -1) -> ndarray: ...
def rfind(a: ArrayLike, sub: ArrayLike, start: ArrayLike = 0, end: ArrayLike | None = None) -> ndarray: ...
def rindex(a: ArrayLike, sub: ArrayLike, start: ArrayLike = 0, end: ArrayLike | None = None) -> ndarray: ...
def rjust(a: ArrayLike, width: ArrayLike, fillchar: ArrayLike = " ") -> ndarray: ...
def rpartition(a: ArrayLike, sep: ArrayLike) -> ndarray: ...
def rsplit(a: ArrayLike, sep: ArrayLike | None = None, maxsplit: Any = None) -> ndarray: ...
def rstrip(a: ArrayLike, chars: ArrayLike | None = None) -> ndarray: ...
def split(a: ArrayLike, sep: ArrayLike | None = None, maxsplit: Any = None) -> ndarray: ...
def splitlines(a: ArrayLike, keepends: Any = None) -> ndarray: ...
def startswith(a: ArrayLike, prefix: ArrayLike, start: ArrayLike = 0, end: ArrayLike | None = None) -> ndarray: ...
def str_len(
    x: ArrayLike,
    /,
    out: _AnyArray | None = None,
    *,
    where: ArrayLike = True,
    casting: Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"] = "same_kind",
    order: Literal["K", "A", "C", "F"] | None = "K",
    dtype: DTypeLike | None = None,
    subok: bool = True,
    signature: Any = None,
) -> ndarray: ...
def strip(a: ArrayLike, chars: ArrayLike | None = None) -> ndarray: ...
def swapcase(a: ArrayLike) -> ndarray: ...
def title(a: ArrayLike) -> ndarray: ...
def translate(a: ArrayLike, table: str, deletechars: str | None = None) -> ndarray: ...
def upper(a: ArrayLike) -> ndarray: ...
def zfill(a: ArrayLike, width: ArrayLike) -> ndarray: ...
