"""Kernels whose operands do not move along the inner loop raise no flags of lanes that nobody uses."""

from __future__ import annotations

import warnings

from tests.subject import mode, ramba


def test_one_element_raises_no_flags() -> None:
    with mode("compiled"), warnings.catch_warnings():
        warnings.simplefilter("error")
        step = ramba.array([1.0]) * 1 / 3.0
        assert not bool((step == 0.5).any())


def test_a_column_raises_no_flags() -> None:
    with mode("compiled"), warnings.catch_warnings():
        warnings.simplefilter("error")
        column = (ramba.arange(3.0) + 1)[:, None] / 3.0
        assert float((ramba.zeros((3, 5)) + ramba.sqrt(column)).max()) == 1.0
