"""The web side as an attacker meets it: another project's member, a viewer, a stranger, and whoever names things."""

from __future__ import annotations

import json
import re

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.dashboard import factory, past
from tests.dashboard.build import original
from triage.access import digest_of, new_secret
from triage.models import Project, Run, Token
from triage.store.projects import add_token

SCRIPT = "<script>alert(1)</script>"
NASTY = SCRIPT + "\u202egnp.exe\x1b[31m\r\nSet-Cookie: a=b"
OF_NOBODY = {"/", "/account", "/drop", "/formats", "/formats/try", "/projects/new"}  # everybody's own; what is read
OWN_LISTS = {"/api/v1/runs", "/api/v1/groups", "/api/v1/items"}  # a token is shown its own project's
OPEN_TO_ALL = {"healthz", "readyz", "sign-in", "sign-out", "api", "openapi"}


@pytest.fixture(autouse=True)
def _no_attempts(db: None) -> None:
    cache.clear()


def addresses(run: Run, token: Token) -> list[str]:
    """Every address that this site answers, with a run and a token of one project in it."""
    known = {
        "slug": run.project.slug, "run_id": run.pk, "key": token.pk, "pk": past.a_group(run.project).pk, "rest": "x",
        "path": "x",
    }  # fmt: skip

    def walk(patterns: list[URLPattern | URLResolver], before: str = "") -> list[str]:
        found = []
        for one in patterns:
            if isinstance(one, URLResolver):
                found += walk(one.url_patterns, before + str(one.pattern))
            elif one.name not in OPEN_TO_ALL and not str(one.pattern).startswith("^"):
                text = before + str(one.pattern)
                for name, value in known.items():
                    for kind in ("slug", "uuid", "int", "path", "str"):
                        text = text.replace(f"<{kind}:{name}>", str(value))
                found.append("/" + text)
        return found

    return [address for address in walk(get_resolver().url_patterns) if "<" not in address]


def secret_of(project: Project, *scopes: str) -> str:
    secret = new_secret()
    add_token(project, digest=digest_of(secret), prefix=secret[:12], scopes=scopes)
    return secret


def test_no_address_answers_a_stranger_or_another_projects_member(client: Client, cars: Project):
    run = factory.analysed(cars, original())
    token = add_token(cars, digest="0" * 64, prefix="lineup_00000", scopes=["read"])
    eve = factory.person("eve")
    eves = factory.project("eves", eve)
    member = Client()
    member.force_login(eve)
    bearer = {"Authorization": f"Bearer {secret_of(eves, 'read', 'upload', 'triage')}"}
    found = [address for address in addresses(run, token) if address != "/api/"]  # what it describes is no secret
    assert len(found) >= 8
    for address in found:
        for answer in (client.get(address), client.post(address)):
            assert answer.status_code in (302, 401, 403, 404, 405), (address, answer.status_code)
            assert answer.headers.get("Location", "/sign-in").startswith("/sign-in"), address
        if address in OF_NOBODY:
            continue
        for answer in (member.get(address), member.post(address), client.get(address, headers=bearer)):
            said = answer.content.decode()
            assert answer.status_code != 200 or address in OWN_LISTS, (address, answer.status_code)
            assert past.MESSAGE not in said, address
            assert str(run.pk) not in said and run.run_key not in said, address
    token.refresh_from_db()
    assert token.revoked_at is None
    assert Token.objects.filter(project=cars).count() == 1


def test_a_viewer_and_a_triager_change_nothing_that_is_an_admins(client: Client, cars: Project):
    token = add_token(cars, digest="0" * 64, prefix="lineup_00000", scopes=["read"])
    for role in ("viewer", "triager"):
        person = factory.person(role)
        cars.memberships.create(user=person, role=role)
        client.force_login(person)
        assert client.post(f"/p/{cars.slug}/tokens", {"name": "x"}).status_code == 403
        assert client.post(f"/p/{cars.slug}/tokens/{token.pk}/revoke").status_code == 403
        assert "lineup_00000" not in client.get(f"/p/{cars.slug}/upload").content.decode()


def test_a_role_in_one_project_is_none_in_another(client: Client, cars: Project):
    ann = factory.person("ann")
    factory.project("anns", ann)
    cars.memberships.create(user=ann, role="viewer")
    client.force_login(ann)
    assert client.post(f"/p/{cars.slug}/tokens", {"name": "x"}).status_code == 403


def test_a_session_from_before_the_sign_in_is_worth_nothing(client: Client, ada: User):
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["sessionid"] = session.session_key
    before = session.session_key
    client.post("/sign-in", {"username": "ada", "password": factory.PASSWORD})
    after = client.cookies["sessionid"]
    assert after.value and after.value != before
    assert after["httponly"] and after["samesite"] == "Lax"
    stranger = Client()
    stranger.cookies["sessionid"] = before
    assert stranger.get("/").status_code == 302


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
        "javascript:alert(1)", "http:evil.example", " //evil.example", "/%0d%0aSet-Cookie:a=b//evil", "\x00//evil",
        "http://testserver@evil.example/", "https://testserver.evil.example", "data:text/html,x", "\t//evil.example",
    ],
)  # fmt: skip
def test_no_sign_in_leads_elsewhere(target: str, client: Client, ada: User):
    sent = {"username": "ada", "password": factory.PASSWORD, "next": target}
    location = client.post("/sign-in", sent).headers["Location"]
    assert location.startswith("/") and not location.startswith(("//", "/\\"))
    assert "\r" not in location and "\n" not in location
    assert client.get("/sign-in", {"next": target}).headers["Location"] == location


