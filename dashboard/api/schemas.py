"""The documents of the API as JSON Schema; the tests hold every real answer to them."""

from __future__ import annotations

from dashboard.api.history_schemas import EXPERIMENT, HISTORY_SCHEMAS
from dashboard.api.item_schemas import ITEM_SCHEMAS
from dashboard.api.schema import TIME, Schema, array, count, maybe, number, one_of, record, ref, text
from triage.core.findings import Level, Mechanism, VerdictKind
from triage.core.records import Outcome, Side
from triage.models import Run

STATUS = one_of([status.value for status in Run.Status])
KIND = one_of(VerdictKind, "exactly one per failing test")
LEVEL = one_of(Level)

SCHEMAS: dict[str, Schema] = {
    "Error": record(
        "Every answer that is not the wanted one.",
        error=record(
            "What went wrong.",
            code=text("for programs; snake_case"),
            message=text("a sentence that a person can act on"),
            field=maybe(text("the field or parameter concerned")),
        ),
    ),
    "Meta": record(
        "What the sender says of the run; unknown fields are ignored. A later upload of the same run_key adds to it.",
        (
            *("name", "branch", "commit", "ci_url", "started_at", "finished_at"),
            *("client_timezone", "server_timezone", "environment", "experiment", "experiment_note"),
        ),
        run_key=text("unique in the project", minLength=1, maxLength=200, examples=["github/org/repo/123456/1"]),
        name=maybe(text("", maxLength=300)),
        branch=maybe(text("", maxLength=300)),
        commit=maybe(text("", maxLength=100)),
        ci_url=maybe(text("http:// or https://", maxLength=2000)),
        started_at=maybe(TIME),
        finished_at=maybe(TIME),
        client_timezone=maybe(text("IANA name of the zone of the tests' times", examples=["Europe/Berlin"])),
        server_timezone=maybe(text("IANA name of the zone of the servers' times")),
        environment=maybe(
            {
                "type": "object",
                "description": "strings and numbers; server_workers is the number of server processes if it is known",
                "additionalProperties": {"type": ["string", "number"]},
                "examples": [{"server_workers": 3}],
            }
        ),
        experiment=maybe(EXPERIMENT | {"description": "what was changed on purpose for this run; see Experiment"}),
        experiment_note=maybe(text("in the team's own words", maxLength=300)),
    ),
    "Received": record(
        "The run that an upload made or added to.",
        ("ignored",),
        id=text("", format="uuid"),
        url=text("the page for people", format="uri"),
        status=STATUS,
        ignored=array(text(), "names of fields that carried a file and are neither tests nor server"),
    ),
    "Progress": record("How far the work is.", stage=text(), done=count(), total=count()),
    "Part": record(
        "One uploaded file, or one of the logs that were found in it.",
        name=text(),
        side=one_of(Side),
        format=maybe(
            text(
                "null while it is unread, or where no format fits; `several` or `archive` where it holds "
                "several logs, which follow as parts of their own"
            )
        ),
        entries=count("lines that were understood"),
        skipped_lines=count("lines that fit no format"),
        problem=maybe(text("a sentence, where something is wrong with it")),
        piece_of=maybe(text("name of the uploaded file that this log was found in")),
        redacted={
            "type": "object",
            "description": "secrets that were taken out of what is kept: how many, by kind",
            "additionalProperties": count(),
        },
    ),
    "Clock": record(
        "Server time minus client time, after each side's declared zone has been applied; of the busiest host.",
        offset_s=number("seconds"),
        uncertainty_s=number("seconds; the true offset lies within this of offset_s", minimum=0),
        skew_ppm=number("how much faster the server's clock runs"),
        at=maybe(TIME | {"description": "client time at which offset_s holds; null where no skew is stated"}),
        jumps=array(
            record(
                "A clock that was set in mid-run.",
                at=maybe(TIME | {"description": "client time of the first thing known to come after it"}),
                by_s=number("seconds that it adds to offset_s"),
            ),
            "in order of time",
        ),
        basis=text("what it was found by, such as '31 matched requests'"),
        host=text(),
        decided={
            "type": "boolean",
            "description": "false: there was nothing to go by, and the offset is an assumption",
        },
    ),
    "Tests": record(
        "How many tests ended how; expected failures count as skipped.",
        total=count(),
        passed=count(),
        failed=count(),
        error=count(),
        skipped=count(),
    ),
    "End": record(
        "A request that wrote, or one that read.",
        method=maybe(text()),
        path=maybe(text()),
        host=text(),
        unit=text("systemd unit, container or program"),
        pid=maybe({"type": "integer"}),
        at=maybe(TIME | {"description": "server time"}),
    ),
    "Evidence": record(
        "One reason for or against.",
        kind=text("snake_case"),
        text=text("a sentence"),
        weight=number("log-odds: above zero speaks for the verdict, below against it"),
    ),
    "Verdict": record(
        "Why a test failed.",
        kind=KIND,
        side=maybe(one_of(Side, "where the state is split; null for other kinds")),
        mechanism=maybe(one_of(Mechanism, "null where the evidence does not tell")),
        level=LEVEL,
        confidence=number("a calibrated probability", minimum=0, maximum=1),
        summary=text("one sentence"),
        write=maybe(ref("End")),
        read=maybe(ref("End")),
        evidence=array(ref("Evidence")),
        advice=text("what to change; may be empty"),
        confirm=text("how to confirm it; may be empty"),
        missing=text("what the logs would have to say to decide; may be empty"),
    ),
    "Failure": record(
        "A failing test and its verdict.",
        test=text("node id"),
        outcome=one_of([Outcome.FAILED, Outcome.ERROR, Outcome.RERUN]),
        message=text(),
        verdict=ref("Verdict"),
        group=maybe(record("The failure group that it belongs to.", id=count(), url=text("", format="uri"))),
        history=maybe(ref("History")),
        previous=array(ref("Change"), "what the verdict was before, oldest first; nothing that was shown is lost"),
        judgement=maybe(ref("Judgement") | {"description": "the newest one of this verdict"}),
    ),
    "Run": record(
        "A run. While it is queued or processing, tests and failures speak of analysed_revision, or are empty.",
        id=text("", format="uuid"),
        run_key=text(),
        url=text("", format="uri"),
        status=STATUS,
        error=maybe(text("a sentence, where the status is failed")),
        progress=maybe(ref("Progress")),
        parts=array(ref("Part")),
        clock=maybe(ref("Clock")),
        tests=ref("Tests"),
        failures=array(ref("Failure")),
        failures_left_out=count("failing tests beyond the 5,000 that one document holds"),
        revision=count("grows with every upload that adds something"),
        analysed_revision=count("the revision that the failures speak of; 0: none yet"),
        remarks=array(text(), "what these logs cannot prove, a sentence each"),
        gaps=array(ref("Gap"), "the same as facts, with what would close each; the most harmful first"),
        experiment=maybe(EXPERIMENT),
        experiment_note=maybe(text()),
        core_version=count("version of the analysis that decided; 0: none yet"),
    ),
    "RunSummary": record(
        "A run in a list.",
        id=text("", format="uuid"),
        run_key=text(),
        url=text("", format="uri"),
        status=STATUS,
        error=maybe(text()),
        progress=maybe(ref("Progress")),
        name=maybe(text()),
        branch=maybe(text()),
        commit=maybe(text()),
        ci_url=maybe(text()),
        received_at=TIME,
        tests=ref("Tests"),
        verdicts={
            "type": "object",
            "description": "how many failing tests have each kind of verdict; kinds with none are left out",
            "propertyNames": {"enum": KIND["enum"]},
            "additionalProperties": {"type": "integer", "minimum": 1},
        },
    ),
    "RunPage": record(
        "A page of runs, newest first.",
        runs=array(ref("RunSummary"), maxItems=100),
        next_cursor=maybe(text("send it as cursor for the next page; null on the last one")),
    ),
    "Server": record(
        "A process that may have served the step.",
        host=text(),
        unit=text(),
        pid=maybe({"type": "integer"}),
        at=maybe(TIME | {"description": "server time"}),
        confidence=number("probability that this is the one", minimum=0, maximum=1),
    ),
    "Step": record(
        "What the test did.",
        n=count("number in the test, from 1"),
        at=maybe(TIME | {"description": "client time"}),
        text=text(),
        method=maybe(text()),
        path=maybe(text()),
        status=maybe({"type": "integer"}),
        server=array(ref("Server"), "best match first; empty where no entry belongs to the step"),
    ),
    "Steps": record(
        "Every step of one test, in order.",
        test=text("node id"),
        steps=array(ref("Step")),
        more={"type": "boolean", "description": "whether the test has steps beyond the 5,000 that one document holds"},
    ),
} | HISTORY_SCHEMAS
SCHEMAS |= ITEM_SCHEMAS
