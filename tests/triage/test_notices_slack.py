"""Notifications into a chat, through a real HTTP server that behaves like Slack's."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.stand_ins.server import AFTER, CLOSED, Answer, running
from tests.stand_ins.slack import PATH, Slack
from tests.triage.items import a_person
from tests.triage.made import a_project
from tests.triage.meets import an_item
from tests.triage.noticed import SUMMARY, a_failure, a_rule, sent, told
from triage.models import Delivery, Notice, NoticeRule, Project
from triage.store import deliveries, items, notice_rules
from triage.store.meetings import running as meetings
from triage.store.meetings.begin import begin
from triage.store.notices import Telling, tell, tell_all

HOUR = timedelta(hours=1)


@pytest.fixture
def slack() -> Iterator[Slack]:
    with running(Slack()) as stand_in:
        yield stand_in


@pytest.fixture
def cars(db: None) -> Project:
    return a_project("cars-api")


@pytest.fixture
def rule(cars: Project, slack: Slack) -> NoticeRule:
    return a_rule(cars, secret=slack.webhook, hint="127.0.0.1 … r3ss")


def test_a_new_failure_reaches_the_chat_with_its_sentence_and_a_link(cars, rule, slack):
    told(cars)
    assert sent() == 1
    (message,) = slack.messages
    assert "http://127.0.0.1:8000/groups/7" in message["text"]
    assert "gunicorn" in message["text"] and "nightly" in message["text"]
    assert any(SUMMARY in str(block) for block in message["blocks"])
    delivery = Delivery.objects.get()
    assert delivery.sent_at and delivery.answer == "200 ok" and delivery.attempts == 1
    assert delivery.headline.startswith("Cars-Api: new failure: test_api_example")


def test_the_same_thing_told_twice_is_sent_once(cars, rule, slack):
    told(cars)
    told(cars)
    sent()
    told(cars)
    sent()
    assert len(slack.messages) == 1


def test_forty_failures_of_one_run_are_one_message_with_the_first_few_and_a_count(cars, rule, slack):
    tell_all(cars.pk, "opened", [
        Telling(key=f"item:{n}", data=a_failure(test=f"tests/test_cars.py::test_{n}", group=n)) for n in range(40)
    ])  # fmt: skip
    sent()
    (message,) = slack.messages
    assert "40 new failures" in message["text"] and "and 35 more" in message["text"]
    assert Delivery.objects.get().count == 40


def test_nothing_is_sent_before_its_time(cars, slack):
    a_rule(cars, secret=slack.webhook, batch_minutes=15)
    told(cars)
    now = datetime.now(UTC)
    assert deliveries.gather(now + timedelta(minutes=14)) == 0
    assert deliveries.gather(now + timedelta(minutes=16)) == 1


@pytest.mark.parametrize(
    ("filters", "reaches"),
    [
        ({"kinds": ["split_state"]}, True),
        ({"kinds": ["test_error"]}, False),
        ({"level": "likely"}, True),
        ({"level": "confirmed"}, False),
        ({"branches": "main, release/*"}, True),
        ({"branches": "release/*"}, False),
        ({"events": ["came_back"]}, False),
    ],
)
def test_a_rule_hears_only_what_it_asks_for(cars, slack, filters, reaches):
    a_rule(cars, secret=slack.webhook, **filters)
    told(cars)
    sent()
    assert bool(slack.messages) is reaches


def test_what_is_of_another_project_is_never_heard(cars, rule, slack):
    told(a_project("boats"))
    sent()
    assert slack.messages == []


def test_too_many_requests_are_waited_out_for_as_long_as_the_chat_asks(cars, rule, slack):
    slack.moods.append(Answer(429, "rate_limited", {"Retry-After": "120"}))
    told(cars)
    before = datetime.now(UTC)
    sent()
    row = Delivery.objects.get()
    assert row.sent_at is None and row.given_up_at is None
    assert timedelta(seconds=119) < row.due_at - before < timedelta(seconds=130)
    assert "429" in row.problem
    assert sent() == 0
    sent(after=timedelta(seconds=130))
    assert len(slack.messages) == 1
    assert Delivery.objects.get().problem == ""


@pytest.mark.parametrize("mood", [Answer(500, "oops"), Answer(503), CLOSED])
def test_what_may_pass_is_tried_again(cars, rule, slack, mood):
    slack.moods.extend([mood, mood])
    told(cars)
    sent()
    sent(after=HOUR)
    sent(after=HOUR)
    assert len(slack.messages) == 1
    assert Delivery.objects.get().attempts == 3


@pytest.mark.parametrize(
    ("mood", "words"),
    [
        (Answer(404, "no_service"), "404 “no_service”: the webhook is switched off or was deleted."),
        (Answer(410, "channel_is_archived"), "the channel is archived"),
        (Answer(400, "invalid_payload"), "400"),
        (Answer(403, "<html>forbidden"), "The webhook answered 403."),
        (Answer(302, "", {"Location": "http://169.254.169.254/"}), "a redirect, and none is followed"),
    ],
)
def test_what_cannot_pass_is_given_up_with_a_sentence(cars, rule, slack, mood, words):
    slack.moods.append(mood)
    told(cars)
    sent()
    row = Delivery.objects.get()
    assert row.given_up_at and words in row.problem
    assert len(slack.asked) == 1


def test_a_chat_that_stays_away_is_given_up_in_the_end_and_can_be_tried_anew(cars, rule, slack):
    slack.moods.extend([Answer(500)] * 12)
    told(cars)
    for _ in range(14):
        sent(after=2 * HOUR)
    row = Delivery.objects.get()
    assert row.given_up_at and row.attempts == 12
    assert deliveries.send_again(cars, row.pk, datetime.now(UTC))
    sent()
    assert len(slack.messages) == 1


def test_what_comes_while_a_message_waits_joins_it(cars, rule, slack):
    slack.moods.append(Answer(503))
    told(cars)
    sent()
    told(cars, "item:13:opened", test="tests/test_cars.py::test_other")
    sent()
    sent(after=HOUR)
    (message,) = slack.messages
    assert "2 new failures" in message["text"]


def test_an_answer_that_never_ends_is_cut_and_a_slow_one_is_waited_for(cars, rule, slack):
    slack.moods.append(Answer(200, b"o" * 5_000_000))
    told(cars)
    sent()
    assert Delivery.objects.get().sent_at
    slack.moods.append(0.6)
    told(cars, "item:14")
    sent()
    assert len(slack.messages) == 1


def test_an_answer_lost_on_its_way_may_cost_one_repeat(cars, rule, slack):
    slack.moods.append(AFTER)
    told(cars)
    sent()
    sent(after=HOUR)
    assert len(slack.messages) == 2
    sent(after=HOUR)
    assert len(slack.messages) == 2


def test_a_paused_rule_says_nothing_and_what_waited_can_still_be_sent(cars, rule, slack):
    told(cars)
    notice_rules.set_active(cars, rule.pk, False, datetime.now(UTC))
    told(cars, "item:13")
    sent()
    assert slack.messages == []
    row = Delivery.objects.get()
    assert row.given_up_at and "paused" in row.problem
    notice_rules.set_active(cars, rule.pk, True, datetime.now(UTC))
    told(cars, "item:14")
    sent()
    assert len(slack.messages) == 1


def test_a_deleted_rule_says_nothing_until_its_deletion_is_undone(cars, rule, slack):
    told(cars)
    notice_rules.delete(cars, rule.pk, datetime.now(UTC))
    assert sent() == 0
    notice_rules.restore(cars, rule.pk)
    sent()
    assert len(slack.messages) == 1


def test_minutes_are_a_message_of_their_own(cars, rule, slack):
    told(cars)
    tell(cars.pk, "minutes", "meeting:3", {"title": "Monday triage", "url": "/meetings/3/minutes", "markdown": "# Hi"})
    sent()
    assert len(slack.messages) == 2
    assert "Minutes of Monday triage" in slack.messages[1]["text"]
    assert "/meetings/3/minutes" in slack.messages[1]["text"]


def test_a_meeting_that_ends_reaches_the_chat_as_lists_by_owner(cars, rule, slack):
    user = a_person("anna", cars)
    item = an_item(cars)
    meeting = begin(cars, user, datetime.now(UTC))
    meetings.arrive(meeting, user, datetime.now(UTC))
    items.set_owner([item], items.Actor.of(user), name="API team", due=date(2030, 5, 28), meeting=meeting)
    meetings.end(meeting.pk, datetime.now(UTC))
    sent()
    (message,) = slack.messages
    shown = str(message["blocks"])
    assert "rich_text_list" in shown and "Who does what by when" in shown and ", by 28 May 2030" in shown
    assert f"/groups/{item.group_id}'" in shown and "###" not in shown
    assert "*Who does what by when*\n• API team\n    • <http" in message["text"]


def test_the_webhook_is_kept_encrypted_and_stands_in_no_log_and_no_problem(cars, rule, slack, caplog, settings):
    secret = PATH.rsplit("/", 1)[-1].encode()
    assert secret not in bytes(NoticeRule.objects.get().secret)
    settings.LOGGING_CONFIG = None
    with caplog.at_level(logging.INFO):
        slack.moods.extend([Answer(500), CLOSED, Answer(404, "no_service")])
        told(cars)
        for _ in range(4):
            sent(after=HOUR)
        slack.close()
        told(cars, "item:99")
        sent(after=HOUR)
    said = caplog.text + " ".join(f"{row.problem}{row.answer}{row.headline}" for row in Delivery.objects.all())
    assert secret.decode() not in said
    assert "could not be reached" in said


def test_a_new_key_still_opens_what_the_former_one_closed(cars, rule, slack, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "an entirely other key " * 3
    told(cars)
    sent()
    assert len(slack.messages) == 1


def test_a_secret_that_no_key_opens_is_said_and_nothing_is_sent(cars, rule, slack, settings):
    settings.SECRET_KEY = "an entirely other key " * 3
    told(cars)
    sent()
    assert "SECRET_KEY has changed" in Delivery.objects.get().problem
    assert slack.asked == []


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://169.254.169.254/latest/meta-data", "link-local"),
        ("http://[fe80::1]/x", "link-local"),
        ("http://[::ffff:169.254.169.254]/x", "link-local"),
        ("http://0.0.0.0/x", "belongs to no server"),
        ("http://2852039166/x", "link-local"),  # 169.254.169.254 as one number
    ],
)
def test_addresses_of_a_machines_own_secrets_are_refused(cars, address, words):
    a_rule(cars, secret=address)
    told(cars)
    sent()
    row = Delivery.objects.get()
    assert row.given_up_at and words in row.problem


def test_the_private_network_is_refused_where_the_operator_has_not_allowed_it(cars, rule, slack, settings):
    settings.LINEUP_PRIVATE_TARGETS = False
    told(cars)
    sent()
    assert "LINEUP_PRIVATE_TARGETS" in Delivery.objects.get().problem
    assert slack.asked == []


def test_nothing_is_looked_up_for_a_project_without_rules(cars, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        tell_all(cars.pk, "opened", [Telling(key=f"item:{n}", data={}) for n in range(500)])
    assert Notice.objects.count() == 0


def test_many_things_for_many_rules_cost_few_queries(cars, slack, django_assert_max_num_queries):
    for n in range(3):
        a_rule(cars, secret=slack.webhook, name=f"rule {n}")
    with django_assert_max_num_queries(8):
        tell_all(cars.pk, "opened", [Telling(key=f"item:{n}", data=a_failure()) for n in range(500)])
    assert Notice.objects.count() == 1500