@pytest.mark.parametrize("host", ["evil.example", "testserver:80@evil.example", "evil.example#testserver", "a" * 5000])
def test_a_foreign_host_gets_no_page_and_is_not_repeated(host: str, client: Client):
    for path in ("/sign-in", "/api/v1/runs", "/api/", "/healthz"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code in (200, 400)
        assert "evil.example" not in answer.content.decode()
        if answer.status_code == 200:
            assert path == "/healthz"


@pytest.mark.parametrize(
    ("form", "most"),
    [
        ({"data": "name=" + "s3cret" * 200_000, "content_type": "application/x-www-form-urlencoded"}, "1 MB"),
        ({"data": {"name": "s3cret" * 200_000}}, "1 MB"),
        ({"data": {f"n{number}": "s3cret" for number in range(201)}}, "200 fields"),
        ({"data": {f"f{number}": SimpleUploadedFile("s3cret", b"x") for number in range(101)}}, "100 files"),
    ],
)
def test_a_form_that_is_too_much_is_answered_with_a_page_and_one_line_of_log(
    form: dict, most: str, signed_in: Client, caplog: pytest.LogCaptureFixture
):
    answer = signed_in.post("/account", **form)
    said = answer.content.decode()
    assert answer.status_code == 413
    assert "That is too much at once" in said and most in said
    assert signed_in.post("/api/nothing", **form).json()["error"]["code"] in ("too_large", "not_found")
    (line,) = [record for record in caplog.records if "/account" in record.getMessage() or "Request" in record.name]
    assert line.getMessage().startswith("POST /account refused: ") and line.exc_info is None
    assert "s3cret" not in caplog.text


def test_a_form_in_another_encoding_is_a_bad_request_and_breaks_nothing(signed_in: Client):
    kind = "application/x-www-form-urlencoded; charset=utf-7"
    answer = signed_in.post("/account", "name=a", content_type=kind)
    assert answer.status_code == 400 and "makes no sense" in answer.content.decode()
    unsafe = Client(enforce_csrf_checks=True, raise_request_exception=False)
    unsafe.get("/sign-in")  # whose cookie Django holds the form against
    for path in ("/account", "/sign-in", "/api/nothing"):
        assert unsafe.post(path, "name=a", content_type=kind).status_code in (400, 404), path


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "vbscript:x", "//evil"]
)
def test_a_ci_address_that_is_no_web_address_is_refused(url: str, client: Client, cars: Project):
    sent = {"meta": json.dumps({"run_key": "k", "ci_url": url}), "tests": SimpleUploadedFile("t.log", b"x")}
    bearer = {"Authorization": f"Bearer {secret_of(cars, 'upload')}"}
    answer = client.post("/api/v1/runs", sent, headers=bearer)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "ci_url")


def test_names_that_attack_the_reader_are_shown_as_what_they_are(client: Client, cars: Project, signed_in: Client):
    meta = {
        "run_key": NASTY, "name": NASTY, "branch": NASTY, "commit": SCRIPT,
        "ci_url": 'https://ci.example/"onmouseover="alert(1)<script>alert(1)</script>',
        "environment": {SCRIPT: SCRIPT},
    }  # fmt: skip
    files = [SimpleUploadedFile(f"{SCRIPT.replace('/', '')}\u202e.log", b"x")]
    sent = {"meta": json.dumps(meta), "tests": files}
    bearer = {"Authorization": f"Bearer {secret_of(cars, 'upload', 'read')}"}
    answer = client.post("/api/v1/runs", sent, headers=bearer)
    assert answer.status_code == 202
    run = answer.json()["id"]
    for path in (f"/runs/{run}", f"/p/{cars.slug}/", f"/p/{cars.slug}/?branch={SCRIPT}&cursor={SCRIPT}"):
        shown = signed_in.get(path)
        html = re.sub(r'value="[^"]*"', "", shown.content.decode())  # what a form sends back is not what a person reads
        assert "<script>alert" not in html and '"onmouseover=' not in html, path
        assert "\u202e" not in html and "\x1b" not in html, path
        assert "Set-Cookie: a=b" not in str(shown.headers)
    document = client.get(f"/api/v1/runs/{run}", headers=bearer)
    assert document.headers["Content-Type"] == "application/json"
    assert document.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("key", [2**31, 2**63, 2**64, 10**30])
def test_a_number_beyond_every_key_is_one_that_is_not_there(key: int, signed_in: Client, cars: Project):
    assert signed_in.post(f"/p/{cars.slug}/tokens/{key}/revoke").status_code == 302
    run = factory.analysed(cars, original())
    assert signed_in.get(f"/runs/{run.pk}/lines?step={key}").status_code == 404


def test_a_wrong_token_costs_one_look_up_and_is_counted_once(client: Client, cars: Project, django_assert_num_queries):
    with django_assert_num_queries(3):  # the first of an address also clears away counts of old
        assert client.get("/api/v1/runs", headers={"Authorization": "Bearer lineup_" + "x" * 43}).status_code == 401
    with django_assert_num_queries(2):
        assert client.get("/api/v1/runs", headers={"Authorization": "Bearer " + "x" * 100_000}).status_code == 401
