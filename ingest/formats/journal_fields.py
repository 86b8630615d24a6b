"""One journal entry from its fields, whatever carried them: JSON or the export format.

Fields that begin with `_` are journald's own and cannot be forged; the others are the sender's word.
"""

from __future__ import annotations

import msgspec

from ingest.formats.assemble import Assembler
from ingest.formats.messages.said import pid_of
from triage.core.records import Entry, PidTrust, Stamp

NOT_A_SERVICE = ("init.scope", "docker.service", "containerd.service")  # units that say nothing of the program
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
    hostname: str | None = None
    boot: str | None = None
    priority: str | None = None
    transport: str | None = None


def entry_of(assembler: Assembler, line: int, raw: str, fields: Fields, host_hint: str) -> Entry | None:
    """The entry; None where neither a time nor a message is there."""
    stamp = stamp_of(fields.source_realtime) or stamp_of(fields.realtime)
    if stamp is None and fields.message is None:
        return None
    pid, trust = pid_of(digits(fields.pid)), PidTrust.PROVEN
    if pid is None:
        pid, trust = pid_of(digits(fields.syslog_pid)), PidTrust.UNKNOWN
    level = PRIORITIES.get(fields.priority or "", "")
    if fields.priority == STDOUT_PRIORITY and fields.transport in ("stdout", None):
        level = ""
    return assembler.entry(
        line,
        raw,
        stamp,
        fields.message or "",
        fields.hostname or host_hint,
        unit_of(fields),
        pid,
        trust,
        level,
        fields.boot or "",
    )


def unit_of(fields: Fields) -> str:
    """The service, container or program: what a person would call it."""
    if fields.container:
        return fields.container
    unit = fields.unit or ""
    if unit.startswith("user@") and fields.user_unit:
        unit = fields.user_unit
    if unit and unit not in NOT_A_SERVICE and not unit.endswith((".scope", ".slice")):
        return unit
    return fields.identifier or fields.comm or unit


def digits(text: str | None) -> str | None:
    return text if text and text.isascii() and text.isdigit() else None


def stamp_of(text: str | None) -> Stamp | None:
    """Microseconds since 1970 in decimal."""
    if not text or len(text) > 17 or not text.isascii() or not text.isdigit():
        return None
    return Stamp(int(text), True, 1)
