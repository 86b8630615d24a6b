"""A rate limit, an order number and an in-process database: three more things that one process keeps for itself."""

import itertools
import os
import sqlite3
from pathlib import Path

import lab_log
import lab_pid
from flask import Flask, jsonify, request
from shared_store import Shared, store

app = Flask(__name__)
app.wsgi_app = lab_pid.Wsgi(app.wsgi_app)
log = lab_log.set_up(app.logger)
HITS, ORDERS, NUMBERS = store("hits"), Shared("orders"), itertools.count(1001)
MEMORY = os.environ.get("STORE") == "memory"
# Each process that imports this module gets a database of its own.
DB = sqlite3.connect(":memory:" if MEMORY else Path(os.environ.get("DATA", ".")) / "notes.sqlite")
LIMIT = 4


@app.post("/codes")
def send_code():
    phone = request.get_json()["phone"]
    hits = (HITS.get(phone) or 0) + 1
    HITS.put(phone, hits)
    if hits > LIMIT:
        log.warning("limit reached for %s", phone)
        return jsonify(error="too many requests"), 429
    return jsonify(sent=True)


@app.post("/orders")
def order():
    number = next(NUMBERS) if MEMORY else 1001 + len(ORDERS.all())
    ORDERS.put(f"{number}-{request.get_json()['article']}", {"number": number})
    log.info("order %d placed", number)
    return jsonify(number=number), 201


@app.post("/notes/setup")
def notes_setup():
    DB.execute("CREATE TABLE IF NOT EXISTS note (text TEXT)")
    DB.commit()
    log.info("notes table created")
    return jsonify(ok=True)


@app.post("/notes")
def add_note():
    DB.execute("INSERT INTO note VALUES (?)", (request.get_json()["text"],))
    DB.commit()
    return jsonify(ok=True), 201


@app.get("/notes")
def notes():
    return jsonify(notes=[text for (text,) in DB.execute("SELECT text FROM note")])
