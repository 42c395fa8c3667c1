"""Stencils: a function of an element and its neighbours, read by relative indices."""

from __future__ import annotations

import dis
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, update_wrapper
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ramba.functions.arguments import Offset, Window, offset_of
from ramba.functions.borders import Range, block, modes_of, regions
from ramba.functions.numpy_math import with_numpys_meaning
from ramba.functions.purity import codes_in, impurity, python_function
from ramba.functions.remembered import PLAIN, key_of, remember
from ramba.functions.roads import elementwise
from ramba.functions.tracing import SAMPLE, Element, Trace, Untraceable, trace
from ramba.lazyarray import Array, asarray, deliver, empty, full, ndarray

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Neighborhood = Sequence[tuple[int, int]]
"""The lowest and highest offset for each axis."""

_known: dict[Any, dict[int, tuple[Offset, ...]]] = {}  # where functions read
_OPTIONS = ("cval", "neighborhood", "standard_indexing")


class Stencil:
    """A function of an element and its neighbours, as `stencil` makes it; called, it does what `sstencil` does."""

    def __init__(
        self, func: Callable[..., Any], mode: str | tuple[str, ...] = "constant", cval: complex = 0,
        neighborhood: Neighborhood | None = None, standard_indexing: Sequence[str] = (),
    ) -> None:  # fmt: skip
        if not callable(func):
            raise TypeError(f"a stencil is a function, not {type(func).__name__!r}")
        self.func, self.mode, self.cval = func, mode, cval
        self.neighborhood = None if neighborhood is None else tuple((int(low), int(high)) for low, high in neighborhood)
        self.standard_indexing = tuple(standard_indexing)
        update_wrapper(self, func)

    def __call__(self, *arrays: ArrayLike, out: ndarray | None = None) -> Any:
        made = sstencil(self, *arrays, out=out)
        return made if out is not None or any(isinstance(x, Array) for x in arrays) else np.asarray(made)

    def __repr__(self) -> str:
        return f"<stencil {getattr(self.func, '__qualname__', self.func)!r}, mode {self.mode!r}>"


def stencil(
    func: Callable[..., Any] | str | None = None, *, mode: str | tuple[str, ...] = "constant", cval: complex = 0,
    neighborhood: Neighborhood | None = None, numba: Mapping[str, object] | None = None, ray: object = None,
) -> Any:  # fmt: skip
    """Make a stencil of a function that reads an element and its neighbours by relative indices.

    Parameters
    ----------
    func : callable
        Called with something to index for each array: ``a[0, 0]`` is the element, ``a[-1, 0]`` the one before it
        along the first axis. Numbers are passed on as they are.
    mode : str or tuple of str, optional
        What lies beyond the edges, for each axis, in the words of `scipy.ndimage`: "nearest", "reflect", "mirror" or
        "wrap". With "constant", results that would need a neighbour from there are `cval`.
    cval : scalar, optional
        See `mode`.
    neighborhood : tuple of tuple of int, optional
        The lowest and highest offset for each axis. By default they are found out.
    numba : mapping, optional
        Options as those of ``numba.stencil``: ``cval``, ``neighborhood``, ``standard_indexing``.
    ray : mapping, optional
        Without meaning.

    Returns
    -------
    Stencil
        To be called with arrays, or given to `sstencil`.

    See Also
    --------
    sstencil : Apply it.

    Examples
    --------
    >>> import ramba as np
    >>> @np.stencil(mode="wrap")
    ... def rising(a):
    ...     return a[1] if a[1] > a[0] else 0
    >>> rising(np.array([3, 1, 2, 5]))
    array([0, 2, 5, 0])
    """
    options: dict[str, Any] = {"cval": cval, "neighborhood": neighborhood}
    options |= {name: value for name, value in (numba or {}).items() if name in _OPTIONS}
    if isinstance(func, str):
        return lambda function: Stencil(function, func, **options)
    if func is None:
        return lambda function: Stencil(function, mode, **options)
    return Stencil(func, mode, **options)


