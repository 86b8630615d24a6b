"""When a case of a JUnit report began, as honestly as the report allows: it tells the start of a suite only."""

from __future__ import annotations

import msgspec

from ingest.formats.reports.junit_xml import SuiteSum, Sums
from triage.core.records import Stamp

ROUNDING_US = 500  # a case's time is told to the millisecond


class Suite(msgspec.Struct):
    """A suite that is open, and how much of it has passed."""

    name: str
    started: Stamp | None
    time_us: int | None
    sum: SuiteSum
    gone_us: int = 0  # time of the cases so far
    cases: int = 0


def began(suites: list[Suite], took_us: int, sums: Sums) -> Stamp | None:
    """The interval in which a case began. Cases that ran one after the other leave little room; in parallel all of it.

    What a suite took beyond its cases lies somewhere before, between or behind them, so it is the uncertainty. Where
    the time of a suite is that of the whole run, the case began anywhere in the run, and at no known time where its end
    is not told.
    """
    suite = suites[-1]
    if suite.started is None:
        around = next(
            (each for each in reversed(suites) if each.started is not None and each.time_us is not None), None
        )
        return _anywhere(around, around.time_us or 0, took_us) if around is not None else None
    others = sum(each.time_us for each in sums.suites)
    if suite.sum.timestamp in sums.shared:
        if sums.whole_us is None or sums.whole_us <= others + ROUNDING_US * len(sums.suites):
            return None
        return _anywhere(suite, sums.whole_us, took_us)
    if suite.time_us is None:
        return None
    rounding = ROUNDING_US * (suite.sum.cases + 2)
    slack = suite.time_us - suite.sum.cases_us
    beyond = max(0, sums.whole_us - others) if sums.whole_us is not None else 0
    if slack >= -rounding and not suite.sum.parallel:
        low = max(0, suite.gone_us - ROUNDING_US * suite.cases)
        room = max(slack, 0) + 2 * rounding + beyond
        return Stamp(suite.started.us + low, suite.started.zoned, room + _more(suite.started))
    return _anywhere(suite, suite.time_us + beyond, took_us, rounding)


def _anywhere(suite: Suite, within_us: int, took_us: int, rounding: int = ROUNDING_US) -> Stamp | None:
    if suite.started is None:
        return None
    room = max(within_us - took_us, 0) + rounding
    return Stamp(suite.started.us, suite.started.zoned, room + _more(suite.started))


def _more(stamp: Stamp) -> int:
    """What a suite's own time leaves open: jest and mocha tell whole seconds."""
    return stamp.tick_us if stamp.tick_us > 1 else 0
