"""What the evidence means: clock, processes, alignment and verdicts, as frozen records.

A part is named by its index in `RunEvidence.parts`, a line by (part, line), a step by its index in `Lineup.steps`.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from triage.core.records import Life, Outcome, PidTrust, Request


class VerdictKind(StrEnum):
    SPLIT_STATE = "split_state"
    LOST_STATE = "lost_state"
    SERVER_ERROR = "server_error"
    SERVER_UNAVAILABLE = "server_unavailable"
    CONSISTENT_FAILURE = "consistent_failure"
    TEST_ERROR = "test_error"
    UNEXPLAINED = "unexplained"


class VerdictSide(StrEnum):
    """Between which processes state is split."""

    SERVER = "server"  # workers, replicas, hosts
    TEST = "test"  # test-runner processes, such as those of pytest-xdist


class Level(StrEnum):
    SUSPECTED = "suspected"
    LIKELY = "likely"
    CONFIRMED = "confirmed"


class Mechanism(StrEnum):
    IN_MEMORY = "in_memory"
    SESSION_KEY = "session_key"
    LOCAL_CACHE = "local_cache"
    ID_COUNTER = "id_counter"
    RATE_LIMIT = "rate_limit"
    JOB_REGISTRY = "job_registry"
    BROADCAST = "broadcast"
    IN_MEMORY_DATABASE = "in_memory_database"
    FEATURE_FLAG = "feature_flag"
    REPLICA = "replica"
    WORKER_RECYCLED = "worker_recycled"
    WORKER_KILLED = "worker_killed"
    REDEPLOY = "redeploy"
    XDIST = "xdist"


class LineRef(msgspec.Struct, frozen=True, gc=False):
    part: int
    line: int


class Jump(msgspec.Struct, frozen=True, kw_only=True):
    """A clock, the server's or the client's, was set while the run went on."""

    at_us: int  # client time of the first thing known to come after it
    by_us: int  # what it added to server time minus client time
    low_us: int  # bounds of that change: the least offset after it less the greatest before it, and the other way round
    high_us: int
    until_us: int | None = None  # client time of the last thing known to come before it; None: at_us
    server_at_us: int | None = None  # both in server time, where pairs tell it
    server_until_us: int | None = None


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """Server time minus client time of one host, after each side's declared zone has been applied.

    It grows by `skew_ppm` from `at_us` on and changes with each jump; `triage/core/clock_scale.py` reads it.
    """

    host: str
    offset_us: int  # before the first jump; where a skew is stated, at at_us
    low_us: int  # the true offset lies in [low_us, high_us]
    high_us: int
    skew_ppm: float = 0.0  # how much faster the server's clock runs
    basis: str = ""  # a sentence: "31 matched requests"
    matched: int = 0
    decided: bool = False  # False: nothing to go by; offset 0 is an assumption
    remarks: tuple[str, ...] = ()  # contradictions found, such as inner stamps that disagree
    at_us: int | None = None  # client time at which offset_us holds; None: no skew is stated
    skew_error_ppm: float = 0.0  # the true skew lies within this of skew_ppm
    jumps: tuple[Jump, ...] = ()  # in order of time


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """(host, boot, PID, life span). A PID that is reused is another process."""

    index: int  # in order of first appearance
    host: str
    unit: str
    pid: int | None  # None: the host's lines that carry no usable PID
    boot: str = ""
    trust: PidTrust = PidTrust.PROVEN
    born_us: int | None = None  # server time of its boot line; None: it was there before the log
    died_us: int | None = None
    ended_by: Life | None = None
    ended_reason: str = ""
    first_us: int | None = None  # server time of its first and last line
    last_us: int | None = None
    requests: int = 0  # served requests, the run's own and the background's


class Served(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One request as the server side told it: all entries that belong to it."""

    index: int
    process: int  # index in Lineup.processes
    entries: tuple[LineRef, ...]  # in file order, never empty
    request: Request | None  # merged from the entries
    low_us: int  # server time: handled somewhere in [low_us, high_us]
    high_us: int
    error: bool = False  # a traceback, an error line or a 5xx belongs to it


