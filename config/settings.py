"""The one settings file; everything that may differ between machines comes from the environment (.env.example)."""

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from celery.schedules import crontab
from kombu import Queue

from config import environment, home, mail, proxies, single_sign_on

BASE_DIR = home.BASE_DIR
LINEUP_HOME = home.folder()
PORT = environment.integer("PORT", 8000, 1, 65535)
PRODUCTION = environment.flag("LINEUP_PRODUCTION")  # the container image sets it: nothing secret is made up then
DEBUG = False

# Who we are to the world -------------------------------------------------------------------------------------------

BASE_URL = environment.url("BASE_URL", ("http", "https")).rstrip("/")
_site = urlsplit(BASE_URL)
HTTPS = _site.scheme == "https"
# The loopback names stay allowed beside the public one: health checks ask there.
ALLOWED_HOSTS = [
    "localhost",
    "127.0.0.1",
    "[::1]",
    *filter(None, [_site.hostname]),
    *environment.words("ALLOWED_HOSTS"),
]
if PRODUCTION and not environment.text("SECRET_KEY"):
    raise environment.BadVariable("SECRET_KEY must be set where LINEUP_PRODUCTION is: 50 or more random characters.")
# Drawn once and kept, never once a process: a key that differs between workers is the very fault Lineup looks for.
SECRET_KEY = environment.text("SECRET_KEY") or home.secret(LINEUP_HOME, "secret-key")
SECRET_KEY_FALLBACKS = list(environment.words("SECRET_KEY_FALLBACKS"))  # former ones: what they protect is still read

# The application ---------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "config",
    "triage",
    "ingest",
    "dashboard",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.Compressed",
    "config.middleware.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "sign-in"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False

# What is kept, and where -------------------------------------------------------------------------------------------

