"""Addresses that ingest alone answers. The upload shares /api/v1/runs with the read API: see config/urls.py."""

urlpatterns: list = []
