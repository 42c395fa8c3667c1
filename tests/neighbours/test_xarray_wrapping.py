"""xarray's own tests of what it wraps, with an entry for our arrays: eager ones, lazy ones, and those on workers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.subject import mode

theirs = pytest.importorskip("xarray.tests.test_duck_array_wrapping")
theirs.NAMESPACE_ARRAYS["ramba"] = {"attrs": {"array": "ndarray", "constructor": "asarray"}, "xfails": {}}
theirs.NAMESPACES[:] = ["ramba"]  # what the classes are parametrised by: for each collection of this file alone

pytestmark = [pytest.mark.neighbours, pytest.mark.own_modes, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(params=["default", "interpreted", "2 workers"], autouse=True)
def _how(request: pytest.FixtureRequest) -> Iterator[None]:
    with mode(request.param):
        yield


class TestTopLevelMethods(theirs.TestTopLevelMethods):  # type: ignore[misc,name-defined]
    """`xarray.concat`, `xarray.where` and the like."""


class TestDataArrayMethods(theirs.TestDataArrayMethods):  # type: ignore[misc,name-defined]
    """Methods of `DataArray`; of some that xarray expects to leave what it wraps, the results are ours."""

    def test_interp(self) -> None:
        super().test_interp()

    def test_polyfit(self) -> None:
        super().test_polyfit()
