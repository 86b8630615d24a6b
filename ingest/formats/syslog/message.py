"""One syslog message: RFC 5424, RFC 3164 with or without its `<PRI>`, and what BusyBox makes of it.

The PID is the sender's own word: libc and the handlers of every language write that of the process that speaks.
"""

from __future__ import annotations

import re

import msgspec

from ingest.formats import stamps
from ingest.formats.journal.fields import PRIORITIES
from ingest.formats.messages.said import LEVELS
from ingest.formats.writers import NOBODY, Who, split, who
from triage.core.records import Fact, PidTrust, Stamp

PRIORITY = re.compile(r"<(\d{1,3})>")  # <34>
LARGEST_PRIORITY = 191  # facility 23, severity 7
VERSIONED = re.compile(r"[1-9]\d{0,2} (?=- |\d{4}-\d\d-\d\dT)")  # 1 2026-11-23T…      not 1 apple
# web1 daemon.info cars-sync[100]: …      not web1 daemon.information
FACILITY = re.compile(
    r"(?:(\S{1,255}) )?(?:kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|ntp|security|console|"
    r"local[0-7])\.(emerg|panic|alert|crit|err|error|warning|warn|notice|info|debug) "
)
# web1 appname[4711] hello: rsyslog leaves out the colon where the message came without
NO_COLON = re.compile(r"(\S{1,255}) ([^\s\[\]:]{1,64})\[(\d{1,7})\] ?")
MISREAD = re.compile(r"(\S{1,255}) (?=1 \d{4}-\d\d-\d\dT)")  # web1 1 2026-11-23T…: RFC 5424 on a local socket
FOLDED = re.compile(r"(?:last )?message repeated (\d{1,9}) times")
PARAMETER = re.compile(r'([\w.@-]{1,32})="([^"\\\]]{1,200})"')  # request_id="ab12"      not request_id="a\"b"
ZONE = re.compile(r"(?:Z|[+-]\d\d:\d\d)$")
KEYS = {
    "request_id": "request_id",
    "requestid": "request_id",
    "x-request-id": "request_id",
    "correlation_id": "request_id",
    "trace_id": "trace",
    "traceid": "trace",
}
NIL = "-"
# How rsyslog writes characters that would break a line.
ESCAPES = (("#012", "\n"), ("#011", "\t"), ("#015", "\r"), ("#033", "\x1b"))


