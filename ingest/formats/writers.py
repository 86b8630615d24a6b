"""Who wrote a line: the part between its stamp and its message, `HOST IDENT[PID]: `, in journals and syslog files."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from ingest.formats.journal.fields import PIPES
from ingest.formats.messages.said import pid_of
from triage.core.records import PidTrust

LONGEST = 600  # characters of host, identifier and PID

# gunicorn[51463] · systemd · kernel · we ird[7]; the host may be left out (--no-hostname)
WHO = re.compile(r"(?:(\S{1,255}) )?(.{1,255}?)(?:\[(\d{1,10})\])?$")
CONTAINER = re.compile(
    r"[0-9a-f]{12}$"
)  # c0ffee001122: how docker names itself in a log that it writes for a container
USER_UNIT = re.compile(r"user@\d{1,10}\.service/(\S{1,240})$")  # user@1000.service/cars.service


class Who(msgspec.Struct, frozen=True, gc=False):
    """The part of a line between its stamp and its message."""

    host: str
    ident: str
    pid: int | None
    trust: PidTrust


NOBODY = Who("", "", None, PidTrust.UNKNOWN)


@lru_cache(maxsize=8192)
def who(text: str) -> Who | None:
    """`vm gunicorn[51463]`. An identifier with a space in it is the client's own choice, and may forge a PID."""
    found = WHO.match(text)
    if found is None or not text.strip() or text[0] == "[":
        return None  # `2026-11-23T06:45:42.507Z [27520] info: …` is an application's line, not a host's
    host, ident, pid = found[1] or "", found[2], pid_of(found[3])
    if CONTAINER.match(ident):
        return Who(ident, ident, None, PidTrust.UNKNOWN)  # the PID is the container engine's
    unit = USER_UNIT.match(ident)
    known = pid is not None and " " not in ident and ident not in PIPES
    return Who(host, unit[1] if unit else ident, pid, PidTrust.PROVEN if known else PidTrust.UNKNOWN)


def split(line: str, start: int) -> tuple[Who, str] | None:
    """(who, message) of what follows the stamp, which ends before the blank at `start`."""
    if line[start : start + 1] != " ":
        return None
    colon = line.find(": ", start, start + LONGEST)
    if colon < 0:
        if not line.endswith(":") or len(line) - start > LONGEST:
            return None
        colon = len(line) - 1
    writer = who(line[start + 1 : colon])
    return None if writer is None else (writer, line[colon + 2 :])
