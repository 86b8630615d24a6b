"""A run's place in a long log, found without reading every line: the same entries as a full reading gives."""

from __future__ import annotations

import gzip
import io
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bench.logs import START, as_json, client_log, events, served, short
from ingest.formats.base import Context, Format
from ingest.formats.detect import detect
from ingest.formats.journal import json_lines as journal_json
from ingest.formats.journal import short as journal_short
from ingest.formats.journal import short_iso as journal_short_iso
from ingest.formats.long_logs import sieve
from ingest.formats.long_logs.bisection import CLOSE, Timed
from ingest.formats.long_logs.sieve import LIVES, life_sieve, sieve_of
from ingest.formats.long_logs.skim import Skimmed, skim
from ingest.formats.long_logs.views import Sliced, Stretch
from ingest.formats.messages.understand import understand
from ingest.formats.read import read
from ingest.formats.source import PartSource
from triage.core.records import Entry, Life, PartRecords, RunEvidence, Side, Step, micros
from triage.core.window import Traces

ENTRIES = 60_000
AT = START + timedelta(seconds=ENTRIES // 24)
CONTEXT = Context(reference_us=micros(START))
BOOTS = 3


def iso(lines: object) -> list[str]:
    return [f"{at:%Y-%m-%dT%H:%M:%S}+0000 vm gunicorn[{pid}]: {message}\n" for at, pid, message in lines]  # type: ignore[attr-defined]


FORMS: dict[str, tuple[Format, object]] = {
    "short": (journal_short, short),
    "json": (journal_json, as_json),
    "iso": (journal_short_iso, iso),
}


def story() -> list[tuple[datetime, int, str]]:
    """A service's log with its boots at the beginning and the run of the original case in the middle."""
    boots = [
        (START + timedelta(seconds=n), pid, f"[{START:%F %T} +0000] [{pid}] [INFO] Booting worker with pid: {pid}")
        for n, pid in enumerate((51463, 51464, 51465))
    ]
    lines = [*boots, *events(ENTRIES, START + timedelta(seconds=10)), *served(AT)]
    return sorted(lines, key=lambda line: line[0])


LOG = {form: "".join(write(iter(story()))).encode() for form, (_, write) in FORMS.items()}  # type: ignore[operator]


def traces(*, zone: bool) -> Traces:
    source = PartSource("test.log", io.BytesIO(client_log(AT).encode()))
    steps = tuple(r for r in read(source, detect(source, Side.TESTS).format, CONTEXT) if isinstance(r, Step))
    return Traces(
        RunEvidence(
            parts=(PartRecords(name="test.log", side=Side.TESTS, steps=steps),),
            client_timezone="UTC" if zone else None,
            started_us=micros(AT) if zone else None,
        )
    )


def part(data: bytes) -> PartSource:
    return PartSource("journal.txt", io.BytesIO(data))


def found(form: str, data: bytes, *, zone: bool = False) -> Skimmed | None:
    return skim(part(data), FORMS[form][0], CONTEXT, traces(zone=zone))


def entries(form: str, source: object) -> list[Entry]:
    return [r for r in FORMS[form][0].parse(source, CONTEXT) if isinstance(r, Entry)]  # type: ignore[arg-type]


@pytest.mark.parametrize("zone", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_the_window_holds_just_what_a_full_reading_finds_there(form: str, zone: bool) -> None:
    skimmed = found(form, LOG[form], zone=zone)
    assert skimmed is not None
    low, high = skimmed.window
    assert low <= micros(AT) <= high

    def inside(some: list[Entry]) -> list[Entry]:
        return [entry for entry in some if entry.stamp is not None and low <= entry.stamp.us <= high]

    there = inside(entries(form, skimmed.part_of(part(LOG[form]))))
    assert there == inside(entries(form, part(LOG[form])))
    assert 1_000 < len(there) < ENTRIES / 4
    assert skimmed.lines == len(story())


@pytest.mark.parametrize("zone", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_the_boots_long_before_the_window_are_found(form: str, zone: bool) -> None:
    skimmed = found(form, LOG[form], zone=zone)
    assert skimmed is not None
    assert [e.life.subject for e in skimmed.lives if e.life and e.life.what is Life.BOOT] == [51463, 51464, 51465]
    assert [e.line for e in skimmed.lives] == [1, 2, 3]


@pytest.mark.parametrize("form", ["short", "json"])
def test_a_compressed_log_is_skimmed_as_well(form: str) -> None:
    skimmed, plain = found(form, gzip.compress(LOG[form], 1)), found(form, LOG[form])
    assert skimmed is not None and plain is not None
    assert (skimmed.window, skimmed.lines, len(skimmed.lives)) == (plain.window, plain.lines, BOOTS)
    assert skimmed.first.line > 1_000


def test_windows_line_ends_and_a_missing_last_one_change_nothing() -> None:
    data = LOG["iso"].replace(b"\n", b"\r\n").removesuffix(b"\r\n")
    skimmed = found("iso", data)
    assert skimmed is not None and skimmed.lines == len(story())
    assert all("\r" not in e.raw and "␍" not in e.raw for e in entries("iso", skimmed.part_of(part(data))))


def test_a_log_out_of_order_is_read_line_by_line() -> None:
    data = LOG["iso"]
    middle = data.index(b"\n", len(data) // 3) + 1
    assert found("iso", data[middle:] + data[:middle]) is None
    assert found("iso", data[middle:] + data[:middle], zone=True) is None


def test_a_short_log_is_read_line_by_line() -> None:
    assert found("short", LOG["short"][:100_000]) is None


@pytest.mark.parametrize(
    "data",
    [b"x" * 12_000_000, b"\n" * 9_000_000, b"\0" * 9_000_000, LOG["iso"].decode().encode("utf-16"), b"{\n" * 5_000_000],
    ids=["one line", "empty lines", "NUL", "UTF-16", "braces"],
)
@pytest.mark.parametrize("form", FORMS)
def test_what_is_no_log_of_lines_is_read_line_by_line(form: str, data: bytes) -> None:
    assert found(form, data) is None


def test_a_place_is_told_by_a_few_reads() -> None:
    class Counting(PartSource):
        reads = 0

        def blocks(self, start: int = 0) -> object:  # type: ignore[override]
            Counting.reads += 1
            return super().blocks(start)

    source = Counting("journal.txt", io.BytesIO(LOG["iso"]))
    timed = Timed(source, journal_short_iso, CONTEXT)
    Counting.reads = 0
    place = timed.line_start(timed.place(micros(AT)))
    assert Counting.reads <= 2 * len(LOG["iso"]).bit_length()
    first = next(e for e in entries("iso", Sliced(source, Stretch(1, place), None)) if e.stamp.us >= micros(AT))
    assert LOG["iso"].index(first.raw.encode()) - place <= CLOSE + 1_000


def test_words_that_every_line_holds_are_not_looked_for() -> None:
    assert sieve_of(["gunicorn"], [LOG["short"]]) is None
    chosen = sieve_of(["gunicorn", "lacs", "ab", "größe"], [LOG["short"]])
    assert chosen is not None and "lacs" in chosen.tokens
    assert not {"gunicorn", "ab", "größe"} & set(chosen.tokens)


def test_tokens_are_searched_as_they_are_and_in_any_case() -> None:
    chosen = sieve_of([".*", "(a|b)+", "/cars/add"], [b"x\n" * 100])
    assert chosen is not None
    assert chosen("POST /CARS/ADD") and chosen("see (A|b)+ there") and not chosen("nothing")


def test_every_life_that_a_grammar_reads_holds_a_word_that_is_looked_for() -> None:
    """Over every line of every sample: what the sieve does not let through would be missed in a long log."""
    words = re.compile("|".join(re.escape(word) for word in (*LIVES, "-- Boot")), re.IGNORECASE)
    missed, lives = set(), 0
    for path in Path(__file__).parent.parent.joinpath("formats").glob("*/*"):
        if not path.is_file() or path.suffix in (".json", ".gz", ".zip", ".journal", ".py", ".md"):
            continue
        for line in path.read_text(errors="replace").splitlines():
            for text in (line, line.partition("]: ")[2]):
                said = understand(text) if text else None
                if said is not None and said.life is not None:
                    lives += 1
                    if not words.search(text):
                        missed.add((said.kind, said.life.what, text[:160]))
    assert lives > 100
    assert not missed


def test_a_life_sieve_leaves_out_what_the_log_is_full_of() -> None:
    chosen = life_sieve([b"GET /started HTTP/1.1\n" * 100])
    assert "started" not in chosen.tokens and "booting" in chosen.tokens
    assert sieve.DENSE < 1
