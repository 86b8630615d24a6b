"""Every gap that an audit may name, for people: what it hides, when it is named, and what closes it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from triage.core.audit import lines
from triage.core.audit.lines import Line


class Known(msgspec.Struct, frozen=True):
    """One kind of gap."""

    kind: str
    title: str
    hides: str  # what cannot be told because of it, and when it is named
    closed_by: tuple[Line, ...] = ()


_SAVE = Line(
    'journalctl -o json -u SERVICE --since "START" --until "END" > server.json',
    "the server's host, after the tests; the run page fills in the run's own times",
)

CATALOGUE: tuple[tuple[str, tuple[Known, ...]], ...] = (
    (
        "The server's log",
        (
            Known("no_server_log", "There is none", "Who served a request.", (_SAVE,)),
            Known(
                "server_log_of_another_time",
                "It is of another time than the tests",
                "Who served a request: none of its lines can be the tests'.",
                (_SAVE,),
            ),
            Known(
                "server_log_of_another_service",
                "It is another service's or another host's",
                "Who served a request: the two logs have no path in common.",
                (_SAVE,),
            ),
            Known(
                "server_log_begins_within",
                "It begins within the run",
                "Who served the requests before its first line, which the tests had answered.",
                (_SAVE,),
            ),
            Known(
                "server_log_ends_within",
                "It ends within the run",
                "Who served the requests after its last line, which the tests had answered: it was rotated or cut.",
                (_SAVE,),
            ),
            Known("messages_left_out", "journalctl left out long messages", "What these say.", (lines.JOURNAL_WHOLE,)),
            Known(
                "log_sifted",
                "It is too long to be compared whole",
                "What others changed in between: lines that name nothing of the tests' are passed over.",
                (_SAVE,),
            ),
        ),
    ),
    (
        "Which process served a request",
        (
            Known(
                "no_pid",
                "No PID in the access line",
                "Which worker served a request. hypercorn and uWSGI write theirs unless told otherwise; uvicorn and"
                " granian have no option for it, but take a logging configuration. A journal that is saved with its"
                " PIDs needs none of this.",
                (lines.GUNICORN_PID, lines.UVICORN_PID, lines.GRANIAN_PID, lines.HYPERCORN_PID, lines.UWSGI_PID),
            ),
            Known(
                "uvicorn_worker_format",
                "UvicornWorker ignores gunicorn's access format",
                "Which worker served a request: --access-logformat has no effect, gunicorn's logger class has.",
                (lines.GUNICORN_LOGGER,),
            ),
            Known(
                "parent_pid",
                "Every line carries the parent's PID",
                "Which worker served a request. journald before systemd 244 stamps what a worker writes to an inherited"
                " stdout with the PID of the process that started it, and output through a pipe with that of the pipe's"
                " end: the workers have to write their own, as above.",
                (lines.GUNICORN_PID,),
            ),
            Known(
                "no_pid_in_app_lines",
                "Only the application tells of requests, without a PID",
                "Which worker wrote a line.",
                (lines.APP_PID,),
            ),
            Known(
                "proxy_hides_process",
                "Only a proxy tells of requests",
                "Which server behind it answered, and which of its workers. The same holds for Apache, whose %P is its"
                " own child and not the Python process: the application's server has to write its PID.",
                (lines.NGINX_UPSTREAM,),
            ),
            Known(
                "no_host_names",
                "Logs of several hosts name none",
                "Whether the same PID in two logs is one process.",
                (lines.HOST_NAMES, lines.JOURNAL_FINE),
            ),
            Known(
                "containers_share_pid",
                "Every container's server is PID 1",
                "Which replica answered: no line names the container.",
                (lines.KUBERNETES_NAMES,),
            ),
            Known(
                "kept_alive",
                "A test's requests all go over one connection",
                "Anything of the other workers: one connection is answered by one worker, so a pass proves nothing. A"
                " reproduction should open a new connection for each request.",
                (lines.NEW_CONNECTIONS,),
            ),
        ),
    ),
    (
        "Which requests there were",
        (
            Known(
                "no_access_log",
                "No access log",
                "Requests of which the application wrote nothing.",
                (
                    lines.GUNICORN_PID,
                    lines.HYPERCORN_PID,
                    lines.GRANIAN_ACCESS,
                    lines.UVICORN_ACCESS,
                    lines.DAPHNE_ACCESS,
                    lines.WSGI_LINE,
                ),
            ),
            Known(
                "no_test_requests",
                "The tests' logs name no request",
                "Which of the server's requests are a test's.",
                (lines.PYTEST_REQUESTS,),
            ),
            Known(
                "requests_derived",
                "The tests' logs do not name all of their requests",
                "Some are derived from the server's order and times, which is less sure.",
                (lines.PYTEST_REQUESTS,),
            ),
            Known(
                "silent_failures",
                "A failing test left no line of what it did",
                "The request that disappointed it.",
                (lines.PYTEST_REQUESTS,),
            ),
            Known(
                "lines_name_no_test",
                "Lines that name no test",
                "Which test wrote a line.",
                (lines.PYTEST_REQUESTS,),
            ),
            Known(
                "only_failures_logged",
                "Only failing tests are logged",
                "Whether passing tests crossed processes as well, which would speak against a split.",
                (lines.PYTEST_ALL,),
            ),
            Known(
                "no_request_id",
                "No id of a request in both logs",
                "Which of several lines that fit is a step's. Named only where that is not sure.",
                (Line(lines.REQUEST_ID.text, "conftest.py; the server logs the header X-Request-ID"),),
            ),
        ),
    ),
    (
        "When it was",
        (
            Known("no_test_times", "The tests' lines tell no time", "More than their order.", (lines.PYTEST_TIMES,)),
            Known(
                "no_server_times",
                "The server's lines tell no time",
                "More than their order.",
                (lines.JOURNAL_FINE, lines.DOCKER_TIMES, lines.APP_PID),
            ),
            Known(
                "coarse_server_stamps",
                "The server tells whole seconds",
                "Which of several processes' requests in one second was a test's. Named only where that is open.",
                (lines.JOURNAL_FINE, lines.GUNICORN_LOGGER, lines.UVICORN_PID, lines.GRANIAN_PID),
            ),
            Known(
                "coarse_test_stamps",
                "The tests tell whole seconds",
                "The same, from the other side.",
                (lines.PYTEST_TIMES,),
            ),
            Known(
                "zone_not_told",
                "A log names no zone",
                "Whether the two logs are hours apart, where nothing else tells.",
                (lines.CLIENT_ZONE, lines.SERVER_ZONE),
            ),
            Known(
                "clock_undecided",
                "Nothing tells how far the clocks are apart",
                "Which line belongs to which step, beyond order and content.",
                (lines.SYNCHRONISED,),
            ),
            Known(
                "clock_was_set",
                "A clock was set while the tests ran",
                "Which line belongs to which step around that moment.",
                (lines.SYNCHRONISED,),
            ),
        ),
    ),
)

_INTRODUCTION = """\
# What logs cannot prove

Lineup says of each run what its logs leave open, most harmful first, with the line that would close the gap for the
very server at hand. A gap is only named where it holds: a good run has none. This is the whole list, by the name
that the API gives each gap.

The lines for gunicorn, uvicorn, granian, hypercorn, uWSGI, nginx, Flask and pytest were run as they stand, and the
tests hold what came out; those for docker, kubectl, daphne and the clock follow these programs' documentation.
"""


def as_markdown() -> str:
    """The list as a page of the documentation."""
    return "\n".join(_page())


def _page() -> Iterator[str]:
    yield _INTRODUCTION
    for section, gaps in CATALOGUE:
        yield f"## {section}\n"
        for gap in gaps:
            yield f"### {gap.title} (`{gap.kind}`)\n"
            yield f"Cannot be told: {gap.hides[0].lower()}{gap.hides[1:]}\n"
            for line in gap.closed_by:
                yield f"Where: {line.where}.\n"
                yield f"```\n{line.text}\n```\n"
