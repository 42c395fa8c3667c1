"""Array creation routines: from shape or value, from existing data, numerical ranges, matrices."""

from ramba.api.creation import from_data, from_shape, matrices, ranges

__all__ = ["from_data", "from_shape", "matrices", "ranges"]
