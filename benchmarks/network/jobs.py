"""Programs on these hosts, begun as `docs/howto` says: on a Ray cluster with a token, and under mpiexec.

The hosts share the processors of one machine; so each says that it has one, and holds little of Ray's memory.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping

from benchmarks.network.hosts import ROOT, Host

RAY, MPIEXEC = (str(pathlib.Path(sys.executable).with_name(name)) for name in ("ray", "mpiexec"))
HOME = "/tmp/ray/home"  # every host has its own
RAY_OPTIONS = ["--num-cpus=1", "--object-store-memory=80000000", "--disable-usage-stats"]
PLAIN = {"RAMBA_CACHE": "/tmp/ray/cache", "XDG_RUNTIME_DIR": "", "PYTHONPATH": str(ROOT)}
_REMOTE_SHELL = """#!/bin/sh
while [ "${{1#-}}" != "$1" ]; do shift; done
case $1 in
{cases}
*) exit 1;;
esac
shift
exec setsid --wait nsenter -t $pid -n -m -p -u /bin/sh -c "$*"
"""


@contextlib.contextmanager
def ray_cluster(hosts: list[Host]) -> Iterator[dict[str, str]]:
    """A cluster, its head on the first host; gives the environment of programs there. It ends with the hosts."""
    environment = {**PLAIN, "HOME": HOME, "RAY_AUTH_MODE": "token", "RAY_worker_niceness": "0"}
    head, *others = hosts
    script = f"umask 077; mkdir -p {HOME}; {RAY} get-auth-token --generate > /dev/null"
    head.run("sh", "-c", script, environment=environment)
    head.run(RAY, "start", "--head", "--include-dashboard=false", *RAY_OPTIONS, environment=environment)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        list(pool.map(lambda host: join(head, host, environment), others))
    yield {**environment, "RAMBA_RAY_ADDRESS": "auto"}


def join(head: Host, host: Host, environment: Mapping[str, str]) -> None:
    """Makes a host a node of the cluster, with the token of its head."""
    token = head.run("cat", f"{HOME}/.ray/auth_token", environment=environment)
    script = f"umask 077; mkdir -p {HOME}/.ray; printf %s '{token}' > {HOME}/.ray/auth_token"
    host.run("sh", "-c", script, environment=environment)
    host.run(RAY, "start", f"--address={head.address}:6379", *RAY_OPTIONS, environment=environment)


@contextlib.contextmanager
def mpi_job(hosts: list[Host], *command: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A driver on the first host, and a worker on each; what starts the others is not ssh, but enters namespaces.

    All processes are of one machine, and UCX would find memory that hosts do not share: it is told to use TCP.
    """
    with tempfile.TemporaryDirectory(prefix="ramba-network-") as name:
        folder = pathlib.Path(name)
        cases = "\n".join(f"{host.name}) pid={host.pid};;" for host in hosts)
        (folder / "rsh").write_text(_REMOTE_SHELL.format(cases=cases))
        (folder / "rsh").chmod(0o700)
        (folder / "hosts").write_text("127.0.0.1 localhost\n" + "".join(f"{h.address} {h.name}\n" for h in hosts))
        here = f'mount --bind {folder}/hosts /etc/hosts && exec nsenter -t {hosts[0].pid} -n -u "$@"'
        where = ["-hosts", ",".join(host.name for host in hosts), "-ppn", "1", "-n", str(len(hosts) + 1)]
        how = [MPIEXEC, "-launcher", "ssh", "-launcher-exec", str(folder / "rsh"), *where]
        process = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", here, "sh", *how, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # as on each host: Linux deals processors out to sessions
            env={**os.environ, **PLAIN, "RAMBA_CACHE": str(folder / "cache"), "UCX_TLS": "tcp,self", **environment},
        )
        try:
            yield process
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=10)
            process.kill()
            process.communicate()
