"""Settings and feature flags: kept in a shared store, but `CACHE` reads them from a copy that one process holds."""

import os
import time

import lab_log
import lab_pid
from flask import Flask, jsonify, request
from shared_store import Local, Shared

app = Flask(__name__)
app.wsgi_app = lab_pid.Wsgi(app.wsgi_app)
log = lab_log.set_up(app.logger)
MODE = os.environ.get("CACHE", "none")
SETTINGS, FLAGS = Shared("settings"), Local("flags") if MODE == "flags" else Shared("flags")
COPY = {}
LAG_S = 0.7


def lookup(key):
    if MODE == "local":  # the defect: dropped only by the process that changes the setting
        if key not in COPY:
            COPY[key] = SETTINGS.get(key)
        return COPY[key]
    if MODE == "lag":  # a read replica that is behind, the same for every process
        value = SETTINGS.get(key)
        old = SETTINGS.get(key + ":before")
        return old["value"] if old and time.time() - old["at"] < LAG_S else value
    return SETTINGS.get(key)


@app.get("/settings/<key>")
def read(key):
    value = lookup(key)
    log.info("setting %s read", key)
    return jsonify(key=key, value=value)


@app.put("/settings/<key>")
def write(key):
    value = request.get_json()["value"]
    if MODE == "lag":
        SETTINGS.put(key + ":before", {"value": SETTINGS.get(key), "at": time.time()})
    SETTINGS.put(key, value)
    COPY.pop(key, None)
    log.info("setting %s changed to %s", key, value)
    return jsonify(key=key, value=value)


@app.put("/flags/<name>")
def switch(name):
    FLAGS.put(name, request.get_json()["on"])
    log.info("flag %s switched %s", name, "on" if FLAGS.get(name) else "off")
    return jsonify(name=name, on=FLAGS.get(name))


@app.get("/checkout")
def checkout():
    new = bool(FLAGS.get("new-checkout"))
    return jsonify(version="new" if new else "old")
