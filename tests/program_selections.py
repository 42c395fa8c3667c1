"""More kinds of statements: masks, integer arrays, reductions, scans, joining, products."""

from __future__ import annotations

import numpy

from tests.program_statements import COMPARISONS
from tests.program_writer import Writer, statement

PADDINGS = ("constant", "edge", "wrap", "reflect", "symmetric")
SCALABLE = {"b": "b", "i": "bi", "u": "bu", "f": "biuf", "c": "biufc"}  # kinds that cast safely to a kind


def mask_of(w: Writer, name: str) -> str:
    """A mask with the shape of an array, or of its leading axes."""
    value = w.space[name]
    if w.chance(0.3):
        masks = [n for n, v in w.space.items() if n[0] == "v" and v.dtype.kind == "b" and v.shape == value.shape]
        if masks:
            return w.one_of(*masks)
    subject = name
    if value.ndim > 1 and w.chance(0.2):
        subject = f"{name}[{', '.join([':'] * (value.ndim - 1))}, 0]"
    if value.dtype.kind == "b":
        return w.one_of(subject, f"~{subject}")
    return f"{subject} {w.one_of(*COMPARISONS)} {w.scalar('u')}"


@statement(3)
def mask_get(w: Writer) -> str | None:
    name = w.pick()
    if name is None:
        return None
    value, mask = w.space[name], mask_of(w, name)
    return f"{w.new()} = " + w.one_of(
        f"{name}[{mask}]",
        f"{name}[{mask}]",
        f"np.extract({mask}, {name})",
        f"np.nonzero({mask})[0]",
        f"np.flatnonzero({mask})",
        f"np.count_nonzero({mask})",
        f"np.argwhere({mask})",
        f"{name}[{w.index(value.shape, integers=0)}][{mask}]",  # often an IndexError
        f"np.compress([True, False, True], {name}, axis={w.axis(value.ndim)})",
    )


@statement(4)
def mask_set(w: Writer) -> str | None:
    name = w.pick()
    if name is None:
        return None
    kind, mask = w.space[name].dtype.kind, mask_of(w, name)
    source = w.operand((), SCALABLE[kind], exact=True) if w.chance(0.7) else w.scalar("u")
    other = w.operand(w.space[name].shape, SCALABLE[kind], exact=True)
    lines = [
        f"{name}[{mask}] = {source}",
        f"{name}[{mask}] = {source}",
        f"{name}[{mask}] {w.one_of('+=', '-=', '*=') if kind != 'c' else '+='} {source}",
        f"m = {mask}; {name}[m] = ({name} + {name})[m]",
        f"np.putmask({name}, {mask}, {other})",
        f"np.place({name}, {mask}, [0, 1])",
        f"{name}[:][{mask}] = 1",
    ]
    if not (w.castable(source, w.space[name].dtype) and w.castable(other, w.space[name].dtype)):
        return None
    return w.one_of(*lines)


def integer_array(w: Writer, extent: int, shape: tuple[int, ...] | None = None) -> str:
    """Indices below an extent, negative ones and duplicates among them."""
    shape = shape if shape is not None else w.one_of((3,), (1,), (4,), (2, 2), (0,), ())
    if extent == 0:
        shape = (0,)
    low = -extent if w.chance(0.4) else 0
    items = w.random.randint(low, max(extent, 1), size=shape)
    if w.chance(0.02):
        items = items + extent  # IndexError
    text = repr(items.tolist())
    if 0 in shape:
        return f"np.zeros({shape}, dtype=int)"
    if w.chance(0.35) and shape:
        return text
    roll = w.random.rand()
    if roll < 0.2 and len(shape) == 1:
        return f"np.arange({shape[0]}) * {w.below(5)} % {extent}"
    return f"np.array({text}{w.one_of('', ', dtype=np.int32', '')})"


def fancy_index(w: Writer, shape: tuple[int, ...]) -> str:
    """An index with one or two integer arrays, mixed with slices, integers and newaxis."""
    first = w.below(len(shape))
    second = w.below(len(shape)) if w.chance(0.35) else first
    common = w.one_of((3,), (2, 2), (1,), (4,))
    items = []
    for axis, extent in enumerate(shape):
        if axis in (first, second):
            both = first != second
            items.append(integer_array(w, extent, w.one_of(common, common, common[-1:], (1,)) if both else None))
        elif extent and w.chance(0.15):
            items.append(str(w.below(extent, -extent)))
        else:
            items.append(w.slice_of(extent))
    items = items[: max(first, second) + 1] if w.chance(0.4) else items
    if w.chance(0.08):
        items.insert(w.below(len(items) + 1), "np.newaxis")
    if w.chance(0.08) and first == second:
        items.insert(first, "...")
        items = items if len(shape) >= len(items) - 1 else items[1:]
    return ", ".join(items)


