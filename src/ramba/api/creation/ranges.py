"""Array creation: numerical ranges, and grids of them."""

from __future__ import annotations

import math
import operator
from functools import partial
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from ramba.api.creation.from_shape import creates, empty, numpy, stays_in_numpy
from ramba.lazyarray import (
    UFUNC,
    arange1d,
    asarray,
    broadcast,
    has_subclass,
    implements,
    must_fit,
    ndarray,
    unwrap,
    view_of,
    where,
    wrap,
)
from ramba.lazyarray import asarray as as_ramba

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import DType

    Device: TypeAlias = str | None


@creates(np.arange, kind="range")
def arange(
    start_or_stop: ArrayLike | None = None,
    /,
    stop: ArrayLike | None = None,
    step: ArrayLike = 1,
    *,
    dtype: DType = None,
    **options: Any,
) -> ndarray:
    """Evenly spaced values with a given step, without the end."""
    start = options.pop("start", start_or_stop)
    if stop is None and start_or_stop is None:
        numpy.arange(**({} if start is None else {"start": start}))  # raises
    given = (0, start) if stop is None else (0 if start is None else start, stop)
    given, step = unwrap(given), unwrap(step)
    by_numpy = partial(numpy.arange, *given, step, dtype=dtype, device=options.get("device"))
    numbers = (int, float, np.integer, np.floating)
    others = any(isinstance(value, np.timedelta64) for value in (*given, step))  # which are np.integer, too
    if others or not all(isinstance(value, numbers) for value in (*given, step)) or step == 0:
        return wrap(by_numpy())
    first, last = given
    try:
        with np.errstate(all="ignore"):
            length = (last - first) / step
    except OverflowError:
        return wrap(by_numpy())
    if not length < 2**62 or not length > 0:  # NaN, infinite or empty: NumPy knows the answer or the error
        return wrap(by_numpy())
    size = math.ceil(length)
    made = np.result_type(np.int_, *[np.asarray(x).dtype for x in (*given, step)]) if dtype is None else np.dtype(dtype)
    if stays_in_numpy(size, made) or made.kind not in "iuf" or options.get("device") not in (None, "cpu"):
        return wrap(by_numpy())
    # NumPy computes the first two elements, and all others from their difference
    with np.errstate(all="ignore"):
        two = np.array([first, first + step]).astype(made)
        delta = two[1] - two[0]
        if two[0] + delta != two[1]:
            return wrap(by_numpy())
    return arange1d(two[0], delta, size, made)


@creates(np.linspace)
def linspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DType = None,
    axis: int = 0,
    *,
    device: Device = None,
) -> Any:
    """A number of evenly spaced values over an interval."""
    num = operator.index(num)
    if has_subclass((start, stop)):
        return numpy.linspace(*unwrap((start, stop, num, endpoint, retstep, dtype, axis)))
    start, stop = (x if isinstance(x, int | float | complex) else as_ramba(x) for x in (start, stop))
    points = np.broadcast_shapes(*[getattr(x, "shape", ()) for x in (start, stop)])
    inexact = np.result_type(*[getattr(x, "dtype", x) for x in (start, stop)], 0.0)
    if num < 2 or stays_in_numpy(num * math.prod(points), inexact) or device not in (None, "cpu"):
        result = numpy.linspace(unwrap(start), unwrap(stop), num, endpoint, retstep, dtype, axis, device=device)
        return wrap(result)
    must_fit((num, *points), inexact)
    start, stop = (x * 1.0 for x in (start, stop))
    delta = UFUNC["subtract"](stop, start, dtype=inexact)
    divisions = num - 1 if endpoint else num
    step = delta / divisions
    place = arange1d(0, 1, num, np.dtype(np.int64)).reshape((num,) + (1,) * len(points))
    count = place.astype(inexact)
    if bool(UFUNC["logical_or"].reduce(as_ramba(step) == 0, axis=None)):  # denormal steps
        result = count / divisions * delta + start
    else:
        result = count * step + start
    if endpoint:
        result = where(place == num - 1, as_ramba(stop).astype(inexact), result)
    if axis != 0:
        result = view_of(np.moveaxis, result, 0, axis)
    if dtype is not None:
        result = (UFUNC["floor"](result) if np.dtype(dtype).kind in "iu" else result).astype(dtype)
    return (result, step) if retstep else result


