"""What a run leaves uncomputed: refused, interrupted or failed (F19, F29, F30). It disturbs nothing else."""

from __future__ import annotations

import pathlib

import pytest

from tests.fault.harness import run

pytestmark = [pytest.mark.fault]

FAILING = """
from ramba.engine import ENGINE
follow = ENGINE.backend.follow
poison = []          # raised by runs that read the scalar 13
def failing(prepared, inputs, scalars, damaged, state):
    if poison and any(scalar == 13 for scalar in scalars):
        raise poison[0]
    return follow(prepared, inputs, scalars, damaged, state)
ENGINE.backend.follow = failing

a = np.arange(400_000) + 0.5
np.sync()
truth = numpy.arange(400_000) + 0.5
"""


def test_postponed_work_keeps_the_values_that_it_reads(tmp_path: pathlib.Path) -> None:
    """Later runs do not write over them, and only a look at the work itself tries it again."""
    run(
        tmp_path,
        FAILING
        + """
poison.append(KeyboardInterrupt())
b = a + 13
try:
    b[0].item()
except KeyboardInterrupt:
    pass
else:
    sys.exit("not interrupted")
a += 1
a *= 2
assert (numpy.asarray(a) == (truth + 1) * 2).all()
a[:] = numpy.zeros(400_000)
np.add.at(a, [3], 5)
assert float((a * 3).sum()) == 15
poison.clear()
assert (numpy.asarray(b) == truth + 13).all()
""",
        timeout=20,
    )


def test_what_does_not_fit_together_is_computed_alone(tmp_path: pathlib.Path) -> None:
    run(
        tmp_path,
        """
        a = np.arange(1_000_000) * 2.0
        np.sync()
        with np.config.set(memory_limit="400MB"):
            pieces = [a + i for i in range(60)]
            assert float(pieces[7][3]) == 13.0
            assert float((a * 2)[1]) == 4.0
            assert float(pieces[9][3]) == 15.0
        """,
        timeout=20,
    )


def test_a_failed_computation_fails_once(tmp_path: pathlib.Path) -> None:
    """What was pending with it is computed; its own value is lost for good, and says why."""
    run(
        tmp_path,
        FAILING
        + """
poison.append(ValueError("thirteen"))
good, bad, better = a + 1, a + 13, a * 2
try:
    np.sync()
except ValueError as error:
    assert str(error) == "thirteen"
else:
    sys.exit("accepted")
with np.kernels_run() as count:
    assert (numpy.asarray(good) == truth + 1).all() and (numpy.asarray(better) == truth * 2).all()
assert count == 0
for _ in range(2):
    try:
        bad[0].item()
    except np.ArrayLostError as error:
        assert "thirteen" in str(error)
    else:
        sys.exit("a value out of nothing")
assert (numpy.asarray(a) == truth).all()
""",
        timeout=20,
    )


def test_sync_tries_postponed_work_again(tmp_path: pathlib.Path) -> None:
    run(
        tmp_path,
        FAILING
        + """
poison.append(KeyboardInterrupt())
b = a + 13
try:
    b[0].item()
except KeyboardInterrupt:
    poison.clear()
float((a * 2)[1])
assert b._buffer.pending
ENGINE.sync()
assert not b._buffer.pending
""",
        timeout=20,
    )
