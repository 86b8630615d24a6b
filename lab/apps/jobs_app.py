"""Exports that run in the background and are polled; the registry of jobs is a dict or a shared store."""

import threading
import time
import uuid

import lab_log
import lab_pid
from flask import Flask, jsonify, request
from shared_store import store

app = Flask(__name__)
app.wsgi_app = lab_pid.Wsgi(app.wsgi_app)
log = lab_log.set_up(app.logger)
JOBS = store("jobs")


def work(job):
    time.sleep(0.25)
    JOBS.put(job["id"], {**job, "state": "done"})
    log.info("job %s done", job["id"])


@app.post("/exports")
def start():
    job = {"id": uuid.uuid4().hex[:10], "state": "running", "rows": request.get_json().get("rows", 10)}
    JOBS.put(job["id"], job)
    threading.Thread(target=work, args=(job,), daemon=True).start()
    log.info("job %s accepted", job["id"])
    return jsonify(id=job["id"], status_url=f"/exports/{job['id']}"), 202


@app.get("/exports/<key>")
def status(key):
    job = JOBS.get(key)
    if job is None:
        log.warning("job %s unknown", key)
        return jsonify(error="Task not found"), 404
    return jsonify(job)


@app.get("/exports")
def every_job():
    return jsonify(jobs=JOBS.all())
