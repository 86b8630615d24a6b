"""Person over machine: judging verdicts, marking experiments, and how often Lineup was right."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.pages.experiments import plan_words
from tests.dashboard import factory, past
from tests.dashboard.build import TEST, original
from tests.dashboard.states import HOSTILE, STATES
from tests.dashboard.test_run_page import plain
from triage.core.history.experiments import conclude
from triage.core.history.records import ExperimentKind, Occasion
from triage.models import Judgement, Project, Run

OVERRULED = {"accepted": "no", "kind": "consistent_failure", "reason": "The list is wrong everywhere."}


@pytest.fixture
def run(cars: Project) -> Run:
    return factory.analysed(cars, original())


def judging(run: Run, test: str = TEST) -> str:
    return f"/runs/{run.pk}/judgement?{urlencode({'test': test})}"


def member(client: Client, project: Project, role: str) -> Client:
    user = factory.person(role)
    project.memberships.create(user=user, role=role)
    client.force_login(user)
    return client


def test_an_accepted_verdict_is_shown_with_name_and_time(signed_in: Client, run: Run):
    before = plain(signed_in.get(f"/runs/{run.pk}").content.decode())
    assert "Nobody has said so far" in before
    answer = signed_in.post(judging(run), {"accepted": "yes"})
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("#judgement")
    text = plain(signed_in.get(answer.headers["Location"]).content.decode())
    assert "Accepted: Split state, session key drawn per worker by ada, " in text
    assert f"{datetime.now(UTC):%b %Y}" in text
    assert "Lineup had said Split state, likely · 93 %." in text


def test_an_overruled_verdict_keeps_the_reason_and_the_earlier_judgement(signed_in: Client, run: Run):
    signed_in.post(judging(run), {"accepted": "yes"})
    signed_in.post(judging(run), OVERRULED)
    text = plain(signed_in.get(f"/runs/{run.pk}").content.decode())
    assert "Overruled: Consistent failure by ada" in text
    assert "The list is wrong everywhere." in text
    assert "All 2 judgements" in text
    assert text.index("All 2 judgements") < text.index("Accepted: Split state")
    assert Judgement.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reason": "  \n "}, "needs a reason"),
        ({"kind": ""}, "choose one of the seven verdicts"),
        ({"kind": "<b>"}, "choose one of the seven verdicts"),
        ({"kind": "split_state", "mechanism": "session_key"}, "That is what the verdict says already"),
    ],
)
def test_an_overruling_that_makes_no_sense_is_refused_with_a_sentence(
    change: dict[str, str], said: str, signed_in: Client, run: Run
):
    answer = signed_in.post(judging(run), OVERRULED | change, follow=True)
    assert said in plain(answer.content.decode())
    assert not Judgement.objects.exists()


def test_a_mechanism_is_kept_only_where_there_can_be_one(signed_in: Client, run: Run):
    signed_in.post(judging(run), OVERRULED | {"mechanism": "local_cache"})
    signed_in.post(judging(run), OVERRULED | {"kind": "lost_state", "mechanism": "worker_killed"})
    signed_in.post(judging(run), OVERRULED | {"kind": "split_state", "mechanism": "no such thing"})
    assert [row.mechanism for row in Judgement.objects.order_by("pk")] == ["", "worker_killed", ""]


def test_viewers_see_and_cannot(client: Client, cars: Project, run: Run):
    viewer = member(client, cars, "viewer")
    html = viewer.get(f"/runs/{run.pk}").content.decode()
    assert "Triagers and admins of this project can." in html
    assert "data-accept" not in html
    assert "/experiment" not in html
    assert viewer.post(judging(run), OVERRULED).status_code == 403
    assert viewer.post(f"/runs/{run.pk}/experiment", {"kind": "sticky"}).status_code == 403
    assert not Judgement.objects.exists()


def test_triagers_can(client: Client, cars: Project, run: Run):
    triager = member(client, cars, "triager")
    html = triager.get(f"/runs/{run.pk}").content.decode()
    assert "data-accept" in html
    assert f'action="/runs/{run.pk}/experiment?test=' in html
    assert triager.post(judging(run), OVERRULED).status_code == 302
    assert triager.post(f"/runs/{run.pk}/experiment", {"kind": "sticky"}).status_code == 302
    assert Judgement.objects.get().who == "triager"


@pytest.mark.parametrize("what", ["judgement", "experiment"])
def test_judging_takes_a_post_with_its_token_from_a_member(what: str, client: Client, ada: User, run: Run):
    path = f"/runs/{run.pk}/{what}?test={TEST}"
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    assert strict.get(path).status_code == 405
    assert strict.post(path, OVERRULED).status_code == 403
    assert client.post(path, OVERRULED).headers["Location"].startswith("/sign-in")
    eve = factory.person("eve")
    factory.project("eves", eve)
    client.force_login(eve)
    assert client.post(path, OVERRULED).status_code == 404


@pytest.mark.parametrize("test", ["", "tests/none.py::test_none", "\0", "x" * 9000])
def test_a_test_without_a_verdict_cannot_be_judged(test: str, signed_in: Client, run: Run):
    assert signed_in.post(judging(run, test), OVERRULED).status_code == 404


def test_a_run_is_marked_as_control_and_becomes_ordinary_again(signed_in: Client, run: Run):
    answer = signed_in.post(
        f"/runs/{run.pk}/experiment?test={TEST}", {"kind": "one_process", "note": "box 2"}, follow=True
    )
    text = plain(answer.content.decode())
    assert "This run is a control run : one server process, “box 2”." in text
    assert "Control run one server process" in text
    run.refresh_from_db()
    assert (run.experiment, run.experiment_note) == ("one_process", "box 2")
    text = plain(signed_in.post(f"/runs/{run.pk}/experiment", {"kind": ""}, follow=True).content.decode())
    assert "This run is an ordinary one again." in text
    assert "This run was a control run…" in text
    run.refresh_from_db()
    assert (run.experiment, run.experiment_note) == ("", "")


def test_a_run_in_which_all_passed_can_be_a_control_run_too(signed_in: Client, cars: Project):
    run = factory.analysed(cars, STATES["passed"]())
    assert "This run was a control run…" in signed_in.get(f"/runs/{run.pk}").content.decode()
    signed_in.post(f"/runs/{run.pk}/experiment", {"kind": "fix", "note": "one SECRET_KEY"})
    assert "a fix, “one SECRET_KEY”" in plain(signed_in.get(f"/runs/{run.pk}").content.decode())


@pytest.mark.parametrize("form", [{"kind": "no such"}, {"kind": "fix", "note": " "}, {"kind": "<b>"}])
def test_an_experiment_that_makes_no_sense_changes_nothing(form: dict[str, str], signed_in: Client, run: Run):
    signed_in.post(f"/runs/{run.pk}/experiment", form)
    run.refresh_from_db()
    assert run.experiment == ""


def test_how_to_confirm_gives_the_number_of_runs_and_a_command_to_copy(signed_in: Client, cars: Project):
    group = past.a_group(cars, conclusions=[])
    run = past.a_failing_run(cars, group)
    html = signed_in.get(f"/runs/{run.pk}").content.decode()
    assert "control runs in a row decide at 99 %: with 11 of 19 runs failed so far" in plain(html)


def test_as_many_failures_refute_as_the_plan_says():
    assert "Two that fail in the same way refute it." in plan_words(5, 6)
    made = [failure(number) for number in range(5)]
    states = []
    for number in (5, 6):
        made.append(failure(number, ExperimentKind.ONE_PROCESS))
        states.append(conclude(ExperimentKind.ONE_PROCESS, made, "same").state)
    assert states == ["open", "refuted"]


def failure(number: int, experiment: ExperimentKind | None = None) -> Occasion:
    return Occasion(run=str(number), at_us=number, failed=True, fingerprint="same", experiment=experiment)


def test_hostile_reasons_and_notes_stay_text(signed_in: Client, run: Run):
    signed_in.post(judging(run), OVERRULED | {"reason": HOSTILE})
    signed_in.post(f"/runs/{run.pk}/experiment", {"kind": "fix", "note": HOSTILE})
    for path in (f"/runs/{run.pk}", "/p/cars-api/accuracy"):
        html = signed_in.get(path).content.decode()
        assert "<img" not in html
        assert "\u202e" not in html


def test_accuracy_without_a_judgement_says_where_to_begin(signed_in: Client, cars: Project):
    assert "page asks “Is this right?”" in signed_in.get("/p/cars-api/accuracy").content.decode()


def test_small_numbers_are_called_small(signed_in: Client, ada: User, run: Run):
    past.judged(ada, run)
    text = plain(signed_in.get("/p/cars-api/accuracy").content.decode())
    assert "1 of 1 judged verdict was right: too few to say how often." in text
    assert "100 %" not in text


def test_accuracy_counts_the_newest_judgement_of_each_verdict(
    signed_in: Client, cars: Project, ada: User, django_assert_max_num_queries
):
    for n in range(9):
        run = factory.analysed(cars, original())
        past.judged(ada, run)
        if n < 3:
            past.judged(ada, run, kind="test_error", reason=f"Case {n} is a typing error.")
    with django_assert_max_num_queries(12):
        text = plain(signed_in.get("/p/cars-api/accuracy").content.decode())
    for words in (
        "6 of 9 judged verdicts were right: 67 %.",
        "between 35 and 88 %",
        "Split state 6 3 67 %",
        "likely 6 3 67 %",
        "93 % 6 3 right in 6 of 9: right less often than it said",
        f"{datetime.now(UTC):%B %Y} 6 3 67 %",
        "Split state, session key drawn per worker (likely · 93 %) was overruled: Test error by ada",
        "Case 2 is a typing error.",
    ):
        assert words in text, words
    assert text.index("Case 2") < text.index("Case 0")
