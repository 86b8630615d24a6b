"""What history is made of and what it gives: occasions of one test over the runs, tables, rates, fingerprints."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from triage.core.findings import Trace, Verdict


class Relation(StrEnum):
    """Whether a write and the reads after it met the same process."""

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


class ExperimentKind(StrEnum):
    """What was changed on purpose for a run, so that it decides something."""

    ONE_PROCESS = "one_process"  # one server process only
    STICKY = "sticky"  # each client stays on one process
    NO_RECYCLING = "no_recycling"  # processes live as long as the run
    ONE_HOST = "one_host"  # one replica only
    NO_XDIST = "no_xdist"  # one test process only
    FIX = "fix"  # what is claimed to be the cure


class Pair(msgspec.Struct, frozen=True):
    """The write and the read that a verdict rests on, as kinds of requests: "POST /cars/add", "GET /cars"."""

    write: str = ""  # "" where not known
    read: str = ""


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """One test in one run, passed or failed."""

    run: str
    at_us: int  # when the run ran
    failed: bool
    trace: Trace | None = None
    fingerprint: str = ""  # Fingerprint.key; "" for a pass
    verdict: str = ""  # kind that this run alone gave
    confidence: float = 0.0  # of that verdict
    pair: Pair | None = None  # of that verdict
    side: str = ""  # of that verdict: server, test or ""
    mechanism: str = ""  # of that verdict
    experiment: ExperimentKind | None = None
    branch: str = ""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """How often a test failed and passed where two things were apart, and where they were not."""

    failed_different: int = 0
    passed_different: int = 0
    failed_same: int = 0
    passed_same: int = 0
    p_value: float = 1.0  # Fisher's exact test, one-sided: failures go with different
    unknown_failed: int = 0
    unknown_passed: int = 0

    @property
    def different(self) -> int:
        return self.failed_different + self.passed_different

    @property
    def same(self) -> int:
        return self.failed_same + self.passed_same


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """How often write and read would part by the worker shares alone, and how often the test failed."""

    expected: float | None = None  # 1 - sum of p squared, averaged over the runs whose shares are known
    observed: float | None = None
    runs: int = 0


class Fingerprint(msgspec.Struct, frozen=True, kw_only=True):
    """The failure of a test without what differs each time."""

    key: str  # hex, at most 40 characters: the name of the group
    version: int
    normal: str  # the failure as compared
    rules: tuple[str, ...] = ()  # names of the normalisations that changed something


class Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict of one run in the light of all the others."""

    verdict: Verdict  # the one to show
    changed: bool = False  # its kind or level differs from what the run alone gave
    reason: str = ""  # a sentence; "" where nothing changed
    processes: Table = Table()  # different: write and read met different processes
    lives: Table = Table()  # different: the holder of the state was replaced between write and read
    rates: Rates = Rates()
