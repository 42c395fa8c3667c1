"""Files of NumPy's, JSON, CSV, databases, buffers."""

import sys


def show(label, f):
    try:
        r = f()
        print(label, "->", type(r).__name__, repr(r))
    except Exception as e:
        print(label, "!!", type(e).__name__, str(e)[:300])


import numpy as np, io, json, csv, sqlite3, struct, array, os, tempfile, gzip, hashlib, pathlib, warnings

x = np.arange(30_000.0).reshape(300, 100) / 7
np.save("a.npy", x)
np.savez("b.npz", x=x, y=x[0])
np.savez_compressed("c.npz", k=x > 3)
np.savetxt("d.txt", x[:5, :4], fmt="%.4f", header="hi", delimiter=",")
np.savetxt("e.csv", np.arange(6).reshape(2, 3), fmt="%d", delimiter=",")
z = np.load("b.npz")
print(
    sorted(z.files),
    z["y"][:3],
    np.load("a.npy").sum(),
    np.load("a.npy", mmap_mode="r")[3, 4],
    np.load("c.npz")["k"].sum(),
    np.loadtxt("d.txt", delimiter=",").sum(),
    np.genfromtxt("e.csv", delimiter=","),
    open("d.txt").read(),
    np.loadtxt("e.csv", delimiter=",", dtype=int, usecols=(0, 2), unpack=True),
)
with np.load("b.npz") as f:
    print(list(f), "x" in f, f["x"].shape)
mm = np.memmap("m.dat", dtype="f4", mode="w+", shape=(200, 300))
mm[:] = np.arange(60_000).reshape(200, 300)
mm[5] += 1
mm.flush()
del mm
r = np.memmap("m.dat", dtype="f4", mode="r", shape=(200, 300))
print(
    r[5, :3],
    r.sum(dtype="f8"),
    type(r).__name__,
    type(r[0]).__name__,
    type(r + 1).__name__,
    r.mean(axis=1)[:2],
    r.filename is not None,
    isinstance(r, np.ndarray),
    r.mode,
    type(np.asarray(r)).__name__,
)
show("ro mm", lambda: r.__setitem__(0, 1))
c = np.memmap("m.dat", dtype="f4", mode="c", offset=1200, shape=(10,))
c[0] = -1
print(c[:3], np.fromfile("m.dat", "f4", 3), np.fromfile("m.dat", "f4", 2, offset=8))
x.tofile("t.bin")
print(
    np.fromfile("t.bin")[:3], os.path.getsize("t.bin"), np.fromfile("t.bin", dtype=[("a", "f8"), ("b", "f8")], count=2)
)
np.arange(5).tofile("t.txt", sep=" ")
print(
    open("t.txt").read(),
    np.fromstring("1 2 3", sep=" "),
    np.frombuffer(b"\x01\x02", "u1"),
    np.frombuffer(x.tobytes())[:2],
)
b = io.BytesIO()
np.save(b, x[0])
b.seek(0)
print(np.load(b)[:2])
s = io.StringIO()
np.savetxt(s, x[:2, :2])
print(s.getvalue())
print(np.loadtxt(io.StringIO("1,2\n3,4"), delimiter=","))
fl = open("two.npy", "wb")
np.save(fl, x[0])
np.save(fl, x[1])
fl.close()
fl = open("two.npy", "rb")
print(np.load(fl)[0], np.load(fl)[0])
print(json.dumps({"a": x[0, :3].tolist(), "m": float(x.mean()), "s": x.mean(), "i": int(x.argmax())}))
show("json arr", lambda: json.dumps(x[0]))
show("json i64", lambda: json.dumps(x.argmax()))
show("json f32", lambda: json.dumps(np.float32(1)))


class Enc(json.JSONEncoder):
    def default(self, o):
        if isinstance(o, np.ndarray):
            return o.tolist()
        if isinstance(o, np.integer):
            return int(o)
        if isinstance(o, np.floating):
            return float(o)
        return super().default(o)


print(json.dumps({"x": x[:1, :2], "k": x.argmax(), "v": x.astype("f4").max(), "n": np.int8(3)}, cls=Enc))
with open("o.csv", "w", newline="") as f:
    w_ = csv.writer(f)
    w_.writerow(["a", "b"])
    w_.writerows(x[:3, :2])
    w_.writerow([x.sum(), x.argmax()])
print(open("o.csv").read())
db = sqlite3.connect(":memory:")
db.execute("create table t(a real, b real)")
db.executemany("insert into t values (?, ?)", x[:3, :2].tolist())
db.execute("insert into t values (?, ?)", (x.sum(), x.mean()))
print(db.execute("select * from t").fetchall())
db.executemany("insert into t values (?,?)", [(r[0], r[1]) for r in x[3:5]])
print(db.execute("select count(*), sum(a) from t").fetchone())
show("sqlite int", lambda: db.execute("select ?", (np.int64(3),)).fetchone())
print(
    struct.pack("<d", x.sum()),
    struct.pack("<i", x.argmax()),
    struct.unpack("<2d", x[0, :2].tobytes()),
    array.array("d", x[0, :3]),
    list(x[0, :3]),
    bytes(np.arange(3, dtype="u1")),
    bytearray(np.arange(3, dtype="u1")),
    hashlib.md5(x).hexdigest(),
    hashlib.sha1(x[::2].tobytes()).hexdigest(),
    memoryview(x).shape,
    memoryview(x)[1, 2],
    len(gzip.compress(x[0])) > 0,
    x.data.nbytes,
)
p = pathlib.Path("q.npy")
np.save(p, x[:, ::2])
print(np.load(p).shape, np.load(p).flags.c_contiguous, sorted(os.listdir(".")))
np.save("f.npy", np.asfortranarray(x))
print(np.load("f.npy").flags.f_contiguous, np.lib.format.open_memmap("n.npy", mode="w+", shape=(3,), dtype="f8")[:])
np.save("obj.npy", np.array([1, None], dtype=object), allow_pickle=True)
show("obj", lambda: np.load("obj.npy"))
print(np.load("obj.npy", allow_pickle=True))
show("missing", lambda: np.load("nope.npy"))
show("badtxt", lambda: np.loadtxt(io.StringIO("1 2\n3 x")))
x.dump("x.pkl")
print(np.load("x.pkl", allow_pickle=True).sum(), x.tostring()[:2] if hasattr(x, "tostring") else "-")
a = np.genfromtxt(io.StringIO("a,b\n1,2\n,4"), delimiter=",", names=True, filling_values=-1)
print(a, a["a"], a.dtype)
print(
    np.genfromtxt(io.StringIO("1;2;#c\n3;4"), delimiter=";", skip_header=0, usecols=0),
    np.loadtxt(io.StringIO("x 1\ny 2"), dtype=str),
    np.loadtxt(io.StringIO("1 2\n3 4"), converters={0: lambda s: float(s) * 10}),
    np.fromregex(io.StringIO("a1 b2"), r"([a-z])(\d)", [("l", "U1"), ("n", "i4")]),
)
