"""Results of one element, which NumPy makes scalars: their methods, wherever the element is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy
import pytest

from tests.agreement import assert_agree
from tests.subject import ramba

pytestmark = pytest.mark.own_modes

SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "few at once": {"eager_size": 4},
    "lazy": {"eager_size": 0},
    "3 workers": {"eager_size": 5, "backend": "local", "workers": 3},
}
NUMBERS = """
(x + 1).sum(); x.mean(); np.trapezoid(x); np.interp(0.3, x, x**3); np.searchsorted(x, 0.5); x[5]; x[-1]; x.max()
np.median(x); np.vdot(x, x); np.linalg.norm(x); (x > 0.5).any(); np.count_nonzero(x); x.argmax(); (x * 1j).sum()
np.percentile(x, 30); np.ptp(x); x.astype('f4').std(); np.dot(x, x); np.einsum('i,i', x, x); np.cumsum(x)[-1]
"""
METHODS = """
round(); round(2); astype('f4'); astype(int); clip(0, 1); sum(); item(); copy(); tolist(); reshape(1); reshape(())
argmax(); argmin(); ravel(); flatten(); transpose(); repeat(2); squeeze(); max(); min(); mean(); any();
cumsum(); prod(); cumprod(); std(); var(); all(); take(0); take([0]); searchsorted(0.5); swapaxes(0, 1); diagonal()
trace(); nonzero(); compress([True]); choose([1, 2]); sort(); argsort(); put(0, 1); conjugate(); argsort(0)
real; imag; T; shape; ndim; size; itemsize; nbytes; dtype; __bool__(); __abs__(); __neg__(); __add__(1)
repeat(2, 0); take(0, axis=-1); compress([True], axis=0); argsort(None); argsort(1); cumsum(0); argmax(0); max(axis=-1)
"""


def texts(group: str) -> list[str]:
    return [text.strip() for text in group.replace("\n", ";").split(";") if text.strip()]


@pytest.fixture(params=SETTINGS, autouse=True)
def some(request: pytest.FixtureRequest) -> Iterator[None]:
    with ramba.config.set(**SETTINGS[request.param], on_fallback="ignore", verify=True):
        yield


@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning", "ignore::RuntimeWarning")
@pytest.mark.parametrize("number", texts(NUMBERS))
def test_methods_of_numbers(number: str) -> None:
    many = 30_001 if ramba.config.current().eager_size > 5 else 300  # so that the results are lazy ones
    for method in texts(METHODS):

        def run(np: Any, method: str = method) -> Any:
            x = np.linspace(0, 1, many)
            return eval(f"({number}).{method}", {"np": np, "x": x})

        try:
            assert_agree(lambda: run(ramba), lambda: run(numpy), ulps=64)
        except AssertionError as problem:
            raise AssertionError(f"({number}).{method}: {problem}") from problem
