"""Single sign-on, against a real OpenID provider that is told to lie in every respect that counts."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from config.single_sign_on import SingleSignOn
from dashboard import openid
from tests.dashboard import factory, provider
from tests.dashboard.provider import CLIENT, Provider
from triage.limits import SINGLE_SIGN_ONS
from triage.models import Identity, Project, Session
from triage.store import identities, people

MAIL = {"email": "grace@example.org", "email_verified": True, "name": "Grace Hopper", "preferred_username": "grace"}
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the provider's own code
BEGIN, ACCOUNT = "/sign-in/with", "/account"


@pytest.fixture(scope="module")
def one() -> Iterator[Provider]:
    with provider.running() as started:
        yield started


@pytest.fixture
def there(one: Provider, settings: Any, db: None) -> Iterator[Provider]:
    settings.SINGLE_SIGN_ON = SingleSignOn(
        issuer=one.issuer, client_id=CLIENT, client_secret="secret", name="Example ID"
    )
    one.knows("1001", **MAIL)
    yield one
    one.lie, one.forges = None, False


def policy(settings: Any, **more: Any) -> None:
    settings.SINGLE_SIGN_ON = settings.SINGLE_SIGN_ON._replace(**more)


def sent(client: Client, there: Provider, subject: str = "1001", address: str = BEGIN) -> str:
    """To the provider; the path and query that it sends the browser back to."""
    answer = client.get(address)
    assert answer.status_code == 302, answer.content
    back = urlsplit(there.lets_in(answer.headers["Location"], subject))
    return f"{back.path}?{back.query}"


def came(client: Client, there: Provider, subject: str = "1001", address: str = BEGIN) -> Any:
    return client.get(sent(client, there, subject, address))


def who(client: Client) -> str:
    return str(client.get("/account").context["user"].username)


def refused(answer: Any, sentence: str, status: int) -> None:
    assert answer.status_code == status
    assert sentence in answer.content.decode()
    assert answer.client.session.get("_auth_user_id") is None


def test_the_sign_in_page_offers_it_by_the_name_that_the_operator_gave(client: Client, there: Provider):
    assert "Sign in with Example ID" in client.get("/sign-in").content.decode()


def test_without_a_provider_there_is_neither_button_nor_address(client: Client, db: None):
    assert "Sign in with" not in client.get("/sign-in").content.decode()
    assert client.get(BEGIN).status_code == client.get("/sign-in/callback?code=x&state=y").status_code == 404


def test_a_new_person_gets_an_account_and_the_same_one_the_next_time(client: Client, there: Provider):
    assert came(client, there).headers["Location"] == "/"
    assert who(client) == "grace"
    client.post("/sign-out")
    there.knows("1001", **(MAIL | {"email": "married@example.org", "preferred_username": "other"}))
    came(client, there)
    assert who(client) == "grace"
    user = User.objects.get()
    assert (user.get_full_name(), user.email, user.has_usable_password()) == ("Grace Hopper", MAIL["email"], False)
    assert not user.memberships.exists()


def test_the_request_carries_state_nonce_and_a_challenge(client: Client, there: Provider):
    asked = parse_qs(urlsplit(client.get(BEGIN).headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[name][0]) >= 20 for name in ("state", "nonce", "code_challenge"))
    assert asked["redirect_uri"] == ["http://testserver/sign-in/callback"]
    assert asked["response_type"] == ["code"]


def test_it_leads_on_to_where_one_was_going_and_nowhere_else(client: Client, there: Provider):
    assert came(client, there, address=f"{BEGIN}?next=/p/cars/groups").headers["Location"] == "/p/cars/groups"
    client.post("/sign-out")
    assert came(client, there, address=f"{BEGIN}?next=https://evil.example/").headers["Location"] == "/"


def test_an_answer_is_taken_once(client: Client, there: Provider):
    back = sent(client, there)
    assert client.get(back).status_code == 302
    client.post("/sign-out")
    refused(client.get(back), openid.STALE, 400)


def test_an_answer_is_taken_only_by_the_browser_that_asked(client: Client, there: Provider):
    refused(Client().get(sent(client, there)), openid.STALE, 400)


def test_an_answer_that_comes_late_is_not_taken(client: Client, there: Provider, monkeypatch: pytest.MonkeyPatch):
    back = sent(client, there)
    now = openid.time.time()
    monkeypatch.setattr(openid.time, "time", lambda: now + openid.HOLDS_S + 1)
    refused(client.get(back), openid.STALE, 400)


@pytest.mark.parametrize(
    "lie",
    [
        lambda claims: claims | {"nonce": "another"},
        lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
        lambda claims: claims | {"aud": ["somebody-else"], "azp": CLIENT},
        lambda claims: claims | {"aud": "somebody-else"},
        lambda claims: claims | {"iss": "https://evil.example"},
        lambda claims: {name: value for name, value in claims.items() if name != "sub"},
        lambda claims: claims | {"sub": ""},
        lambda claims: claims | {"sub": 1001},
        lambda claims: claims | {"sub": "x" * 256},
        lambda claims: claims | {"sub": "1001\0"},
        provider.an_hour_ago,
        lambda claims: {name: value for name, value in claims.items() if name != "exp"},
    ],
    ids=[
        "another nonce", "no nonce", "another audience", "another audience alone", "another issuer", "no subject",
        "empty subject", "number", "long subject", "NUL", "expired", "never expires",
    ],
)  # fmt: skip
def test_an_id_token_that_is_wrong_in_one_respect_lets_nobody_in(lie: Any, client: Client, there: Provider):
    there.lie = lie
    refused(came(client, there), "cannot be trusted", 403)
    assert not User.objects.exists()


def test_an_id_token_that_another_key_signed_lets_nobody_in(client: Client, there: Provider):
    there.forges = True
    refused(came(client, there), "cannot be trusted", 403)


def test_a_code_that_the_provider_does_not_know_lets_nobody_in(client: Client, there: Provider):
    back = sent(client, there)
    query = parse_qs(urlsplit(back).query)
    refused(client.get(f"/sign-in/callback?code=wrong&state={query['state'][0]}"), "cannot be trusted", 403)


def test_an_answer_that_names_another_issuer_lets_nobody_in(client: Client, there: Provider):
    refused(client.get(sent(client, there) + "&iss=https://evil.example"), "cannot be trusted", 403)


def test_who_is_turned_away_at_the_provider_is_told_so(client: Client, there: Provider):
    back = urlsplit(there.denies(client.get(BEGIN).headers["Location"]))
    refused(client.get(f"{back.path}?{back.query}"), openid.CANCELLED, 403)


@pytest.mark.parametrize("query", ["", "code=x", "state=x", "code=x&state=\0", "code=%ff&state=%f0%9f", "error=x" * 99])
def test_a_made_up_answer_is_refused_in_a_sentence(query: str, client: Client, there: Provider):
    refused(client.get(f"/sign-in/callback?{query}"), openid.STALE, 400)


def test_a_provider_that_is_down_costs_a_sentence(client: Client, there: Provider, settings: Any):
    back = sent(client, there)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        policy(settings, issuer=f"http://127.0.0.1:{unused.getsockname()[1]}")
        refused(client.get(BEGIN), openid.DOWN, 503)
        refused(client.get(back), openid.DOWN, 503)


def test_a_discovery_document_of_another_issuer_is_not_believed(client: Client, there: Provider, settings: Any):
    policy(settings, issuer=there.issuer.replace("127.0.0.1", "localhost") + "/")
    refused(client.get(BEGIN), "cannot be trusted", 403)


def test_nothing_secret_is_logged(client: Client, there: Provider, caplog: pytest.LogCaptureFixture):
    caplog.set_level("DEBUG", logger="dashboard")
    there.lie = lambda claims: claims | {"nonce": "another"}
    back = sent(client, there)
    client.get(back)
    said = caplog.text
    assert "single sign-on" in said
    assert not any(value[0] in said for value in parse_qs(urlsplit(back).query).values())


def test_an_unverified_mail_address_is_nobodys(client: Client, there: Provider, settings: Any, ada: User):
    User.objects.update(email="grace@example.org")
    policy(settings, links_by_mail=True, operators=("grace@example.org",))
    there.knows("1001", **(MAIL | {"email_verified": False}))
    came(client, there)
    assert who(client) == "grace"
    grace = User.objects.get(username="grace")
    assert (grace.email, grace.is_superuser) == ("", False)


def test_an_account_with_that_mail_address_is_found_only_where_the_operator_allows_it(
    client: Client, there: Provider, settings: Any, ada: User
):
    User.objects.filter(pk=ada.pk).update(email="Grace@Example.org")
    came(client, there)
    assert who(client) == "grace"
    Identity.objects.all().delete()
    User.objects.filter(username="grace").delete()
    policy(settings, links_by_mail=True)
    client.post("/sign-out")
    came(client, there)
    assert who(client) == "ada"


def test_whoever_was_waiting_in_an_account_found_by_mail_is_out(
    client: Client, there: Provider, settings: Any, ada: User
):
    User.objects.filter(pk=ada.pk).update(email=MAIL["email"])
    waiting = Client()
    waiting.post("/sign-in", {"username": "ada", "password": factory.PASSWORD})
    assert waiting.get(ACCOUNT).status_code == 200
    policy(settings, links_by_mail=True)
    came(client, there)
    assert waiting.get(ACCOUNT).status_code == 302
    assert waiting.post("/sign-in", {"username": "ada", "password": factory.PASSWORD}).status_code == 200


def test_neither_an_operator_nor_one_of_two_is_found_by_mail(client: Client, there: Provider, settings: Any):
    policy(settings, links_by_mail=True)
    root = factory.person("root", superuser=True)
    User.objects.update(email=MAIL["email"])
    came(client, there)
    assert who(client) == "grace"
    Identity.objects.all().delete()
    root.delete()
    factory.person("bob")
    User.objects.update(email=MAIL["email"])
    client.post("/sign-out")
    came(client, there)
    assert who(client) == "grace-2"


def test_only_people_of_certain_domains_come_in_where_there_are_some(client: Client, there: Provider, settings: Any):
    policy(settings, domains=("example.com",))
    refused(came(client, there), "certain domains", 403)
    policy(settings, domains=("example.com", "example.org"))
    came(client, there)
    assert who(client) == "grace"


def test_an_operator_is_known_by_subject_or_verified_mail(client: Client, there: Provider, settings: Any):
    policy(settings, operators=("GRACE@example.org",))
    came(client, there)
    assert User.objects.get(username="grace").is_superuser


def test_a_new_person_gets_the_role_that_the_operator_chose(client: Client, there: Provider, settings: Any, ada: User):
    cars = factory.project("cars", ada)
    factory.project("bikes", ada)
    Project.objects.create(slug="sandbox-7", name="Sandbox of somebody")
    policy(settings, role="viewer", projects=("cars",))
    came(client, there)
    assert [(row.project, row.role) for row in User.objects.get(username="grace").memberships.all()] == [
        (cars, "viewer")
    ]
    client.post("/sign-out")
    policy(settings, role="triager", projects=())
    there.knows("1002", preferred_username="alan")
    came(client, there, "1002")
    assert sorted(row.project.slug for row in User.objects.get(username="alan").memberships.all()) == ["bikes", "cars"]


def test_who_has_no_account_stays_out_unless_invited(client: Client, there: Provider, settings: Any, ada: User):
    policy(settings, makes_accounts=False)
    refused(came(client, there), "Ask for an invitation", 403)
    _, secret = people.invite(factory.project("cars", ada), ada, timezone.now(), role="triager", email=MAIL["email"])
    there.knows("1002", preferred_username="eve", email="eve@example.org", email_verified=True)
    address = f"{BEGIN}?next=/invitation%3Fkey%3D{secret}"
    refused(came(client, there, "1002", address), "Ask for an invitation", 403)
    refused(came(client, there, address=f"{BEGIN}?next=/invitation%3Fkey%3Dwrong"), "Ask for an invitation", 403)
    answer = came(client, there, address=address)
    assert client.get(answer.headers["Location"]).context["page"].suits
    assert client.post(answer.headers["Location"]).headers["Location"] == "/p/cars/"


def test_a_closed_account_stays_closed(client: Client, there: Provider):
    came(client, there)
    client.post("/sign-out")
    User.objects.update(is_active=False)
    refused(came(client, there), "That account is closed", 403)


@pytest.mark.parametrize("name", ["ada", "ADA", "a d/a\0", "<script>", "", "é" * 400])
def test_a_name_never_finds_an_account(name: str, client: Client, there: Provider, ada: User):
    there.knows("1003", preferred_username=name)
    came(client, there, "1003")
    assert User.objects.count() == 2
    assert Identity.objects.get().user != ada


def linked(client: Client, there: Provider, subject: str = "1001") -> Any:
    """From the account page to the provider and back."""
    address = client.post("/account/identities").context["address"]
    back = urlsplit(there.lets_in(address, subject))
    return client.get(f"{back.path}?{back.query}", follow=True)


def test_a_signed_in_person_links_and_unlinks_an_identity(signed_in: Client, there: Provider, ada: User):
    assert "From now on you can sign in with Example ID" in linked(signed_in, there).content.decode()
    assert User.objects.count() == 1
    other = Client()
    came(other, there)
    assert who(other) == "ada"
    signed_in.post(f"/account/identities/{Identity.objects.get().pk}/unlink")
    assert not Identity.objects.exists()


def test_an_identity_that_is_anothers_is_not_linked(signed_in: Client, there: Provider, ada: User):
    came(Client(), there)
    assert identities.OTHERS in linked(signed_in, there).content.decode()
    assert Identity.objects.get().user.username == "grace"


def test_linking_takes_a_form_of_ours(there: Provider, ada: User):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    assert client.post("/account/identities").status_code == 403
    assert client.get("/account/identities").status_code == 405


def test_a_link_begun_by_one_person_is_not_ended_by_another(signed_in: Client, there: Provider, ada: User):
    address = signed_in.post("/account/identities").context["address"]
    back = urlsplit(there.lets_in(address, "1001"))
    bob = factory.person("bob")
    session = signed_in.session
    session["_auth_user_id"] = str(bob.pk)
    session["_auth_user_hash"] = bob.get_session_auth_hash()
    session.save()
    assert signed_in.get(f"{back.path}?{back.query}").status_code == 400
    assert not Identity.objects.exists()


def test_the_only_way_in_is_not_unlinked(client: Client, there: Provider):
    came(client, there)
    answer = client.post(f"/account/identities/{Identity.objects.get().pk}/unlink", follow=True)
    assert "your only way to sign in" in answer.content.decode()
    assert Identity.objects.exists()


def test_a_password_is_no_way_in_where_passwords_are_switched_off(signed_in: Client, there: Provider, settings: Any):
    linked(signed_in, there)
    settings.PASSWORDS = False
    answer = signed_in.post(f"/account/identities/{Identity.objects.get().pk}/unlink", follow=True)
    assert "your only way to sign in" in answer.content.decode()
    assert Identity.objects.exists()


def test_another_persons_identity_is_not_unlinked(client: Client, signed_in: Client, there: Provider):
    other = Client()
    came(other, there)
    signed_in.post(f"/account/identities/{Identity.objects.get().pk}/unlink")
    assert Identity.objects.exists()


def test_passwords_can_be_switched_off(client: Client, there: Provider, settings: Any, ada: User):
    settings.PASSWORDS = False
    page = client.get("/sign-in").content.decode()
    assert 'name="password"' not in page
    assert client.post("/sign-in", {"username": "ada", "password": factory.PASSWORD}).status_code == 200
    assert "_auth_user_id" not in client.session
    client.force_login(ada)
    assert not client.get(ACCOUNT).context["page"].has_password
    answer = client.post("/account/password", {"present": factory.PASSWORD, "password": "another good one 77"})
    assert answer.status_code == 422


def test_too_many_begun_at_one_address_wait(client: Client, there: Provider, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dashboard.views.single_sign_on.SINGLE_SIGN_ONS", SINGLE_SIGN_ONS._replace(most=2))
    assert [client.get(BEGIN).status_code for _ in range(3)] == [302, 302, 429]


def test_the_session_has_a_new_key_after_signing_in_and_names_its_person(client: Client, there: Provider):
    back = sent(client, there)
    before = client.session.session_key
    client.get(back, HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0")
    after = Session.objects.get()
    assert after.session_key != before
    assert (after.user.username, "Firefox" in after.agent) == ("grace", True)
    assert after.started_at > timezone.now() - timedelta(minutes=1)
    assert not any(name.startswith("_state_") for name in client.session.keys())  # noqa: SIM118  a session is no dict
