"""The runs of the large data set: slices of one run, multiplied by Postgres, with ids of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from triage.models import (
    FailureGroup,
    Match,
    Occasion,
    Part,
    Process,
    Project,
    Run,
    Served,
    Step,
    Test,
    Verdict,
)
from triage.store import partitions

DAYS, TESTS, LINES = 120, 40, 2_048  # of all runs, of one run; lines a multiple of a block's
ROOM = 512  # ids that each run has of every table
BASE = 10_000_000
VARIANTS = 60  # ways in which one test fails

SLICES = f"""
CREATE TEMP TABLE cut_test AS
  SELECT (position / {TESTS})::int AS slice, (position %% {TESTS})::int AS k, id AS old
  FROM triage_test WHERE run_id = %(run)s;
CREATE TEMP TABLE cut_step AS
  SELECT t.slice, row_number() OVER (PARTITION BY t.slice ORDER BY s.position)::int - 1 AS k, s.id AS old, t.k AS test_k
  FROM triage_step s JOIN cut_test t ON t.old = s.test_id;
CREATE TEMP TABLE cut_served AS
  SELECT slice, row_number() OVER (PARTITION BY slice ORDER BY served_id)::int - 1 AS k, served_id AS old
  FROM (
    SELECT DISTINCT s.slice, m.served_id FROM triage_match m JOIN cut_step s ON s.old = m.step_id WHERE m.rank = 0
  ) one;
CREATE TEMP TABLE cut_match AS
  SELECT s.slice, s.k, s.k AS step_k, v.k AS served_k, m.id AS old
  FROM triage_match m JOIN cut_step s ON s.old = m.step_id
  JOIN cut_served v ON v.old = m.served_id AND v.slice = s.slice
  WHERE m.rank = 0;
CREATE TEMP TABLE cut_run AS
  SELECT n, (n %% (SELECT max(slice) FROM cut_test))::int AS slice, {BASE} + n * {ROOM} AS base,
    md5('run ' || n)::uuid AS id,
    (%(projects)s::bigint[])[1 + (CASE WHEN n %% 10 < 8 THEN 0 ELSE n %% 10 - 7 END)::int] AS project_id,
    %(newest)s::timestamptz - (%(runs)s - n) * interval '{DAYS} days' / %(runs)s AS at,
    (%(sources)s::bigint[])[1 + (n %% 3)::int] AS source, (n / 3 %% 9)::int * {LINES} AS first
  FROM generate_series(1, %(runs)s) AS n;
ALTER TABLE cut_run ADD COLUMN day date; UPDATE cut_run SET day = (at AT TIME ZONE 'UTC')::date;
CREATE TEMP TABLE cut_way AS
  SELECT r.n, t.k,
    {BASE} + (t.old %% 997) * 1000 + r.project_id * 100
    + floor({VARIANTS} * (abs(hashint8(r.n * 41 + t.k)) %% 1000 / 1000.0) ^ 3)::int AS group_id
  FROM cut_run r JOIN cut_test t USING (slice) JOIN triage_verdict v ON v.test_id = t.old;