def sstencil(
    stencil: object,
    arr: ArrayLike,
    *args: object,
    out: ndarray | None = None,
    mode: str | tuple[str, ...] | None = None,
    cval: complex | None = None,
) -> Any:
    """Apply a stencil to arrays.

    Parameters
    ----------
    stencil : Stencil or callable
        As `stencil` makes it; also what ``numba.stencil`` makes, or a plain function.
    arr : array_like
        What the stencil gets first.
    *args : object
        Further arguments: arrays have the shape of the first one; everything else is passed on as it is.
    out : ndarray, optional
        Where the result goes.
    mode : str or tuple of str, optional
        In place of the stencil's own.
    cval : scalar, optional
        In place of the stencil's own.

    Returns
    -------
    ndarray
        What the stencil gives for each element; its dtype is the one that NumPy's rules give.

    Raises
    ------
    ValueError
            For arrays of several shapes or without an axis, an unknown mode, and reads outside of the neighborhood.

    See Also
    --------
    stencil : Make one, with more about borders.
    smap : For functions of the element alone.

    Examples
    --------
    >>> import ramba as np
    >>> np.sstencil(lambda a: a[-1] + a[1], np.arange(5))
    array([0, 2, 4, 6, 0])
    >>> np.sstencil(lambda a: a[-1] + a[1], np.arange(5), mode="nearest")
    array([1, 2, 4, 6, 7])
    """
    kernel = _stencil(stencil)
    array = asarray(arr)
    arguments, windows = _arguments(kernel, array, args)
    read = _offsets(kernel, arguments, windows, array.ndim)
    result = _apply(kernel, arguments, read, modes_of(kernel.mode if mode is None else mode, array.ndim), cval)
    return result if out is None else deliver(result, out)


def _arguments(kernel: Stencil, array: ndarray, args: tuple[object, ...]) -> tuple[list[Any], list[int]]:
    """What the function is called with, and which of it are arrays that it reads by relative indices."""
    names = _names(kernel.func)
    arguments: list[Any] = [array]
    for number, x in enumerate(args, 1):
        whole = number < len(names) and names[number] in kernel.standard_indexing
        arguments.append(asarray(x) if isinstance(x, Array | np.ndarray) and x.ndim and not whole else x)
    windows = [n for n, x in enumerate(arguments) if isinstance(x, Array) and x.ndim]
    if not array.ndim:
        raise ValueError("a stencil needs an array with at least one axis")
    for n in windows:
        if arguments[n].shape != array.shape:
            raise ValueError(f"arrays of a stencil have one shape, not {array.shape} and {arguments[n].shape}")
    return arguments, windows


def _stencil(thing: object) -> Stencil:
    if isinstance(thing, Stencil):
        return thing
    ir: Any = getattr(thing, "kernel_ir", None)  # of Numba's
    if ir is not None:
        options: Mapping[str, Any] = getattr(thing, "options", {})
        known = {name: value for name, value in options.items() if name in _OPTIONS}
        return Stencil(ir.func_id.func, getattr(thing, "mode", "constant"), **known)
    if not callable(thing):
        raise TypeError(f"a stencil is a function, not {type(thing).__name__!r}")
    return Stencil(thing)


def _names(function: Callable[..., Any]) -> tuple[str, ...]:
    plain = python_function(function)
    return () if plain is None else plain.__code__.co_varnames[: plain.__code__.co_argcount]


class _Probe:
    """Stands for an array, in order to see where it is read."""

    def __init__(self, dtype: np.dtype, found: dict[Offset, None]) -> None:
        self.one, self.found, self.call = asarray(np.ones(SAMPLE, dtype)), found, None

    def symbol(self, call: Trace) -> _Probe:
        """Itself, in this call."""
        made = _Probe(self.one.dtype, self.found)
        made.call = call  # type: ignore[assignment]
        return made

    def __getitem__(self, index: object) -> Any:
        self.found[offset_of(index)] = None
        return Element(self.one, self.call)  # type: ignore[arg-type]


def _offsets(kernel: Stencil, arguments: list[Any], windows: list[int], ndim: int) -> dict[int, tuple[Offset, ...]]:
    """Where each array is read."""
    key = None
    if all(n in windows or isinstance(x, PLAIN) for n, x in enumerate(arguments)):
        kinds = tuple([x.dtype.str if n in windows else (type(x), repr(x)) for n, x in enumerate(arguments)])
        key = key_of(kernel.func, kernel.neighborhood, kinds, ndim)
    found = _known.get(key)
    if found is None:
        found = _offsets_found(kernel, arguments, windows, ndim)
        if key is not None:
            remember(_known, key, found)
    return found


def _offsets_found(
    kernel: Stencil, arguments: list[Any], windows: list[int], ndim: int
) -> dict[int, tuple[Offset, ...]]:
    found: dict[int, dict[Offset, None]] = {n: {} for n in windows}
    known = False
    if not impurity(kernel.func):
        probes = [_Probe(x.dtype, found[n]) if n in found else x for n, x in enumerate(arguments)]
        try:
            with np.errstate(all="ignore"):
                trace(with_numpys_meaning(kernel.func), probes, SAMPLE)
            known = True
        except Untraceable:
            pass  # it has ways that were not followed
    if not known and kernel.neighborhood is None:
        written = _written(kernel.func, ndim)
        for each in found.values():
            each.update(written)
    if kernel.neighborhood is not None:
        _check_neighborhood(kernel.neighborhood, found, ndim)
        if not known:
            box = np.ndindex(*(high - low + 1 for low, high in kernel.neighborhood))
            lows = [low for low, _ in kernel.neighborhood]
            all_of_it = {tuple(low + n for low, n in zip(lows, place, strict=True)): None for place in box}
            found = {n: dict(all_of_it) for n in windows}
    for each in found.values():
        if any(len(offset) != ndim for offset in each):
            raise IndexError(f"a stencil on {ndim} axes reads with {ndim} indices, as a[{', '.join('0' * ndim)}]")
    return {n: tuple(each) or ((0,) * ndim,) for n, each in found.items()}


