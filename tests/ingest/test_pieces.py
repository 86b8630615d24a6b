"""Several logs in one file: where each begins and ends, and that a plain file stays one."""

from __future__ import annotations

import gzip
import time

import pytest

from ingest.formats.base import Recognition
from ingest.formats.pieces import PIECES, Layout, Piece, cut, laid_out, title
from ingest.formats.registry import FORMATS
from tests.ingest.test_wrapping_ci import BARS
from tests.ingest.wrapped_parts import CORPUS, corpus, only, parts_of, source

NOISE = "".join(f"Get:{n} http://mirror.example/debian bookworm/main amd64 lib{n} [12.3 kB]\n" for n in range(40))
JOURNAL = "".join(f"Nov 23 01:30:{n:02} vm gunicorn[15866]: added car {n}\n" for n in range(30))
ACCESS = "".join(
    f'127.0.0.1 - - [23/Nov/2026:01:30:{n:02} +0000] "GET /cars/{n} HTTP/1.1" 200 359\n' for n in range(30)
)
CONSOLE = f"##[group]Run apt-get update\n{NOISE}##[endgroup]\n"


def shapes(content: str | bytes) -> list[tuple[str, str]]:
    return [(part.name.partition(", ")[2], part.format) for part in parts_of(content)]


def test_a_console_with_a_test_run_and_two_dumps_is_three_pieces():
    content = f"{CONSOLE}$ pytest\n{BARS}$ journalctl -u cars\n{JOURNAL}$ cat access.log\n{ACCESS}done\n"
    assert shapes(content) == [
        ("lines 44\u201351", "pytest-terminal"),
        ("lines 53\u201382", "journal-short"),
        ("lines 84\u2013113", "access-log"),
    ]
    assert laid_out(source(content)).outside == 46


def test_every_line_is_in_exactly_one_account():
    content = corpus("github/job.txt")
    layout = laid_out(source(content))
    lines = [text for _, text in source(content).lines()]
    inside = sum(each.last - each.first + 1 for each in layout.pieces)
    between = set(range(1, len(lines) + 1))
    for piece in layout.pieces:
        between -= set(range(piece.first, piece.last + 1))
    blank = sum(not lines[number - 1].partition(" ")[2].strip() for number in between)
    assert inside + layout.outside + blank == len(lines)
    assert layout.remark == "133 lines of the console's own output were passed over."


def test_three_test_runs_between_noise_are_three_pieces():
    content = CONSOLE + f"{NOISE}".join([BARS] * 3)
    assert [shape for _, shape in shapes(content)] == ["pytest-terminal"] * 3


def test_three_test_runs_and_nothing_else_are_one_log():
    assert laid_out(source(BARS * 3)) == Layout()


def test_a_quiet_run_is_found_by_its_last_line():
    quiet = "....s                                               [100%]\n4 passed, 1 skipped in 0.01s\n"
    assert shapes(f"{CONSOLE}$ pytest -q\n{quiet}$ cat x\n{JOURNAL}")[0] == ("lines 44\u201345", "pytest-terminal")


def test_a_run_that_shows_nothing_but_its_last_line_is_what_its_command_printed():
    bare = "..\nprinted by a test\n2 passed in 0.01s\n"
    assert shapes(f"{CONSOLE}$ pytest -q\n{bare}$ cat x\n{JOURNAL}")[0] == ("lines 44\u201346", "pytest-terminal")
    assert laid_out(source("printed by a test\n" * 100 + bare)) == Layout()


def test_a_run_that_was_killed_ends_where_the_ci_goes_on():
    killed = BARS.rsplit("\n", 2)[0] + "\n"
    content = f"{CONSOLE}{killed}##[error]The operation was canceled.\n##[group]Run journalctl\n{JOURNAL}"
    assert shapes(content) == [("lines 43\u201349", "pytest-terminal"), ("lines 52\u201381", "journal-short")]


def test_a_servers_log_in_a_captured_section_is_the_tests():
    captured = BARS.replace("GET /cars -> 404\n", ACCESS + JOURNAL)
    assert laid_out(source(captured)) == Layout()
    assert [shape for _, shape in shapes(CONSOLE + captured)] == ["pytest-terminal"]


def test_a_journal_of_a_runner_that_prints_pytests_lines_is_one_journal():
    inside = "".join(f"Nov 23 01:30:00 vm runner[7]: {line}\n" for line in BARS.splitlines())
    assert laid_out(source(JOURNAL + inside * 5 + JOURNAL)) == Layout()


