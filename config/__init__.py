"""The composition root: settings, URLs, Celery, WSGI, embedded servers. It names the apps only as strings."""
