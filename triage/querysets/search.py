"""Reads of the search. Nothing here runs longer than it may, and nothing looks at more than it says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NamedTuple

import psycopg2.errors
from django.db import OperationalError, connection, models, transaction

from triage.core.search.words import BLOCK, TEXT
from triage.querysets.pages import LISTED
from triage.querysets.search_care import escaped, of_care

NEWEST = 20_000  # failure groups, notes and runs that one search looks at
NAMED = ("kind", "test", "message", "normal", "summary", "occurrences", "last_seen")  # of a group, in a list
BLOCKS = 80  # blocks of lines that one look-up names


class TookTooLong(Exception):
    """Postgres was stopped at the time that it was given."""


class Place(NamedTuple):
    """A line's place in the order: the newest day first, its parts from the last, lines as in the log."""

    day: date
    part: int
    line: int


class FoundLine(NamedTuple):
    day: date
    part_id: int
    line: int
    raw: str
    message: str
    stamp_us: int | None
    host: str
    unit: str
    pid: int | None
    level: str

    @property
    def place(self) -> Place:
        return Place(self.day, self.part_id, self.line)


class Note(NamedTuple):
    group_id: int
    who: str
    text: str
    at: datetime


@contextmanager
def at_most(milliseconds: int) -> Iterator[None]:
    """Statements in it are stopped when they take longer. Raises TookTooLong."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = %s", [max(1, milliseconds)])
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg2.errors.QueryCanceled):
            raise TookTooLong from error
        raise


def _joined(*columns: str) -> str:
    """One text, so that a word is looked for once."""
    return f"concat_ws(E'\\n', {', '.join(columns)})"


def _held(column: str, name: str, text: str) -> str:
    """Whether a column holds the text that the pattern `name` was made of, in capitals or not.

    Where a text is ASCII, only that is made lower-case: by the database's rules it would take ten times as long.
    """
    if not text.isascii():
        return f"{column} ILIKE %({name})s"
    return f'lower({column} COLLATE "C") LIKE lower(%({name})s COLLATE "C")'


_SAID = _joined("CASE WHEN raw LIKE '{%%' THEN message ELSE raw END", "host", "unit")
# OFFSET 0: whose a block is gets asked of each that was found, by its key; never by reading all parts and runs.
_BLOCKS = """
    SELECT e.received_on, e.part_id, e.line FROM triage_entry e
    WHERE e.words @@ %(words)s::tsquery AND e.words IS NOT NULL AND e.received_on BETWEEN %(low)s AND %(high)s{after}
        AND EXISTS (
            SELECT 1 FROM triage_part p JOIN triage_run r ON r.id = p.run_id
            WHERE p.id = e.part_id AND r.project_id = %(project)s{narrowed} OFFSET 0
        )
    ORDER BY e.received_on DESC, e.part_id DESC, e.line LIMIT %(limit)s
"""
_AFTER = " AND (e.received_on < %(day)s OR e.part_id < %(part)s OR (e.part_id = %(part)s AND e.line > %(line)s))"
_LINES = f"""
    SELECT one.* FROM (
        SELECT day, part_id, array_agg(last ORDER BY last) AS lasts
        FROM unnest(%(days)s::date[], %(parts)s::bigint[], %(lines)s::bigint[]) AS block(day, part_id, last)
        GROUP BY day, part_id
    ) AS log CROSS JOIN LATERAL (
        SELECT line.* FROM unnest(log.lasts) WITH ORDINALITY AS block(last, n) CROSS JOIN LATERAL (
            SELECT received_on, part_id, line, left(raw, {TEXT}), left(message, {TEXT}), stamp_us, host, unit, pid,
                level
            FROM triage_entry
            WHERE received_on = log.day AND received_on = ANY(%(all)s::date[]) AND part_id = log.part_id
                AND line > (block.last - 1) / {BLOCK} * {BLOCK} AND line <= block.last {{conditions}}
            ORDER BY line
        ) AS line LIMIT %(limit)s
    ) AS one ORDER BY 1 DESC, 2 DESC, 3
