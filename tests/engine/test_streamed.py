"""Large results are written around the caches, wherever their first element lies in the array."""

from __future__ import annotations

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.plan import kernel
from tests.subject import ramba

pytestmark = pytest.mark.own_modes


@pytest.mark.parametrize("workers", [None, 3])
@given(
    dtype=st.sampled_from(["u1", "i2", "f4", "f8", "c16"]),
    before=st.integers(0, 70),
    after=st.integers(0, 70),
    columns=st.sampled_from([0, 1, 63, 64, 65]),
)
def test_any_part_of_a_new_array(workers: int | None, dtype: str, before: int, after: int, columns: int) -> None:
    def parts(np: object) -> numpy.ndarray:
        shape = (9000,) if columns == 0 else (9000 // columns + before + after, columns)
        x = np.empty(shape, dtype)  # type: ignore[attr-defined]
        stop = len(x) - after
        x[before:stop] = 7
        x[:before] = 1
        x[stop:] = x[before] + 2
        x[before // 2 : before] = np.ones(x[before // 2 : before].shape, dtype) * 3  # type: ignore[attr-defined]
        return numpy.asarray(x)

    expected = parts(numpy)
    settings = {"backend": "local", "workers": workers} if workers else {"num_threads": 2}
    with (
        pytest.MonkeyPatch.context() as patch,
        ramba.config.set(eager_size=0, kernels="compiled", verify=True, **settings),
    ):
        patch.setattr(kernel, "STREAMED", 1024)
        numpy.testing.assert_array_equal(parts(ramba), expected)
    if workers:
        ramba.shutdown()
