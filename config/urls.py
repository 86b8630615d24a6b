"""Which app answers which path."""

from django.urls import include, path

urlpatterns = [
    path("", include("ingest.urls")),
    path("", include("dashboard.urls")),
]
