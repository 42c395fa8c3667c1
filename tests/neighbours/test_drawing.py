"""Matplotlib, seaborn and plotly: pictures of our arrays are those of NumPy's."""

from __future__ import annotations

import io
from typing import Any

import numpy
import pytest

from tests.neighbours.cases import Neighbour
from tests.subject import ramba

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("agg")
plt = pytest.importorskip("matplotlib.pyplot")


def picture(_: object = None) -> numpy.ndarray:
    """The pixels of what was drawn."""
    file = io.BytesIO()
    plt.savefig(file, format="png", dpi=30)
    plt.close("all")
    return plt.imread(io.BytesIO(file.getvalue()), format="png")


def variables(np: Any, n: int) -> dict[str, Any]:
    r = numpy.random.default_rng(0)
    k = min(10 + int(n**0.5), 90)
    return {
        "x": np.asarray(numpy.arange(n) * 1.0) * 1.0,
        "y": np.asarray(r.random(n)) * 2,
        "s": np.asarray(numpy.arange(5.0)),
        "X": np.asarray(r.random((k, k))),
        "k": k,
    }


CASES = """
picture(plt.plot(x, y))
picture(plt.plot(x[:50], y[:50], "o-"))
picture(plt.scatter(x, y, c=y, s=y))
picture(plt.imshow(X))
picture(plt.hist(y, bins=np.linspace(0, 2, 9)))
picture(plt.hist(y))
picture(plt.contour(X))
picture(plt.contourf(np.arange(k), np.arange(k), X))
picture(plt.pcolormesh(X))
picture(plt.bar(s, s))
picture(plt.errorbar(s, s, yerr=s))
picture(plt.fill_between(s, s, s + 1))
picture(plt.quiver(s, s, s, s))
picture(plt.boxplot(s))
picture(plt.violinplot(s))
picture(plt.step(s, s))
picture(plt.pie(s))
picture(plt.hexbin(x, y))
picture(plt.hist2d(x, y))
picture(plt.streamplot(np.arange(5.0), np.arange(5.0), X[:5, :5] + 1, X[:5, :5] + 1))
picture(plt.vlines(s, 0, 1))
picture(plt.axhline(y.mean()))
picture(plt.text(y.mean(), 0.5, "a"))
plt.plot(s); plt.xlim(y.min(), y.max()); plt.ylim(-y.std(), y.std()); picture()
plt.plot(s); plt.xticks(s[::2]); picture()
picture(plt.figure().add_subplot(projection="3d").plot_surface(*np.meshgrid(np.arange(9), np.arange(9)), X[:9, :9]))
plt.figure(); picture(plt.plot(s)[0].set_data(s, s))
plt.cm.viridis(X)
matplotlib.colors.Normalize()(X)
matplotlib.colors.to_rgba(s[:3] / 5)
"""

NEIGHBOUR = Neighbour({"plt": plt, "matplotlib": matplotlib, "picture": picture}, variables, CASES)


@NEIGHBOUR.each
def test_results_are_equal(case: str, n: int) -> None:
    NEIGHBOUR.check(case, n)


@NEIGHBOUR.few
def test_a_few_results(case: str) -> None:
    NEIGHBOUR.check(case, NEIGHBOUR.large)


@pytest.mark.neighbours
@pytest.mark.filterwarnings("ignore")
def test_seaborn() -> None:
    seaborn = pytest.importorskip("seaborn")
    ours, theirs = variables(ramba, 500), variables(numpy, 500)
    for function, names in {
        "lineplot": {"x": "x", "y": "y"},
        "histplot": {"x": "y"},
        "heatmap": {"data": "X"},
        "scatterplot": {"x": "x", "y": "y", "hue": "y"},
        "kdeplot": {"x": "y"},
        "boxplot": {"x": "y"},
        "regplot": {"x": "x", "y": "y", "seed": None},
    }.items():
        drawn = []
        for values in (ours, theirs):
            getattr(seaborn, function)(**{name: values.get(value, 1) for name, value in names.items()})
            drawn.append(picture())
        assert numpy.array_equal(*drawn), function


@pytest.mark.neighbours
def test_plotly() -> None:
    go = pytest.importorskip("plotly.graph_objects")
    ours, theirs = variables(ramba, 20_000), variables(numpy, 20_000)
    for make in (
        lambda v: go.Scatter(x=v["x"], y=v["y"]),
        lambda v: go.Heatmap(z=v["X"]),
        lambda v: go.Histogram(x=v["y"]),
    ):
        assert go.Figure(make(ours)).to_json() == go.Figure(make(theirs)).to_json()


@NEIGHBOUR.each_large
def test_results_are_equal_on_processes(case: str) -> None:
    NEIGHBOUR.check(case, NEIGHBOUR.large)
