"""Special values: every loop of the ufunc table, alone and in kernels of several operations, against NumPy's.

A new row of the table is a new case of each test.
"""

from __future__ import annotations

import math
import random as rnd
from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np
import pytest

from ramba.ops import COMPILED, SPECIAL, UFUNCS, is_exact, resolve
from ramba.plan.spec import Instruction, KernelSpec, Operand, Store, Tiles, show
from tests.codegen.kernels import compiled, elementwise, inner_kind, loops, raised_by, run, told_by
from tests.codegen.samples import distances, edges, identical

ULPS = 4
LOOPS = loops()
WORDS = {"divide": "divide by zero", "over": "overflow", "invalid": "invalid value"}

pytestmark = pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")


def points(dtype: str, count: int) -> list[np.ndarray]:
    """Operands: all edges, or all pairs of the most awkward numbers and many pairs (triples) of others."""
    numbers = edges(dtype)
    if count == 1:
        return [numbers]
    pick = np.random.default_rng(count)
    few = numbers if dtype[0] in "biu" else core(dtype)
    grid = np.meshgrid(*[few[pick.permutation(few.size)[: {2: 60, 3: 12}[count]]] for _ in range(count)])
    return [np.concatenate([axis.ravel(), pick.choice(numbers, 8000)]) for axis in grid]


def core(dtype: str) -> np.ndarray:
    """Zeros, subnormals, ones, bounds and what is not finite."""
    kind = np.dtype(f"f{int(dtype[1:]) // 2}" if dtype[0] == "c" else dtype)
    bounds = np.finfo(kind)
    half = np.array([0, bounds.smallest_subnormal, bounds.tiny, 0.5, 1, 1 + bounds.eps, 3, bounds.max, np.inf], kind)
    numbers = np.array([*half, *-half, np.nan], kind)
    if dtype[0] == "f":
        return numbers
    real, imag = np.meshgrid(numbers[::2], numbers[::2])
    return np.stack([real.ravel(), imag.ravel()], axis=-1).view(dtype).ravel()


def flag_points(name: str, dtype: str) -> list[np.ndarray]:
    """Some operands, without those where C leaves it open whether a flag is raised."""
    args = points(dtype, UFUNCS[name].nin)
    if name in ("power", "float_power"):
        args = [arg[~np.isinf(args[1])] for arg in args]
    chosen = np.random.default_rng(7).permutation(args[0].size)[:900]
    return [arg[chosen] for arg in args]


def wanted(name: str, args: list[np.ndarray]) -> tuple[np.ndarray, ...]:
    """NumPy's results."""
    with np.errstate(all="ignore"):
        found = UFUNCS[name].numpy(*args)
    return found if isinstance(found, tuple) else (found,)


def unlike(name: str, args: list[np.ndarray], got: np.ndarray, result: int = 0) -> np.ndarray:
    """Where a result is not NumPy's; for functions of the math library, where it is further than they may be."""
    # in whole vectors: on the sign of the greater of two zeros NumPy's loops do not agree at the end of a row
    want = wanted(name, [np.resize(arg, arg.size + -arg.size % 64) for arg in args])[result][: got.size]
    # next to poles beyond 1e30 `tan` is C's: 14 ulp from the truth, which NumPy has if the processor has AVX-512
    if is_exact(name, args[0].dtype.str[1:]):
        return np.flatnonzero(~identical(got, want))
    far = np.flatnonzero(distances(got, want) > ULPS)
    if name == "tan":
        far = far[distances(got[far], np.array([math.tan(x) for x in args[0][far]], got.dtype)) > ULPS]
    return far


@pytest.mark.parametrize(("name", "dtype"), LOOPS)
def test_values(name: str, dtype: str) -> None:
    args = points(dtype, UFUNCS[name].nin)
    if name == "clip":  # NumPy's own loops disagree on the sign of a zero that equals a bound
        args = [np.where(arg == 0, np.zeros(1, arg.dtype), arg) for arg in args]
    for result, got in enumerate(elementwise(name, args, [want.dtype.str[1:] for want in wanted(name, args)])):
        wrong = unlike(name, args, got, result)
        assert not wrong.size, [(*(arg[i] for arg in args), got[i]) for i in wrong[:5]]


