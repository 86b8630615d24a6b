"""A sports club: members, bookings, tokens. Everything is in a store that all processes share."""

import os
import secrets
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path

import lab_log
import lab_pid
from flask import Flask, jsonify, request
from shared_store import Shared

app = Flask(__name__)
app.wsgi_app = lab_pid.Wsgi(app.wsgi_app)
log = lab_log.set_up(app.logger)
MEMBERS, BOOKINGS, TOKENS = (Shared(name) for name in ("members", "bookings", "tokens"))
PAGE = 5
TOKEN_S = 0.4
GONE = os.environ.get("DATABASE") == "gone"


@app.before_request
def database():
    """`DATABASE=gone`: the disk of the database is not mounted any more."""
    if GONE and request.path != "/health":
        sqlite3.connect(Path(os.environ.get("DATA", ".")) / "unmounted" / "club.sqlite")


@app.get("/health")
def health():
    return jsonify(ok=True)


@app.post("/members")
def join():
    email = request.get_json()["email"]
    if any(member["email"] == email for member in MEMBERS.all()):
        log.warning("%s is a member already", email)
        return jsonify(error="this e-mail address is taken"), 409
    member = {"id": secrets.token_hex(4), "email": email}
    MEMBERS.put(member["id"], member)
    log.info("member %s joined", member["id"])
    return jsonify(member), 201


@app.get("/members")
def members():
    """Oldest first, a page at a time."""
    page = request.args.get("page", 1, int)
    found = MEMBERS.all()
    log.info("page %d of %d members", page, len(found))
    return jsonify(members=found[(page - 1) * PAGE : page * PAGE], pages=-(-len(found) // PAGE))


@app.get("/members/<key>")
def member(key):
    found = MEMBERS.get(key)
    return jsonify(found) if found else (jsonify(error="no such member"), 404)


@app.post("/bookings")
def book():
    body = request.get_json()
    at = datetime.fromisoformat(body["at"]).timestamp()
    booking = {"id": secrets.token_hex(4), "member": body["member"], "court": body["court"], "at": at}
    BOOKINGS.put(booking["id"], booking)
    log.info("booking %s: court %s for %s", booking["id"], body["court"], body["member"])
    return jsonify(booking), 201


@app.get("/bookings/<key>")
def booking(key):
    found = BOOKINGS.get(key)
    if found is None:
        return jsonify(error="no such booking"), 404
    local = datetime.fromtimestamp(found["at"], UTC).astimezone()  # in the zone of this worker's host
    log.info("booking %s shown", key)
    return jsonify({**found, "at": f"{local:%H:%M}"})


@app.get("/bookings")
def bookings():
    found = [each for each in BOOKINGS.all() if each["member"] == request.args["member"]]
    log.info("%s has %d bookings", request.args["member"], len(found))
    return jsonify(bookings=found, total=len(found))


@app.post("/tokens")
def sign_in():
    token = secrets.token_hex(8)
    TOKENS.put(token, {"user": request.get_json()["user"], "until": time.time() + TOKEN_S})
    log.info("token given to %s", request.get_json()["user"])
    return jsonify(token=token)


@app.get("/profile")
def profile():
    known = TOKENS.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
    if known is None or known["until"] < time.time():
        log.info("token %s", "expired" if known else "unknown")
        return jsonify(error="token expired" if known else "invalid token"), 401
    return jsonify(user=known["user"])
