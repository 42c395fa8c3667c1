"""Functions of other libraries that ask for NumPy's own class, and how they are taught to take ours."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import pickle
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy
import pytest

from ramba.lazyarray.foreign import lent
from ramba.neighbours import arrivals
from ramba.neighbours.lending import lending, teach
from ramba.neighbours.table import FUNCTIONS
from tests.subject import ramba, repeats

pytestmark = pytest.mark.own_modes
SIZES = pytest.mark.parametrize("n", [60, 200_000])
LIBRARY = """
def insists(x, *more, out=None):
    assert type(x) is numpy.ndarray and all(type(y) is numpy.ndarray for y in more), type(x)
    x += 1
    return x.sum()

class Insisting:
    def __init__(self, x):
        self.x = x

    @classmethod
    def of(cls, x):
        return cls(x)
"""


def library(name: str) -> ModuleType:
    made = ModuleType(name)
    made.numpy = numpy  # type: ignore[attr-defined]
    exec(LIBRARY, made.__dict__)
    return made


@SIZES
def test_a_function_gets_the_memory_itself(n: int) -> None:
    taught = lending(library("some").insists)
    x = ramba.arange(n) * 1.0
    assert taught(x) == n + n * (n - 1) / 2
    assert x[1] == 2
    assert inspect.signature(taught) == inspect.signature(library("some").insists)


@SIZES
def test_what_is_lent(n: int) -> None:
    x, one = ramba.arange(n) * 1.0, (ramba.arange(n) * 1.0).sum()
    found = lent({"a": [x, (x, 3)], "b": one, "c": [one, 2]})
    assert [type(y) for y in (found["a"][0], found["a"][1][0])] == [numpy.ndarray] * 2
    assert isinstance(found["b"], numpy.float64)
    assert isinstance(found["c"][0], numpy.float64)
    for same in ([1, [2, (3,)]], {"a": numpy.arange(3)}, list(range(1000)), [[1, 2]] * 1000, (), [], "text", None):
        assert lent(same) is same
    assert type(lent([[x, 1]] * 50)[49][0]) is numpy.ndarray


def test_everybody_who_has_a_function_gets_what_takes_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    module, other = library("insisting.core"), ModuleType("insisting.api")
    other.renamed = module.insists  # type: ignore[attr-defined]
    for each in (module, other):
        monkeypatch.setitem(sys.modules, each.__name__, each)
    teach(module, dict.fromkeys(("insists", "Insisting.__init__", "Insisting.of", "gone", "Gone.method"), lending))
    x = ramba.arange(5) * 1.0
    assert other.renamed is module.insists
    assert module.insists(x) == 15
    for made in (module.Insisting(x), module.Insisting.of(x)):
        assert type(made.x) is numpy.ndarray


def test_modules_are_heard_of_when_they_are_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "heard_of.py").write_text("value = 3\n")
    monkeypatch.syspath_prepend(tmp_path)
    heard: list[Any] = []
    watcher = arrivals.Watcher({"heard_of": lambda module: heard.append(module.value), "json.missing": heard.append})
    monkeypatch.setattr(sys, "meta_path", [watcher, arrivals.Watcher({"heard_of": heard.append}), *sys.meta_path])
    assert importlib.util.find_spec("heard_of") is not None
    assert not heard
    module = importlib.import_module("heard_of")
    assert heard == [module, 3]  # the one that is asked last hears it first
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("json.missing")
    monkeypatch.delitem(sys.modules, "heard_of")


@pytest.mark.parametrize("first", ["ramba", *repeats("{}")])
@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("pandas", "print(int(pandas.DataFrame({'a': numpy.ones(9)}).groupby(ramba.arange(9) % 2).sum().a[0]))"),
        (
            "scipy.ndimage",
            "x = ramba.zeros((3, 3), 'i4'); scipy.ndimage.label(x == 0, output=x); print(5 * int(x[0, 0]))",
        ),
        ("numba", "print(numba.njit(lambda a: a[1])(ramba.arange(9) * 5))"),
        (
            "h5py",
            "f = h5py.File('x', 'w', driver='core', backing_store=False); f['d'] = [1, 5]; print(f['d'][ramba.arange(2) > 0][0])",
        ),
    ],
)
def test_before_and_after(name: str, line: str, first: str) -> None:
    pytest.importorskip(name)
    imports = [name, "ramba"] if first == "{}" else ["ramba", name]
    program = "".join(f"import {each}\n" for each in ["numpy", *imports]) + line
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("5", "")


def test_numba_alone_does_not_import_ramba() -> None:
    program = "import sys, numba; numba.njit(lambda x: x + 1)(1); print('ramba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("False", "")


def test_importing_ramba_imports_no_other_library() -> None:
    program = "import sys, ramba; print(sorted({name.partition('.')[0] for name in sys.modules} & set(sys.argv[1:])))"
    names = {name.partition(".")[0] for name in FUNCTIONS} - {"json", "numpy"}
    done = subprocess.run([sys.executable, "-c", program, *names], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.neighbours
@pytest.mark.parametrize("module", sorted(FUNCTIONS))
def test_the_functions_of_the_table_are_there(module: str) -> None:
    pytest.importorskip(module.partition(".")[0])
    found = importlib.import_module(module)
    for path in FUNCTIONS[module]:
        value: Any = found
        for part in path.split("."):
            value = getattr(value, part)
        assert hasattr(value, "__wrapped__"), f"{module}: {path}"


def test_what_is_taught_is_pickled_by_name() -> None:
    pandas = pytest.importorskip("pandas")
    assert pickle.loads(pickle.dumps(pandas.factorize)) is pandas.factorize


@SIZES
def test_json(n: int) -> None:
    x = ramba.arange(n) * 0.5
    assert json.dumps({"mean": x.mean(), "all": [x.max()]}) == json.dumps({"mean": (n - 1) / 4, "all": [(n - 1) / 2]})
    for unknown in (ramba.arange(n).sum(), x, numpy.arange(3)):
        with pytest.raises(TypeError, match="not JSON serializable"):
            json.dumps(unknown)


@SIZES
def test_numexpr_finds_variables_where_it_is_called(n: int) -> None:
    numexpr = pytest.importorskip("numexpr")
    x, out = ramba.arange(n) * 1.0, ramba.zeros(n)  # noqa: F841 - numexpr looks for it
    assert numexpr.evaluate("2 * x + 1", out=out) is out
    assert out[3] == 7
    assert numexpr.evaluate("x + 1", disable_cache=True)[3] == 4
    assert numexpr.validate("x + 2") is None
    assert numexpr.re_evaluate()[3] == 5
