"""Compiled kernels against interpreted ones: loops, strides, tails, tiles, aliases."""

from __future__ import annotations

import math
import random as rnd
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.codegen.emit import emit
from ramba.codegen.emit_target import Target
from ramba.ops import UFUNCS, compiles
from ramba.plan.spec import Fold, Instruction, KernelSpec, Operand, Store, Tiles, show
from tests.codegen.kernels import code_of, elementwise, inner_kind, run, target
from tests.codegen.samples import identical, random

GOLDEN = Path(__file__).parent.parent / "golden"
EXACT = "add subtract multiply divide maximum minimum sqrt negative floor_divide copysign square".split()


@given(st.lists(st.integers(1, 5), max_size=3), st.integers(1, 70), st.tuples(*[st.integers(1, 40)] * 2),
       st.sampled_from([1, 2, 3, -1]), st.sampled_from("u1 i4 f4 f8 c16 b1".split()), st.booleans())  # fmt: skip
def test_any_shape_stride_and_tile(
    outer: list[int], inner: int, sizes: tuple[int, int], step: int, dtype: str, strided: bool
) -> None:
    shape = (*outer, inner)
    base = random(dtype, math.prod(shape) * abs(step)).reshape(*outer, -1)
    x, y = base[..., ::step], random(dtype, inner)
    got = elementwise("add", [x, y], [dtype], Tiles(sizes[0], 1, sizes[1]), out_strided=strided)[0]
    with np.errstate(all="ignore"):
        assert identical(got, x + y).all()


@given(st.integers(0, 10**6))
def test_random_programs(seed: int) -> None:
    """Programs of a few instructions, in place, with scalars, broadcasts and index operands."""
    pick = rnd.Random(seed)
    shape = (pick.randint(1, 4), pick.randint(1, 60))
    x = np.random.default_rng(seed).normal(size=shape)
    views = [x, random("f8", shape[1]), random("f8", shape[0])[:, None], np.float64(1.5), (3, (7, -2))]
    views = [np.broadcast_to(v, shape) if isinstance(v, np.ndarray) else v for v in views]
    kinds = ["load", "load", "load", "scalar", "index"]
    operands = [Operand(kind, "i8" if kind == "index" else "f8",
                        "zero" if kind == "scalar" else inner_kind(v) if kind == "load" else "strided")
                for kind, v in zip(kinds, views, strict=True)]  # fmt: skip
    operands += [Operand("store", "f8", "unit"), Operand("store", "f8", "unit"), Operand("fold", "f8", "unit")]
    program = [Instruction("cast", "f8", (4,))]
    values = [0, 1, 2, 3, len(operands)]
    for _ in range(pick.randint(1, 8)):
        op = pick.choice(EXACT)
        program.append(Instruction(op, "f8", tuple(pick.choice(values) for _ in range(UFUNCS[op].nin))))
        values.append(len(operands) + len(program) - 1)
    stores = (Store(5, values[-1]), Store(6, pick.choice(values)))
    spec = KernelSpec(1, 0, False, tuple(operands), tuple(program), stores, (Fold("maximum", 7, values[-1]),))
    tiles = Tiles(pick.randint(1, 4), 1, pick.randint(1, 60))
    results = []
    for native in (True, False):
        first = x.copy()
        outs = [first, np.zeros(shape), np.zeros((1, *shape))]  # the first is in place
        with np.errstate(all="ignore"):
            run(spec, [first, *views[1:], *outs], shape, tiles, native_code=native)
        results.append(outs)
    for compiled, interpreted in zip(*results, strict=True):
        assert identical(compiled, interpreted).all(), show(spec)


def test_in_place_with_a_tail_sees_old_values() -> None:
    for length in range(1, 70):
        x = np.arange(1.0, length + 1)
        operands = (Operand("load", "f8", "unit"), Operand("store", "f8", "unit"))
        spec = KernelSpec(0, 0, False, operands, (Instruction("add", "f8", (0, 0)),), (Store(1, 2),), ())
        run(spec, [x, x], x.shape, Tiles(1, 1, 1000), native_code=True)
        assert (x == 2 * np.arange(1.0, length + 1)).all()


