"""What was read of a corpus file, told so that a person can check it against the raw file with grep and awk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from tests.formats.reading import Stretch
from triage.core.records import SECOND, Entry, Request, Stamp, Step, TestResult, instant

MOST = 12  # of a kind of things: PIDs, requests, units
MOST_LIVES = 40
MOST_RESULTS = 60  # more are told as counts
MOST_LINES = 40  # of those that are not understood

Told = dict[str, Any]


def tell(stretches: list[Stretch]) -> Told:
    """One file; its pieces one by one where it has several."""
    if len(stretches) == 1 and not stretches[0].where:
        return _stretch(stretches[0])
    return {"pieces": [{"piece": each.where} | _stretch(each) for each in stretches]}


def _stretch(what: Stretch) -> Told:
    """Whatever is empty is left out."""
    found = what.detection.format
    entries, steps, results = what.entries, what.steps, what.results
    told: Told = {
        "format": found.NAME if found else None,
        "side": what.detection.side.value if what.detection.side else None,
        "lines": what.lines,
        "entries": len(entries),
        "steps": len(steps),
        "results": len(results),
        "not_understood": _spans(what.not_understood),
        "problem": " ".join(filter(None, (what.problem, what.detection.problem))),
        "facts": _facts(what),
        "times": _times([*entries, *steps]),
        "known_to_be_before": sum(each.after is not None for each in steps),
        "inner_times": sum(each.inner is not None for each in entries),
        "text_only": what.text_only,
        "pids": _most(f"{each.pid} {each.pid_trust.value}" for each in entries if each.pid is not None)
        or _most(str(each.pid) for each in steps if each.pid is not None),
        "requests": _most(_request(each.request) for each in [*entries, *steps] if each.request),
        "lives": [_life(each) for each in entries if each.life][:MOST_LIVES],
        "tests": _results(results),
        "tests_timed": sum(each.started is not None for each in results),
        "steps_of_a_test": sum(each.test is not None for each in steps),
        "workers": _most(each.worker for each in [*steps, *results] if each.worker),
        "levels": _most(each.level for each in [*entries, *steps] if each.level),
        "units": _most(each.unit for each in entries if each.unit),
        "hosts": _most(each.host for each in entries if each.host),
        "keys": _most(name for each in [*entries, *steps] for name, _ in each.keys),
    }
    always = ("format", "side", "lines")
    return {name: value for name, value in told.items() if value or name in always}


def _most(names: Iterable[str]) -> dict[str, int]:
    """The most frequent, with how many others there are."""
    counted = sorted(Counter(names).items(), key=lambda item: (-item[1], item[0]))
    told = dict(counted[:MOST])
    if len(counted) > MOST:
        told[f"{len(counted) - MOST} others"] = sum(count for _, count in counted[MOST:])
    return told


def _spans(numbers: list[int]) -> list[str]:
    """3, 7-9, …"""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    told = [str(first) if first == last else f"{first}-{last}" for first, last in spans[:MOST_LINES]]
    return told + ([f"and {len(spans) - MOST_LINES} more"] if len(spans) > MOST_LINES else [])


def _facts(what: Stretch) -> dict[str, str]:
    """The value of what is told once, else how often it is told."""
    by_name: dict[str, list[str]] = {}
    for fact in what.facts:
        by_name.setdefault(fact.name, []).append(fact.value[:200])
    return {name: values[0] if len(values) == 1 else f"{len(values)} times" for name, values in sorted(by_name.items())}


def _times(records: list[Entry | Step]) -> Told:
    """Of the stamps that have a date, else of all."""
    stamps = [each.stamp for each in records if each.stamp is not None]
    if not stamps:
        return {}
    dated = [stamp for stamp in stamps if stamp.dated] or stamps
    kinds = _most(_kind(stamp) for stamp in stamps)
    return {
        "earliest": time_text(min(dated, key=lambda stamp: stamp.us)),
        "latest": time_text(max(dated, key=lambda stamp: stamp.us)),
        "backwards": sum(before.us > after.us for before, after in pairwise(dated)),
        "kinds": kinds,
    }


def _kind(stamp: Stamp) -> str:
    tick = f"{stamp.tick_us // SECOND} s" if stamp.tick_us >= SECOND else f"{stamp.tick_us} µs"
    return f"{tick}, {'with zone' if stamp.zoned else 'no zone'}{'' if stamp.dated else ', no date'}"


def time_text(stamp: Stamp) -> str:
    """With as many digits as the log wrote (six at most): 2026-11-23T01:30:00.053Z, 01:30:00 (no zone, no date)."""
    digits = max(0, 7 - len(str(stamp.tick_us))) if stamp.tick_us < SECOND else 0
    at = instant(stamp.us)
    text = f"{at:%H:%M:%S}" if not stamp.dated else f"{at:%Y-%m-%dT%H:%M:%S}"
    if digits:
        text += f".{at.microsecond:06d}"[: digits + 1]
    lacking = ", ".join(["no zone"] * (not stamp.zoned) + ["no date"] * (not stamp.dated))
    return f"{text} ({lacking})" if lacking else f"{text}Z"


def _request(request: Request) -> str:
    status = "no status" if request.status is None else str(request.status)
    return f"{request.method or '?'} {request.path or '?'} {status}"


def _life(entry: Entry) -> str:
    life = entry.life
    assert life is not None
    subject = "the service" if life.subject is None else str(life.subject)
    return f"{life.what.value} {subject}{f' ({life.reason})' if life.reason else ''}"


def _results(results: list[TestResult]) -> list[str] | dict[str, int]:
    if len(results) > MOST_RESULTS:
        return dict(sorted(Counter(each.outcome.value for each in results).items()))
    return [
        f"{each.outcome.value} {each.test}"
        + (f" in {each.phase}" if each.phase not in ("", "call") else "")
        + (f", attempt {each.attempt}" if each.attempt > 1 else "")
        + (", name rebuilt" if each.lossy else "")
        for each in results
    ]
