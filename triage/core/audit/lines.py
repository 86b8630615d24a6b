"""The lines that close a gap, by the program at hand. The tests hold what the servers wrote with them.

In gunicorn's format `pid=` stands first because journald takes a `<7>` at the start of a line for a level.
"""

from __future__ import annotations

import msgspec

from triage.core.servers import Server


class Line(msgspec.Struct, frozen=True):
    """One thing to write, and where."""

    text: str
    where: str


GUNICORN_PID = Line(
    "--access-logfile - --access-logformat 'pid=%(p)s %(h)s %(t)s \"%(r)s\" %(s)s %(b)s %(D)s rid=%({x-request-id}i)s'",
    "gunicorn's command line",
)
GUNICORN_LOGGER = Line(
    "from gunicorn.glogging import Logger\n"
    "class PidLogger(Logger):\n"
    '    access_fmt = "%(asctime)s pid=%(process)d %(message)s"\n'
    "logger_class = PidLogger\n"
    "access_log_format = '%(h)s \"%(r)s\" %(s)s %(b)s %(D)s rid=%({x-request-id}i)s'",
    "gunicorn.conf.py, with gunicorn --config gunicorn.conf.py --access-logfile -",
)
UVICORN_PID = Line(
    '{"version": 1, "disable_existing_loggers": false, "formatters": {"pid": {"format": "%(asctime)s pid=%(process)d'
    ' %(message)s"}}, "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "pid"}}, "loggers":'
    ' {"uvicorn": {"handlers": ["out"], "level": "INFO"}}}',
    "log.json, with uvicorn --log-config log.json",
)
HYPERCORN_PID = Line("--access-logfile -", "hypercorn's command line")
GRANIAN_PID = Line(
    '{"formatters": {"generic": {"format": "[%(levelname)s] %(message)s"}, "access": {"format": "%(asctime)s'
    ' pid=%(process)d %(message)s"}}}',
    "log.json, with granian --access-log --log-config log.json --access-log-fmt"
    " '%(addr)s - \"%(method)s %(path)s %(protocol)s\" %(status)d %(dt_ms).3f'",
)
UWSGI_PID = Line(
    "--log-format 'pid=%(pid) %(addr) [%(ltime)] \"%(method) %(uri) %(proto)\" %(status) %(size) %(micros)'",
    "uWSGI's command line; without any --log-format it writes the PID too",
)
NGINX_UPSTREAM = Line(
    'log_format lineup \'$remote_addr [$time_iso8601] "$request" $status $body_bytes_sent $request_time'
    " upstream=$upstream_addr request_id=$request_id';\naccess_log /var/log/nginx/access.log lineup;\n"
    "proxy_set_header X-Request-ID $request_id;",
    "nginx.conf, in http { }",
)
APP_PID = Line(
    'logging.basicConfig(level="INFO", format="%(asctime)s pid=%(process)d %(levelname)s %(name)s %(message)s",'
    " force=True)",
    "the application, where it sets up its logging",
)
WSGI_LINE = Line(
    "@app.after_request\n"
    "def log_request(answer):\n"
    "    at, path = datetime.now(UTC).isoformat(), request.full_path.rstrip('?')\n"
    "    said = at, os.getpid(), request.method, path, answer.status_code\n"
    "    print('%s pid=%d \"%s %s HTTP/1.1\" %d' % said, flush=True)\n"
    "    return answer",
    "the application (Flask; a middleware elsewhere), as this server writes no access log",
)
DAPHNE_ACCESS = Line("--access-log -", "daphne's command line")
UVICORN_ACCESS = Line(
    "--access-log", "uvicorn's command line (it is on unless --no-access-log or a log level hides it)"
)
GRANIAN_ACCESS = Line("--access-log", "granian's command line")
JOURNAL_FINE = Line("journalctl -o json -u SERVICE", "the command that saves the server's log")
DOCKER_TIMES = Line("docker logs --timestamps CONTAINER", "the command that saves the server's log")
PYTEST_REQUESTS = Line(
    "pytest --log-level=DEBUG --report-log=report.jsonl",
    "the command that runs the tests (pip install pytest-reportlog); upload report.jsonl as well",
)
PYTEST_TIMES = Line(
    "log_level = DEBUG\n"
    "log_format = %(asctime)s %(levelname)s %(name)s %(message)s\n"
    "log_date_format = %Y-%m-%d %H:%M:%S.%f%z",
    "pytest.ini, under [pytest]",
)
PYTEST_ALL = Line("pytest -rA --log-level=DEBUG", "the command that runs the tests")
REQUEST_ID = Line(
    "@pytest.fixture(autouse=True)\n"
    "def request_ids(monkeypatch):\n"
    "    send = requests.Session.send\n"
    "    def named(session, request, **options):\n"
    '        request.headers.setdefault("X-Request-ID", uuid.uuid4().hex)\n'
    "        answer = send(session, request, **options)\n"
    '        said = request.method, request.path_url, answer.status_code, request.headers["X-Request-ID"]\n'
    '        logging.getLogger("http").info("%s %s %s request_id=%s", *said)\n'
    "        return answer\n"
    '    monkeypatch.setattr(requests.Session, "send", named)',
    "conftest.py; and on the server, ",
)
NEW_CONNECTIONS = Line('session.headers["Connection"] = "close"', "the tests, where they make their HTTP session")
CLIENT_ZONE = Line('"client_timezone": "Europe/Berlin"', "the upload's meta; for explain, --client-timezone")
SERVER_ZONE = Line('"server_timezone": "Europe/Berlin"', "the upload's meta; for explain, --server-timezone")
SYNCHRONISED = Line("timedatectl set-ntp true", "the hosts of the tests and of the server, before the tests start")
KUBERNETES_NAMES = Line(
    "docker compose logs --timestamps --no-color, or kubectl logs --prefix --timestamps -l app=NAME",
    "the command that saves the server's log",
)
HOST_NAMES = Line("web1.log, web2.log", "the names of the files that are uploaded: one file a host")
JOURNAL_WHOLE = Line("journalctl -o json --all -u SERVICE", "the command that saves the server's log")

