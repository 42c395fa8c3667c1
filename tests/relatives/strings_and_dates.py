"""Arrays of strings, and of days and minutes."""

import sys


def show(label, f):
    try:
        r = f()
        print(label, "->", type(r).__name__, repr(r))
    except Exception as e:
        print(label, "!!", type(e).__name__, str(e)[:300])


import numpy as np

names = np.array(["ada", "Grace", "alan", "Edsger  ", "barbara"])
for f in ["upper", "capitalize", "strip", "title", "swapcase", "str_len", "isalpha"]:
    show(f, lambda: getattr(np.char, f)(names))
show("add", lambda: np.char.add(names, "!"))
show("mul", lambda: np.char.multiply(names, 2))
show("find", lambda: np.char.find(names, "a"))
show("replace", lambda: np.char.replace(names, "a", "o"))
show("split", lambda: np.char.split(np.array(["a b", "c d e"])))
show("join", lambda: np.char.join("-", names))
show("startswith", lambda: np.strings.startswith(names, "a"))
show("slice", lambda: np.strings.slice(names, 1, 3))
show("partition", lambda: np.strings.partition(names, "a"))
show("sort", lambda: np.sort(names))
show("unique", lambda: np.unique(np.array(list("mississippi")), return_counts=True))
show("eq", lambda: names == "ada")
show("lt", lambda: names < "b")
show("in", lambda: "ada" in names)
show("where", lambda: np.where(names == "ada", "A", names))
show("add op", lambda: names.astype(object) + "x")
show("astype", lambda: np.array(["1", "22"]).astype(int))
show("astype f", lambda: np.array([1.5, 2]).astype(str))
show("astype S", lambda: names.astype("S"))
show("max len", lambda: names.dtype.itemsize)
show("argsort", lambda: np.argsort(names))
show("isin", lambda: np.isin(names, ["ada", "alan"]))
show("tolist", lambda: names.tolist())
show("el", lambda: names[0])
show("slice", lambda: names[::2])
show("vec", lambda: np.vectorize(len)(names))
show("concat", lambda: np.concatenate([names, ["zz"]]))
show("obj", lambda: np.array(["a", None, 3], dtype=object))
show("T", lambda: np.array(["x"], dtype=np.dtypes.StringDType()))
big = np.array([f"w{i % 97}" for i in range(50000)])
u, inv, c = np.unique(big, return_inverse=True, return_counts=True)
print(u[:3], inv[:5], c[:3])
print(
    np.char.str_len(big).sum(),
    (big == "w3").sum(),
    big[np.char.endswith(big, "7")][:3],
    np.char.add(big, "z")[:2],
    np.char.zfill(big, 5)[:2],
)
d = np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]")
print(d[:3], d.dtype, len(d))
show("diff", lambda: np.diff(d)[:2])
show("month", lambda: d.astype("datetime64[M]")[:2])
show("int", lambda: d.astype(int)[:2])
show("busday", lambda: np.is_busday(d).sum())
show("off", lambda: np.busday_offset("2024-01-06", 0, roll="forward"))
show("count", lambda: np.busday_count("2024-01-01", "2024-02-01"))
show("td", lambda: (d[5] - d[0]) / np.timedelta64(1, "h"))
show("str", lambda: np.datetime_as_string(d[:2]))
show("mean", lambda: (d - d[0]).mean())
show("max", lambda: d.max())
show("weekday", lambda: (d.astype("datetime64[D]").view("int64") - 4) % 7)
show("nat", lambda: np.array(["2024", "NaT"], dtype="datetime64[D]"))
show("isnat", lambda: np.isnat(np.array(["NaT"], "datetime64")))
show("cmp", lambda: (d > np.datetime64("2024-02-15")).sum())
show("item", lambda: d[0].item())
show("add", lambda: d[:2] + np.array([1, 2]))
show("tdelta", lambda: np.timedelta64(90, "m").astype("timedelta64[h]"))
show("hist", lambda: np.unique(d.astype("M8[M]"), return_counts=True))
show("sort", lambda: np.sort(d)[::-1][:2])
show("search", lambda: np.searchsorted(d, np.datetime64("2024-01-15")))
show("lin", lambda: d[0] + np.arange(0, 48, 12).astype("m8[h]"))
show("tolist", lambda: d[:2].tolist())
show("sum td", lambda: np.diff(d).sum())
show("float", lambda: np.diff(d) / np.timedelta64(1, "D"))
show("div", lambda: np.diff(d)[:2] // np.timedelta64(7, "h"))
show("fmt", lambda: f"{d[0]}")
show("min", lambda: np.minimum(d[:2], d[1]))
show("where", lambda: np.where(d > d[3], d, np.datetime64("NaT"))[:5])
show("bad", lambda: d + d)
t = np.datetime64("2024-01-01T00:00") + np.arange(100_000) * np.timedelta64(1, "m")
print(
    t[-1],
    t.dtype,
    (t.astype("M8[D]") == np.datetime64("2024-01-05")).sum(),
    np.unique(t.astype("M8[D]")).size,
    t.mean() if False else (t - t[0]).mean(),
    t[t > np.datetime64("2024-03-01")][:2],
    np.ptp(t),
)
import datetime

print(
    t[0].astype(datetime.datetime),
    t[:2].astype(object),
    np.array([datetime.date(2024, 1, 2)]),
    np.array([datetime.date(2024, 1, 2)], "M8"),
)
