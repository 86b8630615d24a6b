"""A real systemd-journald of its own, in private mount and host-name namespaces, with nothing left behind."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = os.geteuid() == 0
# Mounts and host name of its own; an ordinary user gets them in a user namespace.
UNSHARED = ("unshare", "-m", "-u", "--propagation", "private", *(() if ROOT else ("-U", "-r")))
# Whoever is killed with SIGKILL cannot clean up: the kernel then ends what it started. Said inside the namespace,
# because entering one takes it back.
WITH_ITS_PARENT = ("setpriv", "--pdeathsig", "TERM")
DAEMONS = ("/lib/systemd/systemd-journald", "/usr/lib/systemd/systemd-journald")

# Everything journald writes lies on memory file systems that vanish with the namespace. The kernel's own messages are
# kept out. The app and the interpreter are seen under neutral paths, so that tracebacks do not tell where the lab is.
STAGE = """
set -e
mount -t tmpfs tmpfs /run/systemd
mkdir /run/systemd/journal /run/systemd/lab
if [ -d /run/log ]; then mount -t tmpfs tmpfs /run/log; else mkdir /run/log; mount -t tmpfs tmpfs /run/log; fi
if [ -d /var/log/journal ]; then mount -t tmpfs tmpfs /var/log/journal; fi
if [ -e /dev/kmsg ]; then mount --bind /dev/null /dev/kmsg; fi
if [ -d /dev/shm ]; then mount -t tmpfs tmpfs /dev/shm; fi
mount -t tmpfs tmpfs /srv
mkdir /srv/app /srv/venv /srv/data
mount --bind "$2" /srv/app
mount --bind "$3" /srv/venv
mount --bind "$4" /srv/data
mount --bind "$4/$1.machine" /etc/machine-id
mount --bind "$4/$1.boot" /proc/sys/kernel/random/boot_id
hostname "$1"
shift 4
exec setpriv --pdeathsig TERM env "$@"
"""


class NeedsJournald(RuntimeError):
    """This machine cannot run a private journald; the text says why, beginning with "needs "."""


def missing() -> str:
    """What keeps journald from running here, as a sentence beginning with "needs "; empty where it can run."""
    programs = [
        name for name in ("journalctl", "systemd-cat", "unshare", "nsenter", "setpriv") if shutil.which(name) is None
    ]
    if daemon() is None or programs:
        return f"needs journald: install systemd and util-linux ({', '.join(programs) or 'systemd-journald'} not found)"
    probe = subprocess.run(
        [*UNSHARED, "mount", "-t", "tmpfs", "tmpfs", "/srv"],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    return f"needs journald: no private mounts here ({probe.stderr.strip()})" if probe.returncode else ""


def daemon() -> str | None:
    return next((path for path in DAEMONS if Path(path).exists()), None)


class Journald:
    """A running journald: programs started with `inside` write to it, `read` is journalctl."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def inside(self, command: Sequence[str]) -> list[str]:
        """The command that runs `command` where this journald listens."""
        user = () if ROOT else ("-U", "--preserve-credentials")
        return ["nsenter", "-t", str(self._process.pid), "-m", "-u", *user, *WITH_ITS_PARENT, *command]

    def read(self, *options: str, timezone: str = "UTC") -> bytes:
        command = self.inside(["journalctl", "--no-pager", "-q", *options])
        done = subprocess.run(command, capture_output=True, timeout=30, check=True, env={**os.environ, "TZ": timezone})
        return done.stdout

    def sync(self) -> None:
        """Waits until everything written so far is readable."""
        subprocess.run(self.inside(["journalctl", "--sync"]), capture_output=True, timeout=10, check=False)


@contextmanager
def journald(host: str, app: Path, venv: Path, data: Path, clock: Mapping[str, str]) -> Iterator[Journald]:
    """Starts journald on a host called `host`, with `app`, `venv` and `data` under /srv. Raises NeedsJournald.

    `clock` is the part of the environment that sets the host's clock.
    """
    problem = missing()
    if problem:
        raise NeedsJournald(problem)
    command = [*UNSHARED, "sh", "-c", STAGE, "stage"]
    _give_identity(host, data)
    set_clock = (f"{name}={value}" for name, value in clock.items())
    arguments: list[str] = [host, str(app), str(venv), str(data), *set_clock, str(daemon())]
    environment: Mapping[str, str] = {"PATH": os.environ["PATH"]}
    process = subprocess.Popen(
        [*command, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
    try:
        _wait_until_listening(process)
        yield Journald(process)
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
        if process.stderr is not None:
            process.stderr.close()


def _give_identity(host: str, data: Path) -> None:
    """Every host of the lab has its own machine id, the same in every run, and a new boot id, as real ones have."""
    (data / f"{host}.machine").write_text(hashlib.sha256(host.encode()).hexdigest()[:32] + "\n")
    (data / f"{host}.boot").write_text(f"{uuid.uuid4()}\n")


def _wait_until_listening(process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 10
    # Until its own file system is mounted there, the machine's own journald would be seen.
    ours = ["test", "-d", "/run/systemd/lab", "-a", "-S", "/run/systemd/journal/stdout"]
    probe = Journald(process).inside(ours)
    while time.monotonic() < until:
        if process.poll() is not None:
            text = process.stderr.read().decode(errors="replace") if process.stderr else ""
            raise NeedsJournald(f"needs journald: it ended at once ({text.strip()[-300:]})")
        if subprocess.run(probe, capture_output=True, timeout=5, check=False).returncode == 0:
            return
        time.sleep(0.03)
    raise NeedsJournald("needs journald: it did not listen within 10 s")
