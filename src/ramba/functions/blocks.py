"""`map_blocks`: a function of the user's, of whole blocks of arrays with or without their surroundings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from ramba import config
from ramba.functions import borders
from ramba.functions.arguments import Each
from ramba.functions.blockwise import by_blocks
from ramba.functions.purity import impurity
from ramba.functions.tracing import Block, BlockTrace, Trace, Untraceable, trace
from ramba.lazyarray import Array, asarray, empty, full, ndarray

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import DType

Depth: TypeAlias = int | Sequence[int] | Mapping[int, int]
Axes: TypeAlias = int | Sequence[int] | None


def map_blocks(
    func: Callable[..., Any], *arrays: ArrayLike, depth: Depth = 0,
    mode: str | tuple[str, ...] = "constant", cval: complex = 0, dtype: DType = None,
    drop_axis: Axes = None, new_axis: Axes = None,
) -> Any:  # fmt: skip
    """Apply a function of your own to blocks of arrays, on all threads and workers.

    The function gets NumPy arrays. How many blocks there are depends on the number of threads and workers; the result
    should not. A function that computes single elements only, with NumPy's ufuncs, is fused with its surroundings.

    Parameters
    ----------
    func : callable
        Of a block of each array; gives a block of the result.
    *arrays : array_like
        Arrays are broadcast against each other, and all cut alike; everything else is passed on as it is.
    depth : int, or one for each axis, optional
        Elements around each block that it gets as well. What the function gives for them is cut off.
    mode : str or tuple of str, optional
        What lies beyond the edges: "constant", "nearest", "reflect", "mirror" or "wrap", as in `scipy.ndimage`.
    cval : scalar, optional
        With "constant", the elements there.
    dtype : dtype, optional
        Of the result. By default, that of the blocks that the function gives.
    drop_axis : int or sequence of int, optional
        Axes that are not cut, and that the function takes away.
    new_axis : int or sequence of int, optional
        Axes of the result that the function adds.

    Returns
    -------
    ndarray
        The blocks, put together.

    Raises
    ------
    ValueError
        For shapes that do not fit, an unknown mode, and blocks of wrong shapes.
    TypeError
        If there is no function or no array, and for blocks of objects.

    See Also
    --------
    smap, sstencil : For functions of elements, and of elements and their neighbours.

    Examples
    --------
    >>> import ramba as np
    >>> np.map_blocks(lambda b: b[:-2] + b[2:], np.arange(5), depth=1, mode="wrap")
    array([5, 2, 4, 6, 3])
    """
    given, places, shape = _arguments(func, arrays)
    how = _Axes.of(len(shape), depth, drop_axis, new_axis)
    modes = borders.modes_of(mode, len(shape))
    plain = how == _Axes.of(len(shape), 0, None, None)
    made = _traced(func, given, shape) if plain else None
    if made is None:
        made = _called(func, given, places, shape, how, modes, cval, dtype)
    return made if dtype is None or made.dtype == np.dtype(dtype) else made.astype(dtype)


def _arguments(func: object, arrays: tuple[Any, ...]) -> tuple[list[Any], list[int], tuple[int, ...]]:
    """All arguments, which of them are arrays, and their shape."""
    if not callable(func):
        raise TypeError(f"a function is expected, not {type(func).__name__!r}")
    given: list[Any] = [asarray(x) if isinstance(x, Array | np.ndarray) else x for x in arrays]
    if given and not any(isinstance(x, Array) for x in given):
        given[0] = asarray(given[0])
    places = [n for n, x in enumerate(given) if isinstance(x, Array)]
    if not places:
        raise TypeError("map_blocks needs at least one array")
    shape = np.broadcast_shapes(*(given[n].shape for n in places))
    stretch: Any = np.broadcast_to
    for n in places:
        given[n] = given[n] if given[n].shape == shape else stretch(given[n], shape)
    return given, places, shape


class _Axes(NamedTuple):
    """What happens to the axes."""

    depth: tuple[int, ...]  # of each axis
    kept: tuple[int, ...]  # axes of the arrays that are cut
    dropped: tuple[int, ...]
    new: tuple[int, ...]  # axes of the result

    @staticmethod
    def of(ndim: int, depth: Depth, drop: Axes, new: Axes) -> _Axes:
        """What the arguments say. NumPy's exception for axes that there are not."""
        if isinstance(depth, Mapping):
            depths = [0] * ndim
            for axis, value in depth.items():
                depths[np.lib.array_utils.normalize_axis_index(axis, ndim)] = value
        else:
            depths = [int(depth)] * ndim if isinstance(depth, int | np.integer) else list(depth)
        if len(depths) != ndim or not all(isinstance(d, int | np.integer) and d >= 0 for d in depths):
            raise ValueError(f"depth is a number that is not negative, or one for each of {ndim} axes: not {depth!r}")
        dropped = () if drop is None else np.lib.array_utils.normalize_axis_tuple(drop, ndim, "drop_axis")
        kept = tuple(d for d in range(ndim) if d not in dropped)
        count = 0 if new is None else len(np.atleast_1d(new))
        added = () if new is None else np.lib.array_utils.normalize_axis_tuple(new, len(kept) + count, "new_axis")
        return _Axes(tuple(map(int, depths)), kept, tuple(dropped), tuple(sorted(added)))


