"""Cards for state that went with its process, for test processes in each other's way, and for kinds as a whole."""

from __future__ import annotations

from triage.core.findings import Mechanism, VerdictKind
from triage.core.fix_cards.card import FixCard, Snippet
from triage.core.fix_cards.split import STOP_GAPS

_OUTSIDE = (
    Snippet("Flask", "cars = []  # gone with the worker", "db.session.add(Car(**new)); db.session.commit()"),
    Snippet("Django", "CARS = []  # gone with the worker", "Car.objects.create(**new)"),
)
_STATE = (
    "What does {write} keep in the process that {read} needs?",
    "Is there a copy in a database or Redis, and is it read at start?",
)

CARDS: dict[Mechanism, FixCard] = {
    Mechanism.WORKER_RECYCLED: FixCard(
        title="State that a recycled worker took along",
        change="Keep the state outside the worker: it ends by design (max_requests). Raising the limit only makes it"
        " rarer.",
        instead_of="Turning recycling off, or a higher limit, leaves the loss for the next restart, deploy or crash.",
        look=(*_STATE, "Which limit recycles workers here: max_requests, a lifetime, a size?"),
        grep=r"grep -rnE 'max.requests|max_requests_jitter|workers.lifetime|reload-on-rss|limit.max' .",
        snippets=_OUTSIDE,
        confirm="Run the server without recycling (`{no_recycling}`) and repeat: the loss should stop.",
        threads=("gunicorn#2567", "gunicorn#1517"),
    ),
    Mechanism.WORKER_KILLED: FixCard(
        title="State that a killed worker took along",
        change="Keep the state outside the worker, and look at why it was killed: memory, a time limit, or a person.",
        instead_of="More memory or a longer timeout makes it rarer; the next kill loses the state again.",
        look=(*_STATE, "Was it the kernel (out of memory), the master (timeout), or a crash?"),
        grep="journalctl -k | grep -iE 'out of memory|oom-kill|killed process'",
        snippets=_OUTSIDE,
        confirm="Repeat the test while no worker is killed: the loss should stop.",
        threads=("gunicorn#2803", "gunicorn#2567"),
    ),
    Mechanism.REDEPLOY: FixCard(
        title="State that a deploy or reload took along",
        change="Keep the state outside the process, and do not deploy or reload while the tests run.",
        instead_of="Draining old workers longer only helps requests at hand, not what the next request expects.",
        look=(*_STATE, "What reloads the service during the tests: a deploy, a watcher, a certificate?"),
        grep=r"journalctl -u SERVICE | grep -iE 'reload|hup|stopping|started'",
        snippets=_OUTSIDE,
        confirm="Repeat the test while nothing is deployed or reloaded: the loss should stop.",
        threads=("webpack#7502",),
    ),
    Mechanism.XDIST: FixCard(
        title="Test processes in each other's way",
        change="Let each test worker have its own data (names with worker_id, a schema each), or guard shared set-up"
        " with a file lock; clean up only what the test made itself.",
        instead_of="Fewer test workers or retries only make it rarer: a session fixture runs in each test worker.",
        look=(
            "Which session fixture resets or creates data, and does it run once in each test worker?",
            "Do two tests use the same name, user or id?",
            "Does a tear-down delete more than its own test made?",
        ),
        grep=r"grep -rnE 'scope=.session|autouse=True|/reset|truncate|delete_all' --include='conftest.py' .",
        snippets=(
            Snippet("", 'user = "tester"', 'user = f"tester-{worker_id}"  # a fixture of pytest-xdist'),
            Snippet(
                "",
                "server.reset()  # in each test worker",
                'with FileLock(shared / "reset.lock"):\n    if not done.exists(): server.reset(); done.touch()',
            ),
        ),
        confirm="Run it alone: `pytest -p no:xdist '{test}'` passes every time if the test workers are the cause.",
        threads=("pytest-xdist#271",),
    ),
}

KINDS: dict[VerdictKind, FixCard] = {
    VerdictKind.SPLIT_STATE: FixCard(
        title="State that only one process has",
        change="Find what one request keeps in the process and another reads, and move it to a shared store.",
        instead_of=STOP_GAPS,
        look=(
            "What does {write} keep, and where?",
            "Does {read} read it from the process, or from a store that all processes share?",
            "Does the app draw its secret key at import?",
        ),
        grep=r"grep -rnE '^[A-Za-z_]+ = (\[\]|\{\}|dict\(|set\()|lru_cache|urandom|:memory:' --include='*.py' .",
        confirm="As an experiment, not as a fix, run the server with one process (`{command}`) and repeat the test: if"
        " it then passes every time, the processes do not share this.",
        threads=("gunicorn#2216", "gunicorn#2251"),
    ),
    VerdictKind.LOST_STATE: FixCard(
        title="State that went with its process",
        change="Keep the state outside the process, so that it outlives the worker.",
        instead_of="Keeping workers alive for longer only makes the loss rarer.",
        look=_STATE,
        snippets=_OUTSIDE,
        confirm="Repeat the test while no worker is killed: the loss should stop.",
        threads=("gunicorn#2567",),
    ),
    VerdictKind.SERVER_ERROR: FixCard(
        title="The server broke",
        change="Read the traceback in the server's lines: the request itself broke.",
        instead_of="A retry in the test hides a fault that users will meet.",
        look=(
            "Which line of the application raised?",
            "Do two processes share a connection that was opened before the fork (bad record mac, EOF)?",
        ),
        threads=("nautobot#127", "celery#1564"),
    ),
    VerdictKind.SERVER_UNAVAILABLE: FixCard(
        title="The server gave no answer",
        change="Look at why the server gave no answer: is it up, is it fast enough, was a worker killed?",
        instead_of="A longer timeout in the test hides a server that is too slow or that restarts.",
        look=(
            "Was the server ready before the tests began?",
            "Did the master stop a worker (WORKER TIMEOUT), or the kernel (out of memory)?",
            "Did a proxy in front give up first?",
        ),
        grep=r"grep -nE 'TIMEOUT|SIGKILL|HARAKIRI|Connection refused|upstream' server.log",
    ),
    VerdictKind.CONSISTENT_FAILURE: FixCard(
        title="The same on every process",
        change="Compare the answer with what the test expects: one of the two has changed.",
        look=("What changed since the last run that passed?", "Is the expectation still right?"),
        confirm="Run it against one process (`{command}`): if it fails there as well, processes do not matter.",
    ),
    VerdictKind.TEST_ERROR: FixCard(
        title="The test itself broke",
        change="Repair the test's own code or set-up; the server is not involved.",
        look=("Which fixture, import or line of the test raised?",),
    ),
    VerdictKind.UNEXPLAINED: FixCard(
        title="These logs do not decide",
        change="",
        confirm="Run it against one process (`{command}`): if it passes there every time, processes matter.",
    ),
}
