"""The names of `numpy.lib.npyio`."""

# Written by `make stubs` with NumPy 2.4.6: not to be edited by hand.

from numpy.lib.npyio import DataSource as DataSource
from numpy.lib.npyio import NpzFile as NpzFile
