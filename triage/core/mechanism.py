"""How the state was split or lost, where the evidence names it."""

from __future__ import annotations

from triage.core.case import Case
from triage.core.findings import Mechanism, Process
from triage.core.records import Life
from triage.core.words import shares_any

_CACHE = ("cache", "stale", "memo")
_JOB = (
    "job",
    "task",
    "export",
    "import",
    "queue",
    "render",
    "batch",
    "poll",
    "celery",
    "process",
    "operation",
    "build",
)
_BROADCAST = (
    "broadcast",
    "websocket",
    "/ws",
    "publish",
    "subscribe",
    "notify",
    "socket.io",
    "/sse",
    "channel",
    "chat",
    "stream",
)
_LIMIT = ("limit", "throttl", "too many", "lockout", "quota")
_COUNTER = (
    "duplicate",
    "unique",
    "differ",
    "distinct",
    "same id",
    "same number",
    "counter",
    "sequence",
    "metrics",
    "order number",
)
_ONCE = ("charged", "once", "twice", "idempot", "already", "retry", "repeated")
_FLAG = ("flag", "feature", "toggle", "switch", "maintenance", "experiment")
_SIGNED = ("cookie", "csrf", "signature", "secret", "signed", "session", "jwt", "state mismatch", "nonce")
_TABLE = ("no such table", "no such column", ":memory:", "undefinedtable")


def of_split(case: Case, texts: str, hosts: bool) -> Mechanism | None:
    """The mechanism of a split on the server side; None where the evidence does not tell."""
    read, write = case.read, case.write
    if hosts:
        return Mechanism.REPLICA
    if read is None or write is None:
        return None
    paths = f"{write.path or ''} {read.path or ''}".lower()
    everything = f"{paths} {texts} {case.failure.said}".lower()
    if shares_any(everything, _TABLE):
        return Mechanism.IN_MEMORY_DATABASE
    if shares_any(case.failure.said, _LIMIT) or 429 in (read.status, *case.failure.codes):
        return Mechanism.RATE_LIMIT
    if case.relation == "counter":
        return Mechanism.IN_MEMORY
    if case.relation == "repeat" or (
        shares_any(paths, ("metrics", "counter")) and shares_any(case.failure.said, _COUNTER)
    ):
        once = shares_any(f"{case.failure.said} {case.test.test}", _ONCE)
        return Mechanism.IN_MEMORY if once else Mechanism.ID_COUNTER
    if case.relation in ("session", "form"):
        return _of_session(case, everything)
    if case.relation == "broadcast":
        return Mechanism.BROADCAST
    if shares_any(paths, _FLAG):
        return Mechanism.FEATURE_FLAG
    if shares_any(paths, _BROADCAST) and read.ok:  # who is refused is not known there himself
        return Mechanism.BROADCAST
    if write.status == 202 or (shares_any(paths, _JOB) and write.method == "POST" and read.status == 404):
        return Mechanism.JOB_REGISTRY
    if case.relation == "creator" and write.path is None and shares_any(everything, ("job", "task", "export", "queue")):
        return Mechanism.JOB_REGISTRY
    if shares_any(everything, _CACHE):
        return Mechanism.LOCAL_CACHE
    if case.relation == "object" and write.method in ("PUT", "PATCH", "POST") and read.status == 200:
        return Mechanism.LOCAL_CACHE  # the object is known everywhere, only its value is old
    if case.relation == "setting":
        return Mechanism.FEATURE_FLAG
    if case.relation in ("object", "creator", "collection", "baseline"):
        return Mechanism.IN_MEMORY
    return None


def _of_session(case: Case, everything: str) -> Mechanism | None:
    read = case.read
    if read is None:
        return None
    if case.failure.want in (401, 403) and read.ok:
        return Mechanism.IN_MEMORY  # a logout that others did not hear of: a list, not a key
    if case.relation == "form" and not shares_any(everything, ("csrf", "xsrf", "signature", "cookie")):
        return Mechanism.IN_MEMORY  # a state, nonce or connection that only its maker knows
    if read.status in (302, 303, 307) or shares_any(everything, _SIGNED):
        return Mechanism.SESSION_KEY
    return Mechanism.IN_MEMORY


def of_loss(process: Process, reloaded: bool) -> Mechanism | None:
    """The mechanism of a loss, by how the process that held the state ended."""
    if process.ended_by is Life.RECYCLE:
        return Mechanism.WORKER_RECYCLED
    if reloaded:
        return Mechanism.REDEPLOY
    if process.ended_by in (Life.KILL, Life.CRASH, Life.TIMEOUT):
        return Mechanism.WORKER_KILLED
    if process.ended_by is Life.EXIT:
        return Mechanism.WORKER_RECYCLED
    return None
