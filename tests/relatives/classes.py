"""Classes derived from NumPy's, and others that NumPy asks."""

import sys


def show(label, f):
    try:
        r = f()
        print(label, "->", type(r).__name__, repr(r))
    except Exception as e:
        print(label, "!!", type(e).__name__, str(e)[:300])


import numpy as np


class Unit(np.ndarray):
    def __new__(cls, data, unit=""):
        o = np.asarray(data).view(cls)
        o.unit = unit
        return o

    def __array_finalize__(self, obj):
        self.unit = getattr(obj, "unit", "")

    def __repr__(self):
        return f"Unit({np.asarray(self)!r}, {self.unit!r})"

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kw):
        ins = [np.asarray(i) if isinstance(i, Unit) else i for i in inputs]
        r = getattr(ufunc, method)(*ins, **kw)
        return Unit(r, self.unit + ":" + ufunc.__name__) if isinstance(r, np.ndarray) else r


for n in (5, 50_000):
    u = Unit(np.arange(n) * 1.0, "m")
    v = u + 1
    print(
        v[:3],
        v.unit,
        type(u[2:4]).__name__,
        u[2:4].unit,
        np.sin(u).unit,
        u.sum(),
        np.add.reduce(u),
        isinstance(u, np.ndarray),
        (u > 2)[:4],
        u.mean(),
        np.mean(u),
        u.reshape(-1, 5).shape,
        u.T.unit,
        u.copy().unit,
    )


class Logged(np.ndarray):
    def __array_wrap__(self, a, context=None, return_scalar=False):
        return super().__array_wrap__(a, context, return_scalar)

    @property
    def rms(self):
        return np.sqrt(np.mean(self**2))

    def __getitem__(self, k):
        r = super().__getitem__(k)
        return r

    def __setitem__(self, k, v):
        super().__setitem__(k, np.asarray(v) * 2)


L = np.ones((300, 300)).view(Logged)
L[0] = 3
print(
    type(L + 1).__name__,
    L.rms,
    type(np.dot(L, L)).__name__,
    L[0, 0],
    type(L[0]).__name__,
    type(np.asarray(L)).__name__,
    type(np.asanyarray(L)).__name__,
    np.concatenate([L, L]).shape,
    type(np.concatenate([L, L])).__name__,
    type(np.sum(L, axis=0)).__name__,
    type(np.exp(L)).__name__,
)


class Poly:
    __array_priority__ = 100

    def __init__(self, c):
        self.c = np.asarray(c)

    def __mul__(self, o):
        return ("mul", np.asarray(o).tolist())

    __rmul__ = __mul__
    __array_ufunc__ = None


show("opt out", lambda: np.arange(3) * Poly([1]))
show("opt out big", lambda: len((np.arange(50000.0) * Poly([1]))[1]))


class Dia:
    def __init__(self, n, v):
        self.n, self.v = n, v

    def __array__(self, dtype=None, copy=None):
        return self.v * np.eye(self.n, dtype=dtype)

    def __array_function__(self, f, types, args, kw):
        return ("handled", f.__name__)

    def __array_ufunc__(self, u, m, *i, **k):
        return ("ufunc", u.__name__, m)


D = Dia(3, 2.0)
print(
    np.sum(D),
    np.add(D, 1),
    np.arange(3) + D,
    np.concatenate([D, D]),
    np.asarray(D),
    np.array(D, dtype="f4"),
    np.mean(D),
    np.linalg.inv(D),
    np.arange(50_000.0) + D,
)


class Seq:
    def __len__(self):
        return 3

    def __getitem__(self, i):
        if i >= 3:
            raise IndexError
        return i * 1.5


print(np.array(Seq()), np.sum(Seq()), np.asarray(range(4)), np.array([Seq(), Seq()]))


class ArrI:
    __array_interface__ = np.arange(4.0).__array_interface__
    _keep = np.arange(4.0)


class MixinArr(np.lib.mixins.NDArrayOperatorsMixin):
    def __init__(self, v):
        self.v = np.asarray(v)

    def __array_ufunc__(self, u, m, *inp, **kw):
        return type(self)(getattr(u, m)(*[i.v if isinstance(i, MixinArr) else i for i in inp], **kw))

    def __repr__(self):
        return f"M({self.v})"


print(
    MixinArr([1, 2]) + 1,
    2 ** MixinArr([1, 2]),
    np.sqrt(MixinArr([4.0])),
    -MixinArr([1]),
    np.arange(2) - MixinArr([1, 2]),
    np.arange(30_000) * MixinArr(np.arange(30_000)),
)
m = np.matrix([[1, 2], [3, 4]])
print(m * m, m.I, m.A1, type(m[0]).__name__, m.T, np.asmatrix(np.eye(2)) * m, np.bmat([[m, m]]))


class RealF(np.float64):
    pass


print(RealF(2) + 1, type(RealF(2) * 2).__name__, isinstance(np.float64(1), float), np.array([RealF(1)]).dtype)
import abc, numbers

print(
    isinstance(np.float64(1), numbers.Real),
    isinstance(np.int64(1), numbers.Integral),
    issubclass(np.ndarray, object),
    np.ndarray.__name__,
    np.ndarray.__mro__[-1].__name__,
)
print(
    isinstance(np.arange(3), np.ndarray),
    type(np.arange(3)) is np.ndarray,
    isinstance(np.arange(3).sum(), np.integer),
    isinstance(np.ones(50000).sum(), np.floating),
    isinstance(np.ones(50000).sum(), float),
    isinstance(np.ones(3)[0], np.generic),
    np.isscalar(np.ones(50000).sum()),
    isinstance(np.ones(2), (list, np.ndarray)),
    type(np.ones(50_000).sum()) is np.float64,
    type(np.ones(50_000).mean()),
    type(np.ones(50000).argmax()),
    np.ones(50_000).sum().dtype.type,
    type(np.ones(50000)[3]),
)
from functools import singledispatch


@singledispatch
def kind(x):
    return "other"


@kind.register(np.ndarray)
def _(x):
    return "array"


@kind.register(np.floating)
def _(x):
    return "np float"


@kind.register(int)
def _(x):
    return "int"


print(
    kind(np.ones(3)),
    kind(np.ones(50000)),
    kind(np.float32(1)),
    kind(3),
    kind(np.ones(50_000).mean()),
    kind(np.ones(50_000, "f4").mean()),
    kind(np.arange(3).sum()),
    kind([1]),
)
match np.ones(50_000).sum():
    case float():
        print("float")
    case _:
        print("none")
match np.arange(3):
    case np.ndarray(shape=(3,)):
        print("match shape")
    case _:
        print("no")


class A(np.ndarray):
    pass


class B(A):
    def extra(self):
        return self.sum()


b = np.arange(6.0).reshape(2, 3).view(B)
print(
    type(b).__name__,
    b.extra(),
    isinstance(b, A),
    type(b @ b.T).__name__,
    type(b.mean(0)).__name__,
    type(np.vstack([b, b])).__name__,
)
import pickle, copy

print(type(copy.deepcopy(b)).__name__)
w = np.zeros(3, dtype=object)
w[0] = [1]
w[1] = {"a": 1}
w[2] = np.arange(2)
print(
    w,
    w[2],
    np.array([None, 1]),
    np.array([1, "a"], dtype=object) * 2,
    np.array([[1, 2], [3, 4]], dtype=object) @ np.array([1, 2], dtype=object),
    np.array([object] * 2).dtype,
)
