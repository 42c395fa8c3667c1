"""The names of `numpy.lib`."""

# Written by `make stubs` with NumPy 2.4.6: not to be edited by hand.

from numpy.lib import Arrayterator as Arrayterator
from numpy.lib import NumpyVersion as NumpyVersion
from numpy.lib import add_docstring as add_docstring
from numpy.lib import add_newdoc as add_newdoc
from numpy.lib import tracemalloc_domain as tracemalloc_domain

from ramba.lib import array_utils as array_utils
from ramba.lib import format as format
from ramba.lib import introspect as introspect
from ramba.lib import mixins as mixins
from ramba.lib import npyio as npyio
from ramba.lib import scimath as scimath
from ramba.lib import stride_tricks as stride_tricks
