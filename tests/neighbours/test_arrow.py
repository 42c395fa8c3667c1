"""pyarrow and polars: arrays of theirs made of ours, without a copy and never changed."""

from __future__ import annotations

import gc
from typing import Any

import numpy
import pytest

from tests.neighbours.cases import Neighbour
from tests.subject import ramba

pa = pytest.importorskip("pyarrow")
pl = pytest.importorskip("polars")


def variables(np: Any, n: int) -> dict[str, Any]:
    x = np.asarray(numpy.random.default_rng(0).random(n) * 10) * 1.0
    i = np.asarray(numpy.random.default_rng(1).integers(0, 10, n))
    df = pl.DataFrame({"a": numpy.arange(n) * 1.0, "g": numpy.arange(n) % 7})
    X = np.asarray(numpy.random.default_rng(2).random((n // 2, 2)))
    return {"x": x, "i": i, "df": df, "n": n, "s": x.sum(), "b": x > 5, "X": X, "t": np.asarray(["a", "bcd", "\u00e9"])}


CASES = """
pa.array(x)
pa.array(i)
pa.array(b)
pa.array(x[::2])
pa.array(x * 2)
pa.array(x, type=pa.float32())
pa.array(x.astype("f4"))
pa.table({"x": x, "i": i})
pa.Table.from_arrays([pa.array(x)], names=["x"])
pa.table({"x": x * 1}).column("x").to_numpy()
pa.chunked_array([x, x])
pa.FixedSizeListArray.from_arrays(X.ravel(), 2)
pa.py_buffer(x).size
pl.Series(x)
pl.Series("x", x)
pl.Series("x", i)
pl.Series("x", b)
pl.Series("x", x * 2)
pl.DataFrame({"x": x, "i": i})
df.filter(pl.col("a") > s)
df.filter(pl.col("a") > x.mean())
df.filter(pl.Series(b))
df["a"] + x[0]
df["a"] * s
x + df["a"].to_numpy()
np.asarray(df["a"])
np.add(x, df["a"])
np.sqrt(df["a"])
df["a"].is_in(x)
df.select(pl.col("a").is_in(pl.Series(x))).sum()
df.with_columns(pl.Series(x).alias("x"))
df.insert_column(1, pl.Series(x).alias("x"))
pl.Series(x).cast(pl.Float32)
pa.array(t)
pl.Series(t)
pa.array(np.arange(3).astype("M8[s]"))
pl.Series(x[::-3])
pa.array(x, mask=b)
pa.scalar(s)
pl.DataFrame(X)
df.filter(b)
df.with_columns(x=x)
df["a"] + x
pl.Series('x', x, dtype=pl.Float32); pl.DataFrame([pl.Series('x', x)])
df[i[:5]]
pl.DataFrame(x)
pl.select(pl.lit(x))
pl.DataFrame({"x": x, "y": x * 2})
pl.Series("x", x, dtype=pl.Float32).name
pl.Series([x.min(), x.max()])
df.filter(x > 1).with_columns(z=pl.lit(3))
pl.Series(x)[i[:5]]
pl.Series(x) > x
"""

REFUSED = {
    "pa.Tensor.from_numpy(np.asarray(X))": "pa.Tensor.from_numpy(X.to_numpy())",
}

NEIGHBOUR = Neighbour({"pa": pa, "pl": pl}, variables, CASES, REFUSED, large=300_000)


@NEIGHBOUR.each
def test_results_are_equal(case: str, n: int) -> None:
    NEIGHBOUR.check(case, n)


@NEIGHBOUR.few
def test_a_few_results(case: str) -> None:
    NEIGHBOUR.check(case, NEIGHBOUR.large)


@NEIGHBOUR.refusals
def test_what_is_refused(case: str, instead: str) -> None:
    NEIGHBOUR.check_refusal(case, instead)


@pytest.mark.parametrize("make", [pa.array, pl.Series])
@pytest.mark.parametrize("n", [60, 300_000])
def test_what_arrow_has_never_changes(make: Any, n: int) -> None:
    x = ramba.arange(n) * 1.0
    made, later = make(x), x * 2
    x += 1
    x[3] = -1
    del later
    ramba.sync()
    assert numpy.array_equal(made.to_numpy(), numpy.arange(n) * 1.0)


def test_arrow_reads_the_memory_itself() -> None:
    x = ramba.arange(300_000.0)
    ramba.sync()
    address = memoryview(x).obj.__array_interface__["data"][0]
    assert pa.array(x).buffers()[1].address == address


def test_memory_is_given_back() -> None:
    x = ramba.arange(300_000.0)
    ramba.sync()
    pa.array(x), pl.Series(x), x.__arrow_c_array__()
    gc.collect()
    assert x._buffer.exclusive


def test_types_that_arrow_is_not_given() -> None:
    with pytest.raises(TypeError, match="complex128"):
        (ramba.arange(3) * 1j).__arrow_c_array__()
    with pytest.raises(ValueError, match="one dimension"):
        ramba.zeros((2, 3)).__arrow_c_array__()


@NEIGHBOUR.each_large
def test_results_are_equal_on_processes(case: str) -> None:
    NEIGHBOUR.check(case, NEIGHBOUR.large)
