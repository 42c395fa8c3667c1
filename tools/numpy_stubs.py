"""NumPy's own annotations, read from the `.pyi` files that it brings, in the few words that Ramba's stubs use.

NumPy has an overload for every dtype; Ramba's stubs have one signature. A parameter gets the union of what the
overloads accept, with `ArrayLike` for every kind of array or scalar of NumPy's. For the rest there is no word.
"""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from pathlib import Path

import numpy

_ROOT = Path(numpy.__file__).parent
_PLAIN = frozenset("None bool int float complex str bytes object Any SupportsIndex ArrayLike DTypeLike slice".split())
_WORDS = {
    "_ShapeLike": ("SupportsIndex", "Sequence[SupportsIndex]"),
    "_NoValueType": (),
    "Incomplete": ("Any",),
    "py_bool": ("bool",),
    "TypeGuard": ("bool",),
    "TypeIs": ("bool",),
    "EllipsisType": ("EllipsisType",),
    "_SupportsArrayFunc": ("ArrayLike",),
    "StrPath": ("str", "PathLike[str]"),
    "StrOrBytesPath": ("str", "bytes", "PathLike[str]", "PathLike[bytes]"),
    "buffer": ("Buffer",),
    "Buffer": ("Buffer",),
    "NDArray": ("_AnyArray",),
    "ndarray": ("_AnyArray",),
    "ufunc": ("numpy.ufunc",),
    "PathLike": ("PathLike[str]",),
}
_SEQUENCES = {
    "Sequence": "Sequence",
    "SupportsLenAndGetItem": "Sequence",
    "Iterable": "Iterable",
    "Collection": "Sequence",
}
_SCALARS = frozenset(
    """generic number integer signedinteger unsignedinteger inexact floating complexfloating bool_ intp int64 int_ uintp
    float64 float32 complex128 complex64 datetime64 timedelta64 str_ bytes_ void object_ character flexible int8 uint8
    int32 uint32 int16 uint16 uint64 float16 longdouble clongdouble double""".split()
)


@dataclass(frozen=True)
class Defined:
    """A name as one of NumPy's stubs defines it."""

    nodes: tuple[ast.stmt, ...]  # its definitions there: several if it is overloaded
    module: str


@functools.cache
def _tree(module: str) -> dict[str, tuple[ast.stmt, ...]]:
    """What a stub defines, by name."""
    path = _ROOT.joinpath(*module.split(".")[1:])
    file = path / "__init__.pyi" if path.is_dir() else path.with_suffix(".pyi")
    return _by_name(ast.parse(file.read_text()).body) if file.exists() else {}


def _by_name(body: list[ast.stmt]) -> dict[str, tuple[ast.stmt, ...]]:
    found: dict[str, tuple[ast.stmt, ...]] = {}
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names = [name]
            case ast.AnnAssign(target=ast.Name(id=name)):
                names = [name]
            case ast.Assign(targets=targets):
                names = [target.id for target in targets if isinstance(target, ast.Name)]
            case ast.ImportFrom(names=aliases):
                names = [alias.asname or alias.name for alias in aliases]
            case ast.If():
                found |= {name: nodes for name, nodes in _by_name(node.body).items() if name not in found}
                continue
            case _:
                continue
        for name in names:
            found[name] = (*found.get(name, ()), node)
    return found


def find(module: str, name: str) -> Defined | None:
    """The definition of a name, through imports from stub to stub."""
    nodes = _tree(module).get(name)
    if not nodes:
        return None
    last = nodes[-1]
    if isinstance(last, ast.ImportFrom):
        package = module if (_ROOT.joinpath(*module.split(".")[1:])).is_dir() else module.rpartition(".")[0]
        for _ in range(last.level - 1):
            package = package.rpartition(".")[0]
        source = f"{package}.{last.module}" if last.level and last.module else last.module or package
        original = next(alias.name for alias in last.names if (alias.asname or alias.name) == name)
        return find(source, original) if source.startswith("numpy") else None
    match last:
        case ast.Assign(value=ast.Attribute(value=ast.Name(id=instance), attr=method)):  # rand = _rand.rand
            made = _tree(module).get(instance, ())
            if made and isinstance(made[0], ast.AnnAssign) and isinstance(made[0].annotation, ast.Name):
                return method_of(module, made[0].annotation.id, method)
        case ast.Assign(value=ast.Name(id=other)) if other != name:  # amax = max
            return find(module, other)
    return Defined(nodes, module)


def method_of(module: str, class_name: str, method: str) -> Defined | None:
    """A method, of the class itself or of one that it is made of."""
    found = find(module, class_name)
    if found is None or not isinstance(found.nodes[-1], ast.ClassDef):
        return None
    inside = _by_name(found.nodes[-1].body).get(method)
    if inside:
        return Defined(inside, found.module)
    for base in found.nodes[-1].bases:
        if isinstance(base, ast.Name) and (inherited := method_of(found.module, base.id, method)):
            return inherited
    return None


def functions(found: Defined | None) -> list[ast.FunctionDef]:
    """All overloads."""
    return [node for node in found.nodes if isinstance(node, ast.FunctionDef)] if found else []


def parameters(found: Defined | None) -> dict[str, list[str] | None]:
    """What each parameter accepts in any overload; None where there is no word for it."""
    made: dict[str, list[str] | None] = {}
    for function in functions(found):
        arguments = function.args
        several = [arguments.vararg] if arguments.vararg else []
        several += [arguments.kwarg] if arguments.kwarg else []
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *several):
            if argument.annotation is None:
                continue
            assert found is not None
            said, before = words(argument.annotation, found.module), made.get(argument.arg, [])
            known = said is not None and before is not None
            made[argument.arg] = [*(before or ()), *(said or ())] if known else None
    return made


