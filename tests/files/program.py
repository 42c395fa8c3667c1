"""A program that writes, reads, and reads what does not fit: run on a backend that the environment names."""

from __future__ import annotations

import os
import tempfile


def main() -> None:
    """Raises if anything is not as NumPy has it."""
    import numpy

    import ramba as np

    os.chdir(tempfile.mkdtemp())
    a = numpy.random.default_rng(0).normal(size=(900, 400))
    x = np.asarray(a) + 0
    np.save("a.npy", x)
    np.save("a.h5", x)
    np.save("c.h5", x, compression="gzip", chunks=(100, 100))
    np.save("a.zarr", x, compression="blosc", chunks=(100, 100))
    x.tofile("a.bin")
    np.savetxt("a.txt", x[:, :200])
    for file in ("a.npy", "a.h5", "c.h5", "a.zarr"):
        numpy.testing.assert_array_equal(numpy.asarray(np.Dataset(file)[::-2, 5:]), a[::-2, 5:])
        numpy.testing.assert_array_equal(numpy.asarray(np.load(file)), a)
    numpy.testing.assert_array_equal(numpy.asarray(np.fromfile("a.bin")), a.reshape(-1))
    numpy.testing.assert_array_equal(numpy.asarray(np.loadtxt("a.txt")), a[:, :200])
    numpy.savetxt("n.txt", a[:, :200])
    with open("a.txt", "rb") as ours, open("n.txt", "rb") as theirs:
        assert ours.read() == theirs.read()
    os.unlink("n.txt")
    heard: list[object] = []
    with np.events.subscribe(heard.append, workers=True):
        total = float(np.Dataset("a.npy")[90:210].sum())
    assert abs(total - a[90:210].sum()) < 1e-9
    told = [e for e in heard if isinstance(e, np.events.OnWorker) and isinstance(e.event, np.events.FileRead)]
    assert sum(e.event.nbytes for e in told) == 120 * 400 * 8
    assert len({e.rank for e in told}) > 1, "each worker reads its own part"
    with np.config.set(memory_limit=a.nbytes // 4):
        y = np.load("c.h5")
        found = float(((y - y.mean(axis=0)) ** 2).mean())
    assert abs(found - ((a - a.mean(axis=0)) ** 2).mean()) < 1e-12
    late = np.Dataset("a.npy")[...].sum()
    os.utime("a.npy", ns=(1, 1))
    try:
        float(late)
    except np.FileChangedError:
        assert sorted(os.listdir(".")) == ["a.bin", "a.h5", "a.npy", "a.txt", "a.zarr", "c.h5"]
        print("all files are as they should be")
    np.shutdown()


if __name__ == "__main__":
    main()