def test_a_servers_own_prints_and_tracebacks_belong_to_its_log():
    trace = 'Traceback (most recent call last):\n  File "app.py", line 3\nKeyError: 5\n'
    content = f"{CONSOLE}$ cat server.log\n" + (ACCESS + "added car 5\n" * 20 + trace) * 3 + "$ exit\n" + NOISE
    assert [name for name, _ in shapes(content)] == ["lines 44\u2013202"]


PLAIN = (
    "gunicorn",
    "journal",
    "junit",
    "loguru",
    "pytest_log_file",
    "pytest_terminal",
    "python_log",
    "uvicorn",
    "uwsgi",
)


@pytest.mark.parametrize("folder", PLAIN)
def test_a_plain_file_is_one_piece(folder):
    texts = (".log", ".txt", ".xml", ".jsonl")
    files = [p for p in (CORPUS / folder).iterdir() if p.suffix in texts and p.name != "ci_console.txt"]
    assert files
    assert [path.name for path in files if laid_out(source(path.read_bytes())).split] == []


def test_a_tests_container_among_servers_is_a_piece_of_its_own():
    assert [name for name, _ in shapes(corpus("compose/logs.txt"))] == ["tests-1", "all but tests-1"]


def test_containers_in_the_middle_of_a_console_are_told_apart_as_well():
    compose = "".join(
        f"tests-1  | {a}\nweb-1    | {b}\n" for a, b in zip(BARS.splitlines(), ACCESS.splitlines(), strict=False)
    )
    assert shapes(f"{CONSOLE}$ docker compose up\n{compose}") == [
        ("lines 44\u201359, tests-1", "pytest-terminal"),
        ("lines 44\u201359, all but tests-1", "access-log"),
    ]


def test_a_server_that_calls_others_is_no_tests_container():
    call = 'INFO httpx: HTTP Request: GET http://db/cars "HTTP/1.1 200 OK"'
    content = "".join(f"web-1  | 2026-11-23 01:30:00,123 {call}\ndb-1   | ready\n" for _ in range(30))
    assert laid_out(source(content)) == Layout()


def test_a_piece_keeps_the_line_numbers_of_its_file():
    content = f"{CONSOLE}$ journalctl\n{JOURNAL}"
    (part,) = parts_of(content)
    assert [entry.line for entry in part.entries] == list(range(44, 74))
    view = cut(source(content), Piece(first=44, last=46))
    assert b"".join(view.blocks()).decode() == "\n" * 43 + "".join(JOURNAL.splitlines(keepends=True)[:3])


def test_two_megabytes_of_noise_before_the_tests_do_not_hide_them():
    noise = "Requirement already satisfied: requests in /usr/lib/python3 (2.34)\n" * 32_000
    content = noise + BARS + "$ cat x\n" + JOURNAL
    assert [shape for _, shape in shapes(gzip.compress(content.encode()))] == ["pytest-terminal", "journal-short"]
    assert only(noise + BARS).format == "pytest-terminal"


def test_a_teams_own_format_is_found_in_a_console():
    class Own:
        NAME, TITLE, SIDE, SAMPLES = "own", "own", FORMATS[0].SIDE, ()

        def recognises(self, head):
            fits = sum(line.startswith("@@") for line in head.lines)
            return Recognition(fits / len(head.lines), "own") if fits else None

    layout = laid_out(source(CONSOLE + BARS + "@@ a line\n" * 5 + NOISE), None, (*FORMATS, Own()))
    assert [(each.first, each.last) for each in layout.pieces] == [(43, 50), (51, 55)]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 4096,
        b"\n" * 50_000,
        "".join(f"{a}{b}" for a, b in zip(JOURNAL.splitlines(True), ACCESS.splitlines(True), strict=True)) * 50,
        (BARS.splitlines()[0] + "\n") * 3_000,
        f"##[group]x\n{ACCESS}##[endgroup]\n" * 300,
        "x" * 3_000_000,
        "web-1 | " * 200_000,
        "".join(f"c{n}-1 | {n}\n" for n in range(5_000)),
    ],
    ids=["empty", "nul", "blank", "alternating", "session starts", "many dumps", "one line", "bars", "many labels"],
)
def test_whatever_comes_is_laid_out_soon_and_in_bounds(content):
    began = time.monotonic()
    layout = laid_out(source(content))
    assert 1 <= len(layout.pieces) <= PIECES
    assert time.monotonic() - began < 10


def test_titles_are_for_people():
    assert title("a.log", Piece()) == "a.log"
    assert title("a.log", Piece(first=3, last=9)) == "a.log, lines 3\u20139"
    assert title("a.log", Piece(first=3)) == "a.log, from line 3"
    assert title("a.log", Piece(label="web-1")) == "a.log, web-1"
    assert title("a.zip", Piece(member="b/c.log", others=("x", "y"))) == "a.zip, b/c.log, all but x and y"
