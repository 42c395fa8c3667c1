"""Distributions given block by block."""

from __future__ import annotations

import numpy as np


def divisions_to_distribution(divs: np.ndarray) -> np.ndarray:
    """What `distribution=` takes, for the first and the last index of each worker's block.

    Parameters
    ----------
    divs : array_like of int, shape (workers, 2, dimensions)
        Last indices are inclusive; a block whose last index is less than its first one is empty.

    Returns
    -------
    ndarray of int64, shape (workers, 2, dimensions)

    Raises
    ------
    ValueError
        If it has another shape, or holds no integers.

    Examples
    --------
    >>> from ramba import shardview
    >>> shardview.divisions_to_distribution([[[0], [2]], [[3], [9]]]).tolist()
    [[[0], [2]], [[3], [9]]]
    """
    found = np.asarray(divs)
    if found.dtype.kind not in "iu" or found.ndim != 3 or found.shape[1] != 2:
        raise ValueError(f"divisions are integers of shape (workers, 2, dimensions), not {found.dtype} {found.shape}")
    return found.astype(np.int64)


__all__ = ["divisions_to_distribution"]
