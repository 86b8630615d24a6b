"""What people and machines really send by mistake, and what somebody would send on purpose.

Each case is a run: the parts that are wrong, beside a good pair or alone, and what Lineup has to say of them.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import zstandard

INCIDENT = Path(__file__).parent.parent / "incidents" / "cars-count-two-workers"
GOOD_TESTS = (INCIDENT / "tests" / "test_api_example.log").read_bytes()
GOOD_SERVER = (INCIDENT / "server" / "journal.txt").read_bytes()
META = {"started_at": "2024-05-23T12:11:00+00:00"}
SPLIT = "split_state"  # the verdict of the good pair, whatever lies beside it
MB = 1 << 20

File = tuple[str, str, bytes | Path]  # slot, name, content


@dataclass(frozen=True)
class Case:
    name: str
    files: Callable[[], list[File]]  # what is wrong; made when it is sent
    says: str = ""  # in the problem of the first of them; "" where all of it can be read
    good_pair: bool = True  # sent beside it, and its verdict must stand
    meta: dict[str, Any] = field(default_factory=lambda: META)
    status: str = "ready"
    verdict: str = SPLIT  # of the good pair's test; "" for any
    seconds: float = 5.0  # from the answer to the upload to the verdict; generous for two shared cores


def one(slot: str, name: str, make: Callable[[], bytes | Path]) -> Callable[[], list[File]]:
    return lambda: [(slot, name, make())]


# What is no text ------------------------------------------------------------------------------------------------------


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("journal.txt", b"\0" * (64 * MB))
    return out.getvalue()


def gzip_of(unit: bytes, times: int) -> bytes:
    """A gzip file that unfolds to `unit` so many times, made without holding that."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([*(packer.compress(unit) for _ in range(times)), packer.flush()])


def gzip_bomb() -> bytes:
    return gzip_of(b"\0" * MB, 2048)


def zstd_bomb() -> bytes:
    packer = zstandard.ZstdCompressor(level=3).compressobj()
    return b"".join([*(packer.compress(b"\0" * MB) for _ in range(2048)), packer.flush()])


def long_line() -> Path:
    """One line of 100 MB; on the disk, because the test's own memory is none of our concern."""
    folder = Path(tempfile.mkdtemp(prefix="lineup-bad-"))
    with (folder / "journal.txt").open("wb") as file:
        file.write(b"May 23 12:11:07 vm gunicorn[51463]: ")
        for _ in range(100):
            file.write(b"x" * MB)
        file.write(b"\n")
    return folder / "journal.txt"


# XML ------------------------------------------------------------------------------------------------------------------

DOCTYPE = '<?xml version="1.0"?>\n<!DOCTYPE testsuites [{entities}]>\n<testsuites><testsuite name="pytest" tests="1">'
CASE = '<testcase classname="tests.test_x" name="test_y"><failure message="{text}">{text}</failure></testcase>'
END = "</testsuite></testsuites>"


def laughs() -> bytes:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return (DOCTYPE.format(entities=entities) + CASE.format(text="&a11;") + END).encode()


def quadratic() -> bytes:
    entities = f'<!ENTITY big "{"x" * 50_000}">'
    return (DOCTYPE.format(entities=entities) + CASE.format(text="&big;" * 20_000) + END).encode()


def external() -> bytes:
    entities = '<!ENTITY passwords SYSTEM "file:///etc/passwd">'
    return (DOCTYPE.format(entities=entities) + CASE.format(text="&passwords;") + END).encode()


def many_cases(count: int, failing: bool) -> bytes:
    inner = '<failure message="assert 1 == 2">E  assert 1 == 2</failure>' if failing else ""
    cases = "".join(
        f'<testcase classname="tests.test_x" name="test_{n}" time="0.01">{inner}</testcase>\n' for n in range(count)
    )
    head = '<testsuites><testsuite name="pytest" timestamp="2024-05-23T12:11:00" time="9">'
    return f"{head}{cases}{END}".encode()


def long_name() -> bytes:
    name = "".join(random.Random(7).choices("abcdefghij[]-0123456789", k=60_000))
    inner = '<failure message="no">no</failure>'
    head = '<testsuites><testsuite name="pytest" timestamp="2024-05-23T12:11:00" time="9">'
    cases = "".join(f'<testcase classname="tests.test_x" name="{name}{n}">{inner}</testcase>' for n in range(2))
    return f"{head}{cases}{END}".encode()


# Journals -------------------------------------------------------------------------------------------------------------

AT = datetime(2024, 5, 23, 12, 11, 7, tzinfo=UTC)
BOOT = "5f2c0c6d6a1e4d0c9a3f6b1f5a7c9e01"


def fields(message: str, us: int = 1716466267000000, **more: Any) -> dict[str, Any]:
    return {
        "__REALTIME_TIMESTAMP": str(us), "_BOOT_ID": BOOT, "_HOSTNAME": "vm", "_PID": "51470",
        "SYSLOG_IDENTIFIER": "gunicorn", "_TRANSPORT": "stdout", "PRIORITY": "6", "MESSAGE": message, **more,
    }  # fmt: skip


