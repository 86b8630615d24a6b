"""Members, invitations, attempts and sessions as the store writes them."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from tests.triage.made import a_project
from triage.models import Attempt, Invitation, Membership, Person, Session
from triage.store import accounts, attempts, people
from triage.store.refused import Refused

pytestmark = pytest.mark.django_db


def somebody(name: str, role: str = "") -> User:
    user = User.objects.create(username=name)
    if role:
        Membership.objects.create(project=a_project(), user=user, role=role)
    return user


def roles() -> dict[str, str]:
    return {row.user.username: row.role for row in Membership.objects.select_related("user")}


def test_a_role_changes_and_the_last_admin_stays_one():
    ada, bob = somebody("ada", "admin"), somebody("bob", "viewer")
    with pytest.raises(Refused, match="needs an admin"):
        people.set_role(a_project(), ada.pk, "viewer")
    people.set_role(a_project(), bob.pk, "admin")
    people.set_role(a_project(), ada.pk, "viewer")
    assert roles() == {"ada": "viewer", "bob": "admin"}
    assert people.set_role(a_project(), somebody("eve").pk, "admin") is None


def test_an_admin_who_cannot_sign_in_does_not_count():
    ada, bob = somebody("ada", "admin"), somebody("bob", "admin")
    User.objects.filter(pk=bob.pk).update(is_active=False)
    for change in (
        lambda: people.remove_member(a_project(), ada.pk),
        lambda: people.set_role(a_project(), ada.pk, "viewer"),
    ):
        with pytest.raises(Refused):
            change()


def test_a_removal_is_undone_with_the_role_that_was():
    somebody("ada", "admin")
    bob = somebody("bob", "triager")
    assert people.remove_member(a_project(), bob.pk).role == "triager"
    assert people.remove_member(a_project(), bob.pk) is None
    people.restore_member(a_project(), bob.pk, "triager")
    assert roles() == {"ada": "admin", "bob": "triager"}
    assert people.restore_member(a_project(), 2**31 - 1, "triager") is None


def test_joining_never_takes_a_role_away():
    ada = somebody("ada", "admin")
    people.join(a_project(), ada, "viewer")
    assert roles() == {"ada": "admin"}


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_remove_each_other_at_once_leave_one():
    keys = [somebody("ada", "admin").pk, somebody("bob", "admin").pk]
    project, told = a_project(), []
    at_once = threading.Barrier(2)

    def remove(key: int) -> None:
        at_once.wait()
        try:
            people.remove_member(project, key)
        except Refused as refused:
            told.append(str(refused))
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [people.LAST_ADMIN]
    assert Membership.objects.count() == 1


def invited(**more: Any) -> tuple[Invitation, str]:
    return people.invite(a_project(), None, timezone.now(), **{"role": "triager", **more})


def test_an_invitation_keeps_a_hash_and_works_once():
    invitation, secret = invited()
    assert secret not in str(Invitation.objects.values().get())
    assert invitation.expires_at - timezone.now() < timedelta(days=7, seconds=1)
    assert people.accept(invitation, somebody("ada"), timezone.now()).role == "triager"
    assert people.accept(invitation, somebody("bob"), timezone.now()) is None
    assert roles() == {"ada": "triager"}


@pytest.mark.parametrize("end", ["withdrawn", "expired"])
def test_an_invitation_that_ended_is_not_accepted(end: str):
    invitation, _ = invited()
    if end == "withdrawn":
        assert people.withdraw(a_project(), invitation.pk, timezone.now())
    else:
        Invitation.objects.update(expires_at=timezone.now())
    assert people.accept(invitation, somebody("ada"), timezone.now()) is None
    assert not people.withdraw(a_project(), invitation.pk, timezone.now())


def test_another_projects_invitation_is_not_withdrawn():
    invitation, _ = invited()
    assert not people.withdraw(a_project("bikes"), invitation.pk, timezone.now())


def test_a_project_has_a_bounded_number_of_open_invitations(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(people, "OPEN_INVITATIONS", 2)
    invited(), invited()
    with pytest.raises(Refused, match="at most 2"):
        invited()


def test_an_account_that_begins_with_an_invitation_is_made_whole_or_not_at_all():
    invitation, _ = invited()
    told = {"name": "Ada", "email": "", "password": "correct horse battery"}
    user, membership = accounts.new_member(invitation, timezone.now(), username="ada", **told)
    assert (user.check_password(told["password"]), membership.role) == (True, "triager")
    with pytest.raises(Refused, match="used or withdrawn"):
        accounts.new_member(invitation, timezone.now(), username="bob", **told)
    with pytest.raises(Refused, match="Somebody has that name"):
        accounts.new_member(invited()[0], timezone.now(), username="ADA", **told)
    assert User.objects.count() == 1


def test_what_a_person_chose_is_kept_and_the_default_is_mail():
    ada = somebody("ada")
    assert Person.objects.wants_mail(ada.pk)
    accounts.save_details(ada, name="Ada", email="ada@example.org", mail_mentions=False)
    assert not Person.objects.wants_mail(ada.pk)
    accounts.save_details(ada, name="Ada", email="ada@example.org", mail_mentions=True)
    assert Person.objects.wants_mail(ada.pk)


def test_sessions_of_one_person_end_and_no_others():
    later = timezone.now() + timedelta(days=1)
    ada, bob = somebody("ada"), somebody("bob")
    for key, user in (("a1", ada), ("a2", ada), ("b1", bob), ("none", None)):
        Session.objects.create(session_key=key, session_data="", expire_date=later, user=user)
    assert accounts.end_sessions(ada, but="a2") == 1
    assert sorted(Session.objects.values_list("pk", flat=True)) == ["a2", "b1", "none"]
    Session.objects.filter(pk="b1").update(expire_date=timezone.now() - timedelta(days=1))
    accounts.clear_expired(timezone.now())
    assert sorted(Session.objects.values_list("pk", flat=True)) == ["a2", "none"]


def test_tries_are_counted_within_a_window_that_begins_with_the_first():
    now, key = timezone.now(), attempts.key("sign-in", "ada")
    window = timedelta(minutes=15)
    assert [attempts.note(key, window, now) for _ in range(3)] == [1, 2, 3]
    assert attempts.note(key, window, now + timedelta(minutes=14)) == 4
    assert Attempt.objects.counts([key], now + window) == {}
    assert attempts.note(key, window, now + window) == 1
    attempts.forget([key])
    assert not Attempt.objects.exists()


def test_old_tries_are_cleared_away_as_new_ones_come():
    now = timezone.now()
    for n in range(5):
        attempts.note(attempts.key("sign-in", str(n)), timedelta(minutes=1), now)
    attempts.note(attempts.key("sign-in", "new"), timedelta(minutes=1), now + timedelta(minutes=2))
    assert Attempt.objects.count() == 1


def test_no_try_is_lost_between_processes_and_nothing_typed_is_kept():
    odd = attempts.key("sign-in", "ada\0\ud800" * 1000)
    assert attempts.note(odd, timedelta(minutes=1), timezone.now()) == 1
    assert "ada" not in str(Attempt.objects.values().get())


@pytest.mark.django_db(transaction=True)
def test_tries_at_once_are_all_counted():
    key, now = attempts.key("sign-in", "ada"), timezone.now()

    def tries() -> None:
        for _ in range(20):
            attempts.note(key, timedelta(minutes=1), now)
        connection.close()

    threads = [threading.Thread(target=tries) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Attempt.objects.get().count == 80
