"""Uploading a run: what is stored, and what a second upload adds."""

from __future__ import annotations

import gzip
import hashlib
import uuid

import pytest
import zstandard
from django.test import Client

from ingest import storage
from tests.ingest.uploads import JOURNAL, RUNS, TESTS, a_token, form, meta, post, upload
from triage.models import Part, Run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]


@pytest.fixture
def token() -> str:
    return a_token("upload")


def test_a_new_run_is_accepted_and_queued(client, token):
    answer = upload(client, token, tests=[("test.log", TESTS)], server=[("web1.journal", JOURNAL)])
    assert answer.status_code == 202
    run = Run.objects.get()
    assert answer.json() == {"id": str(run.pk), "url": f"http://testserver/runs/{run.pk}", "status": "queued"}
    assert answer["Location"] == f"/api/v1/runs/{run.pk}"
    assert [(part.position, part.side, part.name) for part in run.parts.all()] == [
        (0, "tests", "test.log"),
        (1, "server", "web1.journal"),
    ]


def test_the_stored_part_is_what_was_sent_byte_for_byte(client, token, incoming):
    data = bytes(range(256)) * 4000 + b"\r\n--xYz but not the end\r\n\r\n"
    upload(client, token, server=[("binary", data)])
    part = Part.objects.get()
    assert (part.sha256, part.size) == (hashlib.sha256(data).hexdigest(), len(data))
    with storage.open_part(part.sha256) as stored:
        assert stored.read() == data
    assert list(incoming.iterdir()) == []


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress], ids=["gzip", "zstd"])
def test_a_compressed_part_is_kept_as_sent(client, token, pack):
    packed = pack(JOURNAL)
    upload(client, token, server=[("journal.txt.gz", packed)])
    with storage.open_part(Part.objects.get().sha256) as stored:
        assert stored.read() == packed


def test_the_public_address_is_the_one_that_the_answer_names(client, token, settings):
    settings.BASE_URL = "https://lineup.example.org"
    assert upload(client, token).json()["url"].startswith("https://lineup.example.org/runs/")


def test_the_same_content_again_changes_nothing(client, token):
    first = upload(client, token, tests=[("t.log", TESTS)], server=[("j", JOURNAL)], branch="main")
    before = Run.objects.values().get()
    again = upload(client, token, tests=[("t.log", TESTS)], server=[("j", JOURNAL)], branch="main")
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert Run.objects.values().get() == before
    assert Part.objects.count() == 2


def test_the_same_content_again_leaves_a_ready_run_ready(client, token):
    upload(client, token, tests=[("t.log", TESTS)])
    Run.objects.update(status="ready")
    assert upload(client, token, tests=[("t.log", TESTS)]).json()["status"] == "ready"


def test_a_journal_that_comes_later_is_added_and_the_run_queued_again(client, token):
    first = upload(client, token, tests=[("t.log", TESTS)])
    Run.objects.update(status="ready", read_revision=1, analysed_revision=1, done=5, total=5, attempts=2)
    later = upload(client, token, server=[("j", JOURNAL)])
    assert (later.status_code, later.json()) == (200, {**first.json(), "status": "queued"})
    run = Run.objects.get()
    assert (run.revision, run.read_revision, run.analysed_revision) == (2, 1, 1)
    assert (run.done, run.total, run.attempts) == (0, 0, 0)
    assert [part.name for part in run.parts.all()] == ["t.log", "j"]


def test_a_later_upload_adds_to_what_is_known_of_the_run(client, token):
    upload(client, token, branch="main", commit="abc", environment={"os": "linux"})
    upload(client, token, name="Nightly", environment={"server_workers": "3"})
    run = Run.objects.get()
    assert (run.branch, run.commit, run.name) == ("main", "abc", "Nightly")
    assert run.environment == {"os": "linux", "server_workers": 3}


def test_a_zone_that_comes_later_asks_for_a_new_lineup_and_a_new_name_does_not(client, token):
    upload(client, token)
    upload(client, token, name="Nightly")
    assert Run.objects.get().revision == 1
    upload(client, token, server_timezone="Asia/Kolkata")
    assert Run.objects.get().revision == 2


def test_two_projects_may_use_the_same_key(client, token):
    mine = upload(client, token)
    theirs = upload(client, a_token(project="bikes"))
    assert (mine.status_code, theirs.status_code) == (202, 202)
    assert mine.json()["id"] != theirs.json()["id"]


def test_the_same_part_twice_in_one_upload_is_one_part(client, token):
    upload(client, token, server=[("j", JOURNAL), ("j", JOURNAL)])
    assert Part.objects.count() == 1


def test_a_run_without_parts_is_taken_because_they_may_come_later(client, token):
    assert upload(client, token).status_code == 202
    assert Run.objects.get().parts.count() == 0


