"""The notifications page: rules, a test of each, the log, and who may see any of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import resolve

from tests.dashboard import factory
from tests.stand_ins.github import TOKEN, GitHub
from tests.stand_ins.server import Answer, running
from tests.stand_ins.slack import Slack
from tests.triage.noticed import a_failure, a_rule, sent, told
from triage.core.notices.compose import compose
from triage.core.notices.records import told_from
from triage.models import Delivery, NoticeRule, Project
from triage.secrets import opened
from triage.store import notice_rules

PAGE = "/p/cars-api/settings/notifications"


@pytest.fixture
def slack() -> Iterator[Slack]:
    with running(Slack()) as stand_in:
        yield stand_in


def form(**more: object) -> dict[str, object]:
    return {
        "channel": "slack", "name": "#backend", "secret": "https://hooks.slack.example/services/T0/B0/abcdefgh12345678",
        "events": ["opened", "run"], "kinds": ["split_state"], "level": "likely", "branches": "main,  release/*",
        "batch_minutes": "5",
    } | more  # fmt: skip


def test_a_rule_is_made_and_its_secret_is_never_shown_again(signed_in: Client, cars: Project):
    assert signed_in.post(PAGE, form()).status_code == 302
    rule = NoticeRule.objects.get()
    assert opened(rule.secret).endswith("abcdefgh12345678")
    assert (rule.events, rule.kinds, rule.branches) == (["opened", "run"], ["split_state"], "main, release/*")
    for path in (PAGE, f"{PAGE}/{rule.pk}"):
        page = signed_in.get(path).content.decode()
        assert "hooks.slack.example …5678" in page
        assert "abcdefgh" not in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": " "}, "Give the rule a name"),
        ({"events": []}, "Choose at least one thing"),
        ({"secret": ""}, "begins with https://"),
        ({"secret": "file:///etc/passwd"}, "begins with https://"),
        ({"secret": "https://ada:pw@hooks.example/x"}, "name and password"),
        ({"secret": "https://[bad"}, "no address"),
        ({"secret": "https://hooks.example/" + "x" * 3000}, "too long"),
        ({"channel": "mail", "target": ""}, "at least one mail address"),
        ({"channel": "mail", "target": "team@example.com, nobody"}, "“nobody” is no mail address"),
        ({"channel": "mail", "target": " ".join(f"a{n}@example.com" for n in range(30))}, "at most 20"),
        ({"channel": "github_comment", "target": "acme"}, "owner/name"),
        ({"channel": "github_comment", "target": "acme/cars", "secret": ""}, "Enter a token"),
        ({"channel": "github_check", "target": "acme/cars", "secret": "té"}, "no token"),
    ],
)
def test_what_cannot_work_is_refused_with_a_sentence_and_the_form_keeps_the_rest(signed_in, cars, change, words):
    answer = signed_in.post(PAGE, form(**change))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert "abcdefgh12345678" not in page
    assert NoticeRule.objects.count() == 0


@pytest.mark.parametrize("hostile", ["\0", "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"), "<b>"])
def test_any_text_in_a_form_is_answered(signed_in, cars, hostile):
    for name in ("name", "secret", "branches", "batch_minutes", "level", "events", "kinds", "channel", "target"):
        assert signed_in.post(PAGE, form(**{name: hostile * 50})).status_code in (302, 422)
    assert "<b><b>" not in signed_in.get(PAGE).content.decode()


def test_a_rule_is_changed_and_keeps_its_secret_unless_another_is_given(signed_in, cars, slack):
    rule = a_rule(cars, secret=slack.webhook)
    path = f"{PAGE}/{rule.pk}"
    assert signed_in.post(path, form(secret="", name="other", channel="mail")).status_code == 302
    rule.refresh_from_db()
    assert (rule.name, rule.channel, opened(rule.secret)) == ("other", "slack", slack.webhook)
    signed_in.post(path, form(secret="https://hooks.slack.example/new/0123456789abcdef"))
    rule.refresh_from_db()
    assert opened(rule.secret).endswith("cdef") and rule.hint.endswith("…cdef")


def test_a_test_is_sent_at_once_and_its_answer_shown(signed_in, cars, slack):
    rule = a_rule(cars, secret=slack.webhook)
    page = signed_in.post(f"{PAGE}/{rule.pk}/test", follow=True).content.decode()
    assert "A test from Lineup" in slack.messages[0]["text"]
    assert "Test of “the channel”: sent." in page and "200 ok" in page
    slack.moods.append(Answer(404, "no_service"))
    page = signed_in.post(f"{PAGE}/{rule.pk}/test", follow=True).content.decode()
    assert "not sent." in page and "the webhook is switched off or was deleted" in page
    assert sent() == 0


def test_a_test_of_a_github_rule_writes_nothing(signed_in, cars, settings):
    with running(GitHub()) as github:
        settings.LINEUP_GITHUB_API = github.url
        rule = a_rule(cars, "github_comment", target="acme/cars", secret=TOKEN)
        page = signed_in.post(f"{PAGE}/{rule.pk}/test", follow=True).content.decode()
        assert "The token reaches the repository" in page
        github.permissions["push"] = False
        page = signed_in.post(f"{PAGE}/{rule.pk}/test", follow=True).content.decode()
        assert "comments may be refused" in page
        status = a_rule(cars, "github_check", target="acme/cars", secret=TOKEN, name="status")
        page = signed_in.post(f"{PAGE}/{status.pk}/test", follow=True).content.decode()
        assert "may not write to it" in page
        assert {asked.method for asked in github.asked} == {"GET"}


def test_pause_resume_delete_and_undo(signed_in, cars, slack):
    rule = a_rule(cars, secret=slack.webhook)
    signed_in.post(f"{PAGE}/{rule.pk}/pause")
    told(cars)
    sent()
    assert slack.messages == []
    signed_in.post(f"{PAGE}/{rule.pk}/resume")
    page = signed_in.post(f"{PAGE}/{rule.pk}/delete", follow=True).content.decode()
    assert "is deleted" in page and "Undo" in page
    assert signed_in.get(f"{PAGE}/{rule.pk}").status_code == 404
    signed_in.post(f"{PAGE}/{rule.pk}/restore")
    assert NoticeRule.objects.in_use(cars).count() == 1


def test_what_was_given_up_says_why_and_is_sent_again_by_a_button(signed_in, cars, slack):
    a_rule(cars, secret=slack.webhook)
    slack.moods.append(Answer(410, "channel_is_archived"))
    told(cars)
    sent()
    page = signed_in.get(PAGE).content.decode()
    assert "the channel is archived" in page and "Send again" in page
    row = Delivery.objects.get()
    signed_in.post(f"{PAGE}/log/{row.pk}/again")
    sent()
    assert len(slack.messages) == 1
    assert "Send again" not in signed_in.get(PAGE).content.decode()


def test_two_rules_that_would_overwrite_each_other_are_refused(signed_in, cars):
    told = form(channel="github_comment", target="acme/cars", secret=TOKEN)
    assert signed_in.post(PAGE, told).status_code == 302
    answer = signed_in.post(PAGE, told | {"name": "again", "target": "https://github.com/Acme/cars"})
    assert answer.status_code == 422 and "does that for this repository already" in answer.content.decode()


def test_a_project_has_a_bounded_number_of_rules(signed_in, cars, monkeypatch):
    monkeypatch.setattr(notice_rules, "RULES", 2)
    for n in range(2):
        assert signed_in.post(PAGE, form(name=f"rule {n}")).status_code == 302
    assert "at most 2 rules" in signed_in.post(PAGE, form()).content.decode()


@pytest.mark.parametrize("role", ["viewer", "triager"])
def test_only_admins_see_and_change_notifications(client: Client, cars, slack, role):
    bob = factory.person("bob")
    cars.memberships.create(user=bob, role=role)
    rule = a_rule(cars, secret=slack.webhook)
    client.force_login(bob)
    for path in (PAGE, f"{PAGE}/{rule.pk}"):
        assert client.get(path).status_code == 403
        assert client.post(path, form()).status_code == 403
    for act in ("pause", "delete", "test", "restore"):
        assert client.post(f"{PAGE}/{rule.pk}/{act}").status_code == 403
    assert slack.asked == [] and NoticeRule.objects.get().active


def test_what_is_of_another_project_does_not_exist(signed_in, cars, slack):
    eve = factory.person("eve")
    boats = factory.project("boats", eve)
    rule = a_rule(boats, secret=slack.webhook)
    told(boats)
    slack.moods.append(Answer(404))
    sent()
    row = Delivery.objects.get()
    assert signed_in.get("/p/boats/settings/notifications").status_code == 404
    assert signed_in.get(f"{PAGE}/{rule.pk}").status_code == 404
    assert signed_in.post(f"{PAGE}/{rule.pk}/test").status_code == 404
    signed_in.post(f"{PAGE}/{rule.pk}/delete")
    signed_in.post(f"{PAGE}/log/{row.pk}/again")
    rule.refresh_from_db()
    row.refresh_from_db()
    assert rule.deleted_at is None and row.given_up_at is not None
    page = signed_in.get(f"{PAGE}?deleted={rule.pk}&tried={row.pk}").content.decode()
    assert "the channel" not in page


@pytest.mark.parametrize("query", ["?deleted=x", "?deleted=99999999999999999999", "?tried=%00", "?channel=pigeon"])
def test_any_address_of_the_page_is_answered(signed_in, cars, query):
    assert signed_in.get(PAGE + query).status_code == 200
    assert signed_in.get(f"{PAGE}/{10**30}").status_code == 404
    assert signed_in.post(f"{PAGE}/{10**30}/pause").status_code in (302, 404)
    assert signed_in.post(f"{PAGE}/log/{10**30}/again").status_code == 302


def test_nothing_changes_by_a_mere_look(signed_in, cars, slack):
    rule = a_rule(cars, secret=slack.webhook)
    assert signed_in.get(f"{PAGE}/{rule.pk}/delete").status_code == 405
    assert signed_in.get(f"{PAGE}/log/1/again").status_code == 405


def test_a_long_log_costs_no_more_queries_than_a_short_one(signed_in, cars, slack, django_assert_max_num_queries):
    rules = [a_rule(cars, secret=slack.webhook, name=f"rule {n}") for n in range(10)]
    now = datetime.now(UTC)
    Delivery.objects.bulk_create(
        Delivery(project=cars, rule=rules[n % 10], headline=f"message {n}", due_at=now, sent_at=now, answer="200 ok")
        for n in range(300)
    )
    with django_assert_max_num_queries(12):
        page = signed_in.get(PAGE).content.decode()
    assert "message 299" in page and "message 100" not in page


def test_the_page_says_what_to_do_first(signed_in, cars):
    page = signed_in.get(PAGE).content.decode()
    assert "None yet" in page and "Nothing yet" in page and "EMAIL_URL" in page


def test_every_link_of_a_message_is_a_page_of_ours():
    run = "7b6d3a52-6f6e-4a55-9d3b-0c7b3e1d0001"
    data = {"run_id": run, "failures": [{"test": "t", "path": f"/runs/{run}?test=t"}] * 9, "counts": {"failed": 9}}
    told = (*told_from("opened", a_failure()), *told_from("run", data))
    made = compose("cars", "cars-api", "https://x", told, {}, PAGE)
    items = [item for section in made.sections for item in section.items]
    urls = {made.url, made.footer_url, *(one.url for one in (*items, *made.sections))}
    names = {resolve(url.removeprefix("https://x").partition("?")[0]).url_name for url in urls}
    assert names == {"groups", "group", "run", "notifications"}
