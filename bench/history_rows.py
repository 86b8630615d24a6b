"""A hundred thousand runs' history as rows for COPY, and one more run's report."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from datetime import timedelta
from random import Random
from typing import Any

from django.db import connection

from bench.history import BEGIN, EACH, FAILING, TESTS
from triage.core.findings import (
    End,
    Holder,
    Level,
    Lineup,
    Mechanism,
    Report,
    Trace,
    Verdict,
    VerdictKind,
    VerdictSide,
    Visit,
)
from triage.core.findings import TestCase as Case
from triage.core.history.fingerprint import fingerprint
from triage.core.records import SECOND, Outcome, micros
from triage.models import FailureGroup, Occasion, Project, Run, Test
from triage.models import Verdict as VerdictRow
from triage.store.recall import plain, test_key
from triage.store.traces import pack

MESSAGE = "AssertionError: assert 3 == 4"
FAILS = 0.4  # of the runs, those in which write and read met different processes
VERDICTS = 60  # newest failures of each failing test whose verdicts are there to be changed
HOLDERS = tuple(Holder(name=f"web1[{pid}]", requests=40) for pid in range(4711, 4715))


def test_name(number: int) -> str:
    return f"tests/test_{number % 40}.py::test_{number}"


test_name.__test__ = False  # type: ignore[attr-defined]


def a_trace(number: int, failed: bool) -> Trace:
    """Some exchanges before the write, and a read on another process where it failed."""
    at, kinds = micros(BEGIN), ("GET /cars", "POST /cars", "GET /cars", "GET /cars/{}")
    visits = tuple(
        Visit(kind=kind, process=(1 if failed and place == 2 else 0), at_us=at + place * SECOND // 10, status=200)
        for place, kind in enumerate(kinds)
    )
    outcome = Outcome.FAILED if failed else Outcome.PASSED
    return Trace(test=test_name(number), outcome=outcome, visits=visits, holders=HOLDERS)


def a_verdict(number: int) -> Verdict:
    ends = {"host": "web1", "unit": "gunicorn", "at_us": micros(BEGIN)}
    return Verdict(
        test=test_name(number), outcome=Outcome.FAILED, message=MESSAGE, kind=VerdictKind.SPLIT_STATE,
        level=Level.LIKELY, confidence=0.8, summary="POST /cars was served by web1[4711], GET /cars by web1[4712].",
        side=VerdictSide.SERVER, mechanism=Mechanism.IN_MEMORY,
        write=End(method="POST", path="/cars", pid=4711, **ends),
        read=End(method="GET", path="/cars", pid=4712, **ends),
    )  # fmt: skip


def a_report(failing: int) -> Report:
    return Report(
        lineup=Lineup(
            tests=tuple(
                Case(test=test_name(n), outcome=Outcome.FAILED if n < failing else Outcome.PASSED,
                     message=MESSAGE if n < failing else "")
                for n in range(TESTS)
            )
        ),
        verdicts=tuple(a_verdict(n) for n in range(failing)),
        traces=tuple(a_trace(n, n < failing) for n in range(TESTS)),
        core_version=4,
    )  # fmt: skip


class Rows:
    """The tables, in the order in which they refer to each other."""

    def __init__(self, chance: Random, runs: int) -> None:
        self._chance, self._runs = chance, runs
        self._project = Project.objects.create(slug="bench", name="Bench")
        self._ids = [uuid.UUID(int=chance.getrandbits(128), version=4) for _ in range(runs)]
        self._failures: dict[int, list[uuid.UUID]] = {number: [] for number in range(TESTS)}

    def tables(self) -> Iterator[tuple[Any, Iterable[dict[str, Any]]]]:
        yield Run, self._all_runs()
        yield FailureGroup, self._groups()
        yield Occasion, self._occasions()
        yield Test, self._tests()
        yield VerdictRow, self._verdicts()

    def settle(self) -> None:
        with connection.cursor() as cursor:
            for model in (FailureGroup, Test, VerdictRow, Occasion):
                table = model._meta.db_table
                cursor.execute(f"SELECT setval('{table}_id_seq', (SELECT coalesce(max(id), 1) FROM {table}))")  # noqa: S608
            cursor.execute("VACUUM ANALYZE")

    def _at(self, number: int) -> Any:
        return BEGIN + timedelta(minutes=4 * number)

    def _all_runs(self) -> Iterator[dict[str, Any]]:
        for number, run in enumerate(self._ids):
            at = self._at(number)
            yield {
                "id": run, "project_id": self._project.pk, "run_key": f"ci/{number}", "received_at": at,
                "changed_at": at, "touched_at": at, "received_on": at.date(), "status": "ready", "read_revision": 1,
                "analysed_revision": 1, "branch": "main", "remarks": ["The journal names no year."],
            }  # fmt: skip

    def _groups(self) -> Iterator[dict[str, Any]]:
        for number in range(TESTS):
            name = test_name(number)
            print_ = fingerprint(name, MESSAGE, "")
            yield {
                "id": number + 1, "project_id": self._project.pk, "key": print_.key, "version": print_.version,
                "test": name, "test_key": test_key(name), "normal": print_.normal, "occurrences": 1,
            }  # fmt: skip

    def _occasions(self) -> Iterator[dict[str, Any]]:
        blobs = [[pack(a_trace(number, failed)) for failed in (False, True)] for number in range(TESTS)]
        names = [test_name(number) for number in range(TESTS)]
        keys = [test_key(name) for name in names]
        for place, run in enumerate(self._ids):
            at = self._at(place)
            for number in self._chance.sample(range(TESTS), EACH):
                failed = self._chance.random() < FAILS
                if failed:
                    self._failures[number].append(run)
                row = {
                    "project_id": self._project.pk, "run_id": run, "test_key": keys[number], "test": names[number],
                    "at": at, "failed": failed, "trace": blobs[number][failed],
                }  # fmt: skip
                yield row | _FAILED | {"group_id": number + 1} if failed else row

    def _told(self) -> Iterator[tuple[int, uuid.UUID, int]]:
        """(place, run, test) of the failures whose verdicts are there."""
        place = 0
        for number in range(FAILING):
            for run in self._failures[number][-VERDICTS:]:
                place += 1
                yield place, run, number

    def _tests(self) -> Iterator[dict[str, Any]]:
        for place, run, number in self._told():
            yield {
                "id": place, "run_id": run, "position": number, "nodeid": test_name(number), "outcome": "failed",
                "message": MESSAGE,
            }  # fmt: skip

    def _verdicts(self) -> Iterator[dict[str, Any]]:
        for place, run, number in self._told():
            said = plain(a_verdict(number))
            yield {name: said[name] for name in said if name not in ("test", "outcome", "message")} | {
                "id": place, "test_id": place, "run_id": run, "core_version": 4, "decided_at": BEGIN,
            }  # fmt: skip


_FAILED = {
    "kind": "split_state", "confidence": 0.8, "side": "server", "mechanism": "in_memory", "pair_write": "POST /cars",
    "pair_read": "GET /cars",
}  # fmt: skip


def copied(model: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Writes rows by COPY; what a row does not say is the field's default."""
    fields = [f for f in model._meta.concrete_fields if not (f.primary_key and model is Occasion)]
    names = [field.column for field in fields]
    plain_of = {field.column: field.get_default() for field in fields}
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY {model._meta.db_table} ({', '.join(f'{chr(34)}{name}{chr(34)}' for name in names)}) FROM STDIN",
            _Stream(
                "\t".join(_text(row.get(name, plain_of[name])) for name in names) + "\n" for row in rows
            ),
        )  # fmt: skip


def _text(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, dict | list):
        return json.dumps(value).replace("\\", "\\\\")
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


class _Stream:
    """Lines as the file that COPY reads."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def read(self, size: int = 8192) -> str:
        held, length = [], 0
        for line in self._lines:
            held.append(line)
            length += len(line)
            if length >= size:
                break
        return "".join(held)
