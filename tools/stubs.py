"""Writes the stubs of Ramba's namespace: what type checkers read in place of the names that are made at first use.

``python -m tools.stubs`` (``make stubs``) writes them into the package, next to the modules they describe.
"""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy

import ramba
from ramba.doors import Called
from tools import array_stub, numpy_stubs
from tools.signatures import function_stub

PACKAGE = Path(__file__).parent.parent / "src" / "ramba"
_POLYNOMIALS = "chebyshev hermite hermite_e laguerre legendre polynomial".split()
# doors whose functions give Ramba's arrays
TYPED = ["fft", "linalg", "random", "emath", "strings", "char", "lib.scimath", "lib.stride_tricks", "lib.array_utils"]
TYPED += [f"polynomial.{name}" for name in _POLYNOMIALS]
# doors that give NumPy's own classes and functions: NumPy's annotations hold
SAME = """ctypeslib dtypes exceptions lib lib.format lib.introspect lib.mixins lib.npyio ma ma.extras ma.mrecords
    ma.testutils polynomial polynomial.polyutils rec testing testing.overrides""".split()

HEADER = f'''"""{{title}}"""

# Written by `make stubs` with NumPy {numpy.__version__}: not to be edited by hand.
'''
IMPORTS = """
import builtins
from collections.abc import Callable, Iterable, Iterator, Sequence
from os import PathLike
from types import EllipsisType
from typing import Any, ClassVar, Generic, Literal, NamedTuple, Self, SupportsIndex, TypeAlias, overload

import numpy
from numpy import dtype
from numpy.typing import ArrayLike, DTypeLike
from typing_extensions import Buffer, TypeVar
"""
ALIASES = """
_Shape = TypeVar("_Shape", bound=tuple[Any, ...], default=tuple[Any, ...], covariant=True)
_DType = TypeVar("_DType", bound=dtype[Any], default=dtype[Any], covariant=True)
_Casting: TypeAlias = Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"]
_Mode: TypeAlias = Literal["raise", "wrap", "clip"]
_AnyArray: TypeAlias = ndarray | numpy.ndarray[Any, Any]
_Out: TypeAlias = _AnyArray | tuple[_AnyArray | None, ...] | None
_Key: TypeAlias = slice | EllipsisType | _AnyArray | Sequence[Any] | None
"""
JOINERS = """
class _Joiner:
    def __getitem__(self, key: Any) -> ndarray: ...

class _Grid:
    def __getitem__(self, key: slice | complex | tuple[slice | complex, ...]) -> ndarray: ...

class _OpenGrid:
    @overload
    def __getitem__(self, key: tuple[slice | complex, ...]) -> tuple[ndarray, ...]: ...
    @overload
    def __getitem__(self, key: slice | complex) -> ndarray: ...

c_: _Joiner
r_: _Joiner
mgrid: _Grid
ogrid: _OpenGrid
"""
# annotated where they are
OWN = {name for name in ramba._beyond if not hasattr(numpy, name) and inspect.isfunction(getattr(ramba, name))}
MODULES = ("config", "errors", "events")


