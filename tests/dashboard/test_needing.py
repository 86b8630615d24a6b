"""What needs triage now: grouped, counted, bounded; and nothing where nothing does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.contrib.auth.models import User
from django.template.loader import render_to_string

from dashboard.pages.needing import needing
from tests.dashboard import cared, factory, past
from tests.dashboard.test_run_page import plain
from triage.models import Project
from triage.store import items as store

NOW = datetime.now(UTC)


def told(project: Project, user: User) -> dict[str, tuple[str, list[str]]]:
    view = needing(project, user, NOW)
    return {s.name: (s.count, [line.title for line in s.lines]) for s in view.sections}


def test_failures_are_grouped_by_what_they_need(cars: Project, ada: User):
    cared.a_failure(cars, "fresh")
    before = cared.resolved(past.a_group(cars, test="tests/test_back.py::back", message="back is wrong"))
    cared.an_item(before.group, earlier=before)
    cared.a_failure(cars, "late", status="investigating", due=date(2020, 1, 1))
    cared.a_failure(cars, "mine", status="investigating", owner=ada, owner_name="ada")
    cared.a_failure(cars, "claimed", status="fix_claimed")
    cared.a_failure(cars, "quiet", status="investigating")
    assert told(cars, ada) == {
        "came_back": ("1", ["back is wrong"]),
        "new": ("1", ["fresh is wrong"]),
        "overdue": ("1", ["late is wrong"]),
        "mine": ("1", ["mine is wrong"]),
        "waiting": ("1", ["claimed is wrong"]),
    }


def test_a_section_names_its_first_few_and_counts_the_rest(cars: Project, ada: User, django_assert_max_num_queries):
    for n in range(30):
        cared.a_failure(cars, f"t{n}", ago=timedelta(hours=n))
        cared.a_failure(
            cars, f"w{n}", status="observing", observing_since=NOW, passes_wanted=5, owner=ada, due=date(2020, 1, 1)
        )
    with django_assert_max_num_queries(8):
        view = needing(cars, ada, NOW)
    new = next(section for section in view.sections if section.name == "new")
    assert (new.count, len(new.lines), new.more) == ("30", 4, 26)
    assert new.href == "/p/cars-api/groups?status=new"


def test_what_somebody_was_asked_waits_until_they_look(cars: Project, ada: User):
    bob = factory.person("bob")
    cars.memberships.create(user=bob, role="triager")
    item = cared.a_failure(cars, "fresh")
    store.note(item, store.Actor.of(bob), "@ada is that yours?")
    (mention,) = needing(cars, ada, NOW).mentions
    assert (mention.who, mention.about, mention.quote) == ("bob", "fresh is wrong", "@ada is that yours?")
    assert needing(cars, bob, NOW).mentions == ()


def test_another_projects_failures_need_nothing_here(cars: Project, ada: User):
    cared.a_failure(factory.project("other", ada), "fresh", owner=ada)
    assert told(cars, ada) == {}


def test_a_project_where_nothing_waits_says_so(cars: Project, ada: User):
    def said() -> str:
        return plain(render_to_string("_needing.html", {"needing": needing(cars, ada, NOW)}))

    assert "Nothing needs triage" in said()
    assert "the first failure shows up here by itself" in said()
    cared.resolved(past.a_group(cars))
    assert "Every failure of this project is resolved, or somebody is at it." in said()