def _traced(func: Callable[..., Any], given: list[Any], shape: tuple[int, ...]) -> Any:
    """What a function of elements gives, as operations; None if it is called for blocks."""

    def checked(*symbols: object) -> Any:
        made = func(*symbols)
        if not isinstance(made, Block):
            raise Untraceable("it gives something else than a block")
        return made

    if config.current().functions not in ("auto", "trace") or impurity(func):
        return None
    try:
        return trace(checked, [_EachBlock(x) if isinstance(x, Array) else x for x in given], shape, BlockTrace)
    except Untraceable:
        return None


class _EachBlock(Each):
    """An argument that is an array of any shape."""

    def symbol(self, call: Trace) -> Any:
        """A block."""
        return Block(self.array, call)

    def sample(self) -> _EachBlock:
        """The same with a one."""
        return _EachBlock(super().sample().array)


def _called(
    func: Callable[..., Any], given: list[Any], places: list[int], shape: tuple[int, ...], how: _Axes,
    modes: tuple[str, ...], cval: complex, dtype: DType,
) -> Any:  # fmt: skip
    if 0 in shape:
        return _of_nothing([given[n] for n in places], shape, how, dtype)
    order = (*how.kept, *how.dropped)
    around = [_extended(given[n], how.depth, modes, cval).transpose(order) for n in places]
    function = OnBlocks(func, given_otherwise(given, places), tuple(places), how)
    cut = tuple(shape[d] for d in how.kept)
    margins = tuple(how.depth[d] for d in how.kept)
    dtypes = () if dtype is None else (dtype,)
    (made,) = by_blocks(function, around, cut, function.called, margins=margins, dtypes=dtypes)
    moved: Any = np.moveaxis
    return made if not how.new else moved(made, tuple(range(len(cut), made.ndim)), how.new)


def given_otherwise(given: Sequence[Any], places: Sequence[int]) -> tuple[Any, ...]:
    """All arguments, without those that are cut."""
    return tuple(None if n in places else x for n, x in enumerate(given))


def _of_nothing(arrays: list[Any], shape: tuple[int, ...], how: _Axes, dtype: DType) -> Any:
    if how.new:
        raise ValueError("map_blocks of no elements: how long new axes are is not known")
    kind = np.result_type(*(x.dtype for x in arrays)) if dtype is None else np.dtype(dtype)
    return empty(tuple(shape[d] for d in how.kept), kind)


def _extended(array: ndarray, depth: tuple[int, ...], modes: tuple[str, ...], cval: complex) -> Any:
    """The array with what lies beyond its edges."""
    if not any(depth):
        return array
    constant = [d if mode == "constant" else 0 for d, mode in zip(depth, modes, strict=True)]
    other = [0 if mode == "constant" else d for d, mode in zip(depth, modes, strict=True)]
    inner = borders.block(array, [(-d, n + d) for d, n in zip(other, array.shape, strict=True)], modes)
    if not any(constant):
        return inner
    extents = tuple(n + 2 * d for n, d in zip(inner.shape, constant, strict=True))
    result = full(extents, np.asarray(cval).astype(array.dtype)[()], array.dtype)
    result[tuple(slice(d, d + n) for n, d in zip(inner.shape, constant, strict=True))] = inner
    return result


class OnBlocks:
    """Calls a user's function for blocks whose axes stand in another order."""

    def __init__(self, func: Callable[..., Any], given: tuple[Any, ...], places: tuple[int, ...], how: _Axes) -> None:
        self.func, self.given, self.places, self.how = func, given, places, how
        self.called = f"ramba.map_blocks of {getattr(func, '__qualname__', repr(func))}"

    def __call__(self, start: tuple[int, ...], extent: tuple[int, ...], *blocks: np.ndarray) -> np.ndarray:
        back = np.argsort((*self.how.kept, *self.how.dropped))
        arguments = list(self.given)
        for n, block in zip(self.places, blocks, strict=True):
            arguments[n] = block.transpose(back)
        try:
            return self.placed(np.asarray(self.func(*arguments)), extent)
        except Exception as problem:
            where = ", ".join(f"{s}:{s + e}" for s, e in zip(start, extent, strict=True))
            problem.add_note(f"In {self.called}, for the block [{where}].")
            raise

    def placed(self, made: np.ndarray, extent: tuple[int, ...]) -> np.ndarray:
        """What the function gave, without margins, new axes at the end."""
        new, margins = self.how.new, [self.how.depth[d] for d in self.how.kept]
        if made.ndim != len(extent) + len(new):
            raise ValueError(f"a block of {made.ndim} axes, where {len(extent) + len(new)} are expected")
        made = np.moveaxis(made, new, tuple(range(len(extent), made.ndim))) if new else made
        if made.shape[: len(extent)] == tuple(e + 2 * m for e, m in zip(extent, margins, strict=True)):
            made = made[tuple(slice(m, m + e) for m, e in zip(margins, extent, strict=True))]
        return made


__all__ = ["map_blocks"]
