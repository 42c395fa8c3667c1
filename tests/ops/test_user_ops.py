"""Operations that are defined outside of the package: they fuse, fold and scan like NumPy's, on every backend."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from ramba.engine import ENGINE
from ramba.errors import CompileError, WorkerReplacedWarning
from ramba.lazyarray import operation
from ramba.ops import OPS, Definition, check, compiles, define, formula, ir
from ramba.runtime import messages
from tests.subject import mode, ramba, repeats

pytestmark = [pytest.mark.own_modes, pytest.mark.filterwarnings("error")]

LOGSUM = formula(
    "logsum",
    """
    same = x == y
    d = (0 if same else x) - (0 if same else y)
    (x if x > y else y) + log1p(exp(-abs(d)))
    """,
    identity=-np.inf,
)
SOFT = formula("soft", "log1p(exp(x))", 1)
BLEND = formula("blend", "soft(x) + soft(y) * 2", uses=[SOFT])
BOTH = formula("both", "x + y, x - y")
AFTER = formula("after", "y + x * 0", associative=True)  # the last one: the order matters, the grouping does not
LAST = formula("last", "y if y != 0 else x", identity=0)  # but zeros
HALVED = formula("halved", "x / 2 + y")  # neither does nor the other
NORM = ir(
    "norm",
    {
        "f4 f4 -> f4": """define float @f(float %x, float %y) {
            %a = fmul float %x, %x
            %b = fmul float %y, %y
            %s = fadd float %a, %b
            %r = call float @llvm.sqrt.f32(float %s)
            ret float %r
        }""",
        "f8 f8 -> f8": """define double @f(double %x, double %y) {
            %a = fmul double %x, %x     ; of a comment nothing is left
            %b = fmul double %y, %y
            %s = fadd double %a, %b
            %r = call double @llvm.sqrt.f64(double %s)
            ret double %r
        }""",
    },
    identity=0.0,
    raises="over",
)
COLLATZ = ir(
    "collatz",
    {
        "i8 -> i8": """define i64 @f(i64 %n) {
        entry:
            br label %head
        head:
            %v = phi i64 [ %n, %entry ], [ %next, %body ]
            %c = phi i64 [ 0, %entry ], [ %more, %body ]
            %end = icmp sle i64 %v, 1
            br i1 %end, label %done, label %body
        body:
            %odd = trunc i64 %v to i1
            %half = ashr i64 %v, 1
            %three = mul i64 %v, 3
            %up = add i64 %three, 1
            %next = select i1 %odd, i64 %up, i64 %half
            %more = add i64 %c, 1
            br label %head
        done:
            ret i64 %c
        }"""
    },
    cost=100,
)
GCD = ir(
    "gcd_by_steps",
    {
        "i8 i8 -> i8": """define i64 @gcd(i64 %x, i64 %y) {
        entry:
            br label %head
        head:
            %a = phi i64 [ %x, %entry ], [ %low, %body ]
            %b = phi i64 [ %y, %entry ], [ %rest, %body ]
            %end = icmp eq i64 %b, 0
            br i1 %end, label %done, label %body
        body:
            %less = icmp slt i64 %a, %b
            %low0 = select i1 %less, i64 %a, i64 %b
            %high = select i1 %less, i64 %b, i64 %a
            %zero = icmp eq i64 %low0, 0
            %low = select i1 %zero, i64 %high, i64 %low0
            %rest0 = sub i64 %high, %low0
            %rest = select i1 %zero, i64 0, i64 %rest0
            br label %head
        done:
            ret i64 %a
        }"""
    },
    identity=0,
    cost=100,
)
logsum, soft, blend, both, after, last, halved = map(operation, (LOGSUM, SOFT, BLEND, BOTH, AFTER, LAST, HALVED))
norm, collatz, gcd = map(operation, (NORM, COLLATZ, GCD))

BACKENDS = {
    "threads": {"num_threads": 2, "kernels": "compiled", "eager_size": 0},
    "interpreted": {"num_threads": 2, "kernels": "interpreted", "eager_size": 0},
    "local": {"backend": "local", "workers": 3, "kernels": "compiled", "eager_size": 16},
    "local, interpreted": {"backend": "local", "workers": 3, "kernels": "interpreted", "eager_size": 16},
    "processes": {"backend": "processes", "workers": 2, "eager_size": 16},
}
A = np.random.default_rng(1).normal(size=(61, 83))
B = np.random.default_rng(2).normal(size=(61, 83))


@pytest.fixture(params=[*(name for name in BACKENDS if name != "local, interpreted"), *repeats("local, interpreted")])
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each backend in turn."""
    with opened(request.param):
        yield request.param


