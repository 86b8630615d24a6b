"""`manage.py explain` as a person runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CASE = ROOT / "tests" / "incidents" / "cars-count-two-workers"
TESTS = CASE / "tests" / "test_api_example.log"
SERVER = CASE / "server" / "journal.txt"


def explain(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "manage.py"), "explain", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, check=False, **options)  # type: ignore[call-overload]


def test_the_order_of_the_files_does_not_matter():
    there, back = explain("--json", TESTS, SERVER), explain("--json", SERVER, TESTS)
    assert there.returncode == back.returncode == 0
    assert json.loads(there.stdout)["failures"] == json.loads(back.stdout)["failures"]


def test_json_is_the_run_document_with_steps_in_each_failure():
    document = json.loads(explain("--json", TESTS, SERVER).stdout)
    (failure,) = document["failures"]
    assert failure["verdict"]["kind"] == "split_state"
    assert (failure["verdict"]["write"]["pid"], failure["verdict"]["read"]["pid"]) == (51463, 51465)
    served = [server[0]["pid"] for step in failure["steps"] if (server := step["server"])]
    assert served == [51463, 51465]
    assert document["tests"] == {"total": 1, "passed": 0, "failed": 1, "error": 0, "skipped": 0}
    assert {part["side"]: part["format"] for part in document["parts"]} == {
        "tests": "loguru",
        "server": "journal-short",
    }


def test_the_drawing_names_both_processes_and_shows_both_lines():
    answer = explain(TESTS, SERVER)
    assert answer.returncode == 0
    for words in ("Split state", "51463", "51465", "written", "read", "successfully added", "Processing /GET"):
        assert words in answer.stdout
    assert "\x1b" not in answer.stdout  # no colours where the output is no terminal


def test_the_answer_says_what_to_change_where_to_look_and_what_the_logs_lack():
    answer = explain(TESTS, SERVER, env={**os.environ, "COLUMNS": "80"}).stdout
    for words in (
        " change ",
        " not One worker",
        " look Which variable",
        "GET /cars read the same one?",
        "cannot prove",
    ):
        assert words in " ".join(answer.split())
    assert "    pytest --log-level=DEBUG --report-log=report.jsonl\n" in answer  # whole, to be copied
    prose = [line for line in answer.splitlines() if not line.startswith("            ") and "─" not in line]
    assert max(map(len, prose)) <= 80


def test_json_holds_the_gaps_beside_the_run_and_the_card_with_each_failure():
    document = json.loads(explain("--json", TESTS, SERVER).stdout)
    (gap,) = document["gaps"]
    assert (gap["kind"], gap["hurts"]) == ("no_test_requests", 1)
    assert gap["lines"] == [{"part": "test_api_example.log", "line": 1}]
    card = document["failures"][0]["card"]
    assert card["title"] == "State kept in a process"
    assert card["change"] == document["failures"][0]["verdict"]["advice"]
    assert {each["framework"] for each in card["snippets"]} == {"Flask", "FastAPI", "Django"}


def test_a_file_that_is_not_there_is_said_in_a_sentence():
    answer = explain("no-such-file.log")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "no-such-file.log: No such file or directory" in answer.stderr


def test_a_file_of_no_known_format_is_said_in_a_sentence(tmp_path: Path):
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
    answer = explain(picture)
    assert answer.returncode == 2
    assert "picture.png" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_bad_file_beside_good_ones_is_named_and_the_others_are_used(tmp_path: Path):
    empty = tmp_path / "empty.log"
    empty.touch()
    answer = explain("--json", TESTS, SERVER, empty)
    assert answer.returncode == 0
    assert "empty.log" in answer.stderr
    assert len(json.loads(answer.stdout)["failures"]) == 1


def test_a_zone_that_does_not_exist_is_refused_by_name():
    answer = explain("--client-timezone", "Mars/Olympus", TESTS, SERVER)
    assert answer.returncode == 2
    assert "Mars/Olympus" in answer.stderr


def test_explain_loads_no_django():
    code = "import sys, ingest.explain; sys.exit(bool({'django', 'celery', 'psycopg2'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_reader_that_closes_the_pipe_early_gets_no_traceback():
    command = f"{sys.executable} manage.py explain {TESTS} {SERVER} | head -1"
    answer = subprocess.run(["sh", "-c", command], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")
