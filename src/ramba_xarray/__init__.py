"""xarray's word for where data goes: ``xr.open_zarr(path, chunked_array_type="ramba")`` reads into our arrays.

xarray finds `Manager` by its entry point (``xarray.chunkmanagers``), and loads it as soon as it looks for any manager.
So this is no part of the package `ramba`, which is imported when there is something to read. Our arrays have no chunks
that a program must care for: each variable is one of them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
from xarray.namedarray.parallelcompat import ChunkManagerEntrypoint

Chunks = tuple[tuple[int, ...], ...]


class Manager(ChunkManagerEntrypoint):
    """Makes plain Ramba arrays of what xarray reads; none of them looks chunked."""

    def __init__(self) -> None:
        """There is nothing to begin."""

    @property
    def array_cls(self) -> type:
        """The class of our arrays."""
        made: type = importlib.import_module("ramba").ndarray
        return made

    @property
    def array_api(self) -> Any:
        """Our namespace."""
        return importlib.import_module("ramba")

    def is_chunked_array(self, data: Any) -> bool:
        """Whether it is an array of ours: NumPy's are instances of our class, too."""
        return type(data) is self.array_cls

    def chunks(self, data: Any) -> Chunks:
        """One chunk, which is all of the array."""
        return _one(data.shape)

    def normalize_chunks(
        self,
        chunks: object,
        shape: tuple[int, ...] | None = None,
        limit: int | None = None,
        dtype: Any = None,
        previous_chunks: object = None,
    ) -> Chunks:
        """One chunk, whatever was asked for: how arrays lie on workers is not decided here."""
        if shape is None:
            raise ValueError("Ramba's chunk manager needs a shape")
        return _one(shape)

    def from_array(self, data: Any, chunks: object, **kwargs: Any) -> Any:
        """A Ramba array of the elements, in memory of its own."""
        return data if self.is_chunked_array(data) else self.array_api.array(np.asarray(data))

    def rechunk(self, data: Any, chunks: object, **kwargs: Any) -> Any:
        """The array: there is nothing to cut."""
        return data

    def compute(self, *data: Any, **kwargs: Any) -> tuple[np.ndarray, ...]:
        """The elements as NumPy's arrays."""
        return tuple([np.asarray(each) for each in data])

    def persist(self, *data: Any, **kwargs: Any) -> tuple[Any, ...]:
        """The arrays, computed."""
        self.array_api.sync()
        return data

    def apply_gufunc(self, func: Callable[..., Any], signature: str, *args: Any, **kwargs: Any) -> Any:
        """The function of the arrays, which are whole: nothing that looks chunked ever comes here."""
        return func(*args)


def _one(shape: tuple[int, ...]) -> Chunks:
    return tuple([(int(extent),) for extent in shape])
