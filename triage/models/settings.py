"""What a team tells Lineup about its own logs: the form of its lines, and what in them is nobody's business."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from triage import querysets
from triage.models.project import Project


class LineFormat(models.Model):
    """One line format of a project: ingest.formats.line_format.LineFormat as a row."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="line_formats")
    name = models.CharField(max_length=60)
    slug = models.CharField(max_length=40)  # custom-…: what parts call their format
    side = models.CharField(max_length=6)  # tests or server
    kind = models.CharField(max_length=8)  # template or regex
    pattern = models.CharField(max_length=1000)
    time = models.CharField(max_length=100, blank=True)  # how an expression's time is written; "" for any known form
    sample = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)  # can be undone

    objects = querysets.LineFormatQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "slug"], condition=Q(deleted_at=None), name="one_line_format_a_name"
            )
        ]
        ordering = ["name", "pk"]


class RedactionPattern(models.Model):
    """What a project wants redacted beside what always is."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="redaction_patterns")
    name = models.CharField(max_length=40)  # the kind that a placeholder shows
    pattern = models.CharField(max_length=500)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = querysets.RedactionPatternQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], condition=Q(deleted_at=None), name="one_redaction_pattern_a_name"
            )
        ]
        ordering = ["name", "pk"]
