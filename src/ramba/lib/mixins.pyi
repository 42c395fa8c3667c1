"""The names of `numpy.lib.mixins`."""

# Written by `make stubs` with NumPy 2.4.6: not to be edited by hand.

from numpy.lib.mixins import NDArrayOperatorsMixin as NDArrayOperatorsMixin
