"""What people say of verdicts is only ever added to, and says how often Lineup was right."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.triage.histories import TEST, a_report, ran
from tests.triage.made import a_project
from triage.models import FailureGroup, Judgement
from triage.store import decisions
from triage.store.judgements import NoVerdict, judge

OTHER = "t.py::test_x"


@pytest.fixture
def cars(db):
    return a_project()


@pytest.fixture
def ada(db):
    return User.objects.create_user("ada")


def test_a_judgement_keeps_the_verdict_as_it_was(cars, ada):
    run = ran(cars)
    said = judge(ada, run, TEST, True, reason="checked the code")
    decisions.keep(run, a_report(kind="consistent_failure", side=None, mechanism=None, version=5))
    said.refresh_from_db()
    assert (said.was_kind, said.was_level, said.was_confidence, said.core_version) == (
        "split_state", "suspected", 0.7, 4,
    )  # fmt: skip
    assert (said.who, said.group, said.kind, said.mechanism) == (
        "ada", FailureGroup.objects.get(), "split_state", "in_memory",
    )  # fmt: skip
    assert said.verdict["evidence"][0]["text"] == "Two processes."


def test_a_second_thought_is_added_and_counts(cars, ada):
    run = ran(cars)
    judge(ada, run, TEST, True)
    judge(ada, run, TEST, False, "lost_state", "redeploy")
    assert [one.accepted for one in Judgement.objects.of_run(run)] == [False, True]
    assert [one.kind for one in Judgement.objects.that_count(cars)] == ["lost_state"]


def test_saying_the_same_twice_is_saying_it_once(cars, ada):
    run = ran(cars)
    assert judge(ada, run, TEST, True).pk == judge(ada, run, TEST, True).pk
    assert judge(None, run, TEST, True, who="token ci").pk != Judgement.objects.earliest("pk").pk


def test_a_group_can_be_judged_as_a_whole(cars, ada):
    ran(cars)
    group = FailureGroup.objects.get()
    said = judge(ada, None, TEST, True, group=group)
    assert (said.run, said.group, said.target) == (None, group, f"group:{group.pk}")
    assert list(Judgement.objects.of_group(group)) == [said]


def test_what_has_no_verdict_cannot_be_judged(cars, ada):
    run = ran(cars, (TEST, False, False))
    with pytest.raises(NoVerdict):
        judge(ada, run, TEST, True)
    with pytest.raises(ValueError, match="kind"):
        judge(ada, ran(cars), TEST, False)
    with pytest.raises(ValueError, match="gremlins"):
        judge(ada, ran(cars), TEST, False, "gremlins")


def test_the_account_may_go_but_what_it_said_stays(cars, ada):
    judge(ada, ran(cars), TEST, True)
    ada.delete()
    assert Judgement.objects.get().who == "ada"


def test_how_often_lineup_was_right_is_counted_by_kind_level_month_and_confidence(cars, ada):
    trucks = a_project("trucks")
    judge(ada, ran(trucks), TEST, False, "test_error")
    right, wrong, early = ran(cars), ran(cars), ran(cars, (OTHER, True, None), kind="server_error", level="likely")
    judge(ada, right, TEST, True)
    judge(ada, wrong, TEST, True)
    judge(ada, wrong, TEST, False, "lost_state")
    judge(ada, early, OTHER, True)
    last_year = timezone.now() - timedelta(days=400)
    Judgement.objects.about(cars, Judgement.objects.of_run(early).get().target).update(at=last_year)

    def level(run):
        return Judgement.objects.of_run(run).first().was_level

    by_kind = {
        (row["was_kind"], row["was_level"]): (row["judged"], row["right"], row["wrong"])
        for row in Judgement.objects.accuracy(cars)
    }
    assert by_kind[("server_error", level(early))] == (1, 1, 0)
    split = [row for (kind, _), row in by_kind.items() if kind == "split_state"]
    assert [sum(column) for column in zip(*split, strict=True)] == [2, 1, 1]
    months = Judgement.objects.accuracy_by_month(cars)
    assert [(row["judged"], row["right"]) for row in months] == [(1, 1), (2, 1)]
    assert sum(row["judged"] for row in Judgement.objects.accuracy(cars, since=last_year + timedelta(days=1))) == 2
    buckets = Judgement.objects.calibration(cars)
    assert sum(row["judged"] for row in buckets) == 3
    assert all(row["tenth"] <= row["confidence"] * 10 < row["tenth"] + 1.001 for row in buckets)
    assert Judgement.objects.mistaken_for(cars) == [{"was_kind": "split_state", "kind": "lost_state", "count": 1}]


def test_counting_costs_one_query(cars, ada, django_assert_num_queries):
    judge(ada, ran(cars), TEST, True)
    with django_assert_num_queries(3):
        Judgement.objects.accuracy(cars)
        Judgement.objects.accuracy_by_month(cars)
        Judgement.objects.calibration(cars)
