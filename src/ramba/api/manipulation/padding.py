"""Array padding."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.creation.from_shape import empty
from ramba.lazyarray import asarray, call_numpy, implements, ndarray, unwrap

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_Pair = tuple[int, int]


def _pairs(values: ArrayLike, ndim: int) -> list[tuple[Any, Any]]:
    """One pair (before, after) per axis."""
    given = np.asarray(values)
    pairs = np.broadcast_to(given, (ndim, 2))
    # one or two values stay NumPy scalars, which wrap on assignment; more become Python numbers, which must fit
    return [(pair[0], pair[1]) for pair in (pairs if given.size < 3 else pairs.tolist())]


@implements(np.pad, moves=True)
def pad(array: ArrayLike, pad_width: ArrayLike, mode: str | Callable[..., None] = "constant", **kwargs: object) -> Any:
    """The array with a margin."""
    a, pad_width = asarray(array), unwrap(pad_width)
    allowed = {"constant": {"constant_values"}, "edge": set(), "empty": set(), "wrap": set()}
    allowed |= {"reflect": {"reflect_type"}, "symmetric": {"reflect_type"}}
    native = isinstance(mode, str) and mode in allowed and set(kwargs) <= allowed[mode] and bool(a.ndim)
    if not native or isinstance(pad_width, dict) or np.asarray(pad_width).dtype.kind != "i":
        return call_numpy(np.pad, a, pad_width, mode, **kwargs)
    widths = _pairs(pad_width, a.ndim)
    assert isinstance(mode, str)
    # one period of reflection or wrapping: longer margins are NumPy's business
    period = {"reflect": -1, "symmetric": 0, "wrap": 0}.get(mode)
    if min(min(pair) for pair in widths) < 0 or (
        period is not None and any(max(w) > n + period for w, n in zip(widths, a.shape, strict=True))
    ):
        return call_numpy(np.pad, a, pad_width, mode, **kwargs)
    if mode != "constant" and mode != "empty" and not a.size:
        return call_numpy(np.pad, a, pad_width, mode, **kwargs)
    order = "F" if a.flags.fnc else "C"
    padded = empty([before + n + after for (before, after), n in zip(widths, a.shape, strict=True)], a.dtype, order)
    inside = [slice(before, before + n) for (before, _), n in zip(widths, a.shape, strict=True)]
    padded[tuple(inside)] = a
    constants = _pairs(unwrap(kwargs.get("constant_values", 0)), a.ndim)
    for axis, pair in enumerate(widths):
        # margins of earlier axes are filled over their whole extent, later axes only inside
        region = padded[(slice(None),) * axis + (slice(None), *inside[axis + 1 :])]
        _fill_margins(region, axis, pair, mode, constants[axis], odd=kwargs.get("reflect_type") == "odd")
    return padded


def _fill_margins(region: ndarray, axis: int, pair: _Pair, mode: str, constants: tuple[Any, Any], *, odd: bool) -> None:
    before, after = pair
    extent = region.shape[axis]
    first, stop = before, extent - after

    def at(start: int, end: int, step: int = 1) -> tuple[Any, ...]:
        return (slice(None),) * axis + (slice(start, end if end >= 0 else None, step),)

    def mirrored(edge: tuple[Any, ...], chunk: tuple[Any, ...]) -> Any:
        return 2 * region[edge] - region[chunk] if odd else region[chunk]

    left, right = at(0, before), at(stop, extent)
    match mode:
        case "constant":
            values: tuple[Any, Any] = constants
        case "edge":
            values = region[at(first, first + 1)], region[at(stop - 1, stop)]
        case "wrap":
            values = region[at(stop - before, stop)], region[at(first, first + after)]
        case "reflect":
            values = (
                mirrored(at(first, first + 1), at(first + before, first, -1)),
                mirrored(at(stop - 1, stop), at(stop - 2, stop - 2 - after, -1)),
            )
        case "symmetric":
            values = (
                mirrored(at(first, first + 1), at(first + before - 1, first - 1, -1)),
                mirrored(at(stop - 1, stop), at(stop - 1, stop - 1 - after, -1)),
            )
        case _:  # "empty"
            return
    if before:
        region[left] = values[0]
    if after:
        region[right] = values[1]
