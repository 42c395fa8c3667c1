"""What prints of a large array on workers is all that the driver fetches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
import pytest

from ramba import events
from tests.subject import mode, ramba

pytestmark = pytest.mark.own_modes
SHOWN: dict[str, tuple[Callable[[Any], str], int]] = {
    "a few rows": (lambda x: str(x[:3]), 3 * 200),
    "backwards": (lambda x: repr(x[5:8, ::-1]), 3 * 200),
    "transposed": (lambda x: repr(x[:2].T), 2 * 200),
    "a part of a row": (lambda x: repr(x[0, 3:7]), 4),
    "flat": (lambda x: str(x.reshape(-1)[5:9]), 4),
    "an element": (lambda x: f"{x[3, 4]:.2f}", 1),
    "none": (lambda x: repr(x[:0]), 0),
    "half": (lambda x: str(x[:100]), 100 * 200),
    "everything": (lambda x: str(x), 200 * 200),
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_shown_is_what_is_fetched(name: str) -> None:
    show, count = SHOWN[name]
    values = numpy.arange(200 * 200.0).reshape(200, 200)
    with mode("3 workers"):
        x = ramba.asarray(values.copy()) * 1
        ramba.sync()
        fetched: list[int] = []

        def hear(event: object) -> None:
            if isinstance(event, events.Gathered):
                fetched.append(event.nbytes)

        with events.subscribe(hear):
            assert show(x) == show(values)
            assert sum(fetched) == 8 * count
