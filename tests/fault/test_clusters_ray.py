"""The same on Ray: workers and drivers that die, seen by a program that imports Ramba (F1 to F5, F17, F19).

A Ray cluster takes seconds to start, so one program goes through everything, and is killed at last.
"""

from __future__ import annotations

import pathlib
import signal

import pytest

from tests.fault.clusters import start
from tests.fault.test_cluster_drivers import INTERRUPTED
from tests.fault.test_clusters import FROZEN, KILLED_AT_WORK, KILLED_IN_AN_EXCHANGE, KILLED_WHILE_IDLE

pytest.importorskip("ray")
pytest.importorskip("zmq")

pytestmark = [pytest.mark.fault, pytest.mark.one_process, pytest.mark.timeout(180)]

STORIES = {
    "killed at work": KILLED_AT_WORK,
    "killed while idle": KILLED_WHILE_IDLE,
    "killed in an exchange": KILLED_IN_AN_EXCHANGE,
    "interrupted": INTERRUPTED,
    "frozen": FROZEN,
}


def test_f1_to_f5_f17_f19_f28_a_life_on_ray(place: pathlib.Path) -> None:
    """Losses are told in time, interrupts leave a usable session; of a killed driver nothing is left, Ray included."""
    (place / "tmp" / "ray").mkdir(parents=True)
    stale = place / "tmp" / "ray" / "ray_current_cluster"  # of a cluster that crashed
    stale.write_text("127.0.0.1:1")
    script = "REASON, SLACK = 'its process ended', 6\nbegin = time.monotonic()\n"
    for name, story in STORIES.items():
        script += f"{story}\nprint({name!r}, time.monotonic() - begin, flush=True)\nbegin = time.monotonic()\n"
    script += "threading.Timer(0.5, print, ('go',), {'flush': True}).start()\nheavy().item()\n"
    running = start(place, script, RAMBA_BACKEND="ray")
    running.wait_for("go")
    running.process.send_signal(signal.SIGKILL)
    assert running.process.wait(5) == -signal.SIGKILL
    stale.unlink()
    stale.parent.rmdir()
    assert running.finish(5, 5).status == -signal.SIGKILL
