"""The sign of life of the Celery workers, kept where every web process sees it: in the shared cache.

A worker's main process writes, every few seconds, one key for each queue it reads; a key that ran out means that nobody
reads that queue. Busy pool processes do not delay it, and any broker will do.
"""

from __future__ import annotations

import logging
import os
import socket
import time

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection

EVERY = 3.0  # seconds
LASTS = 15  # seconds after which a queue counts as unread

log = logging.getLogger(__name__)
_last = 0.0  # of this worker process only: when it last wrote


def beat(queues: tuple[str, ...]) -> None:
    """Say that this worker reads these queues. Called from the worker's event loop every two seconds."""
    global _last
    if time.monotonic() - _last < EVERY:
        return
    _last = time.monotonic()
    try:
        who = f"{socket.gethostname()}[{os.getpid()}]"
        cache.set_many({_key(queue): who for queue in queues}, timeout=LASTS)
    except DatabaseError as error:
        log.warning("no sign of life given: %s", str(error).splitlines()[0])
    finally:
        connection.close()  # the pool's processes are forked from this one and must not inherit a connection


def unread_queues() -> tuple[str, ...]:
    """The queues that no worker has read lately. Raises DatabaseError."""
    living = cache.get_many([_key(queue) for queue in settings.LINEUP_QUEUES])
    return tuple(queue for queue in settings.LINEUP_QUEUES if _key(queue) not in living)


def _key(queue: str) -> str:
    return f"worker:{queue}"
