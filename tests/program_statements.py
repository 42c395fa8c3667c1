"""The kinds of statements that random programs are made of."""

from __future__ import annotations

import numpy

from tests.program_writer import Writer, statement

EXACT_UNARY = {
    "biu": "negative absolute square sign logical_not conjugate positive".split(),
    "f": "negative absolute square sign floor ceil trunc rint reciprocal isnan isfinite isinf signbit fabs conjugate "
    "spacing logical_not positive".split(),
    "c": "negative conjugate isnan isfinite logical_not positive".split(),
}
LIBM = "sin cos tan exp log log1p expm1 tanh arctan sinh arcsinh cbrt exp2 log2 log10".split()
EXACT_BINARY = (
    "add subtract multiply divide maximum minimum fmax fmin floor_divide remainder fmod copysign heaviside".split()
)
INTEGER_BINARY = "bitwise_and bitwise_or bitwise_xor left_shift right_shift gcd lcm floor_divide remainder".split()
COMPARISONS = "< <= > >= == !=".split()
ROUNDED_COMPLEX = ("multiply", "divide", "square", "reciprocal", "absolute")


@statement(4)
def create(w: Writer) -> str:
    return f"{w.new()} = {w.data(w.shape(), w.dtype())}"


@statement(2)
def create_regular(w: Writer) -> str:
    shape, dtype = w.shape(), w.dtype()
    size, like = w.below(8), w.pick() or "3"
    return f"{w.new()} = " + w.one_of(
        f"np.zeros({shape}, dtype={dtype!r})",
        f"np.ones({shape}, {dtype!r})",
        f"np.full({shape}, {w.scalar('f' if dtype[0] in 'fc' else 'u')}, dtype={dtype!r})",
        f"np.full({shape}, {w.scalar('i')})",
        f"np.arange({size})",
        f"np.arange({w.below(4, -4)}, {w.below(9)}, {w.one_of(1, 2, -1, 0.5)})",
        f"np.arange({size}, dtype={w.one_of('i4', 'f4', 'f8', 'c16', 'u1')!r})",
        f"np.linspace({w.below(4, -4)}, {w.below(9)}, {size}, endpoint={w.chance(0.7)})",
        f"np.eye({size}, {w.below(6)}, k={w.below(3, -3)})",
        f"np.indices(({size}, 3))",
        f"np.zeros_like({like})",
        f"np.full_like({like}, {w.scalar('u')})",
        f"np.tri({size}, dtype={dtype!r})",
        f"np.fromfunction(lambda i, j: i * 10 + j, ({size}, 3), dtype={w.one_of('i8', 'f4')!r})",
    )


@statement(10)
def view(w: Writer) -> str | None:
    name = w.pick()
    if name is None:
        return None
    value = w.space[name]
    ndim = value.ndim
    options = [f"{name}[{w.index(value.shape)}]"] * 5
    options += [f"{name}.T", f"{name}.ravel()", f"np.ravel({name}, order={w.one_of('C', 'F', 'A', 'K')!r})"]
    options += [f"np.squeeze({name})", f"np.expand_dims({name}, {w.below(ndim + 1)})", f"np.flip({name})"]
    options += [f"{name}.reshape({reshaped(w, value.shape)})", f"{name}.reshape(-1)", f"{name}.real", f"{name}.view()"]
    options += [f"np.broadcast_to({name}, {(2, *value.shape)})", f"np.atleast_2d({name})"]
    if value.dtype.kind == "c":
        options += [f"{name}.imag", f"np.real({name})"]
    if ndim >= 1:
        axis = w.axis(ndim)
        options += [f"np.flip({name}, {axis})", f"np.moveaxis({name}, {axis}, {w.below(ndim)})"]
        options.append(f"np.lib.stride_tricks.sliding_window_view({name}, {w.below(4, 1)}, axis={axis})")
    if ndim >= 2:
        first, second = w.below(ndim), w.axis(ndim)
        options += [f"{name}.swapaxes({first}, {second})", f"np.rollaxis({name}, {first})", f"np.rot90({name})"]
        options += [
            f"{name}.diagonal({w.below(3, -2)})",
            f"np.transpose({name}, {w.random.permutation(ndim).tolist()})",
        ]
    return f"{w.new()} = {w.one_of(*options)}"


