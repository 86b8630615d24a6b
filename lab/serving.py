"""A server that runs for as long as a block lasts: started inside a journald, stopped with all its processes."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.journald import WITH_ITS_PARENT, Journald
from lab.scenario import Server
from lab.servers import RUNNERS

NGINX = """
daemon off;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream app {{ {servers} }}
    server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://app; }} }}
}}
"""


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that runs."""

    master: subprocess.Popen[bytes]
    port: int


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(
    server: Server, host: str, journal: Journald, port: int, data: Path, clock: Mapping[str, str]
) -> Iterator[Serving]:
    """Starts the server on `host`, its clock set by `clock`, a part of its environment.

    Raises RuntimeError where it ends at once, TimeoutError where it does not listen.
    """
    command = ["env", *(f"{name}={value}" for name, value in clock.items()), *RUNNERS[server.runner](server, port)]
    environment = {
        "PATH": "/srv/venv/bin:/usr/bin:/bin",
        "PYTHONPATH": "/srv/app",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LAB_SERVER_TRUTH": "/srv/data/served.jsonl",
        "DATA": "/srv/data",
        "HOME": "/srv/data",
        "TZ": server.timezone,
        **dict(server.env),
        **{name: value for where, name, value in server.host_env if where == host},
    }
    if server.modes:
        command = ["systemd-cat", "-t", server.ident, *command]
    with contextlib.nullcontext(subprocess.DEVNULL) if server.modes else (data / f"{host}.log").open("wb") as output:
        master = subprocess.Popen(
            journal.inside(["env", "-C", "/srv/app", *command]),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,
        )
    try:
        _wait_for(port, master)
        yield Serving(master, port)
    finally:
        stop(master)


@contextmanager
def proxied(ports: Sequence[int], work: Path) -> Iterator[int]:
    """A real nginx that hands requests to the ports in turn; gives its own port."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(program).exists():
        raise RuntimeError("needs nginx for several hosts")
    folder, port = work / "nginx", free_port()
    folder.mkdir()
    servers = " ".join(f"server 127.0.0.1:{each};" for each in ports)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, servers=servers, port=port))
    process = subprocess.Popen(
        [
            *WITH_ITS_PARENT,
            program,
            "-p",
            str(folder),
            "-e",
            str(folder / "error.log"),
            "-c",
            str(folder / "nginx.conf"),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(port, process)
        yield port
    finally:
        stop(process)


def _wait_for(port: int, master: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if master.poll() is not None:
            raise RuntimeError(f"the server ended with code {master.returncode} before it listened")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.05)
    raise TimeoutError("the server did not listen within 20 s")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the master in an orderly way, then whatever is left of its process group."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(6)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(5)
