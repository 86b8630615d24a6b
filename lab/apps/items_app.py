"""A shop's items: create, read, list, change, delete. `STORE` and `BUG` choose what is wrong with it, if anything."""

import os
import time
import uuid

import lab_log
import lab_pid
from flask import Flask, abort, jsonify, request
from shared_store import store

app = Flask(__name__)
app.wsgi_app = lab_pid.Wsgi(app.wsgi_app)
log = lab_log.set_up(app.logger)
ITEMS = store("items")
BUG = os.environ.get("BUG", "")


@app.post("/items")
def create():
    body = request.get_json()
    if not isinstance(body.get("price"), (int, float)) or (BUG == "strict" and body["price"] < 1):
        log.warning("rejected item: price %r is not valid", body.get("price"))
        return jsonify(error="price is not valid"), 422
    item = {"id": uuid.uuid4().hex[:8], "name": body["name"], "price": body["price"]}
    ITEMS.put(item["id"], item)
    log.info("item %s created: %s", item["id"], item["name"])
    return jsonify(item), 201


@app.get("/items/<key>")
def read(key):
    item = ITEMS.get(key)
    if item is None:
        log.info("item %s not found", key)
        abort(404)
    log.info("item %s read", key)
    return jsonify(item)


@app.get("/items")
def everything():
    items = ITEMS.all()
    if BUG == "count":
        items = items[:3]  # the regression: never more than the first page
    log.info("listing %d items", len(items))
    return jsonify(items=items, total=len(items))


@app.put("/items/<key>")
def change(key):
    item = ITEMS.get(key) or abort(404)
    item |= request.get_json()
    if BUG == "round":
        item["price"] = int(item["price"])
    ITEMS.put(key, item)
    log.info("item %s changed", key)
    return jsonify(item)


@app.delete("/items/<key>")
def remove(key):
    if not ITEMS.delete(key):
        abort(404)
    log.info("item %s deleted", key)
    return "", 204


@app.delete("/items")
def clear():
    ITEMS.clear()
    log.info("all items deleted")
    return "", 204


@app.get("/report")
def report():
    if BUG == "slow":
        time.sleep(2.5)
    items = ITEMS.all()
    average = sum(item["price"] for item in items) / (0 if BUG == "500" else max(len(items), 1))
    log.info("report over %d items", len(items))
    return jsonify(count=len(items), average=average)


@app.get("/health")
def health():
    return jsonify(ok=True)
