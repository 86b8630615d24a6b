"""What container runtimes and process managers put before a line: taken off, and told of every entry."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.ingest.wrapped_parts import clock, corpus, only, parts_of, source
from triage.core.records import Entry

ACCESS = '127.0.0.1 - - [23/Nov/2026:01:30:00 +0000] "GET /cars HTTP/1.1" 200 359'
BOOT = "[2026-11-23 01:30:00 +0000] [2] [INFO] Booting worker with pid: 2"
TRACE = ["[2026-11-23 01:30:01,000] ERROR in app: Exception on /boom [GET]", "Traceback (most recent call last):",
         '  File "app.py", line 3, in boom', "    raise KeyError(name)", "KeyError: 'figo'"]  # fmt: skip


def first(content: str) -> Entry:
    return only(content).entries[0]


def test_compose_names_the_container_as_host_and_the_service_as_unit():
    entry = first(f"web-2    | {BOOT}\nweb-2    | {ACCESS}\n")
    assert (entry.host, entry.unit, entry.raw) == ("web-2", "web", BOOT)


def test_the_older_compose_and_its_colours_are_read_the_same():
    entry = first(f"\x1b[36morders_web_1  |\x1b[0m {BOOT}\n")
    assert (entry.host, entry.unit, entry.raw) == ("orders_web_1", "orders_web", BOOT)


def test_a_container_without_a_number_is_known_by_the_column_of_its_bar():
    entries = only(f"web    | {BOOT}\ncache  | ready\nweb    | {ACCESS}\n").entries
    assert [entry.host for entry in entries] == ["web", "cache", "web"]


def test_a_level_before_a_bar_is_no_container():
    part = only(f"INFO   | {BOOT}\nERROR  | {ACCESS}\nINFO   | {ACCESS}\n" * 3)
    assert {entry.host for entry in part.entries} == {""}


def test_docker_time_goes_before_the_programs_own_which_is_kept():
    entry = first(f"2026-11-23T01:30:00.053850123Z {BOOT}\n")
    assert (clock(entry.stamp), entry.stamp.tick_us) == ("01:30:00.053850", 1)
    assert clock(entry.inner) == "01:30:00.000000"


def test_a_line_without_a_time_takes_dockers():
    entry = first('2026-11-23T01:30:00.053850123Z INFO:     127.0.0.1:5 - "GET /cars HTTP/1.1" 200 OK\n')
    assert (clock(entry.stamp), entry.inner) == ("01:30:00.053850", None)


def test_labels_and_times_nest():
    entry = first(f"web-1  | 2026-11-23T01:30:00.053850123Z {ACCESS}\n")
    assert (entry.host, clock(entry.stamp), entry.request.path) == ("web-1", "01:30:00.053850", "/cars")


def test_kubectl_names_pod_and_container():
    entry = first(f"[pod/web-6d4cf56db6-x7k2p/app] 2026-11-23T01:30:00.053850123Z {BOOT}\n")
    assert (entry.host, entry.unit, clock(entry.stamp)) == ("web-6d4cf56db6-x7k2p", "app", "01:30:00.053850")


def test_a_line_in_parts_is_joined_by_cri_and_by_dockers_json():
    cri = (
        f"2026-11-23T01:30:00.053850123Z stderr P {ACCESS[:20]}\n2026-11-23T01:30:00.053850200Z stdout F other\n"
        f"2026-11-23T01:30:00.053850456Z stderr F {ACCESS[20:]}\n"
    )
    assert [(e.line, e.message) for e in only(cri).entries] == [(1, ACCESS), (2, "other")]
    half = ACCESS.replace('"', '\\"')
    json = (
        f'{{"log":"{half[:20]}","stream":"stdout","time":"2026-11-23T01:30:00.05385Z"}}\n'
        f'{{"log":"{half[20:]}\\n","stream":"stdout","time":"2026-11-23T01:30:00.05386Z"}}\n'
    )
    entry = first(json)
    assert (entry.line, entry.message, clock(entry.stamp)) == (1, ACCESS, "01:30:00.053850")


def test_the_end_of_a_file_that_was_cut_in_a_line_is_kept():
    assert first(f"2026-11-23T01:30:00.053850123Z stderr P {ACCESS}\n").message == ACCESS


def test_a_traceback_stays_with_its_own_container():
    lines = []
    for number, text in enumerate(TRACE):
        lines += [f"web-1  | {text}", f"web-2  | {TRACE[number]}", f"web-3  | {ACCESS}"]
    entries = only("\n".join(lines) + "\n").entries
    assert Counter(entry.host for entry in entries) == {"web-1": 1, "web-2": 1, "web-3": 5}
    assert all(entry.message == "\n".join(TRACE) for entry in entries if entry.host != "web-3")
    assert [entry.line for entry in entries] == sorted(entry.line for entry in entries)


def test_a_silent_container_holds_back_nobody_for_long():
    lines = [f"web-1  | {TRACE[0]}"] + [f"web-2  | {ACCESS}"] * 6_000
    entries = only("\n".join(lines)).entries
    assert len(entries) == 6_001
    assert entries[0].host == "web-1"


def test_honchos_clock_is_the_time_of_a_line_that_has_none_and_never_replaces_a_full_one():
    entries = only(f"01:30:00 web.1   | ready\n01:30:00 web.1   | {BOOT}\n01:30:01 cache.1 | ready\n").entries
    assert [entry.unit for entry in entries] == ["web.1", "web.1", "cache.1"]
    assert [entry.stamp.dated for entry in entries] == [False, True, False]
    assert {entry.host for entry in entries} == {""}


def test_pm2_instances_are_units_of_one_machine():
    entries = only(f"0|srv      | {BOOT}\n1|mailer   | sent a letter\nPM2        | App [srv:0] online\n").entries
    assert [(entry.host, entry.unit) for entry in entries] == [("", "srv"), ("", "mailer"), ("", "PM2")]


def test_stern_is_known_by_the_names_of_pods():
    entries = only(f"+ web-6d4cf56db6-x7k2p \u203a app\nweb-6d4cf56db6-x7k2p app {BOOT}\n").entries
    assert (entries[-1].host, entries[-1].unit, entries[-1].raw) == ("web-6d4cf56db6-x7k2p", "app", BOOT)


SERVERS = ("lb", "web", "cache")


@pytest.mark.parametrize(
    "path",
    [
        "compose/servers-not-in-order.txt",
        "compose/v1.txt",
        "compose/up-colour.txt",
        "compose/logs-timestamps.txt",
        "kubernetes/kubectl-prefix-timestamps.txt",
        "kubernetes/kubectl-prefix-with-tests.txt",
        "kubernetes/stern-colour.txt",
        "kubernetes/stern-timestamps.txt",
        "github/compose-up.txt",
        "github/job.txt",
        "gitlab/trace-timestamps.txt",
        "buildkite/job.log",
        "mixed/console.txt",
    ],
)
def test_whatever_stands_around_them_the_same_lines_are_the_same_entries(path):
    def told(path: str) -> Counter[tuple[str, object, str]]:
        found = [each for part in parts_of(corpus(path)) for each in part.entries]
        return Counter(
            (each.message, each.pid, each.request.path if each.request else "")
            for each in found
            if each.host and each.host != "orders1"
        )

    expected = told("compose/logs.txt")
    assert expected.total() == 161
    assert told(path) == expected


def test_two_containers_with_the_same_pids_are_not_one_process():
    servers = parts_of(corpus("compose/logs.txt"))[-1].entries
    booted = {(entry.host, entry.life.subject) for entry in servers if entry.life and entry.life.what.value == "boot"}
    assert {("web-1", 2), ("web-1", 3), ("web-2", 2), ("web-2", 3)} <= booted


def test_a_plain_file_is_left_alone():
    content = f"{BOOT}\n{ACCESS}\n" * 50
    assert [entry.raw for entry in only(content).entries] == content.splitlines()
    assert only(content).detection.reason.startswith("100 of 100")
    assert source(content).outer(1) is None
