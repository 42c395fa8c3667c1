"""What workers send each other for a stencil is the halo, and no more."""

from __future__ import annotations

import numpy
import pytest

from ramba.engine import ENGINE
from tests.subject import ramba

ROUNDED = 64  # bytes to which the parts of a message are


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("radius", [1, 2])
def test_a_stencil_sends_its_halo(workers: int, radius: int) -> None:
    n, steps = 400, 3
    with ramba.config.set(backend="local", workers=workers):
        ramba.shutdown()
        try:
            a, b = ramba.arange(float(n * n)).reshape(n, n) * 1, ramba.zeros((n, n)) * 1
            inner = slice(radius, n - radius)

            def sweep() -> None:
                total = a[inner, inner] * 0
                for d in range(1, radius + 1):
                    for shift in (-d, d):
                        moved = slice(radius + shift, n - radius + shift)
                        total = total + a[moved, inner] + a[inner, moved]
                b[inner, inner] += total
                del total
                a[...] += 1
                ramba.sync()

            sweep()
            post = ENGINE.backend.link.post
            before = post.messages, post.bytes
            for _ in range(steps):
                sweep()
            messages, nbytes = post.messages - before[0], post.bytes - before[1]
        finally:
            ramba.shutdown()
    strip = -(-radius * (n - 2 * radius) * 8 // ROUNDED) * ROUNDED
    assert messages == steps * 2 * (workers - 1)
    assert nbytes == messages * strip


def test_blocks_in_a_grid_exchange_with_their_neighbours_only() -> None:
    n, workers = 60, 20  # too thin for slabs: a grid of blocks
    with ramba.config.set(backend="local", workers=workers):
        ramba.shutdown()
        with ramba.config.set(eager_size=0):
            a = ramba.arange(float(n * n)).reshape(n, n) * 1
            ramba.sync()
            post = ENGINE.backend.link.post
            before = post.messages
            b = a[1:-1, 1:-1] + a[2:, 1:-1] + a[:-2, 1:-1] + a[1:-1, 2:] + a[1:-1, :-2]
            ramba.sync()
            messages = post.messages - before
            expected = numpy.arange(float(n * n)).reshape(n, n)
            expected = (
                expected[1:-1, 1:-1]
                + expected[2:, 1:-1]
                + expected[:-2, 1:-1]
                + expected[1:-1, 2:]
                + expected[1:-1, :-2]
            )
            assert numpy.array_equal(numpy.asarray(b), expected)
        ramba.shutdown()
    assert messages <= workers * 8
