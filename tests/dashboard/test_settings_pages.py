"""A project's settings of its own logs: who sees them, who changes them, and what comes of it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from tests.dashboard import factory
from triage.core.records import Side
from triage.models import LineFormat, Part, Project, RedactionPattern
from triage.store import settings as store

BASE = "/p/cars-api/settings"
FORM = {
    "act": "save", "name": "Billing worker", "side": "server", "kind": "template",
    "pattern": "{time} [{pid}] {level} {message}", "time": "",
    "sample": "2026-11-23 01:30:00,053 [51463] INFO POST /cars/add -> 200\r\nwhat is this\r\n",
}  # fmt: skip


@pytest.fixture
def row(cars: Project) -> LineFormat:
    return store.add_line_format(
        cars, None, timezone.now(), name="billing", slug="custom-billing", side="server", kind="template",
        pattern="{time} {message}", time="", sample="2026-11-23 01:30:00 hello",
    )  # fmt: skip


@pytest.fixture
def secret(cars: Project) -> RedactionPattern:
    return store.add_redaction_pattern(cars, None, timezone.now(), name="customer", pattern="C-[0-9]+")


def addresses(row: LineFormat, secret: RedactionPattern) -> tuple[list[str], list[str]]:
    """(that a member may look at, that only an admin may post to)"""
    seen = [f"{BASE}/formats", f"{BASE}/formats/{row.pk}", f"{BASE}/redaction"]
    changed = [
        f"{BASE}/formats/new", f"{BASE}/formats/{row.pk}", f"{BASE}/formats/{row.pk}/delete",
        f"{BASE}/formats/{row.pk}/restore", f"{BASE}/redaction/{secret.pk}/delete",
        f"{BASE}/redaction/{secret.pk}/restore",
    ]  # fmt: skip
    return seen, changed


def unchanged(row: LineFormat, secret: RedactionPattern) -> bool:
    row.refresh_from_db()
    secret.refresh_from_db()
    kept = row.deleted_at is None and secret.deleted_at is None and row.name == "billing"
    return kept and LineFormat.objects.count() == 1 and RedactionPattern.objects.count() == 1


def test_a_stranger_and_another_projects_member_find_nothing(client: Client, row: LineFormat, secret: RedactionPattern):
    seen, changed = addresses(row, secret)
    tries = [f"{BASE}/formats/try", f"{BASE}/redaction/try", f"{BASE}/redaction"]
    eve = factory.person("eve")
    factory.project("eves", eve)
    member = Client()
    member.force_login(eve)
    for address in (*seen, *changed, *tries):
        for answer in (client.get(address), client.post(address, FORM)):
            assert answer.status_code in (302, 405), address
            assert answer.headers.get("Location", "/sign-in").startswith("/sign-in"), address
        assert member.get(address).status_code in (404, 405), address
        assert member.post(address, FORM).status_code in (404, 405), address
    assert unchanged(row, secret)


def test_a_line_format_of_one_project_is_none_of_another(signed_in: Client, ada, row: LineFormat, secret):
    factory.project("other", ada)
    for address in (f"/p/other/settings/formats/{row.pk}", f"/p/other/settings/formats/{2**70}"):
        assert signed_in.get(address).status_code == 404
        assert signed_in.post(address, FORM).status_code == 404
    signed_in.post(f"/p/other/settings/formats/{row.pk}/delete")
    signed_in.post(f"/p/other/settings/redaction/{secret.pk}/delete")
    assert b"billing" not in signed_in.get(f"/p/other/settings/formats?deleted={row.pk}").content
    assert unchanged(row, secret)


@pytest.mark.parametrize("role", ["viewer", "triager"])
def test_who_is_no_admin_sees_and_tries_but_changes_nothing(role: str, cars: Project, row: LineFormat, secret):
    client = Client()
    grace = factory.person("grace")
    cars.memberships.create(user=grace, role=role)
    client.force_login(grace)
    seen, changed = addresses(row, secret)
    for address in seen:
        page = client.get(address)
        assert page.status_code == 200, address
        assert b">Save<" not in page.content and b">Delete<" not in page.content
    for address in changed:
        assert client.post(address, FORM).status_code == 403, address
    assert client.get(f"{BASE}/formats/new").status_code == 403
    assert client.post(f"{BASE}/redaction", {"act": "save", "name": "x", "pattern": "y"}).status_code == 403
    assert client.post(f"{BASE}/formats/try", FORM, headers={"HX-Request": "true"}).status_code == 200
    assert unchanged(row, secret)


@pytest.mark.parametrize("path", ["formats/new", "formats/try", "redaction", "redaction/try"])
def test_a_form_from_another_site_is_refused(path: str, ada, cars: Project):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    assert strict.post(f"{BASE}/{path}", FORM).status_code == 403


def test_a_line_format_is_saved_listed_changed_deleted_and_brought_back(signed_in: Client, ada, cars: Project):
    answer = signed_in.post(f"{BASE}/formats/new", FORM, follow=True)
    page = answer.content.decode()
    assert "“Billing worker” is saved. It applies to what comes from now on" in page
    row = LineFormat.objects.get()
    assert (row.slug, row.created_by, row.side, row.kind) == ("custom-billing-worker", ada, "server", "template")
    assert row.sample == FORM["sample"].replace("\r\n", "\n")
    assert "to 1 ms, no zone" in page
    signed_in.post(f"{BASE}/formats/{row.pk}", FORM | {"name": "Billing", "pattern": "{time} {message}"})
    row.refresh_from_db()
    assert (row.slug, row.pattern) == ("custom-billing", "{time} {message}")
    page = signed_in.post(f"{BASE}/formats/{row.pk}/delete", follow=True).content.decode()
    assert "“Billing” is deleted." in page
    assert ">Undo<" in page
    assert not LineFormat.objects.in_use(cars).exists()
    signed_in.post(f"{BASE}/formats/{row.pk}/restore")
    assert LineFormat.objects.in_use(cars).count() == 1


def test_a_secret_in_a_sample_is_not_kept(signed_in: Client, ada, cars: Project):
    secret = "Zx8Kq2Lm5Np7" * 3
    line = "2026-11-23 01:30:00,053 [51463] INFO sent Authorization: Bearer "
    signed_in.post(f"{BASE}/formats/new", FORM | {"sample": line + secret})
    kept = LineFormat.objects.get().sample
    assert kept.startswith(line + "[redacted bearer-token ")
    assert secret not in kept


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": " "}, "Give it a name"),
        ({"name": "日本"}, "A name needs a letter"),
        ({"name": "x" * 80}, "at most 60 characters"),
        ({"pattern": "{tim} {message}"}, "perhaps you mean time"),
        ({"pattern": "x" * 1500}, "1,000 is the most"),
        ({"kind": "regex", "pattern": "abc"}, "names no group"),
        ({"name": "BILLING"}, "already has one named “billing”"),
    ],
)
def test_what_cannot_be_saved_says_why_and_keeps_what_was_written(
    change: dict[str, str], says: str, signed_in: Client, row: LineFormat
):
    answer = signed_in.post(f"{BASE}/formats/new", FORM | change)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert says in page
    assert "what is this" in page
    assert LineFormat.objects.count() == 1


def test_a_side_or_kind_that_there_is_none_of_is_the_usual_one(signed_in: Client, cars: Project):
    signed_in.post(f"{BASE}/formats/new", FORM | {"side": "moon", "kind": "perl"})
    row = LineFormat.objects.get()
    assert (row.side, row.kind) == ("server", "template")


def test_the_preview_shows_what_each_line_tells_and_why_one_does_not_fit(signed_in: Client, cars: Project):
    answer = signed_in.post(f"{BASE}/formats/try", FORM, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in answer
    assert '<span class="f f-pid" title="pid">51463</span>' in answer
    assert "1 of 2 lines are understood; line 2 is not." in answer
    assert "It does not begin with {time}." in answer
    for pattern, says in (("{tim}", "perhaps you mean time"), ("{time} {message}", "goes before it")):
        answer = signed_in.post(f"{BASE}/formats/try", FORM | {"pattern": pattern}, headers={"HX-Request": "true"})
        assert says in answer.content.decode()


def test_trying_without_a_script_shows_the_form_again_and_saves_nothing(signed_in: Client, cars: Project):
    page = signed_in.post(f"{BASE}/formats/new", FORM | {"act": "try"}).content.decode()
    assert 'value="Billing worker"' in page
    assert "1 of 2 lines are understood" in page
    page = signed_in.post(f"{BASE}/formats/new", {"act": "guess", "sample": "W 01:30:00 hello"}).content.decode()
    assert "{level} {time} {message}</textarea>" in page
    assert not LineFormat.objects.exists()


def test_the_twenty_first_line_format_is_refused(signed_in: Client, cars: Project):
    for number in range(store.LINE_FORMATS):
        signed_in.post(f"{BASE}/formats/new", FORM | {"name": f"f{number}"})
    assert "at most 20 line formats" in signed_in.post(f"{BASE}/formats/new", FORM).content.decode()
    assert b"Describe a line" not in signed_in.get(f"{BASE}/formats").content


def test_a_format_that_became_bad_says_so_in_the_list(signed_in: Client, cars: Project, row: LineFormat):
    row.pattern = "{gone} {message}"
    row.save()
    page = signed_in.get(f"{BASE}/formats").content.decode()
    assert "It cannot be used: {gone} is no field that Lineup knows" in page
    assert signed_in.get(f"{BASE}/formats/{row.pk}").status_code == 200


def test_a_redaction_pattern_is_tried_saved_deleted_and_brought_back(signed_in: Client, cars: Project):
    form = {"name": "customer number", "pattern": r"customer (?P<secret>C-\d+)", "sample": "for customer C-20417 <b>"}
    tried = signed_in.post(f"{BASE}/redaction/try", form, headers={"HX-Request": "true"}).content.decode()
    assert "[redacted customer-number " in tried
    assert "C-20417" not in tried
    assert "&lt;b&gt;" in tried
    assert "Redacted here: 1 customer-number." in tried
    page = signed_in.post(f"{BASE}/redaction", form | {"act": "try"}).content.decode()
    assert "[redacted customer-number " in page
    assert not RedactionPattern.objects.exists()
    page = signed_in.post(f"{BASE}/redaction", form | {"act": "save"}, follow=True).content.decode()
    assert "“customer number” is redacted from now on" in page
    row = RedactionPattern.objects.get()
    page = signed_in.post(f"{BASE}/redaction/{row.pk}/delete", follow=True).content.decode()
    assert ">Undo<" in page
    signed_in.post(f"{BASE}/redaction/{row.pk}/restore")
    assert RedactionPattern.objects.in_use(cars).count() == 1


BAD = [{"name": ""}, {"pattern": ""}, {"pattern": "(a"}, {"pattern": ".*"}, {"name": "<b>"}, {"pattern": "a\x01b"}]


@pytest.mark.parametrize("change", BAD)
def test_a_bad_redaction_pattern_is_refused_in_a_sentence(change: dict[str, str], signed_in: Client, cars: Project):
    answer = signed_in.post(f"{BASE}/redaction", {"act": "save", "name": "x", "pattern": "y"} | change)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not RedactionPattern.objects.exists()


def test_the_page_shows_what_is_always_redacted_by_doing_it(signed_in: Client, cars: Project):
    page = signed_in.get(f"{BASE}/redaction").content.decode()
    for kind in ("bearer-token", "cookie", "url-password", "password", "aws-key", "private-key"):
        assert f"[redacted {kind} " in page, kind


def test_what_was_redacted_so_far_is_counted_for_this_project_alone(signed_in: Client, cars: Project):
    others = factory.project("others")
    for project, counts in ((cars, {"cookie": 2, "jwt": 1}), (cars, {"cookie": 3}), (cars, {}), (others, {"jwt": 900})):
        factory.part(factory.empty_run(project), Side.SERVER, "journal.txt", redacted=counts)
    assert Part.objects.redacted_in(cars) == [("cookie", 5), ("jwt", 1)]
    page = signed_in.get(f"{BASE}/redaction").content.decode()
    assert "Redacted so far" in page
    assert "900" not in page


def test_the_settings_pages_cost_few_queries(signed_in: Client, row, secret, django_assert_max_num_queries):
    for address in (f"{BASE}/formats", f"{BASE}/formats/{row.pk}", f"{BASE}/formats/new", f"{BASE}/redaction"):
        with django_assert_max_num_queries(7):
            assert signed_in.get(address).status_code == 200
