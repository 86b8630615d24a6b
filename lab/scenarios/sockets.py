"""Connections that only the process that accepted them knows: WebSockets, event streams, long polling."""

from __future__ import annotations

from lab import styles
from lab.scenario import Scenario, Server, Truth
from lab.scenarios.memory import ACCESS, MEMORY, WITH_PID, split

CONSISTENT = Truth(kind="consistent_failure")
# The suites open WebSockets, which the hook for requests does not see.
SOCKETS = ("-p", "lab_websocket")
UNHEARD = split("broadcast", ("POST", "/rooms/.*/messages"), ("GET", "/ws/rooms/.*"))
UNKNOWN_SESSION = split("in_memory", ("GET", "/sse"), ("POST", "/messages/"))
UNKNOWN_SID = split("in_memory", ("GET", "/socket.io/"), ("(GET|POST)", "/socket.io/"))

SCENARIOS = (
    Scenario(
        slug="chat-rooms",
        about="Each uvicorn worker knows the WebSockets that it accepted; a message on another one reaches nobody.",
        server=Server(app="chat_asgi", runner="uvicorn", env=MEMORY, modes=("short-iso-precise",), host="chat-1"),
        client=styles.precise("chat", *SOCKETS),
        truth=UNHEARD,
        remedy_helps=True,
        split_kind=8,
    ),
    Scenario(
        slug="chat-rooms-granian",
        about="The same under granian, whose access lines have no PID; a report log on the client side.",
        server=Server(app="chat_asgi", runner="granian", env=MEMORY, modes=("short-precise",), workers=2),
        client=styles.both("chat", *SOCKETS),
        truth=UNHEARD,
        remedy_helps=True,
        split_kind=8,
    ),
    Scenario(
        slug="chat-rooms-healthy",
        about="The same chat where every process looks into a shared store: all listeners hear everything.",
        server=Server(app="chat_asgi", runner="uvicorn", modes=("short-iso-precise",), host="chat-1"),
        client=styles.precise("chat", *SOCKETS),
        truth=CONSISTENT,
        look_alike="shared broadcast",
    ),
    Scenario(
        slug="channels-in-memory",
        about="Django Channels with the in-memory channel layer under three hypercorn workers.",
        server=Server(app="chat_channels_asgi", runner="hypercorn", modes=("short-iso-precise",)),
        client=styles.live("chat", *SOCKETS),
        truth=UNHEARD,
        remedy_helps=True,
        split_kind=11,
    ),
    Scenario(
        slug="channels-in-memory-worker",
        about="The same under gunicorn with the uvicorn worker; the journal as JSON.",
        server=Server(app="chat_channels_asgi", runner="gunicorn-uvicorn", args=ACCESS, modes=("json",)),
        client=styles.log_file("chat", *SOCKETS),
        truth=UNHEARD,
        remedy_helps=True,
        split_kind=11,
    ),
    Scenario(
        slug="sse-sessions",
        about="An assistant's session lives in the process that holds its event stream: 202, 202, 404.",
        server=Server(app="assistant_asgi", runner="uvicorn", env=MEMORY, modes=("short-iso-precise",), host="tools-1"),
        client=styles.precise("assistant"),
        truth=UNKNOWN_SESSION,
        remedy_helps=True,
        split_kind=9,
    ),
    Scenario(
        slug="sse-sessions-two-workers",
        about="The same under two hypercorn workers in a plain log file, one-second stamps on the client's side.",
        server=Server(
            app="assistant_asgi", runner="hypercorn", env=(*MEMORY, ("LOG_STYLE", "pid")), workers=2, modes=()
        ),
        client=styles.stamped("assistant"),
        truth=UNKNOWN_SESSION,
        remedy_helps=True,
        split_kind=9,
    ),
    Scenario(
        slug="sse-sessions-healthy",
        about="The same assistant with its sessions in a shared store.",
        server=Server(app="assistant_asgi", runner="uvicorn", modes=("short-precise",), host="tools-1"),
        client=styles.precise("assistant"),
        truth=CONSISTENT,
        look_alike="shared sessions",
    ),
    Scenario(
        slug="socketio-polling",
        about="socket.io by long polling without sticky sessions: the poll meets a worker that does not know the id.",
        server=Server(app="support_app", runner="gunicorn-gthread", args=ACCESS, modes=("short-precise",)),
        client=styles.captured("support"),
        truth=UNKNOWN_SID,
        remedy_helps=True,
        split_kind=10,
    ),
    Scenario(
        slug="socketio-polling-file",
        about="The same with everything in a plain log file whose access lines carry a PID.",
        server=Server(
            app="support_app",
            runner="gunicorn-gthread",
            env=(("LOG_STYLE", "pid"),),
            args=WITH_PID,
            workers=2,
            modes=(),
        ),
        client=styles.precise("support"),
        truth=UNKNOWN_SID,
        remedy_helps=True,
        split_kind=10,
    ),
)
