"""What the machines said, as facts: the frozen records that parsers produce and the core reasons about.

Instants are whole microseconds since 1970-01-01T00:00:00Z (`us`), because a million log lines have to be compared
exactly and fast; `instant()` gives the aware datetime.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum

import msgspec

SECOND = 1_000_000  # microseconds
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(us: int) -> datetime:
    """The aware UTC datetime of `us` microseconds since the epoch. Raises OverflowError outside years 1 to 9999."""
    return EPOCH + timedelta(microseconds=us)


def micros(at: datetime) -> int:
    """Microseconds since the epoch of an aware datetime; a naive one is read as UTC."""
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return (at - EPOCH) // timedelta(microseconds=1)


class Side(StrEnum):
    TESTS = "tests"
    SERVER = "server"


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"  # setup, teardown or collection broke
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"
    RERUN = "rerun"  # an attempt that failed and was tried again


class PidTrust(StrEnum):
    """How surely an entry's PID is the process that served it (split-state traps 1 and 2)."""

    PROVEN = "proven"  # written by the process itself, or stamped by the kernel on its bytes
    INFERRED = "inferred"  # from the connection, or from a neighbouring line
    UNKNOWN = "unknown"  # no PID, or one that may be the parent's


class Life(StrEnum):
    """What a line says about the life of a process."""

    BOOT = "boot"
    EXIT = "exit"  # an orderly end
    RECYCLE = "recycle"  # max_requests reached: it ends after this request
    TIMEOUT = "timeout"  # the master gave up on it
    KILL = "kill"  # ended by a signal, such as SIGKILL by the kernel's out-of-memory killer
    CRASH = "crash"  # ended with a non-zero code
    RELOAD = "reload"  # the whole service reloads or restarts; `subject` is the master or None


class Stamp(msgspec.Struct, frozen=True, gc=False):
    """A time as a log wrote it. The true instant lies in [us, us + tick_us)."""

    us: int  # the instant; where `zoned` is False, the wall clock read as if it were UTC
    zoned: bool = True  # the log itself told the zone
    tick_us: int = 1  # what one unit of the last digit is worth: SECOND for whole seconds
    dated: bool = True  # False: a time of day only; `us` then counts from midnight of an unknown day


class Request(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One HTTP request, as far as one line tells it."""

    method: str | None = None
    path: str | None = None  # without query, percent-encoding kept
    query: str = ""  # without the question mark
    status: int | None = None
    size: int | None = None  # bytes of the answer's body
    duration_us: int | None = None
    target: str = ""  # host:port that the client spoke to
    client: str = ""  # address that the server saw, host or host:port
    ended: bool = False  # the line was written at the end of the request (access logs, urllib3), not inside the handler


class LifeEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A process began or ended; often told by its master, so the subject is not always the writer."""

    what: Life
    subject: int | None = None  # PID of the process concerned; None: the whole service
    reason: str = ""  # such as "SIGKILL" or "exit code 3"


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One server log line (with its continuation lines), read from one part."""

    line: int  # 1-based number of its first line in the part
    raw: str  # the text as logged, cut at 64 KiB
    stamp: Stamp | None = None  # the outer stamp: the journal's, or the line's only one
    inner: Stamp | None = None  # a second stamp inside the message
    host: str = ""
    unit: str = ""  # systemd unit, syslog identifier, container or program name
    boot: str = ""  # boot id, where the log carries one
    pid: int | None = None  # the best-trusted PID of the writer
    pid_trust: PidTrust = PidTrust.UNKNOWN
    level: str = ""  # lower case: debug, info, warning, error, critical; "" where not told
    message: str = ""  # what the program said, without the envelope
    request: Request | None = None
    life: LifeEvent | None = None
    keys: tuple[tuple[str, str], ...] = ()  # exact keys: ("request_id", …), ("trace", …), ("client_port", …)


class Step(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing that a test did or logged, in the order of the log."""

    line: int  # 1-based line in the part
    raw: str
    text: str  # the message without stamp, level and logger
    stamp: Stamp | None = None
    test: str | None = None  # node id, where the format tells it
    phase: str = ""  # setup, call or teardown; "" where not told
    worker: str = ""  # xdist worker such as gw0; "" for a single process
    level: str = ""
    logger: str = ""
    request: Request | None = None
    mark: str = ""  # "pass" or "fail" where the step itself says so
    pid: int | None = None  # of the test process
    keys: tuple[tuple[str, str], ...] = ()
    after: Stamp | None = None  # latest time it can have happened, where known (reportlog phase stop)


class TestResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a report says of one test, or of one attempt at it."""

    test: str  # node id; the best reconstruction where the format is lossy
    outcome: Outcome
    message: str = ""  # one line: the error's type and text
    detail: str = ""  # traceback or long representation, cut at 64 KiB
    phase: str = ""  # the phase that decided the outcome
    started: Stamp | None = None
    stopped: Stamp | None = None
    duration_us: int | None = None
    worker: str = ""
    attempt: int = 1
    line: int = 0
    lossy: bool = False  # the node id was reconstructed (JUnit XML, a name in a block header)


class Fact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something a part says about the run as a whole: ("xdist_workers", "4"), ("session_started_us", "…")."""

    name: str
    value: str
    line: int = 0


class Unparsed(msgspec.Struct, frozen=True, gc=False):
    """A line that fits no format: kept and counted, never dropped."""

    line: int
    raw: str


Record = Entry | Step | TestResult | Fact | Unparsed


class LeftOut(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Entries of one process that a long log was sifted of, because they have nothing to do with the run."""

    line: int  # of an entry of the same process and life that was kept
    entries: int
    requests: int  # how many of them ended one


class PartRecords(msgspec.Struct, frozen=True, kw_only=True):
    """All records of one part that matter to the lineup, in file order."""

    name: str
    side: Side
    format: str = ""
    entries: tuple[Entry, ...] = ()
    steps: tuple[Step, ...] = ()
    results: tuple[TestResult, ...] = ()
    facts: tuple[Fact, ...] = ()
    of: str = ""  # the console that it is a stretch of, where that holds several logs
    left_out: tuple[LeftOut, ...] = ()  # empty: the entries are all there are in the run's time


class RunEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is known of one run: the only input of the lineup."""

    parts: tuple[PartRecords, ...] = ()
    client_timezone: str | None = None  # IANA name, declared
    server_timezone: str | None = None
    server_workers: int | None = None  # declared number of server processes
    started_us: int | None = None  # declared window of the run
    finished_us: int | None = None
