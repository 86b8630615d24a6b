"""The embedded Valkey, Celery's broker: how it is started so that it keeps its messages, and where it is reached."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

from config.embedded.programs import Program, valkey_server
from config.home import secret, write_private

STOP = signal.SIGTERM


class Valkey:
    """One data folder, with its password and its configuration in it."""

    def __init__(self, folder: Path, port: int) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.port = port
        self.password = secret(folder, "password")

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def program(self) -> Program:
        # In a file, because a command line is readable by every user of the machine.
        options = {
            "bind": "127.0.0.1",
            "port": self.port,
            "requirepass": self.password,
            "dir": f'"{self.folder}"',
            "appendonly": "yes",  # a killed broker has its messages again when it is back
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",  # a full broker refuses; it never forgets a message
            "loglevel": "warning",
        }
        configuration = self.folder / "valkey.conf"
        write_private(configuration, "".join(f"{name} {value}\n" for name, value in options.items()))
        return Program(argv=(str(valkey_server()), str(configuration)), cwd=str(self.folder))

    def is_ready(self) -> bool:
        """Whether it answers PING and has loaded its messages."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (more := connection.recv(256)):
                    answer += more
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"
