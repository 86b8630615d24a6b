"""Who is told of what: a project's rules, and everything that was or will be sent, once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from triage import querysets
from triage.models.project import Project


class NoticeRule(models.Model):
    class Channel(models.TextChoices):
        SLACK = "slack"  # an incoming webhook of Slack, Mattermost, Rocket.Chat, …
        MAIL = "mail"
        GITHUB_COMMENT = "github_comment"  # one comment on the pull request, kept up to date
        GITHUB_CHECK = "github_check"

    project = models.ForeignKey(Project, models.CASCADE, related_name="notice_rules")
    name = models.CharField(max_length=100)
    channel = models.CharField(max_length=16, choices=Channel.choices)
    target = models.CharField(max_length=2000, blank=True)  # mail addresses; owner/name of a repository
    secret = models.BinaryField(null=True)  # a webhook's address or a token, encrypted with a key of SECRET_KEY
    hint = models.CharField(max_length=300, blank=True)  # what of the secret may be shown: its host and its end
    events = models.JSONField(default=list)
    kinds = models.JSONField(default=list)  # verdict kinds; empty for all
    level = models.CharField(max_length=10, blank=True)  # at least so sure; "" for any
    branches = models.CharField(max_length=500, blank=True)  # names with *, separated by commas; "" for all
    batch_minutes = models.PositiveIntegerField(default=5)
    active = models.BooleanField(default=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)  # can be undone

    objects = querysets.NoticeRuleQuerySet.as_manager()


class Delivery(models.Model):
    """One message on its way: what waits of one rule, or for one person, is sent together."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="deliveries", db_index=False)
    rule = models.ForeignKey(NoticeRule, models.CASCADE, null=True, related_name="deliveries", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", db_index=False)
    headline = models.CharField(max_length=300)  # of the message, for the log
    count = models.PositiveIntegerField(default=0)  # notices in it
    due_at = models.DateTimeField()  # not before; while it is being sent: when its sender counts as lost
    sending = models.BooleanField(default=False)  # marked before it is sent, so that a lost sender is known
    repeated = models.BooleanField(default=False)  # a sender was lost, so it may arrive twice
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)  # of the last attempt, without secrets
    answer = models.CharField(max_length=200, blank=True)  # the other side's id of it: a comment that is edited later
    thread = models.CharField(max_length=300, blank=True)  # what it is said in: a pull request
    created_at = models.DateTimeField(auto_now_add=True)

    objects = querysets.DeliveryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="deliveries_due", condition=Q(sent_at=None, given_up_at=None)),
            models.Index(fields=["project", "-id"], name="newest_deliveries"),
            models.Index(fields=["rule", "id"], name="deliveries_open", condition=Q(sent_at=None, given_up_at=None)),
            models.Index(fields=["rule", "thread", "-id"], name="deliveries_by_thread", condition=~Q(thread="")),
        ]


class Notice(models.Model):
    """One thing to tell through one rule. `key` says what it is about: nobody is told the same thing twice."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+", db_index=False)
    rule = models.ForeignKey(NoticeRule, models.CASCADE, null=True, related_name="notices", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", db_index=False
    )  # mail to one person
    delivery = models.ForeignKey(Delivery, models.CASCADE, null=True, related_name="notices")
    event = models.CharField(max_length=20)
    key = models.CharField(max_length=120)
    data = models.JSONField(default=dict)  # what the message says, so that it is true when it is sent late
    due_at = models.DateTimeField()  # not before
    created_at = models.DateTimeField(auto_now_add=True)

    objects = querysets.NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "event", "key"], condition=~Q(rule=None), name="told_once"),
            models.UniqueConstraint(
                fields=["user", "project", "event", "key"], condition=Q(rule=None), name="mailed_once"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="notices_due", condition=Q(delivery=None)),
            models.Index(fields=["project", "created_at"], name="notices_by_age"),
        ]
