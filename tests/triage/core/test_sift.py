"""The sieve: what of a long log is left, and that the lineup cannot tell the difference."""

from __future__ import annotations

import time

import msgspec
import pytest

from tests.test_incidents import INCIDENTS, read_incident
from tests.triage.core.busy import TALKERS, in_a_crowd, sifted
from tests.triage.core.made import asked, client_part, failed, life, run, said, served, server_part, wrote
from triage.core.analyse import analyse
from triage.core.records import Entry, Life, Request
from triage.core.sessions import told_apart
from triage.core.sieves import Sieves
from triage.core.wanted import wanted


def left(*entries: Entry, steps=()) -> list[str]:
    steps = steps or (asked(5, "GET", "/cars/7f3c1a9b"),)
    (_, part) = sifted(run(client_part(*steps), server_part(*entries))).parts
    return [entry.message for entry in part.entries]


def begun(pid: int = 7) -> list[Entry]:
    """The first request of a process, which is always kept, of the kinds that strangers ask."""
    return [served(0, pid, "GET", "/health"), served(0.1, pid, "GET", "/boats/1")]


def ended(pid: int = 7) -> Entry:
    return served(99, pid, "GET", "/health", line=99)


def test_what_nobody_asked_for_falls_through():
    lines = left(*begun(), served(5, 7, "GET", "/boats/2"), served(6, 7, "GET", "/cars/7f3c1a9b"), ended())
    assert not any("/boats/2" in line for line in lines)
    assert any("/cars/7f3c1a9b" in line for line in lines)


def test_a_request_is_kept_with_the_lines_of_its_handler():
    handler = [wrote(5, 7, "looking it up"), wrote(5.01, 7, "found it")]
    assert left(*begun(), *handler, served(5.02, 7, "GET", "/cars/9"), ended())[2:4] == ["looking it up", "found it"]
    assert "found it" not in left(*begun(), *handler, served(5.02, 7, "GET", "/boats/9"), ended())


def test_a_line_that_names_a_test_s_object_keeps_its_whole_request():
    lines = left(*begun(), wrote(5, 7, "sold 7f3c1a9b"), served(5.01, 7, "PUT", "/tills/4"), ended())
    assert lines[2].startswith("sold")
    assert "/tills/4" in lines[3]


def test_words_in_another_form_are_found():
    steps = (asked(1, "GET", "/x"), said(5, "a new battery"))
    kept = left(*begun(), wrote(5, 7, "charged BATTERIES"), served(5.01, 7, "GET", "/boats/2"), ended(), steps=steps)
    assert "charged BATTERIES" in kept


def test_the_name_of_an_endpoint_in_the_talk_of_a_process_that_serves_nothing_is_no_reason():
    talk = [wrote(5 + n, 600, "session opened for car", unit="sshd") for n in range(5)]
    assert not any("session" in line for line in left(*begun(), *talk, ended()))


def test_lives_are_all_kept():
    told = [life(5, 1, Life.BOOT, 8, "Booting worker with pid: 8"), life(6, 8, Life.EXIT, 8, "Worker exiting (pid: 8)")]
    kept = left(*begun(), *told, ended())
    assert [line for line in kept if "orker" in line] == ["Booting worker with pid: 8", "Worker exiting (pid: 8)"]


def test_an_error_and_a_write_on_anything_else_are_kept_now_and_then():
    many = [served(5 + n / 100, 7, "POST", "/boats", 201) for n in range(100)]
    broken = [served(7 + n / 100, 7, "GET", "/boats", 503) for n in range(100)]
    kept = left(*begun(), *many, *broken, ended())
    assert 1 <= sum("POST" in line for line in kept) <= 3
    assert 1 <= sum(" 503 " in line for line in kept) <= 3


def test_anonymous_lines_before_an_access_line_are_its_request_s():
    words = wrote(5, None, "now in the car")
    assert "now in the car" in left(*begun(), words, served(5.01, 7, "GET", "/cars/9"), ended())
    stranger = wrote(5, None, "now in the boat")
    assert "now in the boat" not in left(*begun(), stranger, served(5.01, 7, "GET", "/boats/9"), ended())


def test_lines_of_one_request_id_stay_together():
    def tagged(entry: Entry, name: str) -> Entry:
        return msgspec.structs.replace(entry, keys=(("request_id", name),))

    entries = [
        *(tagged(entry, f"b{n}") for n, entry in enumerate(begun())),
        tagged(wrote(5, 7, "of mine"), "mine"),
        tagged(wrote(5.001, 7, "of another"), "other"),
        tagged(served(5.002, 7, "GET", "/boats/4"), "other"),
        tagged(served(5.003, 7, "GET", "/cars/9"), "mine"),
        tagged(ended(), "end"),
    ]
    kept = left(*entries)
    assert "of mine" in kept
    assert "of another" not in kept