def returns(found: Defined | None) -> list[ast.expr]:
    """The annotations of what comes back."""
    return [function.returns for function in functions(found) if function.returns is not None]


def words(node: ast.expr, module: str, depth: int = 0) -> list[str] | None:
    """An annotation as members of a union, or None."""
    match node:
        case ast.Constant(value=None):
            return ["None"]
        case ast.Constant(value=str(text)):
            return words(ast.parse(text, mode="eval").body, module, depth)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            first, second = words(left, module, depth), words(right, module, depth)
            return None if first is None or second is None else first + second
        case ast.Attribute(value=ast.Name(id="np"), attr="bool"):
            return ["numpy.generic"]
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _named(name, module, depth)
        case ast.Subscript(value=ast.Name(id="L" | "Literal"), slice=values):
            return _literal(values)
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            return _generic(name, inner, module, depth)
    return None


def _named(name: str, module: str, depth: int) -> list[str] | None:
    if name in _WORDS:
        return list(_WORDS[name])
    if name in _PLAIN:
        return [name]
    if name in _SCALARS:
        return ["numpy.generic"]
    if name.startswith("_ArrayLike") or name.endswith("Like_co"):
        return ["ArrayLike"]
    if name.startswith("_DTypeLike") or name in ("dtype", "_SupportsDType", "_DTypeT", "type"):
        return ["DTypeLike"]
    if name.endswith("Codes"):
        return ["DTypeLike"]
    if name.startswith("_") and name.endswith(("ArrayT", "ArrayT_co")):
        return ["_AnyArray"]
    found = find(module, name) if depth < 5 else None
    match found.nodes[-1] if found else None:
        case ast.AnnAssign(value=ast.expr() as value) if found:
            return words(value, found.module, depth + 1)
        case ast.Assign(value=ast.Call(func=ast.Name(id="TypeVar"), args=args, keywords=keywords)) if found:
            bounds = [*args[1:], *(keyword.value for keyword in keywords if keyword.arg == "bound")]
            parts = [words(bound, found.module, depth + 1) for bound in bounds]
            if parts and None not in parts:
                return [word for part in parts for word in part or ()]
    return None


def _literal(values: ast.expr) -> list[str] | None:
    members = values.elts if isinstance(values, ast.Tuple) else [values]
    constants = [member.value for member in members if isinstance(member, ast.Constant)]
    if all(isinstance(value, bool) for value in constants):
        return ["bool"]
    if all(isinstance(value, str | None) for value in constants):
        texts = [f"Literal[{value!r}]" for value in constants if value is not None]
        return texts + ["None"] * (None in constants)
    return ["int"] if len(constants) == len(members) else None


def _generic(name: str, inner: ast.expr, module: str, depth: int) -> list[str] | None:
    if name in _SEQUENCES:
        of = words(inner, module, depth)
        return [f"{_SEQUENCES[name]}[{union(of)}]"] if of is not None else [f"{_SEQUENCES[name]}[Any]"]
    if name == "Callable":
        return ["Callable[..., Any]"]
    if name in ("tuple", "list", "dict"):
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        made = []
        for part in parts:
            ellipsis = isinstance(part, ast.Constant) and part.value is ...
            said = ["..."] if ellipsis else words(part, module, depth)
            made.append("Any" if said is None else union(said))
        made = made or ["()"]
        return [f"{name}[{', '.join(made)}]"]
    return _named(name, module, depth)


_ARE_ARRAY_LIKE = frozenset("bool int float complex str bytes _AnyArray numpy.generic Buffer SupportsIndex".split())


_WHOLE = frozenset(("int", "SupportsIndex", "...", "()"))


def _split(word: str) -> list[str]:
    """The members of a tuple."""
    return word.removeprefix("tuple[").removesuffix("]").split(", ")


def union(members: list[str]) -> str:
    """The members as one annotation, without what others contain."""
    kept = list(dict.fromkeys(members))
    if "Any" in kept:
        return "Any"
    if "object" in kept:
        return "object"
    if "Sequence[SupportsIndex]" in kept or "Sequence[int]" in kept:
        kept = [word for word in kept if not (word.startswith("tuple[") and not set(_split(word)) - _WHOLE)]
    if "ArrayLike" in kept:
        inside = ("Sequence[SupportsIndex", "Sequence[ArrayLike", "Sequence[Sequence", "Sequence[int", "Sequence[str]")
        kept = [word for word in kept if word not in _ARE_ARRAY_LIKE and not word.startswith(inside)]
    if "str" in kept:
        kept = [word for word in kept if not word.startswith("Literal['")]
    texts = [word.removeprefix("Literal[").removesuffix("]") for word in kept if word.startswith("Literal[")]
    kept = [word for word in kept if not word.startswith("Literal[")]
    if texts:
        kept.append(f"Literal[{', '.join(texts)}]")
    if "complex" in kept:
        kept = [word for word in kept if word not in ("int", "float")]
    if "float" in kept:
        kept = [word for word in kept if word != "int"]
    if "SupportsIndex" in kept:
        kept = [word for word in kept if word != "int"]
    return " | ".join([*(word for word in kept if word != "None"), *(["None"] if "None" in kept else [])]) or "Any"
