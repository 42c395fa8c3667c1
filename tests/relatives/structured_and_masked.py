"""Structured and masked arrays."""

import sys


def show(label, f):
    try:
        r = f()
        print(label, "->", type(r).__name__, repr(r))
    except Exception as e:
        print(label, "!!", type(e).__name__, str(e)[:300])


import numpy as np

dt = np.dtype([("id", "i4"), ("pos", "f8", (3,)), ("name", "U5")])
a = np.zeros(5, dt)
a["id"] = np.arange(5)
a["pos"] = np.arange(15).reshape(5, 3)
a["name"] = ["a", "b", "c", "d", "e"]
print(a)
print(repr(a[1]))
print(a["pos"].sum(0), a[["id", "name"]][:2], a[a["id"] > 2]["name"])
a[0] = (9, (1, 2, 3), "zz")
print(a[0], a[0]["pos"][1])
v = a["id"]
v[:] = 7
print(a["id"])
print(np.sort(a, order="name")[:1], a.dtype, a.dtype.itemsize, a.nbytes, np.argsort(a, order=["id", "name"]))
r = a.view(np.recarray)
print(r.id, r.pos.shape, type(r).__name__)
r2 = np.rec.fromarrays([np.arange(3), np.ones(3)], names="x,y")
print(r2.x, r2[1].y, r2)
big = np.zeros(100_000, [("k", "i8"), ("v", "f8")])
big["k"] = np.arange(100_000) % 7
big["v"] = np.sin(np.arange(100_000))
print(
    [big["v"][big["k"] == k].sum() for k in range(7)],
    big[:2],
    big["v"].mean(),
    big[["v"]][:1].dtype,
    np.unique(big["k"]),
)
print(
    big[-1].tolist(),
    big.tobytes()[:16],
    np.lib.recfunctions.structured_to_unstructured(big)[:2] if hasattr(np.lib, "recfunctions") else 0,
)
import numpy.lib.recfunctions as rf

print(
    rf.append_fields(big[:2], "w", [1.0, 2.0], usemask=False),
    rf.drop_fields(big[:1], "v"),
    rf.rename_fields(big[:1], {"v": "q"}).dtype,
    rf.structured_to_unstructured(big[:2]),
    rf.unstructured_to_structured(np.ones((2, 2))),
)
show("eq", lambda: a == a)
show("iter", lambda: [x["id"] for x in a])
show("from tuple", lambda: np.array([(1, 2.0), (3, 4.0)], dtype="i4,f4"))
show("view f", lambda: np.ones(2, [("x", "f8"), ("y", "f8")]).view("f8"))
show("field err", lambda: a["nope"])
show("concat", lambda: np.concatenate([a[:1], a[:1]])["id"])
show("nested", lambda: np.zeros(2, [("p", [("x", "i2"), ("y", "i2")])])["p"]["x"])
show("copy", lambda: a.copy()[1])
show("save", lambda: (np.save("s.npy", a), np.load("s.npy")[1])[1])
show(
    "genfromtxt",
    lambda: np.genfromtxt(["1,2.5,x", "2,3.5,y"], delimiter=",", dtype=None, names=["a", "b", "c"], encoding=None),
)
show("loadtxt", lambda: np.loadtxt(["1 2", "3 4"], dtype={"names": ("a", "b"), "formats": ("i4", "f4")}))
show("void", lambda: a[0].dtype)
show("setfield", lambda: a.getfield("i4")[:2])
m = np.ma.array(np.arange(10.0), mask=np.arange(10) % 3 == 0)
print(
    m,
    repr(m),
    m.mean(),
    m.sum(),
    m.compressed(),
    m.filled(-1),
    m + 1,
    (m > 4),
    m.count(),
    m.mask,
    np.ma.masked_where(m > 5, m),
    np.ma.median(m),
    m.std(),
    m[1],
    m[0] is np.ma.masked,
    m.data,
)
mb = np.ma.masked_invalid(np.where(np.arange(100_000) % 11 == 0, np.nan, np.arange(100_000.0)))
print(
    mb.mean(),
    mb.sum(),
    mb.count(),
    mb[:3],
    np.ma.sqrt(mb)[:3],
    (mb * 2 - mb).max(),
    mb.reshape(100, 1000).mean(axis=1)[:2],
    np.ma.average(mb),
    np.ma.masked_greater(mb, 5)[:8],
    np.ma.concatenate([mb[:2], mb[:2]]),
    np.ma.where(mb > 3, mb, 0)[:6],
    mb.argmax(),
    np.ma.polyfit(mb[:10], mb[:10] * 2, 1),
)
mb[5] = np.ma.masked
mb[0] = 3
print(
    mb[:7],
    mb.mask[:7],
    mb.fill_value,
    mb.dtype,
    type(mb.mean()).__name__,
    mb.min(),
    np.ma.getmaskarray(mb)[:3],
    mb.tolist()[:3],
    np.ma.corrcoef(mb[:20], mb[:20] ** 2),
    np.ma.dot(mb[:5], mb[:5]),
    np.ma.cumsum(mb[:5]) if hasattr(np.ma, "cumsum") else 0,
    np.ma.fix_invalid(np.array([1, np.nan])),
    np.ma.clump_masked(mb[:12]),
    m.anom()[:3],
    np.ma.allequal(m, m),
)
