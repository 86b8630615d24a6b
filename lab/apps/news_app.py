"""A news site whose parts become visible late, on purpose, and in all processes alike: search, caches, exports."""

import secrets
import threading
import time

import lab_log
import lab_pid
from flask import Flask, jsonify, request
from shared_store import Shared

app = Flask(__name__)
app.wsgi_app = lab_pid.Wsgi(app.wsgi_app)
log = lab_log.set_up(app.logger)
ARTICLES, PRICES, CACHED, EXPORTS, PAYMENTS, COMMENTS, BANNER = (
    Shared(name) for name in ("articles", "prices", "cached", "exports", "payments", "comments", "banner")
)
INDEXED_S = 0.8  # until the search knows an article
CACHED_S = 2.0  # how long a price may be shown
EXPORT_S = 0.5
LONG = 60  # characters of a title that takes its time


@app.post("/articles")
def publish():
    title = request.get_json()["title"]
    if len(title) > LONG:
        time.sleep(1.0)
    article = {"id": secrets.token_hex(4), "title": title, "indexed": time.time() + INDEXED_S}
    ARTICLES.put(article["id"], article)
    log.info("article %s published", article["id"])
    return jsonify(id=article["id"]), 201


@app.get("/articles/<key>")
def article(key):
    found = ARTICLES.get(key)
    return jsonify(id=key, title=found["title"]) if found else (jsonify(error="no such article"), 404)


@app.get("/search")
def search():
    """The index follows the articles with a delay, the same for every process."""
    word, now = request.args["q"], time.time()
    hits = [each["id"] for each in ARTICLES.all() if word in each["title"] and each["indexed"] <= now]
    log.info("search for %s: %d hits", word, len(hits))
    return jsonify(hits=hits, total=len(hits))


@app.get("/prices/<name>")
def price(name):
    """A cache that all processes share; nothing empties it before its time."""
    cached = CACHED.get(name)
    if cached is None or cached["until"] < time.time():
        cached = {"value": PRICES.get(name), "until": time.time() + CACHED_S}
        CACHED.put(name, cached)
    log.info("price of %s is %s", name, cached["value"])
    return jsonify(name=name, value=cached["value"])


@app.put("/prices/<name>")
def set_price(name):
    PRICES.put(name, request.get_json()["value"])
    log.info("price of %s changed to %s", name, request.get_json()["value"])
    return jsonify(ok=True)


@app.get("/banner")
def banner():
    answer = jsonify(text=BANNER.get("text"))
    answer.headers["Cache-Control"] = "max-age=30"
    log.info("banner sent")
    return answer


@app.put("/banner")
def set_banner():
    BANNER.put("text", request.get_json()["text"])
    log.info("banner changed")
    return jsonify(ok=True)


def _work(job):
    time.sleep(EXPORT_S)
    EXPORTS.put(job["id"], {**job, "state": "done"})
    log.info("export %s done", job["id"])


@app.post("/exports")
def start_export():
    job = {"id": secrets.token_hex(5), "state": "running"}
    EXPORTS.put(job["id"], job)
    threading.Thread(target=_work, args=(job,), daemon=True).start()
    log.info("export %s accepted", job["id"])
    return jsonify(job), 202


@app.get("/exports/<key>")
def export(key):
    job = EXPORTS.get(key)
    return jsonify(job) if job else (jsonify(error="no such export"), 404)


@app.post("/payments")
def pay():
    """Books, then asks the bank, which does not answer in time on the first attempt."""
    body = request.get_json()
    attempts = sum(each["reference"] == body["reference"] for each in PAYMENTS.all())
    PAYMENTS.put(secrets.token_hex(4), body)
    log.info("payment %s booked", body["reference"])
    if attempts == 0 and body.get("bank") == "slow":
        log.warning("the bank does not answer")
        return jsonify(error="try again"), 503
    return jsonify(ok=True), 201


@app.get("/payments")
def payments():
    booked = [each for each in PAYMENTS.all() if each["reference"] == request.args["reference"]]
    return jsonify(payments=booked, total=len(booked))


@app.post("/comments")
def comment():
    """A comment waits for its approval."""
    body = request.get_json()
    state = "shown" if body["author"] == "editor" else "waiting"
    COMMENTS.put(secrets.token_hex(4), {**body, "state": state})
    log.info("comment of %s is %s", body["author"], state)
    return jsonify(ok=True), 201


@app.get("/comments")
def comments():
    shown = [each for each in COMMENTS.all() if each["state"] == "shown"]
    log.info("%d comments shown", len(shown))
    return jsonify(comments=shown)
