"""Scans and ordered folds, under the names that callers know."""

from ramba.kernels.local.scan import accumulate, reduce

__all__ = ["accumulate", "reduce"]
