"""Who may see what: signing in, and the walls between projects."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.views.attempts import LIMITS
from tests.dashboard import factory
from tests.dashboard.build import original
from triage.models import Attempt, Project, Token

PAGES = [
    "/", "/p/cars-api/", "/p/cars-api/sources", "/p/cars-api/groups", "/p/cars-api/accuracy", "/runs/{run}",
    "/runs/{run}/lines?step=1", "/runs/{run}/progress",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _no_attempts(db: None) -> None:
    Attempt.objects.all().delete()


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_asked_to_sign_in(path: str, client: Client, cars: Project):
    path = path.format(run=factory.analysed(cars, original()).pk)
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in?next=/")


@pytest.mark.parametrize("path", PAGES[1:])
def test_another_project_does_not_exist(path: str, client: Client, cars: Project):
    path = path.format(run=factory.analysed(cars, original()).pk)
    eve = factory.person("eve")
    factory.project("eves", eve)
    client.force_login(eve)
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", PAGES[1:])
def test_a_superuser_sees_every_project(path: str, client: Client, cars: Project):
    path = path.format(run=factory.analysed(cars, original()).pk)
    client.force_login(factory.person("root", superuser=True))
    assert client.get(path).status_code == 200


def test_a_fragment_for_a_stranger_loads_the_page_anew(client: Client, cars: Project):
    answer = client.get(f"/runs/{factory.empty_run(cars).pk}/progress", headers={"HX-Request": "true"})
    assert answer.headers["HX-Refresh"] == "true"
    assert answer.content == b""


def sign_in(client: Client, name: str, password: str, **more: str):
    return client.post("/sign-in", {"username": name, "password": password, **more})


def test_signing_in_leads_to_where_one_was_going(client: Client, ada: User):
    answer = sign_in(client, "ada", factory.PASSWORD, next="/p/cars-api/?branch=dev")
    assert answer.headers["Location"] == "/p/cars-api/?branch=dev"
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(elsewhere: str, client: Client, ada: User):
    assert sign_in(client, "ada", factory.PASSWORD, next=elsewhere).headers["Location"] == "/"


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(client: Client, ada: User):
    User.objects.filter(username="ada").update(is_active=True)
    wrong = sign_in(client, "ada", "wrong").content.decode().replace("ada", "NAME")
    unknown = sign_in(client, "bob", "wrong").content.decode().replace("bob", "NAME")
    assert "do not belong together" in wrong
    strip = [line for line in wrong.splitlines() if "csrf" not in line]
    assert strip == [line for line in unknown.splitlines() if "csrf" not in line]


def test_too_many_wrong_passwords_close_the_door_even_to_the_right_one(client: Client, ada: User):
    for _ in range(dict(LIMITS)["pair"]):
        assert sign_in(client, "ada", "wrong").status_code == 200
    assert sign_in(client, "ada", factory.PASSWORD).status_code == 429
    assert sign_in(client, "bob", "wrong").status_code == 200


def test_a_right_password_forgets_the_wrong_ones(client: Client, ada: User):
    for _ in range(dict(LIMITS)["pair"] - 1):
        sign_in(client, "ada", "wrong")
    assert sign_in(client, "ada", factory.PASSWORD).status_code == 302
    client.logout()
    assert sign_in(client, "ada", "wrong").status_code == 200


def test_signing_out_takes_a_post(signed_in: Client, cars: Project):
    assert signed_in.get("/sign-out").status_code == 405
    assert signed_in.post("/sign-out").headers["Location"] == "/sign-in"
    assert signed_in.get("/p/cars-api/").status_code == 302


def test_forms_need_their_token(ada: User, cars: Project):
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, "ada", factory.PASSWORD).status_code == 403
    client.force_login(ada)
    answer = client.post("/p/cars-api/tokens", {"name": "x"})
    assert answer.status_code == 403
    assert "The form had expired" in answer.content.decode()


def test_a_token_is_shown_once_and_only_its_hash_is_kept(signed_in: Client, cars: Project):
    answer = signed_in.post("/p/cars-api/tokens", {"name": "nightly", "scopes": "upload,read"})
    html = answer.content.decode()
    token = Token.objects.get()
    secret = html.split('secret" tabindex="0">')[1].split("<")[0]
    assert token.scopes == ["upload", "read"]
    assert token.prefix == secret[:12]
    assert secret not in (token.digest, token.name)
    assert "no-store" in answer.headers["Cache-Control"]
    later = signed_in.get("/p/cars-api/settings/tokens").content.decode()
    assert secret not in later
    assert token.prefix in later


def test_a_revoked_token_is_gone(signed_in: Client, cars: Project):
    signed_in.post("/p/cars-api/tokens", {"name": "nightly"})
    token = Token.objects.get()
    assert signed_in.get(f"/p/cars-api/tokens/{token.pk}/revoke").status_code == 405
    answer = signed_in.post(f"/p/cars-api/tokens/{token.pk}/revoke", follow=True)
    assert "The token is revoked" in answer.content.decode()
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert Token.objects.valid_with(token.digest) is None


def test_only_admins_make_and_revoke_tokens(client: Client, cars: Project):
    viewer = factory.person("vic")
    cars.memberships.create(user=viewer, role="viewer")
    client.force_login(viewer)
    assert "An admin of this project makes the tokens" in client.get("/p/cars-api/settings/tokens").content.decode()
    assert client.post("/p/cars-api/tokens", {"name": "x"}).status_code == 403
    assert client.post("/p/cars-api/tokens/1/revoke").status_code == 403
    assert not Token.objects.exists()


def test_a_token_of_another_project_cannot_be_revoked(client: Client, signed_in: Client, cars: Project):
    signed_in.post("/p/cars-api/tokens", {"name": "nightly"})
    eve = factory.person("eve")
    factory.project("eves", eve)
    client.force_login(eve)
    client.post(f"/p/eves/tokens/{Token.objects.get().pk}/revoke")
    assert Token.objects.get().revoked_at is None


def test_the_way_in_names_the_projects_own_address(signed_in: Client, cars: Project, settings):
    settings.BASE_URL = "https://lineup.example.org"
    html = signed_in.get("/p/cars-api/sources").content.decode()
    assert "https://lineup.example.org/api/v1/runs" in html
    for name in ("GitHub Actions", "GitLab CI", "Jenkins"):
        assert name in html


@pytest.mark.parametrize("path", ["/nothing", "/p/nothing/", "/runs/00000000-0000-0000-0000-000000000000"])
def test_what_is_not_there_says_so_in_our_words(path: str, signed_in: Client):
    answer = signed_in.get(path)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_a_broken_page_says_that_nothing_is_lost(client: Client, settings, cars: Project, ada: User, monkeypatch):
    client.raise_request_exception = False
    client.force_login(ada)
    monkeypatch.setattr("dashboard.views.overview.overview_page", lambda *_: 1 / 0)
    answer = client.get("/p/cars-api/")
    assert answer.status_code == 500
    assert "Nothing that was uploaded is lost" in answer.content.decode()
