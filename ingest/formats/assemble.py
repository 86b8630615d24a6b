"""One server line into one Entry: the envelope's facts and the message's facts put together, and whose PID it is.

An envelope may carry the PID of another process than the one that spoke: systemd before 244 stamps a parent's PID on
what its children print, and so does `app | tee`. Two different processes that name themselves under one envelope PID
give it away; from then on that PID is not trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from ingest.formats.bare_numbers import BareNumbers
from ingest.formats.base import LINE_LIMIT
from ingest.formats.messages import gunicorn_error, uvicorn
from ingest.formats.messages.understand import understand
from triage.core.records import Entry, Fact, Life, LifeEvent, PidTrust, Stamp

WRITERS_LIMIT = 20_000  # (host, unit, PID) that are watched; a log has hundreds
CUT_MARK = "…"

Writer = tuple[str, str, int]


class Assembler:
    """Makes the entries of one part in file order."""

    def __init__(self, worth: Callable[[str], object] | None = None) -> None:
        self._worth = worth  # which messages to look into; None: all
        self._names: dict[Writer, int] = {}  # the first PID that was claimed under an envelope's PID
        self._parents: dict[Writer, int] = {}  # envelope PIDs that are not the speaker's, with the line that told
        self._booted: dict[tuple[str, str], set[int]] = {}
        self._told: dict[int, str] = {}  # which grammar told of a PID's boot last
        self._servers: dict[tuple[str, str], dict[int, int]] = {}  # envelope PIDs with requests, with a line
        self._numbers: dict[tuple[str, str], BareNumbers] = {}
        self._slots: dict[tuple[str, str, str], int] = {}  # who was put last into a place such as worker-2

    def entry(
        self,
        line: int,
        raw: str,
        stamp: Stamp | None,
        message: str,
        host: str = "",
        unit: str = "",
        pid: int | None = None,
        trust: PidTrust = PidTrust.PROVEN,
        level: str = "",
        boot: str = "",
        keys: tuple[tuple[str, str], ...] = (),
    ) -> Entry:
        """`pid` and `trust` are the envelope's; what the program says of itself goes before both."""
        if pid is None:
            trust = PidTrust.UNKNOWN
        worth = self._worth
        said = understand(message) if worth is None or worth(message) else None
        if said is None:
            if pid is not None and self._parents and (host, unit, pid) in self._parents:
                trust = PidTrust.UNKNOWN
            return Entry(line=line, raw=raw, stamp=stamp, host=host, unit=unit, boot=boot, pid=pid, pid_trust=trust,
                         level=level, message=message, keys=keys)  # fmt: skip
        life = said.life
        own = said.pid
        if pid is not None:
            trusted = trust is not PidTrust.UNKNOWN  # a pipe's PID is known not to be the speaker's
            if said.hearsay and trusted and (host, unit, pid) not in self._parents:
                own = None
            if own is not None and trusted and own != self._names.get((host, unit, pid)):
                self._claimed((host, unit, pid), own, line)
            if said.request is not None:
                self._serves(host, unit, pid, line)
            if self._parents and (host, unit, pid) in self._parents:
                trust = PidTrust.UNKNOWN
        if own is not None:
            pid, trust = own, PidTrust.PROVEN
            if not said.hearsay:
                self._numbers_of(host, unit).told(own)
        elif said.slot_writes and pid is None:
            pid = self._slots.get((host, unit, said.slot))
            if pid is not None:  # a worker put there later may speak before it is told
                trust = PidTrust.INFERRED if said.request is None else PidTrust.PROVEN
        elif said.maybe_pid is not None and pid is None:
            trust = self._numbers_of(host, unit).trust(*said.maybe_pid)
            pid = None if trust is PidTrust.UNKNOWN else said.maybe_pid[0]
        if said.relayed:
            trust = PidTrust.UNKNOWN
        if life is not None:
            if said.slot:
                life = self._placed(life, (host, unit, said.slot))
                if said.slot_writes and life.what is Life.EXIT:
                    self._slots.pop((host, unit, said.slot), None)
            if life.subject is not None:
                self._numbers_of(host, unit).told(life.subject)
            life = self._lived(life, host, unit, pid, said.kind)
        inner = said.stamp
        if stamp is None and inner is not None:
            stamp, inner = inner, None
        return Entry(
            line=line,
            raw=raw,
            stamp=stamp,
            inner=inner,
            host=host,
            unit=unit,
            boot=boot,
            pid=pid,
            pid_trust=trust,
            level=said.level or level,
            message=message,
            request=said.request,
            life=life,
            keys=keys + said.keys if keys else said.keys,
        )

    def facts(self) -> Iterator[Fact]:
        """What only the whole part tells. ("pid_is_parents", "51463"): entries under that PID are other processes'."""
        for (_, _, pid), line in self._parents.items():
            yield Fact(name="pid_is_parents", value=str(pid), line=line)
        for where, booted in self._booted.items():
            servers = self._servers.get(where, {})
            if len(servers) == 1 and len(booted) > 1 and not booted & servers.keys():
                ((pid, line),) = servers.items()
                if (*where, pid) not in self._parents:
                    yield Fact(name="pid_is_parents", value=str(pid), line=line)

    def _numbers_of(self, host: str, unit: str) -> BareNumbers:
        numbers = self._numbers.get((host, unit))
        if numbers is None:
            numbers = BareNumbers()
            if len(self._numbers) < WRITERS_LIMIT:
                self._numbers[host, unit] = numbers
        return numbers

    def _claimed(self, writer: Writer, own: int, line: int) -> None:
        first = self._names.get(writer)
        if first is None:
            if len(self._names) < WRITERS_LIMIT:
                self._names[writer] = own
        elif writer not in self._parents:
            self._parents[writer] = line

    def _serves(self, host: str, unit: str, pid: int, line: int) -> None:
        servers = self._servers.get((host, unit))
        if servers is None:
            if len(self._servers) < WRITERS_LIMIT:
                self._servers[host, unit] = {pid: line}
        elif len(servers) < 2:
            servers.setdefault(pid, line)

    def _placed(self, life: LifeEvent, slot: tuple[str, str, str]) -> LifeEvent:
        """The event on a worker's place, with the PID that was told when one was put there."""
        if life.subject is None:
            subject = self._slots.get(slot)
            return life if subject is None else msgspec.structs.replace(life, subject=subject)
        if len(self._slots) < WRITERS_LIMIT:
            self._slots[slot] = life.subject
        return life

    def _lived(self, life: LifeEvent, host: str, unit: str, pid: int | None, kind: str) -> LifeEvent | None:
        """The event with its subject. A worker class that tells again what its master's log just told is left out."""
        if life.what is Life.RECYCLE and life.subject is None:
            life = msgspec.structs.replace(life, subject=pid)
        if life.what is Life.BOOT and life.subject is not None and len(self._booted) < WRITERS_LIMIT:
            if kind == uvicorn.NAME and self._told.get(life.subject) == gunicorn_error.NAME:
                del self._told[life.subject]
                return None
            if len(self._told) < WRITERS_LIMIT:
                self._told[life.subject] = kind
            booted = self._booted.setdefault((host, unit), set())
            if len(booted) < WRITERS_LIMIT:
                booted.add(life.subject)
        return life


def joined(entry: Entry, more: list[str]) -> Entry:
    """The entry with its continuation lines, together at most LINE_LIMIT characters."""
    tail = "\n" + "\n".join(more)
    return msgspec.structs.replace(entry, raw=_cut(entry.raw + tail), message=_cut(entry.message + tail))


def _cut(text: str) -> str:
    return text if len(text) <= LINE_LIMIT else text[: LINE_LIMIT - 1] + CUT_MARK
