"""Accounts at a bank, over one TLS connection made at import: with preload all workers inherit the same one."""

import fcntl
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import lab_log
import lab_pid
from flask import Flask, jsonify, request
from ledger_bank import context

app = Flask(__name__)
app.wsgi_app = lab_pid.Wsgi(app.wsgi_app)
log = lab_log.set_up(app.logger)
BANK = Path(os.environ.get("DATA", ".")) / "bank.sock"


def open_the_bank():
    """Once for all processes, whoever comes first."""
    with open(f"{BANK}.lock", "w") as lock:  # noqa: PTH123 - a file to lock, nothing to read
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not BANK.exists():
            program = Path(__file__).with_name("ledger_bank.py")
            quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            subprocess.run([sys.executable, program, BANK], check=True, timeout=10, **quiet)


class Connection:
    """Reconnects after an error, as pools do; whoever asked gets the error."""

    def __init__(self):
        self.lock = threading.Lock()
        self.connect()

    def connect(self):
        plain = socket.socket(socket.AF_UNIX)
        plain.settimeout(3)
        plain.connect(str(BANK))
        self.tls = context(ssl.PROTOCOL_TLS_CLIENT).wrap_socket(plain, suppress_ragged_eofs=False)
        log.info("connected to the bank")

    def ask(self, **question):
        with self.lock:
            try:
                self.tls.sendall(json.dumps(question).encode() + b"\n")
                answer = self.tls.recv(4096)
                if not answer:
                    raise ConnectionError("the bank closed the connection unexpectedly")
                return json.loads(answer)
            except OSError:
                self.connect()
                raise


open_the_bank()
CONNECTION = Connection()


@app.post("/accounts/<name>/bookings")
def book(name):
    booked = CONNECTION.ask(account=name, amount=request.get_json()["amount"])
    log.info("booked on %s", name)
    return jsonify(booked), 201


@app.get("/accounts/<name>")
def account(name):
    return jsonify(CONNECTION.ask(account=name))


@app.get("/health")
def health():
    return jsonify(ok=True)
