"""The rooms of `ramba.api` are the pages of routines in NumPy's manual: a function is where the manual lists it."""

from __future__ import annotations

import re
from functools import partial
from operator import attrgetter
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy
import pytest

from ramba.lazyarray import IMPLEMENTED
from tests.subject import ramba

API = Path(ramba.__file__).parent / "api"

# what NumPy 2's reference lists, page by page, that is no ufunc; `ndarray.name` is a method
MANUAL = {
    "creation": """empty empty_like eye identity ones ones_like zeros zeros_like full full_like array asarray asanyarray
        ascontiguousarray asmatrix astype copy frombuffer from_dlpack fromfile fromfunction fromiter fromstring loadtxt
        arange linspace logspace geomspace meshgrid mgrid ogrid diag diagflat tri tril triu vander bmat""",
    "manipulation": """copyto ndim shape size reshape ravel ndarray.flatten moveaxis rollaxis swapaxes transpose
        permute_dims matrix_transpose atleast_1d atleast_2d atleast_3d broadcast broadcast_to broadcast_arrays
        expand_dims squeeze asarray asanyarray asmatrix asfortranarray ascontiguousarray asarray_chkfinite require
        concatenate concat stack block vstack hstack dstack column_stack split array_split dsplit hsplit vsplit unstack
        tile repeat delete insert append resize trim_zeros unique pad flip fliplr flipud roll rot90""",
    "indexing": """c_ r_ s_ nonzero where indices ix_ ogrid ravel_multi_index unravel_index diag_indices
        diag_indices_from mask_indices tril_indices tril_indices_from triu_indices triu_indices_from take
        take_along_axis choose compress diag diagonal select place put put_along_axis putmask fill_diagonal nditer
        ndenumerate ndindex nested_iters flatiter iterable ndarray.compress ndarray.choose ndarray.put""",
    "io": """load save savez savez_compressed loadtxt savetxt genfromtxt fromregex fromstring ndarray.tofile
        ndarray.tolist fromfile array2string array_repr array_str format_float_positional format_float_scientific
        memmap set_printoptions get_printoptions printoptions base_repr""",
    "linalg": """dot linalg.multi_dot vdot inner outer linalg.outer linalg.matmul tensordot linalg.tensordot einsum
        einsum_path linalg.matrix_power kron linalg.cross linalg.cholesky linalg.qr linalg.svd linalg.svdvals linalg.eig
        linalg.eigh linalg.eigvals linalg.eigvalsh linalg.norm linalg.matrix_norm linalg.vector_norm linalg.cond
        linalg.det linalg.matrix_rank linalg.slogdet trace linalg.trace linalg.solve linalg.tensorsolve linalg.lstsq
        linalg.inv linalg.pinv linalg.tensorinv diagonal linalg.diagonal linalg.matrix_transpose linalg.vecdot
        ndarray.dot""",
    "bitwise": "packbits unpackbits binary_repr",
    "logic": """all any isfinite isinf isnan isnat isneginf isposinf iscomplex iscomplexobj isfortran isreal isrealobj
        isscalar allclose isclose array_equal array_equiv""",
    "math": """unwrap round around fix prod sum nanprod nansum cumulative_sum cumulative_prod cumprod cumsum nancumprod
        nancumsum diff ediff1d gradient cross trapezoid i0 sinc angle real imag max amax nanmax min amin nanmin convolve
        clip nan_to_num real_if_close interp ndarray.conj ndarray.conjugate ndarray.clip""",
    "sets": "unique unique_all unique_counts unique_inverse unique_values intersect1d isin setdiff1d setxor1d union1d",
    "sorting": """sort lexsort argsort ndarray.sort sort_complex partition argpartition ndarray.partition argmax
        nanargmax argmin nanargmin argwhere nonzero flatnonzero where searchsorted extract count_nonzero""",
    "statistics": """ptp percentile nanpercentile quantile nanquantile median average mean std var nanmedian nanmean
        nanstd nanvar corrcoef correlate cov histogram histogram2d histogramdd bincount histogram_bin_edges digitize""",
    "fourier": """fft.fft fft.ifft fft.fft2 fft.ifft2 fft.fftn fft.ifftn fft.rfft fft.irfft fft.rfft2 fft.irfft2
        fft.rfftn fft.irfftn fft.hfft fft.ihfft fft.fftfreq fft.rfftfreq fft.fftshift fft.ifftshift""",
    "datatypes": "can_cast promote_types min_scalar_type result_type common_type issubdtype typename mintypecode",
    "functional": "apply_along_axis apply_over_axes vectorize frompyfunc piecewise",
    "polynomials": """poly polyval polyfit polyder polyint polyadd polydiv polymul polysub roots
        polynomial.polynomial.polyval polynomial.chebyshev.chebval polynomial.hermite.hermval
        polynomial.hermite_e.hermeval polynomial.laguerre.lagval polynomial.legendre.legval""",
    "memory": "setbufsize getbufsize shares_memory may_share_memory broadcast_shapes",
    "stride_tricks": "lib.stride_tricks.as_strided lib.stride_tricks.sliding_window_view",
    "random": "",  # classes, whose methods are drawn
    "testing": "",  # assertions, which are NumPy's
}
"""The pages routines.array-creation, array-manipulation, ..., dtype, functional, other (memory ranges), fft, lib."""

ROOMS = sorted({path.relative_to(API).parts[0].removesuffix(".py") for path in API.rglob("*.py")} - {"__init__"})
_ENTERED = re.compile(r"^(?:@|\w+ = |)\w+\((np\.[\w.]+)", re.MULTILINE)


def file_of(ours: Any) -> Path:
    """Where the body of a form of ours lies."""
    while not isinstance(ours, FunctionType) or hasattr(ours, "body"):
        ours = ours.func if isinstance(ours, partial) else getattr(ours, "body", type(ours).__init__)
        if not isinstance(ours, FunctionType | partial) and not hasattr(ours, "body"):
            return Path()  # a class, made elsewhere
    return Path(ours.__code__.co_filename)


def rooms() -> dict[Any, str]:
    """The functions of NumPy's that `ramba.api` has forms of: where each of them is entered, or its body lies."""
    found = {}
    for theirs, ours in IMPLEMENTED.items():
        path = file_of(ours)
        if path.is_relative_to(API):
            found[theirs] = path.relative_to(API).parts[0].removesuffix(".py")
    for path in API.rglob("*.py"):
        for name in _ENTERED.findall(path.read_text()):
            found[attrgetter(name.removeprefix("np."))(numpy)] = path.relative_to(API).parts[0].removesuffix(".py")
    return found


def listed(page: str) -> list[Any]:
    """What is on a page of the manual; a method is where the function of its name is."""
    names = MANUAL[page].split()
    methods = [f"ndarray.{name}" for name in names if hasattr(numpy.ndarray, name)]
    return [attrgetter(name)(numpy) for name in names + methods]


def test_every_room_is_a_page_and_every_page_a_room() -> None:
    assert sorted(MANUAL) == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_a_function_is_on_its_page(room: str) -> None:
    entered = [theirs for theirs, where in rooms().items() if where == room]
    assert entered or not MANUAL[room]
    assert not [theirs for theirs in entered if theirs not in listed(room)]
