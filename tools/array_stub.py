"""The classes `ndarray` and `ufunc` as text of a stub."""

from __future__ import annotations

import inspect
import operator
from typing import Any

import ramba
from tools import numpy_stubs
from tools.signatures import function_stub

# what NumPy's signatures do not say, or say with an overload for each dtype
BY_HAND = {
    "T": ("@property", "def T(self) -> ndarray[tuple[Any, ...], _DType]: ..."),
    "mT": ("@property", "def mT(self) -> ndarray[tuple[Any, ...], _DType]: ..."),
    "real": (
        "@property",
        "def real(self) -> ndarray: ...",
        "@real.setter",
        "def real(self, value: ArrayLike) -> None: ...",
    ),
    "imag": (
        "@property",
        "def imag(self) -> ndarray: ...",
        "@imag.setter",
        "def imag(self, value: ArrayLike) -> None: ...",
    ),
    "base": ("@property", "def base(self) -> ndarray | None: ..."),
    "ctypes": ("@property", "def ctypes(self) -> Any: ..."),
    "data": ("@property", "def data(self) -> memoryview: ..."),
    "device": ("@property", 'def device(self) -> Literal["cpu"]: ...'),
    "dtype": ("@property", "def dtype(self) -> _DType: ..."),
    "flags": ("@property", "def flags(self) -> Any: ..."),
    "flat": (
        "@property",
        "def flat(self) -> Any: ...",
        "@flat.setter",
        "def flat(self, value: ArrayLike) -> None: ...",
    ),
    "itemsize": ("@property", "def itemsize(self) -> int: ..."),
    "nbytes": ("@property", "def nbytes(self) -> int: ..."),
    "ndim": ("@property", "def ndim(self) -> int: ..."),
    "shape": (
        "@property",
        "def shape(self) -> tuple[int, ...]: ...",
        "@shape.setter",
        "def shape(self, value: SupportsIndex | Sequence[SupportsIndex]) -> None: ...",
    ),
    "size": ("@property", "def size(self) -> int: ..."),
    "strides": ("@property", "def strides(self) -> tuple[int, ...]: ..."),
    "astype": (
        'def astype(self, dtype: DTypeLike | None, order: Literal["K", "A", "C", "F"] = "K", '
        'casting: _Casting = "unsafe", subok: bool = True, copy: bool = True) -> ndarray: ...',
    ),
    "copy": ('def copy(self, order: Literal["K", "A", "C", "F"] | None = "C") -> Self: ...',),
    "fill": ("def fill(self, value: Any) -> None: ...",),
    "flatten": (
        'def flatten(self, order: Literal["K", "A", "C", "F"] = "C") -> ndarray[tuple[Any, ...], _DType]: ...',
    ),
    "ravel": ('def ravel(self, order: Literal["K", "A", "C", "F"] = "C") -> ndarray[tuple[Any, ...], _DType]: ...',),
    "asarray": ("def asarray(self) -> numpy.ndarray[Any, _DType]: ...",),
    "distribution": ("@property", "def distribution(self) -> Distribution: ..."),
    "visualize": ("def visualize(self, path: str | PathLike[str] | None = None) -> Drawing: ...",),
    "groupby": (
        "def groupby(self, dim: int, value_to_group: ArrayLike, num_groups: int | None = None) -> GroupBy: ...",
    ),
    "info": ("def info(self) -> Info: ...",),
    "item": ("def item(self, *args: SupportsIndex | tuple[SupportsIndex, ...]) -> Any: ...",),
    "reshape_copy": (
        "def reshape_copy(self, *shape: SupportsIndex | Sequence[SupportsIndex]) "
        "-> ndarray[tuple[Any, ...], _DType]: ...",
    ),
    "reshape": (
        "@overload",
        'def reshape(self, shape: SupportsIndex | Sequence[SupportsIndex], /, *, order: Literal["A", "C", "F"] = "C", '
        "copy: bool | None = None) -> ndarray[tuple[Any, ...], _DType]: ...",
        "@overload",
        'def reshape(self, *shape: SupportsIndex, order: Literal["A", "C", "F"] = "C", copy: bool | None = None) '
        "-> ndarray[tuple[Any, ...], _DType]: ...",
    ),
    "resize": (
        "def resize(self, *new_shape: SupportsIndex | Sequence[SupportsIndex], refcheck: bool = True) -> None: ...",
    ),
    "sort": (
        "def sort(self, axis: SupportsIndex = -1, kind: str | None = None, order: str | Sequence[str] | None = None, "
        "*, stable: bool | None = None) -> None: ...",
    ),
    "squeeze": (
        "def squeeze(self, axis: SupportsIndex | tuple[SupportsIndex, ...] | None = None) "
        "-> ndarray[tuple[Any, ...], _DType]: ...",
    ),
    "swapaxes": (
        "def swapaxes(self, axis1: SupportsIndex, axis2: SupportsIndex, /) -> ndarray[tuple[Any, ...], _DType]: ...",
    ),
    "to_device": ('def to_device(self, device: Literal["cpu"], /, *, stream: Any = None) -> Self: ...',),
    "to_numpy": (
        "def to_numpy(self, dtype: DTypeLike | None = None, copy: bool = False, na_value: Any = None) "
        "-> numpy.ndarray[Any, Any]: ...",
    ),
    "tolist": ("def tolist(self) -> Any: ...",),
    "transpose": (
        "def transpose(self, *axes: SupportsIndex | Sequence[SupportsIndex] | None) "
        "-> ndarray[tuple[Any, ...], _DType]: ...",
    ),
    "view": ("def view(self, dtype: Any = None, type: Any = None) -> Any: ...",),
    "dump": ("def dump(self, file: Any) -> None: ...",),
    "dumps": ("def dumps(self) -> bytes: ...",),
    "tobytes": ('def tobytes(self, order: Literal["K", "A", "C", "F"] | None = "C") -> bytes: ...',),
    "tofile": ('def tofile(self, fid: Any, sep: str = "", format: str = "%s") -> None: ...',),
    "setfield": ("def setfield(self, val: ArrayLike, dtype: DTypeLike, offset: SupportsIndex = 0) -> None: ...",),
    "getfield": ("def getfield(self, dtype: DTypeLike, offset: SupportsIndex = 0) -> ndarray: ...",),
    "setflags": (
        "def setflags(self, write: bool | None = None, align: bool | None = None, uic: bool | None = None) "
        "-> None: ...",
    ),
    "byteswap": ("def byteswap(self, inplace: bool = False) -> Self: ...",),
    "put": ('def put(self, indices: ArrayLike, values: ArrayLike, /, mode: _Mode = "raise") -> None: ...',),
    "clip": (
        "def clip(self, /, min: ArrayLike | None = None, max: ArrayLike | None = None, out: _AnyArray | None = None, "
        "**kwargs: Any) -> ndarray: ...",
    ),
    "nonzero": ("def nonzero(self) -> tuple[ndarray, ...]: ...",),
}
SPECIAL = {
    "__new__": (
        "def __new__(cls, shape: SupportsIndex | Sequence[SupportsIndex], dtype: DTypeLike = ..., buffer: Any = None, "
        "offset: SupportsIndex = 0, strides: Sequence[SupportsIndex] | None = None, "
        'order: Literal["K", "A", "C", "F"] | None = None) -> Self: ...'
    ),
    "__array__": (
        "def __array__(self, dtype: Any = None, *, copy: bool | None = None) -> numpy.ndarray[Any, _DType]: ..."
    ),
    "__array_interface__": "__array_interface__: dict[str, Any]",
    "__array_struct__": "__array_struct__: Any",
    "__array_wrap__": (
        "def __array_wrap__(self, array: _AnyArray, context: object = None, return_scalar: builtins.bool = True, /)"
        " -> Any: ..."
    ),
    "__arrow_array__": "def __arrow_array__(self, type: object = None) -> Any: ...",
    "__arrow_c_array__": "def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]: ...",
    "__array_namespace__": "def __array_namespace__(self, *, api_version: str | None = None) -> Any: ...",
    "__array_function__": (
        "def __array_function__(self, func: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any: ..."
    ),
    "__array_ufunc__": (
        "def __array_ufunc__(self, function: numpy.ufunc, method: Any, *inputs: Any, **options: Any) -> Any: ..."
    ),
    "__bool__": "def __bool__(self) -> bool: ...",
    "__complex__": "def __complex__(self) -> complex: ...",
    "__contains__": "def __contains__(self, x: object) -> bool: ...",
    "__copy__": "def __copy__(self) -> Self: ...",
    "__deepcopy__": "def __deepcopy__(self, memo: Any = None) -> Self: ...",
    "__delitem__": "def __delitem__(self, key: Any) -> None: ...",
    "__dlpack__": "def __dlpack__(self, **options: Any) -> Any: ...",
    "__dlpack_device__": "def __dlpack_device__(self) -> tuple[int, int]: ...",
    "__float__": "def __float__(self) -> float: ...",
    "__format__": "def __format__(self, spec: str) -> str: ...",
    "__getitem__": (
        "@overload\ndef __getitem__(self, key: SupportsIndex | tuple[SupportsIndex, ...]) -> Any: ...\n"
        "@overload\ndef __getitem__(self, key: _Key | tuple[_Key | SupportsIndex, ...]) "
        "-> ndarray[tuple[Any, ...], _DType]: ...\n"
        "@overload\ndef __getitem__(self, key: str | list[str]) -> ndarray: ..."
    ),
    "__hash__": "__hash__: ClassVar[None]  # type: ignore[assignment]",
    "__index__": "def __index__(self) -> int: ...",
    "__int__": "def __int__(self) -> int: ...",
    "__iter__": "def __iter__(self) -> Iterator[Any]: ...",
    "__len__": "def __len__(self) -> int: ...",
    "__reduce__": "def __reduce__(self) -> Any: ...",
    "__trunc__": "def __trunc__(self) -> int: ...",
    "__round__": "def __round__(self, ndigits: int | None = None) -> Any: ...",
    "__setitem__": (
        "def __setitem__(self, key: SupportsIndex | _Key | tuple[_Key | SupportsIndex, ...] | str | list[str], "
        "value: Any) -> None: ..."
    ),
}
_COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
_BINARY = "add sub mul truediv floordiv mod pow matmul lshift rshift and or xor".split()

