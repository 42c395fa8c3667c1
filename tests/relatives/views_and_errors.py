"""Views, strides, rearranging in place, and what NumPy refuses."""

import sys


def show(label, f):
    try:
        r = f()
        print(label, "->", type(r).__name__, repr(r))
    except Exception as e:
        print(label, "!!", type(e).__name__, str(e)[:300])


import numpy as np, copy, pickle
from numpy.lib.stride_tricks import sliding_window_view, as_strided

x = np.arange(100_000.0)
w = sliding_window_view(x, 5)
print(
    w.shape,
    w.mean(-1)[:3],
    w.flags.writeable,
    w.strides,
    w.base is not None,
    np.shares_memory(w, x),
    np.may_share_memory(w, x),
)
s = as_strided(x, (4, 3), (16, 8))
print(s)
s2 = as_strided(x[:6], (3, 2), (16, 8))
s2[0, 0] = -1
print(x[:3])
im = np.arange(64 * 64.0).reshape(64, 64)
blocks = im.reshape(8, 8, 8, 8).swapaxes(1, 2)
print(blocks.mean((2, 3))[0], blocks.base is not None)
wv = sliding_window_view(im, (3, 3))
print(wv.shape, wv.max((2, 3))[0, :3], wv[::2, ::2].sum())
a = np.arange(24).reshape(2, 3, 4)
b = a.transpose(2, 0, 1)
b[0] = 0
print(
    a[..., 0],
    a.flags,
    b.flags.c_contiguous,
    b.strides,
    a.T.shape,
    a.ravel().base is a or a.ravel().base is a.base,
    a.flatten().base,
)
v = a[:, ::-1, 1::2]
v += 100
print(a)
v[...] = -v
print(a[0])
d = np.diagonal(im)
print(d[:3], d.flags.writeable)
np.fill_diagonal(im, 7)
print(d[:3], np.trace(im))
f = im.flat
f[5] = 99
print(im[0, :7], [q for q in f][:3], f.index if False else f[3:5])
y = x[10:20]
y[:] = 0
z = y.view()
z[0] = 5
print(
    x[8:12],
    y.base is x,
    z.base is x or z.base is y,
    np.byte_bounds(x)[1] - np.byte_bounds(x)[0] if hasattr(np, "byte_bounds") else x.nbytes,
)
i8 = np.arange(4.0).view("i8")
print(i8, np.arange(4, dtype="u2").view("u1"), np.float32(1).view("i4"), x[:2].view("f4"))
c = x.copy()
c[0] = 1
print(x[0])
e = copy.copy(x)
e[1] = 77
print(x[1])
dd = copy.deepcopy({"a": x, "b": [x[:3]]})
dd["a"][:] = 0
print(x[5], dd["b"], type(dd["a"]).__name__)
p = pickle.loads(pickle.dumps((x[::2], a, im[0])))
print(p[0][:3], p[1].shape, p[2].sum())
print(
    pickle.loads(pickle.dumps(np.float64(2))),
    pickle.loads(pickle.dumps(np.dtype("f4"))),
    pickle.loads(pickle.dumps(np.add)),
    pickle.loads(pickle.dumps(np.sum)).__name__,
)
u, vv = np.broadcast_arrays(np.arange(3)[:, None], np.arange(4))
print(u, vv.strides)
print(
    np.broadcast_to(np.arange(3), (2, 3)).flags.writeable,
    np.broadcast_shapes((2, 1), (3,)),
    np.ix_([0, 2], [1, 3]),
    im[np.ix_([0, 2], [1, 3])],
    np.ogrid[:2, :3],
    np.meshgrid(np.arange(2), np.arange(3), indexing="ij", sparse=True),
)
bc = np.broadcast(np.ones((3, 1)), np.ones(4))
print(bc.shape, bc.nd, list(bc)[:2])
it = np.nditer([np.arange(3), None])
[o.__setitem__(..., i * 2) for i, o in it]
print(it.operands[1])
print([tuple(map(int, k)) for k in np.ndindex(2, 2)], list(np.ndenumerate(a[0, :2, :2])))
with np.nditer(a, op_flags=["readwrite"]) as it2:
    for q in it2:
        q[...] = 2 * q
