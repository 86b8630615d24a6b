"""Saved views: kept by name, shared or one's own, renamed and deleted with a way back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.dashboard import cared, factory
from tests.dashboard.states import HOSTILE
from tests.dashboard.test_history_pages import shown
from tests.dashboard.test_run_page import Elements, plain
from triage.models import Project, SavedView
from triage.store import saved

LIST = "/p/cars-api/groups"


def keep(client: Client, name: str = "Basket", query: str = "q=basket&status=new", **more: Any) -> Any:
    return client.post("/p/cars-api/views", {"page": "groups", "name": name, "query": query} | more, follow=True)


@pytest.fixture
def failing(cars: Project) -> None:
    cared.a_failure(cars, "basket")


def tabs(html: str) -> list[str]:
    nav = html.split('<nav aria-label="Views">')[1].split("</nav>")[0]
    return re.findall(r'href="([^"]*)"', nav)


def test_the_filters_of_now_are_kept_by_name_and_lead_back(signed_in: Client, failing: None):
    assert "Save view" in shown(signed_in, f"{LIST}?q=basket&status=new&cursor=3")
    assert "Save view" not in shown(signed_in, LIST)
    answer = keep(signed_in)
    assert answer.redirect_chain == [(f"{LIST}?q=basket&status=new", 302)]
    html = answer.content.decode()
    assert "Saved as “Basket”. Undo" in plain(html)
    assert f"{LIST}?q=basket&amp;status=new" in tabs(html)
    assert re.search(r'aria-current="page"[^>]*>Basket', html)
    assert "Save view" not in html  # it is one already, in any order of its filters
    assert "Save view" not in shown(signed_in, f"{LIST}?status=new&q=basket")


def test_saving_under_a_name_again_replaces_the_view(signed_in: Client, failing: None):
    keep(signed_in)
    keep(signed_in, query="status=all")
    assert SavedView.objects.get().query == "status=all"


def test_the_place_in_a_list_and_empty_filters_are_not_kept(signed_in: Client, failing: None):
    keep(signed_in, query="?q=&cursor=20260101_1&owner=me&choose=all")
    assert SavedView.objects.get().query == "owner=me"


def test_a_shared_view_is_everybodys_to_open_and_its_makers_to_change(
    signed_in: Client, client: Client, cars: Project, failing: None
):
    keep(signed_in, shared="yes")
    view = SavedView.objects.get()
    cared.member(client, cars, "triager", "bob")
    html = shown(client, LIST)
    assert "Basket" in html
    assert "shared by ada" in html
    assert "Your views" not in html
    for what in ("rename", "delete", "restore"):
        assert client.post(f"/p/cars-api/views/{view.pk}/{what}", {"name": "Mine"}).status_code == 403


def test_an_admin_may_take_a_shared_view_away(signed_in: Client, client: Client, cars: Project, failing: None):
    cared.member(client, cars, "triager", "bob")
    keep(client, shared="yes")
    cared.member(client, cars, "admin", "root")
    client.post(f"/p/cars-api/views/{SavedView.objects.get().pk}/delete")
    assert SavedView.objects.get().deleted_at is not None


def test_what_is_somebodys_own_exists_for_nobody_else(signed_in: Client, client: Client, cars: Project, failing: None):
    keep(signed_in)
    view = SavedView.objects.get()
    cared.member(client, cars, "admin", "bob")
    assert "Basket" not in shown(client, LIST)
    assert client.post(f"/p/cars-api/views/{view.pk}/delete").status_code == 404


def test_views_of_another_project_do_not_exist(signed_in: Client, client: Client, failing: None):
    keep(signed_in, shared="yes")
    view = SavedView.objects.get()
    eve = factory.person("eve")
    factory.project("eves", eve)
    client.force_login(eve)
    for slug in ("eves", "cars-api"):
        assert client.post(f"/p/{slug}/views/{view.pk}/rename", {"name": "x"}).status_code == 404
    assert keep(client).status_code == 404


def test_viewers_keep_their_own_views_and_share_none(client: Client, cars: Project, failing: None):
    cared.member(client, cars, "viewer")
    assert "Saved as “Basket”" in plain(keep(client).content.decode())
    assert keep(client, name="Ours", shared="yes").status_code == 403
    assert "for everybody" not in shown(client, f"{LIST}?q=x")


def test_a_deleted_view_comes_back_and_a_renamed_one_gets_its_name_back(signed_in: Client, failing: None):
    keep(signed_in)
    view = SavedView.objects.get()
    html = signed_in.post(f"/p/cars-api/views/{view.pk}/delete", {"next": LIST}, follow=True).content.decode()
    assert "The view “Basket” is deleted. Undo" in plain(html)
    assert f'action="/p/cars-api/views/{view.pk}/restore"' in html
    assert "Basket" not in shown(signed_in, LIST)
    assert "is back" in signed_in.post(f"/p/cars-api/views/{view.pk}/restore", follow=True).content.decode()
    html = signed_in.post(
        f"/p/cars-api/views/{view.pk}/rename", {"name": " The  basket "}, follow=True
    ).content.decode()
    assert "Renamed to “The basket”. Undo" in plain(html)
    assert '<input type="hidden" name="name" value="Basket">' in html


def test_a_name_that_is_taken_is_refused(signed_in: Client, failing: None):
    keep(signed_in)
    keep(signed_in, name="Other")
    basket, other = SavedView.objects.order_by("pk")
    text = signed_in.post(f"/p/cars-api/views/{other.pk}/rename", {"name": "Basket"}, follow=True).content.decode()
    assert saved.TAKEN in text
    signed_in.post(f"/p/cars-api/views/{basket.pk}/delete")
    signed_in.post(f"/p/cars-api/views/{other.pk}/rename", {"name": "Basket"})
    text = signed_in.post(f"/p/cars-api/views/{basket.pk}/restore", follow=True).content.decode()
    assert saved.TAKEN in text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": " \t"}, "A view needs a name."),
        ({"name": "x" * 61}, "at most 60 characters"),
        ({"page": "admin"}, "That page keeps no views."),
        ({"query": "&".join(f"a{n}=1" for n in range(60))}, "more filters than a view can hold"),
        ({"query": "q=" + "ä" * 900}, "more filters than a view can hold"),
    ],
)
def test_what_no_view_can_be_is_refused_with_a_sentence(
    fields: dict[str, str], said: str, signed_in: Client, failing: None
):
    assert said in plain(keep(signed_in, **fields).content.decode())
    assert not SavedView.objects.exists()


def test_there_is_an_end_to_how_many_views_a_person_keeps(signed_in: Client, cars: Project, ada: User, failing: None):
    for n in range(saved.VIEWS):
        saved.save(cars, ada, "groups", f"v{n}", f"q={n}", shared=False)
    assert "delete one" in plain(keep(signed_in).content.decode())
    assert "Saved as" in plain(keep(signed_in, name="v3").content.decode())  # that one is there already


def test_hostile_names_and_filters_stay_words_and_lead_nowhere_else(signed_in: Client, failing: None):
    keep(signed_in, name=HOSTILE[:50], query=f"q={HOSTILE[:300]}\0&//evil.example/=1")
    html = shown(signed_in, LIST)
    assert "img" not in Elements(html).names
    assert all(href.startswith(LIST) for href in tabs(html))
    for char in ("\x1b", "\u202e"):
        assert char not in html


def test_views_change_by_post_only(signed_in: Client, failing: None):
    keep(signed_in)
    key = SavedView.objects.get().pk
    for path in ("", f"/{key}/rename", f"/{key}/delete", f"/{key}/restore"):
        assert signed_in.get(f"/p/cars-api/views{path}").status_code == 405
