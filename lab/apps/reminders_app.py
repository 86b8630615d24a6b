"""Reminders by mail, sent by a scheduler that every worker starts; `SCHEDULER=one` lets only the first one do it."""

import fcntl
import os
import secrets
import time
from pathlib import Path

import lab_log
import lab_pid
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask, jsonify, request
from shared_store import Shared

app = Flask(__name__)
app.wsgi_app = lab_pid.Wsgi(app.wsgi_app)
log = lab_log.set_up(app.logger)
REMINDERS, OUTBOX = Shared("reminders"), Shared("outbox")
SMTP_S = 0.08  # what handing over a mail takes
scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"misfire_grace_time": 5, "coalesce": True})


@scheduler.scheduled_job("cron", second="*", id="send_reminders")
def send_reminders():
    due = [reminder for reminder in REMINDERS.all() if not reminder["sent"]]
    log.info("job send_reminders: %d due", len(due))
    for reminder in due:
        time.sleep(SMTP_S)
        OUTBOX.put(secrets.token_hex(4), {"to": reminder["to"], "text": reminder["text"]})
        REMINDERS.put(reminder["id"], {**reminder, "sent": True})
        log.info("reminder %s sent to %s", reminder["id"], reminder["to"])


def is_the_only_one():
    """Holds a lock for as long as the process lives."""
    descriptor = os.open(Path(os.environ.get("DATA", ".")) / "scheduler.lock", os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


if os.environ.get("SCHEDULER") != "one" or is_the_only_one():
    scheduler.start()
    log.info("scheduler started")


@app.post("/reminders")
def remind():
    reminder = {"id": secrets.token_hex(4), "sent": False, **request.get_json()}
    REMINDERS.put(reminder["id"], reminder)
    log.info("reminder %s planned for %s", reminder["id"], reminder["to"])
    return jsonify(reminder), 201


@app.get("/reminders/<key>")
def reminder(key):
    return jsonify(REMINDERS.get(key))


@app.get("/outbox")
def outbox():
    return jsonify(mails=[mail for mail in OUTBOX.all() if mail["to"] == request.args["to"]])