def test_results_do_not_depend_on_tiles() -> None:
    x = random("f8", 1000)
    for name in ("sin", "exp", "log", "power"):
        args = [x] * UFUNCS[name].nin
        whole = elementwise(name, args, ["f8"])[0]
        for size in (1, 3, 7, 64, 999):
            assert identical(elementwise(name, args, ["f8"], Tiles(1, 1, size))[0], whole).all()


def test_streams_are_written_around_the_cache() -> None:
    space = np.zeros(1024 + 8)
    skip = (-space.ctypes.data % 64) // 8
    x, out = random("f8", 1003), space[skip : skip + 1003]
    operands = (Operand("load", "f8", "unit"), Operand("store", "f8", "stream"))
    spec = KernelSpec(0, 0, False, operands, (Instruction("negative", "f8", (0,)),), (Store(1, 2),), ())
    assert "!nontemporal" in emit(spec, target())
    run(spec, [x, out], x.shape, Tiles(1, 1, 512), native_code=True)
    assert identical(out, -x).all()


@pytest.mark.parametrize("features", ["", "avx avx2 fma", "avx avx2 fma avx512f avx512vl avx512dq avx512bw"])
def test_targets(features: str) -> None:
    machine = Target.from_features("x86_64-unknown-linux-gnu", features.split())
    spec = KernelSpec(0, 0, False, (Operand("load", "f8", "unit"), Operand("store", "f8", "unit")),
                      (Instruction("sin", "f8", (0,)),), (Store(1, 2),), ())  # fmt: skip
    assert f"_ZGV{machine.libmvec}N{machine.vector_bits // 64}v_sin" in emit(spec, machine)
    assert Target.from_features("aarch64-unknown-linux-gnu", ("neon",)).libmvec is None


def test_a_division_by_zero_of_integers_is_flagged() -> None:
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        elementwise("floor_divide", [np.ones(5, "i4"), np.zeros(5, "i4")], ["i4"], native_code=False)
    assert (elementwise("floor_divide", [np.ones(5, "i4"), np.zeros(5, "i4")], ["i4"])[0] == 0).all()


def stencil() -> KernelSpec:
    """B += w0 * A + w1 * shifted A."""
    unit, scalar = Operand("load", "f4", "unit"), Operand("scalar", "f4", "zero")
    operands = (unit, unit, unit, scalar, scalar, Operand("store", "f4", "unit"))
    program = (Instruction("multiply", "f4", (1, 3)), Instruction("multiply", "f4", (2, 4)),
               Instruction("add", "f4", (6, 7)), Instruction("add", "f4", (0, 8)))  # fmt: skip
    return KernelSpec(1, 0, False, operands, program, (Store(5, 9),), ())


def norm() -> KernelSpec:
    """The sum of squares along the last axis, of bytes as floats."""
    operands = (Operand("load", "u1", "strided"), Operand("fold", "f8", "unit"))
    program = (Instruction("cast", "f8", (0,)), Instruction("square", "f8", (2,)))
    return KernelSpec(1, 0, True, operands, program, (), (Fold("add", 1, 3),))


@pytest.mark.golden
@pytest.mark.parametrize("spec", [stencil(), norm()], ids=["stencil", "norm"])
def test_specs_as_text(spec: KernelSpec, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.id
    assert show(spec) + "\n" == (GOLDEN / f"spec_{name}.txt").read_text()


def test_unknown_code_is_refused() -> None:
    assert not compiles("nextafter", ("f8", "f8"))
    operands = (Operand("load", "f8", "unit"), Operand("store", "f8", "unit"))
    spec = KernelSpec(0, 0, False, operands, (Instruction("spacing", "f8", (0,)),), (Store(1, 2),), ())
    with pytest.raises(ValueError, match="spacing of f8 has no formula"):
        emit(spec, target())
    x = random("f8", 100)
    with np.errstate(all="ignore"):
        assert identical(elementwise("spacing", [x], ["f8"], native_code=False)[0], np.spacing(x)).all()
    assert code_of(x) == "f8"
