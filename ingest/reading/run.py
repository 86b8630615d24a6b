"""Reads all parts of a run that wait for it: the tests side first, because it tells where to look in the server logs.

Every part is finished in a transaction of its own, so that a worker killed anywhere loses one part's work at most.
"""

from __future__ import annotations

import hashlib
import logging

import msgspec
from celery.exceptions import SoftTimeLimitExceeded

from ingest.formats.gather import dated
from ingest.reading.opened import Found, Gone, recognise, reference_us
from ingest.reading.pieces import divide
from ingest.reading.progress import Large, Progress, Unpacking
from ingest.reading.server_side import read_server
from ingest.reading.tests_side import read_tests, room_left
from ingest.reading.window_rows import Asked
from triage.core.records import SECOND, RunEvidence, Side, micros
from triage.core.window import Traces
from triage.models import Part, Reading, Run
from triage.store import readings, work

log = logging.getLogger(__name__)
PART_TRIES = 5  # times that reading one part may end with its worker
RUN_TRIES = 40  # the same for a run: parts that are given up in turn must come to an end as well
DAY = 86_400 * SECOND
ENDED_ITS_WORKERS = f"Reading this file ended the worker {PART_TRIES} times, so it is left out."
NOTHING_CAME = "No file came with it. Send what pytest printed as tests, and what the servers logged as server."
TOOK_TOO_LONG = "Reading this file took too long, so it is left out. Send the test's minutes of it only."


def read_parts(run: Run, hold: work.Hold, limit: int | None = None) -> None:
    """Brings every part of the run's revision to READ or UNREADABLE, and the run to the next stage or to its end.

    Raises Large where the parts unfold to more than `limit` bytes; those that were read by then stay read.
    """
    if work.begin(run, work.PARSING) > RUN_TRIES:
        work.fail(run, "Reading this run was cut short again and again; the operator's log tells more.")
        return
    if run.lines_gone_at is not None:
        readings.wait_again(run)  # its rows went with their day; the stored files are still there
    unpacking = Unpacking(hold, limit)
    for part in Part.objects.not_divided(run.pk):
        _divide(part, unpacking)
    parts = list(Part.objects.of_run_in_order(run.pk))
    found = {part.pk: recognise(part) for part in parts if part.state == Part.State.STORED}
    tests = [one for one in found.values() if one.side is Side.TESTS]
    progress = Progress(hold, sum(one.part.size for one in found.values()) * 2, limit)
    for one in found.values():
        if one.format is None:
            readings.give_up(one.part, readings.Read(reason=one.reason, problem=one.problem))
        if one.side is not Side.SERVER:
            progress.passed(one.part.size * (1 if one.side else 2))
    tests.sort(key=lambda one: one.part.size)
    room = room_left(row for row in Reading.objects.of_run(run) if row.part_id not in found)
    for number, one in enumerate(tests):
        left = len(tests) - number
        _read(one, lambda one=one, left=left: read_tests(one, reference_us(run), progress, room, left))
    asked = _asked(run)
    for part in parts:
        one = found.get(part.pk) or _seen_with_other_eyes(part, asked)
        if one is not None and one.side is Side.SERVER:
            _read(one, lambda one=one: read_server(one, asked, progress))
    _end(run)


def _divide(part: Part, unpacking: Unpacking) -> None:
    if readings.begin(part) > PART_TRIES:
        readings.give_up(part, readings.Read(problem=ENDED_ITS_WORKERS))
        return
    try:
        divide(part, unpacking)
    except work.GONE:
        raise
    except Large:
        readings.not_counted(part)
        raise
    except SoftTimeLimitExceeded:
        log.warning("dividing part %s of run %s takes too long", part.pk, part.run_id)
        readings.give_up(part, readings.Read(problem=TOOK_TOO_LONG))
        raise
    except Exception:
        # A defect of ours in telling logs apart must not cost the run the log: it is read as one.
        log.exception("part %s of run %s could not be divided", part.pk, part.run_id)
    readings.not_counted(part)  # its reading, where it is still to come, counts by itself


def _read(found: Found, reading: object) -> None:
    """Reads one part; whatever is wrong with it becomes a sentence on it and leaves the other parts alone."""
    part = found.part
    if readings.begin(part) > PART_TRIES:
        _give_up(found, ENDED_ITS_WORKERS)
        return
    try:
        reading()  # type: ignore[operator]
    except work.GONE:
        raise
    except Large:
        readings.not_counted(part)
        raise
    except SoftTimeLimitExceeded:
        log.warning("part %s of run %s takes too long", part.pk, part.run_id)
        _give_up(found, TOOK_TOO_LONG)
        raise  # the time of the whole task is over; the next one goes on with the other parts
    except Gone as gone:
        _give_up(found, str(gone))
    except Exception:
        # A defect of ours in one format must not cost the run its other parts.
        log.exception("part %s of run %s could not be read", part.pk, part.run_id)
        _give_up(found, "Reading this file failed inside Lineup, so it is left out. The operator's log has the cause.")


def _give_up(found: Found, problem: str) -> None:
    name = found.format.NAME if found.format else ""
    readings.give_up(found.part, readings.Read(format=name, reason=found.reason, problem=problem))


def _asked(run: Run) -> Asked:
    rows = list(Reading.objects.of_run(run).select_related("part"))
    tests = tuple(readings.load(row) for row in rows)
    evidence = RunEvidence(
        parts=tests,
        client_timezone=run.client_timezone or None,
        server_timezone=run.server_timezone or None,
        started_us=micros(run.started_at) if run.started_at else None,
        finished_us=micros(run.finished_at) if run.finished_at else None,
    )
    reference = dated(tests) or reference_us(run)
    declared = msgspec.structs.replace(evidence, parts=())
    digest = hashlib.sha256(msgspec.msgpack.encode(declared))
    for row in rows:
        digest.update(row.part.sha256.encode())
    return Asked(evidence, Traces(evidence), reference, f"{reference // DAY}:{digest.hexdigest()[:32]}")


def _seen_with_other_eyes(part: Part, asked: Asked) -> Found | None:
    """A server part that was read for another tests side and of which not all was kept, or not dated for sure."""
    if part.state != Part.State.READ or part.read_for in ("", asked.fingerprint):
        return None
    found = recognise(part)
    return found if found.side is Side.SERVER else None


def _end(run: Run) -> None:
    parts = [part for part in Part.objects.of_run_in_order(run.pk) if part.state != Part.State.SPLIT]
    if any(part.state == Part.State.STORED for part in parts):
        return  # came while we read; its own task, or the sweep, goes on
    if any(part.state == Part.State.READ for part in parts):
        work.has_read(run)
        return
    problems = [part.problem for part in parts if part.problem]
    if not parts:
        work.fail(run, NOTHING_CAME)
        return
    said = "None of its files could be read." if len(parts) > 1 else "Its file could not be read."
    work.fail(run, f"{said} {problems[0] if problems else ''}".strip())
