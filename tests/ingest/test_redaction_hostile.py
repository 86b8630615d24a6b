"""Text that was written to hurt: the time is linear, nothing is raised, and a second pass changes nothing."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.redaction.own import OwnPattern
from ingest.redaction.redactor import Redactor
from tests.formats.corpus import cases, name_of
from tests.ingest.secrets_made import BASIC, JWT, WORD, pem
from tests.test_incidents import FOLDER
from triage.core.records import Entry, Unparsed

MEGABYTE = 1_000_000
SOME = 200_000
GROWTH = 2.5  # of a machine that is busy; a square would grow by four
SECONDS = 8.0  # for a megabyte of nothing but triggers; a log's line of them is cut at 64 KiB
UNITS = [
    "Bearer ", "Authorization: ", "Authorization: Bearer ", "authorization,", "Basic YTpi ", "Bearer a1b2c3d4 ",
    "password=", "password='", 'password="', 'password=\\"', "password=\\", "password: ", "token,", "('token', '",
    "--token ", "--token", "-", "token=a,b", "secret=[", "api_key ", "sig=", "\\", "'\\", "token=\\\\\"",
    "://", "a://b:", "a://b:c@", "://:@", "u:p@tcp(", ":", "a:", "@", "/",
    "Cookie: ", "Cookie: a=b; ", "a=b; ", "cookie=(", "cookies={'a':'b',", "cookie[", "<Cookie a=", "Expires=Mon, ",
    "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n", "-----END", "----BEGIN ", "MIIEabcdEFGH1234\n",
    "-----BEGIN PRIVATE KEY-----\nMIIEabcdEFGH1234MIIEabcdEFGH1234\n", "\\nMIIEabcdEFGH1234",
    "eyJ", "eyJabcdef.", "eyJabcdef.eyJabcdef.a.", "AKIA", "sk-", "xoxb-", "SG.", "hvs.", "[redacted ",
    "[redacted token 123456]", "[redacted token 123456", "token=[redacted token 123456]", "password=x ", "é", "\x00",
    '"name": "token", "value": "', "value=", "=", "%3d", "\\u003d", " ", "\n", "\t", ",", "a", "1,2,",
]  # fmt: skip


def _seconds(text: str) -> float:
    redactor = Redactor(
        b"key", [OwnPattern(name="own", pattern=r"[a-z]+(\d+|x)*q"), OwnPattern(name="b", pattern="a+b")]
    )
    began = time.process_time()
    redactor.text(text)
    return time.process_time() - began


@pytest.mark.parametrize("unit", UNITS)
def test_more_of_a_trigger_takes_as_much_more_time(unit):
    part, whole = ((unit * SOME)[:length] for length in (SOME // 4, SOME))
    seconds = _seconds(part)
    if seconds < 0.02:
        assert _seconds(whole) < 1
        return
    assert min(_seconds(whole) for _ in range(2)) < 4 * GROWTH * seconds


@pytest.mark.parametrize("unit", ["Bearer ", "-----BEGIN PRIVATE KEY-----\n", "password='"])
def test_a_megabyte_of_a_trigger_takes_seconds(unit):
    assert _seconds((unit * MEGABYTE)[:MEGABYTE]) < SECONDS


@pytest.mark.parametrize(
    "unit", ["Cookie: a=b; ", "password=hunter2 ", "-----BEGIN PRIVATE KEY-----\n", "MIIEabcd12345678"]
)
def test_records_of_it_take_linear_time(unit):
    text = (unit * 65_536)[:65_536]
    records = [Entry(line=n, raw=text, message=text) for n in range(4)]
    began = time.process_time()
    list(Redactor(b"key").records(records))
    assert time.process_time() - began < SECONDS


def test_a_record_with_thousands_of_secrets_takes_linear_time():
    text = " ".join(f"token={WORD}{number}" for number in range(2_000))
    other = text.replace("token=", "")
    began = time.process_time()
    list(Redactor(b"key").records([Entry(line=1, raw=other, message=text)]))
    assert time.process_time() - began < SECONDS


def test_an_unended_key_costs_no_more_than_its_records():
    head = Unparsed(1, pem().split("\n")[0])
    records = [head, *(Unparsed(n, "MIIEabcdEFGH1234MIIEabcdEFGH1234") for n in range(2, 5_000))]
    clean = list(Redactor(b"key").records(records))
    assert clean[2] is not records[2]
    assert clean[-1] is records[-1], "a key has an end, even where it does not say so"


PIECES = st.sampled_from([*UNITS, WORD, JWT, BASIC, pem(), "\ud800", "hunter2", "'", '"', "[", "]", "{", "}", "\r\n"])


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=14).map("".join))
def test_whatever_comes_nothing_is_raised_and_a_second_pass_changes_nothing(text):
    redactor = Redactor(b"key", [OwnPattern(name="Own", pattern=r"x(\d+)y|q\w+")])
    clean = redactor.text(text)
    assert redactor.text(clean) == clean
    assert clean.count("\n") == text.count("\n")
    (record,) = redactor.records([Entry(line=1, raw=text, message=text)])
    assert record.message == record.raw
    assert list(redactor.records([record])) == [record]


def _texts() -> list[tuple[str, str]]:
    corpus = [(f"{folder.name}/{name_of(folder, path)}", path) for folder, path in cases()]
    incidents = [(str(path.relative_to(FOLDER)), path) for path in FOLDER.rglob("*") if path.is_file()]
    return [(name, path.read_bytes().decode("utf-8", "replace")) for name, path in (*corpus, *incidents)]


# What the corpus holds of secrets: the lines that may change, by a word of theirs.
KNOWN_SECRETS: dict[str, tuple[str, ...]] = {
    "token-expires-on-every-worker/tests/pytest.txt": ("Bearer ab0ba1885ee1714b",),
}


@pytest.mark.parametrize(("name", "text"), [pytest.param(name, text, id=name) for name, text in _texts()])
def test_of_real_logs_only_real_secrets_are_redacted(name, text):
    clean = Redactor(b"key").text(text)
    changed = [line for line, now in zip(text.split("\n"), clean.split("\n"), strict=True) if line != now]
    expected = KNOWN_SECRETS.get(name, ())
    assert [line for line in changed if not any(word in line for word in expected)] == []
