"""A customer file in two releases: `RELEASE=2` has a field more and another asset; both keep customers in one store."""

import hashlib
import os
import secrets

import lab_log
import lab_pid
from flask import Flask, abort, jsonify, request
from shared_store import Shared

app = Flask(__name__)
app.wsgi_app = lab_pid.Wsgi(app.wsgi_app)
log = lab_log.set_up(app.logger)
RELEASE = os.environ.get("RELEASE", "1")
FIELDS = ("name", "city", "vat_id") if RELEASE == "2" else ("name", "city")
BUILD = hashlib.sha256(RELEASE.encode()).hexdigest()[:8]
CUSTOMERS = Shared("customers")
log.info("customers release %s (build %s) starts", RELEASE, BUILD)


@app.get("/")
def page():
    return f'<html><script src="/static/app.{BUILD}.js"></script><h1>Customers</h1></html>'


@app.get("/static/<name>")
def asset(name):
    if name != f"app.{BUILD}.js":
        log.warning("asset %s not found", name)
        abort(404)
    return "console.log('customers')"


@app.post("/customers")
def create():
    customer = {field: request.get_json().get(field) for field in FIELDS}
    key = secrets.token_hex(4)
    CUSTOMERS.put(key, customer)
    log.info("customer %s created", key)
    return jsonify(id=key, **customer), 201


@app.get("/customers/<key>")
def customer(key):
    found = CUSTOMERS.get(key) or abort(404)
    return jsonify(id=key, **{field: found.get(field) for field in FIELDS})


@app.get("/customers")
def customers():
    return jsonify(total=len(CUSTOMERS.all()))
