"""Arrays in files that are not read yet."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ramba import config, files
from ramba.engine import ENGINE
from ramba.kernels import Alone, Piece, alone, run
from ramba.layout import Partition, replicated
from ramba.layout.distribution import taken_over
from ramba.lazyarray import call, is_compiled, ndarray, partition_of, redistribute, wrap
from ramba.runtime.backend import chosen
from ramba.runtime.memory import check
from ramba.runtime.mpi import launcher
from ramba.runtime.team import current


class Dataset:
    """An array in a file, of which only what is indexed is read, and only when it is needed.

    Parameters
    ----------
    file : str or path-like
        A path, or a URL that fsspec knows.
    name : str, optional
        Of the array in the file, where the format has names: ``"group/density"``. Needed if there are several. A dtype
        in this place is taken for one.
    ftype : str, optional
        The format, where the file's ending does not say it: ``"hdf5"``, ``"zarr"``, ``"raw"``.
    dtype : dtype, optional
        What the elements become when they are read. In a raw file, what they are.
    distribution : int, sequence, str, array or Distribution, optional
        How the array is to lie on workers, as in `redistribute`; each worker reads that part. What is indexed is cut
        into as many blocks along the same axes.
    **options
        What the format has: ``arr_path=``, another word for `name`, ``var_select=`` (NetCDF), ``channels=`` (images:
        ``"first"`` or ``"last"``), ``shape=``, ``offset=`` and ``order=`` (raw files).

    Examples
    --------
    >>> import ramba as np
    >>> np.save("density.npy", np.arange(1_000_000.0).reshape(1000, 1000))
    >>> density = np.Dataset("density.npy")
    >>> density.shape, density.dtype
    ((1000, 1000), dtype('float64'))
    >>> part = density[100:200, ::4]  # nothing is read yet
    >>> float(part.max())
    199996.0
    """

    def __init__(
        self,
        file: files.Path,
        name: str | DTypeLike | None = None,
        ftype: str | None = None,
        *,
        dtype: DTypeLike | None = None,
        distribution: Any = None,
        arr_path: str | None = None,
        var_select: str | None = None,
        channels: str | None = None,
        **options: object,
    ) -> None:
        if not isinstance(name, str | None):  # a dtype, as in the first Ramba
            name, dtype = None, name
        names = {given for given in (name, arr_path, var_select) if given is not None}
        if len(names) > 1:
            raise ValueError(f"name=, arr_path= and var_select= say different names: {', '.join(sorted(names))}")
        path = files.where(file)
        row = files.format_of(path, ftype)
        if row is None:
            raise files.unknown(path)
        given = options | {"channels": channels, "dtype": dtype if "dtype" in row.options else None}
        found = row.describe(path, next(iter(names), ""), files.options_of(row, given))
        self._source: files.Source = found
        self._lies = partition_of(distribution, found.shape)
        self._dtype = files.native(found.dtype) if dtype is None or "dtype" in row.options else np.dtype(dtype)

    @property
    def file(self) -> str:
        """The path, or the URL."""
        return self._source.file

    @property
    def name(self) -> str:
        """Of the array in the file."""
        return self._source.name

    @property
    def shape(self) -> tuple[int, ...]:
        """Extents."""
        return self._source.shape

    @property
    def dtype(self) -> np.dtype:
        """Of what is read."""
        return self._dtype

    @property
    def ndim(self) -> int:
        """Dimensions."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Elements."""
        return self._source.size

    @property
    def nbytes(self) -> int:
        """Bytes that all of it takes in memory."""
        return self.size * self.dtype.itemsize

    @property
    def chunks(self) -> tuple[int, ...] | None:
        """Extents of what is stored as one; None if it lies as in memory."""
        return self._source.chunks or None

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __getitem__(self, index: object) -> Any:
        """A lazy array of what is indexed; steps leave out what they skip."""
        found = files.basic(index, self.shape)
        if found is None:
            return self[...][index]
        lies = None if self._lies is None else taken_over(self._lies, found.selection.extent)
        made = reading(self._source, found.selection, self.dtype, lies)
        plain = all(isinstance(key, slice) and key.step is None for key in found.then)
        return made if plain else made[found.then]

    def __iter__(self) -> Iterator[Any]:
        return (self[n] for n in range(len(self)))

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        if copy is False:
            raise ValueError("What is in a file cannot be had without a copy.")
        return np.asarray(self[...], dtype)

    def __repr__(self) -> str:
        name = f", {self.name!r}" if self.name else ""
        return f"Dataset({self.file!r}{name}: {self.dtype}{list(self.shape)})"


def reading(
    source: files.Source,
    selection: files.Selection,
    dtype: np.dtype,
    lies: Partition | None = None,
    now: bool = False,
) -> Any:
    """An array of what is selected: few elements are read at once, others when they are needed or wanted `now`."""
    shape = selection.extent
    check(shape, dtype, ENGINE.room if now else lambda: sys.maxsize)
    size = int(np.prod(shape, dtype=np.float64))
    if size <= config.current().eager_size or not is_compiled(dtype) or not isinstance(source.dtype, str):
        found = np.empty(shape, dtype)
        files.read(source, selection, found, current())
        return redistribute(wrap(found), lies)
    placed = () if lies is None or not ENGINE.distributed else tuple(lies)
    (made,) = call("read", [], tuple(source), tuple(selection), dtype.str[1:], placed, 0, now=now)
    return made


def written(x: ndarray, target: files.Source) -> None:
    """Writes an array into the place that was made for it; returns when it is there."""
    if is_compiled(x.dtype) and not all_ranks_run_it():
        call("write", [x], tuple(target), now=True)
        return
    array = np.asarray(x)
    here = Alone(current(), np.empty)
    alone(run("write", here, 0, [Piece(array, replicated(array.shape))], (tuple(target),)))


def all_ranks_run_it() -> bool:
    """Whether every rank of an MPI job runs the program: then one of them writes."""
    return chosen() == "spmd"


def by_one(x: ndarray, write: Callable[[ndarray], None]) -> None:
    """Has an array written; where every rank runs the program by the first one, for which the others wait."""
    if not all_ranks_run_it():
        write(x)
        return
    array = wrap(np.asarray(x))  # all take part in that
    place = launcher.place()
    try:
        if place is None or place.rank == 0:
            write(array)
    finally:
        call("meet", [], now=True)


__all__ = ["Dataset", "by_one", "reading", "written"]
