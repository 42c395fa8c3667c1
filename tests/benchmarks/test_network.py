"""What programs on hosts send is what their algorithms need; models of their time."""

from __future__ import annotations

import pytest

from benchmarks.network.driver import prepared, traffic
from benchmarks.network.model import LINKS, modelled
from benchmarks.network.programs import PROGRAMS, Program
from benchmarks.network.switch import length
from tests.subject import ramba

pytestmark = pytest.mark.one_process


@pytest.mark.parametrize("workers", [3, 4])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_the_busiest_worker_sends_what_is_due(program: Program, workers: int) -> None:
    """A sort evens out in the end what samples left uneven: with one more message."""
    program = program._replace(n=program.n // 2)
    ramba.shutdown()
    with ramba.config.set(backend="local", workers=workers):
        counted = traffic(prepared(program), 2)
        ramba.shutdown()
    messages, nbytes = program.sent(program.n, workers)
    assert counted["messages"] == messages + (program.name == "sort")
    assert counted["nbytes"] == pytest.approx(nbytes, rel=0.05 if program.name == "sort" else 0)


def test_models_count_messages_or_rounds() -> None:
    (stencil,) = (program for program in PROGRAMS if program.name == "stencil")
    link = LINKS["100 Mbit/s, 1 ms"]
    found = modelled(stencil, 4, link, kernels=0.5, driver=0.25)
    carried = found.bytes_due / (12.5e6 * 1.1 / 1.25)
    assert found.overlapping == pytest.approx(0.75 + carried + 1.05e-3)
    assert found.serial == pytest.approx(found.overlapping + 2 * 1.05e-3)  # two messages and a hop


def test_a_frame_is_as_long_as_those_it_stands_for() -> None:
    assert length(bytes(10 + 66 + 100)) == 66 + 100 + 24
    assert length(bytes(10 + 66 + 2 * 1448)) == 2 * (66 + 1448 + 24)
    assert length(bytes(10 + 66 + 2 * 1448 + 1)) == 2 * (66 + 1448 + 24) + 66 + 1 + 24
