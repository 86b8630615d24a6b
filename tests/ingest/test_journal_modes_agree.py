"""One journal in every output mode: times, PIDs and messages must be the same, and those of the raw JSON."""

from __future__ import annotations

import json
import time
from collections import Counter

import pytest

from tests.ingest.server_parts import SAMPLES, entries, facts, lives, part, records, requests, sample
from triage.core.records import SECOND, Entry, PidTrust, Unparsed

FOLDER = "journal/two-boots"
NOVEMBER_23 = 1_795_415_500_000_000
FIELD_MODES = ("json-seq", "json-sse", "json-pretty", "export", "verbose")
CONTAINER = ("cars-api-1", "c0ffee001122")  # its line in two halves is one only where fields tell
TEXT_MODES = {  # microseconds of the last digit, and of the zone that the stamps are in
    "short": (SECOND, 0),
    "short-full": (SECOND, 0),
    "short-iso": (SECOND, 0),
    "with-unit-ist": (SECOND, 19_800 * SECOND),
    "short-precise": (1, 0),
    "short-precise-utc": (1, 0),
    "short-precise-catalog": (1, 0),
    "short-iso-precise": (1, 0),
    "short-iso-precise-no-hostname": (1, 0),
    "short-unix": (1, 0),
    "short-monotonic": (0, 0),
    "short-delta": (0, 0),
}


def raw(path: str = f"{FOLDER}/json.txt") -> list[dict]:
    return [json.loads(line) for line in (SAMPLES / path).read_text().splitlines()]


def time_of(fields: dict) -> int:
    return int(fields.get("_SOURCE_REALTIME_TIMESTAMP") or fields["__REALTIME_TIMESTAMP"])


def message_of(fields: dict) -> str:
    """As the text modes print it; of several values the last."""
    value = fields["MESSAGE"]
    if isinstance(value, list) and not isinstance(value[0], int):
        value = value[-1]
    return bytes(value).decode(errors="replace") if isinstance(value, list) else value


def made(mode: str) -> list[Entry]:
    return entries(sample(f"{FOLDER}/{mode}.txt"), NOVEMBER_23)


def shape(entry: Entry) -> tuple:
    return (entry.stamp, entry.pid, entry.pid_trust, entry.host, entry.unit, entry.boot, entry.level, entry.life)


@pytest.mark.parametrize("mode", FIELD_MODES)
def test_every_mode_with_fields_gives_the_same_entries_as_json(mode):
    expected, found = made("json"), made(mode)
    assert [shape(e) for e in found] == [shape(e) for e in expected]
    assert [e.request for e in found] == [e.request for e in expected]
    for one, other in zip(found, expected, strict=True):
        assert one.message.rstrip("\n") == other.message.rstrip("\n") or "blob data]" in one.message


def test_json_gives_the_times_pids_and_messages_that_are_in_it():
    found, written = made("json"), raw()
    first = next(n for n, fields in enumerate(written) if fields.get("CONTAINER_PARTIAL_ORDINAL") == "1")
    halves = written[first : first + 2]
    assert found[first].message == halves[0]["MESSAGE"] + halves[1]["MESSAGE"]
    whole = [fields for fields in written if fields is not halves[1]]
    assert [e.stamp.us for e in found] == [time_of(fields) for fields in whole]
    assert [e.boot for e in found] == [fields["_BOOT_ID"] for fields in whole]
    own = [(e.pid, f) for e, f in zip(found, whole, strict=True) if "pid=" not in str(f.get("MESSAGE"))]
    assert [pid for pid, f in own if "CONTAINER_ID" not in f] == [
        int(f["_PID"]) for _, f in own if "CONTAINER_ID" not in f
    ]


@pytest.mark.parametrize("mode", TEXT_MODES)
def test_every_text_mode_gives_the_times_pids_and_messages_of_the_json(mode):
    tick_us, shift_us = TEXT_MODES[mode]
    found, written = made(mode), [fields for fields in raw() if "MESSAGE" in fields]
    assert len(found) == len(written)
    assert not [r for r in records(sample(f"{FOLDER}/{mode}.txt")) if isinstance(r, Unparsed)]
    for entry, fields in zip(found, written, strict=True):
        if tick_us:
            assert entry.stamp.us == time_of(fields) // tick_us * tick_us + shift_us
            assert entry.stamp.tick_us == tick_us
        if fields.get("SYSLOG_IDENTIFIER") == "we ird[7]: x":
            assert entry.pid_trust is PidTrust.UNKNOWN
            continue
        if "CONTAINER_ID" not in fields:
            assert entry.pid == int(fields["_PID"])
        if "blob data]" not in entry.message:
            assert entry.message == message_of(fields).rstrip("\n")
    assert len({e.boot for e in found}) == 2


@pytest.mark.parametrize("mode", [*TEXT_MODES, *FIELD_MODES])
def test_every_mode_tells_the_same_requests_and_lives(mode):
    found, expected = ([e for e in made(each) if e.unit not in CONTAINER] for each in (mode, "json"))
    assert Counter(requests(found)) == Counter(requests(expected))
    assert lives(made(mode)) == lives(made("json"))


def test_modes_without_a_clock_say_so_and_make_up_no_time():
    for mode in ("short-monotonic", "short-delta"):
        assert any(name == "problem" and "-o json" in value for name, value in facts(sample(f"{FOLDER}/{mode}.txt")))
        told = [e for e in made(mode) if e.stamp is not None]
        assert told
        assert all(e.message.startswith(("[2026", "127.0.0.1 ")) for e in told)


