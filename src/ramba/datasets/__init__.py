"""Arrays in files, of which only what is indexed is read."""

from ramba.datasets.dataset import Dataset, by_one, reading, written

__all__ = ["Dataset", "by_one", "reading", "written"]