@pytest.mark.parametrize(("name", "dtype"), LOOPS)
def test_flags_and_tails(name: str, dtype: str) -> None:
    """One special value among ordinary ones, anywhere in rows that are shorter and longer than a vector."""
    row, args = UFUNCS[name], flag_points(name, dtype)
    results = [want.dtype.str[1:] for want in wanted(name, args)]
    classes = defaultdict(list)
    for i in range(args[0].size):
        classes[told_by(lambda: row.numpy(*(arg[i : i + 1] for arg in args)))].append(i)  # noqa: B023 - called at once
    assert {flag for told in classes for flag in told} <= {WORDS.get(flag) for flag in row.flags(dtype)}
    for told, members in classes.items():
        for i in members if told else ():
            assert told == told_by(lambda: row.numpy(*(np.repeat(arg[i], 9) for arg in args)))  # noqa: B023
        for i in members[:40]:
            length = 1 + i % 17
            place = i * 7 % length
            rows = [np.full(length + 3, arg[classes[frozenset()][0]])[i % 3 :][:length] for arg in args]
            for numbers, arg in zip(rows, args, strict=True):
                numbers[place] = arg[i]
            check_flags(name, rows, results)
    silent = classes[frozenset()]
    check_flags(name, [arg[silent] for arg in args], results)


def check_flags(name: str, args: list[np.ndarray], results: list[str]) -> None:
    """The flags are NumPy's, or what IEEE 754 says of overflow (NumPy's vector functions do not always)."""
    found: list[np.ndarray] = []
    raised = raised_by(lambda: found.extend(elementwise(name, args, results)))
    told = told_by(lambda: UFUNCS[name].numpy(*args))
    if raised ^ told == {"overflow"}:
        infinite = np.logical_and.reduce([np.isfinite(arg) for arg in args]) & np.isinf(found[0])
        assert ("overflow" in raised) == bool(infinite.any()), args
        return
    assert raised == told, args
    for result, got in enumerate(found):
        assert name == "clip" or not unlike(name, args, got, result).size, args


@pytest.mark.parametrize("source", sorted(COMPILED))
def test_casts(source: str) -> None:
    numbers = edges(source)
    for dtype in sorted(COMPILED - {source}):
        classes = defaultdict(list)
        for i in range(numbers.size):
            # of a vector: for u4 NumPy's values and flags depend on the length
            classes[told_by(lambda: np.repeat(numbers[i], 64).astype(dtype))].append(i)  # noqa: B023 - called at once
        for told, members in classes.items():
            assert raised_by(lambda: elementwise("cast", [numbers[members]], [dtype])) == told, dtype  # noqa: B023
            for i in members[:10]:
                row = np.ones(1 + i % 17, source)
                row[i % row.size] = numbers[i]
                found: list[np.ndarray] = []
                assert raised_by(lambda: found.extend(elementwise("cast", [row], [dtype]))) == told  # noqa: B023
                with np.errstate(all="ignore"):
                    want = np.repeat(row, 64).astype(dtype)[::64]
                assert identical(found[0], want).all(), (dtype, numbers[i])


class Made(NamedTuple):
    """A random program, and what each of its values is made of."""

    operands: tuple[Operand, ...]
    program: tuple[Instruction, ...]
    dtypes: tuple[str, ...]

    def spec(self, stored: tuple[int, ...]) -> KernelSpec:
        """The kernel that stores these values."""
        moved = len(self.operands)
        stores = tuple(Operand("store", self.dtypes[value], "unit") for value in stored)

        def place(value: int) -> int:
            return value if value < moved else value + len(stores)

        program = tuple(step._replace(args=tuple(map(place, step.args))) for step in self.program)
        places = tuple(Store(moved + number, place(value)) for number, value in enumerate(stored))
        return KernelSpec(0, 0, False, (*self.operands, *stores), program, places, ())

    def hidden_flags(self) -> frozenset[str]:
        """Flags that NumPy and kernels need not both raise."""
        dtypes = [self.dtypes[step.args[0]] for step in self.program]
        names = {(step.op, dtype[0]) for step, dtype in zip(self.program, dtypes, strict=True)}
        if any(step.op in UFUNCS and UFUNCS[step.op].nout > 1 for step in self.program):
            return frozenset(WORDS.values())  # of the other result
        unsure = {("absolute", "c"), ("power", "f"), ("float_power", "f")}  # as in `flag_points` and `check_flags`
        return frozenset(["overflow", "divide by zero"] if names & unsure else [])

    def needed(self, value: int) -> set[int]:
        """The values that a value is made of, and itself."""
        found = {value}
        for number in range(value, len(self.operands) - 1, -1):
            if number in found:
                found.update(self.program[number - len(self.operands)].args)
        return found


def made(seed: int, views: list[Any]) -> Made:
    """A program of some functions of the table, casts and parts of complex numbers."""
    pick = rnd.Random(seed)
    dtypes = [view.dtype.str[1:] for view in views]
    operands = tuple(
        Operand("load", dtype, inner_kind(view)) if view.ndim else Operand("scalar", dtype, "zero")
        for dtype, view in zip(dtypes, views, strict=True)
    )
    program: list[Instruction] = []
    while len(program) < 7:
        first = pick.choice([pick.randrange(len(dtypes)), len(dtypes) - 1])
        dtype = dtypes[first]
        step = _special_step(pick, first, dtype) or _ufunc_step(pick, first, dtypes)
        program.append(step)
        dtypes.append(step.dtype)
    return Made(operands, tuple(program), tuple(dtypes))


