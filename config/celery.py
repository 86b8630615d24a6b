"""The Celery application, and the sign of life that its workers give."""

import os
from typing import Any

from celery import Celery, signals

from config import alive

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("lineup")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.heartbeat_sent.connect
@signals.worker_ready.connect
def give_a_sign_of_life(**_: Any) -> None:
    # Only a worker sends these signals, and by then Django is set up, which this module's importers need not have done.
    from config import heartbeat

    alive.touch()
    heartbeat.beat(tuple(app.amqp.queues.consume_from))
