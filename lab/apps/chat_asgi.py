"""A chat on FastAPI: rooms over WebSockets, messages by POST. `STORE=memory` reaches the listeners of one process."""

import asyncio
import contextlib
import logging
import os
import secrets

import lab_log
import lab_sockets
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from shared_store import Shared

api = FastAPI()
log = lab_log.set_up(logging.getLogger("chat"))
MEMORY = os.environ.get("STORE") == "memory"
ROOMS: dict[str, set[WebSocket]] = {}


def history(room):
    return Shared("messages " + room)


@api.websocket("/ws/rooms/{room}")
async def listen(socket: WebSocket, room: str):
    await socket.accept()
    ROOMS.setdefault(room, set()).add(socket)
    log.info("somebody joined room %s", room)
    following = None if MEMORY else asyncio.create_task(follow(socket, room, len(history(room).all())))
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        log.info("somebody left room %s", room)
    finally:
        ROOMS[room].discard(socket)
        if following:
            following.cancel()


async def follow(socket, room, seen):
    """The shared way: look for what any process has stored."""
    while True:
        await asyncio.sleep(0.05)
        for message in history(room).all()[seen:]:
            await socket.send_json(message)
            seen += 1


@api.post("/rooms/{room}/messages", status_code=201)
async def say(room: str, message: dict):
    history(room).put(secrets.token_hex(4), message)
    if not MEMORY:
        log.info("message stored for room %s", room)
        return message
    listeners = list(ROOMS.get(room, ()))
    for listener in listeners:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await listener.send_json(message)
    log.info("message in room %s sent to %d listeners", room, len(listeners))
    return message


@api.get("/rooms/{room}/messages")
async def messages(room: str):
    return {"messages": history(room).all()}


app = lab_sockets.Asgi(api)
