"""What a scenario is: one frozen record that says what to start, what to run, what to disturb and what the truth is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

Route = tuple[str, str]  # (method, regular expression that matches the whole path)


@dataclass(frozen=True, kw_only=True, slots=True)
class Truth:
    """Why a test of a scenario fails, when it fails; the verdict that Lineup ought to give."""

    kind: str
    side: str | None = None
    mechanism: str | None = None
    write: Route | None = None  # the request that changed the state
    read: Route | None = None  # the request whose answer contradicts it
    honest: tuple[str, ...] = ()  # kinds that are as good, because these logs cannot tell more


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """How the app is served and how its output is kept."""

    app: str  # module in lab/apps
    runner: str = "gunicorn"  # a key of lab.servers.RUNNERS
    workers: int = 3
    args: tuple[str, ...] = ()  # further options of the runner
    env: tuple[tuple[str, str], ...] = ()
    host_env: tuple[tuple[str, str, str], ...] = ()  # (host, name, value), for one host alone
    host: str = "web1"
    more_hosts: tuple[str, ...] = ()  # further hosts with the same number of workers, behind nginx
    timezone: str = "UTC"
    modes: tuple[str, ...] = ("short",)  # journalctl -o …, one uploaded part each; () keeps the output in a plain file
    hosted: bool = False  # it runs on after the tests, as a service for all does: the journal shows no shutdown
    reader_timezone: str = "UTC"  # TZ of whoever called journalctl: journald's short stamps are in the reader's zone
    clock_ahead: tuple[tuple[str, float], ...] = ()  # (host, seconds) that a host's clock is ahead of true time

    @property
    def ident(self) -> str:
        """Under which name the journal has it."""
        return self.runner.partition("-")[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """The tester's suite and how it is run."""

    suite: str  # folder in lab/suites
    args: tuple[str, ...] = ()  # pytest options
    uploads: tuple[str, ...] = ()  # files that the suite leaves in its folder and that CI would upload
    terminal: bool = True  # CI keeps what pytest printed
    timezone: str = "UTC"
    ahead_s: float = 0.0  # the client's clock runs ahead by so much (with libfaketime)
    drift_ppm: float = 0.0  # the client's clock runs fast by so much
    clock_jumps: tuple[tuple[float, float], ...] = ()  # (after so many seconds of the suite, by so many seconds)
    speed: float = 1.0  # both sides' clocks run so much faster than real time: a few seconds stand for minutes
    latency_ms: tuple[float, float] = (1.0, 6.0)
    env: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Disturbance:
    """What happens meanwhile. Idle servers hide the fault: without pauses nearly every request goes to one worker."""

    pauses: bool = True  # stop random workers for some milliseconds, as other load would
    background: tuple[tuple[str, str], ...] = ()  # (method, path) sent by other clients all the time
    background_gap_ms: tuple[float, float] = (20.0, 60.0)
    background_clients: int = 1
    kill_writer: Route | None = None  # SIGKILL the worker that served this, once per match
    kill_delay_s: float = 0.15
    reload_after: Route | None = None  # the master gets SIGHUP after this, once
    stop_server: bool = False  # the server is gone before the tests begin


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """One staged cause, run as often as wanted."""

    slug: str
    about: str  # what is wrong, in one sentence
    server: Server
    client: Client
    truth: Truth
    other_truths: tuple[tuple[str, Truth], ...] = ()  # (part of a node id, truth) for tests that fail for another cause
    disturbance: Disturbance = Disturbance()
    remedy: Callable[[Scenario], Scenario] | None = None  # what `--verify` changes; None: one worker
    remedy_helps: bool = False  # True: the failing tests must then pass; False: they must still fail
    declares: tuple[str, ...] = ()  # meta.json: "workers", "client_timezone", …; "client_timezone=ZONE" is a wrong one
    split_kind: int = 0  # the number in the table of the 26 kinds of split state; 0: none of them
    look_alike: str = ""  # what a control with shared state is mistaken for, in two words: "replica lag"

    def truth_of(self, test: str) -> Truth:
        for part, truth in self.other_truths:
            if part in test:
                return truth
        return self.truth

    def remedied(self) -> Scenario:
        return (self.remedy or one_worker)(self)


def one_worker(scenario: Scenario) -> Scenario:
    """The decisive experiment: the same app, the same suite, one process."""
    return replace(scenario, server=replace(scenario.server, workers=1, more_hosts=()))


def never_replaced(scenario: Scenario) -> Scenario:
    """Nobody kills a worker and none is recycled."""
    kept = tuple(arg for arg in scenario.server.args if not arg.startswith("--max-requests="))
    return replace(
        scenario,
        server=replace(scenario.server, args=kept),
        disturbance=replace(scenario.disturbance, kill_writer=None, reload_after=None),
    )


def one_test_process(scenario: Scenario) -> Scenario:
    """The same suite without pytest-xdist."""
    at = scenario.client.args.index("-n")
    kept = scenario.client.args[:at] + scenario.client.args[at + 2 :]
    return replace(scenario, client=replace(scenario.client, args=kept))
