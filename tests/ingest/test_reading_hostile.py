"""Hostile input is normal input: nothing raises, nothing is lost, nothing takes more than linear work."""

from __future__ import annotations

import gzip
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.formats.base import Context
from ingest.formats.detect import detect
from ingest.formats.messages.registry import GRAMMARS
from ingest.formats.messages.understand import understand
from ingest.formats.registry import SERVER_FORMATS
from ingest.formats.source import PartSource
from tests.ingest.server_parts import NOVEMBER_2026, SAMPLES, every_line_is_told, part, records
from triage.core.records import Entry

CONTEXT = Context(reference_us=NOVEMBER_2026)
FOLDERS = ("journal", "gunicorn", "uvicorn", "hypercorn", "granian", "uwsgi", "flask", "django", "json_app")
FILES = sorted(p for p in SAMPLES.rglob("*.*") if p.parent.name in FOLDERS and p.suffix != ".md")
CONTENTS = {p.relative_to(SAMPLES).as_posix(): p.read_bytes() for p in FILES}
LINES = sorted({line for content in CONTENTS.values() for line in content.splitlines() if 0 < len(line) < 400})
JOINING = ("journal-json", "journal-export")  # formats whose entries span lines by a rule of their own
QUIET = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("fmt", SERVER_FORMATS, ids=lambda fmt: fmt.NAME)
@QUIET
@given(content=st.binary(max_size=2000))
def test_no_format_raises_on_any_bytes(fmt, content):
    list(fmt.parse(part(content), CONTEXT))
    fmt.recognises(part(content).head())


@QUIET
@given(data=st.data())
def test_mutated_samples_never_raise_and_every_line_is_accounted_for(data):
    content = bytearray(data.draw(st.sampled_from(list(CONTENTS.values())))[:6000])
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(0, max(0, len(content) - 1)))
        content[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=12))
    fmt = detect(part(bytes(content))).format
    if fmt is None or fmt.SIDE != "server":
        return
    made = records(part(bytes(content)), fmt)
    assert every_line_is_told(bytes(content), made, joins=True)


@QUIET
@given(lines=st.lists(st.sampled_from(LINES) | st.binary(max_size=60), max_size=25))
def test_any_mix_of_lines_is_read_by_any_format(lines):
    content = b"\n".join(lines)
    for fmt in SERVER_FORMATS:
        made = records(part(content), fmt)
        assert fmt.NAME in JOINING or every_line_is_told(content, made, joins=True)


@QUIET
@given(text=st.text(max_size=300))
def test_no_grammar_raises_on_any_text(text):
    understand(text)
    for grammar in GRAMMARS:
        grammar.understand(text)


@QUIET
@given(line=st.sampled_from(LINES), at=st.integers(0, 400), put=st.text(max_size=8))
def test_no_grammar_raises_on_a_mutated_line(line, at, put):
    text = line.decode("utf-8", "replace")
    understand(text[:at] + put + text[at:])
    understand(text[:at])


@pytest.mark.parametrize("path", CONTENTS)
def test_a_truncated_upload_of_every_sample_is_read_as_far_as_it_goes(path):
    packed = gzip.compress(CONTENTS[path])
    for share in (0.3, 0.6, 0.9):
        source = part(packed[: int(len(packed) * share)])
        fmt = detect(source).format
        if fmt is not None:
            assert records(source, fmt)
            assert source.problem


