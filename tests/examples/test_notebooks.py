"""The notebooks show what their cells give."""

from __future__ import annotations

import pytest

from tools import notebooks

NEEDED = {"groupby_and_xarray": ("xarray", "pandas"), "files_larger_than_memory": ("h5py", "zarr")}
PATHS = sorted(notebooks.FOLDER.glob("*.ipynb"))

pytestmark = pytest.mark.own_modes


def test_all_are_here() -> None:
    assert [path.stem for path in PATHS] == ["files_larger_than_memory", "groupby_and_xarray", "skeletons_and_stencils"]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_outputs(path: notebooks.Path) -> None:
    for library in NEEDED.get(path.stem, ()):
        pytest.importorskip(library)
    notebook = notebooks.read(path)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebooks.outputs(notebook) == notebooks.stored(notebook)