class Told(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a message's header says, and what it is about."""

    who: Who
    message: str
    stamp: Stamp | None = None
    level: str = ""
    keys: tuple[tuple[str, str], ...] = ()


def read(text: str, calendar: stamps.Calendar, host: str = "") -> Told | None:
    """The message; None where the text is none. `host` is that of the message before."""
    found = PRIORITY.match(text)
    level = ""
    if found is not None and int(found[1]) <= LARGEST_PRIORITY:
        level = PRIORITIES[str(int(found[1]) & 7)]
        text = text[found.end() :]
        if VERSIONED.match(text):
            return structured(text, level)
    told = _traditional(text, calendar, host)
    if told is None and level:
        told = _tagged(text) or Told(who=NOBODY, message=text)
    return msgspec.structs.replace(told, level=told.level or level) if told is not None and level else told


def is_structured(text: str) -> bool:
    """Whether this is a message of RFC 5424."""
    found = PRIORITY.match(text)
    return found is not None and VERSIONED.match(text, found.end()) is not None


def _traditional(text: str, calendar: stamps.Calendar, host: str) -> Told | None:
    """`Nov 23 01:30:00 web1 gunicorn[20843]: hello`, or with a stamp of RFC 3339."""
    read_stamp = (calendar.syslog(text) if text[:1].isalpha() else None) or (
        stamps.iso(text) if text[10:11] == "T" else None
    )
    if read_stamp is None:
        return None
    stamp, end = read_stamp
    if text[end : end + 1] != " ":
        return None
    found = FACILITY.match(text, end + 1)
    if found is not None:
        inner = split(text, found.end() - 1)
        writer, message = inner or (NOBODY, text[found.end() :])
        if inner is not None and writer.host:  # the host comes before the facility, so this is a part of the tag
            writer = Who("", f"{writer.host} {writer.ident}", writer.pid, PidTrust.UNKNOWN)
        whole = Who(found[1] or "", writer.ident, writer.pid, writer.trust)
        return Told(who=whole, message=message, stamp=stamp, level=LEVELS.get(found[2], ""))
    parts = split(text, end)
    if parts is None:
        return loose(text[end + 1 :], stamp, host)
    return Told(who=parts[0], message=parts[1], stamp=stamp)


def loose(rest: str, stamp: Stamp | None, host: str) -> Told:
    """What follows a stamp where no `ident: ` does, such as `web1 last message repeated 3 times`."""
    misread = MISREAD.match(rest)
    if misread is not None:
        inner = structured(rest[misread.end() :], "")
        if inner is not None:  # the daemon's stamp stays: its zone is that of all the other lines
            return msgspec.structs.replace(inner, stamp=stamp)
    found = NO_COLON.match(rest)
    if found is not None:
        named = who(f"{found[1]} {found[2]}[{found[3]}]")
        if named is not None:
            return Told(who=named, message=rest[found.end() :], stamp=stamp)
    there = bool(host) and rest.startswith(f"{host} ")
    return Told(
        who=Who(host if there else "", "", None, PidTrust.UNKNOWN),
        message=rest[len(host) + 1 :] if there else rest.removeprefix("- "),
        stamp=stamp,
    )


def _tagged(text: str) -> Told | None:
    """`gunicorn.cars.error: [34] Booting`: what follows a `<PRI>` on a local socket, without stamp and host."""
    parts = split(" " + text, 0)
    return None if parts is None or parts[0].host else Told(who=parts[0], message=parts[1])


def structured(text: str, level: str) -> Told | None:
    """`1 2026-11-23T01:30:00.053850+00:00 web1 gunicorn 20843 ID47 [req@1 request_id="ab12"] hello`."""
    parts = text.split(" ", 6)
    if len(parts) < 6:
        return None
    _, time, host, name, process, _, rest = (*parts, "")[:7]
    data, message = _parted(rest)
    at = stamps.iso(time)
    stamp = at[0] if at is not None and at[1] == len(time) else None
    if stamp is None and time != NIL:
        return None
    if stamp is not None and 'tzKnown="0"' in data:
        local = stamps.iso(ZONE.sub("", time))
        stamp = local[0] if local is not None else stamp
    named = (who(f"{host} {name}[{process}]") if process.isdecimal() else who(f"{host} {name}")) or NOBODY
    found = {KEYS[key.lower()]: value for key, value in PARAMETER.findall(data) if key.lower() in KEYS}
    return Told(
        who=Who(_or_nil(named.host), _or_nil(named.ident), named.pid, named.trust),
        message=message.removeprefix("\ufeff").removeprefix(" "),
        stamp=stamp,
        level=level,
        keys=tuple(found.items()),
    )


def _or_nil(text: str) -> str:
    return "" if text == NIL else text


def _parted(rest: str) -> tuple[str, str]:
    """(structured data, message) of what follows the header: `- hello`, `[a@1 b="c"][d@1] hello`."""
    if rest[:1] != "[":
        return "", rest[2:] if rest.startswith("- ") else "" if rest == NIL else rest
    at, quoted = 0, False
    while at < len(rest):
        character = rest[at]
        if quoted and character == "\\":
            at += 1
        elif character == '"':
            quoted = not quoted
        elif character == "]" and not quoted and rest[at + 1 : at + 2] != "[":
            return rest[: at + 1], rest[at + 2 :]
        at += 1
    return "", rest


def unescaped(message: str) -> str:
    """With the line ends and tabs that rsyslog wrote as `#012` and `#011`."""
    if "#0" in message:
        for written, meant in ESCAPES:
            message = message.replace(written, meant)
    return message


def repeats(message: str) -> int:
    """How many messages this one stands for; 0 for any other."""
    found = FOLDED.match(message)
    return int(found[1]) if found is not None else 0


def folding(count: int) -> Fact:
    """That messages are missing which a syslog daemon only counted."""
    return Fact(
        name="problem",
        value=f"The syslog daemon wrote “message repeated” in place of {count:,} messages, so the times of these are "
        "not known: switch that off ($RepeatedMsgReduction off in rsyslog).",
    )
