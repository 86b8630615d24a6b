"""Start-up and shut-down talk of servers, which no request caused."""

from __future__ import annotations

import re

_CHATTER = re.compile(
    r"Application (startup|shutdown)|Waiting for application|Uvicorn running|Running on http|Listening at|Using worker|"
    r"Started (server|parent|reloader)|Control socket|Handling signal|Shutting down|Finished server|Spawning worker|"
    r"Starting (gunicorn|granian|worker)|Started worker|Booting worker|Worker exiting|Stopping worker|"
    r"\*\*\* |spawned uWSGI|WSGI app 0|mapped \d|your (processes|server|memory)|detected |uwsgi socket|"
    r"Serving Flask|Debug mode|Press CTRL|Started |Stopped |Starting |Stopping |Deactivated|Consumed "
)


def is_chatter(message: str) -> bool:
    """Whether a server says this of itself."""
    return _CHATTER.search(message[:200]) is not None