UFUNC = '''
class ufunc:
    """An operation on elements, with NumPy's methods. ``numpy`` is NumPy's own."""

    __name__: str
    @property
    def numpy(self) -> numpy.ufunc: ...
    @property
    def nin(self) -> int: ...
    @property
    def nout(self) -> int: ...
    @property
    def nargs(self) -> int: ...
    @property
    def ntypes(self) -> int: ...
    @property
    def types(self) -> list[str]: ...
    @property
    def identity(self) -> Any: ...
    @property
    def signature(self) -> str | None: ...
    def __call__(self, *args: Any, **options: Any) -> Any: ...
    @overload
    def reduce(self, array: ArrayLike, axis: None, dtype: DTypeLike | None = None, out: _Out = None,
        keepdims: bool = False, initial: Any = ..., where: ArrayLike = True) -> Any: ...
    @overload
    def reduce(self, array: ArrayLike, axis: SupportsIndex | tuple[SupportsIndex, ...] | None = 0,
        dtype: DTypeLike | None = None, out: _Out = None, keepdims: bool = False, initial: Any = ...,
        where: ArrayLike = True) -> ndarray: ...
    def accumulate(self, array: ArrayLike, axis: SupportsIndex = 0, dtype: DTypeLike | None = None,
        out: _Out = None) -> ndarray: ...
    def reduceat(self, array: ArrayLike, indices: ArrayLike, axis: SupportsIndex = 0,
        dtype: DTypeLike | None = None, out: _Out = None) -> ndarray: ...
    def outer(self, a: ArrayLike, b: ArrayLike, /, **options: Any) -> ndarray: ...
    def at(self, a: _AnyArray, indices: Any, b: ArrayLike | None = None, /) -> None: ...
'''


