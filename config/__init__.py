"""The composition root: settings, URLs, Celery, WSGI. It names the apps only as strings."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