print(a)
np.swapaxes(a, 0, 2)[0, 0, 0] = 1234
print(a[0, 0, 0])
np.put(a, [0, 5], [1, 2])
print(a.ravel()[:6])
np.place(a, a > 50, [0])
print(a.max())
np.copyto(a, 3, where=a < 3)
print(a.min())
np.putmask(a, a == 3, [1, 2])
print(a[0])
print(
    np.take(a, [0, 2], axis=2)[0],
    a.take(5),
    a.choose if False else np.choose([0, 1], [[1, 2], [3, 4]]),
    np.take_along_axis(a, np.argsort(a, axis=2), 2)[0, 0],
    np.compress([1, 0, 1], a, axis=1).shape,
    np.extract(a > 2, a)[:3],
    np.partition(a, 2)[0, 0],
    np.rollaxis(a, 2).shape,
    np.moveaxis(a, 0, -1).shape,
    np.expand_dims(a, 1).shape,
    np.squeeze(a[:1]).shape,
    np.atleast_3d(np.arange(2)).shape,
    np.roll(a, 1)[0, 0],
    np.rot90(im)[0, :2],
    np.flip(a, 1)[0, 0],
    np.tile([1, 2], 2),
    np.repeat([1, 2], [2, 3]),
    np.pad([1, 2], 2, mode="reflect"),
    np.split(np.arange(6), 3),
    np.array_split(np.arange(7), 3),
    np.hsplit(im, 2)[1].shape,
    np.block([[np.eye(2), np.zeros((2, 1))], [np.ones((1, 3))]]),
    np.insert([1, 2], 1, 9),
    np.delete(np.arange(5), [1, 3]),
    np.append([1], [[2]]),
    np.resize(np.arange(3), 5),
    np.trim_zeros([0, 1, 0]),
    np.unravel_index(5, (2, 3)),
    np.ravel_multi_index(([1], [2]), (2, 3)),
    np.tril(im)[1, :3],
    np.triu_indices(3),
    np.vander([1, 2]),
    np.tri(2, 3),
)
x.resize(5, refcheck=False)
print(x, x.shape)
q = np.arange(6)
q.shape = (2, 3)
print(q)
q.dtype = "f8"
print(q.shape, q.dtype)
q2 = np.arange(3)
q2.setflags(write=False)
show("ro", lambda: q2.__setitem__(0, 1))
show("ro iadd", lambda: q2.__iadd__(1))
show("ro view", lambda: q2[1:].__setitem__(0, 1))
show("ro big", lambda: np.broadcast_to(1.0, (300, 300)).__setitem__(0, 1))
show("bool", lambda: bool(np.arange(3)))
show("len0", lambda: len(np.array(3)))
show("index", lambda: [1, 2, 3][np.array(1)])
show("iter0", lambda: list(np.array(3)))
show("hash", lambda: hash(np.arange(3)))
show("oob", lambda: np.arange(3)[5])
show("bcast", lambda: np.ones(3) + np.ones(4))
show("dim", lambda: np.arange(3)[1, 2])
show("reshape", lambda: np.arange(3).reshape(2, 2))
show("float idx", lambda: np.arange(3)[1.0])
show("cast", lambda: np.arange(3).__iadd__(1.5))
show("mask", lambda: np.arange(3)[[True, False]])
show("int()", lambda: int(np.ones(2)))
show("axis", lambda: np.ones(3).sum(axis=1))
show("concat", lambda: np.concatenate([np.ones((2, 2)), np.ones(2)]))
show("kw", lambda: np.ones(3, foo=1))
show("matmul", lambda: np.ones((2, 3)) @ np.ones((2, 3)))
show("inv", lambda: np.linalg.inv(np.zeros((2, 2))))
show("ragged", lambda: np.array([[1], [1, 2]]))
show("setlen", lambda: np.arange(3).__setitem__(slice(None), [1, 2]))
show("attr", lambda: np.arange(3).foo)
show("modattr", lambda: np.nofunction)
show("big oob", lambda: np.arange(100000.0)[200000])
show("big bc", lambda: np.ones(100000) + np.ones(99999))
show("int/0", lambda: np.array([1]) // 0)
show("neg pow", lambda: np.array([2]) ** -1)
