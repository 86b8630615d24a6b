"""A team's space, who may enter it, and what its CI jobs sign with."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from triage import querysets


class Project(models.Model):
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    retention_days = models.PositiveIntegerField(default=120)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = querysets.ProjectQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    class Role(models.TextChoices):
        VIEWER = "viewer"
        TRIAGER = "triager"
        ADMIN = "admin"

    project = models.ForeignKey(Project, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)

    objects = querysets.MembershipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="one_membership_each")]


class Token(models.Model):
    """Only a hash is kept: the token itself is shown once, when it is made."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100, blank=True)
    prefix = models.CharField(max_length=12)  # the first characters, so that people can tell tokens apart
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 in hex of a 256-bit random token
    scopes = models.JSONField(default=list)  # of upload, read, triage
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = querysets.TokenQuerySet.as_manager()