def rooms() -> dict[Path, str]:
    """Every stub with its text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = {PACKAGE / "__init__.pyi": _namespace(), PACKAGE / "typing.pyi": _typing()}
        made[PACKAGE / "lazyarray" / "bound.pyi"] = _bound()
        for door in TYPED:
            made[place(door)] = _door(door)
        for door in SAME:
            made[place(door)] = _same(door)
    return {path: tidy(text) for path, text in made.items()}


def place(door: str) -> Path:
    folder = PACKAGE.joinpath(*door.split("."))
    return folder / "__init__.pyi" if folder.is_dir() else folder.with_suffix(".pyi")


def tidy(text: str) -> str:
    """The text without imports that it does not need, in the house's format."""
    ruff = [str(Path(sys.executable).parent / "ruff")]
    for command in (["check", "--select", "F401,I", "--fix", "--quiet"], ["format"]):
        done = subprocess.run(
            [*ruff, *command, "--stdin-filename", str(PACKAGE / "tidied.pyi"), "-"],
            input=text, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if not done.stdout:
            raise RuntimeError(done.stderr)
        text = done.stdout
    return text


def _namespace() -> str:
    names = sorted({*numpy.__all__, *ramba.__all__, *ramba._beyond})
    body = [array_stub.array_class(), array_stub.UFUNC]
    ufuncs = {name: getattr(ramba, name) for name in names if isinstance(getattr(ramba, name), ramba.ufunc)}
    body += [array_stub.ufunc_class(*kind) for kind in sorted({(f.nin, f.nout) for f in ufuncs.values()})]
    imports, functions = [], []
    for name in names:
        if name in ("__version__", "ndarray", "ufunc", "c_", "r_", "mgrid", "ogrid", *MODULES):
            continue
        value = getattr(ramba, name)
        if name in OWN:
            imports.append(f"from {value.__module__} import {name} as {name}")
        elif name in ufuncs:
            functions.append(f"{name}: {array_stub.ufunc_name(value.nin, value.nout)}")
        else:
            line = _entry(name, value, numpy, "numpy")
            (imports if line.startswith("from") else functions).append(line)
    modules = sorted({*MODULES, *ramba._doors})
    imports += ["from ramba.lazyarray.info import Info", "from ramba.lazyarray.placing import Distribution"]
    imports += ["from ramba.pictures.plans import Drawing"]
    imports += [f"from ramba import {name} as {name}" for name in modules]
    own = [f"__version__: str\n__all__: list[str]\n{JOINERS}"]
    title = (ramba.__doc__ or "").splitlines()[0]
    text = _builtins("\n".join([*body, *own, *functions]), "bool")
    return "\n".join([HEADER.format(title=title), IMPORTS, *imports, ALIASES, text])


def _bound() -> str:
    """The methods of arrays, for the package itself."""
    title = "The methods and attributes that are bound to the class of arrays, for type checkers of the package itself."
    own = "from ramba.grouping import GroupBy\nfrom ramba.lazyarray.core import ndarray\n"
    own += "from ramba.lazyarray.info import Info\nfrom ramba.lazyarray.placing import Distribution\n"
    own += "from ramba.pictures.plans import Drawing\n"
    aliases = ALIASES[ALIASES.index("_Casting") :]
    return "\n".join([HEADER.format(title=title), IMPORTS, own, aliases, array_stub.bound_class()])


def _entry(name: str, value: Any, np_module: ModuleType, source: str) -> str:
    """One name of a module of NumPy's."""
    theirs = getattr(np_module, name, None)
    if isinstance(value, type) and getattr(value, "__module__", "").startswith("ramba"):
        if theirs is None or value.__module__ == "ramba.errors":
            return f"from {value.__module__} import {name} as {name}"
        return f"from {source} import {name} as {name}"
    if isinstance(value, ModuleType) and value.__name__.startswith("ramba"):
        return f"from {value.__name__.rpartition('.')[0]} import {name} as {name}"
    if (inspect.isroutine(value) or isinstance(value, Called)) and not isinstance(value, type):
        found = numpy_stubs.find(source, name)
        return "\n".join(function_stub(name, value, found))
    return f"from {source} import {name} as {name}"


def _door(door: str) -> str:
    module, np_module = importlib.import_module(f"ramba.{door}"), _theirs(door)
    source = np_module.__name__
    lines = [_named_tuples(source)]
    for name in sorted(set(module.__all__)):
        value = getattr(module, name, None)
        if name in ("test", "_UFUNC_API") or value is None:
            continue
        if door == "random" and name in ("Generator", "RandomState"):
            lines.append(_generator(name, value))
        elif type(value) is ramba.ufunc:
            lines.append(f"from ramba import {name} as {name}")
        else:
            lines.append(_entry(name, value, np_module, source))
    text = "\n".join(lines)
    if door == "random":  # whose methods accept more than NumPy's
        text = '# mypy: disable-error-code="override"\n' + _builtins(text, "bytes")
    return "\n".join([HEADER.format(title=_title(module)), IMPORTS, "from ramba import ndarray", _AN_ARRAY, text])


def _builtins(text: str, name: str) -> str:
    """The text with Python's own type where a module has something else of this name."""
    return re.sub(rf"(?<![\w.]){name}(?=[\s,|\])=:])(?! as )", f"builtins.{name}", text)


def _theirs(door: str) -> ModuleType:
    """The module of NumPy's that a door stands for."""
    return numpy.emath if door == "emath" else importlib.import_module(f"numpy.{door}")


_AN_ARRAY = "\n_AnyArray: TypeAlias = ndarray | numpy.ndarray[Any, Any]\n"


def _title(module: ModuleType) -> str:
    return re.sub(r"\s+", " ", module.__doc__ or "").strip()


def _named_tuples(source: str) -> str:
    """Named tuples of arrays that functions of `numpy.linalg` give."""
    if source != "numpy.linalg":
        return ""
    fields = {
        "EigResult": "eigenvalues eigenvectors", "EighResult": "eigenvalues eigenvectors", "QRResult": "Q R",
        "SVDResult": "U S Vh",
    }  # fmt: skip
    made = [
        f"class {name}(NamedTuple):\n" + "".join(f"    {field}: ndarray\n" for field in row.split())
        for name, row in fields.items()
    ]
    return "\n".join([*made, "class SlogdetResult(NamedTuple):\n    sign: Any\n    logabsdet: Any\n"])


def _generator(name: str, value: type) -> str:
    """One of NumPy's generators of random numbers, whose methods give Ramba's arrays."""
    base = getattr(numpy.random, name)
    lines = [f"class {name}(numpy.random.{name}):", f'"""{(value.__doc__ or "").strip()}"""', ""]
    for method in sorted(vars(base)):
        attribute = getattr(base, method)
        if method.startswith("_") or not callable(attribute):
            continue
        found = numpy_stubs.method_of("numpy.random", name, method)
        lines += function_stub(method, attribute, found, method=True)
    return "\n    ".join(lines) + "\n"


def _same(door: str) -> str:
    module, np_module = importlib.import_module(f"ramba.{door}"), _theirs(door)
    lines = []
    for name in sorted(set(module.__all__)):
        theirs = getattr(np_module, name, None)
        if isinstance(theirs, ModuleType):
            own = f"ramba.{door}.{name}"
            here = place(f"{door}.{name}").exists() or (PACKAGE / door.replace(".", "/") / f"{name}.py").exists()
            lines.append(f"from {own.rpartition('.')[0] if here else np_module.__name__} import {name} as {name}")
        elif theirs is not None and name != "test":
            lines.append(f"from numpy.{door} import {name} as {name}")
    return "\n".join([HEADER.format(title=_title(module)), *lines])


def _typing() -> str:
    text = [HEADER.format(title=_title(importlib.import_module("ramba.typing"))), "from typing import Any, TypeAlias"]
    text += ["import numpy", "from numpy.typing import ArrayLike as ArrayLike, DTypeLike as DTypeLike"]
    text += ["from numpy.typing import NBitBase as NBitBase", "from ramba import ndarray", "from typing import TypeVar"]
    text += ['_Scalar = TypeVar("_Scalar", bound=numpy.generic)']
    text += ["NDArray: TypeAlias = ndarray[tuple[Any, ...], numpy.dtype[_Scalar]]"]
    return "\n".join(text)


def main() -> None:
    """Writes all stubs."""
    for path, text in rooms().items():
        path.write_text(text)


if __name__ == "__main__":
    main()
