"""Where each format comes from: its group on the formats page, and the command that makes such a file."""

from __future__ import annotations

import msgspec

from triage.core.records import Side

GROUPS = (
    ("journal", "Journal and syslog"),
    ("servers", "Servers and applications"),
    ("wrappers", "Containers and CI wrappers"),
    ("tests", "Tests"),
    ("reports", "Reports"),
    ("archives", "Archives and compression"),
)


class Produced(msgspec.Struct, frozen=True):
    group: str
    command: str


# fmt: off
PRODUCED: dict[str, Produced] = {name: Produced(*told) for name, *told in (
    ("journal-export", "journal", "journalctl -o export --since -2h > web1.journal"),
    ("journal-json", "journal", "journalctl -o json --since -2h > web1.journal"),
    ("journal-verbose", "journal", "journalctl -o verbose --since -2h > web1.journal"),
    ("journal-short", "journal", "journalctl --since -2h > web1.journal, or /var/log/syslog"),
    ("journal-short-precise", "journal", "journalctl -o short-precise --since -2h > web1.journal"),
    ("journal-short-iso", "journal", "journalctl -o short-iso --since -2h > web1.journal"),
    ("journal-short-iso-precise", "journal", "journalctl -o short-iso-precise --since -2h > web1.journal"),
    ("journal-short-full", "journal", "journalctl -o short-full --since -2h > web1.journal"),
    ("journal-short-unix", "journal", "journalctl -o short-unix --since -2h > web1.journal"),
    ("journal-monotonic", "journal", "journalctl -o short-monotonic --since -2h > web1.journal"),
    ("syslog-5424", "journal", "rsyslogd with RSYSLOG_SyslogProtocol23Format, or logger --rfc5424"),
    ("syslog-3164", "journal", "rsyslogd with priorities, or BusyBox's syslogd"),
    ("gunicorn-error", "servers", "gunicorn --workers 3 --error-logfile gunicorn.log app:app"),
    ("access-log", "servers", "gunicorn --access-logfile access.log app:app; nginx and Apache in combined format"),
    ("access-words", "servers", "nginx or gunicorn with a log format without quotes"),
    ("gunicorn-syslog", "servers", "gunicorn --log-syslog app:app"),
    ("uvicorn", "servers", "uvicorn --workers 3 app:app > server.log 2>&1"),
    ("hypercorn", "servers", "hypercorn --workers 3 --access-logfile - app:app > server.log 2>&1"),
    ("granian", "servers", "granian --workers 3 --access-log app:app > server.log 2>&1"),
    ("uwsgi", "servers", "uwsgi --master --processes 3 --logto server.log"),
    ("waitress", "servers", "waitress-serve --call app:make > server.log 2>&1"),
    ("daphne", "servers", "daphne --access-log access.log app:application"),
    ("apache-error", "servers", "Apache's error_log, with mod_wsgi in it"),
    ("nginx-error", "servers", "nginx: error_log logs/error.log info;"),
    ("celery", "servers", "celery -A app worker --concurrency 3 > worker.log 2>&1"),
    ("puma", "servers", "puma --workers 3 > server.log 2>&1"),
    ("unicorn", "servers", "unicorn -c unicorn.rb > server.log 2>&1"),
    ("sanic", "servers", "sanic app:app --workers 3 --access-logs > server.log 2>&1"),
    ("tornado", "servers", "a Tornado application with tornado.log's own lines; Jupyter"),
    ("ruby-logger", "servers", "Ruby's Logger, as in Rack and Sinatra"),
    ("rails", "servers", "bin/rails server, log/production.log"),
    ("pm2", "servers", "pm2 logs --raw, and ~/.pm2/pm2.log"),
    ("php-fpm", "servers", "php-fpm, its error_log and its access.log"),
    ("flask-app", "servers", "app.logger in a Flask app"),
    ("werkzeug", "servers", "flask run > server.log 2>&1"),
    ("django", "servers", "python manage.py runserver > server.log 2>&1"),
    ("json-app", "servers", "structlog or python-json-logger in the application"),
    ("systemd", "servers", "what systemd itself says of a unit, without journalctl's columns"),
    ("procfile", "servers", "what honcho or foreman itself says of the processes of a Procfile"),
    ("python-logging", "servers", "logging in the application, in any common format"),
    ("plain", "servers", "anything whose lines begin with a time"),
    ("azure-pipelines", "wrappers", "Azure Pipelines: Download logs"),
    ("github-actions", "wrappers", "GitHub Actions: Download log archive"),
    ("github-cli", "wrappers", "gh run view --log > console.log"),
    ("gitlab", "wrappers", "GitLab: the job's raw log"),
    ("buildkite", "wrappers", "Buildkite: Download log"),
    ("jenkins", "wrappers", "Jenkins: consoleText, with or without timestamps"),
    ("circleci", "wrappers", "CircleCI: Download the full output"),
    ("docker-json-file", "wrappers", "/var/lib/docker/containers/…-json.log"),
    ("cri", "wrappers", "/var/log/pods/…/0.log"),
    ("docker-timestamps", "wrappers", "docker logs -t web > web.log 2>&1"),
    ("docker-compose", "wrappers", "docker compose logs --no-color > server.log"),
    ("kubectl", "wrappers", "kubectl logs --prefix --timestamps -l app=web > server.log"),
    ("honcho", "wrappers", "honcho start > server.log"),
    ("stern", "wrappers", "stern web --timestamps > server.log"),
    ("stamped", "wrappers", "ts, or any runner that puts a time before each line"),
    ("pytest-terminal", "tests", "pytest -rA 2>&1 | tee pytest.log"),
    ("unittest-text", "tests", "python -m unittest -v 2>&1 | tee tests.log, or manage.py test -v 2"),
    ("pytest-log-file", "tests", "pytest --log-file pytest.log --log-file-level DEBUG"),
    ("loguru", "tests", "loguru in the tests, and frameworks built on it"),
    ("http-trace", "tests", "curl -v http://127.0.0.1:8000/cars 2>&1 | tee client.log, or DEBUG=pw:api"),
    ("newman-cli", "tests", "newman run cars.json 2>&1 | tee client.log"),
    ("python-log", "tests", "logging or structlog in the tests, in any common format"),
    ("pytest-reportlog", "reports", "pytest --report-log report.jsonl (pytest-reportlog)"),
    ("junit-xml", "reports", "pytest --junitxml report.xml -o junit_logging=all"),
    ("pytest-json-report", "reports", "pytest --json-report --json-report-file report.json (pytest-json-report)"),
    ("playwright-json", "reports", "npx playwright test --reporter json > report.json"),
    ("playwright-trace", "reports", "npx playwright test --trace on, the trace.zip of a test"),
    ("har", "reports", "an HTTP archive, as browsers and Playwright record it"),
    ("newman-json", "reports", "newman run cars.json --reporters json"),
    ("robot-output", "reports", "robot --output output.xml tests/"),
    ("ctrf", "reports", "a CTRF reporter, such as pytest --ctrf report.json"),
    ("allure-results", "reports", "pytest --alluredir results (allure-pytest), sent as zip or tar"),
)}
# fmt: on


def produced(name: str, side: Side | None, *, wrapper: bool = False) -> Produced:
    """Where a format belongs; one that is not listed goes with its side."""
    if wrapper and name in PRODUCED:
        return Produced("wrappers", PRODUCED[name].command)
    fallback = Produced("wrappers" if wrapper else "tests" if side is Side.TESTS else "servers", "")
    return PRODUCED.get(name, fallback)
