"""A help desk: form tokens, a sign-in round trip, payments, a feed. `DEFECT` names the one thing a process keeps."""

import functools
import os
import queue
import secrets
import time

import lab_log
import lab_pid
from flask import Flask, Response, jsonify, redirect, request
from shared_store import Local, Shared

DEFECT = os.environ.get("DEFECT", "")
app = Flask(__name__)
app.wsgi_app = lab_pid.Wsgi(app.wsgi_app)
log = lab_log.set_up(app.logger)


def store(name):
    return Local(name) if name == DEFECT else Shared(name)


STATES, PAID, HITS, TICKETS, TEAMS = (store(name) for name in ("states", "paid", "hits", "tickets", "teams"))
CSRF = secrets.token_hex(8) if DEFECT == "csrf" else "one token for every worker"
LISTENERS = []


@app.get("/tickets/new")
def form():
    return jsonify(csrf=CSRF)


@app.post("/tickets")
def create():
    if request.headers.get("X-CSRF") != CSRF:
        log.warning("CSRF tokens do not match")
        return jsonify(error="CSRF tokens do not match"), 403
    TICKETS.put(secrets.token_hex(4), request.get_json())
    return jsonify(ok=True), 201


@app.get("/oauth/login")
def oauth_login():
    state = secrets.token_hex(8)
    STATES.put(state, True)
    log.info("sign-in started")
    return jsonify(state=state)


@app.get("/oauth/callback")
def oauth_callback():
    if not STATES.get(request.args["state"]):
        log.warning("unknown state")
        return jsonify(error="state mismatch"), 400
    return redirect("/oauth/done")


@app.get("/oauth/done")
def oauth_done():
    return jsonify(ok=True)


@app.post("/payments")
def pay():
    key = request.headers["Idempotency-Key"]
    charge = PAID.get(key)
    if charge is None:
        charge = secrets.token_hex(4)
        PAID.put(key, charge)
        log.info("charged %s", charge)
    return jsonify(charge=charge), 201


@app.get("/metrics")
def metrics():
    return Response(f"hits_total {HITS.get('work') or 0}\n", mimetype="text/plain")


@app.post("/work")
def work():
    HITS.put("work", (HITS.get("work") or 0) + 1)
    return jsonify(ok=True)


def _team(name):
    return TEAMS.get(name)


cached_team = functools.lru_cache(_team) if DEFECT == "lru" else _team


@app.get("/teams/<name>")
def team(name):
    return jsonify(name=name, lead=cached_team(name))


@app.put("/teams/<name>")
def change_team(name):
    TEAMS.put(name, request.get_json()["lead"])
    if DEFECT == "lru":
        cached_team.cache_clear()
    log.info("team %s has a new lead", name)
    return jsonify(ok=True)


@app.get("/feed")
def feed():
    mine, since = queue.Queue(), time.time()
    LISTENERS.append(mine)
    log.info("listener connected")

    def events():
        yield ": hello\n\n"
        until = time.time() + 2.5
        while time.time() < until:
            if DEFECT != "feed":  # the shared way: every process looks into the store
                new = [post for post in Shared("posts").all() if post["at"] >= since]
                if new:
                    yield f"data: {new[0]['text']}\n\n"
                    return
                time.sleep(0.05)
                continue
            try:
                yield f"data: {mine.get(timeout=0.1)}\n\n"
                return
            except queue.Empty:
                pass

    return Response(events(), mimetype="text/event-stream")


@app.post("/posts")
def post():
    text = request.get_json()["text"]
    Shared("posts").put(secrets.token_hex(4), {"text": text, "at": time.time()})
    for listener in LISTENERS:
        listener.put(text)
    log.info("posted to %d listeners", len(LISTENERS))
    return jsonify(ok=True), 201
