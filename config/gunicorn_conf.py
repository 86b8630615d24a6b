"""How gunicorn serves Lineup: `gunicorn -c config/gunicorn_conf.py config.wsgi`, here and in the container."""

from pathlib import Path

from config import environment

bind = f"{environment.text('LINEUP_BIND', '127.0.0.1')}:{environment.integer('PORT', 8000, 1, 65535)}"
workers = environment.integer("LINEUP_WEB_PROCESSES", 3, 1, 256)
worker_class = "gthread"  # a slow upload holds a thread, and its process still answers
threads = environment.integer("LINEUP_WEB_THREADS", 4, 1, 256)
timeout = 60
graceful_timeout = 10
keepalive = 5
limit_request_line = 8190  # a node id stands in the address, percent-encoded: triage/store/text.py keeps it under this
max_requests = 20_000  # a leak, should there be one, ends here
max_requests_jitter = 2_000
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  its heartbeat file, not on a slow disk
control_socket_disable = True  # it would be shared by every gunicorn of this user
accesslog = "-"
# The query is left out: what people search for is theirs. %(p)s is in the line already.
access_log_format = '%(h)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms'
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "config.log_lines.Lines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": ["stderr"], "propagate": False},
        "gunicorn.access": {"level": "INFO", "handlers": ["stderr"], "propagate": False},
    },
}