@statement(3.5)
def fancy_get(w: Writer) -> str | None:
    name = w.pick(min_ndim=1)
    if name is None:
        return None
    value = w.space[name]
    axis = w.below(value.ndim)
    return f"{w.new()} = " + w.one_of(
        f"{name}[{fancy_index(w, value.shape)}]",
        f"{name}[{fancy_index(w, value.shape)}]",
        f"{name}[{fancy_index(w, value.shape)}]",
        f"np.take({name}, {integer_array(w, value.shape[axis])}, axis={axis})",
        f"np.take({name}, {integer_array(w, value.size)})",
        f"{name}.take({integer_array(w, value.shape[axis])}, axis={axis}, mode={w.one_of('wrap', 'clip')!r})",
        f"{name}[np.ix_({', '.join(integer_array(w, n, (3,)) for n in value.shape)})]",
        f"np.take_along_axis({name}, np.argsort({name}, axis={axis}, kind='stable'), axis={axis})",
        f"np.repeat({name}, {w.below(3)}, axis={axis})",
    )


@statement(4)
def fancy_set(w: Writer) -> str | None:
    name = w.pick(min_ndim=1)
    if name is None:
        return None
    value = w.space[name]
    target = f"{name}[{fancy_index(w, value.shape)}]"
    try:
        shape = w.value(target).shape
    except Exception:
        shape = ()
    source = w.operand(shape, SCALABLE[value.dtype.kind], exact=True)
    count = int(numpy.prod(shape))
    ramp = f"(np.arange({count}) % 7).reshape({shape})"  # shows which assignment was the last
    if not w.castable(source, value.dtype):
        return None
    return w.one_of(
        f"{target} = {ramp}",
        f"{target} = {ramp}",
        f"{target} = {source}",
        f"{target} {w.one_of('+=', '*=') if value.dtype.kind != 'c' else '+='} {source}",
        f"np.put({name}, {integer_array(w, value.size)}, {w.scalar('u')})",
        f"np.add.at({name}, {integer_array(w, value.shape[0])}, {w.scalar('u')})",
        f"np.put_along_axis({name}, np.zeros({(*value.shape[:-1], 1)}, dtype=int), 1, axis=-1)",
    )


@statement(3)
def scalars(w: Writer) -> str | None:
    name = w.pick(nonempty=True)
    if name is None:
        return None
    value = w.space[name]
    at = ", ".join(str(w.below(n, -n)) for n in value.shape) or "()"
    kind = value.dtype.kind
    return w.one_of(
        f"{name}[{at}] = {w.scalar('u')}",
        f"{name}[{at}] = {w.scalar(w.one_of(*SCALABLE[kind])) if kind not in 'iu' else w.scalar(kind)}",
        f"{name}[{at}] += {w.scalar('u')}",
        f"{w.new()} = {name}[{at}]",
        f"{w.new()} = np.array({name}.item({w.below(value.size)}))",
        f"{w.new()} = {name}[{at}] * {name}" if kind != "c" else f"{w.new()} = {name}[{at}] + {name}",
    )


def axes(w: Writer, ndim: int) -> str:
    """Nothing, None, one axis or a tuple of them."""
    roll = w.random.rand()
    if roll < 0.35 or ndim == 0:
        return w.one_of("", ", axis=None")
    if roll < 0.75 or ndim == 1:
        return f", axis={w.axis(ndim)}"
    chosen = w.random.permutation(ndim)[: w.below(ndim + 1, 1)]
    return f", axis={tuple(int(a) - (ndim if w.chance(0.2) else 0) for a in chosen)}"


@statement(7)
def reduction(w: Writer) -> str | None:
    name = w.pick()
    if name is None:
        return None
    kind, ndim = w.space[name].dtype.kind, w.space[name].ndim
    source = name if w.chance(0.75) else f"{name}[{w.index(w.space[name].shape)}]"
    if w.chance(0.2) and kind in "iuf":
        source = f"({name} {w.one_of('+', '*')} {w.operand(w.space[name].shape, 'iuf')})"
    ops = ["sum", "sum", "prod", "any", "all", "min", "max", "mean", "ptp", "count_nonzero", "var", "std"]
    ops += ["nansum", "nanmax", "nanmin", "nanmean", "argmin", "argmax", "nanprod", "median"]
    op = w.one_of(*ops)
    keepdims = ", keepdims=True" if w.chance(0.3) else ""
    if op.startswith("arg"):
        axis, extra = (f", axis={w.axis(ndim)}" if ndim and w.chance(0.7) else ""), ""
    else:
        axis, extra = axes(w, ndim), ""
        if op in ("sum", "prod") and w.chance(0.25):
            extra += f", dtype={w.one_of('f8', 'f4', 'c16') if kind in 'fc' else w.one_of('f4', 'i8', 'i2', 'u8')!r}"
        if op in ("sum", "prod", "min", "max") and w.chance(0.25):
            extra += f", initial={w.scalar('u')}"
        if op in ("sum", "prod", "max", "any", "mean") and w.chance(0.2):
            extra += f", where={w.operand(w.space[name].shape, 'b')}"
        if op in ("var", "std") and w.chance(0.4):
            extra += ", ddof=1"
    try:
        exact = op in ("sum", "nansum", "mean") and kind in "biuf" and w.sums_exactly(source) and "'f4'" not in extra
    except Exception:
        exact = True
    target = w.new()
    rounded = kind in "fc" or op in ("mean", "var", "std", "nanmean", "median") or "'f" in extra or "'c" in extra
    summed = op.endswith(("sum", "prod", "mean", "var", "std", "median"))
    mark = f"  #~ {target} of {source}" if rounded and summed and not exact else ""
    if mark and target in source:
        return None
    method = op in ("sum", "prod", "any", "all", "min", "max", "mean", "var", "std", "argmin", "argmax")
    arguments = f"{axis}{keepdims}{extra}"
    if method and w.chance(0.4):
        return f"{target} = {source}.{op}({arguments.lstrip(', ')}){mark}"
    return f"{target} = np.{op}({source}{arguments}){mark}"


