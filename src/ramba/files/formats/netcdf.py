"""NetCDF 4: HDF5 files, of which variables are read as they are stored, without scale factors or masks."""

from __future__ import annotations

from ramba.files import storage
from ramba.files.format import Format, Options
from ramba.files.formats import hdf5
from ramba.files.source import Source


def describe(file: str, name: str, options: Options) -> Source:
    """What the file says of a variable; without a name, of the only one that is no coordinate."""
    with storage.stream(file) as stream:
        if stream.read(3) == b"CDF":
            raise ValueError(f"{file} is a file of the classic NetCDF formats: only NetCDF 4, which is HDF5, is read")
    if name:
        return hdf5.describe(file, name, options)._replace(format="netcdf")
    with hdf5.opened(file) as root:
        names = [name for name in hdf5.arrays(root) if not _is_scale(root[name])]
    if len(names) != 1:
        raise KeyError(f"{file} has the variables {', '.join(names) or 'none'}: say which")
    return hdf5.describe(file, names[0], options)._replace(format="netcdf")


def _is_scale(dataset: hdf5.Item) -> bool:
    """Whether a variable gives the values along a dimension."""
    return bool(storage.needed("h5py").h5ds.is_scale(dataset.id))


FORMAT = Format("netcdf", ("nc", "nc4"), describe, hdf5.read)