class Match(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One candidate for who served a step."""

    served: int  # index in Lineup.served
    confidence: float  # 0 to 1: probability that this is the one
    basis: tuple[str, ...] = ()  # such as ("method", "path", "status", "time")


class PlacedStep(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A step with its test, its number in the test, its time on the client's clock and who served it."""

    index: int
    test: str  # node id; "" for steps outside every test
    n: int  # 1-based in its test
    ref: LineRef
    text: str
    at_us: int | None  # client time, the declared or found zone applied
    until_us: int | None  # end of the interval in which it happened
    request: Request | None = None
    mark: str = ""
    phase: str = ""
    worker: str = ""
    belongs: float = 1.0  # probability that it is of this test, where its log does not tell
    matches: tuple[Match, ...] = ()  # best first; empty where no entry belongs to it


class TestCase(msgspec.Struct, frozen=True, kw_only=True):
    """One test of the run, all reports on it merged; the last attempt decides the outcome."""

    test: str
    outcome: Outcome
    message: str = ""
    detail: str = ""
    phase: str = ""
    started_us: int | None = None  # client time
    stopped_us: int | None = None
    worker: str = ""
    attempts: int = 1
    steps: tuple[int, ...] = ()  # indexes in Lineup.steps


class Totals(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How many tests ran; the last four add up to the first. More than have a name where a log names only some."""

    total: int = 0
    passed: int = 0
    failed: int = 0
    error: int = 0
    skipped: int = 0


class Lineup(msgspec.Struct, frozen=True, kw_only=True):
    """Every step tied to the process that served it, as surely as the logs allow."""

    tests: tuple[TestCase, ...] = ()
    steps: tuple[PlacedStep, ...] = ()
    processes: tuple[Process, ...] = ()
    served: tuple[Served, ...] = ()
    clocks: tuple[Clock, ...] = ()  # one a host, the busiest first
    remarks: tuple[str, ...] = ()  # what these logs cannot prove, a sentence each
    totals: Totals | None = None  # None: count the tests


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One reason for or against a verdict."""

    kind: str  # snake_case: pid_switch, answer_lacks_write, sibling_crossed_and_passed, …
    text: str  # a sentence in the user's words
    weight: float  # log-odds: above zero speaks for the verdict, below against
    lines: tuple[LineRef, ...] = ()


class End(msgspec.Struct, frozen=True, kw_only=True):
    """The write or the read of a verdict."""

    method: str | None
    path: str | None
    host: str
    unit: str
    pid: int | None
    at_us: int  # server time
    step: int | None = None  # index in Lineup.steps
    served: int | None = None  # index in Lineup.served
    process: int | None = None  # index in Lineup.processes
    line: LineRef | None = None  # the entry that proves it best


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Why one test failed."""

    test: str
    outcome: Outcome
    message: str
    kind: VerdictKind
    level: Level
    confidence: float
    summary: str  # one sentence that a person can read aloud
    side: VerdictSide | None = None  # where state is split or lost
    mechanism: Mechanism | None = None
    write: End | None = None
    read: End | None = None
    evidence: tuple[Evidence, ...] = ()
    advice: str = ""  # what to change
    confirm: str = ""  # how to confirm it
    missing: str = ""  # what the logs would have to say to decide


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the logs of a run cannot prove, and what would make them."""

    kind: str  # snake_case: no_pid, coarse_stamps, no_server_log, …
    text: str  # a sentence: what is missing, and what cannot be told because of it
    fix: str = ""  # the exact configuration line, command or option; "" where there is none
    where: str = ""  # where that line goes: "gunicorn's command line", "pytest.ini"
    lines: tuple[LineRef, ...] = ()  # an example of a line that lacks it
    hurts: int = 0  # failing tests of the run whose verdict could be surer


class Visit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One exchange of a test with the server, as far as history needs it."""

    kind: str  # method and path template: "GET /cars/{}"
    process: int | None  # index in Trace.holders; None where it cannot be told
    at_us: int  # server time
    status: int | None = None


class Holder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A process that served requests of the run."""

    name: str  # host and PID, for people
    requests: int = 0
    born_us: int | None = None  # server time
    died_us: int | None = None


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """Which processes served one test, passed or failed: what its history is made of."""

    test: str
    outcome: Outcome
    visits: tuple[Visit, ...] = ()  # in order of time, bounded
    holders: tuple[Holder, ...] = ()  # processes that served any request of the run, bounded


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer for one run."""

    lineup: Lineup
    verdicts: tuple[Verdict, ...] = ()  # one per failed or errored test, in the order of the tests
    gaps: tuple[Gap, ...] = ()  # what these logs cannot prove, the most harmful first
    traces: tuple[Trace, ...] = ()  # of the tests that ran, in their order
    core_version: int = 1
