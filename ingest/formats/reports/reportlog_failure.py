"""What a pytest report keeps of a failure, as the text that pytest prints of it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from ingest.formats import ansi
from ingest.formats.pytest_terminal.failure import Failure

DEPTH = 400  # traceback entries rendered of one failure

Report = Mapping[str, object]


def pairs(value: object) -> list[tuple[str, str]]:
    if not isinstance(value, list):
        return []
    return [(str(each[0]), str(each[1])) for each in value if isinstance(each, list) and len(each) == 2]


def reason_of(report: Report) -> str:
    reason = report.get("wasxfail")
    text = report.get("longrepr")
    if isinstance(reason, str) and reason:
        return reason.split("\n", 1)[0][:4096]
    if isinstance(text, list) and len(text) == 3:
        return str(text[2]).removeprefix("Skipped: ").split("\n", 1)[0][:4096]
    return ""


def failure_of(longrepr: object) -> Failure:
    """The traceback as pytest prints it, from the structure that the report keeps."""
    failure = Failure()
    if isinstance(longrepr, Mapping):
        chain = longrepr.get("chain")
        links = chain if isinstance(chain, list) and chain else [[longrepr.get("reprtraceback"), None, None]]
        for link in links[:20]:
            if isinstance(link, list) and link:
                _traceback(failure, link[0])
                if len(link) > 2 and isinstance(link[2], str):
                    failure.add(0, link[2])
        crash = longrepr.get("reprcrash")
        if not failure.message and isinstance(crash, Mapping):
            for text in str(crash.get("message", "")).split("\n"):
                failure.add(0, f"E   {ansi.strip(text)}")
    elif longrepr is not None:
        for text in str(longrepr).split("\n"):
            failure.add(0, ansi.strip(text))
    return failure


def _traceback(failure: Failure, traceback: object) -> None:
    entries = traceback.get("reprentries") if isinstance(traceback, Mapping) else None
    for entry in (entries if isinstance(entries, list) else [])[:DEPTH]:
        data = entry.get("data") if isinstance(entry, Mapping) else None
        if not isinstance(data, Mapping):
            continue
        arguments = data.get("reprfuncargs")
        values = pairs(arguments.get("args")) if isinstance(arguments, Mapping) else []
        if values:
            failure.add(0, ", ".join(f"{name} = {value}" for name, value in values))
            for (name, value), (next_name, next_value) in pairwise(values):
                if name == "method" and next_name == "url":
                    failure.called(value, next_value)
        for text in data.get("lines") or ():
            for line in ansi.strip(str(text)).rstrip("\n").split("\n"):  # --tb=native keeps several in one
                failure.add(0, line)
        place = data.get("reprfileloc")
        if isinstance(place, Mapping):
            failure.add(0, f"{place.get('path')}:{place.get('lineno')}: {place.get('message') or ''}".rstrip())
