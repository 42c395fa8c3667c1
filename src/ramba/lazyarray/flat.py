"""``a.flat``: NumPy's iterator over the memory of an array, which takes and gives arrays of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.lazyarray.convert import unwrap, wrap
from ramba.lazyarray.core import ndarray
from ramba.lazyarray.signatures import described_class

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import DType, Key


class flatiter:  # noqa: N801 - NumPy's name
    """All elements of an array in C order, by their numbers or one after the other."""

    __slots__ = ("_array", "_iterator")
    __hash__ = None  # type: ignore[assignment]

    def __new__(cls, *args: object, **kwargs: object) -> flatiter:
        """An iterator over the elements of an array; only arrays make it."""
        if len(args) != 2 or not isinstance(args[0], np.flatiter):
            raise TypeError("cannot create 'numpy.flatiter' instances")
        made = super().__new__(cls)
        made._iterator, made._array = args
        return made

    _iterator: Any
    _array: Any

    @property
    def base(self) -> ndarray:
        """The array that is iterated over."""
        array: ndarray = self._array
        return array

    @property
    def index(self) -> int:
        """The number of the element that comes next."""
        number: int = self._iterator.index
        return number

    @property
    def coords(self) -> tuple[int, ...]:
        """The place of the element that comes next."""
        place: tuple[int, ...] = self._iterator.coords
        return place

    def copy(self) -> ndarray:
        """The elements in an array of one dimension."""
        made: ndarray = wrap(self._iterator.copy())
        return made

    def __array__(self, dtype: DType = None, /, *, copy: bool | None = None) -> np.ndarray:
        return np.array(self._iterator.__array__(), dtype, copy=copy)

    def __len__(self) -> int:
        return len(self._iterator)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return next(self._iterator)

    def __getitem__(self, key: Key) -> Any:
        return wrap(self._iterator[unwrap(key)])

    def __setitem__(self, key: Key, value: ArrayLike) -> None:
        self._iterator[unwrap(key)] = unwrap(value)

    def __delitem__(self, key: Key) -> None:
        raise TypeError("Cannot delete iterator elements")

    def __eq__(self, other: object) -> Any:
        return wrap(self._iterator == unwrap(other))

    def __ne__(self, other: object) -> Any:
        return wrap(self._iterator != unwrap(other))

    def __lt__(self, other: object) -> Any:
        return wrap(self._iterator < unwrap(other))

    def __le__(self, other: object) -> Any:
        return wrap(self._iterator <= unwrap(other))

    def __gt__(self, other: object) -> Any:
        return wrap(self._iterator > unwrap(other))

    def __ge__(self, other: object) -> Any:
        return wrap(self._iterator >= unwrap(other))


described_class(flatiter, np.flatiter)