@creates(np.logspace)
def logspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    base: ArrayLike = 10.0,
    dtype: DType = None,
    axis: int = 0,
) -> ndarray:
    """A number of values evenly spaced on a logarithmic scale."""
    points = np.broadcast_shapes(np.shape(start), np.shape(stop), np.shape(base))
    if has_subclass((start, stop, base)):
        return np.logspace(*unwrap((start, stop, num, endpoint, base, dtype, axis)))  # type: ignore[return-value]
    if stays_in_numpy(operator.index(num) * math.prod(points), np.dtype(float)) or np.ndim(base):
        return wrap(np.logspace(*unwrap((start, stop, num, endpoint, base, dtype, axis))))
    result = UFUNC["power"](base, linspace(start, stop, num, endpoint, axis=axis))
    return result if dtype is None else result.astype(dtype)


@creates(np.geomspace)
def geomspace(
    start: Any,
    stop: Any,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    dtype: DType = None,
    axis: int = 0,
) -> ndarray:
    """A number of values in a geometric progression."""
    scalars = all(isinstance(x, int | float) and x != 0 for x in (start, stop))
    if stays_in_numpy(operator.index(num), np.dtype(float)) or not scalars or dtype is not None or axis:
        return wrap(np.geomspace(*unwrap((start, stop, num, endpoint, dtype, axis))))
    if (start < 0) != (stop < 0):
        return wrap(np.geomspace(start, stop, num, endpoint))
    sign = np.sign(float(start))
    exponents = np.log10(start / sign), np.log10(stop / sign)
    result = logspace(*exponents, num=num, endpoint=endpoint)
    count = operator.index(num)
    place = arange1d(0, 1, count, np.dtype(np.int64))
    result = where(place == 0, start / sign, result)
    if endpoint and count > 1:
        result = where(place == count - 1, stop / sign, result)
    return result * sign


@implements(np.meshgrid)
def meshgrid(*xi: ArrayLike, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    """Coordinate arrays from coordinate vectors."""
    if indexing not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
    ndim = len(xi)
    axes = list(range(ndim))
    if indexing == "xy" and ndim > 1:
        axes[:2] = 1, 0
    vectors = []
    for x, axis in zip(xi, axes, strict=True):
        shape = [1] * ndim
        shape[axis] = -1
        vectors.append(asarray(x).reshape(shape))
    if not sparse:
        vectors = list(broadcast(vectors))
        for vector in vectors:
            must_fit(vector.shape, vector.dtype)
    return tuple([vector.copy() for vector in vectors]) if copy else tuple(vectors)


def positions_along(shape: tuple[int, ...], dtype: np.dtype) -> list[ndarray]:
    """For every axis the positions along it, ready to be broadcast."""
    result = []
    for axis, extent in enumerate(shape):
        along = [1] * len(shape)
        along[axis] = extent
        result.append(arange1d(0, 1, extent, dtype).reshape(along))
    return result


class _Grid:
    """NumPy's grid objects, by subscript: ``mgrid[0:5, 0:3]``."""

    def __init__(self, numpy_grid: Any, *, sparse: bool) -> None:
        self._numpy_grid, self._sparse = numpy_grid, sparse
        self.__doc__ = numpy_grid.__doc__

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            if isinstance(key.step, complex | np.complexfloating):
                return wrap(self._numpy_grid[key])
            return arange(key.start or 0, key.stop, 1 if key.step is None else key.step)
        try:
            axes = [_axis(part) for part in key]
        except (TypeError, AttributeError):
            return wrap(self._numpy_grid[key])  # NumPy's answer, or its error
        dtype = np.result_type(0, *[number for part in key for number in _numbers(part)])
        shape = tuple([extent for extent, _, _ in axes])
        if stays_in_numpy(math.prod(shape) * len(shape), dtype) or any(extent < 0 for extent in shape):
            return wrap(self._numpy_grid[key])
        if not self._sparse:
            must_fit((len(shape), *shape), dtype)
        vectors = [
            (position * step + start).astype(dtype)
            for position, (_, start, step) in zip(positions_along(shape, dtype), axes, strict=True)
        ]
        if self._sparse:
            return tuple(vectors)
        result = empty((len(shape), *shape), dtype)
        for axis, vector in enumerate(vectors):
            result[axis] = vector
        return result


def _numbers(part: slice) -> tuple[Any, Any, Any]:
    step = 1 if part.step is None else part.step
    return part.start or 0, part.stop, abs(step) if isinstance(step, complex | np.complexfloating) else step


def _axis(part: slice) -> tuple[int, Any, Any]:
    """Number of points, start and step along one axis; a complex step counts points."""
    start, stop, step = _numbers(part)
    if not isinstance(part.step, complex | np.complexfloating):
        return math.ceil((stop - start) / step), start, step
    extent = int(step)
    return extent, start, (stop - start) / float(extent - 1) if extent != 1 else 1


mgrid = _Grid(np.mgrid, sparse=False)
ogrid = _Grid(np.ogrid, sparse=True)
