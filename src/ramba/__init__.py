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
    SpillWarning,
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
from ramba.lazyarray import ndarray as ndarray
from ramba.lazyarray import ufunc as ufunc
from ramba.remote import get, jit, map, remote, wait
from ramba.remote import put as _put
from ramba.runtime.backends import descriptions as _descriptions
from ramba.runtime.mpi import launcher as _launcher
from ramba.session.control import dashboard, doctor, explain, kernels_run, profile, sync
from ramba.session.lifetime import init, resize, shutdown
from ramba.session.placement import create_array_with_divisions, fromarray, layout, redistribute, reshape_copy
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
    "resize": resize,
    "size": size,
}

# modules that stand for NumPy's, imported at first use
_doors = frozenset(
    """char ctypeslib dtypes emath exceptions fft lib linalg ma polynomial random rec strings testing typing
    shardview""".split()
)

_extension = ("load_ipython_extension", "unload_ipython_extension")  # what IPython looks for

_names, _counterpart, _listing = _door(__name__, _numpy, own=_own)

__all__ = [*_names]  # a program that says `from numpy import *` gets no other names: `map` is Python's

_beyond = {
    "ArrayLostError": ArrayLostError,
    "CacheWarning": CacheWarning,
    "ConfigError": ConfigError,
    "Dataset": Dataset,
    "FallbackWarning": FallbackWarning,
    "FileChangedError": FileChangedError,
    "Filler": Filler,
    "GroupBy": GroupBy,
    "LocalArray": LocalArray,
    "MemoryError": MemoryError,
    "PerformanceWarning": PerformanceWarning,
    "ProtocolError": ProtocolError,
    "RambaError": RambaError,
    "RambaWarning": RambaWarning,
    "SecurityWarning": SecurityWarning,
    "SpillWarning": SpillWarning,
    "SreduceReducer": SreduceReducer,
    "VersionMismatchError": VersionMismatchError,
    "VersionMismatchWarning": VersionMismatchWarning,
    "WorkerLostError": WorkerLostError,
    "WorkerReplacedWarning": WorkerReplacedWarning,
    "add_sub_time": add_sub_time,
    "add_time": add_time,
    "barrier": barrier,
    "config": config,
    "create_array_with_divisions": create_array_with_divisions,
    "dashboard": dashboard,
    "doctor": doctor,
    "errors": errors,
    "events": events,
    "explain": explain,
    "from_hdf5": from_hdf5,
    "from_zarr": from_zarr,
    "fromarray": fromarray,
    "get": get,
    "get_timing": get_timing,
    "get_timing_str": get_timing_str,
    "groupby": groupby,
    "in_driver": in_driver,
    "init": init,
    "init_array": init_array,
    "jit": jit,
    "kernels_run": kernels_run,
    "layout": layout,
    "map": map,
    "map_blocks": map_blocks,
    "print_comm_stats": print_comm_stats,
    "profile": profile,
    "rank": rank,
    "redistribute": redistribute,
    "remote": remote,
    "reset_timing": reset_timing,
    "reshape_copy": reshape_copy,
    "scumulative": scumulative,
    "shutdown": shutdown,
    "smap": smap,
    "smap_index": smap_index,
    "spmd": spmd,
    "sreduce": sreduce,
    "sreduce_index": sreduce_index,
    "sstencil": sstencil,
    "statistics": statistics,
    "stencil": stencil,
    "sync": sync,
    "timing_summary": timing_summary,
    "to_hdf5": to_hdf5,
    "to_zarr": to_zarr,
    "wait": wait,
}  # what NumPy does not have

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
