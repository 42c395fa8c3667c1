"""NumPy, parallel and lazy: ``import ramba as np``."""

# Written by `make stubs` with NumPy 2.4.6: not to be edited by hand.

import builtins
from collections.abc import Callable, Iterable, Iterator, Sequence
from os import PathLike
from types import EllipsisType
from typing import Any, ClassVar, Generic, Literal, Self, SupportsIndex, TypeAlias, overload

import numpy
from numpy import False_ as False_
from numpy import ScalarType as ScalarType
from numpy import True_ as True_
from numpy import __array_namespace_info__ as __array_namespace_info__
from numpy import bool as bool
from numpy import bool_ as bool_
from numpy import broadcast as broadcast
from numpy import busdaycalendar as busdaycalendar
from numpy import byte as byte
from numpy import bytes_ as bytes_
from numpy import cdouble as cdouble
from numpy import character as character
from numpy import clongdouble as clongdouble
from numpy import complex64 as complex64
from numpy import complex128 as complex128
from numpy import complex256 as complex256
from numpy import complexfloating as complexfloating
from numpy import core as core
from numpy import csingle as csingle
from numpy import datetime64 as datetime64
from numpy import double as double
from numpy import dtype
from numpy import dtype as dtype
from numpy import e as e
from numpy import errstate as errstate
from numpy import euler_gamma as euler_gamma
from numpy import f2py as f2py
from numpy import finfo as finfo
from numpy import flatiter as flatiter
from numpy import flexible as flexible
from numpy import float16 as float16
from numpy import float32 as float32
from numpy import float64 as float64
from numpy import float128 as float128
from numpy import floating as floating
from numpy import generic as generic
from numpy import half as half
from numpy import iinfo as iinfo
from numpy import index_exp as index_exp
from numpy import inexact as inexact
from numpy import inf as inf
from numpy import int8 as int8
from numpy import int16 as int16
from numpy import int32 as int32
from numpy import int64 as int64
from numpy import int_ as int_
from numpy import intc as intc
from numpy import integer as integer
from numpy import intp as intp
from numpy import little_endian as little_endian
from numpy import long as long
from numpy import longdouble as longdouble
from numpy import longlong as longlong
from numpy import matrix as matrix
from numpy import memmap as memmap
from numpy import nan as nan
from numpy import ndenumerate as ndenumerate
from numpy import ndindex as ndindex
from numpy import nditer as nditer
from numpy import newaxis as newaxis
from numpy import number as number
from numpy import object_ as object_
from numpy import pi as pi
from numpy import poly1d as poly1d
from numpy import recarray as recarray
from numpy import record as record
from numpy import s_ as s_
from numpy import sctypeDict as sctypeDict
from numpy import short as short
from numpy import signedinteger as signedinteger
from numpy import single as single
from numpy import str_ as str_
from numpy import timedelta64 as timedelta64
from numpy import typecodes as typecodes
from numpy import ubyte as ubyte
from numpy import uint as uint
from numpy import uint8 as uint8
from numpy import uint16 as uint16
from numpy import uint32 as uint32
from numpy import uint64 as uint64
from numpy import uintc as uintc
from numpy import uintp as uintp
from numpy import ulong as ulong
from numpy import ulonglong as ulonglong
from numpy import unsignedinteger as unsignedinteger
from numpy import ushort as ushort
from numpy import vectorize as vectorize
from numpy import void as void
from numpy.typing import ArrayLike, DTypeLike
from typing_extensions import TypeVar

from ramba import char as char
from ramba import config as config
from ramba import ctypeslib as ctypeslib
from ramba import dtypes as dtypes
from ramba import emath as emath
from ramba import errors as errors
from ramba import events as events
from ramba import exceptions as exceptions
from ramba import fft as fft
from ramba import lib as lib
from ramba import linalg as linalg
from ramba import ma as ma
from ramba import polynomial as polynomial
from ramba import random as random
from ramba import rec as rec
from ramba import shardview as shardview
from ramba import strings as strings
from ramba import testing as testing
from ramba import typing as typing
from ramba.api.io.files import from_hdf5 as from_hdf5
from ramba.api.io.files import from_zarr as from_zarr
from ramba.api.io.files import to_hdf5 as to_hdf5
from ramba.api.io.files import to_zarr as to_zarr
from ramba.datasets.dataset import Dataset as Dataset
from ramba.errors import ArrayLostError as ArrayLostError
from ramba.errors import CacheWarning as CacheWarning
from ramba.errors import ConfigError as ConfigError
from ramba.errors import FallbackWarning as FallbackWarning
from ramba.errors import FileChangedError as FileChangedError
from ramba.errors import MemoryError as MemoryError
from ramba.errors import PerformanceWarning as PerformanceWarning
from ramba.errors import ProtocolError as ProtocolError
from ramba.errors import RambaError as RambaError
from ramba.errors import RambaWarning as RambaWarning
from ramba.errors import SecurityWarning as SecurityWarning
from ramba.errors import SpillWarning as SpillWarning
from ramba.errors import VersionMismatchError as VersionMismatchError
from ramba.errors import VersionMismatchWarning as VersionMismatchWarning
from ramba.errors import WorkerLostError as WorkerLostError
from ramba.errors import WorkerReplacedWarning as WorkerReplacedWarning
from ramba.functions.blocks import map_blocks as map_blocks
from ramba.functions.filling import Filler as Filler
from ramba.functions.filling import init_array as init_array
from ramba.functions.local_array import LocalArray as LocalArray
from ramba.functions.mapping import smap as smap
from ramba.functions.mapping import smap_index as smap_index
from ramba.functions.mapping import sreduce as sreduce
from ramba.functions.mapping import sreduce_index as sreduce_index
from ramba.functions.reducing import SreduceReducer as SreduceReducer
from ramba.functions.scanning import scumulative as scumulative
from ramba.functions.spmd import barrier as barrier
from ramba.functions.spmd import rank as rank
from ramba.functions.spmd import spmd as spmd
from ramba.functions.stencils import sstencil as sstencil
from ramba.functions.stencils import stencil as stencil
from ramba.grouping.groupby import GroupBy as GroupBy
from ramba.grouping.groupby import groupby as groupby
from ramba.lazyarray.info import Info
from ramba.lazyarray.placing import Distribution
from ramba.lazyarray.placing import redistribute as redistribute
from ramba.pictures.plans import Drawing
from ramba.remote.decorators import remote as remote
from ramba.remote.jit import jit as jit
from ramba.remote.lookups import get as get
from ramba.remote.lookups import map as map
from ramba.remote.lookups import wait as wait
from ramba.session.control import dashboard as dashboard
from ramba.session.control import doctor as doctor
from ramba.session.control import explain as explain
from ramba.session.control import kernels_run as kernels_run
from ramba.session.control import profile as profile
from ramba.session.control import sync as sync
from ramba.session.lifetime import init as init
from ramba.session.lifetime import shutdown as shutdown
from ramba.session.placement import create_array_with_divisions as create_array_with_divisions
from ramba.session.placement import fromarray as fromarray
from ramba.session.placement import layout as layout
from ramba.session.placement import reshape_copy as reshape_copy
from ramba.session.surroundings import in_driver as in_driver
from ramba.session.timing import add_sub_time as add_sub_time
from ramba.session.timing import add_time as add_time
from ramba.session.timing import get_timing as get_timing
from ramba.session.timing import get_timing_str as get_timing_str
from ramba.session.timing import print_comm_stats as print_comm_stats
from ramba.session.timing import reset_timing as reset_timing
from ramba.session.timing import statistics as statistics
from ramba.session.timing import timing_summary as timing_summary

_Shape = TypeVar("_Shape", bound=tuple[Any, ...], default=tuple[Any, ...], covariant=True)
_DType = TypeVar("_DType", bound=dtype[Any], default=dtype[Any], covariant=True)
_Casting: TypeAlias = Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"]
_Mode: TypeAlias = Literal["raise", "wrap", "clip"]
_AnyArray: TypeAlias = ndarray | numpy.ndarray[Any, Any]
_Out: TypeAlias = _AnyArray | tuple[_AnyArray | None, ...] | None
_Key: TypeAlias = slice | EllipsisType | _AnyArray | Sequence[Any] | None

