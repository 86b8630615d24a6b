"""The read API and its page; whatever else lies under /api/ is a 404 in JSON."""

from django.urls import path, re_path

from dashboard.api.groups import judge_verdict, list_groups, show_group
from dashboard.api.items import decide_on_item, list_items, show_item, undo_decision
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
    path("v1/items", list_items, name="api-items"),
    path("v1/items/<int:pk>", show_item, name="api-item"),
    path("v1/items/<int:pk>/decisions", decide_on_item, name="api-decisions"),
    path("v1/decisions/<int:pk>/undo", undo_decision, name="api-undo"),
    re_path("", nothing_here),
]
