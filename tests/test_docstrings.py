"""What is written at functions is true: examples give what they say, our own functions say all that they should."""

from __future__ import annotations

import ast
import doctest
import importlib
import importlib.util
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

import ramba
from ramba import config, events, ops
from ramba.kernels import KERNELS

SOURCE = Path(ramba.__file__).parent
WITH_EXAMPLES = sorted(path for path in SOURCE.rglob("*.py") if ">>> " in path.read_text())
OWN: dict[str, Callable[..., Any]] = {
    name: getattr(ramba, name)
    for name in ramba._beyond
    if not hasattr(numpy, name) and inspect.isroutine(getattr(ramba, name))
}
OWN |= {"config.set": config.set, "events.subscribe": events.subscribe, "formula": ops.formula, "ir": ops.ir}
PACKAGES = {"hdf5": "h5py", "zarr": "zarr"}
pytestmark = pytest.mark.one_process


def has_what_it_needs(test: doctest.DocTest) -> bool:
    """Whether a package is here of which the function is named."""
    package = PACKAGES.get(test.name.rpartition("_")[2])
    return package is None or importlib.util.find_spec(package) is not None


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_examples_give_what_they_say(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module(".".join(path.relative_to(SOURCE.parent).with_suffix("").parts))
    with config.set(backend="threads"):
        try:
            tests = [test for test in doctest.DocTestFinder().find(module) if test.examples]
            monkeypatch.chdir(tmp_path)
            said: list[str] = []
            for test in filter(has_what_it_needs, tests):
                doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, said.append)
        finally:
            ramba.shutdown()
            ramba.reset_timing(on=False)
    assert tests
    assert not said, "".join(said)


@pytest.mark.parametrize("name", sorted(OWN))
def test_own_functions_have_the_sections_of_numpydoc(name: str) -> None:
    function = inspect.unwrap(OWN[name])
    text, signature = inspect.getdoc(function) or "", inspect.signature(function)
    wanted = {"Examples"} | ({"Parameters"} if signature.parameters else set())
    if str(signature.return_annotation) != "None":
        wanted.add("Yields" if inspect.isgeneratorfunction(function) else "Returns")
    if any(isinstance(node, ast.Raise) for node in ast.walk(ast.parse(inspect.getsource(function)))):
        wanted.add("Raises")
    assert set(re.findall(r"(?m)^(\w+)\n-+$", text)) >= wanted
    said = re.findall(r"(?m)^[\w*, ]+", text.partition("Parameters\n")[2].partition("\n\n")[0])
    assert not set(signature.parameters) - set(re.findall(r"\w+", " ".join(said)))


@pytest.mark.parametrize("name", sorted(KERNELS))
def test_kernels_say_what_they_take_and_exchange_and_where_they_come_from(name: str) -> None:
    text = inspect.getdoc(KERNELS[name].run) or ""
    assert re.findall(r"(?m)^(\w+): \S", text) == ["Types", "Exchanged", "Algorithm"]
    assert len(text.partition("\n")[0]) > 20
