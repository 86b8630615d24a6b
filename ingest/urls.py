"""Addresses that ingest alone answers. The upload shares /api/v1/runs with the read API: see config/urls.py."""

from django.urls import path

from ingest.views import drop, formats, line_formats, redaction

urlpatterns = [
    path("drop", drop.drop, name="drop"),
    path("p/<slug:slug>/drop", drop.drop_files, name="drop-files"),
    path("formats", formats.formats, name="formats"),
    path("formats/try", formats.try_lines, name="try-lines"),
    path("p/<slug:slug>/settings/formats", line_formats.line_formats, name="line-formats"),
    path("p/<slug:slug>/settings/formats/new", line_formats.new_line_format, name="new-line-format"),
    path("p/<slug:slug>/settings/formats/try", line_formats.try_line_format, name="try-line-format"),
    path("p/<slug:slug>/settings/formats/<int:key>", line_formats.line_format, name="line-format"),
    path("p/<slug:slug>/settings/formats/<int:key>/delete", line_formats.delete_line_format, name="delete-line-format"),
    path(
        "p/<slug:slug>/settings/formats/<int:key>/restore", line_formats.restore_line_format, name="restore-line-format"
    ),
    path("p/<slug:slug>/settings/redaction", redaction.redaction, name="redaction"),
    path("p/<slug:slug>/settings/redaction/try", redaction.try_redaction, name="try-redaction"),
    path("p/<slug:slug>/settings/redaction/<int:key>/delete", redaction.delete_redaction, name="delete-redaction"),
    path("p/<slug:slug>/settings/redaction/<int:key>/restore", redaction.restore_redaction, name="restore-redaction"),
]
