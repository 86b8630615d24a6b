"""One journal entry from its fields, whatever carried them: JSON or the export format.

Fields that begin with `_` are journald's own and cannot be forged; the others are the sender's word.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

from ingest.formats.assemble import Assembler
from ingest.formats.messages.said import pid_of
from triage.core.records import Entry, PidTrust, Stamp

NOT_A_SERVICE = ("init.scope", "docker.service", "containerd.service")  # units that say nothing of the program
# Programs that pass on what others write: their PID is not the speaker's.
PIPES = frozenset(("cat", "tee", "logger", "systemd-cat", "sed", "awk", "grep", "ts", "multilog", "rotatelogs"))
STDOUT_PRIORITY = "6"  # what journald gives to every line of a service's output: no level of the program's
PRIORITIES = {
    "0": "critical",
    "1": "critical",
    "2": "critical",
    "3": "error",
    "4": "warning",
    "5": "info",
    "6": "info",
    "7": "debug",
}


# The fields that matter, by the names that journald gives them; the many others are skipped.
NAMES = {
    "message": "MESSAGE",
    "realtime": "__REALTIME_TIMESTAMP",
    "source_realtime": "_SOURCE_REALTIME_TIMESTAMP",
    "pid": "_PID",
    "syslog_pid": "SYSLOG_PID",
    "identifier": "SYSLOG_IDENTIFIER",
    "comm": "_COMM",
    "unit": "_SYSTEMD_UNIT",
    "user_unit": "_SYSTEMD_USER_UNIT",
    "container": "CONTAINER_NAME",
    "container_id": "CONTAINER_ID",
    "partial": "CONTAINER_PARTIAL_MESSAGE",
    "partial_id": "CONTAINER_PARTIAL_ID",
    "line_break": "_LINE_BREAK",
    "stream": "_STREAM_ID",
    "hostname": "_HOSTNAME",
    "boot": "_BOOT_ID",
    "priority": "PRIORITY",
    "transport": "_TRANSPORT",
}


class Fields(msgspec.Struct, kw_only=True, gc=False, rename=NAMES):
    """Those fields as text; None for absent."""

    message: str | None = None
    realtime: str | None = None
    source_realtime: str | None = None
    pid: str | None = None
    syslog_pid: str | None = None
    identifier: str | None = None
    comm: str | None = None
    unit: str | None = None
    user_unit: str | None = None
    container: str | None = None
    container_id: str | None = None
    partial: str | None = None
    partial_id: str | None = None
    line_break: str | None = None
    stream: str | None = None
    hostname: str | None = None
    boot: str | None = None
    priority: str | None = None
    transport: str | None = None


def entry_of(assembler: Assembler, line: int, raw: str, fields: Fields, host_hint: str) -> Entry | None:
    """The entry; None where neither a time nor a message is there."""
    stamp = stamp_of(fields.source_realtime) if fields.source_realtime else None
    if stamp is None:
        stamp = stamp_of(fields.realtime)
    if stamp is None and fields.message is None:
        return None
    host, unit, pid, trust, level, in_container = _writer(
        fields.pid, fields.syslog_pid, fields.container or fields.container_id, fields.unit, fields.user_unit,
        fields.identifier or fields.comm, fields.comm in PIPES, fields.hostname or host_hint, fields.priority,
        fields.transport,
    )  # fmt: skip
    message = fields.message or ""
    if in_container:
        message = message.removesuffix("\n")  # podman leaves it on
    return assembler.entry(line, raw, stamp, message, host, unit, pid, trust, level, fields.boot or "")


Writer = tuple[str, str, int | None, PidTrust, str, bool]


@lru_cache(maxsize=8192)
def _writer(
    own: str | None,
    syslog: str | None,
    container: str | None,
    unit: str | None,
    user_unit: str | None,
    program: str | None,
    pipe: bool,
    host: str,
    priority: str | None,
    transport: str | None,
) -> Writer:
    """(host, what a person would call the program, its PID, how sure that is, level, whether in a container).

    A log has few writers and many lines.
    """
    if container:
        # Every container counts its processes from 1, the journal's PID is the container engine's, and its priority
        # only tells standard output from standard error.
        return container, container, None, PidTrust.UNKNOWN, "", True
    pid, trust = pid_of(digits(own)), PidTrust.UNKNOWN if pipe else PidTrust.PROVEN
    if pid is None:
        pid, trust = pid_of(digits(syslog)), PidTrust.UNKNOWN
    level = PRIORITIES.get(priority or "", "")
    if priority == STDOUT_PRIORITY and transport in ("stdout", None):
        level = ""
    return host, _named(unit or "", user_unit, program), pid, trust, level, False


def _named(unit: str, user_unit: str | None, program: str | None) -> str:
    if unit.startswith("user@") and user_unit:
        unit = user_unit
    if unit and unit not in NOT_A_SERVICE and not unit.endswith((".scope", ".slice")):
        return unit
    return program or unit


def digits(text: str | None) -> str | None:
    return text if text and text.isascii() and text.isdigit() else None


def stamp_of(text: str | None) -> Stamp | None:
    """Microseconds since 1970 in decimal."""
    if not text or len(text) > 17 or not text.isascii() or not text.isdigit():
        return None
    return Stamp(int(text), True, 1)
