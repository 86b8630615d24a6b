"""Records on their way to the database: every text of them is redacted, and nothing else is changed."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

import msgspec
import pytest

from ingest.redaction.redactor import BATCH, Redactor
from tests.ingest.secrets_made import JWT, PEM_BODY, WORD, pem
from triage.core.records import (
    Entry,
    Fact,
    Life,
    LifeEvent,
    Outcome,
    PidTrust,
    Record,
    Request,
    Stamp,
    Step,
    TestResult,
    Unparsed,
)

COLOURED = f"\x1b[1mtoken={WORD}"  # which a journal gives as a list of bytes
STAMP = Stamp(1_795_397_400_053_850, True, 1)


def entry(message: str, line: int = 1, **more: object) -> Entry:
    raw = more.pop("raw", f"Nov 23 06:25:42 web1 app[15865]: {message}")
    return Entry(line=line, raw=raw, stamp=STAMP, host="web1", unit="app", pid=15865, pid_trust=PidTrust.PROVEN,
                 message=message, **more)  # type: ignore[arg-type]  # fmt: skip


def redacted(*records: Record) -> list[Record]:
    return list(Redactor(b"key").records(records))


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, msgspec.Struct):
        yield from strings(msgspec.structs.astuple(value))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from strings(item)


EVERY_FIELD = [
    entry(f"GET /x?token={WORD}", request=Request(method="GET", path="/x", query=f"token={WORD}", status=200)),
    entry(f"GET /reset/{JWT}/x", request=Request(method="GET", path=f"/reset/{JWT}/x", target="h:80")),
    entry(f"Authorization: Bearer {WORD}", keys=(("request_id", "7f3a"), ("session", WORD))),
    entry("hello", keys=(("x_api_key", WORD),)),
    entry(f"worker died: password={WORD}", life=LifeEvent(what=Life.EXIT, subject=7, reason=f"password={WORD}")),
    entry(f"password={WORD}", raw=json.dumps({"MESSAGE": f"password={WORD}", "_CMDLINE": f"app --token {WORD}"})),
    entry(COLOURED, raw=json.dumps({"MESSAGE": list(COLOURED.encode())})),
    entry(COLOURED, raw=json.dumps({"MESSAGE": list(COLOURED.encode())}, separators=(",", ":"))),
    entry("x", raw=f'{{"MESSAGE":"x","_CMDLINE":"app --password {WORD}"}}'),
    Step(line=3, raw=f"DEBUG send: password={WORD}", text=f"send: password={WORD}", test="t.py::a"),
    Step(line=3, raw="DEBUG x", text="x", test=f"t.py::a[password={WORD}]"),
    TestResult(test="t.py::a", outcome=Outcome.FAILED, message=f"password={WORD}", detail=f"a\nb token='{WORD}'\nc"),
    TestResult(test=f"t.py::a[postgres://u:{WORD}@h/x]", outcome=Outcome.FAILED),
    Fact(name="command", value=f"pytest --password {WORD}"),
    Fact(name="DB_PASSWORD", value=WORD),
    Unparsed(7, f"Cookie: a={WORD}"),
]  # fmt: skip


@pytest.mark.parametrize("record", EVERY_FIELD, ids=range(len(EVERY_FIELD)))
def test_no_text_of_a_record_keeps_the_secret(record):
    (clean,) = redacted(record)
    for text in strings(clean):
        assert WORD not in text
        assert JWT not in text
        assert ",".join(map(str, WORD.encode())) not in text.replace(" ", "")
    assert redacted(clean) == [clean]


@pytest.mark.parametrize("record", EVERY_FIELD, ids=range(len(EVERY_FIELD)))
def test_all_but_the_texts_stays_as_it_was(record):
    (clean,) = redacted(record)
    assert type(clean) is type(record)
    texts = {"raw", "message", "text", "detail", "request", "keys", "value", "life", "test"}
    for name in set(record.__struct_fields__) - texts:
        assert getattr(clean, name) == getattr(record, name)
    if isinstance(record, Entry) and record.request is not None:
        for name in set(Request.__struct_fields__) - {"path", "query"}:
            assert getattr(clean.request, name) == getattr(record.request, name)
    if isinstance(record, Entry) and record.life is not None:
        assert (clean.life.what, clean.life.subject) == (Life.EXIT, 7)


def test_what_a_journal_gave_as_bytes_is_json_as_before():
    (clean,) = redacted(EVERY_FIELD[6])
    said = bytes(json.loads(clean.raw)["MESSAGE"]).decode()
    assert said == clean.message


def test_records_without_a_secret_are_the_very_same():
    records = [entry(f"session on get: {n}", n) for n in range(1, 3 * BATCH)]
    assert all(one is other for one, other in zip(redacted(*records), records, strict=True))


def test_one_secret_among_many_records_is_found_wherever_it_stands():
    for place in (1, BATCH - 1, BATCH, BATCH + 1, 2 * BATCH - 1):
        records = [entry(f"é session on get: {n}" * (n % 3), n) for n in range(2 * BATCH)]
        records[place] = entry(f"ü token={WORD}", place)
        clean = redacted(*records)
        assert [n for n, record in enumerate(clean) if record is not records[n]] == [place]
        assert WORD not in clean[place].raw


def test_names_that_hold_a_secret_are_redacted_in_every_record_and_stay_one_name():
    records: list[Record] = [
        *(msgspec.structs.replace(entry("hello", n), unit=JWT, host=JWT) for n in range(1, 2 * BATCH)),
        entry("", raw=f"[pod/{JWT}/app] hello", request=Request(method="GET", path="/x", client=JWT, target=JWT)),
        Step(line=3, raw="hello", text="hello", logger=JWT, worker=JWT),
        TestResult(test="t.py::a", outcome=Outcome.FAILED, phase=JWT, worker=JWT),
    ]
    clean = redacted(*records)
    assert JWT not in " ".join(strings(clean))
    assert len({(record.unit, record.host) for record in clean[: 2 * BATCH - 1]}) == 1
    assert redacted(*clean) == clean


def test_records_come_out_while_they_still_go_in():
    endless = (entry(f"token={WORD}", n) for n in itertools.count(1))
    first = list(itertools.islice(Redactor(b"key").records(endless), 10))
    assert [record.line for record in first] == list(range(1, 11))


def test_what_the_reader_raises_comes_out():
    def failing() -> Iterator[Record]:
        yield entry("x")
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(Redactor(b"key").records(failing()))


def test_a_secret_counts_once_however_many_fields_hold_it():
    redactor = Redactor(b"key")
    list(redactor.records([EVERY_FIELD[0], EVERY_FIELD[0], entry("hello")]))
    assert redactor.counts == {"token": 2}


def test_a_test_has_the_same_name_in_every_record():
    name = f"t.py::a[token={WORD}]"
    step, result = redacted(
        Step(line=1, raw=f"{name} password={WORD}", text=f"password={WORD}", test=name),
        TestResult(test=name, outcome=Outcome.FAILED, message=f"password={WORD}"),
    )
    assert step.test == result.test
    assert WORD not in step.test


def test_a_key_over_many_records_goes_line_by_line():
    lines = [entry(line, n) for n, line in enumerate(pem().split("\n"), 1)]
    other = msgspec.structs.replace(entry("GET /items/7 200", 9), unit="nginx", pid=9)
    records = [
        entry("before"),
        *lines[:2],
        other,
        *lines[2:],
        entry("done after", 10),
        entry("ABCDEFGHabcdefgh12345678"),
    ]
    redactor = Redactor(b"key")
    clean = list(redactor.records(records))
    assert not any(line in text for record in clean for text in strings(record) for line in PEM_BODY)
    changed = [n for n, record in enumerate(clean) if record is not records[n]]
    assert changed == [2, 4, 5]
    assert all(record.message.startswith("[redacted private-key ") for record in (clean[n] for n in changed))
    assert clean[2].raw.startswith("Nov 23 06:25:42 web1 app[15865]: [redacted private-key ")
    assert redactor.counts == {"private-key": 1}


def test_a_key_over_many_records_of_the_tests_side_goes_too():
    lines = [Unparsed(n, line) for n, line in enumerate(pem().split("\n"), 1)]
    clean = redacted(*lines)
    assert not any(line in record.raw for record in clean for line in PEM_BODY)


def test_a_key_that_never_ends_takes_nothing_else_with_it():
    head = pem().split("\n")[:3]
    after = [entry(f"GET /items/{n} 200 and a sentence", n) for n in range(10, 200)]
    clean = redacted(*(entry(line, n) for n, line in enumerate(head, 1)), *after)
    assert clean[3:] == after
    assert PEM_BODY[1] not in clean[2].raw