"""  # noqa: S608  its only numbers are ours


class EntrySearch(models.QuerySet):  # type: ignore[type-arg]
    def blocks_with(
        self, project: Any, words: str, low: date, high: date, after: Place | None, *, run: Any, branch: str,
        since: datetime | None,
    ) -> list[Place]:  # fmt: skip
        """The last lines of the blocks that hold these words, of a window of days, from just after a place."""
        given = {
            "words": words, "low": low, "high": high, "project": project.pk, "limit": BLOCKS, "run": str(run),
            "branch": branch, "since": since,
        }  # fmt: skip
        narrowed = " AND r.id = %(run)s::uuid" if run else ""
        narrowed += " AND r.branch = %(branch)s" if branch else ""
        narrowed += " AND r.received_at >= %(since)s" if since else ""
        if after is not None:
            given |= {"day": after.day, "part": after.part, "line": after.line}
        sql = _BLOCKS.format(after=_AFTER if after else "", narrowed=narrowed)
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            return [Place(*row) for row in cursor.fetchall()]

    def lines_of(
        self, blocks: Iterable[Place], after: Place | None, words: Iterable[str], limit: int, **fields: Any
    ) -> list[FoundLine]:
        """So many lines of each log in these blocks, after a place, that hold all these words; fields as asked."""
        held = list(blocks)
        conditions, given = _conditions(words, **fields)
        given |= {
            "days": [b.day for b in held], "parts": [b.part for b in held], "lines": [b.line for b in held],
            "all": sorted({b.day for b in held}), "limit": limit,
        }  # fmt: skip
        if after is not None:
            given |= {"part": after.part, "line": after.line}
            conditions += " AND NOT (part_id = %(part)s AND line <= %(line)s)"
        with connection.cursor() as cursor:
            cursor.execute(_LINES.format(conditions=conditions), given)
            return [FoundLine(*row) for row in cursor.fetchall()]


def _conditions(
    words: Iterable[str], *, pid: int | None, host: str, path: str, status: str, level: str
) -> tuple[str, dict[str, Any]]:
    given: dict[str, Any] = {}
    told = ""
    for number, word in enumerate(words):
        name, given[f"w{number}"] = f"w{number}", f"%{word}%"
        told += f" AND ({_held(_SAID, name, word)}{f' OR pid::text LIKE %({name})s' if word.isdigit() else ''})"
    if pid is not None:
        given["pid"], told = pid, told + " AND pid = %(pid)s"
    if host:
        given["host"], told = escaped(host), told + " AND (host ILIKE %(host)s OR host ILIKE %(host)s || '.%%')"
    if path:
        given["path"], told = escaped(path) + "%", told + " AND path ILIKE %(path)s"
    if status:
        low = int(status) * (1 if len(status) == 3 else 100)
        given |= {"from": low, "to": low if len(status) == 3 else low + 99}
        told += " AND status BETWEEN %(from)s AND %(to)s"
    if level:
        given["level"], told = level, told + " AND level = %(level)s"
    return told, given


class GroupSearch(models.QuerySet):  # type: ignore[type-arg]
    def found(
        self, project: Any, texts: Iterable[str], *, branch: str, since: datetime | None,
        after: tuple[datetime, int] | None, size: int, **care: Any,
    ) -> list[Any]:  # fmt: skip
        """The last seen first: each text stands in what is known of the failure, in its ticket or in a note.

        `care` is what `of_care` takes.
        """
        told, cared = of_care(**care)
        given = {"project": project.pk, "newest": NEWEST, "limit": size + 1, "branch": branch, **cared}
        for number, text in enumerate(texts):
            given[f"t{number}"] = f"%{escaped(text)}%"
            told += _in_a_group(f"t{number}", text)
        if branch:
            told += " AND EXISTS (SELECT 1 FROM triage_run r WHERE r.id = g.newest_run_id AND r.branch = %(branch)s)"
        if after is not None:
            given["at"], given["pk"] = after
            told += " AND (g.last_seen, g.id) < (%(at)s, %(pk)s)"
        seen = ""
        if since is not None:
            given["since"], seen = since, " AND last_seen >= %(since)s"
        with connection.cursor() as cursor:
            cursor.execute(_GROUPS.format(seen=seen, told=told), given)
            keys = [row[0] for row in cursor.fetchall()]
        held = self.only(*NAMED).in_bulk(keys)
        return [held[key] for key in keys if key in held]

    def notes_with(self, groups: Iterable[int], texts: Iterable[str], limit: int = 60) -> list[Note]:
        """Notes on these groups that hold one of the texts, the newest first."""
        patterns = [f"%{escaped(text)}%" for text in texts]
        with connection.cursor() as cursor:
            cursor.execute(_NOTES, [list(groups), patterns, limit])
            return [Note(*row) for row in cursor.fetchall()]


_NOTES = """
    SELECT i.group_id, d.who, d.text, d.at FROM triage_item i JOIN triage_decision d ON d.item_id = i.id
    WHERE i.group_id = ANY(%s) AND d.text > '' AND d.text ILIKE ANY(%s) ORDER BY d.id DESC LIMIT %s
