"""Seats are booked once: looked up and taken under a lock, which `LOCK=thread` holds only within one process."""

import contextlib
import fcntl
import os
import threading
import time
from pathlib import Path

import lab_log
import lab_pid
from flask import Flask, jsonify, request
from shared_store import Shared

app = Flask(__name__)
app.wsgi_app = lab_pid.Wsgi(app.wsgi_app)
log = lab_log.set_up(app.logger)
SEATS = Shared("seats")
WITHIN = threading.Lock()


@contextlib.contextmanager
def among_all():
    """A lock that all processes see."""
    with (Path(os.environ.get("DATA", ".")) / "seats.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@app.post("/seats/<seat>/booking")
def book(seat):
    guest = request.get_json()["guest"]
    with WITHIN if os.environ.get("LOCK") == "thread" else among_all():
        if SEATS.get(seat):
            log.info("seat %s is taken already", seat)
            return jsonify(error="seat is taken"), 409
        time.sleep(0.12)  # what the payment takes
        SEATS.put(seat, guest)
    log.info("seat %s booked", seat)
    return jsonify(seat=seat, guest=guest), 201


@app.get("/seats/<seat>")
def seat(seat):
    return jsonify(seat=seat, guest=SEATS.get(seat))
