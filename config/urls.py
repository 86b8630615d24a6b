"""Which app answers which path."""

from django.urls import include, path

from config import health
from config.by_method import by_method

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path(
        "api/v1/runs", by_method("dashboard.api.runs.list_runs", POST="ingest.api.upload.receive_run"), name="api-runs"
    ),
    path("", include("ingest.urls")),
    path("", include("dashboard.urls")),
]
# Under /api/ these answer in JSON too.
handler400 = "triage.api.bad_request"
handler500 = "triage.api.server_error"