PIDS: dict[Server, Line] = {
    Server.GUNICORN: GUNICORN_PID,
    Server.UVICORN_WORKER: GUNICORN_LOGGER,
    Server.UVICORN: UVICORN_PID,
    Server.HYPERCORN: HYPERCORN_PID,
    Server.GRANIAN: GRANIAN_PID,
    Server.UWSGI: UWSGI_PID,
    Server.WAITRESS: APP_PID,
    Server.DAPHNE: APP_PID,
}
ACCESS: dict[Server, Line] = PIDS | {
    Server.UVICORN: UVICORN_ACCESS,
    Server.GRANIAN: GRANIAN_ACCESS,
    Server.WAITRESS: WSGI_LINE,
    Server.DAPHNE: DAPHNE_ACCESS,
}
# Lines that write fractions of a second, which gunicorn's own access format cannot.
FINE: dict[Server, Line] = {
    Server.GUNICORN: GUNICORN_LOGGER,
    Server.UVICORN_WORKER: GUNICORN_LOGGER,
    Server.UVICORN: UVICORN_PID,
    Server.GRANIAN: GRANIAN_PID,
}


def pid_line(server: Server | None) -> Line:
    """What makes the server at hand write its PID into each access line."""
    return _of(server, PIDS, APP_PID)


def access_line(server: Server | None) -> Line:
    return _of(server, ACCESS, WSGI_LINE)


def _of(server: Server | None, known: dict[Server, Line], otherwise: Line) -> Line:
    """The server's own line; gunicorn's, said to be an example, where no line shows which server it is."""
    if server is not None:
        return known.get(server, otherwise)
    return Line(GUNICORN_PID.text, f"{GUNICORN_PID.where}, or what does the same in another server's format")


APP_ID = "request_id= with the header X-Request-ID in each of the application's lines"


def with_request_id(server: Server | None) -> Line:
    """The snippet for the tests' side, and where the same id goes on the server's."""
    own = {
        Server.GUNICORN: f"gunicorn {GUNICORN_PID.text}",
        Server.UWSGI: "uWSGI --log-format with request_id=%(var.HTTP_X_REQUEST_ID)",
    }
    told = own.get(
        server or Server.GUNICORN, "a line of the application's with request_id= and the header X-Request-ID"
    )
    return Line(REQUEST_ID.text, REQUEST_ID.where + told)
