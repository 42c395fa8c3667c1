"""Calls of the vector math library."""

from __future__ import annotations

from collections.abc import Callable

from ramba.codegen.emit_vector import ELEMENT, Lanes, Value, item_size
from ramba.ops.libm import LIBM, scalar_symbol, vector_symbol


def guarded(
    lanes: Lanes, name: str, args: tuple[Value, ...], trusted: Value, vectors: Callable[[tuple[Value, ...]], Value]
) -> Value:
    """What ``vectors`` makes of the arguments; lanes that are not trusted to it go to the library's scalar function."""
    text, dtype = lanes.text, args[0].dtype
    result = text.variable(lanes.type(dtype))
    odd, even, after = text.label(), text.label(), text.label()

    def safe() -> tuple[Value, ...]:
        inside = lanes.constant(dtype, LIBM[name].inside)
        return tuple(lanes.select(trusted, arg, inside) for arg in args)

    text.branch(lanes.any(lanes.invert(trusted)), odd, even)
    text.place(even)
    # calls stay in their branch; arithmetic that does not change in a loop is moved out of both by LLVM
    text.set(result, vectors(safe() if LIBM[name].formula else args).parts[0])
    text.goto(after)
    text.place(odd)
    text.set(result, _scalars(lanes, name, args, trusted, vectors(safe())))
    text.goto(after)
    text.place(after)
    return Value(dtype, (text.get(result),))


def vectors(lanes: Lanes, name: str, args: tuple[Value, ...]) -> Value:
    """The function in full-width pieces, whatever the number of lanes: a number has the same result in any kernel."""
    dtype, target = args[0].dtype, lanes.target
    if target.libmvec is None:
        raise ValueError(f"{target.triple} has no vector function {name}.")
    width = target.vector_bits // (8 * item_size(dtype))
    kind, function = f"<{width} x {ELEMENT[dtype]}>", vector_symbol(name, dtype, target.libmvec, width)
    pieces = []
    for start in range(0, lanes.width, width):
        # lanes that a narrow vector lacks repeat its last one: they raise no flag of their own
        chosen = [min(lane, lanes.width - 1) for lane in range(start, start + width)]
        passed = [(kind, lanes.shuffle(dtype, arg.parts[0], chosen)) for arg in args]
        pieces.append(lanes.text.call(kind, function, *passed))
    return Value(dtype, (_joined(lanes, dtype, pieces, width),))


def _joined(lanes: Lanes, dtype: str, pieces: list[str], width: int) -> str:
    """Vectors of ``width`` lanes in a row, as one vector of as many lanes as there are."""
    while len(pieces) > 1:
        kind = f"<{width} x {ELEMENT[dtype]}>"
        mask = f"<{2 * width} x i32> <{', '.join(f'i32 {lane}' for lane in range(2 * width))}>"
        pieces = [lanes.text.let(f"shufflevector {kind} {a}, {kind} {b}, {mask}")
                  for a, b in zip(pieces[::2], pieces[1::2], strict=True)]  # fmt: skip
        width *= 2
    return pieces[0] if width == lanes.width else lanes.shuffle(dtype, pieces[0], list(range(lanes.width)), width)


def _scalars(lanes: Lanes, name: str, args: tuple[Value, ...], trusted: Value, regular: Value) -> str:
    """The vector of results, with the scalar function's in the lanes that are not trusted."""
    text, dtype = lanes.text, args[0].dtype
    kind, element, flags = lanes.type(dtype), ELEMENT[dtype], f"<{lanes.width} x i8>"
    places = [text.allocate(kind, 64) for _ in args]
    for place, arg in zip(places, args, strict=True):
        text.do(f"store {kind} {arg.parts[0]}, ptr {place}, align 64")
    results, mask = text.allocate(kind, 64), text.allocate(flags, 64)
    text.do(f"store {kind} {regular.parts[0]}, ptr {results}, align 64")
    fine_lanes = text.let(f"zext <{lanes.width} x i1> {trusted.parts[0]} to {flags}")
    text.do(f"store {flags} {fine_lanes}, ptr {mask}, align 64")
    with text.loop("0", str(lanes.width)) as lane:
        fine = text.let(f"load i8, ptr {text.let(f'getelementptr i8, ptr {mask}, i64 {lane}')}")
        with text.when(text.let(f"icmp eq i8 {fine}, 0")):
            addresses = [text.let(f"getelementptr {element}, ptr {place}, i64 {lane}") for place in [*places, results]]
            numbers = [(element, text.let(f"load {element}, ptr {address}")) for address in addresses[:-1]]
            found = text.call(element, scalar_symbol(name, dtype), *numbers)
            text.do(f"store {element} {found}, ptr {addresses[-1]}")
    return text.let(f"load {kind}, ptr {results}, align 64")
