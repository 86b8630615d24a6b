"""A notice board on Django whose cache is the local-memory one: each process has its own."""

import json
import logging
import os

import lab_log
import lab_pid
from django.conf import settings
from django.core.wsgi import get_wsgi_application

BACKEND = "locmem.LocMemCache" if os.environ.get("STORE") == "memory" else "filebased.FileBasedCache"
settings.configure(
    SECRET_KEY="lab",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    CACHES={
        "default": {
            "BACKEND": "django.core.cache.backends." + BACKEND,
            "LOCATION": os.path.join(os.environ.get("DATA", "."), "cache"),  # noqa: PTH118
        }
    },
)
application = get_wsgi_application()

from django.core.cache import cache  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402

log = lab_log.set_up(logging.getLogger("board"))


def notice(request, name):
    if request.method == "PUT":
        cache.set(name, json.loads(request.body)["text"], 60)
        log.info("notice %s changed", name)
        return JsonResponse({"ok": True})
    text = cache.get(name)
    if text is None:
        log.info("notice %s is not there", name)
        return JsonResponse({"error": "no such notice"}, status=404)
    return JsonResponse({"name": name, "text": text.title() if os.environ.get("BUG") == "title" else text})


urlpatterns = [path("notices/<slug:name>", notice)]
app = lab_pid.Wsgi(application)