def ufunc_class(nin: int, nout: int) -> str:
    """The class of the ufuncs with so many operands and results."""
    operands = ", ".join(f"x{place}: ArrayLike" for place in range(1, nin + 1))
    result = "ndarray" if nout == 1 else f"tuple[{', '.join(['ndarray'] * nout)}]"
    outs = "" if nout == 1 else "".join(f"out{place}: _AnyArray | None = None, " for place in range(1, nout + 1))
    first = "/, out: _Out = None, *, " if nout == 1 else f"{outs}/, *, out: _Out = None, "
    options = (
        'where: ArrayLike = True, casting: _Casting = "same_kind", order: Literal["K", "A", "C", "F"] = "K", '
        "dtype: DTypeLike | None = None, subok: bool = True, signature: Any = None"
    )
    lines = [f"class {ufunc_name(nin, nout)}(ufunc):"]
    lines.append(f"    def __call__(self, {operands}, {first}{options}) -> {result}: ...")
    return "\n".join(lines)


def ufunc_name(nin: int, nout: int) -> str:
    """The name of that class."""
    return f"_Ufunc{nin}to{nout}"


def array_class() -> str:
    """The class `ndarray`."""
    title = (ramba.ndarray.__doc__ or "").splitlines()[0]
    lines = ["class ndarray(Generic[_Shape, _DType]):", f'"""{title}"""', "", SPECIAL["__new__"], *_members()]
    return "\n    ".join(lines)