def _check_neighborhood(given: Neighborhood, found: Mapping[int, Mapping[Offset, None]], ndim: int) -> None:
    if len(given) != ndim:
        raise ValueError(f"neighborhood has {len(given)} axes, but the array has {ndim}")
    for each in found.values():
        for offset in each:
            if not all(low <= o <= high for o, (low, high) in zip(offset, given, strict=False)):
                raise ValueError(f"the stencil reads at {offset}, outside of its neighborhood {given}")


def _written(function: Callable[..., Any], ndim: int) -> dict[Offset, None]:
    """Constant indices in the text of a function."""
    plain = python_function(function)
    found: dict[Offset, None] = {}
    for code in codes_in(plain.__code__) if plain is not None else ():
        for step, following in pairwise(dis.get_instructions(code)):
            if "CONST" in step.opname and (following.opname == "BINARY_SUBSCR" or following.argrepr == "[]"):
                parts = step.argval if isinstance(step.argval, tuple) else (step.argval,)
                if len(parts) == ndim and all(type(part) is int for part in parts):
                    found[tuple(parts)] = None
    return found


class _Part(NamedTuple):
    """A region of the result, and what is read for it."""

    shape: tuple[int, ...]
    slices: tuple[slice, ...]  # of the result
    needed: tuple[Range, ...]  # positions of the arrays
    windows: tuple[tuple[int, tuple[tuple[Offset, tuple[slice, ...]], ...]], ...]  # of what is needed, for each array
    origin: tuple[int, ...]


@lru_cache(maxsize=256)
def _parts(
    shape: tuple[int, ...],
    read: tuple[tuple[int, tuple[Offset, ...]], ...],
    neighborhood: tuple[Range, ...] | None,
    modes: tuple[str, ...],
) -> tuple[_Part, ...]:
    """What is computed by itself, and where all neighbours are elements of blocks."""
    offsets = [offset for _, each in read for offset in each]
    reach = neighborhood or tuple(
        (min(0, *(o[d] for o in offsets)), max(0, *(o[d] for o in offsets))) for d in range(len(shape))
    )
    parts = []
    for region in regions(shape, reach, modes):
        needed = tuple(
            (first + low, stop + high) for (first, stop), (low, high) in zip(region.ranges, reach, strict=True)
        )

        def key(offset: Offset, extents: tuple[int, ...] = region.shape) -> tuple[slice, ...]:
            starts = [o - low for o, (low, _) in zip(offset, reach, strict=True)]
            return tuple(slice(start, start + extent) for start, extent in zip(starts, extents, strict=True))

        windows = tuple((n, tuple((offset, key(offset)) for offset in each)) for n, each in read)
        origin = tuple(first for first, _ in region.ranges)
        parts.append(_Part(region.shape, region.slices, needed, windows, origin))
    return tuple(parts)


def _apply(
    kernel: Stencil,
    arguments: list[Any],
    read: dict[int, tuple[Offset, ...]],
    modes: tuple[str, ...],
    cval: complex | None,
) -> Any:
    shape = arguments[0].shape
    parts = _parts(shape, tuple(read.items()), kernel.neighborhood, modes)
    made = [_region(kernel, arguments, part, modes) for part in parts]
    if len(made) == 1 and parts[0].shape == shape:
        return made[0]
    fill = kernel.cval if cval is None else cval
    margin = sum(prod(part.shape) for part in parts) < prod(shape)
    kinds = [x.dtype for x in made] or [arguments[0].dtype]
    dtype = np.result_type(*kinds, fill) if margin else np.result_type(*kinds)
    result = full(shape, fill, dtype) if margin else empty(shape, dtype)
    for part, values in zip(parts, made, strict=True):
        result[part.slices] = values
    return result


def _region(kernel: Stencil, arguments: list[Any], part: _Part, modes: tuple[str, ...]) -> Any:
    """The results of a part, of which all neighbours are elements of blocks."""
    given = list(arguments)
    for n, keys in part.windows:
        around = block(arguments[n], part.needed, modes)
        given[n] = Window({offset: around[key] for offset, key in keys})
    return elementwise(kernel.func, given, part.shape, "ramba.sstencil", part.origin)


__all__ = ["Stencil", "sstencil", "stencil"]
