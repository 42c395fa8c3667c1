"""pandas: series and frames of our arrays, with them as operands, masks and keys."""

from __future__ import annotations

from typing import Any

import numpy
import pytest

from tests.neighbours.cases import Neighbour

pd = pytest.importorskip("pandas")


def variables(np: Any, n: int) -> dict[str, Any]:
    draw = numpy.random.default_rng(0).random
    i = np.asarray(numpy.random.default_rng(1).integers(0, 10, n))
    s = pd.Series(numpy.arange(n) * 1.5, index=numpy.arange(n)[::-1], name="s")
    df = pd.DataFrame({"a": numpy.arange(n) * 1.0, "b": numpy.ones(n)}, index=numpy.arange(n) + 5)
    x = np.asarray(draw(n) * 10) * 1.0
    return {"x": x, "i": i, "s": s, "df": df, "n": n, "X": np.asarray(draw((n // 2, 2)))}


CASES = """
pd.Series(x)
pd.Series(x*2+1, name="y")
pd.DataFrame({"x": x, "i": i})
pd.DataFrame(X, columns=["p","q"])
pd.Index(x)
pd.Index(i)
x + s
s + x
x.mean() * s
s * x.mean()
s - x.sum()
x * s
np.add(x, s)
np.multiply(s, x)
np.sqrt(s)
numpy.add(x, s)
x > s
s > x
s == x
x == s
df * x[:2]
df[x > 5]
df.loc[x > 5]
df.loc[x > 5, "a"]
s[x > 5]
s.where(x > 5)
s.where(x > 5, x)
s.mask(x > 5, 0)
df.iloc[i]
s.iloc[i]
df.mul(x, axis=0)
df.assign(c=x)
df["c"] = x; df
df["c"] = x.sum(); df
df["c"] = x.mean(); df.dtypes["c"]
df.loc[df.index[0], "a"] = x.max(); df
df.loc[:, "a"] = x; df
s.iloc[2:5] = x[2:5]; s
pd.unique(i)
pd.unique(x)
pd.value_counts(i) if hasattr(pd,"value_counts") else 0
pd.cut(x, 4)
pd.cut(x, np.linspace(0, 10, 5))
pd.qcut(x, 4)
s.apply(np.sqrt)
s.map(np.exp)
df.apply(np.sum)
df.apply(np.mean, axis=0)
df.agg(np.mean)
s.agg(np.max)
df.apply(np.sqrt)
s.isin(x)
pd.Series(x).isin(i)
s.reindex(i)
s.searchsorted(x[:10])
np.searchsorted(s, x)
pd.to_numeric(x)
pd.isna(x)
pd.isna(x).sum()
pd.notnull(x).sum()
pd.to_datetime(i, unit="D")
pd.Timestamp(0) + pd.to_timedelta(i, unit="s")
pd.crosstab(i, i)
pd.merge(pd.DataFrame({"k": i[:50], "v": x[:50]}), pd.DataFrame({"k": np.arange(10), "w": np.arange(10)*2.0}), on="k")
pd.concat([pd.Series(x), pd.Series(x)])
pd.Series(x).rolling(5).mean()
pd.Series(x).rolling(5).apply(np.mean, raw=True).iloc[:50] if n < 1000 else 0
pd.Series(x).quantile(np.linspace(0, 1, 5))
pd.Series(x).describe()
pd.get_dummies(i)
pd.MultiIndex.from_arrays([i, i])
pd.date_range("2020", periods=n, freq="s")[i]
pd.Categorical(i)
pd.DataFrame(np.random.default_rng(0).random((100, 3))).corr()
pd.Series(x).interpolate().sum()
pd.Series(x, dtype="float32")
pd.array(x)
pd.array(i)
np.where(s > 5, x, s)
np.where(x > 5, s, 0)
np.mean(s)
np.sum(df)
np.asarray(s)
np.array(df).sum()
np.concatenate([s, x])
np.maximum(s, x)
np.corrcoef(s, x)
np.dot(s, x)
s.dot(x)
x @ s
s @ x
np.polyfit(s[:50], x[:50], 1)
x[s > 5]
x[s.to_numpy() > 5]
np.isnan(s)
np.interp(x, s.to_numpy(), s.to_numpy())
np.clip(s, 1, 3)
df.to_numpy() @ np.ones(2)
df @ np.ones(2)
df.values * x[:, None]
df.describe()
s.replace(x[0], 1)
s.fillna(x.mean())
s.clip(x.min(), x.mean())
s.between(x.min(), x.max())
s + x[0]
df.groupby(i).sum()
s.groupby(i).agg(["min","max"])
pd.factorize(i)
pd.Series([x.mean(), x.std()])
pd.DataFrame([{"m": x.mean(), "s": x.std()}])
"""

NEIGHBOUR = Neighbour({"pd": pd}, variables, CASES, large=300_000)


@NEIGHBOUR.each
def test_results_are_equal(case: str, n: int) -> None:
    NEIGHBOUR.check(case, n)


@NEIGHBOUR.few
def test_a_few_results(case: str) -> None:
    NEIGHBOUR.check(case, NEIGHBOUR.large)


@NEIGHBOUR.each_large
def test_results_are_equal_on_processes(case: str) -> None:
    NEIGHBOUR.check(case, NEIGHBOUR.large)
