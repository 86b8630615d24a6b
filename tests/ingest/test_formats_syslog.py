"""Syslog in both RFCs, on the wire and as daemons file it."""

from __future__ import annotations

from collections import Counter

import pytest

from ingest.formats.detect import detect
from tests.ingest.server_parts import entries, facts, lives, part, records, sample
from triage.core.records import SECOND, PidTrust, Unparsed

NOVEMBER_23 = 1_795_415_500_000_000
ONE_RUN = {  # rsyslog wrote the same messages into each
    "rsyslog-traditional.log": "journal-short",
    "rsyslog-file-format.log": "journal-short-iso-precise",
    "rsyslog-protocol-23.log": "syslog-5424",
    "rsyslog-pri.log": "syslog-3164",
    "rsyslog-raw.log": "syslog-3164",
    "octet-counted-5424.log": "syslog-5424",
    "octet-counted-3164.log": "syslog-3164",
}


def of(name: str) -> list:
    return entries(sample(f"syslog/{name}"), NOVEMBER_23)


@pytest.mark.parametrize("name", ONE_RUN)
def test_the_same_messages_are_the_same_entries_whatever_the_template(name):
    source = sample(f"syslog/{name}")
    assert ONE_RUN[name] == detect(source).format.NAME
    assert not [r for r in records(source) if isinstance(r, Unparsed)]
    found, other = of(name), of("rsyslog-protocol-23.log")
    assert len(found) == len(other) == 137
    assert lives(found) == lives(other)
    served = [(e.pid, e.request.method, e.request.path, e.request.status) for e in found if e.request]
    assert Counter(served) == Counter((e.pid, e.request.method, e.request.path, e.request.status)
                                      for e in other if e.request)  # fmt: skip
    for one, same in zip(found, other, strict=True):
        if "over the local socket" in same.message:  # rsyslog misread this one, which shows in most templates
            assert (one.message == same.message) is (name in ("rsyslog-protocol-23.log", "octet-counted-5424.log"))
            continue
        if one.stamp is not None and name != "rsyslog-raw.log" and same.pid != 4711:
            assert one.stamp.us == same.stamp.us // one.stamp.tick_us * one.stamp.tick_us
        assert one.pid == same.pid or "forged" in one.message


def test_gunicorns_pid_stands_in_its_message():
    booted = [e for e in of("rsyslog-traditional.log") if e.life and e.life.what == "boot"]
    assert [(e.pid, e.pid_trust) for e in booted] == [(e.life.subject, PidTrust.PROVEN) for e in booted]
    assert len(booted) == 5


def test_busybox_tells_facility_and_level_before_the_tag():
    found = of("busybox.log")
    assert {e.host for e in found} == {"web1"}
    synced = [e for e in found if e.unit == "cars-sync"]
    assert Counter(e.level for e in synced) == {"info": 7, "warning": 2, "error": 1}
    assert len({e.pid for e in synced}) == 3
    assert next(e for e in found if "forged" in e.message).pid_trust is PidTrust.UNKNOWN


def test_lines_without_a_tag_are_entries_and_repeats_are_told():
    found = of("inetutils.log")
    assert [e.message for e in found if "repeated" in e.message] == ["last message repeated 3 times"] * 2
    assert {e.host for e in found} == {"web1"}
    for name in ("inetutils.log", "rsyslog-repeated.log"):
        ((_, value),) = facts(sample(f"syslog/{name}"))
        assert "in place of 6 messages" in value


def test_escaped_line_ends_are_line_ends_again():
    for name in ("rsyslog-traditional.log", "rsyslog-protocol-23.log"):
        broken = next(e for e in of(name) if e.message.startswith("it broke"))
        assert broken.message.splitlines()[-1].startswith("ZeroDivisionError")


def test_data_in_brackets_gives_keys_and_a_nil_is_nothing():
    line = '<165>1 2026-11-23T01:30:00.5Z - cars - - [req@1 request_id="ab12" note="a \\"b\\" \\] c"][x@1] \ufeffdone'
    (entry,) = entries(part(line))
    assert (entry.host, entry.unit, entry.pid, entry.message, entry.level) == ("", "cars", None, "done", "info")
    assert entry.keys == (("request_id", "ab12"),)
    assert (entry.stamp.us, entry.stamp.tick_us) == (1_795_397_400_500_000, SECOND // 10)


def test_a_sender_that_does_not_know_its_zone_is_not_believed_in_it():
    line = '<13>1 2026-11-23T07:00:00.000000+00:00 vm cars 7 - [timeQuality tzKnown="0"] GET /cars'
    (entry,) = entries(part(line))
    assert (entry.stamp.zoned, entry.stamp.us) == (False, 1_795_417_200_000_000)


def test_frames_may_hold_line_ends_and_lie_end_to_end():
    one = "<13>1 2026-11-23T01:30:00Z vm cars 7 - - Traceback (most recent call last):\n  File \"x\"\nKeyError: 'a'"
    two = "<13>1 2026-11-23T01:30:01Z vm cars 8 - - GET /cars"
    found = entries(part(f"{len(one)} {one}{len(two)} {two}"))
    assert [(e.line, e.pid, e.message.splitlines()[-1]) for e in found] == [
        (1, 7, "KeyError: 'a'"),
        (3, 8, "GET /cars"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "99 <13>1 2026-11-23T01:30:00Z vm cars 7 - - cut off",
        "9999999 <13>1 x",
        "5 <13>1 2026",
        "<999>1 2026-11-23T01:30:00Z vm cars 7 - - no such priority",
        "<13>1 2026-11-23T01:30:00Z",
        "<13>1 2026-11-23T01:30:00Z vm cars 7 - [open",
        "<13>",
        "<13>1 - - - - - -",
        "<13>Feb 30 01:02:03 vm x: y",
        "<13>" + "[" * 70_000,
    ],
)
def test_what_is_broken_is_kept_and_never_raises(text):
    made = records(part(text), "syslog-5424")
    assert made
    assert records(part(text), "syslog-3164")


def test_old_mails_example_of_the_rfc_is_read():
    (entry,) = entries(part("<34>Oct 11 22:14:15 mymachine su[230]: 'su root' failed for lonvick on /dev/pts/8"))
    assert (entry.host, entry.unit, entry.pid, entry.level) == ("mymachine", "su", 230, "critical")
    assert not entry.stamp.zoned