def test_exact_keys_keep_a_request_on_any_path():
    step = msgspec.structs.replace(asked(5, "GET", "/cars"), keys=(("trace", "4bf92f35"),))
    stranger = served(5, 7, "GET", "/boats/2", keys=(("trace", "4bf92f35"),))
    assert any("/boats/2" in line for line in left(*begun(), stranger, ended(), steps=(step,)))


def test_where_tests_name_no_requests_any_request_may_be_theirs():
    lines = left(*begun(), served(5, 7, "GET", "/boats/2"), ended(), steps=(said(5, "Successfully fetched all"),))
    assert any("/boats/2" in line for line in lines)


def test_requests_that_fell_through_are_counted_with_their_process():
    entries = [*begun(), *(served(1 + n / 10, 7, "GET", "/boats/2") for n in range(50)), *begun(8), ended()]
    whole = run(client_part(asked(5, "GET", "/cars"), failed()), server_part(*entries))
    less = sifted(whole)
    assert len(less.parts[1].entries) < 12
    assert [(p.pid, p.requests, p.first_us, p.last_us) for p in analyse(less).lineup.processes] == [
        (p.pid, p.requests, p.first_us, p.last_us) for p in analyse(whole).lineup.processes
    ]


def test_each_life_of_a_pid_keeps_its_own_span_and_count():
    again = life(40, 7, Life.BOOT, 7, "Booting worker with pid: 7")
    first = [*begun(), *(served(1 + n / 10, 7, "GET", "/boats/2") for n in range(50))]
    gone = life(30, 7, Life.EXIT, 7, "Worker exiting (pid: 7)")
    second = [*(served(41 + n / 10, 7, "GET", "/boats/2") for n in range(20))]
    whole = run(client_part(asked(5, "GET", "/cars"), failed()), server_part(*first, gone, again, *second))
    less = sifted(whole)
    assert len(less.parts[1].entries) < len(whole.parts[1].entries) // 2
    assert analyse(less).lineup.processes == analyse(whole).lineup.processes


@pytest.mark.parametrize("folder", INCIDENTS, ids=lambda folder: folder.name)
def test_an_incident_in_a_crowd_gets_the_same_answer_from_a_sifted_log(folder):
    gathered, _ = read_incident(folder)
    whole = in_a_crowd(told_apart(gathered.evidence))
    less = sifted(whole)
    one, other = analyse(whole), analyse(less)
    # Where a crowd leaves open who served a step, a little more of it may tip the answer.
    tipped = {v.test for v in (*one.verdicts, *other.verdicts) if any(e.kind == "process_unknown" for e in v.evidence)}
    assert [(v.test, v.kind, v.mechanism) for v in other.verdicts if v.test not in tipped] == [
        (v.test, v.kind, v.mechanism) for v in one.verdicts if v.test not in tipped
    ]
    assert [(p.host, p.pid, p.requests) for p in other.lineup.processes if p.pid not in TALKERS] == [
        (p.host, p.pid, p.requests) for p in one.lineup.processes if p.pid not in TALKERS
    ]


def sieves(enough: int, most: int = 1_000, text: int = 1_000_000) -> Sieves:
    return Sieves(wanted(run(client_part(asked(5, "GET", "/cars")))), enough, most, text)


def numbered(count: int, path: str = "/boats/2") -> list[Entry]:
    return [served(n / 10, 7, "GET", path, line=n) for n in range(1, count + 1)]


def test_few_entries_stay_as_they_are():
    found = sieves(100)
    found.take(0, iter(numbered(60)))
    found.take(1, iter(numbered(40)))
    assert [(len(part.entries), part.left_out) for part in found.parts().values()] == [(60, ()), (40, ())]


def test_many_entries_are_sifted_those_of_earlier_parts_too():
    found = sieves(1_000)
    found.take(0, iter(numbered(900)))
    found.take(1, iter(numbered(900)))
    parts = found.parts()
    assert all(len(part.entries) < 100 for part in parts.values())
    assert [sum(left.entries for left in part.left_out) + len(part.entries) for part in parts.values()] == [900, 900]


def test_what_finds_no_room_is_counted():
    found = sieves(10, most=5_000)
    found.take(0, iter(numbered(20_000, "/cars")))
    part = found.parts()[0]
    assert len(part.entries) + part.refused == 20_000
    assert part.refused


def test_the_sieve_takes_linear_time_on_hostile_lines():
    asking = Request(method="GET", path="/" + "a1/" * 3_000, status=200, ended=True)
    hostile = [
        *(wrote(n, 7, "_" * 60_000, line=n) for n in range(200)),
        *(wrote(n, None, "x1-" * 20_000, line=n) for n in range(200, 400)),
        *(msgspec.structs.replace(served(n, n, "GET", "/", line=n), request=asking) for n in range(400, 600)),
    ]
    found = sieves(10)
    start = time.process_time()
    found.take(0, iter(hostile))
    found.parts()
    assert time.process_time() - start < 2
