"""Groups of elements along an axis: what NumPy has no word for, reduced in one pass."""

from ramba.grouping.groupby import GroupBy, groupby

__all__ = ["GroupBy", "groupby"]
