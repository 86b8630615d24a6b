"""What sentences quote of logs: short, whole, without payloads."""

from __future__ import annotations

import pytest

from triage.core.quoting import clause, clipped, said, step_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "PASS: Successfully added new car with details {'name': 'figo', 'brand': 'ford', 'price': '5-8 lacs'}",
            "Successfully added new car 'figo'",
        ),
        ("  - Successfully fetched cars", "Successfully fetched cars"),
        ("export edb88916d1: 404 {'error': 'Task not found'}", "export edb88916d1: 404 'Task not found'"),
        ("2024-05-23 12:11:07,123 - INFO - Item stored", "Item stored"),
        ("INFO in cars_app: successfully added {'name': 'figo'}", "successfully added 'figo'"),
        ("Response: {\"id\": 5}", "Response"),
        ("", "a step without words"),
    ],
)  # fmt: skip
def test_a_step_in_prose_gets_a_short_name(text: str, name: str) -> None:
    assert step_name(text) == name


def test_what_is_cut_leaves_no_quote_or_bracket_open() -> None:
    cut = clipped("FileNotFoundError: [Errno 2] No such file or directory: '/srv/project/" + "x" * 300 + "'", 80)
    assert len(cut) <= 80
    assert cut.count("'") % 2 == 0
    assert cut.count("[") == cut.count("]")


def test_a_line_of_the_server_is_quoted_without_its_frame() -> None:
    line = "[2026-11-23 03:52:28 +0000] [32443] [ERROR] Worker (pid:32478) was sent SIGKILL!"
    assert said(line) == "“Worker (pid:32478) was sent SIGKILL!”"


def test_of_a_line_the_clause_with_the_symptom_is_quoted() -> None:
    assert clause('AssertionError: {"error":"state mismatch"}', "state mismatch") == "state mismatch"
    text = "^^^\nsqlite3.OperationalError: no such table: note\n127.0.0.1 - - GET"
    assert clause(text, "no such table") == "sqlite3.OperationalError: no such table: note"
