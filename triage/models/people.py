"""How people come in and stay signed in: invitations, who they are at a single sign-on, sessions, wrong tries."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from triage import querysets
from triage.models.project import Membership, Project


class Invitation(models.Model):
    """A link that makes whoever opens it a member. Only a hash of it is kept."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="invitations")
    email = models.EmailField(blank=True)  # whom it is meant for; "" for whoever has the link
    role = models.CharField(max_length=10, choices=Membership.Role.choices, default=Membership.Role.VIEWER)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    objects = querysets.InvitationQuerySet.as_manager()


class Identity(models.Model):
    """A person at an OpenID provider: the subject never changes, a mail address may."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    label = models.CharField(max_length=254, blank=True)  # what the provider calls the person, to be shown only
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)

    objects = querysets.IdentityQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="one_person_a_subject")]


class Person(models.Model):
    """What a person chose beside name, mail and password. Who chose nothing has no row."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="person")
    mail_mentions = models.BooleanField(default=True)

    objects = querysets.PersonQuerySet.as_manager()


class Session(AbstractBaseSession):
    """A signed-in browser. It names its person, so that they can see their sessions and end them all."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions")
    started_at = models.DateTimeField(null=True)  # when the person signed in
    agent = models.CharField(max_length=200, blank=True)  # the browser, as it calls itself

    objects = querysets.SessionQuerySet.as_manager()

    @classmethod
    def get_session_store_class(cls) -> Any:
        return import_module(settings.SESSION_ENGINE).SessionStore


class Attempt(models.Model):
    """How often something was tried in vain of late, under a hash of who tried what."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)  # then it is forgotten

    objects = querysets.AttemptQuerySet.as_manager()
