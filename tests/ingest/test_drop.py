"""Files dropped on a page: whose project they go to, which side they are of, what is refused, and what that costs."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ingest import storage
from tests.dashboard import factory
from tests.ingest.uploads import JOURNAL, form
from triage.models import Membership, Part, Project, Run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

INCIDENT = Path(__file__).parent.parent / "incidents" / "cars-count-two-workers"
PYTEST = (
    b"============================= test session starts ==============================\n"
    b"collected 1 item\n\ntest_cars.py::test_count FAILED [100%]\n\n"
    b"=========================== short test summary info ============================\n"
    b"FAILED test_cars.py::test_count - AssertionError: Total car count\n"
    b"============================== 1 failed in 1.20s ===============================\n"
)
SCRIPT = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def asked(monkeypatch) -> list[Run]:
    """The runs that were enqueued; the broker is of no interest here."""
    runs: list[Run] = []
    monkeypatch.setattr("ingest.views.drop.enqueue", runs.append)
    return runs


@pytest.fixture
def ada() -> User:
    return factory.person("ada")


@pytest.fixture
def signed_in(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


@pytest.fixture
def cars(ada: User) -> Project:
    return factory.project("cars-api", ada)


def drop(client: Client, *files: tuple[str, bytes], to: str = "/drop", **more: object):
    sent = {"files": [SimpleUploadedFile(name, data) for name, data in files], **more}
    return client.post(to, sent)


def nothing_is_left() -> bool:
    folder = storage.incoming_folder()
    return not folder.exists() or list(folder.iterdir()) == []


def said(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_two_files_become_a_run_in_a_sandbox_of_ones_own(signed_in: Client, ada: User, asked: list[Run]):
    answer = drop(signed_in, ("one.txt", PYTEST), ("two.txt", JOURNAL))
    run = Run.objects.get()
    assert answer.headers["Location"] == f"/runs/{run.pk}"
    assert asked == [run]
    assert (run.name, run.dropped_by, run.token) == ("one.txt and two.txt", ada, None)
    assert (run.client_timezone, run.server_timezone) == ("", "")
    assert [(p.name, p.side) for p in run.parts.all()] == [("one.txt", "tests"), ("two.txt", "server")]
    assert (run.project.name, run.project.retention_days) == ("Sandbox of ada", 14)
    assert Membership.objects.get().role == "admin"
    assert nothing_is_left()


def test_the_sandbox_is_made_once_and_each_person_has_their_own(signed_in: Client, client: Client):
    for n in range(3):
        drop(signed_in, ("t.log", PYTEST + b"%d" % n), ("j", JOURNAL))
    assert Project.objects.count() == 1
    eve = Client()
    eve.force_login(factory.person("eve"))
    drop(eve, ("t.log", PYTEST), ("j", JOURNAL))
    assert Project.objects.count() == 2
    assert eve.get(f"/runs/{Run.objects.order_by('received_at').first().pk}").status_code == 404


def test_a_project_that_has_the_sandboxs_address_by_chance_is_not_entered(signed_in: Client, ada: User):
    taken = factory.project(f"sandbox-{ada.pk}", factory.person("eve"))
    drop(signed_in, ("t.log", PYTEST), ("j", JOURNAL))
    drop(signed_in, ("t.log", PYTEST + b"x"), ("j", JOURNAL))
    assert Run.objects.filter(project=taken).count() == 0
    assert {run.project.slug for run in Run.objects.all()} == {f"sandbox-{ada.pk}-2"}


def test_the_same_files_dropped_twice_are_one_run(signed_in: Client, asked: list[Run]):
    drop(signed_in, ("t.log", PYTEST), ("j", JOURNAL))
    answer = signed_in.get(drop(signed_in, ("j", JOURNAL), ("t.log", PYTEST)).headers["Location"])
    assert Run.objects.count() == 1
    assert "The same files were dropped before" in said(answer)
    assert len(asked) == 1
    drop(signed_in, ("j", JOURNAL), ("t.log", PYTEST), client_timezone="Europe/Berlin")
    assert Run.objects.get().client_timezone == "Europe/Berlin"
    assert len(asked) == 2


def test_content_decides_the_side_and_what_the_person_says_wins_where_both_may_be(signed_in: Client):
    plain = b"2024-05-23 12:11:10 | INFO | added a car\n2024-05-23 12:11:11 | INFO | counted the cars\n"
    sent = {
        "tests": SimpleUploadedFile("app.log", plain),
        "server": SimpleUploadedFile("other.log", plain + plain),
        "files": SimpleUploadedFile("x.bin", b"PK\x03\x04garbage"),
    }
    signed_in.post("/drop", sent)
    assert dict(Part.objects.values_list("name", "side"))["app.log"] == "tests"
    assert dict(Part.objects.values_list("name", "side"))["other.log"] == "server"


def test_the_original_incident_is_told_apart(signed_in: Client):
    logs = [p for side in ("tests", "server") for p in (INCIDENT / side).iterdir()]
    drop(signed_in, *((p.name, p.read_bytes()) for p in logs))
    assert sorted(set(Part.objects.values_list("side", flat=True))) == ["server", "tests"]


def test_text_is_pasted_instead_of_files(signed_in: Client):
    signed_in.post("/drop", {"tests": PYTEST.decode(), "server": JOURNAL.decode(), "server_timezone": " UTC "})
    run = Run.objects.get()
    assert [(p.name, p.side) for p in run.parts.all()] == [
        ("pasted tests.log", "tests"), ("pasted server.log", "server"),
    ]  # fmt: skip
    assert run.server_timezone == "UTC"


def test_one_side_alone_is_taken_and_the_other_asked_for(signed_in: Client, cars: Project):
    answer = signed_in.get(drop(signed_in, ("t.log", PYTEST), to="/p/cars-api/drop").headers["Location"])
    run = Run.objects.get()
    assert "There is only one side here" in said(answer)
    assert "what the servers logged too" in said(answer)
    page = said(signed_in.get(f"/p/cars-api/drop?run={run.pk}"))
    assert "Add to t.log" in page
    drop(signed_in, ("j", JOURNAL), to=f"/p/cars-api/drop?run={run.pk}")
    run = Run.objects.get()
    assert (run.parts.count(), run.revision, run.name) == (2, 2, "t.log")


def test_files_are_added_to_no_run_of_another_project(signed_in: Client, cars: Project, ada: User):
    other = factory.empty_run(factory.project("second", ada))
    strange = factory.empty_run(factory.project("strange"))
    for run in (other.pk, strange.pk, "x"):
        assert signed_in.get(f"/p/cars-api/drop?run={run}").status_code == 404
        assert drop(signed_in, ("j", JOURNAL), to=f"/p/cars-api/drop?run={run}").status_code == 404
    assert not Part.objects.exists()
    assert nothing_is_left()


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("triager", 302), ("admin", 302)])
def test_a_project_takes_files_from_those_who_may_triage_it(client: Client, role: str, status: int):
    made = factory.project("cars-api")
    bob = factory.person("bob")
    Membership.objects.create(project=made, user=bob, role=role)
    client.force_login(bob)
    assert drop(client, ("t.log", PYTEST), ("j", JOURNAL), to="/p/cars-api/drop").status_code == status
    assert client.get("/p/cars-api/drop").status_code == (403 if role == "viewer" else 200)


def test_strangers_sign_in_first_and_see_no_other_project(client: Client, signed_in: Client):
    factory.project("cars-api")
    assert signed_in.get("/p/cars-api/drop").status_code == 404
    assert drop(signed_in, ("j", JOURNAL), to="/p/cars-api/drop").status_code == 404
    assert drop(Client(), ("j", JOURNAL)).headers["Location"] == "/sign-in?next=/drop"
    assert not Run.objects.exists()


def strict(ada: User) -> tuple[Client, str]:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    client.get("/drop")
    return client, client.cookies["csrftoken"].value


def post(client: Client, *fields: tuple[str, str | None, bytes], **headers: str):
    body, kind = form(*fields)
    return client.generic("POST", "/drop", body, kind, headers=headers)


def test_the_token_is_the_forms_first_field_or_a_header(ada: User):
    client, token = strict(ada)
    first = ("csrfmiddlewaretoken", None, token.encode())
    files = [("files", "t.log", PYTEST), ("files", "j", JOURNAL)]
    assert post(client, *files).status_code == 403
    assert post(client, *files, first).status_code == 403
    assert post(client, ("csrfmiddlewaretoken", None, b"x" * 64), *files).status_code == 403
    assert post(client, ("csrfmiddlewaretoken", None, b"\0\xff" * 99), *files).status_code == 403
    assert post(client).status_code in (400, 403)
    assert post(client, first, *files, origin="https://evil.example").status_code == 403
    assert not Run.objects.exists()
    assert nothing_is_left()
    assert post(client, *files, **{"X-CSRFToken": token}).status_code == 302
    assert post(client, first, *files).status_code == 302
    assert Run.objects.count() == 1


def test_nothing_recognised_is_said_for_each_file_and_nothing_is_kept(signed_in: Client):
    answer = drop(signed_in, ("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(99)), ("empty.log", b""), ("a<b>.txt", b"hm\n"))
    assert answer.status_code == 422
    text = said(answer)
    assert "Nothing here could be read" in text
    assert "<b>photo.png</b>: This is a PNG image" in text
    assert "<b>empty.log</b>: The file is empty." in text
    assert "a&lt;b&gt;.txt" in text
    assert not Run.objects.exists()
    assert not Project.objects.exists()
    assert nothing_is_left()


def test_a_script_gets_the_same_answers_as_json(signed_in: Client):
    sent = {"files": [SimpleUploadedFile("page.html", b"<!doctype html><script>alert(1)</script>")]}
    answer = signed_in.post("/drop", sent, headers=SCRIPT)
    assert answer.status_code == 422
    assert "an HTML page" in answer.json()["error"]["files"][0]["problem"]
    sent = {"files": [SimpleUploadedFile("t.log", PYTEST), SimpleUploadedFile("j", JOURNAL)]}
    answer = signed_in.post("/drop", sent, headers=SCRIPT)
    assert (answer.status_code, answer.json()) == (201, {"url": f"/runs/{Run.objects.get().pk}"})


def test_one_unreadable_file_among_good_ones_costs_nothing(signed_in: Client):
    answer = drop(signed_in, ("t.log", PYTEST), ("empty.log", b""), ("j", JOURNAL))
    assert answer.status_code == 302
    assert Run.objects.get().parts.count() == 3


def test_nothing_at_all_is_asked_for(signed_in: Client):
    assert "choose at least one" in said(signed_in.post("/drop", {"files": []}))
    assert signed_in.post("/drop", {"x": "y"}).status_code == 400
    assert signed_in.post("/drop", b"{}", content_type="application/json").status_code == 415


@pytest.mark.parametrize("zone", ["Berlin", "../../etc/passwd", "\0", "\ud800".encode("utf-8", "surrogatepass")])
def test_a_zone_that_is_none_is_refused_by_name(signed_in: Client, zone: str | bytes):
    answer = drop(signed_in, ("t.log", PYTEST), ("j", JOURNAL), client_timezone=zone)
    assert answer.status_code == 400
    assert "must be an IANA zone name" in said(answer)
    assert not Run.objects.exists()


def test_too_large_and_too_many_are_said_with_what_to_do(signed_in: Client, settings):
    settings.LINEUP_MAX_PART_BYTES = 2048
    answer = drop(signed_in, ("huge.log", JOURNAL * 100), ("t.log", PYTEST))
    assert answer.status_code == 413
    assert "huge.log is larger than 2 KB" in said(answer)
    settings.LINEUP_MAX_PART_BYTES = settings.LINEUP_MAX_RUN_BYTES = 4096
    answer = drop(signed_in, ("a", JOURNAL * 20), ("b", JOURNAL * 20), ("c", JOURNAL * 20))
    assert answer.status_code == 413
    assert "larger than 4 KB" in said(answer)
    settings.LINEUP_MAX_RUN_BYTES = 2**30
    answer = drop(signed_in, *((f"{n}.log", b"x") for n in range(settings.LINEUP_MAX_PARTS + 1)))
    assert answer.status_code == 413
    assert "Pack them into one zip" in said(answer)
    assert nothing_is_left()


def test_a_hundred_files_are_taken_with_a_bounded_number_of_queries(signed_in: Client, django_assert_max_num_queries):
    files = [(f"{n}.log", JOURNAL + b"%d\n" % n) for n in range(99)]
    with django_assert_max_num_queries(25):
        assert drop(signed_in, ("t.log", PYTEST), *files).status_code == 302
    assert Run.objects.get().parts.count() == 100
    assert Run.objects.get().name == "t.log and 99 more files"


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "a\0b.log",
        "\u202egpj.log",
        "<img src=x onerror=alert(1)>.log",
        "x" * 3000,
        "…",
        ".",
        "é" * 300,
    ],
)
def test_hostile_names_of_files_harm_nobody(signed_in: Client, name: str):
    body, kind = form(("files", name.replace("\0", "%00"), PYTEST), ("files", "j", JOURNAL))
    answer = signed_in.generic("POST", "/drop", body, kind)
    run = Run.objects.get()
    kept = run.parts.get(side="tests").name
    assert "/" not in kept
    assert "\u202e" not in kept + run.name
    assert len(kept) <= 255
    html = signed_in.get(answer.headers["Location"]).content.decode()
    assert "<img src=x" not in html


def test_secrets_in_names_are_redacted(signed_in: Client):
    drop(signed_in, ("t password=hunter2hunter2.log", PYTEST), ("j", JOURNAL))
    run = Run.objects.get()
    assert "hunter2" not in run.name + "".join(run.parts.values_list("name", flat=True))


def test_an_archive_is_taken_and_its_inside_is_left_to_the_reading(signed_in: Client):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("t.log", PYTEST)
        archive.writestr("j.txt", JOURNAL)
    answer = drop(signed_in, ("both.zip", packed.getvalue()))
    assert answer.status_code == 302
    assert "only one side" not in said(signed_in.get(answer.headers["Location"]))


def test_a_form_cut_off_in_the_middle_leaves_nothing(signed_in: Client):
    body, kind = form(("files", "t.log", PYTEST), ("files", "j", JOURNAL))
    assert signed_in.generic("POST", "/drop", body[:-60], kind).status_code == 400
    assert not Run.objects.exists()
    assert nothing_is_left()


def test_a_full_disk_is_said(signed_in: Client, monkeypatch):
    def full(self, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.Incoming, "write", full)
    answer = drop(signed_in, ("t.log", PYTEST))
    assert answer.status_code == 507
    assert "cannot store the files" in said(answer)


def test_the_page_itself_costs_few_queries(signed_in: Client, cars: Project, django_assert_max_num_queries):
    for path in ("/drop", "/p/cars-api/drop"):
        with django_assert_max_num_queries(5):
            html = signed_in.get(path).content.decode()
        assert 'enctype="multipart/form-data"' in html
        assert html.index("csrfmiddlewaretoken", html.index("data-drop")) < html.index('type="file"')
