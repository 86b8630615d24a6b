"""Triage meetings: when they are, what is on the agenda, who is there, what was written; and who is on duty."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from triage import querysets
from triage.models.items import Item
from triage.models.project import Project


class Schedule(models.Model):
    """When a project's meetings come about by themselves."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="schedules")
    name = models.CharField(max_length=100)
    weekdays = models.JSONField(default=list)  # 0 for Monday to 6
    at = models.TimeField()  # in `timezone`
    timezone = models.CharField(max_length=64, default="UTC")
    item_seconds = models.PositiveIntegerField(default=180)
    next_at = models.DateTimeField()
    active = models.BooleanField(default=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)  # can be undone

    objects = querysets.ScheduleQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="schedules_due", condition=Q(active=True, deleted_at=None))]


class Meeting(models.Model):
    """One meeting. All who are in it see the same item; `version` grows with everything that they should see."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="meetings", db_index=False)
    schedule = models.ForeignKey(Schedule, models.SET_NULL, null=True, related_name="meetings")
    name = models.CharField(max_length=150)
    planned_at = models.DateTimeField(null=True)  # of its schedule
    since = models.DateTimeField()  # what is new is new since then
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    began_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    current = models.ForeignKey("AgendaItem", models.SET_NULL, null=True, related_name="+", db_index=False)
    current_since = models.DateTimeField(null=True)  # the timer
    item_seconds = models.PositiveIntegerField(default=180)
    figures = models.JSONField(default=dict)  # at the beginning: failures, uncategorised, open items, runs
    hand_over = models.TextField(blank=True)
    minutes = models.JSONField(null=True)  # core.meeting.minutes.Minutes, kept at the end: they read the same for ever
    version = models.PositiveIntegerField(default=1)

    objects = querysets.MeetingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schedule", "planned_at"], name="one_meeting_a_date"),
        ]
        indexes = [models.Index(fields=["project", "-began_at"], name="newest_meetings")]


class AgendaItem(models.Model):
    class Section(models.TextChoices):
        NEW = "new"
        CAME_BACK = "came_back"
        OPEN = "open"  # still open, the oldest first
        OBSERVING = "observing"
        ADDED = "added"  # by hand

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="agenda", db_index=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()
    section = models.CharField(max_length=10, choices=Section.choices)
    reason = models.CharField(max_length=100)  # beside its name: 11 of 19, 9 days, 31 of 40 passes
    done_at = models.DateTimeField(null=True)
    skipped_at = models.DateTimeField(null=True)  # not today
    seconds = models.PositiveIntegerField(default=0)  # spent on it

    objects = querysets.AgendaItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "position"], name="one_item_a_place"),
            models.UniqueConstraint(fields=["meeting", "item"], name="once_on_an_agenda"),
        ]
        ordering = ["position"]


class MinuteLine(models.Model):
    """What somebody wrote into the minutes, beside what was decided."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="lines", db_index=False)
    about = models.ForeignKey(AgendaItem, models.SET_NULL, null=True, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    who = models.CharField(max_length=150)
    text = models.TextField()
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    objects = querysets.MinuteLineQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["meeting", "id"], name="lines_of_a_meeting")]
        ordering = ["pk"]


class Attendance(models.Model):
    """Somebody in a meeting; present for as long as `seen_at` is fresh."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendances", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    came_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    objects = querysets.AttendanceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="one_seat_each")]


class Duty(models.Model):
    """Who looks after a project's failures, from one day to another, both included."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="duties", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    who = models.CharField(max_length=150)
    from_on = models.DateField()
    until_on = models.DateField(null=True)  # None: until somebody else takes over
    note = models.TextField(blank=True)  # handed over to them
    created_at = models.DateTimeField(auto_now_add=True)

    objects = querysets.DutyQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["project", "-from_on", "-id"], name="newest_duty")]