def test_the_cursor_tells_the_time_where_the_zone_is_only_a_name():
    found, written = made("verbose-fields-ist"), raw()
    assert [e.stamp.us for e in found] == [int(fields["__REALTIME_TIMESTAMP"]) for fields in written]
    assert all(e.stamp.zoned for e in found)


def test_the_pid_of_a_program_that_only_passes_lines_on_is_not_trusted():
    piped = [e for e in made("json") if e.unit == "piped"]
    assert {e.pid_trust for e in piped if "plain" in e.message} <= {PidTrust.UNKNOWN}
    both = {e.pid for e in made("json") if e.unit == "pipedpair"}
    said = {int(e.message.rpartition("pid=")[2]) for e in made("json") if e.unit == "pipedpair"}
    assert both == said
    assert len(both) == 2


def test_two_processes_behind_one_shell_are_two_processes():
    for mode in ("json", "short", "verbose", "export"):
        pair = [e for e in made(mode) if e.unit == "pair"]
        assert len({e.pid for e in pair}) == 2
        assert len({(e.pid, e.message.split()[2]) for e in pair}) == 2
        assert {e.pid_trust for e in pair} == {PidTrust.PROVEN}


def test_a_containers_pids_are_its_own_and_not_the_engines():
    boot, served = [e for e in made("json") if e.unit == "cars-api-1"]
    assert (boot.host, boot.pid, boot.life.subject) == ("cars-api-1", 7, 7)
    assert (served.pid, served.pid_trust) == (None, PidTrust.UNKNOWN)
    assert (served.request.method, served.request.path, served.request.status) == ("GET", "/cars", 200)


@pytest.mark.parametrize("mode", ["json", "short-precise"])
def test_a_real_server_behind_a_pipe_is_noticed_and_its_workers_are_not_mistaken_for_one(mode):
    found = entries(sample(f"journal/piped/{mode}.txt"), NOVEMBER_23)
    served = [e for e in found if e.request and e.request.ended]
    assert len(served) == 8
    booted = {e.life.subject for e in found if e.life and e.life.what == "boot"}
    assert len(booted) == 2
    told = ("pid_is_parents", str(served[0].pid)) in facts(sample(f"journal/piped/{mode}.txt"))
    assert told or {e.pid_trust for e in served} == {PidTrust.UNKNOWN}


@pytest.mark.parametrize("mode", ["json", "json-all", "json-pretty", "export", "verbose"])
def test_halves_of_a_line_are_one_line_again(mode):
    found = entries(sample(f"journal/pieces/{mode}.txt"), NOVEMBER_23)
    jobs = [e for e in found if e.unit == "jobs"]
    halves = [e for e in jobs if e.message.startswith("parent half")]
    assert [e.message for e in halves] == [f"parent half of job {n} GET /cars -> 200" for n in range(3)]
    assert [(e.request.path, e.request.status) for e in halves] == [("/cars", 200)] * 3
    children = [e for e in jobs if e.message.startswith("child line")]
    assert len({e.pid for e in children}) == 3
    assert {e.pid for e in halves}.isdisjoint({e.pid for e in children})
    long = [e for e in jobs if e.message.endswith("end of the long line")]
    told = mode not in ("json", "json-pretty")  # these leave long messages out
    assert [len(e.message) for e in long] == [60_000 + len(" end of the long line")] * told
    numbers = [e.line for e in found]
    assert numbers == sorted(set(numbers))


def test_two_containers_with_the_same_pids_are_four_workers():
    found = entries(sample("journal/podman/json.txt"), NOVEMBER_23)
    booted = {(e.host, e.life.subject) for e in found if e.life and e.life.what == "boot"}
    assert booted == {("cars-a", 4), ("cars-a", 5), ("cars-b", 4), ("cars-b", 5)}
    assert {e.pid for e in found if e.unit.startswith("cars-") and e.request} == {None}
    long = [e for e in found if len(e.message) > 20_000]
    assert [(e.host, e.request.path, e.request.status) for e in long] == [
        ("cars-a", "/cars", 200),
        ("cars-b", "/cars", 200),
    ]
    assert not [e for e in found if e.level == "error" and e.unit.startswith("cars-") and "Booting" in e.message]
    assert any(name == "pid_is_parents" for name, _ in facts(sample("journal/podman/short-precise.txt")))


def test_an_empty_journal_says_that_it_is_empty():
    source = sample(f"{FOLDER}/no-entries.txt")
    assert entries(source) == []
    ((name, value),) = facts(source)
    assert name == "problem"
    assert "found no entries" in value


def test_an_endless_line_in_pieces_and_an_entry_of_endless_fields_stay_bounded_and_fast():
    piece = (
        '{"__REALTIME_TIMESTAMP":"1795415500000000","CONTAINER_ID":"a","CONTAINER_PARTIAL_MESSAGE":"true","MESSAGE":"'
    )
    many = f"{piece}{'x' * 100}" + '"}\n'
    header = "Mon 2026-11-23 01:30:00.055778 UTC [s=1;i=1;b=1;m=1;t=660e78842cfe2;x=1]\n"
    began = time.process_time()
    found = entries(part(many * 20_000))
    assert 1 <= len(found) < 100
    assert max(len(e.message) for e in found) <= 65_536
    (entry,) = entries(part(header + f"    MESSAGE={'y' * 500}\n" * 20_000))
    assert len(entry.message) <= 65_536
    assert time.process_time() - began < 5
