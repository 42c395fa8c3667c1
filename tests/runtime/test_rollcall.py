"""What ranks conclude from where others say that they are."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.errors import RambaError
from ramba.runtime.mpi import rollcall
from ramba.runtime.mpi.rollcall import KEPT, RollCall


@dataclass
class Ranks:
    """Several that hear at once what one tells."""

    size: int
    rolls: list[RollCall] = field(default_factory=list)

    def __post_init__(self) -> None:
        for rank in range(self.size):
            self.rolls.append(RollCall(rank, self.size, lambda to, message, rank=rank: self.carry(rank, to, message)))

    def carry(self, rank: int, to: int, message: np.ndarray) -> None:
        self.rolls[to].hear(rank, message)

    def go(self, rank: int, digests: str) -> None:
        """Takes steps, each with a digest of one letter, which is that of all before it as well."""
        for number in range(self.rolls[rank].here.number, len(digests)):
            self.rolls[rank].step(number + 1, digests[: number + 1])


def condemns(roll: RollCall) -> str:
    try:
        roll.look()
    except RambaError as problem:
        return str(problem)
    return ""


programs = st.text("ab", min_size=0, max_size=2 * KEPT)


@given(programs, st.integers(0, 2 * KEPT), st.booleans())
def test_the_same_program_at_any_distance_is_no_difference(program: str, behind: int, told_early: bool) -> None:
    ranks = Ranks(2)
    ranks.go(0, program)
    ranks.go(1, program[: len(program) - behind] if behind <= len(program) else "")
    ranks.rolls[0].tell()
    ranks.rolls[1].tell()
    if not told_early:
        ranks.go(1, program)
    assert not condemns(ranks.rolls[0])
    assert not condemns(ranks.rolls[1])
    ranks.go(1, program)
    for roll in ranks.rolls:
        roll.end()
        roll.tell()
    assert not condemns(ranks.rolls[0])
    assert not condemns(ranks.rolls[1])


@given(st.text("ab", max_size=KEPT), st.text("a", min_size=1, max_size=8), st.text("b", min_size=1, max_size=8))
def test_a_difference_is_found_by_whoever_hears_and_has_come_to_it(common: str, one: str, other: str) -> None:
    ranks = Ranks(2)
    ranks.go(0, common + one)
    ranks.rolls[0].tell()
    assert not condemns(ranks.rolls[1]), "it has not come to it"
    ranks.go(1, common + other)
    assert "computes something else than ranks [0]" in condemns(ranks.rolls[1])
    with pytest.raises(RambaError, match="something else"):
        ranks.go(1, common + other + "b")
    assert not condemns(ranks.rolls[0]), "it has not heard"
    ranks.rolls[1].tell()
    assert "computes something else than ranks [1]" in condemns(ranks.rolls[0])


@given(programs, st.text("a", min_size=1, max_size=8))
def test_who_has_ended_early_is_a_difference(program: str, more: str) -> None:
    ranks = Ranks(2)
    ranks.go(0, program)
    ranks.rolls[0].end()
    ranks.rolls[0].tell()
    ranks.go(1, program)
    assert not condemns(ranks.rolls[1])
    ranks.go(1, program + more)
    assert "the end of its program" in condemns(ranks.rolls[1])
    ranks.rolls[1].tell()
    assert "the end of its program" in condemns(ranks.rolls[0])


def test_who_waits_tells_once_and_the_first_one_warns(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = [100.0]
    monkeypatch.setattr(rollcall.time, "monotonic", lambda: now[0])
    ranks = Ranks(3)
    told: list[tuple[int, int]] = []
    carry = ranks.carry
    monkeypatch.setattr(ranks, "carry", lambda rank, to, message: (told.append((rank, to)), carry(rank, to, message)))
    ranks.go(0, "ab")
    ranks.go(2, "ab")
    for roll in ranks.rolls[::2]:
        roll.wait()
    with caplog.at_level(logging.WARNING, "ramba.mpi"):
        for _ in range(4 * 60):
            now[0] += 0.25
            assert not any(condemns(roll) for roll in ranks.rolls[::2])
    assert sorted(told) == [(0, 1), (0, 2), (2, 0), (2, 1)]
    warned = [record.getMessage() for record in caplog.records]
    assert len(warned) == 3  # after 10, 20 and 40 s
    assert all(text.startswith("Rank 0 has waited for") and "for ranks [1]" in text for text in warned)
