"""Every format that Lineup reads, by side, as literal tuples: adding one is one file and one line here."""

from __future__ import annotations

from ingest.formats import (
    journal_export,
    journal_json,
    journal_short,
    journal_short_full,
    journal_short_iso,
    journal_short_iso_precise,
    journal_short_precise,
    journal_short_unix,
    junit,
    loguru,
    plain,
    pytest_log_file,
    pytest_terminal,
    python_log,
    reportlog,
)
from ingest.formats.bare import Bare
from ingest.formats.base import Format
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

SERVER_FORMATS: tuple[Format, ...] = (
    journal_export,
    journal_json,
    journal_short,
    journal_short_precise,
    journal_short_iso,
    journal_short_iso_precise,
    journal_short_full,
    journal_short_unix,
    Bare(gunicorn_error),
    Bare(access),
    Bare(uvicorn),
    Bare(hypercorn),
    Bare(granian),
    Bare(uwsgi),
    Bare(flask_app),
    Bare(werkzeug),
    Bare(django),
    Bare(json_app),
    Bare(systemd),
    Bare(python_logging),
    plain,
)

CLIENT_FORMATS: tuple[Format, ...] = (
    reportlog,
    junit,
    pytest_terminal,
    pytest_log_file,
    loguru,
    python_log,
)

FORMATS: tuple[Format, ...] = SERVER_FORMATS + CLIENT_FORMATS
