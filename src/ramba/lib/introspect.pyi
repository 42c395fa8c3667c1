"""The names of `numpy.lib.introspect`."""

# Written by `make stubs` with NumPy 2.4.6: not to be edited by hand.

from numpy.lib.introspect import opt_func_info as opt_func_info
