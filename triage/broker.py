"""A way to the broker for those who cannot wait for it."""

from __future__ import annotations

from typing import Any

from celery import current_app


def at_once() -> Any:
    """A connection for one message, in a `with` block, that fails at once where nobody listens.

    Celery's shared connections try again until their timeout is over, `retry=False` or not: that option is about the
    message. An upload would wait seconds for a broker that is down.
    """
    options: dict[str, float] = {"max_retries": 0}
    if str(current_app.conf.broker_url).startswith("redis"):
        options |= {"socket_connect_timeout": 1.0, "socket_timeout": 1.5}  # one that hangs costs this much
    return current_app.connection_for_write(connect_timeout=1.0, transport_options=options)
