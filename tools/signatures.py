"""A function of NumPy's as lines of a stub: parameters as Python sees them, annotations of NumPy's or of a table."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import Any

from tools import numpy_stubs
from tools.numpy_stubs import Defined, union

# parameters by name, where NumPy's stubs have no simple word
PARAMETERS = {
    "axis": "SupportsIndex | Sequence[SupportsIndex] | None",
    "dtype": "DTypeLike | None",
    "out": "_AnyArray | None",
    "keepdims": "bool",
    "where": "ArrayLike",
    "initial": "ArrayLike | None",
    "size": "SupportsIndex | Sequence[SupportsIndex] | None",
    "shape": "SupportsIndex | Sequence[SupportsIndex]",
    "order": 'Literal["K", "A", "C", "F"] | None',
    "casting": 'Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"]',
    "copy": "bool | None",
    "subok": "bool",
    "func": "Callable[..., Any]",
    "function": "Callable[..., Any]",
    "func1d": "Callable[..., Any]",
    "args": "Any",
    "kwargs": "Any",
    "axes": "Any",
    "mean": "ArrayLike",
    "correction": "float",
    **dict.fromkeys("a b c x y z m v arr ar1 ar2 a1 a2 x1 x2 c1 c2 array ary weights p q roots".split(), "ArrayLike"),
    **dict.fromkeys("n deg N M k decimals ndim".split(), "SupportsIndex"),
    **dict.fromkeys("start stop step prepend append u val values condlist indices".split(), "ArrayLike"),
    **dict.fromkeys("sub sep prefix suffix chars old new fillchar width tabsize end count i".split(), "ArrayLike"),
    **dict.fromkeys("dates begindates enddates offsets holidays fweights aweights mask filt".split(), "ArrayLike"),
    "method": "str",
    "ddof": "float",
    "base": "ArrayLike",
    "device": 'Literal["cpu"] | None',
    "like": "ArrayLike | None",
    "equal_nan": "bool",
    "tensor": "bool",
    "max_work": "int",
    "signature": "Any",
    "asarray": "bool",
    "distribution": "Any",
    "dist_dims": "SupportsIndex | Sequence[SupportsIndex] | None",
    "local_border": "int",
}
PARAMETERS_OF = {  # where two functions mean different things
    ("sort", "order"): "str | Sequence[str] | None",
    ("argsort", "order"): "str | Sequence[str] | None",
    ("partition", "order"): "str | Sequence[str] | None",
    ("argpartition", "order"): "str | Sequence[str] | None",
    ("array", "object"): "Any",
    ("asarray", "a"): "Any",
    ("full", "fill_value"): "Any",
    ("full_like", "fill_value"): "Any",
    ("einsum", "operands"): "Any",
    ("clip", "args"): "Any",
}
# what comes back, where NumPy's stubs do not say it in simple words
RESULTS = {
    **dict.fromkeys("dot inner vdot trace det cond matrix_norm matrix_rank".split(), "Any"),  # a scalar for vectors
    **dict.fromkeys("load fromfunction piecewise apply_along_axis einsum frompyfunc polyfit".split(), "Any"),
    **dict.fromkeys("where unique gradient average".split(), "Any"),
    **dict.fromkeys("chebdiv hermdiv hermediv lagdiv legdiv polydiv".split(), "tuple[ndarray, ndarray]"),
    **dict.fromkeys("chebfit hermfit hermefit lagfit legfit".split(), "Any"),
    "eig": "EigResult",
    "eigh": "EighResult",
    "slogdet": "SlogdetResult",
    "ix_": "tuple[ndarray, ...]",
    "default_rng": "Generator",
    "spawn": "list[Self]",
    "broadcast_shapes": "tuple[int, ...]",
    "shape": "tuple[int, ...]",
    "frombuffer": "ndarray",
    "bmat": "Any",
    "asmatrix": "Any",
}
_NO_TUPLE = "def {name}(a: ArrayLike, /) -> ndarray: ...", "def {name}(*arys: ArrayLike) -> tuple[ndarray, ...]: ..."
# results that depend on an argument: overloads
BY_HAND = {
    **dict.fromkeys(("atleast_1d", "atleast_2d", "atleast_3d"), _NO_TUPLE),
    "indices": (
        "def {name}(dimensions: Sequence[int], dtype: DTypeLike | None = ..., sparse: Literal[False] = False)"
        " -> ndarray: ...",
        "def {name}(dimensions: Sequence[int], dtype: DTypeLike | None = ..., *, sparse: bool)"
        " -> ndarray | tuple[ndarray, ...]: ...",
    ),
    "put": (
        "def {name}(a: object) -> Any: ...",
        "def {name}(a: _AnyArray, ind: ArrayLike, v: ArrayLike,"
        ' mode: Literal["raise", "wrap", "clip"] = ...) -> None: ...',
    ),
    "resize": (
        "def {name}(*, workers: int | None) -> int: ...",
        "def {name}(a: ArrayLike, new_shape: SupportsIndex | Sequence[SupportsIndex]) -> ndarray: ...",
    ),
    "size": (
        "def {name}() -> int: ...",
        "def {name}(a: ArrayLike, axis: int | tuple[int, ...] | None = None) -> int: ...",
    ),
    "where": (
        "def {name}(condition: ArrayLike, /) -> tuple[ndarray, ...]: ...",
        "def {name}(condition: ArrayLike, x: ArrayLike, y: ArrayLike, /) -> ndarray: ...",
    ),
    "qr": (
        'def {name}(a: ArrayLike, mode: Literal["reduced", "complete"] = "reduced") -> QRResult: ...',
        'def {name}(a: ArrayLike, mode: Literal["r"]) -> ndarray: ...',
        'def {name}(a: ArrayLike, mode: Literal["raw"]) -> tuple[ndarray, ndarray]: ...',
    ),
    "svd": (
        "def {name}(a: ArrayLike, full_matrices: bool = True, compute_uv: Literal[True] = True, "
        "hermitian: bool = False) -> SVDResult: ...",
        "def {name}(a: ArrayLike, full_matrices: bool = True, *, compute_uv: Literal[False], "
        "hermitian: bool = False) -> ndarray: ...",
    ),
    "unique": (
        "def {name}(ar: ArrayLike, return_index: Literal[False] = False, return_inverse: Literal[False] = False, "
        "return_counts: Literal[False] = False, axis: SupportsIndex | None = None, *, equal_nan: bool = True, "
        "sorted: bool = True) -> ndarray: ...",
        "def {name}(ar: ArrayLike, return_index: bool = False, return_inverse: bool = False, "
        "return_counts: bool = False, axis: SupportsIndex | None = None, *, equal_nan: bool = True, "
        "sorted: bool = True) -> Any: ...",
    ),
    "load": (
        "def {name}(file: Any, mmap_mode: str | None = None, allow_pickle: bool = False, fix_imports: bool = True, "
        'encoding: Literal["ASCII", "latin1", "bytes"] = "ASCII", *, max_header_size: int = 10000) -> Any: ...',
        "def {name}(file: Any, name: str | None = None, *, dtype: DTypeLike | None = None, ftype: str | None = None, "
        "arr_path: str | None = None, var_select: str | None = None, channels: str | None = None, "
        "shape: Any = None, offset: int = 0, order: str = ...) -> ndarray: ...",
    ),
    "save": (
        "def {name}(file: Any, arr: ArrayLike, allow_pickle: bool = True) -> None: ...",
        "def {name}(file: Any, arr: ArrayLike, name: str | None = None, *, chunks: Sequence[int] | int | None = None, "
        "compression: Any = None, mode: str = ..., ftype: str | None = None) -> None: ...",
    ),
    "linspace": (
        "def {name}(start: ArrayLike, stop: ArrayLike, num: SupportsIndex = 50, endpoint: bool = True, "
        "retstep: Literal[False] = False, dtype: DTypeLike | None = None, axis: SupportsIndex = 0, *, "
        'device: Literal["cpu"] | None = None) -> ndarray: ...',
        "def {name}(start: ArrayLike, stop: ArrayLike, num: SupportsIndex = 50, endpoint: bool = True, *, "
        "retstep: Literal[True], dtype: DTypeLike | None = None, axis: SupportsIndex = 0, "
        'device: Literal["cpu"] | None = None) -> tuple[ndarray, Any]: ...',
    ),
}
_SCALARS = frozenset("bool int float complex numpy.generic Any".split())
_SIMPLE = frozenset("None bool int str bytes".split())


def function_stub(
    name: str, function: Callable[..., Any], found: Defined | None, *, method: bool = False, own: str | None = None
) -> list[str]:
    """The lines of a stub; two overloads for what gives a scalar unless an axis or a size is given."""
    if name in BY_HAND and not method:
        return [line.format(name=name) for written in BY_HAND[name] for line in ("@overload", written)]
    spelled = _parameters(function, found)
    known = numpy_stubs.parameters(found)
    if method:
        spelled = spelled[1:]
    results = _results(name, numpy_stubs.returns(found), found)
    names = {parameter.name for parameter in spelled}
    chooser = "size" if "size" in names and "Any" in results else "axis" if {"axis", "keepdims"} <= names else None
    free = chooser and next(p for p in spelled if p.name == chooser).default is None
    if free and name not in RESULTS and results != ["None"]:
        whole = _line(name, spelled, known, "Any", method, {chooser: "None"})
        return ["@overload", whole, "@overload", _line(name, spelled, known, own or "ndarray", method, {})]
    result = RESULTS.get(name) or union(results)
    return [_line(name, spelled, known, result, method, {})]


def _parameters(function: Callable[..., Any], found: Defined | None) -> list[inspect.Parameter]:
    try:
        spelled = list(inspect.signature(function).parameters.values())
    except ValueError:
        spelled = _written(numpy_stubs.functions(found))
    more = [inspect.Parameter(own, inspect.Parameter.KEYWORD_ONLY, default=...) for own in getattr(function, "own", ())]
    last = next((n for n, p in enumerate(spelled) if p.kind is inspect.Parameter.VAR_KEYWORD), len(spelled))
    return [*spelled[:last], *more, *spelled[last:]]


def _written(overloads: list[ast.FunctionDef]) -> list[inspect.Parameter]:
    """The parameters of the last overload: functions of C that do not say theirs."""
    if not overloads:
        kinds = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD
        return [inspect.Parameter(name, kind) for name, kind in zip(("args", "kwargs"), kinds, strict=True)]
    arguments = overloads[-1].args
    positional = [*arguments.posonlyargs, *arguments.args]
    required = len(positional) - len(arguments.defaults)
    made = []
    for place, argument in enumerate(positional):
        only = place < len(arguments.posonlyargs)
        kind = inspect.Parameter.POSITIONAL_ONLY if only else inspect.Parameter.POSITIONAL_OR_KEYWORD
        default = ... if place >= required else inspect.Parameter.empty
        made.append(inspect.Parameter(argument.arg, kind, default=default))
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        given = inspect.Parameter.empty if default is None else ...
        made.append(inspect.Parameter(argument.arg, inspect.Parameter.KEYWORD_ONLY, default=given))
    return made


def _results(name: str, annotations: list[ast.expr], found: Defined | None) -> list[str]:
    """What a function gives, as members of a union: arrays are Ramba's."""
    if not annotations or found is None:
        return ["ndarray"]
    members: list[str] = []
    for annotation in annotations:
        said = numpy_stubs.words(annotation, found.module)
        members += ["(unknown)"] if said is None else [_ours(word) for word in said]
    kept = list(dict.fromkeys(members))
    if kept == ["(unknown)"]:
        return ["Any"]
    if set(kept) <= _SIMPLE or all(word.startswith(("tuple", "list")) for word in kept):
        if len(kept) > 1 and set(kept) - _SIMPLE:
            same = {word.split("[")[0] for word in kept}
            return [f"tuple[{_item(kept)}, ...]"] if same == {"tuple"} else ["Any"]
        return kept
    if any(word.startswith(("tuple", "list", "dict")) for word in kept):
        return ["Any"]  # it depends on the arguments
    if "dtype" in kept:
        return ["dtype[Any]"]
    if "ndarray" in kept or "size" not in numpy_stubs.parameters(found):
        scalar = "Any" if "size" in numpy_stubs.parameters(found) and set(kept) & _SCALARS else "ndarray"
        numbers = set(kept) <= _SCALARS - {"Any"}
        return [scalar if not numbers else "float" if kept == ["float"] else "Any"]
    return ["Any"]


