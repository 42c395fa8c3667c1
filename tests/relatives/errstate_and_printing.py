"""Floating-point errors, and how arrays and numbers are printed."""

import sys


def show(label, f):
    try:
        r = f()
        print(label, "->", type(r).__name__, repr(r))
    except Exception as e:
        print(label, "!!", type(e).__name__, str(e)[:300])


import numpy as np, warnings

warnings.simplefilter("always")
import sys


def cap(f):
    with warnings.catch_warnings(record=True) as w:
        warnings.simplefilter("always")
        r = f()
        return r, sorted({(x.category.__name__, str(x.message)) for x in w})


for n in (3, 50_000):
    x = np.zeros(n)
    x[0] = 1
    x[1] = -1
    for lab, f in {
        "div": lambda: 1 / x,
        "log": lambda: np.log(x),
        "sqrt": lambda: np.sqrt(x),
        "over": lambda: np.exp(x * 1e3),
        "inv": lambda: x / x,
        "int": lambda: x.astype(int) // 0,
        "cast": lambda: (x / 0).astype(int) if False else np.array([1e20] * n).astype("i4"),
        "mean": lambda: np.mean(x[:0]),
        "nanmean": lambda: np.nanmean(x * np.nan),
        "std": lambda: np.std(x[:1], ddof=1),
        "arccos": lambda: np.arccos(x * 2),
        "pow": lambda: x**-1,
        "f2": lambda: (x + 7e4).astype("f2"),
        "reduce": lambda: np.add.reduce(np.full(n, 1e308) * 1.0),
        "mult": lambda: np.full(n, 1e200) ** 2,
    }.items():
        r, ws = cap(lambda: np.asarray(f())[..., :3] if np.ndim(f()) else float(f()))
        print(n, lab, r, ws)
    for how in ("raise", "ignore", "warn", "print", "call", "log"):
        hits = []
        try:
            with np.errstate(all=how, call=(lambda k, fl: hits.append((k, fl))) if how == "call" else None):
                r, ws = cap(lambda: (1 / x)[:3])
                print(how, r, ws, len(hits) > 0)
        except Exception as e:
            print(how, type(e).__name__, e)
    old = np.seterr(divide="raise")
    try:
        y = np.log(x)
        print(y[:2])
    except FloatingPointError as e:
        print("FPE", e)
    finally:
        np.seterr(**old)

    @np.errstate(all="ignore")
    def quiet():
        return (x / 0)[:3]

    print(quiet(), np.geterr())
x = np.linspace(0, 1, 7)
big = np.arange(100_000.0) / 7
im = np.arange(12_000.0).reshape(100, 120) / 3
for kw in [
    dict(precision=3),
    dict(precision=2, suppress=True),
    dict(threshold=5, edgeitems=2),
    dict(linewidth=40),
    dict(formatter={"float": "{:6.2f}".format}),
    dict(floatmode="fixed"),
    dict(sign="+"),
    dict(nanstr="NA", infstr="oo"),
    dict(legacy="1.13"),
    dict(threshold=sys.maxsize, edgeitems=1),
    dict(formatter={"float_kind": lambda v: f"<{v:.1f}>"}),
    dict(sign=" ", floatmode="maxprec_equal"),
]:
    with np.printoptions(**kw):
        print(x)
        print(big[:2000] if kw.get("threshold") != sys.maxsize else big[:30])
        print(im)
        print(
            repr(x),
            np.array([np.nan, np.inf, 1]),
            np.float64(1) / 3,
            repr(np.float64(1) / 3),
            np.arange(3) + 1j,
            x.astype("f4"),
        )
np.set_printoptions(precision=4, suppress=True)
print(big, im, repr(big))
np.set_printoptions(precision=8, suppress=False)
print(
    np.array2string(x, precision=2, separator=", "),
    np.array_str(x),
    np.array_repr(x, precision=3),
    np.format_float_positional(1 / 3, precision=4),
    np.format_float_scientific(12345.678, precision=2),
    np.array2string(big, threshold=10, prefix="abc"),
    np.array2string(im > 5, threshold=3),
)
print(
    np.array([]),
    np.zeros((0, 3)),
    np.zeros((2, 0)),
    np.array(5),
    np.array("a"),
    np.array([True, False]),
    np.array([1 + 2j]),
    np.array([b"x"]),
    np.arange(3, dtype="u1"),
    repr(np.arange(3, dtype="u1")),
    repr(np.zeros((0, 3))),
    repr(np.array(5.0)),
    np.eye(3),
    repr(np.eye(2, dtype="f4")),
    np.array([1e-10, 1, 1e10]),
    np.array([1e16, 1]),
    np.array([0.1, 100000]),
    np.array([[1, 100], [20, 3]]),
    np.array([-0.0]),
    np.zeros((2, 2, 2)),
    np.int8(3),
    repr(np.int8(3)),
    repr(np.bool_(True)),
    repr(np.str_("a")),
    repr(np.complex64(1)),
    repr(np.longdouble(1)),
    repr(np.datetime64("2024")),
    np.array([np.datetime64("NaT")]),
    np.array([1, 2], dtype=">i4"),
    repr(np.array([1, 2], dtype=">i4")),
)
s = big.sum()
m = big.mean()
k = big.argmax()
print(
    f"{s:.3e} {m:10.4f} {k:d} {k:05d} {m!r} {s} {m:g} {m:%} {int(s):,}",
    "%.3f %d %s %r" % (m, k, m, k),
    "{:.2f}".format(m),
    str(m),
    format(m, ".1f"),
    round(m, 2),
    round(float(m)),
    repr(round(m, 2)),
    f"{x[1]:.3f} {big[5]!r}",
    f"{big.max() > 3}",
    f"{(big > 3).any()!r}",
    f"{big.shape} {big.dtype}",
    f"{big[:3]}",
    f"{np.array(3.14159):.2f}",
    [big[3], s],
    (m,),
    {"m": m},
    {k: 1},
)
print(*big[:3], sep=";")
print("%s" % (big[:2],), "%s" % big[:2].tolist(), "a" + str(big[1]))
show("fmt arr", lambda: f"{big[:2]:.2f}")
print(f"{m=:.2f} {k=}")
