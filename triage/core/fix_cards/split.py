"""Cards for state that one process keeps and another does not see."""

from __future__ import annotations

from triage.core.findings import Mechanism
from triage.core.fix_cards.card import FixCard, Snippet

STOP_GAPS = (
    "One worker or sticky sessions only hide it: one worker gives up the server's throughput and still forgets"
    " everything at each restart, and a client is pinned only until its worker is replaced or its connection closed."
)
_RUN_ALONE = (
    "As an experiment, not as a fix, run the server with one process (`{command}`) and repeat the test: if it then"
    " passes every time, the processes do not share this."
)

CARDS: dict[Mechanism, FixCard] = {
    Mechanism.IN_MEMORY: FixCard(
        title="State kept in a process",
        change="Keep it where all processes see it: a database or Redis, never a module-level list or dict."
        " Look for a variable that is filled by one request and read by another, and for a secret drawn at import.",
        instead_of=STOP_GAPS,
        look=(
            "Which variable does {write} fill, and does {read} read the same one?",
            "Is it a module global, a class attribute or a singleton?",
            "Does the app keep sessions, states, nonces or logged-out tokens in a dict?",
            "Does the app draw its secret key at import?",
        ),
        grep=r"grep -rnE '^[A-Za-z_]+(: [^=]+)? = (\[\]|\{\}|dict\(|list\(|set\(|defaultdict\()' --include='*.py' .",
        snippets=(
            Snippet(
                "Flask",
                "cars = []            # one list in each worker",
                "db.session.add(Car(**new)); db.session.commit()",
            ),
            Snippet(
                "FastAPI", "app.state.cars = []  # one list in each worker", "session.add(Car(**new)); session.commit()"
            ),
            Snippet("Django", "CARS = []            # one list in each worker", "Car.objects.create(**new)"),
        ),
        confirm=_RUN_ALONE,
        threads=("gunicorn#2216", "gunicorn#1990", "gunicorn#1694", "bottle#1139", "gunicorn#2733", "saleor#2354"),
    ),
    Mechanism.SESSION_KEY: FixCard(
        title="A secret key drawn in each worker",
        change="Give all workers one secret key, from the environment or a file; look for os.urandom or"
        " secrets.token_* at import time. A key drawn in each worker makes every other worker's sessions void.",
        instead_of=STOP_GAPS
        + " Preloading the app hides it too, until the server is restarted or a second host added.",
        look=(
            "Does the app draw its secret key at import?",
            "Is the key missing in this environment, so that a random default is used?",
            "Do all hosts get the same key?",
            "Are the keys for CSRF, signed cookies and JWT drawn in the same way?",
        ),
        grep=r"grep -rnEi '(secret|key).*(urandom|token_(hex|bytes|urlsafe)|uuid4|get_random_secret_key|randbytes)' .",
        snippets=(
            Snippet("Flask", "app.secret_key = os.urandom(24)", 'app.secret_key = os.environ["SECRET_KEY"]'),
            Snippet(
                "FastAPI",
                "app.add_middleware(SessionMiddleware, secret_key=secrets.token_hex())",
                'app.add_middleware(SessionMiddleware, secret_key=os.environ["SECRET_KEY"])',
            ),
            Snippet("Django", "SECRET_KEY = get_random_secret_key()", 'SECRET_KEY = os.environ["SECRET_KEY"]'),
        ),
        confirm=_RUN_ALONE,
        threads=("CTFd#65", "CTFd#68", "flask-login#388", "flask-jwt-extended#240", "newsroom#390", "dash#132"),
    ),
    Mechanism.LOCAL_CACHE: FixCard(
        title="A cache in each worker",
        change="Use one cache for all processes (Redis, Memcached), or keep the version of the data in the key; look"
        " for lru_cache, cached_property, SimpleCache and LocMemCache around this read.",
        instead_of="A shorter time to live only makes the wrong answers rarer, and clearing the cache in the handler"
        " clears it in one worker. " + STOP_GAPS,
        look=(
            "What stands between {read} and the data: lru_cache, cached_property, a class attribute?",
            "Does {write} clear a cache, and does that reach the other workers?",
            "Which cache backend is set in this environment?",
        ),
        grep=r"grep -rnE 'lru_cache|functools.cache|cached_property|SimpleCache|LocMem|TTLCache|@cache\b' .",
        snippets=(
            Snippet(
                "Flask",
                'CACHE_TYPE = "SimpleCache"',
                'CACHE_TYPE = "RedisCache"; CACHE_REDIS_URL = os.environ["REDIS_URL"]',
            ),
            Snippet("FastAPI", "@lru_cache\ndef settings(): ...", "def settings(): return redis.hgetall('settings')"),
            Snippet(
                "Django",
                '"BACKEND": "django.core.cache.backends.locmem.LocMemCache"',
                '"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": os.environ["REDIS_URL"]',
            ),
        ),
        confirm=_RUN_ALONE,
        threads=("django-solo#157", "django-constance#484", "gunicorn#1043", "nautobot#5403"),
    ),
    Mechanism.ID_COUNTER: FixCard(
        title="Numbers counted in each worker",
        change="Let the database or Redis hand out the numbers (a sequence, INCR), not a variable in the process.",
        instead_of="A random start or a range for each worker makes doubles rarer and the order wrong. " + STOP_GAPS,
        look=(
            "Which variable does {write} count up?",
            "Are metrics summed over all workers (multiprocess mode), or told by the one that answers?",
            "Is a random generator seeded before the workers are forked?",
        ),
        grep=r"grep -rnE 'itertools.count|global [a-z_]+|\+= 1$|prometheus_client' --include='*.py' .",
        snippets=(
            Snippet("", "next_number += 1     # one counter in each worker", "next_number = redis.incr('orders')"),
            Snippet("Django", "number = next(counter)", "number = Order.objects.create(...).pk"),
        ),
        confirm=_RUN_ALONE,
        threads=("starlette_exporter#8", "client_python#751", "uuid-utils#42"),
    ),
    Mechanism.RATE_LIMIT: FixCard(
        title="A limit counted in each worker",
        change="Give the limiter a shared storage, such as Redis; in memory each worker counts its own requests.",
        instead_of="Dividing the limit by the number of workers is right only when all get the same share, which they"
        " do not. " + STOP_GAPS,
        look=(
            "Which storage does the limiter use in this environment?",
            "Are lockouts after failed logins counted there too?",
        ),
        grep=r"grep -rnEi 'limiter|throttl|memory://|storage_uri|axes' --include='*.py' .",
        snippets=(
            Snippet(
                "Flask", "Limiter(get_remote_address, app=app)", 'Limiter(..., storage_uri=os.environ["REDIS_URL"])'
            ),
            Snippet(
                "FastAPI", "Limiter(key_func=get_remote_address)", 'Limiter(..., storage_uri=os.environ["REDIS_URL"])'
            ),
            Snippet(
                "Django", "# DRF throttles count in the default cache: LocMemCache", "# CACHES['default']: RedisCache"
            ),
        ),
        confirm=_RUN_ALONE,
        threads=("slowapi#226", "flask-limiter#40"),
    ),
    Mechanism.JOB_REGISTRY: FixCard(
        title="Jobs known to one worker only",
        change="Keep the jobs in a table, in Redis or in Celery's result backend, not in a dict of the worker.",
        instead_of="Asking again until the right worker answers hides it until that worker is replaced. " + STOP_GAPS,
        look=(
            "Where does {write} keep the job's id and state?",
            "Does the worker run the job itself, in a thread or a background task?",
            "Does {read} look anywhere else than in its own memory?",
        ),
        grep=r"grep -rnEi '(jobs|tasks|results)(: [^=]+)? = (\{\}|dict\()|BackgroundTasks|Thread\(' --include='*.py' .",
        snippets=(
            Snippet(
                "Flask", "jobs[id] = 'running'", "db.session.add(Job(id=id, state='running')); db.session.commit()"
            ),
            Snippet("FastAPI", "jobs[id] = 'running'", "await redis.set(f'job:{id}', 'running', ex=86400)"),
            Snippet("Django", "JOBS[id] = 'running'", "Job.objects.create(id=id, state='running')"),
        ),
        confirm=_RUN_ALONE,
        threads=("docling-serve#226", "docling-serve#467", "KiCAD-Prism#52"),
    ),
    Mechanism.BROADCAST: FixCard(
        title="Messages that stay in one worker",
        change="Send through a shared channel (Redis pub/sub, LISTEN/NOTIFY, a channel layer) that all workers hear.",
        instead_of="Sticky sessions bring a client back to its worker, but a message is sent by whichever worker got"
        " the request. One worker is a stop-gap.",
        look=(
            "Where are the open connections kept: in a list or a dict of the worker?",
            "Does {write} send to those of its own process only?",
            "Which channel layer or message queue is set in this environment?",
        ),
        grep=r"grep -rnEi 'InMemoryChannelLayer|connections(: [^=]+)? = |client_manager|message_queue' .",
        snippets=(
            Snippet("Flask", "SocketIO(app)", 'SocketIO(app, message_queue=os.environ["REDIS_URL"])'),
            Snippet("FastAPI", "for ws in connections: await ws.send_text(said)", 'await redis.publish("room", said)'),
            Snippet(
                "Django",
                '"BACKEND": "channels.layers.InMemoryChannelLayer"',
                '"BACKEND": "channels_redis.core.RedisChannelLayer"',
            ),
        ),
        confirm=_RUN_ALONE,
        threads=("fastapi#4199", "fastapi#258", "channels#1060", "channels#673", "socket.io#1982", "python-sdk#520"),
    ),
    Mechanism.IN_MEMORY_DATABASE: FixCard(
        title="A database in each worker's memory",
        change="Use a database file or server: each process opens its own sqlite `:memory:`.",
        instead_of="Creating the tables in every worker ends the error and leaves each with data of its own. "
        + STOP_GAPS,
        look=("Which database URL is set in this environment?", "Does a missing setting fall back to `:memory:`?"),
        grep=r"grep -rnE ':memory:|sqlite://|mode=memory' .",
        snippets=(
            Snippet(
                "Flask", 'SQLALCHEMY_DATABASE_URI = "sqlite://"', 'SQLALCHEMY_DATABASE_URI = os.environ["DATABASE_URL"]'
            ),
            Snippet("FastAPI", 'create_engine("sqlite://")', 'create_engine(os.environ["DATABASE_URL"])'),
            Snippet("Django", '"NAME": ":memory:"', '"NAME": BASE_DIR / "db.sqlite3"'),
        ),
        confirm=_RUN_ALONE,
        threads=("pypicloud#165",),
    ),
    Mechanism.FEATURE_FLAG: FixCard(
        title="A setting that one worker has heard of",
        change="Keep the setting in the database or Redis and read it per request, or tell all workers of a change.",
        instead_of="Restarting the workers after each change loses the next one, and workers that write their own copy"
        " back overwrite each other. " + STOP_GAPS,
        look=(
            "Does {write} change a variable of the process?",
            "Does {read} read the setting at each request, or what was read at start?",
            "Does a thread that refreshes it survive the fork (preload, lazy-apps off)?",
        ),
        grep=r"grep -rnEi '(flags?|settings|config)\[.+\] = |app\.config\[|setattr\(settings' --include='*.py' .",
        snippets=(
            Snippet("Flask", 'app.config["BETA"] = True', 'redis.hset("flags", "beta", 1)'),
            Snippet("FastAPI", "app.state.beta = True", 'await redis.hset("flags", "beta", 1)'),
            Snippet(
                "Django", "settings.BETA = True", 'Flag.objects.update_or_create(name="beta", defaults={"on": True})'
            ),
        ),
        confirm=_RUN_ALONE,
        threads=("open-webui#18366", "launchdarkly/python-server-sdk#174", "Unleash#216"),
    ),
    Mechanism.REPLICA: FixCard(
        title="Kept on one host only",
        change="Put what is written on one host where all hosts see it: a shared volume, an object store, a database.",
        instead_of="Sending each client to one host hides it until that host is replaced. One replica is a stop-gap.",
        look=(
            "Does {write} write to the local disk or to memory?",
            "Do all hosts use the same database, cache and volume in this environment?",
            "Do all hosts run the same version?",
        ),
        grep=r"grep -rnE 'UPLOAD_FOLDER|MEDIA_ROOT|tempfile|write_bytes|FileSystemStorage' --include='*.py' .",
        snippets=(
            Snippet("Flask", 'file.save(f"/tmp/{name}")', 's3.upload_fileobj(file, "uploads", name)'),
            Snippet(
                "FastAPI",
                'Path(f"/tmp/{name}").write_bytes(data)',
                's3.put_object(Bucket="uploads", Key=name, Body=data)',
            ),
            Snippet("Django", "FileSystemStorage on each host", '"BACKEND": "storages.backends.s3.S3Storage"'),
        ),
        confirm="Point the tests at one host only: if they pass every time, the hosts do not share this.",
        threads=("gradio#2899", "streamlit#4173"),
    ),
}
