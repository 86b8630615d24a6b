"""Every message grammar, as a literal tuple: the order is the order of trying, the specific before the general."""

from __future__ import annotations

from ingest.formats.messages import (
    access,
    django,
    flask_app,
    granian,
    gunicorn_error,
    hypercorn,
    json_app,
    python_logging,
    systemd,
    uvicorn,
    uwsgi,
    werkzeug,
)
from ingest.formats.messages.said import Grammar

GRAMMARS: tuple[Grammar, ...] = (
    flask_app,
    hypercorn,
    gunicorn_error,
    uvicorn,
    granian,
    uwsgi,
    werkzeug,
    django,
    json_app,
    systemd,
    access,
    python_logging,
)
