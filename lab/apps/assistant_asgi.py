"""Tools for an assistant: answers come over an event stream, questions by POST. `STORE=memory`: a dict of sessions."""

import asyncio
import json
import logging
import os
import uuid

import lab_log
import lab_pid
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, StreamingResponse
from shared_store import Shared

api = FastAPI()
log = lab_log.set_up(logging.getLogger("assistant"))
MEMORY = os.environ.get("STORE") == "memory"
STREAMS: dict[str, asyncio.Queue] = {}
KNOWN = Shared("sessions")
TOOLS = {"echo": lambda text: text, "shout": str.upper}


def answer(question):
    method, params = question["method"], question.get("params", {})
    if method == "tools/list":
        result = {"tools": sorted(TOOLS)}
    elif method == "tools/call":
        result = {"text": TOOLS[params["name"]](params["text"])}
    else:
        result = {"server": "toolbox"}
    return {"jsonrpc": "2.0", "id": question["id"], "result": result}


@api.get("/sse")
async def connect(request: Request):
    session = uuid.uuid4().hex
    STREAMS[session] = asyncio.Queue()
    KNOWN.put(session, True)
    log.info("session %s opened", session)
    return StreamingResponse(events(session, request), media_type="text/event-stream")


async def events(session, request):
    yield f"event: endpoint\ndata: /messages/?session_id={session}\n\n"
    answers, seen = Shared("answers " + session), 0
    try:
        while not await request.is_disconnected():
            if not MEMORY:
                for message in answers.all()[seen:]:
                    yield f"event: message\ndata: {json.dumps(message)}\n\n"
                    seen += 1
                await asyncio.sleep(0.04)
                continue
            try:
                message = await asyncio.wait_for(STREAMS[session].get(), 0.3)
            except TimeoutError:
                continue
            yield f"event: message\ndata: {json.dumps(message)}\n\n"
    finally:
        del STREAMS[session]
        log.info("session %s closed", session)


@api.post("/messages/")
async def message(session_id: str, question: dict):
    if session_id not in STREAMS and (MEMORY or not KNOWN.get(session_id)):
        log.warning("Could not find session for ID: %s", session_id)
        return PlainTextResponse("Could not find session", 404)
    log.info("Processing request of type %s", question["method"])
    if MEMORY:
        await STREAMS[session_id].put(answer(question))
    else:
        Shared("answers " + session_id).put(question["id"], answer(question))
    return PlainTextResponse("Accepted", 202)


@api.get("/health")
async def health():
    return {"status": "ok"}


app = lab_pid.Asgi(api)
