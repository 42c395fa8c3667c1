"""A table of sales, with pandas."""

import sys


def show(label, f):
    try:
        r = f()
        print(label, "->", type(r).__name__, repr(r))
    except Exception as e:
        print(label, "!!", type(e).__name__, str(e)[:300])


import numpy as np, pandas as pd

rng = np.random.default_rng(7)
n = 50_000
df = pd.DataFrame(
    {
        "store": rng.integers(0, 20, n),
        "price": rng.gamma(2.0, 10.0, n).round(2),
        "qty": rng.poisson(3, n),
        "when": np.datetime64("2024-01-01") + rng.integers(0, 365, n).astype("timedelta64[D]"),
    }
)
df["revenue"] = df.price * df.qty
df["logp"] = np.log1p(df["price"])
df["bucket"] = np.digitize(df.price, [5, 10, 20, 50])
df["flag"] = np.where(df.qty > 3, "many", "few")
df["sel"] = np.select([df.price < 10, df.price < 30], ["cheap", "mid"], default="dear")
print(df.head())
print(df.dtypes)
print(df.describe())
print(df.groupby("store").revenue.agg(["sum", "mean", np.std, np.median]).head())
print(
    df.groupby("sel").agg(
        m=("price", np.mean), mx=("qty", np.max), r=("revenue", lambda s: np.sqrt(np.mean(np.square(s))))
    )
)
print(df.pivot_table(index="flag", columns="bucket", values="revenue", aggfunc=np.sum))
print(df.groupby(df.when.dt.month).revenue.apply(lambda s: np.percentile(s, 90)))
z = (df[["price", "qty"]] - df[["price", "qty"]].mean()) / df[["price", "qty"]].std()
print(z.to_numpy()[:3], np.abs(z).max().to_dict())
print(np.corrcoef(df.price, df.revenue))
print(df.loc[np.argmax(df.revenue)].to_dict())
print(df.price.values[:5], type(df.price.values).__name__)
mask = np.logical_and(df.price > 10, df.qty == 2)
print(mask.sum(), df[mask].shape, type(mask).__name__)
a = df.to_numpy()
print(a.dtype, a.shape, a[0])
rec = df.to_records(index=False)
print(rec.dtype.names, rec[:1])
print(np.unique(df.flag, return_counts=True))
print(pd.Series(np.fft.rfft(df.price)[:3]))
print(
    df.rolling(7, on="when" if df.when.is_monotonic_increasing else None).qty.mean().tail(2)
    if False
    else df.qty.rolling(7).apply(np.mean, raw=True).tail(2)
)
out = np.zeros(len(df))
np.add.at(out, df.store, df.revenue)
print(out[:20])
print(np.bincount(df.store, weights=df.revenue)[:3])
e = pd.cut(df.price, bins=np.arange(0, 101, 25))
print(e.value_counts().sort_index())
x = np.array(df.price)
x[x > 50] = np.nan
df["c"] = x
print(df.c.isna().sum(), df.c.mean(), np.nanmean(x))
print(pd.DataFrame(np.eye(3), columns=list("abc")).to_string())
print(pd.Series(np.arange(3)) @ np.arange(3))
show("np.sqrt(df)", lambda: np.sqrt(df[["price"]]).iloc[:2])
show("isinstance", lambda: isinstance(df.price.to_numpy(), np.ndarray))
show("ufunc out", lambda: np.add(df.price[:3], 1, out=np.empty(3)))
show("concat", lambda: np.concatenate([df.price[:2], np.ones(2)]))
show("vstack", lambda: np.vstack([df.price[:2], df.qty[:2]]))
show("map", lambda: df.store[:4].map(np.sqrt))
show("interp", lambda: np.interp(df.price[:3], [0, 100], [0, 1]))
show("where series", lambda: np.where(df.price[:3] > 10, df.price[:3], 0))
show("clip", lambda: np.clip(df.price[:3], 1, 10))
show("round", lambda: np.round(df.price[:3], 1))
show("cumsum", lambda: np.cumsum(df.qty[:4]))
show("diff", lambda: np.diff(df.qty[:4]))
show("sort", lambda: np.sort(df.price[:4]))
show("argsort", lambda: np.argsort(df.price[:4]))
show("ptp", lambda: np.ptp(df.price[:4]))
show("dot", lambda: np.dot(df[["price", "qty"]][:2], np.ones(2)))
show("isnan df", lambda: np.isnan(df[["price"]][:2]))
show("transform", lambda: df.groupby("store").price.transform(np.mean)[:3])
show("timedelta", lambda: (df.when - np.datetime64("2024-06-01"))[:2])
show("mixed", lambda: np.arange(3) + df.price[:3])
show("mixed2", lambda: (np.arange(30000) > pd.Series(range(30000)))[:3])
show("index", lambda: pd.Index(np.arange(5))[np.array([1, 3])])
show("loc arr", lambda: df.loc[np.array([1, 3]), "qty"])
show("iat", lambda: df.iat[np.int64(2), 1])
show("item keys", lambda: {np.int64(3): 1}[3])