def _item(tuples: list[str]) -> str:
    return "Any" if any("Any" in word for word in tuples) else "ndarray"


def _ours(word: str) -> str:
    """Arrays are Ramba's, and scalars of NumPy's in tuples may be."""
    if word == "DTypeLike":
        return "dtype"
    word = word.replace("_AnyArray", "ndarray").replace("ArrayLike", "ndarray")
    return word.replace("numpy.generic", "Any") if "[" in word else word


def _line(
    name: str,
    spelled: list[inspect.Parameter],
    known: dict[str, list[str] | None],
    result: str,
    method: bool,
    fixed: dict[str, str],
) -> str:
    """One ``def``."""
    parts: list[str] = ["self"] if method else []
    only, starred = False, False
    for parameter in spelled:
        if only and parameter.kind is not inspect.Parameter.POSITIONAL_ONLY:
            parts.append("/")
        only = parameter.kind is inspect.Parameter.POSITIONAL_ONLY
        starred |= parameter.kind is inspect.Parameter.VAR_POSITIONAL
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and not starred:
            parts.append("*")
            starred = True
        mark = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        kind = fixed.get(parameter.name) or annotation(name, parameter, known)
        default = "" if parameter.default is inspect.Parameter.empty or mark else f" = {_default(parameter.default)}"
        parts.append(f"{mark}{parameter.name}: {kind}{default}")
    if only:
        parts.append("/")
    return f"def {name}({', '.join(parts)}) -> {result}: ..."


def annotation(name: str, parameter: inspect.Parameter, known: dict[str, list[str] | None]) -> str:
    """What a parameter accepts."""
    special = PARAMETERS_OF.get((name, parameter.name))
    if special:
        return special
    said = known.get(parameter.name) or None
    if said is None:
        text = PARAMETERS.get(parameter.name, "Any")
        return f"{text} | None" if parameter.default is None and "None" not in text and text != "Any" else text
    text = union([*said, "None"] if parameter.default is None else said)
    if parameter.name == "out" and "ndarray" not in text and text != "Any":
        text = union([*said, "_AnyArray"])
    return text


def _default(value: Any) -> str:
    """A default, where it reads well."""
    return repr(value) if value is None or isinstance(value, bool | int | str) else "..."
