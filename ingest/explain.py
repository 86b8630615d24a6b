"""`manage.py explain`: the main job on files, without database, broker, network or Django."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from dashboard.timeline.terminal import COLOUR, PLAIN, draw
from dashboard.timeline.text import visible
from ingest.formats.gather import Gathered, Offered, PartSummary, gather
from ingest.given_files import offered
from ingest.redaction.redactor import Redactor
from triage.core.analyse import analyse
from triage.core.document import (
    ShownPart,
    card_document,
    clock_document,
    failure_document,
    gap_document,
    run_document,
    shown_steps,
    steps_document,
    test_counts,
)
from triage.core.findings import Report
from triage.core.fix_cards import card_for
from triage.core.records import Side

UNREADABLE = 2  # exit status


def main(argv: list[str]) -> int:
    """`explain`, for a shell: a reader that closes the pipe early, such as `head`, has seen enough."""
    try:
        status = explain(argv)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the interpreter flushes once more
        return 0
    return status


def explain(argv: list[str]) -> int:
    """Prints the lineup and the verdicts; 0 where it could read the files, 2 with a sentence where not."""
    options = _arguments(argv)
    with ExitStack() as stack:
        given: list[Offered] = []
        said: list[str] = []
        for name in options.files:
            try:
                file = stack.enter_context(Path(name).open("rb"))
                file.seek(0)
            except OSError as error:
                return _refuse(f"{visible(name)}: {_why(error)}")
            given += offered(visible(Path(name).name), file, stack, said)
        gathered = gather(
            given,
            now_us=time.time_ns() // 1000,
            client_timezone=options.client_timezone,
            server_timezone=options.server_timezone,
            redact=Redactor(os.urandom(32)).records,  # an answer is made to be shown to others
        )
    for sentence in (*said, *gathered.remarks):
        print(sentence, file=sys.stderr)
    for part in gathered.parts:
        if part.problem:
            print(f"{part.name}: {part.problem}", file=sys.stderr)
    if not gathered.evidence.parts:
        return _refuse("None of these files could be read: give the tests' output and the server's log.")
    report = analyse(gathered.evidence)
    if options.json:
        sys.stdout.buffer.write(orjson.dumps(_document(gathered, report), option=orjson.OPT_INDENT_2) + b"\n")
        return 0
    _print(gathered, report)
    return 0


def _print(gathered: Gathered, report: Report) -> None:
    terminal = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    width = max(60, min(160, shutil.get_terminal_size((110, 24)).columns))
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without UTF-8 is no reason to fail
    for part in gathered.parts:
        print(_read_as(part))
    print()
    for line in draw(report, gathered.evidence, width=width, ink=COLOUR if terminal else PLAIN):
        print(line)
    missing = {Side.TESTS, Side.SERVER} - {part.side for part in gathered.evidence.parts}
    for side in missing:
        what = "the tests' output" if side is Side.TESTS else "the server's log"
        print(f"\nThere is no {side.value} side in these files: give {what} too.")


def _read_as(part: PartSummary) -> str:
    if not part.format or part.side is None:
        return f"{part.name}: not read"
    left = f", {part.skipped_lines:,} lines not understood" if part.skipped_lines else ""
    return f"{part.name}: {part.side.value}, {part.format}, {part.entries:,} records{left}"


def _document(gathered: Gathered, report: Report) -> dict[str, Any]:
    failures = []
    for verdict in report.verdicts:
        steps = steps_document(verdict.test, shown_steps(report.lineup, verdict.test))["steps"]
        card = card_for(verdict.kind, verdict.mechanism, verdict)
        failures.append({**failure_document(verdict), "card": card_document(card), "steps": steps})
    names = [part.name for part in gathered.evidence.parts]
    document = run_document(
        id=None,
        run_key=None,
        url=None,
        status="ready",
        error=None,
        progress=None,
        parts=[
            ShownPart(
                name=part.name,
                side=part.side.value if part.side else "",
                format=part.format,
                entries=part.entries,
                skipped_lines=part.skipped_lines,
                problem=part.problem,
            )
            for part in gathered.parts
        ],
        clock=clock_document(report.lineup.clocks),
        tests=test_counts(report.lineup),
        failures=failures,
    )
    return {**document, "gaps": [gap_document(gap, names) for gap in report.gaps]}


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="manage.py explain",
        description="Says why the tests failed: give the tests' output and the server's log, in any order.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="test output or server log; detected from content")
    parser.add_argument("--json", action="store_true", help="print the run document of the HTTP API, with steps")
    parser.add_argument("--client-timezone", type=_zone, metavar="Z", help="zone of the tests' stamps: Europe/Berlin")
    parser.add_argument("--server-timezone", type=_zone, metavar="Z", help="zone of the server's stamps")
    return parser.parse_args(argv)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise argparse.ArgumentTypeError(f"{name!r} is no time zone; use a name such as Europe/Berlin or UTC") from None
    return name


def _why(error: OSError) -> str:
    if isinstance(error, IsADirectoryError):
        return "is a folder; name the files in it"
    return error.strerror or str(error)


def _refuse(sentence: str) -> int:
    print(f"manage.py explain: {sentence}", file=sys.stderr)
    return UNREADABLE
