"""The rest of a body that is refused, taken and thrown away, so that its sender sees the answer."""

from __future__ import annotations

import time

from django.http import HttpRequest, UnreadablePostError

BLOCK = 256 * 1024  # bytes read at once
LOGS, FORM = (256 * 2**20, 20.0), (32 * 2**20, 5.0)  # bytes and seconds that are taken, of logs and of any form
IDLE_S = 2.0


def read_out(request: HttpRequest, bounds: tuple[int, float]) -> None:
    """Takes the rest of a refused body, within bounds: a browser shows an answer only once it has sent everything."""
    socket = request.META.get("gunicorn.socket")
    patience = socket.gettimeout() if socket is not None else None
    left, ends = bounds[0], time.monotonic() + bounds[1]
    try:
        if socket is not None:
            socket.settimeout(IDLE_S)
        while left > 0 and time.monotonic() < ends and (data := request.read(BLOCK)):
            left -= len(data)
    except (UnreadablePostError, OSError):
        return  # it has gone, or is too slow: then it will not see the answer
    finally:
        if socket is not None:
            socket.settimeout(patience)
