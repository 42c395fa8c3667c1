"""Where arrays lie on workers: asked for, and told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ramba.api.creation.from_shape import zeros
from ramba.lazyarray import Distribution, asarray, distribution_of, ndarray, redistribute

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike


def layout(x: ArrayLike) -> Distribution:
    """Where the blocks of an array lie, or will lie once it is computed; the same as its ``distribution``.

    Parameters
    ----------
    x : array_like

    Returns
    -------
    Distribution
        Prints as a table. Nothing is computed for it.

    Examples
    --------
    >>> import ramba as np
    >>> np.layout(np.zeros((2000, 3000)))
    float64[2000, 3000] in this process
    """
    return distribution_of(asarray(x))


def fromarray(
    x: ArrayLike, local_border: int = 0, dtype: DTypeLike | None = None, *, distribution: Any = None
) -> ndarray:
    """A new array with the elements of anything that looks like one.

    Parameters
    ----------
    x : array_like
    local_border : int
        Means nothing: no array has margins.
    dtype : dtype, optional
        That of `x`, if it is not given.
    distribution
        As in `redistribute`.

    Returns
    -------
    ndarray

    Raises
    ------
    ValueError
        If it cannot lie so.

    Examples
    --------
    >>> import ramba as np
    >>> np.fromarray([1, 2, 3], dtype=float)
    array([1., 2., 3.])
    """
    made = asarray(x)
    made = made.astype(made.dtype if dtype is None else dtype)  # a copy in any case
    return made if distribution is None else redistribute(made, distribution)


def create_array_with_divisions(
    shape: int | tuple[int, ...], divisions: Any, local_border: int = 0, dtype: DTypeLike | None = None
) -> ndarray:
    """An array of zeros that lies as wanted.

    Parameters
    ----------
    shape : int or tuple of int
    divisions
        The distribution: as in `redistribute`.
    local_border : int
        Means nothing: no array has margins.
    dtype : dtype, optional
        float64, if it is not given.

    Returns
    -------
    ndarray

    Raises
    ------
    ValueError
        If it cannot lie so.

    Examples
    --------
    >>> import ramba as np
    >>> np.create_array_with_divisions(4, 0)
    array([0., 0., 0., 0.])
    """
    return redistribute(zeros(shape, dtype), divisions)


def reshape_copy(x: ArrayLike, shape: int | tuple[int, ...]) -> ndarray:
    """A copy of an array in another shape.

    Parameters
    ----------
    x : array_like
    shape : int or tuple of int
        As many elements; one extent may be -1.

    Returns
    -------
    ndarray
        With memory of its own, where `numpy.reshape` may give a view.

    Raises
    ------
    ValueError
        If there are more elements, or fewer.

    Examples
    --------
    >>> import ramba as np
    >>> np.reshape_copy(np.arange(6), (2, 3))
    array([[0, 1, 2],
           [3, 4, 5]])
    """
    made: ndarray = asarray(x).reshape(shape).copy()
    return made


__all__ = ["create_array_with_divisions", "fromarray", "layout", "redistribute", "reshape_copy"]
