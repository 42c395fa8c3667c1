"""`ramba.dashboard()`: numbers that move, for who knows the address, until it is closed."""

from __future__ import annotations

import http.client
import json
import socket
import sys
import types
from contextlib import closing
from typing import Any
from urllib.request import urlopen

import pytest

from ramba import events
from ramba.pictures.live import Live, _resident
from tests.subject import ramba
from tests.test_explain import data, workers

pytestmark = [pytest.mark.own_modes, pytest.mark.security]


def state(board: Any) -> dict[str, Any]:
    with urlopen(f"{board.url}state", timeout=10) as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        found: dict[str, Any] = json.load(answer)
        return found


def asked(board: Any, path: str, method: str = "GET", host: str = "") -> tuple[int, str]:
    """Status and text of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", board.port, timeout=10)
    with closing(connection):
        connection.request(method, path, headers={"Host": host or f"127.0.0.1:{board.port}"})
        with closing(connection.getresponse()) as answer:
            return answer.status, answer.read().decode()


def test_the_page_loads_nothing_from_elsewhere() -> None:
    with ramba.dashboard() as board, urlopen(board.url, timeout=10) as answer:
        text = answer.read().decode()
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "/*" not in text.partition("<script>")[2]


def test_numbers_move() -> None:
    with ramba.config.set(backend="threads"), ramba.dashboard() as board:
        before = state(board)
        a = ramba.arange(300_000.0)
        float((a * 2).sum())
        after = state(board)
    assert before["members"][0]["name"] == "driver"
    assert after["members"][0]["kernels"] > before["members"][0]["kernels"]
    assert "fold add" in after["recent"][0]["what"]
    assert (after["doing"], after["planned"]) == ("nothing", 0)
    assert after["members"][0]["curve"][-1] > 1_000_000


def test_workers_and_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    main = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    with workers(3), ramba.dashboard() as board:
        a = data(60, 60)
        ramba.sync()
        main.__dict__.update(field=a, other=3, waits=a + 1)
        float((a[1:] - a[:-1]).sum())
        ramba.sync()
        found = state(board)
    ranks = {member["name"]: member for member in found["members"]}
    assert {"driver", "worker 0", "worker 1", "worker 2"} <= set(ranks)
    assert ranks["worker 1"]["kernels"] > 0
    assert ranks["worker 1"]["sent"]
    assert {"subtract", "fold add"} & {word for row in found["recent"] for word in row["what"].split(", ")}
    assert "fill" not in {row["what"] for row in found["recent"]}
    arrays = {row["name"]: row for row in found["arrays"]}
    assert set(arrays) == {"field", "waits"}
    assert arrays["field"]["is"] == "float64[60 @ 3, 60]"
    assert arrays["field"]["blocks"][0].startswith("worker 0: ")


@pytest.mark.parametrize(
    "path", ["/", "/wrong/", "/wrong/state", "//state", "/{token}", "/{token}/other", "/{token}x/"]
)
def test_who_does_not_know_the_token_gets_nothing(path: str) -> None:
    with ramba.dashboard() as board:
        token = board.url.split("/")[3]
        assert len(token) >= 32
        status, text = asked(board, path.format(token=token))
    assert status == 404
    assert token not in text


def test_another_name_of_this_host_gets_nothing() -> None:
    """A page of a stranger, whose name leads here, may not read the numbers."""
    with ramba.dashboard() as board:
        path = f"/{board.url.split('/')[3]}/state"
        assert asked(board, path)[0] == 200
        assert asked(board, path, host=f"localhost:{board.port}")[0] == 200
        assert asked(board, path, host="evil.example.org")[0] == 404
        assert asked(board, path, method="POST")[0] == 501


def test_it_is_on_loopback_and_ends() -> None:
    board = ramba.dashboard()
    listening = len(events.listeners)
    assert board._server.server_address[0] == "127.0.0.1"
    assert board.url in repr(board)
    board.close()
    board.close()
    assert len(events.listeners) == listening - 1
    assert repr(board) == "<dashboard, closed>"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", board.port), timeout=5)


def test_a_port_that_is_taken() -> None:
    listening = len(events.listeners)
    with ramba.dashboard() as board, pytest.raises(OSError, match="in use"):
        ramba.dashboard(board.port)
    assert len(events.listeners) == listening


def test_a_process_that_has_ended_is_lost() -> None:
    assert _resident(2**22 + 1) is None
    live = Live()
    try:
        assert live._member("worker 0", True, None)["state"] == "lost"
        assert live._member("worker 0", True, 5)["state"] == "there"
    finally:
        live.close()


def test_what_runs_is_followed() -> None:
    live = Live()
    try:
        for event, doing in (
            (events.Began(3), "running"),
            (events.Compiling("k"), "compiling"),
            (events.Ran("%1 = sin(%0)", "compiled", 1, 0.5), "compiling"),
            (events.Working("sort"), "sort"),
            (events.Asking(2), "waiting for 2 workers"),
            (events.Asked(2, 0.1), "waiting for 2 workers"),
            (events.Flushed(1, 0.5), "nothing"),
        ):
            live._hear(event, 1)
            assert live.state()["doing"] == doing
    finally:
        live.close()
