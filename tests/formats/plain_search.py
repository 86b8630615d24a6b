"""What plain searches find in a corpus file: a second opinion that shares no line of code with the parsers."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

METHODS = "GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS"
QUOTED = re.compile(rf'"({METHODS}) ([^\s"?#]+)[^\s"]* ?(?:(?:HTTP/)?[\d.]+)?" (\d{{3}})\b')
UWSGI = re.compile(rf"\b({METHODS}) ([^\s?#]+)\S* => generated .* \(HTTP/[\d.]+ (\d{{3}})\)")
ISO = re.compile(r"\b(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:[.,](\d{1,6}))?\d*(?: ?(Z|UTC|[+-]\d\d:?\d\d)\b)?")
ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
SUMMARY = re.compile(r"^=* ?((?:\d+ [a-z]+(?: [a-z]+)?, )*\d+ [a-z]+(?: [a-z]+)?) in \d+\.\d+s.*$")
PARTIAL = re.compile(r"_LINE_BREAK|CONTAINER_PARTIAL_MESSAGE")  # a journal's entry that is half a line
BOOTED = {
    "gunicorn": re.compile(r"Booting worker with pid: (\d+)"),
    "uvicorn": re.compile(r"Started server process \[(\d+)\]"),
    "uwsgi": re.compile(r"spawned uWSGI worker \d+ \(pid: (\d+)"),
    "granian": re.compile(r"Spawning worker-\d+ with PID: (\d+)"),
}


def text_of(path: Path) -> str | None:
    """The file as text; None where it is none."""
    data = path.read_bytes()
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    try:
        return ESCAPE.sub("", data.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        return None


def requests(text: str) -> Counter[str]:
    """`METHOD /path status` of every line that has all three as servers write them."""
    found: Counter[str] = Counter()
    for line in text.split("\n"):
        plain = line.replace('\\"', '"')  # inside JSON
        told = QUOTED.search(plain) or UWSGI.search(plain)
        if told:
            found[" ".join(told.groups())] += 1
    return found


def times(text: str) -> list[datetime]:
    """Every ISO time, as UTC; one without a zone as if it were."""
    found = []
    for wall, digits, zone in ISO.findall(text):
        zone = {"Z": "+00:00", "UTC": "+00:00"}.get(zone, zone)
        at = datetime.fromisoformat(wall.replace(" ", "T") + f".{digits or '0':0<6}" + (zone or "+00:00"))
        found.append(at.astimezone(UTC))
    return found


def has_instant(text: str, at: datetime) -> bool:
    """Also as seconds, milliseconds or microseconds since 1970, or in a journal's cursor."""
    whole, digits = divmod(round(at.timestamp() * 1_000_000), 1_000_000)
    micros = whole * 1_000_000 + digits
    forms = [f"{whole}.{digits:06d}", f"{micros}", f"t={micros:x};"]
    if digits % 1000 == 0:
        forms += [f"{whole}.{digits // 1000:03d}", f"{micros // 1000}"]
    return any(form in text for form in forms) or at in {
        found if digits else found.replace(microsecond=0) for found in times(text)
    }


def has_number(text: str, number: str) -> bool:
    return re.search(rf"(?<!\d){number}(?!\d)", text) is not None


def booted(text: str) -> set[str]:
    """PIDs of workers that any of the known servers says it started."""
    return {pid for pattern in BOOTED.values() for pid in pattern.findall(text) if pid.isdigit()}


def last_counts(text: str) -> Counter[str]:
    """What pytest's last lines count: 3 failed, 12 passed; the sum over all sessions of the file."""
    found: Counter[str] = Counter()
    for line in text.split("\n"):
        said = SUMMARY.match(line.split("Z ", 1)[-1] if "Z ==" in line else line)
        for word in said[1].split(", ") if said else ():
            count, _, name = word.partition(" ")
            found[name] += int(count)
    return found