@statement(3)
def scan(w: Writer) -> str | None:
    name = w.pick()
    if name is None:
        return None
    value = w.space[name]
    kind, ndim = value.dtype.kind, value.ndim
    axis = f", axis={w.axis(ndim)}" if ndim and w.chance(0.7) else ""
    op = w.one_of(
        "cumsum",
        "cumprod",
        "cumsum",
        "nancumsum",
        "diff",
        "maximum.accumulate",
        "add.accumulate",
        "multiply.accumulate",
    )
    target = w.new()
    if op == "diff":
        return f"{target} = np.diff({name}{axis})"
    if kind == "c" and "max" in op:
        return None
    exact = "maximum" in op or (kind in "biu") or (("sum" in op or "add" in op) and w.sums_exactly(name))
    if not exact and target == name:
        return None
    return f"{target} = np.{op}({name}{axis})" + ("" if exact else f"  #~ {target} of {name}")


@statement(2)
def reduced_back(w: Writer) -> str | None:
    """A reduction that meets its own operand again, as in softmax."""
    name = w.pick("iuf", min_ndim=1, nonempty=True)
    if name is None:
        return None
    axis = w.below(w.space[name].ndim)
    op = w.one_of("min", "max", "argmax", "any")
    return f"{w.new()} = {name} {w.one_of('-', '+', '*')} {name}.{op}(axis={axis}, keepdims=True)"


@statement(5)
def join(w: Writer) -> str | None:
    name = w.pick()
    if name is None:
        return None
    value = w.space[name]
    ndim, shape = value.ndim, value.shape
    axis = w.axis(ndim)
    other = w.operand(shape, exact=False)
    if ndim == 0 or w.chance(0.3):
        pieces = f"[{name}, {other}]" if w.chance(0.8) else f"[{name}]"
        return (
            f"{w.new()} = np.{w.one_of('stack', 'hstack', 'vstack', 'concatenate', 'column_stack', 'dstack')}({pieces})"
        )
    part = f"{name}[{w.slice_of(shape[0])}]"
    return f"{w.new()} = " + w.one_of(
        f"np.concatenate([{name}, {part}])",
        f"np.concatenate([{name}, {name}, {other}], axis={axis})",
        f"np.append({name}, {other})",
        f"np.roll({name}, {w.below(5, -5)}, axis={axis})",
        f"np.roll({name}, {w.below(5, -5)})",
        f"np.pad({name}, {w.one_of(1, (1, 2), 0)}, mode={w.one_of(*PADDINGS)!r})",
        f"np.tile({name}, {w.one_of(2, (2, 1), (1, 2, 1))})",
        f"np.repeat({name}, {w.below(3)})",
        f"np.triu({name}, {w.below(3, -2)})" if ndim > 1 else f"np.diag({name}, {w.below(2, -2)})",
        f"np.array_split({name}, {w.below(4, 1)}, axis={axis})[0]",
        f"np.block([[{name}, {name}], [{name}, {name}]])",
        f"np.insert({name}, 0, 1, axis={axis})",
        f"np.delete({name}, 0, axis={axis})",
        f"np.sort({name}, axis={axis})",
        f"np.unique({name})",
        f"np.searchsorted(np.sort({name}.ravel()), {name})",
    )


@statement(2)
def product(w: Writer) -> str | None:
    name = w.pick("iuf", min_ndim=1, max_size=20_000)
    if name is None:
        return None
    value, target = w.space[name], w.new()
    other = w.pick("iuf", min_ndim=1, max_size=20_000) if w.chance(0.15) else None
    text = w.one_of(
        f"{name} @ {other or name + '.T'}",
        f"np.dot({name}, {other or name + '.T'})",
        f"np.matmul({name}, {other or name}.swapaxes(-1, {w.one_of(-2, 0)}))",
        f"np.inner({name}, {other or name})",
        f"np.outer({name}, {other or name}[0])",
        f"np.tensordot({name}, {other or name}, axes=0)",
        f"np.multiply.outer({name}, {other or name}.ravel()[:3])",
        f"np.einsum('i...,i...->...', {name}, {name})",
        f"np.trace({name})",
    )
    if target in (name, other):
        return None
    exact = value.dtype.kind in "iu" and (other is None or w.space[other].dtype.kind in "iu")
    return f"{target} = {text}" + (
        "" if exact else f"  #~ {target} of np.square({name})" if other is None else f"  #~ {target} of {name}"
    )
