"""Evidence made by hand, as short as a test can read it: times are seconds after noon of one day, in UTC."""

from __future__ import annotations

import msgspec

from triage.core.records import (
    SECOND,
    Entry,
    Fact,
    Life,
    LifeEvent,
    Outcome,
    PartRecords,
    PidTrust,
    Request,
    RunEvidence,
    Side,
    Stamp,
    Step,
    TestResult,
)

NOON = 1_795_435_200 * SECOND
TEST = "tests/test_cars.py::test_add_car"


def at(seconds: float, *, tick: int = 1000, zoned: bool = True, shift: float = 0) -> Stamp:
    us = NOON + round((seconds + shift) * SECOND)
    return Stamp(us // tick * tick, zoned, tick)


def asked(
    seconds: float | None,
    method: str,
    path: str,
    status: int | None = 200,
    *,
    size: int | None = None,
    line: int = 1,
    test: str | None = TEST,
    phase: str = "call",
    worker: str = "",
    stamp: Stamp | None = None,
) -> Step:
    """A step as urllib3 logs it."""
    text = f'http://127.0.0.1:5000 "{method} {path} HTTP/1.1" {status} {size}'
    return Step(
        line=line,
        raw=text,
        text=text,
        stamp=stamp or (at(seconds) if seconds is not None else None),
        test=test,
        phase=phase,
        worker=worker,
        request=Request(method=method, path=path, status=status, size=size, ended=True),
    )


def said(seconds: float | None, text: str, *, line: int = 1, test: str | None = TEST, mark: str = "") -> Step:
    stamp = at(seconds, tick=SECOND) if seconds is not None else None
    return Step(line=line, raw=text, text=text, stamp=stamp, test=test, mark=mark)


def served(
    seconds: float,
    pid: int | None,
    method: str,
    path: str,
    status: int = 200,
    *,
    size: int | None = None,
    line: int = 1,
    host: str = "web1",
    stamp: Stamp | None = None,
    keys: tuple[tuple[str, str], ...] = (),
) -> Entry:
    """An access line."""
    text = f'127.0.0.1 - - "{method} {path} HTTP/1.1" {status} {size}'
    return Entry(
        line=line,
        raw=text,
        stamp=stamp or at(seconds),
        host=host,
        unit="gunicorn",
        pid=pid,
        pid_trust=PidTrust.PROVEN if pid is not None else PidTrust.UNKNOWN,
        message=text,
        request=Request(method=method, path=path, status=status, size=size, ended=True),
        keys=keys,
    )


def wrote(
    seconds: float, pid: int | None, message: str, *, line: int = 1, level: str = "info", **more: object
) -> Entry:
    """A line of the application or of the server itself."""
    fields: dict[str, object] = {"stamp": at(seconds), "host": "web1", "unit": "gunicorn"} | more
    trust = PidTrust.PROVEN if pid is not None else PidTrust.UNKNOWN
    return Entry(line=line, raw=message, pid=pid, pid_trust=trust, message=message, level=level, **fields)  # type: ignore[arg-type]


def life(seconds: float, writer: int, what: Life, subject: int | None, message: str = "", reason: str = "") -> Entry:
    return wrote(seconds, writer, message or what.value, life=LifeEvent(what=what, subject=subject, reason=reason))


def failed(message: str = "assert 404 == 200", *, test: str = TEST, detail: str = "", **more: object) -> TestResult:
    return TestResult(test=test, outcome=Outcome.FAILED, message=message, detail=detail, phase="call", **more)  # type: ignore[arg-type]


def passed(test: str, **more: object) -> TestResult:
    return TestResult(test=test, outcome=Outcome.PASSED, **more)  # type: ignore[arg-type]


def client_part(*records: Step | TestResult | Fact, name: str = "pytest.txt") -> PartRecords:
    steps = [record for record in records if isinstance(record, Step)]
    return PartRecords(
        name=name,
        side=Side.TESTS,
        steps=tuple(_numbered(steps)),
        results=tuple(record for record in records if isinstance(record, TestResult)),
        facts=tuple(record for record in records if isinstance(record, Fact)),
    )


def server_part(*entries: Entry | Fact, name: str = "journal.txt") -> PartRecords:
    return PartRecords(
        name=name,
        side=Side.SERVER,
        entries=tuple(_numbered([entry for entry in entries if isinstance(entry, Entry)])),
        facts=tuple(entry for entry in entries if isinstance(entry, Fact)),
    )


def _numbered(records: list) -> list:
    return [msgspec.structs.replace(record, line=n) for n, record in enumerate(records, start=1)]


def run(*parts: PartRecords, **more: object) -> RunEvidence:
    return RunEvidence(parts=parts, **more)  # type: ignore[arg-type]