def reshaped(w: Writer, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Another shape of the same size; rarely of another size."""
    if w.chance(0.03):
        return (3, 5)
    factors = [n for n in shape for n in prime_factors(n)]
    w.random.shuffle(factors)
    out = [1] * w.below(4, 1)
    for factor in factors:
        out[w.below(len(out))] *= factor
    if w.chance(0.3) and 0 not in out:
        out[w.below(len(out))] = -1
    return tuple(out)


def prime_factors(n: int) -> list[int]:
    factors = []
    for p in (2, 3, 5, 7, 11, 13):
        while n and n % p == 0:
            factors.append(p)
            n //= p
    return [*factors, n] if n != 1 else factors


@statement(5)
def unary(w: Writer) -> str | None:
    name = w.pick()
    if name is None:
        return None
    value = w.space[name]
    kind = value.dtype.kind
    op = w.one_of(*EXACT_UNARY["biu" if kind in "biu" else kind])
    if kind in "iub" and w.chance(0.2):
        op = "invert"
    target = w.new()
    mark = f"  #~ {target}" if kind == "c" and op in ROUNDED_COMPLEX else ""
    if kind == "f" and w.chance(0.15):
        return f"{target} = np.sqrt(np.abs({name}))"
    return f"{target} = np.{op}({name}){mark}"


@statement(1.6)
def libm(w: Writer) -> str | None:
    name = w.pick("biuf")
    if name is None:
        return None
    target, other = w.new(), w.operand(w.space[name].shape, "fi")
    text = w.one_of(f"{w.one_of(*LIBM)}({name})", f"{w.one_of('hypot', 'arctan2', 'logaddexp')}({name}, {other})")
    return f"{target} = np.{text}  #~ {target}"


@statement(6)
def binary(w: Writer) -> str | None:
    name = w.pick()
    if name is None:
        return None
    value = w.space[name]
    kind = value.dtype.kind
    if kind in "iub" and w.chance(0.4):
        other, op = w.operand(value.shape, "iub"), w.one_of(*INTEGER_BINARY)
    else:
        other, op = w.operand(value.shape), w.one_of(*EXACT_BINARY)
    if w.chance(0.1):
        return f"{w.new()}, {w.new()} = np.divmod({name}, {other})"
    if w.chance(0.15):
        return f"{w.new()} = {name} ** {w.one_of(2, 3, 2.0, 0.5) if kind == 'f' else 2}" if kind in "iuf" else None
    operands = [name, other] if w.chance(0.7) else [other, name]
    target = w.new()
    extra = f", dtype={w.one_of('f4', 'f8', 'c16', 'i8')!r}" if w.chance(0.08) else ""
    text = f"np.{op}({operands[0]}, {operands[1]}{extra})"
    mark = f"  #~ {target}" if "multiply" in op or "divide" in op else ""
    if mark and not is_complex(w, text):
        mark = ""
    return f"{target} = {text}{mark}"


def is_complex(w: Writer, expression: str) -> bool:
    try:
        return w.value(expression).dtype.kind == "c"
    except Exception:
        return False


@statement(9)
def expression(w: Writer) -> str | None:
    """A tree of operators: what fusion is for."""
    name = w.pick("biuf")
    if name is None:
        return None
    return f"{w.new()} = {tree(w, w.space[name].shape, name, w.below(4, 1))}"


def tree(w: Writer, shape: tuple[int, ...], leaf: str | None, depth: int) -> str:
    if depth == 0:
        return leaf or w.operand(shape, "biuf")
    left, right = tree(w, shape, leaf, depth - 1), tree(w, shape, None, w.below(depth))
    roll = w.random.rand()
    if roll < 0.55:
        return f"({left} {w.one_of('+', '-', '*', '+', '*', '/')} {right})"
    if roll < 0.65:
        return f"np.{w.one_of('maximum', 'minimum', 'fmax')}({left}, {right})"
    if roll < 0.75:
        return f"np.{w.one_of('abs', 'square', 'negative', 'sign')}({left})"
    if roll < 0.85:
        return f"np.where({left} {w.one_of(*COMPARISONS)} {w.scalar()}, {left}, {right})"
    if roll < 0.93:
        return f"({left} {w.one_of(*COMPARISONS)} {right})"
    return f"np.clip({left}, {w.one_of(-2, 0)}, {w.one_of(3, 2.5)})"


@statement(7)
def in_place(w: Writer) -> str | None:
    name = w.pick()
    if name is None:
        return None
    value = w.space[name]
    op = w.one_of(
        "+=", "-=", "*=", "+=", "-=", *(["//=", "%=", "&=", "|=", "^="] if value.dtype.kind in "iub" else ["/="])
    )
    target = name if w.chance(0.5) else f"{name}[{w.index(value.shape)}]"
    try:
        shape = numpy.shape(w.value(target))
    except Exception:
        shape = ()
    kinds = {"b": "b", "i": "biu", "u": "bu", "f": "biuf", "c": "biufc"}[value.dtype.kind] if w.chance(0.9) else "biufc"
    mark = f"  #~ {target}" if value.dtype.kind == "c" and op in ("*=", "/=") else ""
    return f"{target} {op} {w.operand(shape, kinds, exact=True)}{mark}"


@statement(5)
def overlapping(w: Writer) -> str | None:
    """Reads and writes views of the same memory in one statement."""
    name = w.pick("iuf", min_ndim=1)
    if name is None:
        return None
    value = w.space[name]
    before = ", ".join([":"] * w.below(value.ndim)) if w.chance(0.7) else ""
    lead = f"{before}, " if before else ""
    op = w.one_of("=", "+=", "-=", "*=", "+=")
    options = [
        f"{name}[{lead}1:] {op} {name}[{lead}:-1]",
        f"{name}[{lead}:-1] {op} {name}[{lead}1:]",
        f"{name}[{lead}::-1] {op} {name}",
        f"{name} {op} {name}[{lead}::-1]",
        f"{name}[{lead}1:-1] {op} {name}[{lead}2:] + {name}[{lead}:-2]",
        f"{name}[{lead}2:] {op} ({name}[{lead}:-2] * 2 + {name}[{lead}1:-1]) - {name}[{lead}2:]",
        f"np.add({name}[{lead}1:], {name}[{lead}:-1], out={name}[{lead}1:])",
        f"np.subtract({name}, {name}[{lead}::-1], out={name})",
        f"{name}[...] = {name}[{lead}::-1] * 2 - {name}",
    ]
    half = value.shape[-1] // 2
    options.append(f"{name}[..., :{half}] {op} {name}[..., {value.shape[-1] - half}:]")
    options.append(f"{name}[..., ::2] {op} {name}[..., {value.shape[-1] - (value.shape[-1] + 1) // 2}:]")
    if value.ndim == 2 and value.shape[0] == value.shape[1]:
        options += [f"{name} {op} {name}.T", f"{name}[...] = {name}.T + {name}"] * 3
    return w.one_of(*options)


@statement(8)
def assign(w: Writer) -> str | None:
    name = w.pick()
    if name is None:
        return None
    value = w.space[name]
    target = f"{name}[{w.index(value.shape)}]"
    for _ in range(w.one_of(0, 0, 0, 1, 2)):
        try:
            shape = w.value(target).shape
        except Exception:
            break
        target = w.one_of(
            f"{target}[{w.index(shape)}]", f"{target}.T[{w.index(shape[::-1])}]", f"{target}.ravel()[{w.slice_of(3)}]"
        )
    if value.dtype.kind == "c" and w.chance(0.3):
        target = f"{name}.{w.one_of('real', 'imag')}[{w.index(value.shape)}]"
    try:
        shape = w.value(target).shape
    except Exception:
        shape = ()
    source = w.operand(shape, exact=True)
    if not w.castable(source, value.dtype):
        return None
    return w.one_of(
        f"{target} = {source}",
        f"{target} = {source}",
        f"{name}[...] = {w.scalar('u')}",
        f"{name}.fill({w.scalar('u')})",
    )


@statement(1.5)
def copy_to(w: Writer) -> str | None:
    name = w.pick()
    if name is None:
        return None
    value = w.space[name]
    source = w.operand(
        value.shape, {"b": "b", "i": "bi", "u": "bu", "f": "biuf", "c": "biufc"}[value.dtype.kind], exact=True
    )
    where = w.operand(value.shape, "b", exact=True)
    if source == name:
        return None  # NumPy returns before it looks at the mask
    if not w.castable(source, value.dtype):
        return None
    return f"np.copyto({name}, {source}{f', where={where}' if w.chance(0.5) else ''})"


@statement(5)
def out_argument(w: Writer) -> str | None:
    name = w.pick("biuf")
    if name is None:
        return None
    value = w.space[name]
    target = name if w.chance(0.6) else f"{name}[{w.index(value.shape, integers=0)}]"
    try:
        shape = w.value(target).shape
    except Exception:
        return None
    kinds = {"b": "b", "i": "bi", "u": "bu", "f": "biuf"}[value.dtype.kind]
    op = w.one_of(
        *(
            ["add", "multiply", "maximum", "subtract"]
            if value.dtype.kind != "b"
            else ["logical_and", "logical_xor", "bitwise_or"]
        )
    )
    where = f", where={w.operand(shape, 'b', exact=True)}" if w.chance(0.5) else ""
    left, right = w.operand(shape, kinds, exact=True), w.operand(shape, kinds, exact=True)
    line = f"np.{op}({left}, {right}, out={target}{where})"
    if w.chance(0.2):
        return f"{w.new()} = {line}"
    if value.dtype.kind == "f" and w.chance(0.1):
        return f"np.modf({left}, out=({target}, np.zeros({shape}, {value.dtype.str!r})))"
    return line


@statement(3)
def cast(w: Writer) -> str | None:
    name = w.pick()
    if name is None:
        return None
    dtype = w.dtype()
    if w.space[name].dtype.kind in "fc" and dtype[0] in "iu":
        low, high = (0, 100) if dtype[0] == "u" else (-100, 100)
        return f"{w.new()} = np.clip(np.nan_to_num({name}.real), {low}, {high}).astype({dtype!r})"
    return f"{w.new()} = {name}.astype({dtype!r})"


@statement(3)
def choose(w: Writer) -> str | None:
    name = w.pick()
    if name is None:
        return None
    shape, kind = w.space[name].shape, w.space[name].dtype.kind
    mask = w.operand(shape, "b")
    if kind == "c" or w.chance(0.3):
        return f"{w.new()} = np.where({mask}, {name}, {w.operand(shape)})"
    return f"{w.new()} = " + w.one_of(
        f"np.clip({name}, {w.scalar('u')}, {w.operand(shape, 'iuf')})",
        f"{name}.clip({w.one_of(-2, 0, 1)}, {w.one_of(2, 5)})",
        f"np.nan_to_num({name})",
        f"np.select([{mask}, {name} > 1], [{name}, {w.operand(shape, 'iuf')}], {w.scalar('i')})",
        f"np.round({name}, {w.one_of(0, 1)})",
        f"np.isclose({name}, {w.operand(shape, 'iuf')})",
    )


@statement(1)
def remove(w: Writer) -> str | None:
    names = w.names()
    return f"del {w.one_of(*names)}" if len(names) > 2 else None


@statement(2)
def duplicate(w: Writer) -> str | None:
    name = w.pick()
    if name is None:
        return None
    return f"{w.new()} = " + w.one_of(
        f"{name}.copy()", f"np.array({name})", f"np.copy({name})", f"+{name}", f"np.ascontiguousarray({name})",
        f"np.array({name}[{w.index(w.space[name].shape)}])", f"np.asarray({name})",
    )  # fmt: skip


@statement(1.5)
def observe(w: Writer) -> str | None:
    """Looks at one array (which computes it) or at all of them."""
    name = w.pick(nonempty=True, max_size=1000)
    if name is None or w.chance(0.4):
        return "#? compare"
    return w.one_of(f"str({name})", f"{name}.tolist()", f"numpy.asarray({name})", f"bool(({name} == {name}).all())")
