"""A line that a team describes itself: what its pattern finds, what it refuses, and what becomes of the file."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.formats.base import Context
from ingest.formats.detect import detect
from ingest.formats.line_format import BadPattern, Kind, LineFormat, compiled, guessed, name_of, preferred
from ingest.formats.read import read
from tests.ingest.server_parts import NOVEMBER_2026, part
from triage.core.records import SECOND, Entry, Life, PidTrust, Record, Side, Stamp, Step, Unparsed

PLAIN = "{time} [{pid}] {level} {message}"
LOG = """\
2026-11-23 01:30:00,053 [51463] INFO     POST /cars/add -> 200
2026-11-23 01:30:00,921 [51465] WARN     Processing /GET request against /cars
2026-11-23 01:30:01,007 [51465] ERROR    lookup failed
Traceback (most recent call last):
  File "cars.py", line 31, in find
KeyError: 'figo'
what is this
  and this
2026-11-23 01:30:02,000 [51465] INFO
"""


def line(pattern: str = PLAIN, side: Side = Side.SERVER, **more: object) -> LineFormat:
    return LineFormat(name="Billing worker", pattern=pattern, side=side, **more)  # type: ignore[arg-type]


def regex(pattern: str, **more: object) -> LineFormat:
    return line(pattern, kind=Kind.REGEX, **more)


def records(described: LineFormat, text: str, reference_us: int = NOVEMBER_2026) -> list[Record]:
    return list(read(part(text), compiled(described), Context(reference_us=reference_us)))


def entry(described: LineFormat, text: str, reference_us: int = NOVEMBER_2026) -> Entry:
    found = records(described, text, reference_us)[0]
    assert isinstance(found, Entry), found
    return found


def stamp(pattern: str, text: str) -> Stamp | None:
    return entry(line(pattern), text).stamp


def wrong(described: LineFormat) -> str:
    with pytest.raises(BadPattern) as caught:
        compiled(described)
    return caught.value.sentence


def test_every_field_of_a_line_is_read():
    found = entry(
        line("{time:iso} {host} {unit}[{pid}] {level} {client} {method} {path} {status} {duration:ms} {size} "
             "{request_id} {trace} ({thread}) {message}"),
        "2026-11-23T01:30:00.053850+05:30 web1 billing[51463] warn 10.0.0.7:52114 POST /cars/add?page=2 201 12.5 105 "
        "rq-7 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 (Thread-3 (pool)) added figo",
    )  # fmt: skip
    assert found.stamp == Stamp(NOVEMBER_2026 + 53_850 - 5 * 3600 * SECOND - 1800 * SECOND, True, 1)
    assert (found.host, found.unit, found.pid, found.pid_trust) == ("web1", "billing", 51463, PidTrust.PROVEN)
    assert (found.level, found.message) == ("warning", "added figo")
    request = found.request
    assert request is not None
    assert (request.method, request.path, request.query, request.status) == ("POST", "/cars/add", "page=2", 201)
    assert (request.duration_us, request.size, request.client, request.ended) == (12_500, 105, "10.0.0.7:52114", True)
    assert found.keys == (
        ("request_id", "rq-7"),
        ("trace", "4bf92f3577b34da6a3ce929d0e0e4736"),
        ("client_port", "52114"),
    )


def test_an_expression_reads_the_same_as_a_template():
    described = regex(r"(?P<time>\S+ \S+) \[(?P<pid>\d+)\] (?P<level>\w+) *(?P<message>.*)")
    assert records(described, LOG) == records(line(), LOG)


def test_lines_that_go_on_join_their_entry_and_the_others_are_kept():
    found = records(line(), LOG)
    assert [(type(each), each.line) for each in found] == [
        (Entry, 1), (Entry, 2), (Entry, 3), (Unparsed, 7), (Unparsed, 8), (Entry, 9),
    ]  # fmt: skip
    third = found[2]
    assert isinstance(third, Entry)
    assert third.message == (
        "lookup failed\nTraceback (most recent call last):\n  File \"cars.py\", line 31, in find\nKeyError: 'figo'"
    )


def test_requests_and_lives_in_the_message_are_found():
    found = [each for each in records(line(), LOG) if isinstance(each, Entry)]
    assert found[0].request is not None
    assert (found[0].request.method, found[0].request.path, found[0].request.status) == ("POST", "/cars/add", 200)
    booting = entry(
        line("{time} {host} {unit} {message}"),
        "2026-11-23 01:30:00 web1 app [2026-11-23 01:30:00 +0000] [15866] [INFO] Booting worker with pid: 15866",
    )
    assert booting.life is not None
    assert (booting.life.what, booting.life.subject, booting.pid) == (Life.BOOT, 15866, 15866)


def test_what_the_pattern_names_goes_before_what_the_message_mentions():
    found = entry(line("{time} {method} {path} {status} {level} {message}"),
                  "2026-11-23 01:30:00 POST /cars 500 ERROR then asked GET /health -> 200")  # fmt: skip
    assert found.request is not None
    assert (found.request.method, found.request.path, found.request.status) == ("POST", "/cars", 500)
    assert found.level == "error"


def test_a_status_alone_is_no_request():
    assert entry(line("{time} {status} {message}"), "2026-11-23 01:30:00 404 nothing to say").request is None


def test_a_hyphen_is_a_field_that_the_line_leaves_out():
    found = entry(line("{time} [{pid}] {method} {status} {client} {message}"), "2026-11-23 01:30:00 [-] - - - hello")
    assert (found.pid, found.pid_trust, found.request, found.keys) == (None, PidTrust.UNKNOWN, None, ())


def test_a_number_that_no_kernel_gives_out_is_no_pid():
    assert entry(line("{time} [{pid}] {message}"), "2026-11-23 01:30:00 [99999999] hello").pid is None


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("{time} {message}", "2026-11-23 01:30:00,053 x", Stamp(NOVEMBER_2026 + 53_000, False, 1000)),
        ("{time} {message}", "23/Nov/2026:01:30:00 +0000 x", Stamp(NOVEMBER_2026, True, SECOND)),
        ("{time} {message}", "Nov 23 01:30:00 x", Stamp(NOVEMBER_2026, False, SECOND)),
        ("{time} {message}", "1795397400.053850 x", Stamp(NOVEMBER_2026 + 53_850, True, 1)),
        ("{time} {message}", "01:30:00.5 x", Stamp(5_400_500_000, False, 100_000, False)),
        ("{time:epoch} {message}", "1795397400053 x", Stamp(NOVEMBER_2026 + 53_000, True, 1000)),
        ("{time:%d.%m.%Y %H:%M:%S,%f} {message}", "23.11.2026 01:30:00,053 x",
         Stamp(NOVEMBER_2026 + 53_000, False, 1000)),
        ("{time:%Y%m%d-%H%M%S} {message}".replace("%M%S", "%M:%S"), "20261123-0130:00 x",
         Stamp(NOVEMBER_2026, False, SECOND)),
        ("{time:%d/%b/%y %I:%M:%S %p %z} {message}", "23/Nov/26 01:30:00 AM +0530 x",
         Stamp(NOVEMBER_2026 - 19_800 * SECOND, True, SECOND)),
        ("{time:%m-%d %H:%M:%S.%L} {message}", "11-23 01:30:00.053 x", Stamp(NOVEMBER_2026 + 53_000, False, 1000)),
        ("{time:%B %d %Y %H:%M} {message}", "November 23 2026 01:30 x", Stamp(NOVEMBER_2026, False, 60 * SECOND)),
        ("{time:%Y.%j %T} {message}", "2026.327 01:30:00 x", Stamp(NOVEMBER_2026, False, SECOND)),
        ("{time:%H:%M:%S} {message}", "01:30:00 x", Stamp(5_400_000_000, False, SECOND, False)),
        ("{time:%F %T %Z} {message}", "2026-11-23 01:30:00 UTC x", Stamp(NOVEMBER_2026, True, SECOND)),
        ("{time:%F %T %Z} {message}", "2026-11-23 01:30:00 IST x", Stamp(NOVEMBER_2026, False, SECOND)),
    ],
)  # fmt: skip
def test_times_are_exact_to_their_stamp_and_no_zone_is_guessed(pattern: str, text: str, expected: Stamp):
    assert stamp(pattern, text) == expected


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (PLAIN, "2026-13-23 01:30:00 [1] INFO x"),
        ("{time:%d.%m.%Y %H:%M:%S} {message}", "31.02.2026 01:30:00 x"),
        ("{time:%d.%m.%Y %I:%M:%S %p} {message}", "01.02.2026 13:30:00 PM x"),
        ("{time:%Y.%j %H:%M} {message}", "2026.366 01:30 x"),
    ],
)
def test_what_is_no_time_is_kept_as_not_understood(pattern: str, text: str):
    assert records(line(pattern), text) == [Unparsed(1, text)]


@pytest.mark.parametrize(
    ("described", "says"),
    [
        (line(""), "Write a pattern"),
        (line("{tim} {message}"), "{tim} is no field that Lineup knows: perhaps you mean time."),
        (line("{timestamp} {message}"), "perhaps you mean time"),
        (line("{xyzzy} {time}"), "there are time, level"),
        (line("{time} {level"), "The { at character 8 is never closed"),
        (line("{time} level}"), "The } at character 13 closes nothing"),
        (line("{level} {pid}"), "neither a time nor a message"),
        (line("{message}"), "fits an empty line"),
        (line("{_} {message}"), "fits every line there is"),
        (line("{time} {time}"), "{time} stands there twice"),
        (line("{host}{unit} {message}"), "Put what stands in the line between {host} and {unit}"),
        (line("{logger} {message}"), "field of the tests' side only"),
        (line("{status} {message}", Side.TESTS), "field of the server's side only"),
        (line("{time:%Y-%m-%d} {message}"), "needs its hour"),
        (line("{time:%I:%M} {message}"), "needs %p"),
        (line("{time:%H:%M:%Q} {message}"), "%Q is no part of a time"),
        (line("{time:%H:%M %H} {message}"), "tells the hour twice"),
        (line("{time:yesterday} {message}"), "a time is written as"),
        (line("{duration:weeks} {time}"), "weeks is no kind of duration; there are us, ms, s"),
        (line("%(asctime)s [%(process)d] %(levelname)-8s %(message)s"), "`{time} [{pid}] {level} {message}`"),
        (line("{time} " + "x" * 1000), "1,000 is the most"),
        (line("{time}\n{message}"), "one line itself"),
        (regex("(?P<time>x"), "A ( is opened that is never closed"),
        (regex("(?P<message>.)[a"), "`[a` (character 15) opens a set with [ that is never closed"),
        (regex(r"(?P<message>a)(?=b)"), "looks ahead or back"),
        (regex(r"(?P<message>a)\1"), "no back-references"),
        (regex("(?P<message>a**)"), "repeats a repeat"),
        (regex("(?P<when>x)(?P<message>.)"), "(?P<when>…) is no field"),
        (regex("abc"), "names no group"),
        (regex("(?P<time>a)(?P<time>b)"), "Two groups are named time"),
        (regex("(?P<message>.*)"), "fits an empty line"),
        (regex("(?P<message>.+)"), "fits every line there is"),
        (regex(r"(?P<message>(\pL{100}){9})"), "too large"),
        (regex("(?P<message>(((a{99}){99}){99}){99})"), "times"),
    ],
)
def test_a_bad_pattern_is_refused_with_what_is_wrong_and_where(described: LineFormat, says: str):
    assert says in wrong(described)


def test_a_brace_of_the_line_itself_is_written_twice():
    assert entry(line("{{{time}}} {message}"), "{2026-11-23 01:30:00} hello").message == "hello"


def test_a_group_in_a_set_is_no_field():
    described = regex(r"[(?P<x>\]]*(?P<time>\S+ \S+) (?P<message>.*)")
    assert entry(described, "2026-11-23 01:30:00 hello").message == "hello"


def test_a_duration_reads_its_unit_from_the_line_or_from_the_pattern():
    for written, text, us in (
        ("{duration}", "12ms", 12_000), ("{duration}", "0.2 s", 200_000), ("{duration:s}", "0,25", 250_000),
        ("{duration:us}", "17", 17), ("{duration}", "17", None),
    ):  # fmt: skip
        request = entry(line(f"{{time}} {{path}} {written} {{message}}"), f"2026-11-23 01:30:00 /cars {text} x").request
        assert request is not None
        assert request.duration_us == us, (written, text)
    described = regex(r"(?P<time>\S+ \S+) (?P<path>\S+) (?P<duration_ms>\d+)")
    request = entry(described, "2026-11-23 01:30:00 /cars 17").request
    assert request is not None
    assert request.duration_us == 17_000


def test_the_tests_side_makes_steps_with_their_test_and_worker():
    found = records(
        line("{time} {worker} {test} | {level} | {logger} | {message}", Side.TESTS),
        "2026-11-23 01:30:00.053 gw1 tests/test_cars.py::test_add | INFO | cars | POST /cars/add -> 200\n"
        "  with two lines\n"
        "2026-11-23 01:30:01.053 gw0 tests/test_cars.py::test_get | ERROR | cars | FAIL: count is 4\n"
        "no such line\n",
    )
    first, second, lost = found
    assert isinstance(first, Step)
    assert isinstance(second, Step)
    assert (first.test, first.worker, first.level, first.logger) == (
        "tests/test_cars.py::test_add", "gw1", "info", "cars",
    )  # fmt: skip
    assert first.text == "POST /cars/add -> 200\n  with two lines"
    assert first.request is not None
    assert first.request.path == "/cars/add"
    assert (second.worker, second.mark, second.stamp) == ("gw0", "fail", Stamp(NOVEMBER_2026 + 1_053_000, False, 1000))
    assert lost == Unparsed(4, "no such line")


def test_a_described_format_goes_before_the_built_in_ones_where_it_fits_well():
    text = "".join(f"2026-11-23 01:30:{i:02d},053 [51463] INFO POST /cars/{i} -> 200\n" for i in range(20))
    found = detect(part(text), Side.SERVER, preferred([line()], Side.SERVER))
    assert found.format is not None
    assert (found.format.NAME, found.format.TITLE, found.score) == ("custom-billing-worker", "Billing worker", 1.0)
    assert found.reason == "20 of 20 lines fit this project's own line format “Billing worker”."
    assert detect(part(text), Side.SERVER).format is not found.format


def test_a_described_format_that_hardly_fits_leaves_the_file_to_who_knows_it():
    text = "".join(f"Nov 23 01:30:{i:02d} vm gunicorn[51463]: hello\n" for i in range(20))
    text += "2026-11-23 01:30:00,053 [51463] INFO x\n"
    found = detect(part(text), Side.SERVER, preferred([line()], Side.SERVER))
    assert found.format is not None
    assert found.format.NAME == "journal-short"


def test_a_pattern_that_tells_little_does_not_hide_what_a_built_in_format_knows():
    text = "2026-11-23 07:09:38.393 | WARNING  | cars.client:add:14 - PASS: POST /cars/add -> 200\n" * 5
    found = detect(part(text), Side.TESTS, preferred([line("{time} {message}", Side.TESTS)], Side.TESTS))
    assert found.format is not None
    assert found.format.NAME == "loguru"


def test_a_pattern_of_one_side_never_claims_a_part_of_the_other():
    text = "2026-11-23 07:09:38.393 [51463] INFO GET /cars -> 200\n" * 5
    formats = preferred([line()], Side.TESTS)
    assert not any(each.NAME.startswith("custom-") for each in formats)
    found = detect(part(text), Side.TESTS, formats)
    assert found.format is not None
    assert not found.format.NAME.startswith("custom-")


def test_a_pattern_that_is_bad_by_now_is_left_out():
    assert not any(each.NAME.startswith("custom-") for each in preferred([line("{nothing}")], None))


def test_a_format_carries_its_name_and_its_sample():
    described = line(sample=LOG)
    found = compiled(described)
    assert (found.NAME, found.TITLE, found.SIDE, found.SAMPLES) == (
        "custom-billing-worker", "Billing worker", Side.SERVER, (LOG,),
    )  # fmt: skip
    assert name_of("  Ünïted & Sons, the second billing worker of them all ") == "custom-united-sons-the-second-billing"
    assert len(name_of("x" * 200)) <= 40
    assert name_of("日本") == "custom-"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-11-23 01:30:00 [x] INFO hello", "Where {pid} should follow, it goes on with “x] INFO hello”."),
        ("hello", "It does not begin with {time}."),
        ("2026-11-23 01:30:00", "It ends where a blank should follow."),
    ],
)
def test_a_line_that_does_not_fit_is_told_why(text: str, why: str):
    from_template = compiled(line()).shape
    assert from_template.why(text) == why


def test_an_expression_too_tells_where_a_line_leaves_it():
    shape = compiled(regex(r"(?P<time>\d\d:\d\d:\d\d) \[(?P<pid>\d+)\] (?P<message>.*)$")).shape
    assert shape.why("01:30:00 [x] hello") == r"Where (?P<pid>\d+) should follow, it goes on with “x] hello”."
    assert (
        compiled(regex(r"(?P<time>\d\d:\d\d:\d\d) a|b(?P<message>.*)")).shape.why("z") == "It does not fit the pattern."
    )


def test_a_long_line_keeps_its_message_whole():
    found = entry(line(), "2026-11-23 01:30:00 [51463] INFO " + "x" * 60_000)
    assert found.message == "x" * 60_000


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        (LOG, "{time} [{pid}] {level} {message}"),
        ("2026-11-23 07:27:18 | SUCCESS | run.py | PASS: x", "{time} | {level} | {_} | {message}"),
        ("[2026-11-23 01:30:00] pid=44 warn: hello", "[{time}] pid={pid} {level}: {message}"),
        ("W 01:30:00 hello", "{level} {time} {message}"),
        ("nothing to see", ""),
        ("", ""),
    ],
)
def test_a_first_pattern_is_guessed_from_lines(text: str, pattern: str):
    assert guessed(text.split("\n"), Side.SERVER) == pattern


BAD_TEXT = st.text(alphabet="a1 [](){}|:-.,\x00\x1b\ufffd\u202e\n\\é日/%", max_size=200)


@settings(max_examples=150, deadline=None)
@given(pattern=st.text(alphabet="{}timelvsagpd_:%HMS()[]?*+|\\.P<>^$ ", max_size=60), kind=st.sampled_from(list(Kind)))
def test_no_pattern_does_more_than_be_refused(pattern: str, kind: Kind):
    try:
        found = compiled(line(pattern, kind=kind))
    except BadPattern as bad:
        assert bad.sentence
    else:
        list(found.parse(part(LOG), Context(reference_us=0)))


@settings(max_examples=150, deadline=None)
@given(text=BAD_TEXT, side=st.sampled_from(list(Side)))
def test_no_text_does_more_than_be_kept(text: str, side: Side):
    guessed(text.split("\n"), side)
    for pattern in (PLAIN, "{time:%d.%m.%y %H:%M} ({thread}) {message}", "{_}|{message} [{pid}]"):
        found = compiled(line(pattern, side))
        made = list(read(part(text), found, Context(reference_us=0)))
        told = {each.line for each in made}
        written = {number for number, each in part(text).lines() if each.strip()}
        assert told <= written
        assert not written or min(written) in told
        for each in text.split("\n"):
            assert found.shape.told(each) is not None or found.shape.why(each)


@pytest.mark.parametrize(
    "pattern", [r"(?P<message>(a*)*b)", r"(?P<message>(a|a)*b)", r"(?P<message>(.*)(.*)(.*)(.*)=b)"]
)
def test_a_pattern_that_would_backtrack_takes_linear_time(pattern: str):
    shape = compiled(regex(pattern)).shape
    shape.told("a" * 100)
    began = time.process_time()
    for _ in range(20):
        assert shape.told("a" * 8_000) is None
    assert time.process_time() - began < 2