def bound_class() -> str:
    """What the package itself knows of its arrays' methods: the same, but there arrays have no parameters."""
    lines = ["class Bound:", '"""What is bound to arrays, in files of this floor and of `api`."""', "", *_members()]
    text = "\n    ".join(lines)
    for generic, plain in (
        ("numpy.ndarray[Any, _DType]", "numpy.ndarray[Any, Any]"),
        ("ndarray[tuple[Any, ...], _DType]", "ndarray"),
        ("_DType", "dtype[Any]"),
    ):
        text = text.replace(generic, plain)
    return text


def _members() -> list[str]:
    lines: list[str] = []
    for name in sorted(set(dir(ramba.ndarray)) - set(dir(object)) | {"__hash__", "__reduce__", "__format__"}):
        if name in SPECIAL:
            lines += SPECIAL[name].split("\n")
        elif not name.startswith("_"):
            lines += BY_HAND.get(name) or _method(name)
    return lines + _operators()


def _method(name: str) -> list[str]:
    found = numpy_stubs.method_of("numpy", "ndarray", name)
    ours: Any = getattr(ramba.ndarray, name)
    if "kwargs" in inspect.signature(ours).parameters:  # the function of that name says what these are
        ours = getattr(ramba, name, ours)
    return function_stub(name, ours, found, method=True)


def _operators() -> list[str]:
    lines = []
    for name in _COMPARISONS:
        ignored = "  # type: ignore[override]" if name in ("eq", "ne") else ""
        lines.append(f"def __{name}__(self, other: ArrayLike, /) -> ndarray: ...{ignored}")
    for name in _BINARY:
        assert hasattr(operator, f"__{name}__")
        lines.append(f"def __{name}__(self, other: ArrayLike, /) -> ndarray: ...")
        lines.append(f"def __r{name}__(self, other: ArrayLike, /) -> ndarray: ...")
        lines.append(f"def __i{name}__(self, other: ArrayLike, /) -> Self: ...")
    pair = "(self, other: ArrayLike, /) -> tuple[ndarray, ndarray]: ..."
    lines += [f"def __{name}__{pair}" for name in ("divmod", "rdivmod")]
    lines += [f"def __{name}__(self) -> ndarray: ..." for name in ("abs", "invert", "neg", "pos")]
    return lines
