"""Hosts that differ: files on one disk, two releases at once; and a database that each process has for itself."""

from __future__ import annotations

from lab import styles
from lab.scenario import Scenario, Server, Truth
from lab.scenarios.memory import ACCESS, MEMORY, WITH_PID, split

CONSISTENT = Truth(kind="consistent_failure")
UPLOADED = split("replica", ("PUT", "/files/.*"), ("GET", "/files/.*"))
UPLOADED_TRUTHS = (
    ("test_uploaded_file_is_listed", split("replica", ("PUT", "/files/.*"), ("GET", "/files"))),
    ("test_deleted_file", split("replica", ("PUT", "/files/.*"), ("DELETE", "/files/.*"))),
)
# By answers alone an old release is like a host that is broken.
RELEASED = split("replica", ("POST", "/customers"), ("GET", "/customers/[0-9a-f]+"))
RELEASED_TRUTHS = (("test_page", split("replica", ("GET", "/"), ("GET", "/static/.*"))),)
NO_TABLE = split("in_memory_database", ("POST", "/notes(/setup)?"), ("(POST|GET)", "/notes"))
OLD_AND_NEW = (("web1", "RELEASE", "1"), ("web2", "RELEASE", "2"))

SCENARIOS = (
    Scenario(
        slug="uploads-two-hosts",
        about="Uploads stay on the disk of the host that took them; two hosts with two uvicorn workers each.",
        server=Server(
            app="uploads_asgi",
            runner="uvicorn",
            env=(("FILES", "local"),),
            workers=2,
            more_hosts=("web2",),
            modes=("short-iso-precise",),
        ),
        client=styles.precise("uploads"),
        truth=UPLOADED,
        other_truths=UPLOADED_TRUTHS,
        remedy_helps=True,
        split_kind=23,
    ),
    Scenario(
        slug="uploads-three-hosts",
        about="The same on three hosts with one gunicorn worker each, the journals as JSON.",
        server=Server(
            app="uploads_asgi",
            runner="gunicorn-uvicorn",
            env=(("FILES", "local"),),
            args=ACCESS,
            workers=1,
            more_hosts=("web2", "web3"),
            modes=("json",),
        ),
        client=styles.both("uploads"),
        truth=UPLOADED,
        other_truths=UPLOADED_TRUTHS,
        remedy_helps=True,
        split_kind=23,
    ),
    Scenario(
        slug="uploads-healthy",
        about="The same two hosts with a volume that both see.",
        server=Server(
            app="uploads_asgi", runner="uvicorn", workers=2, more_hosts=("web2",), modes=("short-iso-precise",)
        ),
        client=styles.precise("uploads"),
        truth=CONSISTENT,
        look_alike="shared volume",
    ),
    Scenario(
        slug="release-two-versions",
        about="A rolling deployment: one host still has the old release, with a field less and another asset.",
        server=Server(
            app="release_app",
            args=ACCESS,
            workers=2,
            more_hosts=("web2",),
            host_env=OLD_AND_NEW,
            modes=("short-precise",),
        ),
        client=styles.precise("release"),
        truth=RELEASED,
        other_truths=RELEASED_TRUTHS,
        remedy_helps=True,
        split_kind=25,
    ),
    Scenario(
        slug="release-two-versions-file",
        about="The same under uWSGI with a plain log file of each host, whose lines carry a PID.",
        server=Server(
            app="release_app",
            runner="uwsgi",
            env=(("LOG_STYLE", "pid"),),
            workers=2,
            more_hosts=("web2",),
            host_env=OLD_AND_NEW,
            modes=(),
        ),
        client=styles.stamped("release"),
        truth=RELEASED,
        other_truths=RELEASED_TRUTHS,
        remedy_helps=True,
        split_kind=25,
    ),
    Scenario(
        slug="release-healthy",
        about="Both hosts have the new release.",
        server=Server(
            app="release_app",
            args=ACCESS,
            workers=2,
            more_hosts=("web2",),
            env=(("RELEASE", "2"),),
            modes=("short-precise",),
        ),
        client=styles.precise("release"),
        truth=CONSISTENT,
        look_alike="two hosts",
    ),
    Scenario(
        slug="database-in-memory",
        about="A sqlite database in memory under uWSGI: the table is made in one process and missed in the next.",
        server=Server(app="limits_app", runner="uwsgi", env=MEMORY, modes=("short-iso-precise",)),
        client=styles.precise("limits", "-k", "note or first_code"),
        truth=NO_TABLE,
        remedy_helps=True,
        split_kind=17,
    ),
    Scenario(
        slug="database-in-memory-file",
        about="The same under gunicorn with four workers and a plain log file whose access lines carry a PID.",
        server=Server(app="limits_app", env=(*MEMORY, ("LOG_STYLE", "pid")), args=WITH_PID, workers=4, modes=()),
        client=styles.captured("limits", "-k", "note or first_code"),
        truth=NO_TABLE,
        remedy_helps=True,
        split_kind=17,
    ),
)
