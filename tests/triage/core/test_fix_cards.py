"""Fix cards: one for every cause, that say what to change, what not to, and where to look."""

from __future__ import annotations

import ast
import re
import shlex
import textwrap
from itertools import pairwise

import msgspec
import pytest

from tests.triage.core.made import NOON, TEST, asked, client_part, failed, run, served, server_part, wrote
from triage.core.analyse import analyse
from triage.core.findings import End, Level, Mechanism, Verdict, VerdictKind
from triage.core.fix_cards import card_for
from triage.core.fix_cards.registry import KINDS, LONGEST, MECHANISMS
from triage.core.records import Outcome
from triage.core.servers import Server, no_recycling, one_process

EVERY = (*MECHANISMS.items(), *KINDS.items())


def a_verdict(path: str) -> Verdict:
    def end(method: str) -> End:
        return End(method=method, path=path, host="", unit="", pid=1, at_us=NOON)

    return Verdict(
        test=TEST,
        outcome=Outcome.FAILED,
        message="",
        kind=VerdictKind.SPLIT_STATE,
        level=Level.LIKELY,
        confidence=0.9,
        summary="",
        mechanism=Mechanism.IN_MEMORY,
        write=end("POST"),
        read=end("GET"),
    )


def test_every_mechanism_and_every_kind_has_a_card() -> None:
    assert set(MECHANISMS) == set(Mechanism)
    assert set(KINDS) == set(VerdictKind)
    assert len({card.title for _, card in EVERY}) == len(EVERY)


@pytest.mark.parametrize("mechanism", Mechanism)
def test_a_mechanisms_card_is_whole(mechanism: Mechanism) -> None:
    card = MECHANISMS[mechanism]
    assert card.change and card.instead_of and card.look and card.grep and card.snippets and card.confirm
    assert card.threads and all(re.fullmatch(r"[\w./-]+#\d+", thread) for thread in card.threads)
    assert all(question.endswith("?") for question in card.look)
    assert {each.framework for each in card.snippets} <= {"", "Flask", "FastAPI", "Django"}


@pytest.mark.parametrize(("name", "card"), EVERY, ids=[str(name) for name, _ in EVERY])
def test_what_to_look_for_can_be_run(name: object, card: object) -> None:
    command = KINDS[name].grep if isinstance(name, VerdictKind) else MECHANISMS[name].grep  # type: ignore[index]
    if command:
        words = shlex.split(command)
        assert {"grep"} & set(words)
        pattern = next(word for before, word in pairwise(words) if re.fullmatch(r"-\w*E\w*", before))
        re.compile(pattern)


@pytest.mark.parametrize("mechanism", [Mechanism.SESSION_KEY, Mechanism.XDIST, Mechanism.JOB_REGISTRY])
def test_python_after_the_change_is_python(mechanism: Mechanism) -> None:
    for snippet in MECHANISMS[mechanism].snippets:
        body = textwrap.indent(snippet.after, "    ")
        ast.parse(f"async def change():\n{body}\n")


def test_the_questions_name_the_verdicts_own_requests() -> None:
    card = card_for(VerdictKind.SPLIT_STATE, Mechanism.IN_MEMORY, a_verdict("/cars"))
    assert card.look[0] == "Which variable does POST /cars fill, and does GET /cars read the same one?"
    bare = card_for(VerdictKind.SPLIT_STATE, Mechanism.IN_MEMORY)
    assert bare.look[0] == "Which variable does the write fill, and does the read read the same one?"


def test_a_path_out_of_a_log_cannot_stand_for_another_request_and_is_cut() -> None:
    hostile = card_for(VerdictKind.SPLIT_STATE, Mechanism.IN_MEMORY, a_verdict("/{write}{read}{0}"))
    assert "POST /{write}{read}{0} fill" in hostile.look[0]
    long = card_for(VerdictKind.SPLIT_STATE, Mechanism.IN_MEMORY, a_verdict("/" + "x" * 5000))
    assert len(long.look[0]) < 2 * LONGEST + 100


def test_a_mechanism_is_left_aside_where_the_verdict_accuses_nobody() -> None:
    assert card_for(VerdictKind.SERVER_ERROR, Mechanism.IN_MEMORY) is not MECHANISMS[Mechanism.IN_MEMORY]
    assert card_for(VerdictKind.SERVER_ERROR).title == KINDS[VerdictKind.SERVER_ERROR].title


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("[INFO] Starting granian (main PID: 5763)", "granian --workers 1"),
        ("spawned uWSGI worker 1 (pid: 5782, cores: 1)", "uwsgi --processes 1"),
        ("Started server process [32454]", "uvicorn --workers 1"),
        ("Booting worker with pid: 11", "gunicorn --workers 1 --threads 1"),
    ],
)
def test_the_experiment_names_the_command_of_the_server_at_hand(line: str, command: str) -> None:
    boot = msgspec.structs.replace(wrote(-1, 11, line), unit="", host="")
    entries = [served(0.999, 11, "POST", "/cars", 201), served(1.099, 12, "GET", "/cars/8025b594", 404)]
    entries = [msgspec.structs.replace(entry, unit="") for entry in entries]
    steps = [asked(1, "POST", "/cars", 201), asked(1.1, "GET", "/cars/8025b594", 404)]
    (verdict,) = analyse(run(client_part(*steps, failed()), server_part(boot, *entries))).verdicts
    assert f"`{command}`" in verdict.confirm


def test_every_server_that_can_serve_has_its_commands() -> None:
    for server in (None, *Server):
        if server not in (Server.NGINX, Server.APACHE, Server.JOURNALD, Server.DOCKER):
            assert one_process(server) and no_recycling(server)
