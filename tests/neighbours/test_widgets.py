"""Bokeh and ipywidgets: what is sent to the browser of our arrays and scalars is what is sent of NumPy's."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import numpy
import pytest

from tests.neighbours.cases import Neighbour

bokeh = pytest.importorskip("bokeh")
models, plotting = importlib.import_module("bokeh.models"), importlib.import_module("bokeh.plotting")
serialization = importlib.import_module("bokeh.core.serialization")
widgets = pytest.importorskip("ipywidgets")


def encoded(model: Any) -> list[str]:
    """What Bokeh sends of a model, without the identifiers."""
    return list(_plain(serialization.Serializer().encode(model)))


def _plain(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            if name != "id":
                yield name
                yield from _plain(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _plain(each)
    elif isinstance(value, serialization.Buffer):
        yield bytes(value.data).hex()
    else:
        yield repr(value)


def drawn(name: str, *args: Any, **kwargs: Any) -> list[str]:
    """What Bokeh sends of a figure with one glyph."""
    figure = plotting.figure()
    getattr(figure, name)(*args, **kwargs)
    return encoded(figure)


def changed(source: Any, name: str, *args: Any) -> list[str]:
    """What Bokeh sends of a source of data that was changed."""
    getattr(source, name)(*args)
    return encoded(source)


def made(a: Any) -> list[Any]:
    """What `interact` makes of a description of an argument."""
    controls = widgets.interactive(lambda a: None, a=a).children
    return [(type(each).__name__, each.get_state(["value"])) for each in controls[:-1]]


def variables(np: Any, n: int) -> dict[str, Any]:
    r = numpy.random.default_rng(0)
    k = min(10 + int(n**0.5), 90)
    return {
        "x": np.asarray(numpy.arange(n) * 1.0) * 1.0,
        "y": np.asarray(r.random(n)) * 2,
        "i": np.asarray(r.integers(3, 90, n)),
        "e": np.linspace(0, 1, 6),
        "X": np.asarray(r.random((k, k))),
    }


CASES = """
drawn("line", x, y)
drawn("scatter", x, y, size=y)
drawn("image", [X], 0, 0, 1, 1)
drawn("quad", top=e[1:], bottom=0, left=e[:-1], right=e[1:])
drawn("multi_line", [x, x], [y, y])
drawn("hbar", y=e, right=e)
drawn("varea", x=x, y1=y, y2=0)
encoded(plotting.figure(x_range=(x.min(), x.max())))
encoded(models.Span(location=y.mean()))
encoded(models.ColumnDataSource(dict(a=x, b=y)))
encoded(models.LinearColorMapper(palette=["red"], low=y.min(), high=y.max()))
changed(models.ColumnDataSource(dict(a=x)), "stream", dict(a=y))
changed(models.ColumnDataSource(dict(a=x.copy())), "patch", dict(a=[(0, y.max())]))
widgets.FloatSlider(value=y.mean(), min=y.min(), max=y.max()).get_state(["value", "min", "max"])
widgets.IntSlider(value=i.max(), min=i.min(), max=i.max() + 9).get_state(["value", "min", "max"])
widgets.FloatProgress(value=y.mean(), max=y.max()).get_state(["value", "max"])
widgets.FloatRangeSlider(value=[y.min(), y.max()], min=-1, max=9).get_state(["value"])
widgets.Dropdown(options=e).get_state(["_options_labels", "index"])
widgets.Dropdown(options=i[:9], value=i[2]).get_state(["_options_labels", "index"])
widgets.SelectionSlider(options=e).get_state(["_options_labels", "index"])
widgets.Image(value=(X * 255).astype("u1").tobytes()).value
widgets.Image(value=(X * 255).astype("u1").data).value
widgets.IntText(value=i.max()).value
made(e)
made(y.mean())
made(i.max())
made((y.min(), y.max()))
made((0, i.max()))
"""

NEIGHBOUR = Neighbour(
    {
        "plotting": plotting,
        "models": models,
        "widgets": widgets,
        "drawn": drawn,
        "encoded": encoded,
        "changed": changed,
        "made": made,
    },
    variables,
    CASES,
)


@NEIGHBOUR.each
def test_results_are_equal(case: str, n: int) -> None:
    NEIGHBOUR.check(case, n)


@NEIGHBOUR.few
def test_a_few_results(case: str) -> None:
    NEIGHBOUR.check(case, NEIGHBOUR.large)


@NEIGHBOUR.each_large
def test_results_are_equal_on_processes(case: str) -> None:
    NEIGHBOUR.check(case, NEIGHBOUR.large)
