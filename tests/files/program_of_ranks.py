"""A program that every rank of an MPI job runs: one rank writes, all read."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Raises if anything is not as NumPy has it."""
    import numpy

    import ramba as np

    os.chdir(sys.argv[1])
    a = numpy.random.default_rng(0).normal(size=(300, 400))
    x = np.asarray(a) + 0
    np.save("a.npy", x)
    np.save("c.h5", x, compression="gzip", chunks=(100, 100))
    np.to_hdf5("c.h5", "more", x * 2)
    np.save("a.zarr", x, chunks=(100, 100))
    numpy.testing.assert_array_equal(numpy.asarray(np.load("a.npy")), a)
    for file, name in (("a.npy", None), ("c.h5", "data"), ("a.zarr", None)):
        numpy.testing.assert_array_equal(numpy.asarray(np.Dataset(file, name)[::-2, 5:]), a[::-2, 5:])
    assert abs(float(np.load("c.h5", "more").sum()) - 2 * a.sum()) < 1e-9
    assert sorted(os.listdir(".")) == ["a.npy", "a.zarr", "c.h5"]
    print("all files are as they should be")


if __name__ == "__main__":
    main()
