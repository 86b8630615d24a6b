"""The layout of LINEUP_HOME, the folder of everything that is kept, and the secrets and notes in it."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import tempfile
from pathlib import Path

from config import environment

BASE_DIR = Path(__file__).resolve().parent.parent
_NOTE = "run/servers.json"  # where the running embedded servers listen, with their passwords
_LOCK = "run/lock"


def folder() -> Path:
    """Where LINEUP_HOME points; the folder may not be there yet."""
    return Path(environment.text("LINEUP_HOME", str(BASE_DIR / "var"))).absolute()


def make(home: Path) -> Path:
    """The folder itself and `run` in it, both for the owner's eyes only where they are new."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    (home / "run").mkdir(exist_ok=True, mode=0o700)
    return home


class Lock:
    """Held by the one `make up` or command that owns the embedded servers of a home.

    The kernel lets go of it when its holder dies, however that happens.
    """

    def __init__(self, home: Path) -> None:
        self._path = make(home) / _LOCK
        self._descriptor = -1

    def take(self, holder: str) -> bool:
        """False where another process holds it. `holder` is for people and for `held_by`."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        os.ftruncate(descriptor, 0)
        os.write(descriptor, holder.encode())
        self._descriptor = descriptor
        return True

    def held_by(self) -> str:
        return self._path.read_text(encoding="utf-8")

    def release(self) -> None:
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1


def write_private(path: Path, content: str) -> None:
    """Replace a file as a whole, readable by its owner only."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)


def secret(home: Path, name: str, size: int = 50) -> str:
    """A secret of `size` random bytes, drawn once and then the same for every process, in a file of mode 0600."""
    path = home / name
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, drawn = tempfile.mkstemp(dir=home, prefix=f".{name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(size))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(drawn, path)  # fails where another process was first: then its secret holds
        except FileExistsError:
            pass
        finally:
            Path(drawn).unlink()
    return path.read_text(encoding="utf-8").strip()


def note_servers(home: Path, **addresses: str) -> None:
    """Tell other terminals where the embedded servers listen."""
    write_private(home / _NOTE, json.dumps(addresses, indent=2) + "\n")


def forget_servers(home: Path) -> None:
    (home / _NOTE).unlink(missing_ok=True)


def noted_server(home: Path, name: str) -> str:
    """What `note_servers` said of one server; "" where nothing runs. May be stale after a crash."""
    try:
        return str(json.loads((home / _NOTE).read_text(encoding="utf-8")).get(name, ""))
    except (OSError, ValueError):
        return ""
