"""Feature flags on Django, refreshed by a thread that starts at import: after a fork it lives in the master alone."""

import json
import logging
import threading
import time

import lab_log
import lab_pid
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from shared_store import Shared

settings.configure(SECRET_KEY="lab", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__)
application = get_wsgi_application()

from django.http import JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402

log = lab_log.set_up(logging.getLogger("flags"))
STORE, FLAGS = Shared("flags"), {}
REFRESH_S = 0.4


def refresh():
    while True:
        time.sleep(REFRESH_S)
        FLAGS.update({flag["name"]: flag["on"] for flag in STORE.all()})
        log.info("flags refreshed: %d", len(FLAGS))


threading.Thread(target=refresh, daemon=True, name="flag-refresh").start()


def flag(request, name):
    if request.method == "PUT":
        on = json.loads(request.body)["on"]
        STORE.put(name, {"name": name, "on": on})
        FLAGS[name] = on
        log.info("flag %s switched %s", name, "on" if on else "off")
    if name not in FLAGS:
        return JsonResponse({"error": "no such flag"}, status=404)
    return JsonResponse({"name": name, "on": FLAGS[name]})


def load(request):
    """Flags come in from outside: only the store is told, the refresh does the rest."""
    for name, on in json.loads(request.body).items():
        STORE.put(name, {"name": name, "on": on})
    log.info("flags imported")
    return JsonResponse({"ok": True}, status=202)


def search(request):
    return JsonResponse({"index": "new" if FLAGS.get("new-index") else "old"})


urlpatterns = [path("flags/<slug:name>", flag), path("import", load), path("search", search)]
app = lab_pid.Wsgi(application)
