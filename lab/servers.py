"""How each server is started: one function a runner, all of them with several processes on one loopback port."""

from __future__ import annotations

from collections.abc import Callable

from lab.scenario import Server

BIN = "/srv/venv/bin"


def gunicorn(server: Server, port: int) -> list[str]:
    return _gunicorn(server, port, "sync")


def gunicorn_gthread(server: Server, port: int) -> list[str]:
    return [*_gunicorn(server, port, "gthread")[:-1], "--threads", "4", f"{server.app}:app"]


def gunicorn_uvicorn(server: Server, port: int) -> list[str]:
    return _gunicorn(server, port, "uvicorn_worker.UvicornWorker")


def gunicorn_gevent(server: Server, port: int) -> list[str]:
    return _gunicorn(server, port, "gevent")


def gunicorn_nginx(server: Server, port: int) -> list[str]:
    """An nginx of the host's own in front, whose access log is a file beside the journal."""
    script = (
        f'host=$(hostname); sed "s/HOST/$host/g; s/PORT/{port}/" /srv/app/front.nginx > /srv/data/$host.nginx; '
        "(until [ -S /srv/data/$host.sock ]; do sleep 0.05; done; "
        "exec /usr/sbin/nginx -e /srv/data/$host.error.log -c /srv/data/$host.nginx) & "
        'exec "$@" --bind unix:/srv/data/$host.sock'
    )
    return ["sh", "-c", script, "front", *_gunicorn(server, None, "sync")]


def waitress(server: Server, port: int) -> list[str]:
    """One process with threads; it writes no access lines."""
    return [f"{BIN}/python", "-m", "waitress", f"--listen=127.0.0.1:{port}", *server.args, f"{server.app}:app"]


def _gunicorn(server: Server, port: int | None, worker: str) -> list[str]:
    command = [f"{BIN}/python", "-m", "gunicorn", "--workers", str(server.workers), "--worker-class", worker]
    command += ["--bind", f"127.0.0.1:{port}"] if port else []
    return [*command, "--graceful-timeout", "2", *server.args, f"{server.app}:app"]


def uvicorn(server: Server, port: int) -> list[str]:
    command = [f"{BIN}/python", "-m", "uvicorn", f"{server.app}:app", "--workers", str(server.workers)]
    return [*command, "--port", str(port), *server.args]


def hypercorn(server: Server, port: int) -> list[str]:
    command = [f"{BIN}/python", "-m", "hypercorn", "--workers", str(server.workers), "--bind", f"127.0.0.1:{port}"]
    return [*command, "--access-logfile", "-", *server.args, f"{server.app}:app"]


def granian(server: Server, port: int) -> list[str]:
    interface = "asgi" if server.app.endswith("_asgi") else "wsgi"
    command = [
        f"{BIN}/python",
        "-m",
        "granian",
        "--interface",
        interface,
        "--workers",
        str(server.workers),
        "--port",
        str(port),
    ]
    return [*command, "--access-log", *server.args, f"{server.app}:app"]


def uwsgi(server: Server, port: int) -> list[str]:
    command = [f"{BIN}/uwsgi", "--master", "--http-socket", f"127.0.0.1:{port}", "--processes", str(server.workers)]
    return [
        *command,
        "--venv",
        "/srv/venv",
        "--die-on-term",
        "--need-app",
        *server.args,
        "--module",
        f"{server.app}:app",
    ]


RUNNERS: dict[str, Callable[[Server, int], list[str]]] = {
    "gunicorn": gunicorn,
    "gunicorn-gthread": gunicorn_gthread,
    "gunicorn-uvicorn": gunicorn_uvicorn,
    "gunicorn-gevent": gunicorn_gevent,
    "gunicorn-nginx": gunicorn_nginx,
    "waitress": waitress,
    "uvicorn": uvicorn,
    "hypercorn": hypercorn,
    "granian": granian,
    "uwsgi": uwsgi,
}
