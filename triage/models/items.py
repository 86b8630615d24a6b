"""What a team does about a failure: its item, every decision on it, who was asked to look, and views worth keeping."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from triage import querysets
from triage.models.history import FailureGroup, Judgement
from triage.models.project import Project
from triage.models.run import Run


class Item(models.Model):
    """A failure group in a team's care, from its first sight until it stays away.

    A group that fails after its item was resolved gets a new one, linked to the old.
    """

    class Status(models.TextChoices):
        NEW = "new"
        INVESTIGATING = "investigating"
        FIX_CLAIMED = "fix_claimed"
        OBSERVING = "observing"
        RESOLVED = "resolved"

    project = models.ForeignKey(Project, models.CASCADE, related_name="items", db_index=False)
    group = models.ForeignKey(FailureGroup, models.CASCADE, related_name="items")
    earlier = models.OneToOneField(
        "self", models.SET_NULL, null=True, related_name="later"
    )  # the item it came back from
    status = models.CharField(max_length=14, choices=Status.choices, default=Status.NEW)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    owner_name = models.CharField(max_length=150, blank=True)  # the person's name, or a team's: it outlives the account
    due = models.DateField(null=True)
    ticket = models.URLField(max_length=2000, blank=True)
    blocker = models.BooleanField(default=False)
    passes_wanted = models.PositiveIntegerField(null=True)  # while observing: resolved after so many
    observing_since = models.DateTimeField(null=True)  # passes count from here
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        Run, models.SET_NULL, null=True, related_name="+", db_index=False
    )  # the run that failed
    closed_at = models.DateTimeField(null=True)  # set while the status is resolved
    touched_at = models.DateTimeField()  # newest decision
    version = models.PositiveIntegerField(default=1)  # grows with every change

    objects = querysets.ItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group"], condition=Q(closed_at=None), name="one_open_item_a_group")
        ]
        indexes = [
            models.Index(fields=["project", "status", "-opened_at"], name="items_by_status"),
            models.Index(fields=["project", "owner"], name="items_by_owner", condition=Q(closed_at=None)),
            models.Index(fields=["project", "-touched_at"], name="items_by_touch"),
            models.Index(fields=["project", "-opened_at", "-id"], name="items_by_opening"),
        ]


class Decision(models.Model):
    """What was decided about an item, by whom, in which meeting. Only ever added; an undo is a decision too."""

    class What(models.TextChoices):
        OPENED = "opened"  # by Lineup: a failure not seen before
        CAME_BACK = "came_back"  # by Lineup: it failed after it was resolved
        FAILED_AGAIN = "failed_again"  # by Lineup: it failed while a fix was observed
        STATUS = "status"
        OWNER = "owner"
        DUE = "due"
        TICKET = "ticket"
        BLOCKER = "blocker"
        WATCH = "watch"  # observe until so many passes
        NOTE = "note"
        ACCEPTED = "accepted"  # the verdict
        OVERRULED = "overruled"
        UNDONE = "undone"

    project = models.ForeignKey(Project, models.CASCADE, related_name="decisions", db_index=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="decisions", db_index=False)
    meeting = models.ForeignKey("Meeting", models.SET_NULL, null=True, related_name="decisions", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    who = models.CharField(max_length=150)  # the person's or token's name; "Lineup" for its own
    what = models.CharField(max_length=14, choices=What.choices)
    before = models.JSONField(default=dict)  # the item's fields that change, as they were
    after = models.JSONField(default=dict)  # the same fields, as they are now
    text = models.TextField(blank=True)  # a note, or why
    judgement = models.ForeignKey(Judgement, models.SET_NULL, null=True, related_name="+", db_index=False)
    undoes = models.OneToOneField("self", models.SET_NULL, null=True, related_name="undone_by")
    batch = models.UUIDField(null=True)  # decisions taken at once on several items are undone at once
    at = models.DateTimeField()

    objects = querysets.DecisionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["item", "-id"], name="decisions_of_an_item"),
            models.Index(fields=["project", "-id"], name="newest_decisions"),
            models.Index(fields=["meeting", "id"], name="decisions_of_a_meeting", condition=Q(meeting__isnull=False)),
            models.Index(fields=["batch"], name="decisions_of_a_batch", condition=Q(batch__isnull=False)),
        ]
        ordering = ["pk"]


class Mention(models.Model):
    """Somebody named in a note: `@anna`."""

    decision = models.ForeignKey(Decision, models.CASCADE, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mentions")
    seen_at = models.DateTimeField(null=True)

    objects = querysets.MentionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["decision", "user"], name="one_mention_each")]


class SavedView(models.Model):
    """A page with its filters, by name: a person's own, or the whole project's."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="saved_views", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    page = models.CharField(max_length=20)  # the name of its URL: overview, groups, search
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000)  # what follows the ? of its address
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)  # can be undone

    objects = querysets.SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "user", "page", "name"], condition=Q(deleted_at=None), name="one_view_a_name"
            )
        ]
        ordering = ["name", "pk"]
