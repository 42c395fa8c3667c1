"""Mathematical functions that are no ufuncs: sums, extrema, differences, convolution, rounding and the like."""

from ramba.api.math import convolution, differences, elementwise, extrema, nan, sums

__all__ = ["convolution", "differences", "elementwise", "extrema", "nan", "sums"]
