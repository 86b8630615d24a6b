"""Every format that Lineup reads, by side, as literal tuples: adding one is one file and one line here."""

from __future__ import annotations

from ingest.formats import plain, pytest_terminal, unittest_text
from ingest.formats.bare import Bare
from ingest.formats.base import Format
from ingest.formats.client_logs import http_trace_log, loguru, newman_cli, pytest_log_file, python_log
from ingest.formats.journal import export as journal_export
from ingest.formats.journal import json_lines as journal_json
from ingest.formats.journal import monotonic as journal_monotonic
from ingest.formats.journal import short as journal_short
from ingest.formats.journal import short_full as journal_short_full
from ingest.formats.journal import short_iso as journal_short_iso
from ingest.formats.journal import short_iso_precise as journal_short_iso_precise
from ingest.formats.journal import short_precise as journal_short_precise
from ingest.formats.journal import short_unix as journal_short_unix
from ingest.formats.journal import verbose as journal_verbose
from ingest.formats.messages import (
    access,
    access_words,
    apache_error,
    celery_worker,
    daphne,
    django,
    flask_app,
    granian,
    gunicorn_error,
    gunicorn_syslog,
    hypercorn,
    json_app,
    nginx_error,
    php_fpm,
    pm2,
    procfile,
    puma,
    python_logging,
    rails,
    ruby_logger,
    sanic,
    systemd,
    tornado,
    unicorn,
    uvicorn,
    uwsgi,
    waitress,
    werkzeug,
)
from ingest.formats.reports import (
    allure,
    ctrf,
    har,
    json_report,
    junit,
    newman,
    playwright_report,
    playwright_trace,
    reportlog,
    robot,
)
from ingest.formats.syslog import rfc3164 as syslog_3164
from ingest.formats.syslog import rfc5424 as syslog_5424

SERVER_FORMATS: tuple[Format, ...] = (
    journal_export,
    journal_json,
    syslog_5424,  # before the journal's short modes, which fit some of syslog's lines as well
    syslog_3164,
    journal_short,
    journal_short_precise,
    journal_short_iso,
    journal_short_iso_precise,
    journal_short_full,
    journal_short_unix,
    journal_verbose,
    journal_monotonic,
    Bare(gunicorn_error),
    Bare(gunicorn_syslog),
    Bare(access),
    Bare(uvicorn),
    Bare(hypercorn),
    Bare(granian),
    Bare(uwsgi),
    Bare(waitress),
    Bare(daphne),
    Bare(celery_worker),
    Bare(nginx_error),
    Bare(apache_error),
    Bare(puma),
    Bare(unicorn),
    Bare(sanic),
    Bare(tornado),
    Bare(ruby_logger),
    Bare(rails),
    Bare(php_fpm),
    Bare(pm2),
    Bare(access_words),
    Bare(flask_app),
    Bare(werkzeug),
    Bare(django),
    Bare(json_app),
    Bare(systemd),
    Bare(procfile),
    Bare(python_logging),
    plain,
)

CLIENT_FORMATS: tuple[Format, ...] = (
    reportlog,
    junit,
    json_report,
    ctrf,
    allure,
    playwright_report,
    playwright_trace,
    har,
    newman,
    newman_cli,
    robot,
    pytest_terminal,
    unittest_text,
    pytest_log_file,
    http_trace_log,
    loguru,
    python_log,
)

FORMATS: tuple[Format, ...] = SERVER_FORMATS + CLIENT_FORMATS