"""
_GROUPS = f"""
    SELECT g.id FROM (
        SELECT id, last_seen, newest_run_id, kind, test,
            {_joined("test", "message", "normal", "summary", "reason")} AS said
        FROM triage_failuregroup WHERE project_id = %(project)s AND occurrences > 0{{seen}}
        ORDER BY last_seen DESC, id DESC LIMIT %(newest)s
    ) AS g WHERE true{{told}} ORDER BY g.last_seen DESC, g.id DESC LIMIT %(limit)s
"""  # noqa: S608  nothing but words of our own is put into it


def _in_a_group(name: str, text: str) -> str:
    """The condition that a text stands in what a group says, in an item of it or in a note on one."""
    return f"""
    AND ({_held("g.said", name, text)} OR g.id IN (
        SELECT i.group_id FROM triage_item i WHERE i.project_id = %(project)s
            AND {_held(_joined("i.ticket", "i.owner_name"), name, text)}
        UNION ALL
        SELECT i.group_id FROM (
            SELECT item_id, text FROM triage_decision WHERE project_id = %(project)s ORDER BY id DESC LIMIT %(newest)s
        ) AS d JOIN triage_item i ON i.id = d.item_id WHERE d.text > '' AND {_held("d.text", name, text)}
    ))
"""  # noqa: S608  nothing but words of our own is put into it


class RunSearch(models.QuerySet):  # type: ignore[type-arg]
    def found(
        self, project: Any, texts: Iterable[str], *, branch: str, since: datetime | None,
        after: tuple[datetime, Any] | None, size: int,
    ) -> list[Any]:  # fmt: skip
        """The newest first, of the newest: each text stands in the run's name, key, branch or commit."""
        given: dict[str, Any] = {"project": project.pk, "newest": NEWEST, "limit": size + 1}
        told = ""
        for number, text in enumerate(texts):
            given[f"t{number}"] = f"%{escaped(text)}%"
            told += f" AND {_held('r.said', f't{number}', text)}"
        if branch:
            given["branch"], told = branch, told + " AND r.branch = %(branch)s"
        if since is not None:
            given["since"], told = since, told + " AND r.received_at >= %(since)s"
        if after is not None:
            given["at"], given["pk"] = after[0], str(after[1])
            told += " AND (r.received_at, r.id) < (%(at)s, %(pk)s::uuid)"
        with connection.cursor() as cursor:
            cursor.execute(_RUNS.format(told=told), given)
            keys = [row[0] for row in cursor.fetchall()]
        held = self.only(*LISTED).in_bulk(keys)
        return [held[key] for key in keys if key in held]

    def oldest_day(self, project: Any) -> date | None:
        """When the first run of a project came of which lines may be kept."""
        rows = self.filter(project=project).order_by("received_at").values_list("received_on", flat=True)
        return rows.first()  # type: ignore[no-any-return]


_RUNS = f"""
    SELECT r.id FROM (
        SELECT id, branch, received_at, {_joined("name", "run_key", "branch", '"commit"', "id")} AS said
        FROM triage_run WHERE project_id = %(project)s
        ORDER BY received_at DESC, id DESC LIMIT %(newest)s
    ) AS r WHERE true{{told}} ORDER BY r.received_at DESC, r.id DESC LIMIT %(limit)s
"""  # noqa: S608  nothing but words of our own is put into it


class PartSearch(models.QuerySet):  # type: ignore[type-arg]
    def with_runs(self, keys: Iterable[int]) -> dict[int, Any]:
        """Parts by their keys, each with its run."""
        shown = ("run_id", "name", "position", "run__name", "run__run_key", "run__branch", "run__received_at")
        return self.select_related("run").only(*shown).in_bulk(list(keys))

    def at_position(self, run: Any, position: int) -> Any:
        """The run's part of that place, or None."""
        return self.filter(run=run, position=position).first()


class ServedSearch(models.QuerySet):  # type: ignore[type-arg]
    def of_line(self, part: Any, line: int) -> Any:
        """The request that a line of a part tells most of, or None."""
        return self.filter(part=part, line=line).order_by("position").first()
