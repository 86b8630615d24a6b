"""The read API and its page; whatever else lies under /api/ is a 404 in JSON."""

from django.urls import path, re_path

from dashboard.api.page import show_api, show_openapi
from dashboard.api.runs import show_run, show_steps
from triage.api import nothing_here

urlpatterns = [
    path("", show_api, name="api"),
    path("v1/openapi.json", show_openapi, name="openapi"),
    path("v1/runs/<uuid:run_id>", show_run, name="api-run"),
    path("v1/runs/<uuid:run_id>/steps", show_steps, name="api-steps"),
    re_path("", nothing_here),
]
