"""How testers run pytest: output styles as teams really have them, from bare to rich."""

from __future__ import annotations

from lab.scenario import Client, Disturbance

STAMPED = "log_date_format=%Y-%m-%d %H:%M:%S"
WIRE = "--log-level=DEBUG"  # urllib3 then tells method, path and status of every request


def plain(suite: str, *args: str, timezone: str = "UTC") -> Client:
    """pytest as it comes: no stamps, no requests, logs of failing tests only."""
    return Client(suite=suite, args=args, timezone=timezone)


def verbose(suite: str, *args: str, timezone: str = "UTC") -> Client:
    """-v with INFO logs of failing tests."""
    return Client(suite=suite, args=("-v", "--log-level=INFO", *args), timezone=timezone)


def captured(suite: str, *args: str, timezone: str = "UTC") -> Client:
    """-rA: the captured logs of passing tests too, with every request, without stamps."""
    return Client(suite=suite, args=("-v", "-rA", WIRE, *args), timezone=timezone)


def stamped(suite: str, *args: str, timezone: str = "UTC") -> Client:
    """-rA with one-second stamps in the captured logs."""
    form = "log_format=%(asctime)s %(levelname)s %(name)s %(message)s"
    return Client(suite=suite, args=("-v", "-rA", WIRE, "-o", form, "-o", STAMPED, *args), timezone=timezone)


def precise(suite: str, *args: str, timezone: str = "UTC") -> Client:
    """-rA with milliseconds in the captured logs."""
    form = "log_format=%(asctime)s.%(msecs)03d %(levelname)s %(name)s %(message)s"
    return Client(suite=suite, args=("-v", "-rA", WIRE, "-o", form, "-o", STAMPED, *args), timezone=timezone)


def informed(suite: str, *args: str, timezone: str = "UTC") -> Client:
    """-rA with the tests' own INFO lines and milliseconds, but nothing of the HTTP library's."""
    form = "log_format=%(asctime)s.%(msecs)03d [%(name)s] %(message)s"
    return Client(
        suite=suite, args=("-v", "-rA", "--log-level=INFO", "-o", form, "-o", STAMPED, *args), timezone=timezone
    )


def log_file(suite: str, *args: str, timezone: str = "UTC") -> Client:
    """A log file with microseconds and zone beside the terminal output."""
    form = "log_file_format=%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
    date = "log_file_date_format=%Y-%m-%d %H:%M:%S.%f%z"
    options = ("-v", "--log-file=pytest.log", "--log-file-level=DEBUG", "-o", form, "-o", date)
    return Client(suite=suite, args=(*options, *args), uploads=("pytest.log",), timezone=timezone)


def live(suite: str, *args: str, timezone: str = "UTC") -> Client:
    """Live logs: pytest's default time of day, without a date."""
    options = ("-o", "log_cli=true", "--log-cli-level=DEBUG", "--log-cli-format=%(asctime)s %(levelname)s %(message)s")
    return Client(suite=suite, args=(*options, *args), timezone=timezone)


def junit(suite: str, *args: str, timezone: str = "UTC") -> Client:
    """Only a JUnit file, as many CI set-ups keep it, with the captured logs in it."""
    options = ("--junitxml=junit.xml", "-o", "junit_logging=all", WIRE)
    return Client(suite=suite, args=(*options, *args), uploads=("junit.xml",), terminal=False, timezone=timezone)


def report_log(suite: str, *args: str, timezone: str = "UTC") -> Client:
    """pytest-reportlog: the best machine source."""
    options = ("--report-log=report.jsonl", WIRE)
    return Client(suite=suite, args=(*options, *args), uploads=("report.jsonl",), terminal=False, timezone=timezone)


def both(suite: str, *args: str, timezone: str = "UTC") -> Client:
    """Terminal output and a report log together."""
    options = ("-v", "--report-log=report.jsonl", WIRE)
    return Client(suite=suite, args=(*options, *args), uploads=("report.jsonl",), timezone=timezone)


def busy(*routes: tuple[str, str]) -> Disturbance:
    """Other clients on the same endpoints, several times the tests' own traffic."""
    return Disturbance(background=routes, background_gap_ms=(4.0, 14.0), background_clients=3)