def journal_json(*entries: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


def deep_json() -> bytes:
    deep = "[" * 100_000 + "]" * 100_000
    odd = json.dumps(fields("x"))[:-1] + f', "DEEP": {deep}}}\n'
    return odd.encode() * 3 + journal_json(fields("fine"))


def odd_numbers() -> bytes:
    huge = "9" * 30_000
    lines = [
        json.dumps(fields("a", _PID="999999999999999999999")),
        json.dumps(fields("b"))[:-1] + f', "_PID": {huge}}}',
        json.dumps(fields("c", us=2**63)),
        json.dumps(fields("d", us=2**64 + 5)),
        json.dumps(fields("e", us=-(2**63))),
        json.dumps(fields("f"))[:-1] + ', "__REALTIME_TIMESTAMP": NaN}',
        json.dumps(fields("g"))[:-1] + ', "_PID": 1e999, "PRIORITY": -1e999}',
        json.dumps(fields('1.2.3.4 - - [23/May/2024:12:11:07 +0000] "GET /cars HTTP/1.1" 200 ' + "9" * 60)),
        json.dumps(fields('1.2.3.4 - - [23/May/2024:12:11:07 +0000] "GET /cars HTTP/1.1" 99999999999 5')),
        json.dumps(fields("Worker (pid:999999999999999999999) was sent SIGKILL! Perhaps out of memory?")),
    ]
    return "\n".join(lines).encode() + b"\n"


def far_stamps() -> bytes:
    message = '1.2.3.4 - - [{0}] "GET /cars HTTP/1.1" 200 5'
    stamps = ("01/Jan/0001:00:00:00 +2359", "31/Dec/9999:23:59:59 -2359", "23/May/2024:12:11:07 +0000", "99/Xyz/0000:0")
    micros = (-62135596800000000, 253402300799999999, 1716466267000000, 9223372036854775807)
    return journal_json(*(fields(message.format(s), us=us) for s in stamps for us in micros))


def surrogates() -> bytes:
    lines = [
        b'{"__REALTIME_TIMESTAMP":"1716466267000000","_PID":"51470","_HOSTNAME":"vm","MESSAGE":"lone \\ud800 \\udfff"}',
        b'{"__REALTIME_TIMESTAMP":"1716466267000001","_PID":"51470","_HOSTNAME":"\\ud800","MESSAGE":"nul \\u0000"}',
        b'{"__REALTIME_TIMESTAMP":"1716466267000002","_PID":"51470","_HOSTNAME":"v\\u202em","MESSAGE":"\\u202egnp.exe"}',
    ]
    return b"\n".join(lines) + b"\n"


def lying_export(length: int) -> bytes:
    head = b"__REALTIME_TIMESTAMP=1716466267000000\n_PID=51470\n_HOSTNAME=vm\nSYSLOG_IDENTIFIER=gunicorn\n"
    return head + b"MESSAGE=fine\n\n" + head + b"MESSAGE\n" + length.to_bytes(8, "little") + b"not that long\n\n"


def many_processes(count: int) -> bytes:
    """Each boots and answers one request."""

    def lines() -> Iterator[str]:
        for n in range(count):
            at = AT + timedelta(milliseconds=n)
            process = f"{at:%b %d %H:%M:%S} web2 gunicorn[{60_000 + n}]:"
            yield f"{process} [INFO] Booting worker with pid: {60_000 + n}"
            yield f'{process} 1.2.3.4 - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET /other HTTP/1.1" 200 5'

    return "\n".join(lines()).encode()


# Text that attacks whoever shows it -----------------------------------------------------------------------------------

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg/onload=alert(3)>{{7*7}}{% debug %}"
NASTY = SCRIPT + " \x1b[2J\x1b]0;owned\x07\x1b[31m \u202egnp.exe\u202c \x00 \xff \r javascript:alert(4)"


def nasty_tests() -> bytes:
    path = SCRIPT.replace(" ", "")
    asked = f'DEBUG    urllib3.connectionpool:connectionpool.py:550 http://vm:80 "GET /{path} HTTP/1.1" 500 3'
    report = {
        "$report_type": "TestReport", "nodeid": f"tests/test_{path}.py::test_[{SCRIPT}]",
        "location": [SCRIPT, 1, SCRIPT], "keywords": {},
        "outcome": "failed", "longrepr": NASTY, "when": "call", "user_properties": [],
        "duration": 1.0,
        "start": 1716466267.0, "stop": 1716466268.0,
        "sections": [["Captured log call", f"INFO     {SCRIPT}:x.py:1 {NASTY}\n{asked}"]],
    }  # fmt: skip
    first, last = {"$report_type": "SessionStart"}, {"exitstatus": 1, "$report_type": "SessionFinish"}
    return "\n".join(json.dumps(line) for line in (first, report, last)).encode() + b"\n"


def nasty_server() -> bytes:
    path = SCRIPT.replace(" ", "")
    return journal_json(
        fields(f'1.2.3.4 - - [23/May/2024:12:11:07 +0000] "GET /{path} HTTP/1.1" 500 5', _HOSTNAME=NASTY),
        fields(NASTY, us=1716466267500000, SYSLOG_IDENTIFIER=SCRIPT, _SYSTEMD_UNIT=SCRIPT + ".service"),
        fields(f"Exception on /{path} [GET]\nTraceback (most recent call last):\nValueError: {NASTY}", PRIORITY="3"),
    )


def noisy_lines() -> bytes:
    line = b"May 23 12:11:08 ip-172-31-10-107 gunicorn[51465]: "
    return b"\n".join(
        [
            line + b"nul \0\0 here",
            line + b"\xff\xfe\xc3\x28 invalid",
            line + NASTY.encode("latin-1", "replace"),
            b"\0" * 50,
        ]
    )


CASES = (
    Case("empty", one("server", "empty.log", lambda: b""), "empty"),
    Case("blank", one("tests", "blank.log", lambda: b"\n \n\r\n" * 50), "blank"),
    Case("png", one("server", "shot.png", lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 200), "PNG image"),
    Case("random bytes", one("server", "core", lambda: random.Random(1).randbytes(200_000)), "binary"),
    Case("nothing but nul", one("tests", "zeros.log", lambda: b"\0" * 300_000), "binary"),
    Case("prose", one("tests", "README.md", lambda: b"# A readme\n\nThis is no log at all.\n" * 30), "No known format"),
    Case("html", one("server", "job.log", lambda: b"<!DOCTYPE html><html><title>Sign in</title></html>"), "HTML page"),
    Case("truncated gzip", one("server", "j.gz", lambda: gzip.compress(GOOD_SERVER * 400)[:-400]), "ends early"),
    Case("damaged gzip", one("server", "j.gz", lambda: b"\x1f\x8b\x08\0" + b"\xff" * 500), "gzip"),
    Case(
        "truncated zstd",
        one("server", "j.zst", lambda: zstandard.compress(random.Random(2).randbytes(40_000).hex().encode())[:20_000]),
        "zstd",
    ),
    Case("zip bomb", one("server", "logs.zip", zip_bomb), "Nothing in the archive is a log"),
    Case("gzip bomb", one("server", "journal.gz", gzip_bomb), "binary"),
    Case("zstd bomb", one("server", "journal.zst", zstd_bomb), "binary"),
    Case("nested gzip bomb", one("tests", "test.log.gz", lambda: gzip.compress(gzip_bomb())), "compressed twice"),
    Case(
        "a line before a gzip bomb",
        one("server", "journal.gz", lambda: gzip.compress(GOOD_SERVER + b"\n") + gzip_bomb()),
        "500:1",
        seconds=20,
    ),
    Case("billion laughs", one("tests", "junit.xml", laughs), "document type or entities"),
    Case("quadratic", one("tests", "junit.xml", quadratic), "document type or entities"),
    Case("external entity", one("tests", "junit.xml", external), "document type or entities"),
    Case("one line of 100 MB", one("server", "long.journal", long_line), "longer than 256 KiB", seconds=15),
    Case("nul, bad utf-8, escapes", one("server", "noisy.journal", noisy_lines)),
    Case("server log as tests", one("tests", "journal2.txt", lambda: GOOD_SERVER + b"\n"), "sent as tests"),
    Case("test log as server", one("server", "junit.xml", lambda: many_cases(3, False)), "sent as server"),
    Case("deep json", one("server", "deep.json", deep_json)),
    Case("odd numbers", one("server", "numbers.json", odd_numbers)),
    Case("far stamps", one("server", "far.json", far_stamps)),
    Case("surrogates", one("server", "surrogates.json", surrogates)),
    Case("export, length 2^63", one("server", "j.export", lambda: lying_export(2**63))),
    Case("export, length 2^39", one("server", "j.export", lambda: lying_export(2**39))),
    Case("200,000 cases", one("tests", "junit.xml", lambda: many_cases(200_000, False)), "left out", seconds=40),
    Case("4,000 failing tests", one("tests", "junit.xml", lambda: many_cases(4_000, True)), seconds=40),
    Case("node id of 60 KB", one("tests", "junit.xml", long_name)),
    Case(
        "10,000 processes",
        one("server", "many.journal", lambda: many_processes(10_000)),
        seconds=30,
        verdict="",  # any: so many processes may well speak against it
    ),
    Case("nasty", lambda: [("tests", SCRIPT + ".jsonl", nasty_tests()), ("server", NASTY[:200], nasty_server())]),
    Case(
        "two files of one name",
        lambda: [("server", "journal.txt", GOOD_SERVER + b"\n"), ("server", "journal.txt", GOOD_SERVER + b"\n\n")],
    ),
    Case("nothing readable", one("tests", "a.bin", lambda: b"\xff" * 999), "binary", good_pair=False, status="failed"),
)  # fmt: skip
