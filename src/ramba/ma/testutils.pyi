"""The names of `numpy.ma.testutils`."""

# Written by `make stubs` with NumPy 2.4.6: not to be edited by hand.

from numpy.ma.testutils import TestCase as TestCase
from numpy.ma.testutils import almost as almost
from numpy.ma.testutils import approx as approx
from numpy.ma.testutils import assert_ as assert_
from numpy.ma.testutils import assert_allclose as assert_allclose
from numpy.ma.testutils import assert_almost_equal as assert_almost_equal
from numpy.ma.testutils import assert_array_almost_equal as assert_array_almost_equal
from numpy.ma.testutils import assert_array_almost_equal_nulp as assert_array_almost_equal_nulp
from numpy.ma.testutils import assert_array_approx_equal as assert_array_approx_equal
from numpy.ma.testutils import assert_array_compare as assert_array_compare
from numpy.ma.testutils import assert_array_equal as assert_array_equal
from numpy.ma.testutils import assert_array_less as assert_array_less
from numpy.ma.testutils import assert_close as assert_close
from numpy.ma.testutils import assert_equal as assert_equal
from numpy.ma.testutils import assert_equal_records as assert_equal_records
from numpy.ma.testutils import assert_mask_equal as assert_mask_equal
from numpy.ma.testutils import assert_not_equal as assert_not_equal
from numpy.ma.testutils import assert_raises as assert_raises
from numpy.ma.testutils import fail_if_array_equal as fail_if_array_equal
