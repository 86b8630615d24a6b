"""What one message says, without the envelope that brought it, and the contract of a grammar that reads messages."""

from __future__ import annotations

from typing import Protocol

import msgspec

from triage.core.records import LifeEvent, Request, Stamp

PID_LIMIT = 1 << 22  # the largest PID that a Linux kernel gives out

LEVELS = {
    "trace": "debug",
    "debug": "debug",
    "info": "info",
    "information": "info",
    "notice": "info",
    "success": "info",
    "warn": "warning",
    "warning": "warning",
    "err": "error",
    "error": "error",
    "exception": "error",
    "crit": "critical",
    "critical": "critical",
    "fatal": "critical",
    "alert": "critical",
    "emerg": "critical",
}
LEVELS |= {name.upper(): level for name, level in LEVELS.items()}

METHODS = frozenset(
    [
        "GET",
        "POST",
        "PUT",
        "PATCH",
        "DELETE",
        "HEAD",
        "OPTIONS",
        "TRACE",
        "CONNECT",
        "PROPFIND",
        "PROPPATCH",
        "MKCOL",
        "COPY",
        "MOVE",
        "LOCK",
        "UNLOCK",
        "REPORT",
    ]
)


class Said(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One message, understood."""

    kind: str  # NAME of the grammar that understood most of it
    stamp: Stamp | None = None
    pid: int | None = None  # of the writer, as the writer itself says
    hearsay: bool = False  # that PID stands in free text, which may speak of another process
    maybe_pid: tuple[int, str, str] | None = None  # a number that may be the PID, the logger, how its text begins
    relayed: bool = False  # a proxy wrote it: its own PID, however sure, is not the one that served the request
    level: str = ""
    request: Request | None = None
    life: LifeEvent | None = None
    slot: str = ""  # such as worker-2: a place among the workers, told with its PID only when one is put there
    slot_writes: bool = False  # the process in that place wrote the line
    keys: tuple[tuple[str, str], ...] = ()
    rest: str = ""  # what the program's own code said behind this prefix, for another grammar to read


class Grammar(Protocol):
    """A module of this folder. `understand` gives None quickly for a message that is not its own, and never raises."""

    @property
    def NAME(self) -> str:
        """Also the name of the format of a bare file with such lines."""

    @property
    def TITLE(self) -> str: ...

    @property
    def STARTS(self) -> str:
        """The characters that its messages may begin with; "" for any."""

    @property
    def SAMPLES(self) -> tuple[str, ...]: ...

    def understand(self, text: str) -> Said | None: ...


def pid_of(digits: str | None) -> int | None:
    """A PID from its digits; None for what no kernel gives out."""
    if not digits or len(digits) > 7:
        return None
    pid = int(digits)
    return pid if 0 < pid <= PID_LIMIT else None


def split_target(uri: str) -> tuple[str, str]:
    """(path, query) of what a request line asks for; an absolute URI loses its scheme and host."""
    if not uri.startswith("/") and "://" in uri[:10]:
        rest = uri.split("://", 1)[1]
        slash = rest.find("/")
        uri = rest[slash:] if slash >= 0 else "/"
    path, _, query = uri.partition("?")
    return path.partition("#")[0], query
