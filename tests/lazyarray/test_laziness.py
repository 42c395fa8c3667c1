"""What runs when: building runs nothing, and an expression is as few kernels as it can be."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy
import pytest

from tests.agreement import assert_same
from tests.subject import ramba

pytestmark = pytest.mark.one_process

N = 200_000  # what NumPy does not do at once


def grid() -> Any:
    return ramba.arange(250_000, dtype="f4").reshape(500, 500) % 97


ONE_KERNEL: dict[str, Callable[[], Any]] = {
    "arithmetic": lambda: (ramba.arange(N) * 2.0 + 1) / 3 - ramba.ones(N),
    "a whole reduction": lambda: (ramba.arange(N) / 3.0).sum(),
    "a reduction of a product": lambda: (ramba.arange(N) * ramba.full(N, 2.0)).sum(),
    "functions": lambda: ramba.sqrt(ramba.abs(ramba.sin(ramba.arange(N) / 1000))),
    "broadcasting": lambda: ramba.arange(300.0)[:, None] * ramba.arange(200.0) + 1,
    "where": lambda: ramba.where(ramba.arange(N) % 2 == 0, ramba.arange(N), -1),
    "casts": lambda: (ramba.arange(N) * 1.5).astype("i4").astype("f4") + 1,
    "comparison and any": lambda: (ramba.arange(N) > N).any(),
    "a mask assignment": lambda: mask_assignment(),
    "the in-place update of a fresh array": lambda: in_place(),
    "rows that are summed": lambda: (ramba.arange(500.0)[:, None] + ramba.arange(400.0)).sum(axis=1),
    "columns that are summed": lambda: (ramba.arange(500.0)[:, None] + ramba.arange(400.0)).sum(axis=0),
}


def mask_assignment() -> Any:
    a = ramba.arange(N) % 7
    a[a > 3] = 0
    return a


def in_place() -> Any:
    a = ramba.ones(N)
    a += ramba.arange(N)
    a *= 2
    return a


@pytest.mark.parametrize("name", ONE_KERNEL)
def test_this_is_one_kernel(name: str) -> None:
    with ramba.config.set(kernels="compiled", eager_size=1000):
        with ramba.kernels_run() as building:
            value = ONE_KERNEL[name]()
        assert building == 0, "building it runs nothing"
        with ramba.kernels_run() as count:
            ramba.sync()
        assert count == 1
        with ramba.kernels_run() as again:
            numpy.asarray(value)
        assert again == 0, "it is computed once"


def test_the_readme_program_is_one_kernel() -> None:
    a = ramba.arange(N) / 1000.0
    b, c = ramba.sin(a), ramba.cos(a)
    d = b * b + c**2
    with ramba.kernels_run() as count:
        ramba.sync()
    assert count == 1
    assert numpy.allclose(numpy.asarray(d), 1.0)


def test_the_star_stencil_is_one_kernel_a_sweep() -> None:
    a, b = grid(), grid()
    inner = slice(2, -2)

    def sweep() -> None:
        total = a[inner, inner] * 0.5
        for shift in (-2, -1, 1, 2):
            rows = slice(2 + shift, 498 + shift)
            total = total + a[rows, inner] * (0.25 / shift) + a[inner, rows] * (0.25 / shift)
        b[inner, inner] += total
        ramba.sync()

    sweep()  # now both are in memory
    with ramba.kernels_run() as count:
        sweep()
    assert count == 1


def test_row_statistics_stay_in_one_pass_or_two() -> None:
    a = grid()
    ramba.sync()
    with ramba.kernels_run() as count:
        value = (a - a.mean(axis=1, keepdims=True)) / a.std(axis=1, keepdims=True)
        ramba.sync()
    assert int(count) <= 4
    assert abs(float(value.sum())) < 1


def test_dead_intermediates_are_never_stored() -> None:
    a = ramba.arange(N) + 1.0
    b = a * 2
    del a
    text = str(ramba.explain(b))
    assert text.count("store") <= 1
    assert_same(b[:3], numpy.array([2.0, 4, 6]))


def test_what_nobody_holds_is_not_computed() -> None:
    with ramba.kernels_run() as count:
        value = ramba.sin(ramba.arange(N) / 7)
        del value
        ramba.sync()
    assert count == 0


def test_explain_runs_nothing() -> None:
    with ramba.kernels_run() as count:
        value = ramba.sqrt(ramba.arange(N) * 2.0)
        text = str(ramba.explain(value))
    assert count == 0
    assert "sqrt" in text
    assert "multiply" in text


@pytest.mark.parametrize(
    "observe",
    [
        lambda a: a[0].item(),
        lambda a: bool(a.any()),
        str,
        numpy.asarray,
        lambda a: a.tolist(),
        lambda a: a[a > 10],
        lambda a: float(a.sum()),
        lambda a: ramba.nonzero(a),
    ],
)
def test_looking_computes(observe: Callable[[Any], Any]) -> None:
    with ramba.kernels_run() as count:
        value = ramba.arange(N) + 1
        observe(value)
    assert int(count) >= 1


def test_eager_computes_every_operation_at_once() -> None:
    with ramba.config.set(eager=True), ramba.kernels_run() as count:
        ramba.sin(ramba.arange(N))
        assert int(count) >= 1


def test_small_arrays_run_no_kernels() -> None:
    with ramba.config.set(eager_size=100), ramba.kernels_run() as count:
        a = ramba.arange(100)
        b = (a + 1) * 2
        b[3] = 7
        assert b.sum() == sum(2 * (i + 1) for i in range(100)) - 8 + 7
    assert count == 0


def test_repeated_iterations_run_the_same_kernels() -> None:
    """Every iteration of a loop gives the same plan."""
    a = ramba.zeros(N)
    counts = []
    for _ in range(5):
        with ramba.kernels_run() as count:
            a = a * 0.5 + 1
            ramba.sync()
        counts.append(int(count))
    assert len(set(counts[1:])) == 1


def test_fallback_warns_once_per_call_site_and_can_be_an_error() -> None:
    a = ramba.arange(N) % 13
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            ramba.i0(a)
    assert [warning.category for warning in caught] == [ramba.FallbackWarning]
    assert caught[0].filename == __file__
    with ramba.config.set(on_fallback="raise"), pytest.raises((ramba.FallbackWarning, ramba.RambaError)):
        ramba.i0(a)


def test_settings_are_checked() -> None:
    for bad in ({"num_threads": 0}, {"kernels": "magic"}, {"eager_size": -1}, {"memory_limit": "much"}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            ramba.config.set(**bad)
    with pytest.raises(ValueError, match="num_threads"):
        ramba.config.set(num_thread=2)


def test_one_pending_number_is_no_reason_to_warn() -> None:
    """`i0(a.max())`: NumPy computes it of the one number."""
    a = ramba.arange(200_000.0).reshape(400, 500) / 200_000
    with ramba.config.set(on_fallback="raise", eager_size=1000):
        assert ramba.i0((a + 1).max()) == numpy.i0(1 + 199_999 / 200_000)
        with pytest.raises(ramba.FallbackWarning):
            ramba.i0(a + 1)
