"""``python -m ramba info`` is true, complete, and tells no secrets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from ramba.runtime.backends import descriptions
from ramba.session import facts
from tests.subject import ramba


def run(*arguments: str, **variables: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RAMBA_", "RAY_"))}
    done = subprocess.run(
        [sys.executable, "-m", "ramba", "info", *arguments],
        env=environment | variables, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert not done.stderr
    return done.stdout


def test_both_forms_name_all_backends() -> None:
    text, data = run(), json.loads(run("--json"))
    assert list(data["backends"]) == ["threads", "local", "processes", "mpi", "ray", "spmd"] == list(descriptions())
    for name in descriptions():
        assert f" {name} " in text
    assert data["ramba"] == ramba.__version__
    assert data["backend"] == "threads"
    assert data["launcher"] == "none detected"
    for row in data["backends"].values():
        assert row["why"] if not row["can start"] else row["workers"] >= 1 <= row["threads"]
    assert not data["backends"]["mpi"]["can start"]
    assert "mpiexec" in data["backends"]["mpi"]["why"]


def test_settings_count() -> None:
    data = json.loads(run("--json", RAMBA_BACKEND="processes", RAMBA_WORKERS="3", RAMBA_NUM_THREADS="2"))
    assert data["backend"] == "processes"
    assert data["backends"]["processes"] == {
        "can start": True, "workers": 3, "threads": 2, "how": "child processes",
    }  # fmt: skip
    assert data["settings"]["workers"] == {"value": 3, "from": "environment RAMBA_WORKERS"}


def test_nothing_is_started() -> None:
    code = (
        "import sys, ramba; from ramba.session import facts; facts.information('0');"
        "print(*sorted({'numba', 'llvmlite', 'ray', 'mpi4py', 'zmq'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not done.stdout.split()


def test_no_secrets(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("sesame-file")
    token.chmod(0o644)
    output = run(
        "--json",
        RAY_AUTH_MODE="token", RAY_AUTH_TOKEN="sesame-token", RAY_AUTH_TOKEN_PATH=str(token),
        RAMBA_RAY_ADDRESS="ray://me:sesame-password@host:10001",
    )  # fmt: skip
    assert "sesame" not in output
    data = json.loads(output)
    assert "RAY_AUTH_TOKEN" in data["security"]["ray token"]
    assert data["settings"]["ray_address"]["value"] == "ray://(hidden)@host:10001"
    data = json.loads(run("--json", RAY_AUTH_MODE="token", RAY_AUTH_TOKEN_PATH=str(token)))
    assert data["security"]["ray token"] == f"asked for; in {token}: open to others (0644)"


def test_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_USE_TLS", "1")
    for name in ("RAY_TLS_SERVER_CERT", "RAY_TLS_SERVER_KEY", "RAY_TLS_CA_CERT"):
        monkeypatch.delenv(name, raising=False)
    assert "name no file" in facts.security()["ray TLS"]
    for name in ("RAY_TLS_SERVER_CERT", "RAY_TLS_SERVER_KEY", "RAY_TLS_CA_CERT"):
        path = tmp_path / name
        path.touch()
        monkeypatch.setenv(name, str(path))
    assert facts.security()["ray TLS"] == "on"


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert facts.backend("ray") == {"can start": False, "why": "needs ray and zmq: pip install 'ramba[ray]'"}
    assert facts.backend("mpi")["why"] == "needs mpi4py: pip install 'ramba[mpi]'"
    assert facts.backend("threads")["can start"]


def test_an_mpi_launcher_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    place = SimpleNamespace(rank=0, size=4)
    monkeypatch.setattr(facts.launcher, "place", lambda: place)
    found = facts.backend("mpi")
    assert (found["can start"], found["workers"]) == (True, 3)


@pytest.mark.parametrize(("mode", "verdict"), [(0o700, "private"), (0o755, "open to others"), (0o1777, "shared")])
def test_permissions(tmp_path: Path, mode: int, verdict: str) -> None:
    folder = tmp_path / "x"
    folder.mkdir()
    folder.chmod(mode)
    assert facts.permission(folder).startswith(verdict)
    assert facts.permission(tmp_path / "nothing") == "No such file or directory"


def test_an_insecure_cache_is_reported(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    folder.chmod(0o777)
    assert "private" not in json.loads(run("--json", RAMBA_CACHE=str(folder)))["security"]["cache"]
    assert json.loads(run("--json", RAMBA_CACHE="off"))["security"]["cache"] == "off"
