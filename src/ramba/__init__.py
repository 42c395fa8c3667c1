"""NumPy, parallel and lazy: ``import ramba as np``.

Every public name of NumPy's is here. Arrays behave as NumPy's do; operations on large ones are recorded, fused,
compiled and run on all cores when a value is looked at, or at :func:`ramba.sync`.
"""

from __future__ import annotations

import importlib as _importlib
import os as _os
from typing import Any as _Any

import numpy as _numpy

from ramba import api as _api
from ramba import config, errors, events
from ramba import neighbours as _neighbours
from ramba import release as _release
from ramba.api.io.files import from_hdf5, from_zarr, to_hdf5, to_zarr
from ramba.datasets import Dataset
from ramba.doors import door as _door
from ramba.errors import (
    ArrayLostError,
    CacheWarning,
    ConfigError,
    FallbackWarning,
    FileChangedError,
    MemoryError,
    PerformanceWarning,
    ProtocolError,
    RambaError,
    RambaWarning,
    SecurityWarning,
    VersionMismatchError,
    VersionMismatchWarning,
    WorkerLostError,
    WorkerReplacedWarning,
)
from ramba.functions import (
    Filler,
    LocalArray,
    SreduceReducer,
    barrier,
    init_array,
    map_blocks,
    rank,
    scumulative,
    size,
    smap,
    smap_index,
    spmd,
    sreduce,
    sreduce_index,
    sstencil,
    stencil,
)
from ramba.grouping import GroupBy, groupby
from ramba.lazyarray import flatiter as _flatiter
from ramba.lazyarray import ndarray, ufunc
from ramba.remote import get, jit, map, remote, wait
from ramba.remote import put as _put
from ramba.runtime.backends import descriptions as _descriptions
from ramba.runtime.mpi import launcher as _launcher
from ramba.session.control import dashboard, doctor, explain, kernels_run, profile, sync
from ramba.session.lifetime import init, shutdown
from ramba.session.placement import create_array_with_divisions, fromarray, layout, redistribute
from ramba.session.surroundings import attribute as _attribute
from ramba.session.surroundings import attributes as _attributes
from ramba.session.surroundings import in_driver
from ramba.session.timing import (
    add_sub_time,
    add_time,
    get_timing,
    get_timing_str,
    print_comm_stats,
    reset_timing,
    statistics,
    timing_summary,
)

__version__ = _release.VERSION

_own = {
    "c_": _api.indexing.index_arrays.c_,
    "flatiter": _flatiter,
    "mgrid": _api.creation.ranges.mgrid,
    "ndenumerate": _api.indexing.iteration.ndenumerate,
    "nditer": _api.indexing.iteration.nditer,
    "ogrid": _api.creation.ranges.ogrid,
    "r_": _api.indexing.index_arrays.r_,
    "put": _put,
    "size": size,
}

# modules that stand for NumPy's, imported at first use
_doors = frozenset(
    """char ctypeslib dtypes emath exceptions fft lib linalg ma polynomial random rec strings testing typing
    shardview""".split()
)

_extension = ("load_ipython_extension", "unload_ipython_extension")  # what IPython looks for

_names, _counterpart, _listing = _door(__name__, _numpy, own=_own)

__all__ = [
    *_names,
    "ArrayLostError",
    "CacheWarning",
    "ConfigError",
    "Dataset",
    "FallbackWarning",
    "GroupBy",
    "FileChangedError",
    "Filler",
    "LocalArray",
    "MemoryError",
    "PerformanceWarning",
    "ProtocolError",
    "RambaError",
    "RambaWarning",
    "SecurityWarning",
    "SreduceReducer",
    "VersionMismatchError",
    "VersionMismatchWarning",
    "WorkerLostError",
    "WorkerReplacedWarning",
    "add_sub_time",
    "add_time",
    "barrier",
    "config",
    "create_array_with_divisions",
    "dashboard",
    "doctor",
    "errors",
    "events",
    "explain",
    "fromarray",
    "get_timing",
    "get_timing_str",
    "groupby",
    "from_hdf5",
    "get",
    "jit",
    "map",
    "remote",
    "wait",
    "from_zarr",
    "in_driver",
    "init",
    "init_array",
    "kernels_run",
    "layout",
    "map_blocks",
    "ndarray",
    "print_comm_stats",
    "profile",
    "rank",
    "redistribute",
    "reset_timing",
    "scumulative",
    "shutdown",
    "smap",
    "smap_index",
    "spmd",
    "sreduce",
    "sreduce_index",
    "sstencil",
    "stencil",
    "statistics",
    "sync",
    "timing_summary",
    "to_hdf5",
    "to_zarr",
    "ufunc",
]

if config.at_import("teach"):
    _neighbours.attend()

if config.at_import("timing", "off"):
    reset_timing()

if _os.environ.get("RAMBA_DOCTOR"):
    _importlib.import_module(f"{__name__}.diagnosis").attend()


def __getattr__(name: str) -> _Any:
    if name in _extension:
        return getattr(_importlib.import_module(f"{__name__}.command.notebook"), name)
    if name in _attributes:
        return _attribute(name)
    if name in _doors:
        return _importlib.import_module(f"{__name__}.{name}")
    return _counterpart(name)


def __dir__() -> list[str]:
    return sorted({*_listing(), *_attributes})


_descriptions()  # now: a signal handler that uses arrays must not meet an import that it has interrupted

if _launcher.is_rank():
    _importlib.import_module(f"{__name__}.runtime.backends.mpi").join()
elif _launcher.is_peer_rank():
    _importlib.import_module(f"{__name__}.runtime.backends.spmd").join()
