"""Arrays and their elements in Python's own functions and libraries."""

import sys


def show(label, f):
    try:
        r = f()
        print(label, "->", type(r).__name__, repr(r))
    except Exception as e:
        print(label, "!!", type(e).__name__, str(e)[:300])


import numpy as np, math, statistics, random, itertools, functools, operator, collections, decimal, fractions, dataclasses, heapq, bisect, datetime, time, typing, enum, string, copy
import numpy.typing as npt

x = np.linspace(-3, 3, 40_001)
k = np.arange(40_000) % 17
print(
    sum(x[:100]),
    max(x),
    min(k),
    sorted(x[:5], reverse=True),
    list(reversed(x[:3])),
    any(x > 2),
    all(x < 9),
    len(x),
    list(zip(x[:2], k[:2])),
    list(enumerate(x[:2])),
    list(map(float, x[:2])),
    [i for i in x[:4] if i < -2.9998],
    abs(x[:2]),
    divmod(k[:5], 3),
    pow(x[:2], 2),
    round(x[3], 2),
    np.round(x[:3], 2),
    int(x[5]),
    float(x[5]),
    complex(x[5]),
    bool(x[5]),
    str(x[5]),
    hash(x[5]) == hash(float(x[5])),
    x[5].is_integer(),
    x[5].as_integer_ratio()[1] > 1,
    x[0].hex(),
)
m, s, am = x.mean(), x.std(), x.argmax()
c = (x > 0).sum()
print(
    math.sqrt(s),
    math.floor(s),
    math.ceil(s),
    math.isnan(m),
    math.isclose(s, 1.73, rel_tol=0.1),
    math.log(c),
    math.gcd(c, 10),
    math.fsum(x),
    math.hypot(s, s),
    math.copysign(1, m),
    math.comb(c % 10, 2),
    math.factorial(am % 5),
    range(c % 7),
    list(range(am % 3, am % 3 + 2)),
    [0] * (c % 3),
    "ab" * (c % 3),
    "abc"[c % 3],
    [1, 2, 3][: c % 3],
    x[c],
    x[: c % 5],
    np.zeros(c % 4),
    np.zeros((c % 4, 2)).shape,
    np.arange(c % 4),
    x.reshape(-1)[c % 3],
    np.linspace(0, s, c % 5),
    k.reshape(c % 2 + 4 * 10, -1).shape,
    bin(c),
    hex(am),
    oct(am),
    chr(c % 26 + 65),
    c.bit_length() if hasattr(c, "bit_length") else 0,
    c % 7,
    c // 7,
    c / 7,
    -c,
    ~c,
    c << 1,
    c & 255,
    c ^ 1,
    divmod(c, 7),
    7 ** (c % 3),
    2.5 * s,
    s / 2,
    1 / s,
    s**0.5,
    s > 1,
    s == s,
    not s,
    s and 3,
    c or 4,
    bool(c),
    s if s > 1 else 0,
    max(s, 2),
    min(m, s, 5),
    sum([s, s]),
    decimal.Decimal(float(s)).quantize(decimal.Decimal(".01")),
    fractions.Fraction(float(s)).limit_denominator(10),
    statistics.mean(x[:5]),
    statistics.stdev(x[:50]),
    random.Random(c).random() if False else random.Random(int(c)).random(),
    time.gmtime(c).tm_year,
    datetime.timedelta(seconds=float(s)),
    datetime.timedelta(days=int(c)),
)
print(
    collections.Counter(k[:40]).most_common(2),
    collections.Counter((k > 3).tolist()),
    {v: i for i, v in enumerate(np.unique(k)[:3])},
    set(k[:20]),
    frozenset(k[:3]),
    {m: 1}[m],
    {c: 2}[int(c)],
    c in {int(c)},
    3 in k,
    99 in k,
    k.tolist().index(3),
    dict(zip("ab", x)),
    functools.reduce(operator.add, x[:4]),
    functools.reduce(np.maximum, [x[:3], -x[:3]]),
    list(itertools.accumulate(k[:5])),
    list(itertools.product(k[:2], k[:2])),
    list(itertools.chain(k[:2], x[:1])),
    list(itertools.islice(x, 2)),
    list(itertools.groupby(k[:3]))[0][0],
    heapq.nsmallest(2, x),
    bisect.bisect(x[:100], -2.999),
    operator.itemgetter(1)(x),
    operator.index(c),
    operator.mul(x[:2], 2),
    [*x[:2], 5],
    (lambda a, b, *r: (a, b, len(r)))(*k[:5]),
)
a, b, *r = k[:5]
print(a, b, r, type(a).__name__)
(p, q), t = np.arange(4).reshape(2, 2)
print(p, q, t)


@dataclasses.dataclass
class P:
    pos: npt.NDArray[np.float64]
    w: float = 1.0
    hist: list = dataclasses.field(default_factory=list)