class ndarray(Generic[_Shape, _DType]):
    """A NumPy array that computes in parallel, and only what is asked for."""

    def __new__(
        cls,
        shape: SupportsIndex | Sequence[SupportsIndex],
        dtype: DTypeLike = ...,
        buffer: Any = None,
        offset: SupportsIndex = 0,
        strides: Sequence[SupportsIndex] | None = None,
        order: Literal["K", "A", "C", "F"] | None = None,
    ) -> Self: ...
    @property
    def T(self) -> ndarray[tuple[Any, ...], _DType]: ...
    def __array__(self, dtype: Any = None, *, copy: builtins.bool | None = None) -> numpy.ndarray[Any, _DType]: ...
    def __array_function__(self, func: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any: ...
    __array_interface__: dict[str, Any]
    def __array_namespace__(self, *, api_version: str | None = None) -> Any: ...
    __array_struct__: Any
    def __array_ufunc__(self, function: numpy.ufunc, method: Any, *inputs: Any, **options: Any) -> Any: ...
    def __array_wrap__(
        self, array: _AnyArray, context: object = None, return_scalar: builtins.bool = True, /
    ) -> Any: ...
    def __arrow_array__(self, type: object = None) -> Any: ...
    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]: ...
    def __bool__(self) -> builtins.bool: ...
    def __complex__(self) -> complex: ...
    def __contains__(self, x: object) -> builtins.bool: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: Any = None) -> Self: ...
    def __delitem__(self, key: Any) -> None: ...
    def __dlpack__(self, **options: Any) -> Any: ...
    def __dlpack_device__(self) -> tuple[int, int]: ...
    def __float__(self) -> float: ...
    def __format__(self, spec: str) -> str: ...
    @overload
    def __getitem__(self, key: SupportsIndex | tuple[SupportsIndex, ...]) -> Any: ...
    @overload
    def __getitem__(self, key: _Key | tuple[_Key | SupportsIndex, ...]) -> ndarray[tuple[Any, ...], _DType]: ...
    @overload
    def __getitem__(self, key: str | list[str]) -> ndarray: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __index__(self) -> int: ...
    def __int__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __len__(self) -> int: ...
    def __reduce__(self) -> Any: ...
    def __round__(self, ndigits: int | None = None) -> Any: ...
    def __setitem__(
        self, key: SupportsIndex | _Key | tuple[_Key | SupportsIndex, ...] | str | list[str], value: Any
    ) -> None: ...
    def __trunc__(self) -> int: ...
    @overload
    def all(
        self,
        axis: None = None,
        out: _AnyArray | None = None,
        keepdims: SupportsIndex = False,
        *,
        where: ArrayLike = True,
    ) -> Any: ...
    @overload
    def all(
        self,
        axis: int | tuple[int, ...] | None = None,
        out: _AnyArray | None = None,
        keepdims: SupportsIndex = False,
        *,
        where: ArrayLike = True,
    ) -> ndarray: ...
    @overload
    def any(
        self,
        axis: None = None,
        out: _AnyArray | None = None,
        keepdims: SupportsIndex = False,
        *,
        where: ArrayLike = True,
    ) -> Any: ...
    @overload
    def any(
        self,
        axis: int | tuple[int, ...] | None = None,
        out: _AnyArray | None = None,
        keepdims: SupportsIndex = False,
        *,
        where: ArrayLike = True,
    ) -> ndarray: ...
    @overload
    def argmax(self, axis: None = None, out: _AnyArray | None = None, *, keepdims: builtins.bool = False) -> Any: ...
    @overload
    def argmax(
        self, axis: SupportsIndex | None = None, out: _AnyArray | None = None, *, keepdims: builtins.bool = False
    ) -> ndarray: ...
    @overload
    def argmin(self, axis: None = None, out: _AnyArray | None = None, *, keepdims: builtins.bool = False) -> Any: ...
    @overload
    def argmin(
        self, axis: SupportsIndex | None = None, out: _AnyArray | None = None, *, keepdims: builtins.bool = False
    ) -> ndarray: ...
    def argpartition(
        self,
        kth: ArrayLike,
        /,
        axis: SupportsIndex | None = -1,
        kind: Literal["introselect"] = "introselect",
        order: str | Sequence[str] | None = None,
    ) -> ndarray: ...
    def argsort(
        self,
        axis: SupportsIndex | None = -1,
        kind: Literal[
            "Q", "quick", "quicksort", "M", "merge", "mergesort", "H", "heap", "heapsort", "S", "stable", "stablesort"
        ]
        | None = None,
        order: str | Sequence[str] | None = None,
        *,
        stable: builtins.bool | None = None,
    ) -> ndarray: ...
    def asarray(self) -> numpy.ndarray[Any, _DType]: ...
    def astype(
        self,
        dtype: DTypeLike | None,
        order: Literal["K", "A", "C", "F"] = "K",
        casting: _Casting = "unsafe",
        subok: builtins.bool = True,
        copy: builtins.bool = True,
    ) -> ndarray: ...
    @property
    def base(self) -> ndarray | None: ...
    def byteswap(self, inplace: builtins.bool = False) -> Self: ...
    def choose(
        self, choices: ArrayLike, out: _AnyArray | None = None, mode: Literal["raise", "wrap", "clip"] = "raise"
    ) -> ndarray: ...
    def clip(
        self, /, min: ArrayLike | None = None, max: ArrayLike | None = None, out: _AnyArray | None = None, **kwargs: Any
    ) -> ndarray: ...
    def compress(
        self, condition: ArrayLike, axis: SupportsIndex | None = None, out: _AnyArray | None = None
    ) -> ndarray: ...
    def conj(self) -> Any: ...
    def conjugate(self) -> Any: ...
    def copy(self, order: Literal["K", "A", "C", "F"] | None = "C") -> Self: ...
    @property
    def ctypes(self) -> Any: ...
    def cumprod(
        self, axis: SupportsIndex | None = None, dtype: DTypeLike | None = None, out: _AnyArray | None = None
    ) -> ndarray: ...
    def cumsum(
        self, axis: SupportsIndex | None = None, dtype: DTypeLike | None = None, out: _AnyArray | None = None
    ) -> ndarray: ...
    @property
    def data(self) -> memoryview: ...
    @property
    def device(self) -> Literal["cpu"]: ...
    def diagonal(self, offset: SupportsIndex = 0, axis1: SupportsIndex = 0, axis2: SupportsIndex = 1) -> ndarray: ...
    @property
    def distribution(self) -> Distribution: ...
    def dot(self, other: Any, /, out: _AnyArray | None = None) -> Any: ...
    @property
    def dtype(self) -> _DType: ...
    def dump(self, file: Any) -> None: ...
    def dumps(self) -> bytes: ...
    def fill(self, value: Any) -> None: ...
    @property
    def flags(self) -> Any: ...
    @property
    def flat(self) -> Any: ...
    @flat.setter
    def flat(self, value: ArrayLike) -> None: ...
    def flatten(self, order: Literal["K", "A", "C", "F"] = "C") -> ndarray[tuple[Any, ...], _DType]: ...
    def getfield(self, dtype: DTypeLike, offset: SupportsIndex = 0) -> ndarray: ...
    def groupby(self, dim: int, value_to_group: ArrayLike, num_groups: int | None = None) -> GroupBy: ...
    @property
    def imag(self) -> ndarray: ...
    @imag.setter
    def imag(self, value: ArrayLike) -> None: ...
    def info(self) -> Info: ...
    def item(self, *args: SupportsIndex | tuple[SupportsIndex, ...]) -> Any: ...
    @property
    def itemsize(self) -> int: ...
    @property
    def mT(self) -> ndarray[tuple[Any, ...], _DType]: ...
    @overload
    def max(
        self,
        axis: None = None,
        out: _AnyArray | None = None,
        keepdims: builtins.bool = ...,
        initial: ArrayLike = ...,
        where: ArrayLike = ...,
        *,
        asarray: builtins.bool = ...,
    ) -> Any: ...
    @overload
    def max(
        self,
        axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
        out: _AnyArray | None = None,
        keepdims: builtins.bool = ...,
        initial: ArrayLike = ...,
        where: ArrayLike = ...,
        *,
        asarray: builtins.bool = ...,
    ) -> ndarray: ...
    @overload
    def mean(
        self,
        axis: None = None,
        dtype: DTypeLike | None = None,
        out: _AnyArray | None = None,
        keepdims: builtins.bool = ...,
        *,
        where: ArrayLike = ...,
        asarray: builtins.bool = ...,
    ) -> Any: ...
    @overload
    def mean(
        self,
        axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
        dtype: DTypeLike | None = None,
        out: _AnyArray | None = None,
        keepdims: builtins.bool = ...,
        *,
        where: ArrayLike = ...,
        asarray: builtins.bool = ...,
    ) -> ndarray: ...
    @overload
    def min(
        self,
        axis: None = None,
        out: _AnyArray | None = None,
        keepdims: builtins.bool = ...,
        initial: ArrayLike = ...,
        where: ArrayLike = ...,
        *,
        asarray: builtins.bool = ...,
    ) -> Any: ...
    @overload
    def min(
        self,
        axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
        out: _AnyArray | None = None,
        keepdims: builtins.bool = ...,
        initial: ArrayLike = ...,
        where: ArrayLike = ...,
        *,
        asarray: builtins.bool = ...,
    ) -> ndarray: ...
    @property
    def nbytes(self) -> int: ...
    @property
    def ndim(self) -> int: ...
    def nonzero(self) -> tuple[ndarray, ...]: ...
    def partition(
        self,
        kth: ArrayLike,
        /,
        axis: SupportsIndex = -1,
        kind: Literal["introselect"] = "introselect",
        order: str | Sequence[str] | None = None,
    ) -> None: ...
    @overload
    def prod(
        self,
        axis: None = None,
        dtype: DTypeLike | None = None,
        out: _AnyArray | None = None,
        keepdims: builtins.bool = ...,
        initial: ArrayLike = ...,
        where: ArrayLike = ...,
        *,
        asarray: builtins.bool = ...,
    ) -> Any: ...
    @overload
    def prod(
        self,
        axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
        dtype: DTypeLike | None = None,
        out: _AnyArray | None = None,
        keepdims: builtins.bool = ...,
        initial: ArrayLike = ...,
        where: ArrayLike = ...,
        *,
        asarray: builtins.bool = ...,
    ) -> ndarray: ...
    def put(self, indices: ArrayLike, values: ArrayLike, /, mode: _Mode = "raise") -> None: ...
    def ravel(self, order: Literal["K", "A", "C", "F"] = "C") -> ndarray[tuple[Any, ...], _DType]: ...
    @property
    def real(self) -> ndarray: ...
    @real.setter
    def real(self, value: ArrayLike) -> None: ...
    def repeat(self, repeats: ArrayLike, /, axis: SupportsIndex | None = None) -> ndarray: ...
    @overload
    def reshape(
        self,
        shape: SupportsIndex | Sequence[SupportsIndex],
        /,
        *,
        order: Literal["A", "C", "F"] = "C",
        copy: builtins.bool | None = None,
    ) -> ndarray[tuple[Any, ...], _DType]: ...
    @overload
    def reshape(
        self, *shape: SupportsIndex, order: Literal["A", "C", "F"] = "C", copy: builtins.bool | None = None
    ) -> ndarray[tuple[Any, ...], _DType]: ...
    def reshape_copy(self, *shape: SupportsIndex | Sequence[SupportsIndex]) -> ndarray[tuple[Any, ...], _DType]: ...
    def resize(self, *new_shape: SupportsIndex | Sequence[SupportsIndex], refcheck: builtins.bool = True) -> None: ...
    def round(self, decimals: SupportsIndex = 0, out: _AnyArray | None = None) -> ndarray: ...
    def searchsorted(
        self, v: ArrayLike, /, side: Literal["left", "right"] = "left", sorter: ArrayLike | None = None
    ) -> ndarray: ...
    def setfield(self, val: ArrayLike, dtype: DTypeLike, offset: SupportsIndex = 0) -> None: ...
    def setflags(
        self, write: builtins.bool | None = None, align: builtins.bool | None = None, uic: builtins.bool | None = None
    ) -> None: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @shape.setter
    def shape(self, value: SupportsIndex | Sequence[SupportsIndex]) -> None: ...
    @property
    def size(self) -> int: ...
    def sort(
        self,
        axis: SupportsIndex = -1,
        kind: str | None = None,
        order: str | Sequence[str] | None = None,
        *,
        stable: builtins.bool | None = None,
    ) -> None: ...
    def squeeze(
        self, axis: SupportsIndex | tuple[SupportsIndex, ...] | None = None
    ) -> ndarray[tuple[Any, ...], _DType]: ...
    @overload
    def std(
        self,
        axis: None = None,
        dtype: DTypeLike | None = None,
        out: _AnyArray | None = None,
        ddof: float = 0,
        keepdims: builtins.bool = ...,
        *,
        where: ArrayLike = ...,
        mean: ArrayLike = ...,
        correction: float = ...,
        asarray: builtins.bool = ...,
    ) -> Any: ...
    @overload
    def std(
        self,
        axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
        dtype: DTypeLike | None = None,
        out: _AnyArray | None = None,
        ddof: float = 0,
        keepdims: builtins.bool = ...,
        *,
        where: ArrayLike = ...,
        mean: ArrayLike = ...,
        correction: float = ...,
        asarray: builtins.bool = ...,
    ) -> ndarray: ...
    @property
    def strides(self) -> tuple[int, ...]: ...
    @overload
    def sum(
        self,
        axis: None = None,
        dtype: DTypeLike | None = None,
        out: _AnyArray | None = None,
        keepdims: builtins.bool = ...,
        initial: ArrayLike = ...,
        where: ArrayLike = ...,
        *,
        asarray: builtins.bool = ...,
    ) -> Any: ...
    @overload
    def sum(
        self,
        axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
        dtype: DTypeLike | None = None,
        out: _AnyArray | None = None,
        keepdims: builtins.bool = ...,
        initial: ArrayLike = ...,
        where: ArrayLike = ...,
        *,
        asarray: builtins.bool = ...,
    ) -> ndarray: ...
    def swapaxes(self, axis1: SupportsIndex, axis2: SupportsIndex, /) -> ndarray[tuple[Any, ...], _DType]: ...
    def take(
        self,
        indices: ArrayLike,
        /,
        axis: SupportsIndex | None = None,
        out: _AnyArray | None = None,
        mode: Literal["raise", "wrap", "clip"] = "raise",
    ) -> ndarray: ...
    def to_device(self, device: Literal["cpu"], /, *, stream: Any = None) -> Self: ...
    def to_numpy(
        self, dtype: DTypeLike | None = None, copy: builtins.bool = False, na_value: Any = None
    ) -> numpy.ndarray[Any, Any]: ...
    def tobytes(self, order: Literal["K", "A", "C", "F"] | None = "C") -> bytes: ...
    def tofile(self, fid: Any, sep: str = "", format: str = "%s") -> None: ...
    def tolist(self) -> Any: ...
    def trace(
        self,
        offset: SupportsIndex = 0,
        axis1: SupportsIndex = 0,
        axis2: SupportsIndex = 1,
        dtype: DTypeLike | None = None,
        out: _AnyArray | None = None,
    ) -> Any: ...
    def transpose(self, *axes: SupportsIndex | Sequence[SupportsIndex] | None) -> ndarray[tuple[Any, ...], _DType]: ...
    @overload
    def var(
        self,
        axis: None = None,
        dtype: DTypeLike | None = None,
        out: _AnyArray | None = None,
        ddof: float = 0,
        keepdims: builtins.bool = ...,
        *,
        where: ArrayLike = ...,
        mean: ArrayLike = ...,
        correction: float = ...,
        asarray: builtins.bool = ...,
    ) -> Any: ...
    @overload
    def var(
        self,
        axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
        dtype: DTypeLike | None = None,
        out: _AnyArray | None = None,
        ddof: float = 0,
        keepdims: builtins.bool = ...,
        *,
        where: ArrayLike = ...,
        mean: ArrayLike = ...,
        correction: float = ...,
        asarray: builtins.bool = ...,
    ) -> ndarray: ...
    def view(self, dtype: Any = None, type: Any = None) -> Any: ...
    def visualize(self, path: str | PathLike[str] | None = None) -> Drawing: ...
    def __eq__(self, other: ArrayLike, /) -> ndarray: ...  # type: ignore[override]
    def __ne__(self, other: ArrayLike, /) -> ndarray: ...  # type: ignore[override]
    def __lt__(self, other: ArrayLike, /) -> ndarray: ...
    def __le__(self, other: ArrayLike, /) -> ndarray: ...
    def __gt__(self, other: ArrayLike, /) -> ndarray: ...
    def __ge__(self, other: ArrayLike, /) -> ndarray: ...
    def __add__(self, other: ArrayLike, /) -> ndarray: ...
    def __radd__(self, other: ArrayLike, /) -> ndarray: ...
    def __iadd__(self, other: ArrayLike, /) -> Self: ...
    def __sub__(self, other: ArrayLike, /) -> ndarray: ...
    def __rsub__(self, other: ArrayLike, /) -> ndarray: ...
    def __isub__(self, other: ArrayLike, /) -> Self: ...
    def __mul__(self, other: ArrayLike, /) -> ndarray: ...
    def __rmul__(self, other: ArrayLike, /) -> ndarray: ...
    def __imul__(self, other: ArrayLike, /) -> Self: ...
    def __truediv__(self, other: ArrayLike, /) -> ndarray: ...
    def __rtruediv__(self, other: ArrayLike, /) -> ndarray: ...
    def __itruediv__(self, other: ArrayLike, /) -> Self: ...
    def __floordiv__(self, other: ArrayLike, /) -> ndarray: ...
    def __rfloordiv__(self, other: ArrayLike, /) -> ndarray: ...
    def __ifloordiv__(self, other: ArrayLike, /) -> Self: ...
    def __mod__(self, other: ArrayLike, /) -> ndarray: ...
    def __rmod__(self, other: ArrayLike, /) -> ndarray: ...
    def __imod__(self, other: ArrayLike, /) -> Self: ...
    def __pow__(self, other: ArrayLike, /) -> ndarray: ...
    def __rpow__(self, other: ArrayLike, /) -> ndarray: ...
    def __ipow__(self, other: ArrayLike, /) -> Self: ...
    def __matmul__(self, other: ArrayLike, /) -> ndarray: ...
    def __rmatmul__(self, other: ArrayLike, /) -> ndarray: ...
    def __imatmul__(self, other: ArrayLike, /) -> Self: ...
    def __lshift__(self, other: ArrayLike, /) -> ndarray: ...
    def __rlshift__(self, other: ArrayLike, /) -> ndarray: ...
    def __ilshift__(self, other: ArrayLike, /) -> Self: ...
    def __rshift__(self, other: ArrayLike, /) -> ndarray: ...
    def __rrshift__(self, other: ArrayLike, /) -> ndarray: ...
    def __irshift__(self, other: ArrayLike, /) -> Self: ...
    def __and__(self, other: ArrayLike, /) -> ndarray: ...
    def __rand__(self, other: ArrayLike, /) -> ndarray: ...
    def __iand__(self, other: ArrayLike, /) -> Self: ...
    def __or__(self, other: ArrayLike, /) -> ndarray: ...
    def __ror__(self, other: ArrayLike, /) -> ndarray: ...
    def __ior__(self, other: ArrayLike, /) -> Self: ...
    def __xor__(self, other: ArrayLike, /) -> ndarray: ...
    def __rxor__(self, other: ArrayLike, /) -> ndarray: ...
    def __ixor__(self, other: ArrayLike, /) -> Self: ...
    def __divmod__(self, other: ArrayLike, /) -> tuple[ndarray, ndarray]: ...
    def __rdivmod__(self, other: ArrayLike, /) -> tuple[ndarray, ndarray]: ...
    def __abs__(self) -> ndarray: ...
    def __invert__(self) -> ndarray: ...
    def __neg__(self) -> ndarray: ...
    def __pos__(self) -> ndarray: ...

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
    def reduce(
        self,
        array: ArrayLike,
        axis: None,
        dtype: DTypeLike | None = None,
        out: _Out = None,
        keepdims: builtins.bool = False,
        initial: Any = ...,
        where: ArrayLike = True,
    ) -> Any: ...
    @overload
    def reduce(
        self,
        array: ArrayLike,
        axis: SupportsIndex | tuple[SupportsIndex, ...] | None = 0,
        dtype: DTypeLike | None = None,
        out: _Out = None,
        keepdims: builtins.bool = False,
        initial: Any = ...,
        where: ArrayLike = True,
    ) -> ndarray: ...
    def accumulate(
        self, array: ArrayLike, axis: SupportsIndex = 0, dtype: DTypeLike | None = None, out: _Out = None
    ) -> ndarray: ...
    def reduceat(
        self,
        array: ArrayLike,
        indices: ArrayLike,
        axis: SupportsIndex = 0,
        dtype: DTypeLike | None = None,
        out: _Out = None,
    ) -> ndarray: ...
    def outer(self, a: ArrayLike, b: ArrayLike, /, **options: Any) -> ndarray: ...
    def at(self, a: _AnyArray, indices: Any, b: ArrayLike | None = None, /) -> None: ...

