"""Tokens on their page, and wrong ones at the door."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from config.proxies import Proxies, read
from tests.dashboard import factory
from triage.client_address import client_address
from triage.limits import TOKENS
from triage.models import Project, Token
from triage.store.projects import note_token_use

PAGE = "/p/cars-api/settings/tokens"


def html(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_token_says_what_it_may_who_made_it_and_when_it_was_used(signed_in: Client, cars: Project):
    answer = signed_in.post(PAGE, {"name": " nightly\0 job ", "scopes": "upload,read"})
    secret = answer.context["page"].secret
    assert secret in html(answer)
    assert f"Bearer {secret}" in answer.context["page"].curl
    assert "no-store" in answer.headers["Cache-Control"]
    page = html(signed_in.get(PAGE))
    assert secret not in page
    assert "may upload, read" in page
    assert "by ada" in page
    assert "never used" in page
    note_token_use(Token.objects.get(), timezone.now())
    assert "used just now" in html(signed_in.get(PAGE))


def test_a_token_that_only_reads_offers_no_upload(signed_in: Client, cars: Project):
    assert signed_in.post(PAGE, {"scopes": "read"}).context["page"].curl == ""
    assert Token.objects.get().scopes == ["read"]


@pytest.mark.parametrize("scopes", ["", "admin", "read,triage", "\0"])
def test_a_choice_that_there_is_not_gives_the_least(scopes: str, signed_in: Client, cars: Project):
    signed_in.post(PAGE, {"name": "x" * 500, "scopes": scopes})
    assert (Token.objects.get().scopes, len(Token.objects.get().name)) == (["upload"], 100)


def test_revoking_is_for_good(signed_in: Client, cars: Project):
    secret = signed_in.post(PAGE, {"scopes": "read"}).context["page"].secret
    bearer = {"Authorization": f"Bearer {secret}"}
    assert Client().get("/api/v1/runs", headers=bearer).status_code == 200
    answer = signed_in.post(f"/p/cars-api/tokens/{Token.objects.get().pk}/revoke", follow=True)
    assert "The token is revoked" in html(answer)
    assert Client().get("/api/v1/runs", headers=bearer).status_code == 401
    signed_in.post(f"/p/cars-api/tokens/{2**70}/revoke")


def test_where_tokens_were_made_before_still_makes_them(signed_in: Client, cars: Project):
    assert signed_in.get("/p/cars-api/tokens").headers["Location"] == PAGE
    assert signed_in.post("/p/cars-api/tokens", {"name": "old"}).context["page"].secret
    assert signed_in.get("/p/cars-api/upload", follow=True).status_code == 200


def test_the_page_costs_as_many_queries_for_one_token_as_for_many(
    signed_in: Client, ada: User, cars: Project, django_assert_max_num_queries: Any
):
    for n in range(30):
        Token.objects.create(project=cars, digest=f"{n:064}", prefix="lineup_x", scopes=["read"], made_by=ada)
    with django_assert_max_num_queries(7):
        signed_in.get(PAGE)


def test_wrong_tokens_are_held_back_and_right_ones_are_not(db: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("triage.access.TOKENS", TOKENS._replace(most=3))
    ada = factory.person("ada")
    browser = Client()
    browser.force_login(ada)
    factory.project("cars-api", ada)
    right = browser.post(PAGE, {"scopes": "read"}).context["page"].secret
    wrong = {"Authorization": "Bearer lineup_wrong"}
    assert [Client().get("/api/v1/runs", headers=wrong).status_code for _ in range(5)] == [401] * 3 + [429] * 2
    answer = Client().get("/api/v1/runs", headers=wrong)
    assert answer.headers["Retry-After"] == "900"
    assert answer.json()["error"]["code"] == "too_many_attempts"
    assert Client().get("/api/v1/runs", headers={"Authorization": f"Bearer {right}"}).status_code == 200
    assert Client(REMOTE_ADDR="10.9.9.9").get("/api/v1/runs", headers=wrong).status_code == 401


@pytest.mark.parametrize(
    ("proxies", "peer", "told", "address"),
    [
        ("", "10.0.0.1", "6.6.6.6", "10.0.0.1"),  # nobody is believed
        ("1", "10.0.0.1", "6.6.6.6, 7.7.7.7", "7.7.7.7"),  # what the proxy added, not what the client wrote
        ("2", "10.0.0.1", "6.6.6.6, 7.7.7.7, 10.0.0.2", "7.7.7.7"),
        ("2", "9.9.9.9", "6.6.6.6", "9.9.9.9"),  # came around a proxy
        ("1", "10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", "6.6.6.6, 7.7.7.7, 10.0.0.2", "7.7.7.7"),
        ("10.0.0.0/8", "9.9.9.9", "6.6.6.6", "9.9.9.9"),  # no proxy of ours
        ("10.0.0.0/8", "10.0.0.1", "10.0.0.3", "10.0.0.3"),
        ("10.0.0.0/8, ::1", "::1", "7.7.7.7:4711", "7.7.7.7"),
        ("10.0.0.0/8", "10.0.0.1", "nonsense\0", "nonsense\0"),
        ("10.0.0.0/8", "10.0.0.1", ", ,", "10.0.0.1"),
        ("10.0.0.0/8", "::ffff:10.0.0.1", "7.7.7.7", "7.7.7.7"),
        ("", "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("1", "10.0.0.1", "[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"),
        ("", "", "6.6.6.6", ""),
    ],
)
def test_a_client_is_where_trusted_proxies_say(
    proxies: str, peer: str, told: str, address: str, rf: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TRUSTED_PROXIES", proxies)
    settings.PROXIES = read()
    assert client_address(rf.get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=told)) == address


def test_no_proxy_is_trusted_unless_named(settings: Any):
    assert Proxies() == settings.PROXIES


def test_many_names_from_behind_one_proxy_do_not_close_each_others_door(client: Client, db: None, settings: Any):
    settings.PROXIES = Proxies(hops=1)
    factory.person("ada")
    for _ in range(11):
        client.post("/sign-in", {"username": "ada", "password": "wrong"}, headers={"X-Forwarded-For": "6.6.6.6"})
    told = {"username": "ada", "password": factory.PASSWORD}
    assert client.post("/sign-in", told, headers={"X-Forwarded-For": "6.6.6.6"}).status_code == 429
    assert client.post("/sign-in", told, headers={"X-Forwarded-For": "6.6.6.6, 7.7.7.7"}).status_code == 302
