"""The simulation of many workers: messages are those that neighbours need, and the model is what it says it is."""

from __future__ import annotations

import pytest

from benchmarks import scale_losses
from benchmarks.scale import sent, times
from benchmarks.scale_group import path
from benchmarks.scale_model import C_SECONDS, PUBLISHED, modelled
from benchmarks.scale_workloads import BY_NAME, theory

pytestmark = pytest.mark.one_process

SIDE = 3000
SIDES = {"star": SIDE, "nstream": 1_000_000, "transpose": 1200}
ROUNDED = 64  # bytes to which the parts of a message are


@pytest.mark.parametrize("workers", [1, 4, 20])
@pytest.mark.parametrize("name", SIDES)
def test_workers_send_what_their_neighbours_need(name: str, workers: int) -> None:
    found = sent(BY_NAME[name], SIDES[name], workers)  # compares each worker with the theory
    partners = {"star": min(workers - 1, 4), "nstream": 0, "transpose": workers - 1}[name]
    assert found.messages[1] <= partners


def test_the_halo_of_four_slabs() -> None:
    strip = -(-2 * (SIDE - 4) * 4 // ROUNDED) * ROUNDED
    assert theory(BY_NAME["star"], SIDE, 4) == [(1, strip), (2, 2 * strip), (2, 2 * strip), (1, strip)]
    assert sent(BY_NAME["star"], SIDE, 4).nbytes == (1.5 * strip, 2 * strip)


def test_the_driver_sends_one_small_command() -> None:
    four = times(BY_NAME["star"], SIDE, 4)
    assert four.command < 200
    assert 0 < four.flush < four.driver
    assert four.traffic == pytest.approx(5 * 4 * SIDE * SIDE / 4, rel=0.02)  # reads A, B, A; writes B, A


def test_commands_travel_along_a_tree() -> None:
    assert [path(workers) for workers in (1, 4, 5, 1024)] == [1, 1, 2, 5]


def test_the_model_meets_the_published_program_on_one_node() -> None:
    one = modelled(1, 100, 100, 0, 0, 0.0)
    assert one.kernels == pytest.approx(C_SECONDS)
    assert one.mflops == pytest.approx(PUBLISHED["C/MPI"][0])
    two = modelled(2, 100, 50, 1_100_000, 2, 0.001)
    assert two.seconds == pytest.approx(C_SECONDS / 2 + 0.001 + 0.0001 + 0.001)


def test_what_is_said_again_after_losses(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that a loop in place has done since arrays were kept; where arrays are made anew, what made the last ones."""
    monkeypatch.setattr(scale_losses, "FLUSHES", 3000)
    large, small, fresh = scale_losses.stories()
    assert [count for count, _ in small.replays] == [1000, 2000, 3000]
    assert not small.kept
    assert [count for count, _ in fresh.replays] == [2, 2, 2]
    assert large.kept
    assert max(count for count, _ in large.replays) < 1500
    assert large.moments[-1].overhead < 1
