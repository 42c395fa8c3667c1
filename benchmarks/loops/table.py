"""The programs with their inputs, which NumPy makes before the clock starts; a scale of 2 doubles the arrays' sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy
from numpy.random import Generator

from benchmarks.loops import grids, matrices, sequences


class Loop(NamedTuple):
    """One program: arrays among its inputs are handed to the module that runs it, numbers as they are."""

    run: Callable[..., Any]
    inputs: Callable[[Generator, Callable[[int], int]], tuple[Any, ...]]  # gets what makes a side longer by the scale

    @property
    def name(self) -> str:
        """The function's."""
        return self.run.__name__

    def at(self, scale: float) -> tuple[Any, ...]:
        """The inputs, the same in every call."""
        return self.inputs(numpy.random.default_rng(7), lambda side: max(int(side * scale), 4))


def _symmetric(rng: Generator, n: int) -> numpy.ndarray:
    """Its eigenvalues are far enough apart for a power iteration."""
    a = rng.standard_normal((n, n))
    vectors = numpy.linalg.qr(a)[0]
    return vectors * (n * 0.8 ** numpy.arange(n)) @ vectors.T


def _probabilities(rng: Generator, n: int, m: int) -> numpy.ndarray:
    rows = rng.random((n, m)) + 0.01
    return rows / rows.sum(axis=1, keepdims=True)


def _hidden_markov(rng: Generator, states: int, steps: int) -> tuple[Any, ...]:
    start = _probabilities(rng, 1, states)[0]
    return start, _probabilities(rng, states, states), _probabilities(rng, states, 16), rng.integers(0, 16, steps)


def _grid_of_power(side: int) -> int:
    """The next size that can be halved until three points are left."""
    return 2 ** max(round(numpy.log2(side)), 2) + 1


def _network(rng: Generator, pixels: int, hidden: int, images: int) -> tuple[Any, ...]:
    w1, w2 = 0.1 * rng.standard_normal((pixels, hidden)), 0.1 * rng.standard_normal((hidden, 10))
    return rng.random((images, pixels)), rng.integers(0, 10, images), w1, w2, 32


def _prices(rng: Generator, n: int) -> numpy.ndarray:
    """They wander, and come back."""
    return 100 + numpy.convolve(rng.standard_normal(n), numpy.ones(30) / 5, "same")


def _letters(rng: Generator, n: int) -> numpy.ndarray:
    return rng.integers(0, 4, n).astype(numpy.int8)


LOOPS: tuple[Loop, ...] = (
    Loop(grids.finite_elements, lambda rng, side: (1 + rng.random((side(150), side(150))), 12)),
    Loop(grids.conjugate_gradients, lambda rng, side: (rng.random((side(300), side(300))), 60)),
    Loop(grids.multigrid, lambda rng, side: (rng.random((_grid_of_power(side(128)),) * 2), 6)),
    Loop(grids.game_of_life, lambda rng, side: (rng.integers(0, 2, (side(200), side(200))), 60)),
    Loop(grids.lattice_boltzmann, lambda rng, side: (rng.standard_normal((side(50), side(200), 9)), 20)),
    Loop(grids.bilateral_filter, lambda rng, side: (rng.random((side(160), side(160))), 3)),
    Loop(grids.equalise, lambda rng, side: (rng.integers(0, 256, (side(512), side(512))).astype(numpy.uint8), 32)),
    Loop(grids.finite_volumes, lambda rng, side: (rng.random((side(120), side(120))), 50)),
    Loop(sequences.needleman_wunsch, lambda rng, side: (_letters(rng, side(800)), _letters(rng, side(1000)))),
    Loop(sequences.smith_waterman, lambda rng, side: (_letters(rng, side(600)), _letters(rng, side(700)))),
    Loop(sequences.viterbi, lambda rng, side: _hidden_markov(rng, side(64), side(400))),
    Loop(sequences.binomial_tree, lambda rng, side: (numpy.linspace(80, 120, 5), side(800))),
    Loop(sequences.fir_filter, lambda rng, side: (rng.standard_normal(side(100_000)), numpy.hanning(64) / 32)),
    Loop(sequences.running_statistics, lambda rng, side: (rng.random((500, side(4000))),)),
    Loop(sequences.moving_windows, lambda rng, side: (_prices(rng, side(10_000)), 40)),
    Loop(sequences.barrier_option, lambda rng, side: (side(5000), 250)),
    Loop(sequences.particle_filter, lambda rng, side: (5 * rng.standard_normal(100), side(2000))),
    Loop(matrices.floyd_warshall, lambda rng, side: (rng.integers(1, 100, (side(200), side(200))) * 1.0,)),
    Loop(matrices.power_iteration, lambda rng, side: (_symmetric(rng, side(300)), 5, 100)),
    Loop(matrices.jacobi_eigenvalues, lambda rng, side: (_symmetric(rng, side(32)), 4)),
    Loop(matrices.householder, lambda rng, side: (rng.standard_normal((side(300), side(150))),)),
    Loop(matrices.transformer, lambda rng, side: (rng.random((side(64), 128)), 0.1 * rng.random((128, 1024)), 6, 4)),
    Loop(matrices.network, lambda rng, side: _network(rng, side(196), side(64), 3200)),
    Loop(matrices.k_means, lambda rng, side: (rng.random((side(1000), 4)), 8, 25)),
    Loop(
        matrices.n_body,
        lambda rng, side: (rng.random(side(50)), *(rng.standard_normal((side(50), 3)) for _ in range(2)), 150),
    ),
    Loop(
        matrices.runge_kutta,
        lambda rng, side: (rng.random((side(20), side(20))), 6.28 * rng.random(side(20)), 200),
    ),
    Loop(
        matrices.page_rank,
        lambda rng, side: (*(rng.integers(0, side(2000), side(20_000)) for _ in range(2)), side(2000), 60),
    ),
)