ANALYZE cut_test; ANALYZE cut_step; ANALYZE cut_served; ANALYZE cut_match; ANALYZE cut_run; ANALYZE cut_way;
"""  # noqa: S608  every number in it is ours
KINDS = (
    "(ARRAY['split_state','split_state','lost_state','server_error','consistent_failure','test_error','unexplained'])"
)
LEVELS = "(ARRAY['suspected','likely','confirmed'])"
MESSAGES = """(ARRAY['Total car count doesnt match expected count','assert 404 == 200','AssertionError: assert 3 == 4',
'requests.exceptions.ConnectionError: Connection aborted','KeyError: ''price''','the basket is empty'])"""


class Slices:
    def __init__(self, runs: int) -> None:
        self._run = Run.objects.get(run_key="the/one")
        self._given: dict[str, Any] = {
            "run": self._run.pk,
            "runs": runs,
            "projects": [p.pk for p in Project.objects.order_by("pk")],
            "newest": datetime.now(UTC) - timedelta(minutes=20),
            "sources": [p.pk for p in Part.objects.in_order(self._run)[1:4]],
        }

    def make(self) -> Iterator[str]:
        """Says after each table what is there."""
        self._do("SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = '256MB'")
        self._do(SLICES, self._given)
        yield "slices cut"
        yield from self._runs()
        yield from self._tests()
        yield from self._history()
        yield from self._entries()
        for model in (FailureGroup, Match, Occasion, Part, Process, Served, Step, Test, Verdict):
            table = model._meta.db_table
            self._do(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")  # noqa: S608

    def _runs(self) -> Iterator[str]:
        failing = "(SELECT count(*) FROM cut_way w WHERE w.n = r.n)"
        self._multiply(
            Run, f"cut_run r CROSS JOIN triage_run t WHERE t.id = '{self._run.pk}'",
            id="r.id", project_id="r.project_id", run_key="'ci/' || r.n", name="'nightly #' || r.n",
            branch="(ARRAY['main','main','main','release/4.2','feature/basket-' || r.n % 90])[1 + r.n % 5]",
            commit="left(md5('commit ' || r.n), 10)", received_at="r.at", changed_at="r.at", touched_at="r.at",
            started_at="r.at - interval '10 minutes'", finished_at="r.at", received_on="r.day",
            tests_total=TESTS, tests_failed=failing, tests_passed=f"{TESTS} - {failing}",
        )  # fmt: skip
        for place, side in enumerate(("tests", "server")):
            source = f"cut_run r JOIN triage_part t ON t.run_id = '{self._run.pk}' AND t.position = {place}"
            name = "'pytest.log'" if place == 0 else "'web.log'"
            self._multiply(
                Part, source, id=f"r.base + {place}", run_id="r.id", name=name, sha256="md5(r.n::text) || md5(t.side)",
                kept=LINES * place,
            )  # fmt: skip
            yield f"parts: {side}"
        self._multiply(
            Process, f"cut_run r JOIN triage_process t ON t.run_id = '{self._run.pk}' WHERE t.position < {ROOM}",
            id="r.base + t.position", run_id="r.id",
        )  # fmt: skip
        yield "runs, parts, processes"

    def _tests(self) -> Iterator[str]:
        def cut(name: str, table: str) -> str:
            return f"cut_run r JOIN cut_{name} c USING (slice) JOIN {table} t ON t.id = c.old"

        self._multiply(Test, cut("test", "triage_test"), id="r.base + c.k", run_id="r.id", position="c.k")
        yield "tests"
        self._multiply(
            Step, cut("step", "triage_step"),
            id="r.base + c.k", run_id="r.id", test_id="r.base + c.test_k", position="c.k", part_id="r.base",
        )  # fmt: skip
        yield "steps"
        self._multiply(
            Served, cut("served", "triage_served") + " JOIN triage_process p ON p.id = t.process_id",
            id="r.base + c.k", run_id="r.id", process_id="r.base + p.position", part_id="r.base + 1", position="c.k",
            line=f"1 + t.line % {LINES}", lines=f"jsonb_build_array(jsonb_build_array(1, 1 + t.line % {LINES}))",
        )  # fmt: skip
        yield "served requests"
        self._multiply(
            Match, cut("match", "triage_match"),
            id="r.base + c.k", step_id="r.base + c.step_k", served_id="r.base + c.served_k",
        )  # fmt: skip
        yield "matches"
        self._multiply(
            Verdict,
            "cut_way w JOIN cut_run r USING (n) JOIN cut_test c ON c.slice = r.slice AND c.k = w.k"
            " JOIN triage_verdict t ON t.test_id = c.old",
            id="r.base + c.k", run_id="r.id", test_id="r.base + c.k", decided_at="r.at",
            kind=f"{KINDS}[1 + w.group_id % 7]", level=f"{LEVELS}[1 + w.group_id % 3]",
        )  # fmt: skip
        yield "verdicts"

    def _history(self) -> Iterator[str]:
        counted = (
            "(SELECT w.group_id AS gid, count(*) AS many, min(r.at) AS low, max(r.at) AS high, min(c.old) AS old,"
            " (array_agg(r.id ORDER BY r.at DESC))[1] AS newest, min(r.project_id) AS pid"
            " FROM cut_way w JOIN cut_run r USING (n) JOIN cut_test c ON c.slice = r.slice AND c.k = w.k GROUP BY 1) g"
        )
        whose = "JOIN triage_test x ON x.id = g.old JOIN triage_occasion o ON o.run_id = x.run_id AND o.test = x.nodeid"
        message = f"{MESSAGES}[1 + g.gid % 6] || ', way ' || g.gid % 100"
        self._multiply(
            FailureGroup, f"{counted} {whose} JOIN triage_failuregroup t ON t.id = o.group_id",
            id="g.gid", project_id="g.pid", key="md5('group ' || g.gid)", normal=message, message=message,
            occurrences="g.many", first_seen="g.low", last_seen="g.high", newest_run_id="g.newest",
            kind=f"{KINDS}[1 + g.gid % 7]", level=f"{LEVELS}[1 + g.gid % 3]",
        )  # fmt: skip
        yield "groups"
        self._multiply(
            Occasion,
            "cut_run r JOIN cut_test c USING (slice) JOIN triage_test x ON x.id = c.old"
            " JOIN triage_occasion t ON t.run_id = x.run_id AND t.test = x.nodeid"
            " LEFT JOIN cut_way w ON w.n = r.n AND w.k = c.k",
            id="r.base + c.k", project_id="r.project_id", run_id="r.id", at="r.at", group_id="w.group_id",
        )  # fmt: skip
        yield "occasions"

    def _entries(self) -> Iterator[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT day FROM cut_run ORDER BY day")
            days = [row[0] for row in cursor.fetchall()]
            cursor.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = 'triage_entry'::regclass AND attnum > 0 AND"
                " NOT attisdropped"
            )
            columns = [row[0] for row in cursor.fetchall()]
        own = {
            "received_on": "r.day", "part_id": "r.base + 1", "line": "t.line - r.first",
            "raw": "CASE WHEN t.words IS NULL THEN t.raw ELSE t.raw || ' build=b' || r.n END",
            "words": "t.words || array_to_tsvector(ARRAY['build', 'b' || r.n])",
        }  # fmt: skip
        for number, day in enumerate(days, start=1):
            name = partitions.ensure(day)
            asked = ", ".join(own.get(column, f"t.{column}") for column in columns)
            self._do(
                f"INSERT INTO {name} ({', '.join(columns)}) SELECT {asked} FROM cut_run r"  # noqa: S608
                " JOIN triage_entry t ON t.received_on = %s AND t.part_id = r.source"
                f" AND t.line > r.first AND t.line <= r.first + {LINES} WHERE r.day = %s",
                [self._run.received_on, day],
            )
            if number % 20 == 0 or number == len(days):
                yield f"entries of {number} days"

    def _multiply(self, model: Any, source: str, **own: object) -> None:
        """Rows of `source`, whose `t` is the row to copy, with columns of their own."""
        columns = [field.column for field in model._meta.concrete_fields]
        asked = ", ".join(str(own.get(column, f't."{column}"')) for column in columns)
        names = ", ".join(f'"{column}"' for column in columns)
        self._do(f"INSERT INTO {model._meta.db_table} ({names}) SELECT {asked} FROM {source}")  # noqa: S608

    def _do(self, sql: str, values: Any = None) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
