"""Vouchers and invitations whose codes come from a generator made at import: forked workers draw the same ones."""

import os
import random
import sqlite3
from pathlib import Path

import lab_log
import lab_pid
from flask import Flask, jsonify, request
from shared_store import Shared

app = Flask(__name__)
app.wsgi_app = lab_pid.Wsgi(app.wsgi_app)
log = lab_log.set_up(app.logger)
CODES, TOKENS = random.Random(), random.Random()
INVITATIONS = Shared("invitations")
PATH = Path(os.environ.get("DATA", ".")) / "vouchers.sqlite"


def database():
    opened = sqlite3.connect(PATH, timeout=10, isolation_level=None)
    opened.execute("CREATE TABLE IF NOT EXISTS voucher (code TEXT PRIMARY KEY, amount INTEGER)")
    return opened


@app.post("/vouchers")
def make_voucher():
    code, amount = f"{CODES.getrandbits(40):010x}", request.get_json()["amount"]
    with database() as db:
        db.execute("INSERT INTO voucher VALUES (?, ?)", (code, amount))
    log.info("voucher %s made", code)
    return jsonify(code=code, amount=amount), 201


@app.get("/vouchers/<code>")
def voucher(code):
    with database() as db:
        row = db.execute("SELECT amount FROM voucher WHERE code = ?", (code,)).fetchone()
    return jsonify(code=code, amount=row[0]) if row else (jsonify(error="no such voucher"), 404)


@app.post("/invitations")
def invite():
    token, guest = f"{TOKENS.getrandbits(40):010x}", request.get_json()["guest"]
    INVITATIONS.put(token, {"token": token, "guest": guest})
    log.info("invitation %s for %s", token, guest)
    return jsonify(token=token), 201


@app.get("/invitations/<token>")
def invitation(token):
    return jsonify(INVITATIONS.get(token))
