"""The read API and its page; whatever else lies under /api/ is a 404 in JSON."""

from django.urls import path, re_path

from dashboard.api.groups import judge_verdict, list_groups, show_group
from dashboard.api.page import show_api, show_openapi
from dashboard.api.runs import show_run, show_steps
from triage.api import nothing_here

urlpatterns = [
    path("", show_api, name="api"),
    path("v1/openapi.json", show_openapi, name="openapi"),
    path("v1/runs/<uuid:run_id>", show_run, name="api-run"),
    path("v1/runs/<uuid:run_id>/steps", show_steps, name="api-steps"),
    path("v1/runs/<uuid:run_id>/judgements", judge_verdict, name="api-judgements"),
    path("v1/groups", list_groups, name="api-groups"),
    path("v1/groups/<int:pk>", show_group, name="api-group"),
    re_path("", nothing_here),
]