# Where DATABASE_URL is unset, the embedded Postgres of a running `make up` is used; manage.py starts one if none runs.
DATABASE_URL = environment.url("DATABASE_URL", ("postgres", "postgresql"))
DATABASES = {
    "default": {
        **dj_database_url.parse(DATABASE_URL or home.noted_server(LINEUP_HOME, "database") or "postgres:///lineup"),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,  # a restarted Postgres costs a new connection, not a failed request
        "ATOMIC_REQUESTS": False,
    }
}
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DATABASES["default"]["OPTIONS"].setdefault("application_name", "lineup")
# Shared by all processes, so no LocMem; in Postgres, so that it is there wherever Lineup runs.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "lineup_cache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}
SESSION_ENGINE = "triage.sessions"  # in Postgres; each names its person
STATIC_URL = "/static/"
STATIC_ROOT = Path(environment.text("LINEUP_STATIC", str(LINEUP_HOME / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static.CollectedStorage"},
}
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "staticfiles.json").exists()  # tests and commands serve them uncollected

# Limits on what comes in -------------------------------------------------------------------------------------------

LINEUP_MAX_PART_BYTES = environment.integer("LINEUP_MAX_PART_BYTES", 4 * 2**30, 1024, 2**50)  # as uploaded
LINEUP_MAX_RUN_BYTES = environment.integer("LINEUP_MAX_RUN_BYTES", 16 * 2**30, 1024, 2**50)  # one request, all parts
LINEUP_MAX_UNPACKED_BYTES = environment.integer("LINEUP_MAX_UNPACKED_BYTES", 64 * 2**30, 1024, 2**53)  # one part, read
LINEUP_BULK_BYTES = environment.integer("LINEUP_BULK_BYTES", 32 * 2**20, 0, 2**50)  # a larger run waits in `bulk`
LINEUP_MAX_PARTS = environment.integer("LINEUP_MAX_PARTS", 100, 1, 10_000)  # in one request
DATA_UPLOAD_MAX_MEMORY_SIZE = 2**20  # fields that are no files: `meta` and forms
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = LINEUP_MAX_PARTS

# Mail --------------------------------------------------------------------------------------------------------------

MAIL = bool(environment.url("EMAIL_URL", mail.SCHEMES))  # whether mail can be sent at all: pages offer it only then
globals().update(mail.settings(BASE_URL))

# Where notifications may go -------------------------------------------------------------------------------------------

LINEUP_PRIVATE_TARGETS = environment.flag("LINEUP_PRIVATE_TARGETS", not PRODUCTION)  # webhooks inside the own network
LINEUP_GITHUB_API = environment.url("LINEUP_GITHUB_API", ("http", "https")).rstrip("/") or "https://api.github.com"

# People ------------------------------------------------------------------------------------------------------------

SINGLE_SIGN_ON = single_sign_on.read()
PASSWORDS = environment.flag("LINEUP_PASSWORDS", True)  # whether people may sign in with one
if not PASSWORDS and not SINGLE_SIGN_ON.issuer:
    raise environment.BadVariable("LINEUP_PASSWORDS may be false only where OIDC_ISSUER is set: nobody could sign in.")
NEW_PROJECTS = environment.flag("LINEUP_NEW_PROJECTS", True)  # whether any signed-in person may make one
PROXIES = proxies.read()  # whose X-Forwarded-For is believed

# Safety in the browser; the content security policy is config/middleware.py ------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
PASSWORD_RESET_TIMEOUT = 3600  # seconds that the link to a new password works
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_TRUSTED_ORIGINS = [f"{_site.scheme}://{_site.netloc}"] if BASE_URL else []
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None  # TLS ends at the proxy in front
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Work in the background ----------------------------------------------------------------------------------------------

LINEUP_TASK_SECONDS = environment.integer("LINEUP_TASK_SECONDS", 3600, 10, 86_400)  # the longest one task may run
LINEUP_SWEEP_SECONDS = environment.integer("LINEUP_SWEEP_SECONDS", 5, 1, 3600)  # how often lost work is looked for
BROKER_URL = environment.url("BROKER_URL", ("redis", "rediss", "valkey", "amqp", "amqps", "pyamqp"))
LINEUP_QUEUES = ("interactive", "bulk")  # a person waits · nobody waits

CELERY_BROKER_URL = (BROKER_URL or home.noted_server(LINEUP_HOME, "broker") or "redis://127.0.0.1:6379/0").replace(
    "valkey://", "redis://", 1
)
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]  # pickle from a broker would be code
CELERY_RESULT_BACKEND = None  # the answer of a task is what it wrote to Postgres
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_QUEUES = [Queue(name) for name in LINEUP_QUEUES]
CELERY_TASK_DEFAULT_QUEUE = "interactive"
CELERY_TASK_CREATE_MISSING_QUEUES = False  # a misspelt queue is an error, not a queue that nobody reads
CELERY_TASK_ROUTES = {"triage.tasks.drop_old_partitions": {"queue": "bulk"}}
CELERY_TASK_ACKS_LATE = True  # a task is done when it is done, not when it is taken
CELERY_TASK_REJECT_ON_WORKER_LOST = True  # a killed pool process gives its task back; `Run.attempts` ends the loop
CELERY_TASK_ACKS_ON_FAILURE_OR_TIMEOUT = True  # what failed by itself has said so on the run; no endless retry
CELERY_TASK_TIME_LIMIT = LINEUP_TASK_SECONDS + 60
CELERY_TASK_SOFT_TIME_LIMIT = LINEUP_TASK_SECONDS
CELERY_WORKER_PREFETCH_MULTIPLIER = 1  # a long part must not hold short ones behind it
CELERY_WORKER_MAX_MEMORY_PER_CHILD = environment.integer("LINEUP_WORKER_MEMORY_KB", 250_000, 100_000, 2**31)
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 8.0  # with REMAP_SIGTERM=SIGQUIT: finish what is short, then give back the rest
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False  # a broker's restart must not undo an hour's reading
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # LOGGING below speaks for all processes
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # readiness is a heartbeat; nothing else would use the reply queues
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True  # the broker may come up after the worker
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_TIMEOUT = 2.0
CELERY_TASK_PUBLISH_RETRY = False  # an upload does not wait for a broker that is away: the sweeper brings the run
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": LINEUP_TASK_SECONDS + 600,  # longer than any task, or a long one would be run twice
        "socket_connect_timeout": 2.0,
        "socket_timeout": 5.0,  # a broker that hangs costs an upload seconds, not its answer
        "socket_keepalive": True,
    }
    if CELERY_BROKER_URL.startswith("redis")
    else {}
)
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "config.scheduler.Scheduler"
CELERY_BEAT_SCHEDULE = {
    "bring back lost work": {
        "task": "ingest.tasks.sweep",
        "schedule": float(LINEUP_SWEEP_SECONDS),
        "options": {"expires": LINEUP_SWEEP_SECONDS},  # a queue that was stopped does not wake to a thousand sweeps
    },
    "send notifications": {
        "task": "triage.tasks.send_notices",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "begin meetings that are due": {
        "task": "triage.tasks.begin_meetings",
        "schedule": 20.0,  # who comes on time waits at most so long
        "options": {"expires": 20},
    },
    "drop what is past its retention": {
        "task": "triage.tasks.drop_old_partitions",
        "schedule": crontab(minute=17),  # hourly, though days are dropped: beat may have been down at any one hour
        "options": {"expires": 3600},
    },
}

# What we say ---------------------------------------------------------------------------------------------------------

LOG_LEVEL = environment.choice("LINEUP_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "config.log_lines.Lines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # scanners' noise; the client gets its 400
        "django.security.RequestDataTooBig": {"level": "CRITICAL"},  # triage/api.py says these, with the address
        "django.security.TooManyFieldsSent": {"level": "CRITICAL"},
        "django.security.TooManyFilesSent": {"level": "CRITICAL"},
        "celery.worker.strategy": {"level": "WARNING"},  # would repeat every task's arguments
        "urllib3": {"level": "ERROR"},  # below, it names the addresses that it asks, and a webhook's is a secret
        "authlib": {"level": "INFO"},  # would write the code verifier of each sign-in
        "celery.beat": {"level": "WARNING"},  # would say every few seconds that it sends a sweep
    },
}