EVIL = {
    "blanks": " " * 200_000,
    "quotes": '"' * 200_000,
    "quoted requests": '"GET / HTTP/1.1" ' * 12_000,
    "half requests": '"GET /' + "a" * 200_000,
    "backslashes": '"GET /' + "\\" * 200_000,
    "brackets": "[" * 200_000,
    "braces": "{" * 200_000,
    "nested lists": '{"a":' + "[" * 100_000,
    "escapes": "\x1b[" * 100_000,
    "open escape": "\x1b]" + "a" * 200_000,
    "verbs": "GET " * 50_000,
    "verbs and paths": "GET /a " * 30_000,
    "pairs": "a=b " * 50_000,
    "pids": "pid= " * 40_000,
    "colons": ":" * 200_000,
    "digits": "1" * 200_000,
    "dots and digits": "1." * 100_000,
    "levels": "INFO " * 40_000,
    "stamp and blanks": "2026-11-23 01:30:00" + " " * 200_000,
    "stamp and brackets": "[2026-11-23 01:30:00,053] " + "[" * 200_000,
    "journal and colons": "Nov 23 01:30:00 vm " + "a:" * 100_000,
    "client and quote": "1.2.3.4:5" * 20_000 + ' - "GET / HTTP/1.1" 200',
    "words": "word " * 40_000,
    "unit": "a" * 150 + ".service: " * 10_000,
    "uwsgi": "[pid: 1|app: 0|req: 1/1] 1 () {1 vars in 1 bytes} [" + "M" * 200_000,
    "exception": "Exception on /" + "a [" * 60_000,
}


@pytest.mark.parametrize("kind", EVIL)
def test_a_line_of_200_kb_made_to_stall_takes_no_time(kind):
    """The cut at 64 KiB bounds a line, and the work on it is linear: seconds are generous, backtracking takes hours."""
    began = time.process_time()
    for fmt in SERVER_FORMATS:
        source = part(EVIL[kind])
        fmt.recognises(source.head())
        list(fmt.parse(source, CONTEXT))
    for prefix in ("Nov 23 01:30:00 vm gunicorn[1]: ", "[2026-11-23 01:33:55 +0000] [17893] [INFO] ", "INFO:     "):
        understand(prefix + EVIL[kind][:65_000])
    assert time.process_time() - began < 5


def test_reading_asks_for_each_byte_once_even_in_a_line_of_10_mb():
    class Counting:
        def __init__(self, content: bytes) -> None:
            self.content, self.at, self.asked = content, 0, 0

        def seek(self, at: int) -> int:
            self.at = at
            return at

        def read(self, size: int) -> bytes:
            piece = self.content[self.at : self.at + size]
            self.at += len(piece)
            self.asked += len(piece)
            return piece

    file = Counting(b"Nov 23 01:30:00 vm gunicorn[1]: " + b"x" * (10 << 20) + b"\nNov 23 01:30:01 vm gunicorn[1]: y")
    source = PartSource("long", file)  # type: ignore[arg-type]
    assert sum(1 for _ in source.lines()) == 2
    assert file.asked == len(file.content)
    found = [r for r in records(source, "journal-short") if isinstance(r, Entry)]
    assert [len(e.raw) for e in found] == [65_536, 33]


def test_html_and_terminal_escapes_stay_as_they_were_written():
    line = 'Nov 23 01:30:00 vm gunicorn[1]: <script>alert(1)</script> \x1b[31mred\x1b[0m "GET /<b> HTTP/1.1" 200 5'
    (entry,) = [r for r in records(part(line)) if isinstance(r, Entry)]
    assert entry.raw == line
    assert (entry.request.path, entry.request.status) == ("/<b>", 200)


def test_a_lie_about_a_fields_length_ends_with_the_part():
    content = b"__REALTIME_TIMESTAMP=1795397400053850\nMESSAGE\n\xff\xff\xff\xff\xff\xff\x00\x00rest\n\n"
    assert every_line_is_told(content, records(part(content), "journal-export"), joins=True)
    short = b"__REALTIME_TIMESTAMP=1795397400053850\nMESSAGE\n\xff\xff\xff\x7f\0\0\0\0rest\n\n"
    (entry,) = records(part(short), "journal-export")
    assert entry.message == "rest\n\n"


def test_numbers_beyond_every_bound_are_no_pids_and_no_times():
    lines = (
        '{"__REALTIME_TIMESTAMP":"9999999999999999999999","_PID":"99999999999999999999","MESSAGE":"x"}',
        '{"__REALTIME_TIMESTAMP":1e400,"_PID":-4,"MESSAGE":"x"}',
        '{"__REALTIME_TIMESTAMP":"1795397400053850","_PID":"0","MESSAGE":[[1,2],["a"],null]}',
    )
    made = records(part("\n".join(lines)), "journal-json")
    assert all(r.pid is None for r in made if isinstance(r, Entry))
