"""Polynomials: the names of `numpy.polynomial`."""

# Written by `make stubs` with NumPy 2.4.6: not to be edited by hand.

from numpy.polynomial import Chebyshev as Chebyshev
from numpy.polynomial import Hermite as Hermite
from numpy.polynomial import HermiteE as HermiteE
from numpy.polynomial import Laguerre as Laguerre
from numpy.polynomial import Legendre as Legendre
from numpy.polynomial import Polynomial as Polynomial
from numpy.polynomial import set_default_printstyle as set_default_printstyle

from ramba.polynomial import chebyshev as chebyshev
from ramba.polynomial import hermite as hermite
from ramba.polynomial import hermite_e as hermite_e
from ramba.polynomial import laguerre as laguerre
from ramba.polynomial import legendre as legendre
from ramba.polynomial import polynomial as polynomial