def test_an_empty_file_is_a_part(client, token):
    body, kind = form(meta(), ("server", "empty.log", b""))
    assert post(client, token, body, kind).status_code == 202
    assert Part.objects.get().size == 0


def test_a_file_field_left_empty_in_a_browser_is_no_part(client, token):
    body, kind = form(meta(), ("tests", "", b""), ("server", "j", JOURNAL))
    assert post(client, token, body, kind).status_code == 202
    assert [part.name for part in Part.objects.all()] == ["j"]


def test_meta_may_be_sent_as_a_file(client, token):
    body, kind = form(("meta", "meta.json", b'\xef\xbb\xbf{"run_key": "from-a-file"}'))
    assert post(client, token, body, kind).status_code == 202
    assert Run.objects.get().run_key == "from-a-file"


def test_a_misspelt_field_is_ignored_and_named(client, token):
    body, kind = form(meta(), ("sever", "j", JOURNAL), ("note", None, b"hello"))
    assert post(client, token, body, kind).json()["ignored"] == ["sever"]


def test_every_known_field_of_meta_is_kept(client, token):
    upload(
        client, token, key="github/org/repo/1/1", name="CI", branch="main", commit="a" * 40,
        ci_url="https://ci.example.org/1", started_at="2024-05-23T12:11:07+02:00", finished_at="2024-05-23T10:12:00.5Z",
        client_timezone="Europe/Berlin", server_timezone="UTC", environment={"server_workers": 3, "image": "v1"},
        something_new={"x": [1]},
    )  # fmt: skip
    run = Run.objects.get()
    assert (run.run_key, run.name, run.branch, run.ci_url) == (
        "github/org/repo/1/1",
        "CI",
        "main",
        "https://ci.example.org/1",
    )
    assert run.started_at.isoformat() == "2024-05-23T10:11:07+00:00"
    assert run.finished_at.isoformat() == "2024-05-23T10:12:00.500000+00:00"
    assert (run.client_timezone, run.server_timezone) == ("Europe/Berlin", "UTC")
    assert run.environment == {"server_workers": 3, "image": "v1"}


def test_a_job_whose_clock_was_set_back_loses_no_evidence(client, token):
    times = {"started_at": "2024-05-23T12:11:07Z", "finished_at": "2024-05-23T11:48:20Z"}
    assert upload(client, token, server=[("j", JOURNAL)], **times).status_code == 202
    run = Run.objects.get()
    assert (run.started_at.hour, run.finished_at.hour) == (12, 11)


def test_the_whole_request_may_be_gzip(client, token):
    body, kind = form(meta(), ("server", "j", JOURNAL * 10_000))
    packed = gzip.compress(body[:5000]) + gzip.compress(body[5000:])  # two members are one stream
    assert post(client, token, packed, kind, **{"Content-Encoding": "gzip"}).status_code == 202
    assert Part.objects.get().size == len(JOURNAL) * 10_000


def test_empty_gzip_members_lose_nothing(client, token):
    body, kind = form(meta(), ("server", "j", JOURNAL))
    packed = gzip.compress(b"") * 3 + gzip.compress(body[:100]) + gzip.compress(b"") + gzip.compress(body[100:])
    assert post(client, token, packed, kind, **{"Content-Encoding": "gzip"}).status_code == 202
    assert Part.objects.get().size == len(JOURNAL)


def test_a_page_of_another_site_cannot_upload_and_a_ci_job_needs_no_cookie(token):
    strict = Client(enforce_csrf_checks=True)
    assert upload(strict, token).status_code == 202
    assert strict.cookies == {}
    assert strict.post(RUNS, {"meta": '{"run_key": "k"}'}).status_code == 401


def test_a_run_is_asked_for_only_once_it_is_stored(client, token, monkeypatch, django_capture_on_commit_callbacks):
    asked: list[uuid.UUID] = []
    monkeypatch.setattr("ingest.api.upload.enqueue", lambda run: asked.append(run.pk))
    upload(client, token, tests=[("t.log", TESTS)])
    upload(client, token, tests=[("t.log", TESTS)])
    upload(client, token, tests=[("u.log", TESTS)])
    run = Run.objects.get()
    assert asked == [run.pk, run.pk]


def test_no_secret_that_an_upload_says_of_its_run_is_kept(client, token):
    secret = "hunter2" * 3
    answer = upload(
        client,
        token,
        tests=[("test.log", TESTS)],
        name=f"nightly with https://ci:{secret}@git.example/repo",
        ci_url=f"https://ci:{secret}@ci.example/jobs/7",
        environment={"DB_PASSWORD": secret, "server_workers": 3, "commit": "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"},
    )
    assert answer.status_code == 202
    run = Run.objects.get()
    kept = " ".join((run.name, run.ci_url, str(run.environment)))
    assert secret not in kept and kept.count("[redacted") == 3
    assert run.environment["server_workers"] == 3
    assert run.environment["commit"] == "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"
