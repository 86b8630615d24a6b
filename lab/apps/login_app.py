"""Sign in, look at one's profile, sign out. `SESSIONS` chooses what is wrong: key, dict, blacklist, or nothing."""

import os
import secrets

import lab_log
import lab_pid
from flask import Flask, jsonify, redirect, request, session
from shared_store import Local, Shared

SESSIONS = os.environ.get("SESSIONS", "shared")
app = Flask(__name__)
app.wsgi_app = lab_pid.Wsgi(app.wsgi_app)
log = lab_log.set_up(app.logger)
# The defect "key": every worker imports this module for itself and draws another key.
app.secret_key = os.urandom(24) if SESSIONS == "key" else "one key for every worker"
TOKENS = Local("tokens") if SESSIONS == "dict" else Shared("tokens")
REVOKED = Local("revoked") if SESSIONS == "blacklist" else Shared("revoked")
USERS = {"anna": "s3cret", "ben": "pa55"}


def bearer():
    return request.headers.get("Authorization", "").removeprefix("Bearer ")


@app.post("/login")
def login():
    body = request.get_json()
    if USERS.get(body.get("user")) != body.get("password"):
        log.warning("login refused for %s", body.get("user"))
        return jsonify(error="wrong user or password"), 401
    session["user"] = body["user"]
    token = secrets.token_hex(8)
    TOKENS.put(token, body["user"])
    log.info("user %s logged in", body["user"])
    return jsonify(token=token)


@app.get("/me")
def me():
    user = session.get("user")
    if user is None:
        log.info("no session, off to /login")
        return jsonify(error="not logged in"), 401
    return jsonify(user=user)


@app.get("/dashboard")
def dashboard():
    if "user" not in session:
        return redirect("/login")
    return f"<h1>Hello {session['user']}</h1>"


@app.get("/login")
def form():
    return "<form>Please log in</form>"


@app.get("/profile")
def profile():
    user = TOKENS.get(bearer())
    if user is None or REVOKED.get(bearer()):
        log.info("token refused")
        return jsonify(error="invalid token"), 401
    return jsonify(user=user)


@app.post("/logout")
def logout():
    REVOKED.put(bearer(), True)
    log.info("token revoked")
    return jsonify(ok=True)