pp = P(np.zeros(3))
pp.pos += 1
pp.hist.append(pp.pos.copy())
pp.pos *= 2
print(pp, dataclasses.asdict(pp), dataclasses.replace(pp, w=s).w, copy.deepcopy(pp).pos)


@functools.lru_cache
def cached(v):
    return v * 2


print(cached(s), cached(float(s)), cached.cache_info().hits)


class E(enum.IntEnum):
    A = 1
    B = 2


print(x[E.B], np.array([E.A, E.B]), k[:6].reshape(E.B, 3), np.array([1, 2, 3])[np.array(E.A)], E(k[1]))
print(
    np.array([decimal.Decimal("1.5")]),
    np.array([fractions.Fraction(1, 2)]) * 2,
    np.array([2**70]),
    np.array([1, 2**40]),
    np.sum([decimal.Decimal(1)] * 3),
    np.array({1, 2}),
    np.array(dict(a=1)),
    np.array([[1, 2], [3, 4]]).tolist(),
    np.array([1, 2, 3]).tolist(),
    np.array(3).tolist(),
    np.array([True]).tolist(),
)


def running(xs):
    tot = 0.0
    for i, v in enumerate(xs):
        tot += v
        if i > 1000:
            break
    return tot


print(running(x), type(running(x)).__name__)
out = []
for row in x[:12].reshape(3, 4):
    out.append(row.sum())
    row *= 2
print(out, np.array(out), x[:4])
i = 0
while x[i] < -2.99:
    i += 1
print(
    i,
    np.array([f(v) for f, v in zip([math.sin, np.cos], x)]),
    np.fromiter((v * v for v in range(5)), float),
    np.fromfunction(lambda i, j: i + j, (2, 3)),
    np.vectorize(lambda v: "neg" if v < 0 else "pos")(x[:3]),
    np.frompyfunc(lambda a, b: a + b, 2, 1)(k[:3], 1),
    np.apply_along_axis(lambda r: r.max() - r.min(), 1, x[:12].reshape(3, 4)),
    np.piecewise(x[:4], [x[:4] < -2.9999, x[:4] >= -2.9999], [0, lambda v: v * 2]),
    np.apply_over_axes(np.sum, np.ones((2, 3)), [0]),
)
try:
    np.testing.assert_allclose(x[:3], x[:3] + 1e-3)
except AssertionError as e:
    print(e)
try:
    np.testing.assert_array_equal(k[:3], [0, 1, 5])
except AssertionError as e:
    print(e)
np.testing.assert_almost_equal(1.0, 1.00000001)
np.testing.assert_equal({"a": x}, {"a": x})
assert (x == x).all()
assert np.allclose(x, x + 1e-12)
print(np.array_equal(x, x), np.isclose(x[0], -3), np.allclose(m, 0, atol=1e-9))
show("truth", lambda: 1 if x else 0)
show("in list", lambda: x in [x])
show("dict key", lambda: {x: 1})
show("sorted arr", lambda: sorted([x[:2], x[1:3]]))
show("index f", lambda: [1][s])
show("range f", lambda: range(s))
show("str+", lambda: "a" + s)
show("math arr", lambda: math.sin(x))
show("chain", lambda: 0 < x < 1)
show("==None", lambda: (x == None)[:2])
show("is None", lambda: x is None)
show("== str", lambda: k[:3] == "a")
show("not", lambda: not x[:1])
show("getattr", lambda: x.real[:2])
show("del", lambda: k.__delitem__(0))
show("call", lambda: x())
show("set attr", lambda: setattr(x, "foo", 1))
show("del item", lambda: exec("del k[0]", {"k": k}))
show("iter scalar", lambda: iter(s))
show("len scalar", lambda: len(s))
show("scalar idx", lambda: s[0])
show("scalar ()", lambda: s[()])
show("scalar ...", lambda: s[...])
show("scalar attr", lambda: (s.shape, s.ndim, s.size, s.dtype, s.T, s.real, s.imag, s.item(), s.itemsize, s.nbytes))
show("scalar set", lambda: s.__setitem__((), 1))
show("sum gen", lambda: np.sum(v for v in range(3)))
show("vars", lambda: vars(x))
show(
    "slots",
    lambda: (
        sorted(d for d in dir(s) if not d.startswith("_"))[:200]
        == sorted(d for d in dir(np.float64(1)) if not d.startswith("_"))[:200]
    ),
)
show("dir", lambda: "mean" in dir(x))
show("isinst", lambda: isinstance(s, float))
show("callable", lambda: callable(np.sum))
show("type hint", lambda: typing.get_type_hints(P)["w"])
show("doc", lambda: np.sum.__doc__[:20])
show(
    "name",
    lambda: (np.sum.__name__, np.sin.__name__, np.ndarray.__name__, np.float64.__module__, np.linalg.norm.__name__),
)
show("sin", lambda: (repr(np.sin), np.sin.nin, np.sin.types[:2], np.add.identity, str(np.add)))
