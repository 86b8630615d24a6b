"""Several processes upload under one key at the same moment: one run, with the parts of all."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from tests.ingest.uploads import a_token, upload
from triage.models import Part, Run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home")]
SENDERS = 8


def at_once(work: Callable[[int], object]) -> list[object]:
    """Runs the work in threads that start together, each with a database connection of its own."""
    gate = threading.Barrier(SENDERS)
    results: list[object] = [None] * SENDERS

    def one(n: int) -> None:
        gate.wait()
        try:
            results[n] = work(n)
        except Exception as error:
            results[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.fixture(autouse=True)
def nobody_reads(monkeypatch) -> None:
    monkeypatch.setattr("ingest.api.upload.enqueue", lambda run: None)


def test_other_parts_under_one_key_make_one_run_with_all_of_them():
    token = a_token("upload")
    answers = at_once(lambda n: upload(Client(), token, server=[(f"web{n}.journal", b"%d" % n)]))
    assert sorted(answer.status_code for answer in answers) == [200] * (SENDERS - 1) + [202]
    assert len({answer.json()["id"] for answer in answers}) == 1
    run = Run.objects.get()
    assert run.revision == SENDERS
    assert {part.name for part in run.parts.all()} == {f"web{n}.journal" for n in range(SENDERS)}
    assert [part.position for part in run.parts.all()] == list(range(SENDERS))


def test_the_same_upload_many_times_at_once_is_one_upload():
    token = a_token("upload")
    answers = at_once(lambda n: upload(Client(), token, tests=[("t.log", b"t")], server=[("j", b"j")], branch="main"))
    assert sorted(answer.status_code for answer in answers) == [200] * (SENDERS - 1) + [202]
    assert Run.objects.get().revision == 1
    assert Part.objects.count() == 2


def test_other_keys_at_once_do_not_wait_for_each_other_nor_mix():
    token = a_token("upload")
    answers = at_once(lambda n: upload(Client(), token, key=f"ci/{n}", server=[("j", b"same")]))
    assert [answer.status_code for answer in answers] == [202] * SENDERS
    assert Run.objects.count() == Part.objects.count() == SENDERS
