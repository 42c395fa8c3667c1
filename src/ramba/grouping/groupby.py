"""The elements of an array by groups along an axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ramba.api.manipulation.joining import concatenate
from ramba.grouping.codes import Codes, codes_of
from ramba.grouping.folding import folded
from ramba.kernels.grouping import REDUCTIONS, has_result
from ramba.lazyarray import UFUNC, arange1d, asarray, call, define, full, is_compiled, ndarray, where

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

normalize_axis_index = np.lib.array_utils.normalize_axis_index


Made: TypeAlias = Any
"""An array: within the package its class is another one for type checkers than in programs."""

Operator = Callable[["GroupBy", Any], Made]


def _operator(op: str, swapped: bool = False) -> Operator:
    """A ufunc of every element and what an array has for its group."""

    def operate(self: GroupBy, other: ArrayLike) -> Any:
        return self._combined(op, other, swapped)

    return operate


class GroupBy:
    """The elements of an array by groups along an axis.

    Reductions give an array in which the axis has one place for each group (their ``dim`` may say which axis that is);
    operators combine every element with what belongs to its group. Both are lazy. `groupby` makes one.

    Notes
    -----
    A reduction reads the array once. Its result has NumPy's dtype, and the same bits for any number of threads. Of a
    group without elements the sum is 0, the product 1, ``count`` 0, ``any`` False and ``all`` True; where NumPy's
    reduction of nothing has no value there is nan, and `ValueError` for integers, which have none. Variances are nan
    where there are not more elements than ``ddof``.

    Elements whose code is below zero belong to no group: reductions leave them out, and operators give nan for them
    (integers become floats then).

    Examples
    --------
    >>> import ramba as np
    >>> temperature = np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, np.nan]])
    >>> season = temperature.groupby(1, [0, 1, 0, 1])
    >>> season.mean()
    array([[ 2.,  3.],
           [ 6., nan]])
    >>> season - season.nanmean()
    array([[-1., -1.,  1.,  1.],
           [-1.,  0.,  1., nan]])
    """

    __slots__ = ("_array", "_axis", "_codes")
    __array_ufunc__ = None  # NumPy's arrays leave operators to us
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, array: ndarray, axis: int, codes: Codes) -> None:
        self._array = array
        self._axis = axis
        self._codes = codes

    def __repr__(self) -> str:
        shape, dtype = self._array.shape, self._array.dtype
        return f"<GroupBy of {self.num_groups} groups along axis {self._axis} of {dtype}{list(shape)}>"

    @property
    def num_groups(self) -> int:
        """How many groups there are."""
        return self._codes.groups

    # --- reductions

    def _reduced(self, name: str, dim: int | None = None, ddof: float = 0) -> ndarray:
        array = self._array
        if dim is not None and normalize_axis_index(dim, array.ndim) != self._axis:
            raise ValueError(f"the groups lie along axis {self._axis}, not {dim}")
        if self._codes.known is not None and not has_result(name, array.dtype):
            self._refuse_empty(name)
        operands, axis = [array, self._codes.array], self._axis
        return call("reduce_groups", operands, name, axis, self.num_groups, float(ddof), axis)[0]

    def _sizes(self) -> ndarray:
        """How many elements there are, nan among them."""
        ones = full(self._array.shape, 1, np.dtype(np.bool_))
        return GroupBy(ones, self._axis, self._codes)._reduced("count")

    def _refuse_empty(self, name: str) -> None:
        empty = np.flatnonzero(self._codes.sizes() == 0)
        if len(empty):
            text = f"zero-size array to reduction operation {name} which has no identity"
            raise ValueError(f"{text}: group {empty[0]} has no elements")

    def sum(self, dim: int | None = None) -> Made:
        """The sums."""
        return self._reduced("sum", dim)

    def nansum(self, dim: int | None = None) -> Made:
        """The sums of what is not nan."""
        return self._reduced("nansum", dim)

    def prod(self, dim: int | None = None) -> Made:
        """The products."""
        return self._reduced("prod", dim)

    def nanprod(self, dim: int | None = None) -> Made:
        """The products of what is not nan."""
        return self._reduced("nanprod", dim)

    def mean(self, dim: int | None = None, ret_separate: bool = False) -> Any:
        """The arithmetic means; nan of an empty group; on request the sums and the counts apart."""
        if ret_separate:
            return self.sum(dim), self._sizes()
        return self._reduced("mean", dim)

    def nanmean(self, dim: int | None = None, ret_separate: bool = False) -> Any:
        """The arithmetic means of what is not nan; on request the sums and the counts apart."""
        if ret_separate:
            return self.nansum(dim), self.count()
        return self._reduced("nanmean", dim)

    def count(self, dim: int | None = None) -> Made:
        """How many elements are not nan."""
        return self._reduced("count", dim)

    def min(self, dim: int | None = None) -> Made:
        """The smallest elements, nan if one is nan."""
        return self._reduced("min", dim)

    def max(self, dim: int | None = None) -> Made:
        """The largest elements, nan if one is nan."""
        return self._reduced("max", dim)

    def nanmin(self, dim: int | None = None) -> Made:
        """The smallest elements that are not nan."""
        return self._reduced("nanmin", dim)

    def nanmax(self, dim: int | None = None) -> Made:
        """The largest elements that are not nan."""
        return self._reduced("nanmax", dim)

    def any(self, dim: int | None = None) -> Made:
        """Whether some elements are true."""
        return self._reduced("any", dim)

    def all(self, dim: int | None = None) -> Made:
        """Whether all elements are true."""
        return self._reduced("all", dim)

    def var(self, dim: int | None = None, ddof: float = 0) -> Made:
        """The variances, with so many degrees of freedom less than elements."""
        return self._reduced("var", dim, ddof)

    def nanvar(self, dim: int | None = None, ddof: float = 0) -> Made:
        """The variances of what is not nan."""
        return self._reduced("nanvar", dim, ddof)

    def std(self, dim: int | None = None, ddof: float = 0) -> Made:
        """The standard deviations."""
        return self._reduced("std", dim, ddof)

    def nanstd(self, dim: int | None = None, ddof: float = 0) -> Made:
        """The standard deviations of what is not nan."""
        return self._reduced("nanstd", dim, ddof)

    # --- places

    def argmin(self) -> Made:
        """Where along the axis the first of the smallest elements is; nan is smaller than all numbers."""
        return self._place_of("min")

    def argmax(self) -> Made:
        """Where along the axis the first of the largest elements is; nan is larger than all numbers."""
        return self._place_of("max")

    def _place_of(self, name: str) -> ndarray:
        if self._codes.known is not None:
            self._refuse_empty(f"arg{name}")
        array, axis = self._array, self._axis
        best = self._of_groups(self._reduced(name), axis)
        found = array == best
        if array.dtype.kind in "fc":
            found = found | (array != array)
        extent, after = array.shape[axis], (1,) * (array.ndim - axis - 1)
        places = arange1d(0, 1, extent, np.dtype(np.int64)).reshape((extent, *after))
        return GroupBy(where(found, places, np.int64(extent)), axis, self._codes)._reduced("min")

    def first(self) -> Made:
        """The first element of each group."""
        return self._at(lambda numbers: (numbers[::-1], np.arange(len(numbers))[::-1]), "first")

    def last(self) -> Made:
        """The last element of each group."""
        return self._at(lambda numbers: (numbers, np.arange(len(numbers))), "last")

    def _at(self, listed: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], name: str) -> ndarray:
        """The elements that are listed last of each group."""
        array, axis = self._array, self._axis
        numbers, order = listed(self._codes.values())
        places = np.full(self.num_groups + 1, -1)
        places[np.where(numbers < 0, self.num_groups, numbers)] = order
        places = places[:-1]
        if (places < 0).any() and array.dtype.kind not in "fc":
            self._refuse_empty(name)
        return _picked(array, places, axis)

    # --- order statistics

    def median(self) -> Made:
        """The medians, nan if an element is nan."""
        return self._quantiles(0.5, False, True)

    def nanmedian(self) -> Made:
        """The medians of what is not nan."""
        return self._quantiles(0.5, True, True)

    def quantile(self, q: ArrayLike) -> Made:
        """Quantiles, linearly interpolated; the axes of ``q`` come first."""
        return self._quantiles(q, False, False)

    def nanquantile(self, q: ArrayLike) -> Made:
        """Quantiles of what is not nan."""
        return self._quantiles(q, True, False)

    def _quantiles(self, q: ArrayLike, skip: bool, halves: bool) -> ndarray:
        given: Any = q
        wanted = np.asarray(given)
        one = np.ones(1, self._array.dtype)
        kind = (np.median(one) if halves else np.quantile(one, given)).dtype  # NumPy's dtype, and its refusals
        places = tuple(np.ravel(wanted).astype(float).tolist())
        operands, axis = [self._array, self._codes.array], self._axis
        of = axis, self.num_groups, places, skip, halves, kind.str[1:], axis
        (made,) = call("quantile_groups", operands, *of)
        return made.reshape((*wanted.shape, *made.shape[1:]))

    # --- what the user says

    def apply(self, reducer: Callable[[Any, Any], Any], identity: object) -> Made:
        """What a function of two elements makes of each group, taken in pairs, of pairs of pairs, and so on.

        Parameters
        ----------
        reducer : callable
            Takes two arrays and combines them element by element, as NumPy's functions do; it should be associative.
            A function that only takes two numbers is called for each pair, slowly.
        identity : scalar
            What changes no element; the result of a group without elements.

        Examples
        --------
        >>> import ramba as np
        >>> np.arange(6).groupby(0, [0, 0, 1, 1, 1, 0], num_groups=3).apply(np.bitwise_or, 0)
        array([5, 7, 0])
        """
        return folded(self._array, self._axis, self._codes, reducer, identity)

    def transform(self, reduction: str, *args: Any, **options: Any) -> Made:
        """For every element what a reduction, by its name, makes of its group.

        Examples
        --------
        >>> import ramba as np
        >>> np.array([1.0, 2.0, 3.0]).groupby(0, [0, 1, 0]).transform("mean")
        array([2., 2., 2.])
        """
        if reduction not in NAMES:
            raise ValueError(f"There is no reduction {reduction!r}: it is one of {', '.join(NAMES)}.")
        made = getattr(self, reduction)(*args, **options)
        return self._spread(made)

    # --- operators

    __add__, __radd__ = _operator("add"), _operator("add", True)
    __sub__, __rsub__ = _operator("subtract"), _operator("subtract", True)
    __mul__, __rmul__ = _operator("multiply"), _operator("multiply", True)
    __truediv__, __rtruediv__ = _operator("true_divide"), _operator("true_divide", True)
    __floordiv__, __rfloordiv__ = _operator("floor_divide"), _operator("floor_divide", True)
    __mod__, __rmod__ = _operator("remainder"), _operator("remainder", True)
    __pow__, __rpow__ = _operator("power"), _operator("power", True)
    __lt__, __le__ = _operator("less"), _operator("less_equal")
    __gt__, __ge__ = _operator("greater"), _operator("greater_equal")
    __eq__, __ne__ = _operator("equal"), _operator("not_equal")

    def _combined(self, op: str, other: ArrayLike, swapped: bool) -> Any:
        groups = self._spread(other, self._array.dtype)
        return UFUNC[op](groups, self._array) if swapped else UFUNC[op](self._array, groups)

    def _spread(self, other: ArrayLike, dtype: np.dtype | None = None) -> ndarray:
        """What an array has for groups, for every place along the axis; nan where there is no group."""
        values = asarray(other)
        axis = values.ndim - (self._array.ndim - self._axis)
        if not values.ndim:
            return values
        if axis < 0 or values.shape[axis] != self.num_groups:
            text = f"an array with {self.num_groups} groups along axis {self._axis} was expected"
            raise ValueError(f"operands could not be broadcast together: {text}, not one of shape {values.shape}")
        inexact = np.result_type(values.dtype, *([] if dtype is None else [dtype]))
        if inexact.kind not in "fc":
            inexact = np.dtype(np.float64)
        unknown = self._codes.known is None and values.dtype == inexact  # one row more does no harm
        if unknown or not self._codes.all_grouped():
            nobody = full((*values.shape[:axis], 1, *values.shape[axis + 1 :]), np.nan, inexact)
            values = concatenate([values.astype(inexact, copy=False), nobody], axis)
        return self._of_groups(values, axis)

    def _of_groups(self, values: ndarray, axis: int) -> ndarray:
        """For every place what there is for its group: for those without one, what is last."""
        return call("pick", [values, self._codes.array], axis, later=True)[0]


def _picked(array: ndarray, places: np.ndarray, axis: int) -> ndarray:
    """The elements at some places along an axis, nan where these are below zero."""
    shape = (*array.shape[:axis], len(places), *array.shape[axis + 1 :])
    if not array.shape[axis]:
        return full(shape, np.nan, array.dtype)
    (found,) = call("pick", [array, asarray(places)], axis)
    if (places >= 0).all():
        return found
    held = asarray(places >= 0).reshape((-1, *(1,) * (array.ndim - axis - 1)))
    made: ndarray = where(held, found, array.dtype.type(np.nan))
    return made


NAMES = (*REDUCTIONS, "argmin", "argmax", "first", "last", "median", "nanmedian", "quantile", "nanquantile")


def groupby(x: ArrayLike, labels: ArrayLike, axis: int = 0, num_groups: int | None = None) -> GroupBy:
    """The elements of an array by groups along an axis.

    Parameters
    ----------
    x : array_like
        The array.
    labels : array_like of integers
        The number of the group for each place along the axis. What is below zero belongs to no group.
    axis : int
        The axis, perhaps counted from the end.
    num_groups : int, optional
        How many groups there are; by default one more than the largest label.

    Returns
    -------
    GroupBy
        Its reductions and operators are lazy.

    Raises
    ------
    ValueError
        If there are not as many labels as places, or if one is ``num_groups`` or larger. Labels that are not computed
        yet are looked at when the groups are, unless ``num_groups`` is missing.

    Examples
    --------
    >>> import ramba as np
    >>> np.groupby([1, 2, 3, 4], [0, 1, 1, 0]).sum()
    array([5, 5])
    >>> np.groupby([[1.0, 2.0], [3.0, 4.0]], [0, -1], axis=1).max()
    array([[1.],
           [3.]])
    """
    array = asarray(x)
    if not is_compiled(array.dtype):
        raise TypeError(f"elements of dtype {array.dtype} are not grouped: cast them to one that is compiled")
    place = normalize_axis_index(axis, array.ndim)
    return GroupBy(array, place, codes_of(labels, array.shape[place], num_groups))


def _method(self: ndarray, dim: int, value_to_group: ArrayLike, num_groups: int | None = None) -> GroupBy:
    """The elements by groups along an axis: :func:`ramba.groupby`."""
    return groupby(self, value_to_group, dim, num_groups)


_method.__name__ = _method.__qualname__ = "groupby"
define("groupby", _method)