def _special_step(pick: rnd.Random, value: int, dtype: str) -> Instruction | None:
    chance = pick.random()
    if dtype[0] == "c" and chance < 0.4:
        return Instruction(pick.choice(["real", "imag"]), {"c8": "f4", "c16": "f8"}[dtype], (value,))
    if dtype[0] == "f" and chance < 0.1:
        return Instruction("complex", {"f4": "c8", "f8": "c16"}[dtype], (value, value))
    if chance < 0.2 or dtype == "b1":
        return Instruction("cast", pick.choice(["f4", "f8", "f8", "c16", "i4"]), (value,))
    return None


def _ufunc_step(pick: rnd.Random, value: int, dtypes: list[str]) -> Instruction:
    dtype = dtypes[value]
    row = UFUNCS[pick.choice([name for name, loop in LOOPS if loop == dtype and name != "clip"])]
    alike = [number for number, other in enumerate(dtypes) if other == dtype]
    args = (value, *(pick.choice(alike) for _ in range(row.nin - 1)))
    result = pick.randrange(row.nout)
    _, results = resolve(row.name, (np.dtype(dtype),) * row.nin)
    return Instruction(row.name, results[result].str[1:], args, result)


def numpy_step(step: Instruction, args: list[np.ndarray]) -> np.ndarray:
    """What NumPy makes of the operands of an instruction."""
    match step.op:
        case "cast":
            return args[0].astype(step.dtype)
        case "real" | "imag":
            return np.ascontiguousarray(getattr(args[0], step.op))
        case "complex":
            return np.stack(args, axis=-1).view(step.dtype)[..., 0]
    found = UFUNCS[step.op].numpy(*args)
    return found[step.result] if isinstance(found, tuple) else found


def operand_sets(pick: np.random.Generator, length: int) -> list[list[Any]]:
    """Arrays and scalars: edges of everything, and quiet numbers without imaginary parts."""
    edge = [pick.choice(edges(dtype), (length, 2)) for dtype in ("f8", "f4", "c16")]
    quiet = [pick.integers(1, 9, (length, 2)).astype(dtype) for dtype in ("f8", "f4", "c16")]
    found = []
    for f8, f4, c16 in (edge, quiet):
        shapes = [np.ascontiguousarray(f8[:, 0]), f8[:, 1], f4[:, 0], np.ascontiguousarray(c16[:, 0]), c16[:, 1]]
        shapes += [np.broadcast_to(f8[:1, 0], (length,)), f4[0, 1], c16[0, 0]]
        found.append(shapes)
    found[1] += [np.float64(0), np.float64(-0.0)]
    return found


@pytest.mark.parametrize("seed", range(40))
def test_fused(seed: int) -> None:
    """Inside a kernel, each operation gives what it gives alone, and the kernel raises the flags of its operations."""
    pick = np.random.default_rng(seed)
    length = int(pick.integers(1, 40))
    for views in operand_sets(pick, length):
        program = made(seed, views)
        count, total = len(views), len(program.dtypes)
        values = [np.broadcast_to(view, (length,)) for view in views]
        values += [np.zeros(length, dtype) for dtype in program.dtypes[count:]]
        spec = program.spec(tuple(range(count, total)))
        raised = flags_of_run(spec, [*views, *values[count:]], length)
        told: dict[int, frozenset[str]] = {}
        for number, step in enumerate(program.program, count):
            args = [values[argument] for argument in step.args]
            told[number] = told_by(lambda: numpy_step(step, args))  # noqa: B023 - called at once
            if step.op in SPECIAL:
                with np.errstate(all="ignore"):
                    assert identical(values[number], numpy_step(step, args)).all(), show(spec)
            else:
                assert not unlike(step.op, args, values[number], step.result).size, show(spec)
        expected = frozenset[str]().union(*told.values())
        hidden = program.hidden_flags()
        assert raised - hidden <= expected <= raised | hidden, show(spec)
        for number in (total - 1, total - 2):
            spec, out = program.spec((number,)), np.zeros(length, program.dtypes[number])
            raised = flags_of_run(spec, [*views, out], length)
            assert identical(out, values[number]).all(), show(spec)
            # what the result does not need (a part of a complex number, x in x == x) is not computed
            possible = frozenset[str]().union(*(told.get(value, frozenset()) for value in program.needed(number)))
            assert raised - hidden <= possible, show(spec)


def flags_of_run(spec: KernelSpec, views: list[Any], length: int) -> frozenset[str]:
    """Runs a compiled kernel once; the flags that it raises."""
    compiled(spec)
    return raised_by(lambda: run(spec, views, (length,), Tiles(1, 1, length), native_code=True))