class _Ufunc1to1(ufunc):
    def __call__(
        self,
        x1: ArrayLike,
        /,
        out: _Out = None,
        *,
        where: ArrayLike = True,
        casting: _Casting = "same_kind",
        order: Literal["K", "A", "C", "F"] = "K",
        dtype: DTypeLike | None = None,
        subok: builtins.bool = True,
        signature: Any = None,
    ) -> ndarray: ...

class _Ufunc1to2(ufunc):
    def __call__(
        self,
        x1: ArrayLike,
        out1: _AnyArray | None = None,
        out2: _AnyArray | None = None,
        /,
        *,
        out: _Out = None,
        where: ArrayLike = True,
        casting: _Casting = "same_kind",
        order: Literal["K", "A", "C", "F"] = "K",
        dtype: DTypeLike | None = None,
        subok: builtins.bool = True,
        signature: Any = None,
    ) -> tuple[ndarray, ndarray]: ...

class _Ufunc2to1(ufunc):
    def __call__(
        self,
        x1: ArrayLike,
        x2: ArrayLike,
        /,
        out: _Out = None,
        *,
        where: ArrayLike = True,
        casting: _Casting = "same_kind",
        order: Literal["K", "A", "C", "F"] = "K",
        dtype: DTypeLike | None = None,
        subok: builtins.bool = True,
        signature: Any = None,
    ) -> ndarray: ...

class _Ufunc2to2(ufunc):
    def __call__(
        self,
        x1: ArrayLike,
        x2: ArrayLike,
        out1: _AnyArray | None = None,
        out2: _AnyArray | None = None,
        /,
        *,
        out: _Out = None,
        where: ArrayLike = True,
        casting: _Casting = "same_kind",
        order: Literal["K", "A", "C", "F"] = "K",
        dtype: DTypeLike | None = None,
        subok: builtins.bool = True,
        signature: Any = None,
    ) -> tuple[ndarray, ndarray]: ...

__version__: str
__all__: list[str]

class _Joiner:
    def __getitem__(self, key: Any) -> ndarray: ...

class _Grid:
    def __getitem__(self, key: slice | complex | tuple[slice | complex, ...]) -> ndarray: ...

class _OpenGrid:
    @overload
    def __getitem__(self, key: tuple[slice | complex, ...]) -> tuple[ndarray, ...]: ...
    @overload
    def __getitem__(self, key: slice | complex) -> ndarray: ...

c_: _Joiner
r_: _Joiner
mgrid: _Grid
ogrid: _OpenGrid

abs: _Ufunc1to1
absolute: _Ufunc1to1
acos: _Ufunc1to1
acosh: _Ufunc1to1
add: _Ufunc2to1