@contextlib.contextmanager
def opened(name: str) -> Iterator[None]:
    ramba.shutdown()
    with ramba.config.set(**BACKENDS[name], on_fallback="ignore"):
        yield
        ramba.shutdown()


def near(ours: object, theirs: object) -> None:
    np.testing.assert_allclose(np.asarray(ours), theirs, rtol=1e-11, atol=1e-13)


def steps(n: int) -> int:
    count = 0
    while n > 1:
        n, count = (3 * n + 1 if n % 2 else n // 2), count + 1
    return count


def kernels_of(compute: Callable[[], object]) -> list[str]:
    told: list[ramba.events.Event] = []
    with ramba.events.subscribe(told.append):
        compute()
    return [event.kernel for event in told if isinstance(event, ramba.events.Ran)]


def test_elementwise(backend: str) -> None:
    a, b = ramba.asarray(A), ramba.asarray(B)
    near(logsum(a, b), np.logaddexp(A, B))
    near(blend(a, b[::-1]) + 1, np.log1p(np.exp(A)) + np.log1p(np.exp(B[::-1])) * 2 + 1)
    near(norm(a[1:], b[:-1]), np.hypot(A[1:], B[:-1]))
    near(norm(a, 3), np.hypot(A, 3))
    near(logsum(a, b[0]), np.logaddexp(A, B[0]))
    near(both(a, b)[0] * both(a, b)[1], (A + B) * (A - B))
    near(collatz(ramba.arange(1, 500)), [steps(n) for n in range(1, 500)])


def test_reductions(backend: str) -> None:
    a = ramba.asarray(A)
    near(logsum.reduce(a * 1.5, axis=None), np.logaddexp.reduce(A.ravel() * 1.5))
    for axis in (0, 1):
        near(logsum.reduce(a + 1, axis), np.logaddexp.reduce(A + 1, axis))
        near(norm.reduce(a, axis), np.sqrt((A * A).sum(axis)))
        near(norm.reduce(a[:4], axis, keepdims=True), np.sqrt((A * A)[:4].sum(axis, keepdims=True)))
    near(logsum.reduce(a, 0, where=a > 0), np.logaddexp.reduce(A, 0, where=A > 0, initial=-np.inf))
    near(norm.reduce(a, 0, initial=2.0), np.sqrt((A * A).sum(0) + 4))
    numbers = np.arange(6, 6 * 2000, 12)
    assert gcd.reduce(ramba.asarray(numbers)) == np.gcd.reduce(numbers) == 6


def test_scans(backend: str) -> None:
    a, long = ramba.asarray(A), np.tile(A.ravel(), 7)  # more elements than are scanned in one piece
    near(logsum.accumulate(ramba.asarray(long) + 0), np.logaddexp.accumulate(long))
    near(norm.accumulate(abs(ramba.asarray(long))), np.sqrt((long * long).cumsum()))
    numbers = np.arange(len(long)) * 12 + 24
    np.testing.assert_array_equal(gcd.accumulate(ramba.asarray(numbers) + 0), np.gcd.accumulate(numbers))
    for kind in ("i4", "u1", "f4"):
        some = (numbers % 97 + 1).astype(kind)
        np.testing.assert_array_equal(last.accumulate(ramba.asarray(some) + 0), some)
    for axis in (0, 1):
        near(logsum.accumulate(a + 0, axis), np.logaddexp.accumulate(A, axis))
        near(norm.accumulate(abs(a), axis), np.sqrt((A * A).cumsum(axis)))
    near(after.accumulate(a + 0, 1), A)
    expected = A.copy()
    for n in range(1, len(A)):
        expected[n] = expected[n - 1] / 2 + A[n]
    near(halved.accumulate(a + 0, 0), expected)


def test_an_identity_that_is_none() -> None:
    wrong = operation(formula("wrong_sum", "m = maximum(x, y)\nm + log1p(exp(minimum(x, y) - m))", identity=-np.inf))
    with mode("compiled"), pytest.raises(ValueError, match="changes something"):
        wrong.reduce(ramba.asarray(A))


def test_what_is_made_of_user_operations_is_one_kernel() -> None:
    with mode("compiled"):
        a, b = ramba.asarray(A), ramba.asarray(B)
        ramba.sync()
        assert len(kernels_of(lambda: np.asarray(logsum(norm(a, b) * 2, blend(a, b)) + 1))) == 1
        (kernel,) = kernels_of(lambda: float(logsum.reduce(norm(a, b) * 2, axis=None)))
        assert f"fold {LOGSUM.digest}" in kernel
        assert f"{NORM.digest}(" in kernel
        assert ramba.events.title(kernel) == "norm, multiply, fold logsum"


def test_interpreter_agrees_with_machine_code() -> None:
    values = np.concatenate([A.ravel(), [0.0, -0.0, 1e-300, 1e300, np.inf, -np.inf]])
    other = values[::-1].copy()
    # formulas of what NumPy computes exactly, too
    exact = operation(formula("exact", "s = x - y\nsqrt(abs(s)) * 3 if s < x else f8(f4(y)) - 1"))
    with np.errstate(all="ignore"):
        for dtype, (own, args) in ((d, o) for d in ("f4", "f8") for o in ((norm, 2), (exact, 2), (soft, 1))):
            found = []
            for name in ("compiled", "interpreted"):
                with mode(name):
                    found.append(np.asarray(own(*[ramba.asarray(v.astype(dtype)) for v in (values, other)[:args]])))
            assert found[0].dtype == found[1].dtype
            if own is soft:
                np.testing.assert_allclose(*found, rtol=1e-6)
            else:
                np.testing.assert_array_equal(*found)


def test_dtypes() -> None:
    f4, i2 = np.dtype("f4"), np.dtype("i2")
    assert SOFT.resolve((f4,)) == ((f4,), (f4,))
    assert HALVED.resolve((f4, float)) == ((f4, f4), (f4,))
    assert HALVED.resolve((i2, int))[1] == HALVED.numpy.resolve_dtypes((i2, i2, None))[2:]
    assert NORM.resolve((f4, i2)) == ((f4, f4), (f4,))
    assert NORM.resolve((f4, float))[1] == (f4,)
    with pytest.raises(TypeError, match="not supported for the input types"):
        NORM.resolve((np.dtype("c16"), f4))
    with pytest.raises(TypeError, match="computes in the dtypes"):
        norm(ramba.ones(100_000), 1.0, dtype="f4")
    assert compiles(LOGSUM.digest, ("f8", "f8"))
    assert not compiles(LOGSUM.digest, ("f2", "f2"))


@pytest.mark.parametrize("name", ["compiled", "interpreted", "3 workers"])
def test_flags(name: str) -> None:
    large = np.full(5000, 1e200)
    with mode(name):
        with pytest.warns(RuntimeWarning, match="overflow"):
            np.asarray(norm(ramba.asarray(large), 1e200))
        with pytest.warns(RuntimeWarning, match="overflow"):
            np.asarray(formula_of_exp(ramba.asarray(large)))
        with np.errstate(over="raise"), pytest.raises(FloatingPointError, match="overflow"):
            np.asarray(norm(ramba.asarray(large), 1.0))
        with warnings.catch_warnings(), np.errstate(over="ignore"):
            warnings.simplefilter("error")
            assert np.isinf(np.asarray(norm(ramba.asarray(large), 1.0))).all()


formula_of_exp = operation(formula("large", "exp(x)", 1))


def test_where_and_out(backend: str) -> None:
    a, out = ramba.asarray(A), ramba.zeros(A.shape)
    assert norm(a, 2.0, out=out, where=a > 0) is out
    near(out, np.hypot(A, 2.0, out=np.zeros(A.shape), where=A > 0))


def test_numpy_arrays_are_computed_at_once() -> None:
    near(logsum(A, B[0]), np.logaddexp(A, B[0]))
    assert logsum.reduce(np.arange(4.0)) == pytest.approx(np.logaddexp.reduce(np.arange(4.0)))
    near(norm.accumulate(np.arange(100.0)), np.sqrt(np.cumsum(np.arange(100.0) ** 2)))
    assert type(norm(3.0, 4.0)) is np.float64
    assert not hasattr(np, "logsum")


def test_a_replaced_worker_is_taught_again() -> None:
    with opened("processes"):
        near(logsum(ramba.asarray(A), 1.0), np.logaddexp(A, 1.0))
        os.kill(ENGINE.backend.link.members[1].pid, signal.SIGKILL)
        with pytest.warns(WorkerReplacedWarning):
            near(ramba.ones(A.shape) + ramba.asarray(A), 1 + A)
        near(logsum(ramba.asarray(A), 1.0), np.logaddexp(A, 1.0))


def test_a_definition_travels_once() -> None:
    with opened("local"):
        link, sent = ENGINE.backend.link, []
        take = link.take
        link.take = lambda message: (sent.extend(messages.commands(message)), take(message))[1]
        a = ramba.asarray(A)
        for factor in (1.0, 2.0):
            near(blend(a, a + factor), np.log1p(np.exp(A)) + np.log1p(np.exp(A + factor)) * 2)
            near(logsum.accumulate(blend(a, a) + factor, 0)[0], np.log1p(np.exp(A[0])) * 3 + factor)
        defined = [each for command in sent if isinstance(command, messages.Define) for each in command.definitions]
        assert sorted(each.name for each in defined) == ["blend", "logsum"]


def test_a_digest_is_the_definition() -> None:
    again = formula("soft", "log1p(exp(x))", 1)
    assert again is SOFT
    assert pickle.loads(pickle.dumps(BLEND)) is BLEND
    assert formula("soft", "log1p(exp(x)) ", 1).digest != SOFT.digest
    assert OPS[SOFT.digest] is SOFT
    assert pickle.loads(pickle.dumps(norm)).digest == norm.digest
    with pytest.raises(KeyError, match="must be defined before"):
        OPS["soft-0"]


WRONG_FORMULAS = [
    "", "x +", "import os\nx", "__import__('os')", "x.real", "x[0]", "[x]", "f'{x}'", "lambda: x", "q", "a = 1",
    "x if y",
    "x; y; del x", "sqrt(x, y)", "sqrt(x=1)", "matmul(x, y)", "divmod(x, y)", "soft(x)", "(a := x)", "'x'", "1j",
    "True",
    "x < y < 1", "x and y", "(x)" * 2000, "-" * 200 + "x", "for a in x: a", "x, *y", "a, b = x, y\na", "print(x)",
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG_FORMULAS)
def test_what_is_no_formula(text: str) -> None:
    with pytest.raises((ValueError, SyntaxError)):
        formula("wrong", text)


def test_formulas_cannot_explode() -> None:
    op = formula("level0", "x + x", 1)
    with pytest.raises(ValueError, match="operations"):
        for level in range(1, 12):
            word = op.name
            op = formula(f"level{level}", f"{word}(x) + {word}(x) * {word}(x)", 1, uses=[op])


@pytest.mark.parametrize("text", ["a = 9\n" + "a = a * a\n" * 200 + "x + a", "x + 9 ** 9 ** 9 ** 9", "x + sqrt(2)"])
def test_numbers_of_a_formula_stay_small(text: str) -> None:
    op = formula("numbers", text)
    with pytest.raises((ValueError, TypeError), match=r"integer|numbers alone"):
        op.resolve((np.dtype("f8"), np.dtype("f8")))
    assert not compiles(op.digest, ("f8", "f8"))


WRONG_IR = [
    "",
    "define double @f(double %x) {\n}",
    "define double @f(double %x) {\n ret double %x\n}\ndefine double @g(double %x) {\n ret double %x\n}",
    "define double @f(float %x) {\n ret double 0.0\n}",
    "define double @f(double %x, double %y) {\n ret double %x\n}",
    "declare double @f(double)\ndefine double @f(double %x) {\n ret double %x\n}",
    "@g = global i64 0\ndefine double @f(double %x) {\n ret double %x\n}",
    *(
        f"define double @f(double %x) {{\n {line}\n ret double %x\n}}"
        for line in (
            "%p = inttoptr i64 0 to ptr",
            "%p = alloca double",
            "%v = load double, ptr null",
            "store double %x, ptr null",
            "%v = call double @system(double %x)",
            "%v = call double @f(double %x)",
            "%v = call double @llvm.sin.f80(double %x)",
            "%v = call double @sin(ptr %x)",
            "%v = call double @sinl(double %x)",
            "%v = call i64 @llvm.smax.i64(i64 1, ptr null)",
            "call void asm sideeffect \"nop\", \"\"()",
            "%v = call double asm \"nop\", \"=r\"()",
            "unreachable",
            "switch i64 0, label %a []",
            "%v = sdiv exact i64 1, 0",
            "%v = sdiv double 1.0, 0.0",
            "%v = shl i64 1, 64",
            "%v = shl nuw i64 1, %n",
            "%v = add nsw i64 1, 1",
            "%v = fadd fast double %x, %x",
            "%v = fadd double %x, undef",
            "%v = fadd double %x, poison",
            "%v = fadd double %x, %x, !dbg !1",
            "%v = fadd <2 x double> %x, %x",
            "ret double %x }} define void @g() {{ ret void",
            "%v = freeze double %x",
            "%v = getelementptr i8, ptr null, i64 0",
            "fence seq_cst",
            "indirectbr ptr null, []",
            "%v.raw = fadd double %x, %x",
            "%\u00e4 = fadd double %x, %x",
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG_IR)
def test_what_is_no_function(text: str) -> None:
    with pytest.raises(ValueError, match=r"function|operand|argument"):
        ir("wrong", {"f8 -> f8": text})


@pytest.mark.parametrize("code", ["sdiv", "srem", "udiv", "urem", "shl", "lshr", "ashr", "abs"])
def test_integers_have_a_result_for_all_operands(code: str) -> None:
    least = -(1 << 63)
    pairs = [(a, b) for a in (least, -7, -1, 0, 5) for b in (least, -64, -2, -1, 0, 1, 3, 63, 64)]
    line = "%r = call i64 @llvm.abs.i64(i64 %a, i1 true)" if code == "abs" else f"%r = {code} i64 %a, %b"
    one = operation(ir(code, {"i8 i8 -> i8": f"define i64 @f(i64 %a, i64 %b) {{\n{line}\nret i64 %r\n}}"}))

    def expected(a: int, b: int) -> int:
        signed, unsigned = abs(a) // (abs(b) or 1), (a % 2**64, b % 2**64)
        made = {
            "sdiv": (signed if (a < 0) == (b < 0) else -signed) if b else 0,
            "srem": a - (signed if (a < 0) == (b < 0) else -signed) * b if b else 0,
            "udiv": unsigned[0] // unsigned[1] if b else 0,
            "urem": unsigned[0] % unsigned[1] if b else 0,
            "shl": a << b if 0 <= b < 64 else 0,
            "lshr": unsigned[0] >> b if 0 <= b < 64 else 0,
            "ashr": a >> (b if 0 <= b < 64 else 63),
            "abs": abs(a),
        }[code] % 2**64
        return made - 2**64 if made >= 2**63 else made

    with mode("compiled"):
        left, right = (ramba.asarray(np.array(each)) for each in zip(*pairs, strict=True))
        np.testing.assert_array_equal(np.asarray(one(left, right)), [expected(a, b) for a, b in pairs])


def test_nonsense_that_only_llvm_sees() -> None:
    wrong = ir("wrong", {"f8 -> f8": "define double @f(double %x) {\n %a = fadd double %b, %x\n ret double %a\n}"})
    with mode("compiled"), pytest.raises(CompileError):
        np.asarray(operation(wrong)(ramba.ones(10)) + 1)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "python"}, {"name": "a b"}, {"name": 'x" }'}, {"name": ""}, {"nin": 0}, {"nin": 99}, {"texts": ()},
        {"texts": (("", "x"),) * 2}, {"texts": (("", "x+" * 5000 + "x"),)}, {"raises": "all"}, {"cost": float("nan")},
        {"cost": -1.0}, {"identity": 0, "nin": 1},
    ],
)  # fmt: skip
def test_definitions_are_checked(change: dict) -> None:
    right = Definition("formula", "right", 2, (("", "x + y"),))
    assert check(right).digest not in OPS
    with pytest.raises(ValueError, match=r"."):
        define(right._replace(**change))
    nested = right
    for _ in range(9):
        nested = right._replace(name="outer", uses=(nested,))
    with pytest.raises(ValueError, match="levels"):
        check(nested)
