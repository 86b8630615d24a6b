"""A customers' portal on FastAPI. `DEFECT` names the one thing that each process keeps for itself; "" keeps nothing."""

import hashlib
import hmac
import logging
import os
import secrets

import lab_log
import lab_pid
from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from shared_store import Local, Shared

DEFECT = os.environ.get("DEFECT", "")
api = FastAPI()
log = lab_log.set_up(logging.getLogger("portal"))


def store(name):
    return Local(name) if name == DEFECT else Shared(name)


SESSIONS, CONFIG, REVOKED, STATES, SIGNUPS, MISSES = (
    store(name) for name in ("sessions", "config", "revoked", "states", "signups", "misses")
)
CATEGORIES = Shared("categories")
FORM_KEY = secrets.token_bytes(16) if DEFECT == "form" else b"the same in every process"
TOKEN_KEY = b"from the environment"
PASSWORD, TRIES = "pa55", 3


class Menu:
    """Reads the categories once and keeps them in an attribute of the class."""

    names = None

    @classmethod
    def entries(cls):
        if cls.names is None or DEFECT != "menu":
            cls.names = [category["name"] for category in CATEGORIES.all()]
        return cls.names


def signed(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:16]


@api.post("/login")
async def login(body: dict):
    user = body["user"]
    misses = MISSES.get(user) or 0
    if misses >= TRIES:
        log.warning("account %s is locked", user)
        return JSONResponse({"error": "account is locked"}, 423)
    if body["password"] != PASSWORD:
        MISSES.put(user, misses + 1)
        log.warning("wrong password for %s", user)
        return JSONResponse({"error": "wrong password"}, 401)
    session = secrets.token_hex(8)
    SESSIONS.put(session, user)
    log.info("user %s signed in", user)
    answer = JSONResponse({"token": f"{user}.{session}.{signed(TOKEN_KEY, user + session)}"})
    answer.set_cookie("portal", session)
    return answer


@api.get("/account")
async def account(request: Request):
    user = SESSIONS.get(request.cookies.get("portal", ""))
    if user is None:
        log.info("no session, please sign in")
        return RedirectResponse("/signin", 303)
    return {"user": user}


@api.get("/signin")
async def signin():
    return PlainTextResponse("Please sign in")


@api.get("/orders")
async def orders(authorization: str = Header("")):
    user, session, signature = authorization.removeprefix("Bearer ").split(".")
    if signature != signed(TOKEN_KEY, user + session) or REVOKED.get(session):
        log.info("token of %s refused", user)
        return JSONResponse({"error": "token is not valid"}, 401)
    return {"orders": []}


@api.delete("/tokens/current", status_code=204)
async def sign_out(authorization: str = Header("")):
    REVOKED.put(authorization.split(".")[1], True)
    log.info("token revoked")


@api.get("/connect/start")
async def connect_start():
    state = secrets.token_urlsafe(9)
    STATES.put(state, True)
    log.info("connection begun")
    return {"state": state}


@api.get("/connect/return")
async def connect_return(state: str, code: str):
    if not STATES.get(state):
        log.warning("state does not match")
        return JSONResponse({"error": "invalid state"}, 400)
    return {"connected": True}


@api.get("/contact")
async def contact():
    nonce = secrets.token_hex(4)
    return {"csrf": f"{nonce}-{signed(FORM_KEY, nonce)}"}


@api.post("/contact", status_code=201)
async def send_contact(body: dict):
    nonce, _, signature = body["csrf"].partition("-")
    if signature != signed(FORM_KEY, nonce):
        log.warning("CSRF token is not valid")
        return JSONResponse({"error": "CSRF token is not valid"}, 403)
    return {"sent": True}


@api.get("/banner")
async def banner():
    return {"banner": CONFIG.get("banner") or "welcome"}


@api.put("/admin/config/banner")
async def set_banner(body: dict):
    CONFIG.put("banner", body["text"])
    log.info("banner is now %s", body["text"])
    return {"banner": CONFIG.get("banner")}


@api.get("/menu")
async def menu():
    return {"categories": Menu.entries()}


@api.post("/categories", status_code=201)
async def add_category(body: dict):
    CATEGORIES.put(body["name"], body)
    Menu.names = None
    log.info("category %s added", body["name"])
    return body


@api.post("/signups", status_code=201)
async def sign_up():
    SIGNUPS.put("total", (SIGNUPS.get("total") or 0) + 1)
    return {"ok": True}


@api.get("/metrics")
async def metrics():
    total = SIGNUPS.get("total") or 0
    return PlainTextResponse(f"# TYPE portal_signups_total counter\nportal_signups_total {total}\n")


app = lab_pid.Asgi(api)