@overload
def all(
    a: ArrayLike | None,
    axis: None = None,
    out: _AnyArray | None = None,
    keepdims: ArrayLike = ...,
    *,
    where: ArrayLike = ...,
    asarray: builtins.bool = ...,
) -> Any: ...
@overload
def all(
    a: ArrayLike | None,
    axis: int | tuple[int, ...] | None = None,
    out: _AnyArray | None = None,
    keepdims: ArrayLike = ...,
    *,
    where: ArrayLike = ...,
    asarray: builtins.bool = ...,
) -> ndarray: ...
def allclose(
    a: ArrayLike, b: ArrayLike, rtol: ArrayLike = ..., atol: ArrayLike = ..., equal_nan: builtins.bool = False
) -> builtins.bool: ...
@overload
def amax(
    a: ArrayLike,
    axis: None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
    initial: ArrayLike = ...,
    where: ArrayLike = ...,
) -> Any: ...
@overload
def amax(
    a: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
    initial: ArrayLike = ...,
    where: ArrayLike = ...,
) -> ndarray: ...
@overload
def amin(
    a: ArrayLike,
    axis: None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
    initial: ArrayLike = ...,
    where: ArrayLike = ...,
) -> Any: ...
@overload
def amin(
    a: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
    initial: ArrayLike = ...,
    where: ArrayLike = ...,
) -> ndarray: ...
def angle(z: Sequence[Any] | ArrayLike, deg: builtins.bool = False) -> ndarray: ...
@overload
def any(
    a: ArrayLike | None,
    axis: None = None,
    out: _AnyArray | None = None,
    keepdims: ArrayLike = ...,
    *,
    where: ArrayLike = ...,
    asarray: builtins.bool = ...,
) -> Any: ...
@overload
def any(
    a: ArrayLike | None,
    axis: int | tuple[int, ...] | None = None,
    out: _AnyArray | None = None,
    keepdims: ArrayLike = ...,
    *,
    where: ArrayLike = ...,
    asarray: builtins.bool = ...,
) -> ndarray: ...
def append(arr: ArrayLike, values: ArrayLike, axis: SupportsIndex | None = None) -> ndarray: ...
def apply_along_axis(
    func1d: Callable[..., Any], axis: SupportsIndex, arr: ArrayLike, *args: Any, **kwargs: Any
) -> Any: ...
def apply_over_axes(func: Callable[..., Any], a: ArrayLike, axes: int | Sequence[int]) -> ndarray: ...
def arange(
    start_or_stop: ArrayLike,
    /,
    stop: ArrayLike | None = None,
    step: ArrayLike | None = 1,
    *,
    dtype: DTypeLike | None = None,
    device: Literal["cpu"] | None = None,
    like: ArrayLike | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...

arccos: _Ufunc1to1
arccosh: _Ufunc1to1
arcsin: _Ufunc1to1
arcsinh: _Ufunc1to1
arctan: _Ufunc1to1
arctan2: _Ufunc2to1
arctanh: _Ufunc1to1

@overload
def argmax(a: ArrayLike, axis: None = None, out: _AnyArray | None = None, *, keepdims: builtins.bool = ...) -> Any: ...
@overload
def argmax(
    a: ArrayLike, axis: SupportsIndex | None = None, out: _AnyArray | None = None, *, keepdims: builtins.bool = ...
) -> ndarray: ...
@overload
def argmin(a: ArrayLike, axis: None = None, out: _AnyArray | None = None, *, keepdims: builtins.bool = ...) -> Any: ...
@overload
def argmin(
    a: ArrayLike, axis: SupportsIndex | None = None, out: _AnyArray | None = None, *, keepdims: builtins.bool = ...
) -> ndarray: ...
def argpartition(
    a: ArrayLike,
    kth: ArrayLike,
    axis: SupportsIndex | None = -1,
    kind: Literal["introselect"] = "introselect",
    order: str | Sequence[str] | None = None,
) -> ndarray: ...
def argsort(
    a: ArrayLike,
    axis: SupportsIndex | None = -1,
    kind: Literal[
        "Q", "quick", "quicksort", "M", "merge", "mergesort", "H", "heap", "heapsort", "S", "stable", "stablesort"
    ]
    | None = None,
    order: str | Sequence[str] | None = None,
    *,
    stable: builtins.bool | None = None,
) -> ndarray: ...
def argwhere(a: ArrayLike) -> ndarray: ...
def around(a: ArrayLike, decimals: SupportsIndex = 0, out: _AnyArray | None = None) -> ndarray: ...
def array(
    object: Any,
    dtype: DTypeLike | None = None,
    *,
    copy: builtins.bool | None = True,
    order: Literal["K", "A", "C", "F"] | None = "K",
    subok: builtins.bool = False,
    ndmin: int = 0,
    ndmax: int = 0,
    like: ArrayLike | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def array2string(
    a: _AnyArray,
    max_line_width: int | None = None,
    precision: SupportsIndex | None = None,
    suppress_small: builtins.bool | None = None,
    separator: str = " ",
    prefix: str = "",
    *,
    formatter: Any = None,
    threshold: int | None = None,
    edgeitems: int | None = None,
    sign: Literal["-", "+", " "] | None = None,
    floatmode: Literal["fixed", "unique", "maxprec", "maxprec_equal"] | None = None,
    suffix: str = "",
    legacy: Literal["1.13"] | None = None,
) -> str: ...
def array_equal(a1: ArrayLike, a2: ArrayLike, equal_nan: builtins.bool = False) -> builtins.bool: ...
def array_equiv(a1: ArrayLike, a2: ArrayLike) -> builtins.bool: ...
def array_repr(
    arr: _AnyArray,
    max_line_width: int | None = None,
    precision: SupportsIndex | None = None,
    suppress_small: builtins.bool | None = None,
) -> str: ...
def array_split(
    ary: ArrayLike, indices_or_sections: SupportsIndex | Sequence[SupportsIndex], axis: SupportsIndex = 0
) -> list[ndarray]: ...
def array_str(
    a: _AnyArray,
    max_line_width: int | None = None,
    precision: SupportsIndex | None = None,
    suppress_small: builtins.bool | None = None,
) -> str: ...
def asanyarray(
    a: Any,
    dtype: DTypeLike | None = None,
    order: Literal["K", "A", "C", "F"] | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: builtins.bool | None = None,
    like: ArrayLike | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def asarray(
    a: Any,
    dtype: DTypeLike | None = None,
    order: Literal["K", "A", "C", "F"] | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: builtins.bool | None = None,
    like: ArrayLike | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def asarray_chkfinite(
    a: object,
    dtype: DTypeLike | None = None,
    order: Literal["K", "A", "C", "F"] | None = None,
    *,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def ascontiguousarray(
    a: Any,
    dtype: DTypeLike | None = None,
    *,
    like: ArrayLike | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def asfortranarray(
    a: Any,
    dtype: DTypeLike | None = None,
    *,
    like: ArrayLike | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...

asin: _Ufunc1to1
asinh: _Ufunc1to1

def asmatrix(data: ArrayLike, dtype: DTypeLike | None = None) -> Any: ...
def astype(
    x: _AnyArray, dtype: DTypeLike | None, /, *, copy: builtins.bool = True, device: Literal["cpu"] | None = None
) -> ndarray: ...

atan: _Ufunc1to1
atan2: _Ufunc2to1
atanh: _Ufunc1to1

@overload
def atleast_1d(a: ArrayLike, /) -> ndarray: ...
@overload
def atleast_1d(*arys: ArrayLike) -> tuple[ndarray, ...]: ...
@overload
def atleast_2d(a: ArrayLike, /) -> ndarray: ...
@overload
def atleast_2d(*arys: ArrayLike) -> tuple[ndarray, ...]: ...
@overload
def atleast_3d(a: ArrayLike, /) -> ndarray: ...
@overload
def atleast_3d(*arys: ArrayLike) -> tuple[ndarray, ...]: ...
def average(
    a: ArrayLike,
    axis: int | tuple[int, ...] | None = None,
    weights: ArrayLike | None = None,
    returned: builtins.bool = False,
    *,
    keepdims: builtins.bool = ...,
) -> Any: ...
def bartlett(M: ArrayLike) -> ndarray: ...
def base_repr(number: Any, base: float = 2, padding: SupportsIndex | None = 0) -> str: ...
def binary_repr(num: SupportsIndex, width: int | None = None) -> str: ...
def bincount(x: ArrayLike, /, weights: ArrayLike | None = None, minlength: SupportsIndex = 0) -> ndarray: ...

bitwise_and: _Ufunc2to1
bitwise_count: _Ufunc1to1
bitwise_invert: _Ufunc1to1
bitwise_left_shift: _Ufunc2to1
bitwise_not: _Ufunc1to1
bitwise_or: _Ufunc2to1
bitwise_right_shift: _Ufunc2to1
bitwise_xor: _Ufunc2to1

def blackman(M: ArrayLike) -> ndarray: ...
def block(arrays: ArrayLike) -> ndarray: ...
def bmat(obj: str | Sequence[ArrayLike] | _AnyArray, ldict: Any = None, gdict: Any = None) -> Any: ...
def broadcast_arrays(*args: ArrayLike, subok: builtins.bool = False) -> tuple[ndarray, ...]: ...
def broadcast_shapes(*args: SupportsIndex | Sequence[SupportsIndex]) -> tuple[int, ...]: ...
def broadcast_to(array: ArrayLike, shape: int | Iterable[int], subok: builtins.bool = False) -> ndarray: ...
def busday_count(
    begindates: ArrayLike,
    enddates: ArrayLike,
    weekmask: ArrayLike = "1111100",
    holidays: ArrayLike = ...,
    busdaycal: Any = None,
    out: _AnyArray | None = None,
) -> ndarray: ...
def busday_offset(
    dates: ArrayLike,
    offsets: ArrayLike,
    roll: Literal[
        "raise", "nat", "forward", "following", "backward", "preceding", "modifiedfollowing", "modifiedpreceding"
    ] = "raise",
    weekmask: ArrayLike = "1111100",
    holidays: ArrayLike | None = None,
    busdaycal: Any = None,
    out: _AnyArray | None = None,
) -> ndarray: ...
def can_cast(
    from_: ArrayLike | DTypeLike,
    to: DTypeLike,
    casting: Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"] = "safe",
) -> builtins.bool: ...

cbrt: _Ufunc1to1
ceil: _Ufunc1to1

def choose(
    a: ArrayLike, choices: ArrayLike, out: _AnyArray | None = None, mode: Literal["raise", "wrap", "clip"] = "raise"
) -> ndarray: ...
def clip(
    a: ArrayLike,
    a_min: ArrayLike | None = ...,
    a_max: ArrayLike | None = ...,
    out: _AnyArray | None = None,
    *,
    min: ArrayLike | None = ...,
    max: ArrayLike | None = ...,
    **kwargs: Any,
) -> ndarray: ...
def column_stack(tup: Sequence[ArrayLike]) -> ndarray: ...
def common_type(*arrays: Any) -> dtype[Any]: ...
def compress(
    condition: ArrayLike, a: ArrayLike, axis: SupportsIndex | None = None, out: _AnyArray | None = None
) -> ndarray: ...
def concat(
    arrays: ArrayLike,
    /,
    axis: SupportsIndex | None = 0,
    out: _AnyArray | None = None,
    *,
    dtype: DTypeLike | None = None,
    casting: Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"] | None = "same_kind",
) -> ndarray: ...
def concatenate(
    arrays: ArrayLike,
    /,
    axis: SupportsIndex | None = 0,
    out: _AnyArray | None = None,
    *,
    dtype: DTypeLike | None = None,
    casting: Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"] | None = "same_kind",
) -> ndarray: ...

conj: _Ufunc1to1
conjugate: _Ufunc1to1

def convolve(a: ArrayLike, v: ArrayLike, mode: Literal["valid", "same", "full"] = "full") -> ndarray: ...
def copy(
    a: ArrayLike,
    order: Literal["K", "A", "C", "F"] | None = "K",
    subok: builtins.bool = False,
    *,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...

copysign: _Ufunc2to1

def copyto(
    dst: _AnyArray,
    src: ArrayLike,
    casting: Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"] = "same_kind",
    where: object = True,
) -> None: ...
def corrcoef(
    x: ArrayLike | Sequence[Any] | list[complex],
    y: ArrayLike | Sequence[Any] | list[complex] | None = None,
    rowvar: builtins.bool = True,
    *,
    dtype: DTypeLike | None = None,
) -> ndarray: ...
def correlate(a: ArrayLike, v: ArrayLike, mode: Literal["valid", "same", "full"] = "valid") -> ndarray: ...

cos: _Ufunc1to1
cosh: _Ufunc1to1

@overload
def count_nonzero(a: ArrayLike, axis: None = None, *, keepdims: builtins.bool = False) -> Any: ...
@overload
def count_nonzero(
    a: ArrayLike, axis: SupportsIndex | Sequence[SupportsIndex] | None = None, *, keepdims: builtins.bool = False
) -> ndarray: ...
def cov(
    m: ArrayLike | Sequence[Any] | list[complex],
    y: ArrayLike | Sequence[Any] | list[complex] | None = None,
    rowvar: builtins.bool = True,
    bias: builtins.bool = False,
    ddof: float | None = None,
    fweights: ArrayLike | None = None,
    aweights: ArrayLike | None = None,
    *,
    dtype: DTypeLike | None = None,
) -> ndarray: ...
def cross(
    a: ArrayLike, b: ArrayLike, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> ndarray: ...
def cumprod(
    a: ArrayLike, axis: SupportsIndex | None = None, dtype: DTypeLike | None = None, out: _AnyArray | None = None
) -> ndarray: ...
def cumsum(
    a: ArrayLike, axis: SupportsIndex | None = None, dtype: DTypeLike | None = None, out: _AnyArray | None = None
) -> ndarray: ...
def cumulative_prod(
    x: ArrayLike,
    /,
    *,
    axis: SupportsIndex | None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    include_initial: builtins.bool = False,
) -> ndarray: ...
def cumulative_sum(
    x: ArrayLike,
    /,
    *,
    axis: SupportsIndex | None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    include_initial: builtins.bool = False,
) -> ndarray: ...
def datetime_as_string(
    arr: ArrayLike,
    unit: Literal["auto", "Y", "M", "D", "h", "m", "s", "ms", "us", "μs", "ns", "ps", "fs", "as"] | None = None,
    timezone: Any = "naive",
    casting: Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"] = "same_kind",
) -> ndarray: ...
def datetime_data(dtype: str | DTypeLike, /) -> tuple[str, int]: ...

deg2rad: _Ufunc1to1
degrees: _Ufunc1to1

def delete(arr: ArrayLike, obj: slice | ArrayLike, axis: SupportsIndex | None = None) -> ndarray: ...
def diag(
    v: Sequence[numpy.generic] | ArrayLike,
    k: int = 0,
    *,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def diag_indices(n: int, ndim: int = 2) -> tuple[ndarray, ...]: ...
def diag_indices_from(arr: ArrayLike) -> tuple[ndarray, ...]: ...
def diagflat(
    v: ArrayLike,
    k: int = 0,
    *,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def diagonal(
    a: ArrayLike, offset: SupportsIndex = 0, axis1: SupportsIndex = 0, axis2: SupportsIndex = 1
) -> ndarray: ...
def diff(
    a: ArrayLike, n: int = 1, axis: SupportsIndex = -1, prepend: ArrayLike = ..., append: ArrayLike = ...
) -> ndarray: ...
def digitize(x: ArrayLike | Sequence[Any], bins: ArrayLike, right: builtins.bool = False) -> ndarray: ...

divide: _Ufunc2to1
divmod: _Ufunc2to2

def dot(a: ArrayLike, b: ArrayLike, out: _AnyArray | None = None) -> Any: ...
def dsplit(ary: ArrayLike, indices_or_sections: SupportsIndex | Sequence[SupportsIndex]) -> list[ndarray]: ...
def dstack(tup: Sequence[ArrayLike]) -> ndarray: ...
def ediff1d(ary: ArrayLike, to_end: ArrayLike | None = None, to_begin: ArrayLike | None = None) -> ndarray: ...
def einsum(
    *operands: Any,
    out: _AnyArray | None = None,
    optimize: builtins.bool | Sequence[Any] | Literal["greedy", "optimal"] | None = False,
    **kwargs: Any,
) -> Any: ...
def einsum_path(
    *operands: ArrayLike | DTypeLike,
    optimize: builtins.bool | Sequence[Any] | Literal["greedy", "optimal"] | None = "greedy",
    einsum_call: builtins.bool = False,
) -> tuple[list[Any], str]: ...
def empty(
    shape: SupportsIndex | Sequence[SupportsIndex],
    dtype: DTypeLike | None = None,
    order: Literal["K", "A", "C", "F"] | None = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: ArrayLike | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def empty_like(
    prototype: Any,
    /,
    dtype: DTypeLike | None = None,
    order: Literal["K", "A", "C", "F"] | None = "K",
    subok: builtins.bool = True,
    shape: SupportsIndex | Sequence[SupportsIndex] | None = None,
    *,
    device: Literal["cpu"] | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...

equal: _Ufunc2to1
exp: _Ufunc1to1
exp2: _Ufunc1to1

def expand_dims(a: ArrayLike, axis: SupportsIndex | Sequence[SupportsIndex]) -> ndarray: ...

expm1: _Ufunc1to1

def extract(condition: ArrayLike, arr: ArrayLike) -> ndarray: ...
def eye(
    N: int,
    M: int | None = None,
    k: int = 0,
    dtype: DTypeLike | None = ...,
    order: Literal["C", "F"] | None = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: ArrayLike | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...

fabs: _Ufunc1to1

def fill_diagonal(a: _AnyArray, val: object, wrap: builtins.bool = False) -> None: ...
def fix(x: ArrayLike, out: _AnyArray | None = None) -> ndarray: ...
def flatnonzero(a: ArrayLike) -> ndarray: ...
def flip(m: ArrayLike, axis: int | tuple[int, ...] | None = None) -> ndarray: ...
def fliplr(m: ArrayLike) -> ndarray: ...
def flipud(m: ArrayLike) -> ndarray: ...

float_power: _Ufunc2to1
floor: _Ufunc1to1
floor_divide: _Ufunc2to1
fmax: _Ufunc2to1
fmin: _Ufunc2to1
fmod: _Ufunc2to1

def format_float_positional(
    x: ArrayLike,
    precision: int | None = None,
    unique: builtins.bool = True,
    fractional: builtins.bool = True,
    trim: Literal["k", ".", "0", "-"] = "k",
    sign: builtins.bool = False,
    pad_left: int | None = None,
    pad_right: int | None = None,
    min_digits: int | None = None,
) -> str: ...
def format_float_scientific(
    x: ArrayLike,
    precision: int | None = None,
    unique: builtins.bool = True,
    trim: Literal["k", ".", "0", "-"] = "k",
    sign: builtins.bool = False,
    pad_left: int | None = None,
    exp_digits: int | None = None,
    min_digits: int | None = None,
) -> str: ...

frexp: _Ufunc1to2

def from_dlpack(
    x: ArrayLike, /, *, device: Literal["cpu"] | None = None, copy: builtins.bool | None = None
) -> ndarray: ...
def frombuffer(
    buffer: Any,
    dtype: DTypeLike | None = None,
    count: SupportsIndex = -1,
    offset: SupportsIndex = 0,
    *,
    like: ArrayLike | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def fromfile(
    file: Any,
    dtype: DTypeLike | None = None,
    count: SupportsIndex = -1,
    sep: str = "",
    offset: SupportsIndex = 0,
    *,
    like: ArrayLike | None = None,
) -> ndarray: ...
def fromfunction(
    function: Callable[..., Any],
    shape: Sequence[int],
    *,
    dtype: DTypeLike | None = ...,
    like: ArrayLike | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
    **kwargs: object,
) -> Any: ...
def fromiter(
    iter: Iterable[Any],
    dtype: DTypeLike | None,
    count: SupportsIndex = -1,
    *,
    like: ArrayLike | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def frompyfunc(func: Callable[..., Any], /, nin: SupportsIndex, nout: SupportsIndex, **kwargs: Any) -> Any: ...
def fromregex(file: Any, regexp: Any, dtype: DTypeLike | None, encoding: str | None = None) -> ndarray: ...
def fromstring(
    string: str | bytes,
    dtype: DTypeLike | None = ...,
    count: SupportsIndex = ...,
    *,
    sep: str,
    like: ArrayLike | None = ...,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def full(
    shape: SupportsIndex | Sequence[SupportsIndex],
    fill_value: Any,
    dtype: DTypeLike | None = None,
    order: Literal["C", "F"] | None = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: ArrayLike | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def full_like(
    a: object,
    fill_value: Any,
    dtype: DTypeLike | None = None,
    order: Literal["K", "A", "C", "F"] | None = "K",
    subok: builtins.bool = True,
    shape: SupportsIndex | Sequence[SupportsIndex] | None = None,
    *,
    device: Literal["cpu"] | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...

gcd: _Ufunc2to1

def genfromtxt(
    fname: str | PathLike[str] | Iterable[str] | Iterable[bytes],
    dtype: DTypeLike | None = ...,
    comments: str = "#",
    delimiter: str | int | Iterable[int] | None = None,
    skip_header: int = 0,
    skip_footer: int = 0,
    converters: Any = None,
    missing_values: Any = None,
    filling_values: Any = None,
    usecols: Sequence[int] | None = None,
    names: builtins.bool | str | Sequence[str] | None = None,
    excludelist: Sequence[str] | None = None,
    deletechars: str = " !#$%&'()*+,-./:;<=>?@[\\]^{|}~",
    replace_space: str = "_",
    autostrip: builtins.bool = False,
    case_sensitive: builtins.bool | Literal["upper", "lower"] = True,
    defaultfmt: str = "f%i",
    unpack: builtins.bool | None = None,
    usemask: builtins.bool = False,
    loose: builtins.bool = True,
    invalid_raise: builtins.bool = True,
    max_rows: int | None = None,
    encoding: str | None = None,
    *,
    ndmin: int = 0,
    like: ArrayLike | None = None,
) -> ndarray: ...
def geomspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: builtins.bool = True,
    dtype: DTypeLike | None = None,
    axis: SupportsIndex = 0,
    *,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def get_include() -> Any: ...
def get_printoptions() -> Any: ...
def getbufsize() -> int: ...
def geterr() -> Any: ...
def geterrcall() -> Any: ...
def gradient(
    f: Sequence[Any] | list[complex] | ArrayLike,
    *varargs: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    edge_order: int = 1,
) -> Any: ...

greater: _Ufunc2to1
greater_equal: _Ufunc2to1

def hamming(M: ArrayLike) -> ndarray: ...
def hanning(M: ArrayLike) -> ndarray: ...

heaviside: _Ufunc2to1

def histogram(
    a: ArrayLike,
    bins: ArrayLike | Literal["stone", "auto", "doane", "fd", "rice", "scott", "sqrt", "sturges"] = 10,
    range: tuple[float, float] | None = None,
    density: builtins.bool | None = None,
    weights: ArrayLike | None = None,
) -> tuple[ndarray, ndarray]: ...
def histogram2d(
    x: ArrayLike | Sequence[float] | Sequence[complex],
    y: ArrayLike | Sequence[float] | Sequence[complex],
    bins: ArrayLike = 10,
    range: ArrayLike | None = None,
    density: builtins.bool | None = None,
    weights: ArrayLike | None = None,
) -> tuple[ndarray, ndarray, ndarray]: ...
def histogram_bin_edges(
    a: ArrayLike,
    bins: ArrayLike | Literal["stone", "auto", "doane", "fd", "rice", "scott", "sqrt", "sturges"] = 10,
    range: tuple[float, float] | None = None,
    weights: ArrayLike | None = None,
) -> ndarray: ...
def histogramdd(
    sample: ArrayLike,
    bins: ArrayLike = 10,
    range: Sequence[tuple[float, float]] | None = None,
    density: builtins.bool | None = None,
    weights: ArrayLike | None = None,
) -> tuple[ndarray, tuple[ndarray, ...]]: ...
def hsplit(ary: ArrayLike, indices_or_sections: SupportsIndex | Sequence[SupportsIndex]) -> list[ndarray]: ...
def hstack(
    tup: Sequence[ArrayLike],
    *,
    dtype: DTypeLike | None = None,
    casting: Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"] = "same_kind",
) -> ndarray: ...

hypot: _Ufunc2to1

def i0(x: ArrayLike | Sequence[Any]) -> ndarray: ...
def identity(
    n: int,
    dtype: DTypeLike | None = None,
    *,
    like: ArrayLike | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def imag(val: ArrayLike) -> ndarray: ...
@overload
def indices(dimensions: Sequence[int], dtype: DTypeLike | None = ..., sparse: Literal[False] = False) -> ndarray: ...
@overload
def indices(
    dimensions: Sequence[int], dtype: DTypeLike | None = ..., *, sparse: builtins.bool
) -> ndarray | tuple[ndarray, ...]: ...
def info(object: object = None, maxwidth: int = 76, output: Any = None, toplevel: str = "numpy") -> None: ...
def inner(a: ArrayLike, b: ArrayLike, /) -> Any: ...
def insert(arr: ArrayLike, obj: slice | ArrayLike, values: ArrayLike, axis: SupportsIndex | None = None) -> ndarray: ...
def interp(
    x: ArrayLike,
    xp: ArrayLike,
    fp: ArrayLike | list[complex],
    left: ArrayLike | None = None,
    right: ArrayLike | None = None,
    period: ArrayLike | None = None,
) -> ndarray: ...
def intersect1d(
    ar1: ArrayLike, ar2: ArrayLike, assume_unique: builtins.bool = False, return_indices: builtins.bool = False
) -> Any: ...

invert: _Ufunc1to1

def is_busday(
    dates: ArrayLike,
    weekmask: ArrayLike = "1111100",
    holidays: ArrayLike | None = None,
    busdaycal: Any = None,
    out: _AnyArray | None = None,
) -> ndarray: ...
def isclose(
    a: ArrayLike, b: ArrayLike, rtol: ArrayLike = ..., atol: ArrayLike = ..., equal_nan: builtins.bool = False
) -> ndarray: ...
def iscomplex(x: ArrayLike) -> ndarray: ...
def iscomplexobj(x: ArrayLike) -> builtins.bool: ...
def isdtype(dtype: DTypeLike, kind: DTypeLike | tuple[DTypeLike, ...]) -> builtins.bool: ...

isfinite: _Ufunc1to1

def isfortran(a: _AnyArray | numpy.generic) -> builtins.bool: ...
def isin(
    element: ArrayLike,
    test_elements: ArrayLike,
    assume_unique: builtins.bool = False,
    invert: builtins.bool = False,
    *,
    kind: Literal["sort", "table"] | None = None,
) -> ndarray: ...

isinf: _Ufunc1to1
isnan: _Ufunc1to1
isnat: _Ufunc1to1

def isneginf(x: ArrayLike, out: _AnyArray | None = None) -> ndarray: ...
def isposinf(x: ArrayLike, out: _AnyArray | None = None) -> ndarray: ...
def isreal(x: ArrayLike) -> ndarray: ...
def isrealobj(x: ArrayLike) -> builtins.bool: ...
def isscalar(element: object) -> builtins.bool: ...
def issubdtype(arg1: DTypeLike | None, arg2: DTypeLike | None) -> builtins.bool: ...
def iterable(y: object) -> builtins.bool: ...
def ix_(*args: Any) -> tuple[ndarray, ...]: ...
def kaiser(M: ArrayLike, beta: ArrayLike) -> ndarray: ...
def kron(a: Any, b: Any) -> ndarray: ...

lcm: _Ufunc2to1
ldexp: _Ufunc2to1
left_shift: _Ufunc2to1
less: _Ufunc2to1
less_equal: _Ufunc2to1

def lexsort(keys: ArrayLike, axis: SupportsIndex = -1) -> ndarray: ...
@overload
def linspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: builtins.bool = True,
    retstep: Literal[False] = False,
    dtype: DTypeLike | None = None,
    axis: SupportsIndex = 0,
    *,
    device: Literal["cpu"] | None = None,
) -> ndarray: ...
@overload
def linspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: builtins.bool = True,
    *,
    retstep: Literal[True],
    dtype: DTypeLike | None = None,
    axis: SupportsIndex = 0,
    device: Literal["cpu"] | None = None,
) -> tuple[ndarray, Any]: ...
@overload
def load(
    file: Any,
    mmap_mode: str | None = None,
    allow_pickle: builtins.bool = False,
    fix_imports: builtins.bool = True,
    encoding: Literal["ASCII", "latin1", "bytes"] = "ASCII",
    *,
    max_header_size: int = 10000,
) -> Any: ...
@overload
def load(
    file: Any,
    name: str | None = None,
    *,
    dtype: DTypeLike | None = None,
    ftype: str | None = None,
    arr_path: str | None = None,
    var_select: str | None = None,
    channels: str | None = None,
    shape: Any = None,
    offset: int = 0,
    order: str = ...,
) -> ndarray: ...
def loadtxt(
    fname: str | PathLike[str] | Iterable[str] | Iterable[bytes],
    dtype: DTypeLike | None = ...,
    comments: str | Sequence[str] | None = "#",
    delimiter: str | None = None,
    converters: Any = None,
    skiprows: int = 0,
    usecols: int | Sequence[int] | None = None,
    unpack: builtins.bool = False,
    ndmin: int = 0,
    encoding: str | None = None,
    max_rows: int | None = None,
    *,
    quotechar: str | None = None,
    like: ArrayLike | None = None,
) -> ndarray: ...

log: _Ufunc1to1
log10: _Ufunc1to1
log1p: _Ufunc1to1
log2: _Ufunc1to1
logaddexp: _Ufunc2to1
logaddexp2: _Ufunc2to1
logical_and: _Ufunc2to1
logical_not: _Ufunc1to1
logical_or: _Ufunc2to1
logical_xor: _Ufunc2to1

def logspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: builtins.bool = True,
    base: ArrayLike = ...,
    dtype: DTypeLike | None = None,
    axis: SupportsIndex = 0,
    *,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def mask_indices(n: int, mask_func: Callable[..., Any], k: SupportsIndex = 0) -> tuple[ndarray, ndarray]: ...

matmul: _Ufunc2to1

def matrix_transpose(x: ArrayLike, /) -> ndarray: ...

matvec: _Ufunc2to1

@overload
def max(
    a: ArrayLike,
    axis: None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
    initial: ArrayLike = ...,
    where: ArrayLike = ...,
    *,
    asarray: builtins.bool = ...,
) -> Any: ...
@overload
def max(
    a: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
    initial: ArrayLike = ...,
    where: ArrayLike = ...,
    *,
    asarray: builtins.bool = ...,
) -> ndarray: ...

maximum: _Ufunc2to1

def may_share_memory(a: object, b: object, /, max_work: int = 0) -> builtins.bool: ...
@overload
def mean(
    a: ArrayLike,
    axis: None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool | int = ...,
    *,
    where: ArrayLike = ...,
    asarray: builtins.bool = ...,
) -> Any: ...
@overload
def mean(
    a: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool | int = ...,
    *,
    where: ArrayLike = ...,
    asarray: builtins.bool = ...,
) -> ndarray: ...
@overload
def median(
    a: ArrayLike,
    axis: None = None,
    out: _AnyArray | None = None,
    overwrite_input: builtins.bool = False,
    keepdims: builtins.bool = False,
) -> Any: ...
@overload
def median(
    a: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    out: _AnyArray | None = None,
    overwrite_input: builtins.bool = False,
    keepdims: builtins.bool = False,
) -> ndarray: ...
def meshgrid(
    *xi: ArrayLike, copy: builtins.bool = True, sparse: builtins.bool = False, indexing: Literal["ij", "xy"] = "xy"
) -> tuple[ndarray, ...]: ...
@overload
def min(
    a: ArrayLike,
    axis: None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
    initial: ArrayLike = ...,
    where: ArrayLike = ...,
    *,
    asarray: builtins.bool = ...,
) -> Any: ...
@overload
def min(
    a: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
    initial: ArrayLike = ...,
    where: ArrayLike = ...,
    *,
    asarray: builtins.bool = ...,
) -> ndarray: ...
def min_scalar_type(a: ArrayLike, /) -> dtype[Any]: ...

minimum: _Ufunc2to1

def mintypecode(typechars: Iterable[ArrayLike], typeset: Any = "GDFgdf", default: str = "d") -> str: ...

mod: _Ufunc2to1
modf: _Ufunc1to2

def moveaxis(
    a: _AnyArray, source: SupportsIndex | Sequence[SupportsIndex], destination: SupportsIndex | Sequence[SupportsIndex]
) -> ndarray: ...

multiply: _Ufunc2to1

def nan_to_num(
    x: ArrayLike, copy: builtins.bool = True, nan: float = ..., posinf: float | None = None, neginf: float | None = None
) -> ndarray: ...
@overload
def nanargmax(
    a: ArrayLike, axis: None = None, out: _AnyArray | None = None, *, keepdims: builtins.bool = ...
) -> Any: ...
@overload
def nanargmax(
    a: ArrayLike, axis: SupportsIndex | None = None, out: _AnyArray | None = None, *, keepdims: builtins.bool = ...
) -> ndarray: ...
@overload
def nanargmin(
    a: ArrayLike, axis: None = None, out: _AnyArray | None = None, *, keepdims: builtins.bool = ...
) -> Any: ...
@overload
def nanargmin(
    a: ArrayLike, axis: SupportsIndex | None = None, out: _AnyArray | None = None, *, keepdims: builtins.bool = ...
) -> ndarray: ...
def nancumprod(
    a: ArrayLike, axis: SupportsIndex | None = None, dtype: DTypeLike | None = None, out: _AnyArray | None = None
) -> ndarray: ...
def nancumsum(
    a: ArrayLike, axis: SupportsIndex | None = None, dtype: DTypeLike | None = None, out: _AnyArray | None = None
) -> ndarray: ...
@overload
def nanmax(
    a: ArrayLike,
    axis: None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
    initial: ArrayLike = ...,
    where: ArrayLike = ...,
) -> Any: ...
@overload
def nanmax(
    a: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
    initial: ArrayLike = ...,
    where: ArrayLike = ...,
) -> ndarray: ...
@overload
def nanmean(
    a: ArrayLike,
    axis: None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool | int = ...,
    *,
    where: ArrayLike = ...,
) -> Any: ...
@overload
def nanmean(
    a: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool | int = ...,
    *,
    where: ArrayLike = ...,
) -> ndarray: ...
@overload
def nanmedian(
    a: ArrayLike,
    axis: None = None,
    out: _AnyArray | None = None,
    overwrite_input: builtins.bool = False,
    keepdims: builtins.bool = ...,
) -> Any: ...
@overload
def nanmedian(
    a: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    out: _AnyArray | None = None,
    overwrite_input: builtins.bool = False,
    keepdims: builtins.bool = ...,
) -> ndarray: ...
@overload
def nanmin(
    a: ArrayLike,
    axis: None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
    initial: ArrayLike = ...,
    where: ArrayLike = ...,
) -> Any: ...
@overload
def nanmin(
    a: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
    initial: ArrayLike = ...,
    where: ArrayLike = ...,
) -> ndarray: ...
@overload
def nanpercentile(
    a: ArrayLike,
    q: ArrayLike,
    axis: None = None,
    out: _AnyArray | None = None,
    overwrite_input: builtins.bool = False,
    method: str = "linear",
    keepdims: builtins.bool = ...,
    *,
    weights: ArrayLike | None = None,
) -> Any: ...
@overload
def nanpercentile(
    a: ArrayLike,
    q: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    out: _AnyArray | None = None,
    overwrite_input: builtins.bool = False,
    method: str = "linear",
    keepdims: builtins.bool = ...,
    *,
    weights: ArrayLike | None = None,
) -> ndarray: ...
@overload
def nanprod(
    a: ArrayLike,
    axis: None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
    initial: ArrayLike = ...,
    where: ArrayLike = ...,
) -> Any: ...
@overload
def nanprod(
    a: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
    initial: ArrayLike = ...,
    where: ArrayLike = ...,
) -> ndarray: ...
@overload
def nanquantile(
    a: ArrayLike,
    q: ArrayLike,
    axis: None = None,
    out: _AnyArray | None = None,
    overwrite_input: builtins.bool = False,
    method: str = "linear",
    keepdims: builtins.bool = ...,
    *,
    weights: ArrayLike | None = None,
) -> Any: ...
@overload
def nanquantile(
    a: ArrayLike,
    q: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    out: _AnyArray | None = None,
    overwrite_input: builtins.bool = False,
    method: str = "linear",
    keepdims: builtins.bool = ...,
    *,
    weights: ArrayLike | None = None,
) -> ndarray: ...
@overload
def nanstd(
    a: ArrayLike,
    axis: None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    ddof: float = 0,
    keepdims: builtins.bool = ...,
    *,
    where: ArrayLike = ...,
    mean: ArrayLike = ...,
    correction: float = ...,
) -> Any: ...
@overload
def nanstd(
    a: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    ddof: float = 0,
    keepdims: builtins.bool = ...,
    *,
    where: ArrayLike = ...,
    mean: ArrayLike = ...,
    correction: float = ...,
) -> ndarray: ...
@overload
def nansum(
    a: ArrayLike,
    axis: None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
    initial: ArrayLike = ...,
    where: ArrayLike = ...,
) -> Any: ...
@overload
def nansum(
    a: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
    initial: ArrayLike = ...,
    where: ArrayLike = ...,
) -> ndarray: ...
@overload
def nanvar(
    a: ArrayLike,
    axis: None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    ddof: float = 0,
    keepdims: builtins.bool = ...,
    *,
    where: ArrayLike = ...,
    mean: ArrayLike = ...,
    correction: float = ...,
) -> Any: ...
@overload
def nanvar(
    a: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    ddof: float = 0,
    keepdims: builtins.bool = ...,
    *,
    where: ArrayLike = ...,
    mean: ArrayLike = ...,
    correction: float = ...,
) -> ndarray: ...
def ndim(a: ArrayLike) -> int: ...

negative: _Ufunc1to1

def nested_iters(
    op: ArrayLike,
    axes: Sequence[Sequence[SupportsIndex]],
    flags: Sequence[
        Literal[
            "buffered",
            "c_index",
            "copy_if_overlap",
            "common_dtype",
            "delay_bufalloc",
            "external_loop",
            "f_index",
            "grow_inner",
            "growinner",
            "multi_index",
            "ranged",
            "refs_ok",
            "reduce_ok",
            "zerosize_ok",
        ]
    ]
    | None = None,
    op_flags: Sequence[
        Sequence[
            Literal[
                "aligned",
                "allocate",
                "arraymask",
                "copy",
                "config",
                "nbo",
                "no_subtype",
                "no_broadcast",
                "overlap_assume_elementwise",
                "readonly",
                "readwrite",
                "updateifcopy",
                "virtual",
                "writeonly",
                "writemasked",
            ]
        ]
    ]
    | None = None,
    op_dtypes: DTypeLike | Sequence[DTypeLike | None] | None = None,
    order: Literal["K", "A", "C", "F"] | None = "K",
    casting: Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"] = "safe",
    buffersize: SupportsIndex = 0,
) -> tuple[Any, ...]: ...

nextafter: _Ufunc2to1

def nonzero(a: ArrayLike) -> tuple[ndarray, ...]: ...

not_equal: _Ufunc2to1

def ones(
    shape: SupportsIndex | Sequence[SupportsIndex],
    dtype: DTypeLike | None = None,
    order: Literal["K", "A", "C", "F"] | None = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: ArrayLike | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def ones_like(
    a: object,
    dtype: DTypeLike | None = None,
    order: Literal["K", "A", "C", "F"] | None = "K",
    subok: builtins.bool = True,
    shape: SupportsIndex | Sequence[SupportsIndex] | None = None,
    *,
    device: Literal["cpu"] | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def outer(a: ArrayLike, b: ArrayLike, out: _AnyArray | None = None) -> ndarray: ...
def packbits(
    a: ArrayLike, /, axis: SupportsIndex | None = None, bitorder: Literal["big", "little"] = "big"
) -> ndarray: ...
def pad(
    array: ArrayLike,
    pad_width: ArrayLike | dict[int, int] | dict[int, tuple[int, int]] | dict[int, int | tuple[int, int]],
    mode: Any = "constant",
    **kwargs: Any,
) -> ndarray: ...
def partition(
    a: ArrayLike,
    kth: ArrayLike,
    axis: SupportsIndex | None = -1,
    kind: Literal["introselect"] = "introselect",
    order: str | Sequence[str] | None = None,
) -> ndarray: ...
@overload
def percentile(
    a: ArrayLike,
    q: ArrayLike,
    axis: None = None,
    out: _AnyArray | None = None,
    overwrite_input: builtins.bool = False,
    method: str = "linear",
    keepdims: builtins.bool = False,
    *,
    weights: ArrayLike | None = None,
) -> Any: ...
@overload
def percentile(
    a: ArrayLike,
    q: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    out: _AnyArray | None = None,
    overwrite_input: builtins.bool = False,
    method: str = "linear",
    keepdims: builtins.bool = False,
    *,
    weights: ArrayLike | None = None,
) -> ndarray: ...
def permute_dims(a: ArrayLike, axes: SupportsIndex | Sequence[SupportsIndex] | None = None) -> ndarray: ...
def piecewise(x: ArrayLike, condlist: ArrayLike, funclist: Any, *args: Any, **kw: Any) -> Any: ...
def place(arr: _AnyArray, mask: ArrayLike, vals: ArrayLike) -> None: ...
def poly(seq_of_zeros: ArrayLike) -> ndarray: ...
def polyadd(a1: ArrayLike, a2: ArrayLike) -> ndarray: ...
def polyder(p: ArrayLike, m: ArrayLike = 1) -> ndarray: ...
def polydiv(u: ArrayLike, v: ArrayLike) -> tuple[ndarray, ndarray]: ...
def polyfit(
    x: ArrayLike,
    y: ArrayLike,
    deg: SupportsIndex,
    rcond: float | None = None,
    full: builtins.bool = False,
    w: ArrayLike | None = None,
    cov: builtins.bool | int | Literal["unscaled"] = False,
) -> Any: ...
def polyint(p: ArrayLike, m: ArrayLike = 1, k: ArrayLike | None = None) -> ndarray: ...
def polymul(a1: ArrayLike, a2: ArrayLike) -> ndarray: ...
def polysub(a1: ArrayLike, a2: ArrayLike) -> ndarray: ...
def polyval(p: ArrayLike, x: ArrayLike) -> ndarray: ...

positive: _Ufunc1to1
pow: _Ufunc2to1
power: _Ufunc2to1

def printoptions(*args: Any, **kwargs: Any) -> Any: ...
@overload
def prod(
    a: ArrayLike,
    axis: None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
    initial: ArrayLike = ...,
    where: ArrayLike = ...,
    *,
    asarray: builtins.bool = ...,
) -> Any: ...
@overload
def prod(
    a: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
    initial: ArrayLike = ...,
    where: ArrayLike = ...,
    *,
    asarray: builtins.bool = ...,
) -> ndarray: ...
def promote_types(type1: Any, type2: Any, /) -> dtype[Any]: ...
@overload
def ptp(a: ArrayLike, axis: None = None, out: _AnyArray | None = None, keepdims: builtins.bool = ...) -> Any: ...
@overload
def ptp(
    a: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
) -> ndarray: ...
@overload
def put(a: object) -> Any: ...
@overload
def put(a: _AnyArray, ind: ArrayLike, v: ArrayLike, mode: Literal["raise", "wrap", "clip"] = ...) -> None: ...
def put_along_axis(arr: _AnyArray, indices: _AnyArray, values: ArrayLike, axis: int | None) -> None: ...
def putmask(a: _AnyArray, /, mask: ArrayLike, values: ArrayLike) -> None: ...
@overload
def quantile(
    a: ArrayLike,
    q: ArrayLike,
    axis: None = None,
    out: _AnyArray | None = None,
    overwrite_input: builtins.bool = False,
    method: str = "linear",
    keepdims: builtins.bool = False,
    *,
    weights: ArrayLike | None = None,
) -> Any: ...
@overload
def quantile(
    a: ArrayLike,
    q: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    out: _AnyArray | None = None,
    overwrite_input: builtins.bool = False,
    method: str = "linear",
    keepdims: builtins.bool = False,
    *,
    weights: ArrayLike | None = None,
) -> ndarray: ...

rad2deg: _Ufunc1to1
radians: _Ufunc1to1

def ravel(a: ArrayLike, order: Literal["K", "A", "C", "F"] | None = "C") -> ndarray: ...
def ravel_multi_index(
    multi_index: Sequence[ArrayLike],
    dims: SupportsIndex | Sequence[SupportsIndex],
    mode: tuple[Literal["raise", "wrap", "clip"], ...] | Literal["raise", "wrap", "clip"] = "raise",
    order: Literal["C", "F"] | None = "C",
) -> ndarray: ...
def real(val: ArrayLike) -> ndarray: ...
def real_if_close(a: ArrayLike, tol: float = 100) -> ndarray: ...

reciprocal: _Ufunc1to1
remainder: _Ufunc2to1

def repeat(a: ArrayLike, repeats: ArrayLike, axis: SupportsIndex | None = None) -> ndarray: ...
def require(
    a: object,
    dtype: DTypeLike | None = None,
    requirements: Iterable[
        Literal[
            "C",
            "C_CONTIGUOUS",
            "CONTIGUOUS",
            "F",
            "F_CONTIGUOUS",
            "FORTRAN",
            "A",
            "ALIGNED",
            "W",
            "WRITEABLE",
            "O",
            "OWNDATA",
        ]
    ]
    | Iterable[
        Literal[
            "C",
            "C_CONTIGUOUS",
            "CONTIGUOUS",
            "F",
            "F_CONTIGUOUS",
            "FORTRAN",
            "A",
            "ALIGNED",
            "W",
            "WRITEABLE",
            "O",
            "OWNDATA",
            "E",
            "ENSUREARRAY",
        ]
    ]
    | Literal[
        "C",
        "C_CONTIGUOUS",
        "CONTIGUOUS",
        "F",
        "F_CONTIGUOUS",
        "FORTRAN",
        "A",
        "ALIGNED",
        "W",
        "WRITEABLE",
        "O",
        "OWNDATA",
        "E",
        "ENSUREARRAY",
    ]
    | None = None,
    *,
    like: ArrayLike | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def reshape(
    a: ArrayLike,
    /,
    shape: SupportsIndex | Sequence[SupportsIndex],
    order: Literal["A", "C", "F"] | None = "C",
    *,
    copy: builtins.bool | None = None,
) -> ndarray: ...
@overload
def resize(*, workers: int | None) -> int: ...
@overload
def resize(a: ArrayLike, new_shape: SupportsIndex | Sequence[SupportsIndex]) -> ndarray: ...
def result_type(*arrays_and_dtypes: ArrayLike | DTypeLike | None) -> dtype[Any]: ...

right_shift: _Ufunc2to1
rint: _Ufunc1to1

def roll(
    a: ArrayLike,
    shift: SupportsIndex | Sequence[SupportsIndex],
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
) -> ndarray: ...
def rollaxis(a: _AnyArray, axis: int, start: int = 0) -> ndarray: ...
def roots(p: ArrayLike) -> ndarray: ...
def rot90(m: ArrayLike, k: int = 1, axes: tuple[int, int] = ...) -> ndarray: ...
def round(a: ArrayLike, decimals: SupportsIndex = 0, out: _AnyArray | None = None) -> ndarray: ...
def row_stack(
    tup: Sequence[ArrayLike],
    *,
    dtype: DTypeLike | None = None,
    casting: Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"] = "same_kind",
) -> ndarray: ...
@overload
def save(file: Any, arr: ArrayLike, allow_pickle: builtins.bool = True) -> None: ...
@overload
def save(
    file: Any,
    arr: ArrayLike,
    name: str | None = None,
    *,
    chunks: Sequence[int] | int | None = None,
    compression: Any = None,
    mode: str = ...,
    ftype: str | None = None,
) -> None: ...
def savetxt(
    fname: Any,
    X: ArrayLike,
    fmt: str | Sequence[str] = "%.18e",
    delimiter: str = " ",
    newline: str = "\n",
    header: str = "",
    footer: str = "",
    comments: str = "# ",
    encoding: str | None = None,
) -> None: ...
def savez(file: Any, *args: ArrayLike, allow_pickle: builtins.bool = True, **kwds: ArrayLike) -> None: ...
def savez_compressed(file: Any, *args: ArrayLike, allow_pickle: builtins.bool = True, **kwds: ArrayLike) -> None: ...
def searchsorted(
    a: ArrayLike, v: ArrayLike, side: Literal["left", "right"] = "left", sorter: ArrayLike | None = None
) -> ndarray: ...
def select(
    condlist: ArrayLike, choicelist: Sequence[_AnyArray] | Sequence[ArrayLike] | _AnyArray, default: ArrayLike = 0
) -> ndarray: ...
def set_printoptions(
    precision: SupportsIndex | None = None,
    threshold: int | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    suppress: builtins.bool | None = None,
    nanstr: str | None = None,
    infstr: str | None = None,
    formatter: Any = None,
    sign: Literal["-", "+", " "] | None = None,
    floatmode: Literal["fixed", "unique", "maxprec", "maxprec_equal"] | None = None,
    *,
    legacy: Literal["1.13"] | None = None,
    override_repr: Callable[..., Any] | None = None,
) -> None: ...
def setbufsize(size: int) -> int: ...
def setdiff1d(ar1: ArrayLike, ar2: ArrayLike, assume_unique: builtins.bool = False) -> ndarray: ...
def seterr(
    all: Literal["ignore", "warn", "raise", "call", "print", "log"] | None = None,
    divide: Literal["ignore", "warn", "raise", "call", "print", "log"] | None = None,
    over: Literal["ignore", "warn", "raise", "call", "print", "log"] | None = None,
    under: Literal["ignore", "warn", "raise", "call", "print", "log"] | None = None,
    invalid: Literal["ignore", "warn", "raise", "call", "print", "log"] | None = None,
) -> Any: ...
def seterrcall(func: Callable[..., Any]) -> Any: ...
def setxor1d(ar1: ArrayLike, ar2: ArrayLike, assume_unique: builtins.bool = False) -> ndarray: ...
def shape(a: ArrayLike) -> tuple[int, ...]: ...
def shares_memory(a: object, b: object, /, max_work: int = -1) -> builtins.bool: ...
def show_config(mode: Literal["stdout", "dicts"] = "stdout") -> ndarray: ...
def show_runtime() -> None: ...

sign: _Ufunc1to1
signbit: _Ufunc1to1
sin: _Ufunc1to1

def sinc(x: ArrayLike) -> ndarray: ...

sinh: _Ufunc1to1

@overload
def size() -> int: ...
@overload
def size(a: ArrayLike, axis: int | tuple[int, ...] | None = None) -> int: ...
def sort(
    a: ArrayLike,
    axis: SupportsIndex | None = -1,
    kind: Literal[
        "Q", "quick", "quicksort", "M", "merge", "mergesort", "H", "heap", "heapsort", "S", "stable", "stablesort"
    ]
    | None = None,
    order: str | Sequence[str] | None = None,
    *,
    stable: builtins.bool | None = None,
) -> ndarray: ...
def sort_complex(a: ArrayLike) -> ndarray: ...

spacing: _Ufunc1to1

def split(
    ary: ArrayLike, indices_or_sections: SupportsIndex | Sequence[SupportsIndex], axis: SupportsIndex = 0
) -> list[ndarray]: ...

sqrt: _Ufunc1to1
square: _Ufunc1to1

def squeeze(a: ArrayLike, axis: SupportsIndex | Sequence[SupportsIndex] | None = None) -> ndarray: ...
def stack(
    arrays: Sequence[ArrayLike],
    axis: SupportsIndex = 0,
    out: _AnyArray | None = None,
    *,
    dtype: DTypeLike | None = None,
    casting: Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"] = "same_kind",
) -> ndarray: ...
@overload
def std(
    a: ArrayLike,
    axis: None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    ddof: float = 0,
    keepdims: builtins.bool = ...,
    *,
    where: ArrayLike = ...,
    mean: ArrayLike = ...,
    correction: float = ...,
    asarray: builtins.bool = ...,
) -> Any: ...
@overload
def std(
    a: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    ddof: float = 0,
    keepdims: builtins.bool = ...,
    *,
    where: ArrayLike = ...,
    mean: ArrayLike = ...,
    correction: float = ...,
    asarray: builtins.bool = ...,
) -> ndarray: ...

subtract: _Ufunc2to1

@overload
def sum(
    a: ArrayLike,
    axis: None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
    initial: ArrayLike = ...,
    where: ArrayLike = ...,
    *,
    asarray: builtins.bool = ...,
) -> Any: ...
@overload
def sum(
    a: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    keepdims: builtins.bool = ...,
    initial: ArrayLike = ...,
    where: ArrayLike = ...,
    *,
    asarray: builtins.bool = ...,
) -> ndarray: ...
def swapaxes(a: ArrayLike, axis1: SupportsIndex, axis2: SupportsIndex) -> ndarray: ...
def take(
    a: ArrayLike,
    indices: ArrayLike,
    axis: SupportsIndex | None = None,
    out: _AnyArray | None = None,
    mode: Literal["raise", "wrap", "clip"] = "raise",
) -> ndarray: ...
def take_along_axis(arr: numpy.generic | _AnyArray, indices: _AnyArray, axis: int | None = -1) -> ndarray: ...

tan: _Ufunc1to1
tanh: _Ufunc1to1

def tensordot(
    a: ArrayLike,
    b: ArrayLike,
    axes: int | tuple[SupportsIndex | Sequence[SupportsIndex], SupportsIndex | Sequence[SupportsIndex]] = 2,
) -> ndarray: ...
def test(
    label: Any = "fast",
    verbose: Any = 1,
    extra_argv: Any = None,
    doctests: Any = False,
    coverage: Any = False,
    durations: Any = -1,
    tests: Any = None,
) -> ndarray: ...
def tile(A: ArrayLike, reps: ArrayLike) -> ndarray: ...
def trace(
    a: ArrayLike,
    offset: SupportsIndex = 0,
    axis1: SupportsIndex = 0,
    axis2: SupportsIndex = 1,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
) -> Any: ...
def transpose(a: ArrayLike, axes: SupportsIndex | Sequence[SupportsIndex] | None = None) -> ndarray: ...
def trapezoid(
    y: Sequence[Any] | list[complex] | ArrayLike,
    x: ArrayLike | Sequence[Any] | list[complex] | None = None,
    dx: complex = ...,
    axis: SupportsIndex = -1,
) -> ndarray: ...
def tri(
    N: int,
    M: int | None = None,
    k: int = 0,
    dtype: DTypeLike | None = ...,
    *,
    like: ArrayLike | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def tril(
    m: ArrayLike,
    k: int = 0,
    *,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def tril_indices(
    n: int,
    k: int = 0,
    m: int | None = None,
    *,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> tuple[ndarray, ndarray]: ...
def tril_indices_from(arr: ArrayLike, k: int = 0) -> tuple[ndarray, ndarray]: ...
def trim_zeros(
    filt: ArrayLike,
    trim: Literal["f", "b", "fb", "bf"] = "fb",
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
) -> Any: ...
def triu(
    m: ArrayLike,
    k: int = 0,
    *,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def triu_indices(
    n: int,
    k: int = 0,
    m: int | None = None,
    *,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> tuple[ndarray, ndarray]: ...
def triu_indices_from(arr: ArrayLike, k: int = 0) -> tuple[ndarray, ndarray]: ...

true_divide: _Ufunc2to1
trunc: _Ufunc1to1

def typename(
    char: Literal[
        "S1", "?", "b", "B", "h", "H", "i", "I", "l", "L", "q", "Q", "f", "d", "g", "F", "D", "G", "S", "U", "V", "O"
    ],
) -> ndarray: ...
def union1d(ar1: ArrayLike, ar2: ArrayLike) -> ndarray: ...
@overload
def unique(
    ar: ArrayLike,
    return_index: Literal[False] = False,
    return_inverse: Literal[False] = False,
    return_counts: Literal[False] = False,
    axis: SupportsIndex | None = None,
    *,
    equal_nan: builtins.bool = True,
    sorted: builtins.bool = True,
) -> ndarray: ...
@overload
def unique(
    ar: ArrayLike,
    return_index: builtins.bool = False,
    return_inverse: builtins.bool = False,
    return_counts: builtins.bool = False,
    axis: SupportsIndex | None = None,
    *,
    equal_nan: builtins.bool = True,
    sorted: builtins.bool = True,
) -> Any: ...
def unique_all(x: ArrayLike) -> Any: ...
def unique_counts(x: ArrayLike) -> Any: ...
def unique_inverse(x: ArrayLike) -> Any: ...
def unique_values(x: ArrayLike) -> ndarray: ...
def unpackbits(
    a: ArrayLike,
    /,
    axis: SupportsIndex | None = None,
    count: SupportsIndex | None = None,
    bitorder: Literal["big", "little"] = "big",
) -> ndarray: ...
def unravel_index(
    indices: ArrayLike, shape: SupportsIndex | Sequence[SupportsIndex], order: Literal["C", "F"] | None = "C"
) -> tuple[Any, ...]: ...
def unstack(x: ArrayLike, /, *, axis: int = 0) -> tuple[ndarray, ...]: ...
def unwrap(p: ArrayLike, discont: float | None = None, axis: int = -1, *, period: float = ...) -> ndarray: ...
def vander(
    x: ArrayLike | list[int] | list[float] | list[complex],
    N: int | None = None,
    increasing: builtins.bool = False,
    *,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
@overload
def var(
    a: ArrayLike,
    axis: None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    ddof: float = 0,
    keepdims: builtins.bool = ...,
    *,
    where: ArrayLike = ...,
    mean: ArrayLike = ...,
    correction: float = ...,
    asarray: builtins.bool = ...,
) -> Any: ...
@overload
def var(
    a: ArrayLike,
    axis: SupportsIndex | Sequence[SupportsIndex] | None = None,
    dtype: DTypeLike | None = None,
    out: _AnyArray | None = None,
    ddof: float = 0,
    keepdims: builtins.bool = ...,
    *,
    where: ArrayLike = ...,
    mean: ArrayLike = ...,
    correction: float = ...,
    asarray: builtins.bool = ...,
) -> ndarray: ...
def vdot(a: object, b: object, /) -> Any: ...

vecdot: _Ufunc2to1
vecmat: _Ufunc2to1

def vsplit(ary: ArrayLike, indices_or_sections: SupportsIndex | Sequence[SupportsIndex]) -> list[ndarray]: ...
def vstack(
    tup: Sequence[ArrayLike],
    *,
    dtype: DTypeLike | None = None,
    casting: Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"] = "same_kind",
) -> ndarray: ...
@overload
def where(condition: ArrayLike, /) -> tuple[ndarray, ...]: ...
@overload
def where(condition: ArrayLike, x: ArrayLike, y: ArrayLike, /) -> ndarray: ...
def zeros(
    shape: SupportsIndex | Sequence[SupportsIndex],
    dtype: DTypeLike | None = None,
    order: Literal["K", "A", "C", "F"] | None = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: ArrayLike | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
def zeros_like(
    a: object,
    dtype: DTypeLike | None = None,
    order: Literal["K", "A", "C", "F"] | None = "K",
    subok: builtins.bool = True,
    shape: SupportsIndex | Sequence[SupportsIndex] | None = None,
    *,
    device: Literal["cpu"] | None = None,
    distribution: Any = ...,
    dist_dims: SupportsIndex | Sequence[SupportsIndex] | None = ...,
    dims_do_not_distribute: Any = ...,
    local_border: int = ...,
) -> ndarray: ...
