"""Fourier transforms along one axis, under the name that callers know."""

from ramba.kernels.local.fft import along_axis

__all__ = ["along_axis"]
