"""What many runs of one test say, in words and figures: the two tables, and the rates beside each other."""

from __future__ import annotations

from math import floor, log10, sqrt

import msgspec

from dashboard.pages.words import counted
from dashboard.rows import lives_of, rates_of, table_of
from triage.core.history.records import Rates, Table
from triage.core.history.wording import two_digits
from triage.models import FailureGroup

CERTAIN_P = 0.01  # from here on, a table is called uneven beyond chance
TELLING_P = 0.05
Z95 = 1.96
FITS_ANYTHING = 0.6  # bounds so wide say nothing


class TableRow(msgspec.Struct, frozen=True):
    label: str
    passed: str
    failed: str
    hot: bool  # the failures that the verdict rests on


class TableView(msgspec.Struct, frozen=True, kw_only=True):
    heading: str
    rows: tuple[TableRow, ...]
    p: str  # "p = 0.000013"; "" where there is nothing to compare
    chance: str  # what that means, in a sentence
    unknown: str  # the runs that the table leaves out


class RatesView(msgspec.Struct, frozen=True, kw_only=True):
    expected: str  # "" where the shares are not known
    because: str
    observed: str
    bounds: str  # of the observed one, at 95 %
    meaning: str


class HistoryView(msgspec.Struct, frozen=True, kw_only=True):
    tables: tuple[TableView, ...]  # what the verdict turns on first; lives only where a holder was replaced at all
    rates: RatesView | None


class _Names(msgspec.Struct, frozen=True, kw_only=True):
    heading: str
    same: str
    different: str
    never_same: str
    never_different: str
    because: str  # what makes it fail, if the expected rate is right
    happens: str  # how often that happens
    alone: str
    unsaid: str  # why there is no expected rate


_PROCESSES = _Names(
    heading="write and read on",
    same="the same process",
    different="different processes",
    never_same="Write and read met different processes in every known run. A run with one process gives the other row.",
    never_different="In every known run, write and read met the same process, so processes could not matter yet.",
    because="if parting makes it fail",
    happens="From the shares in which the processes answered, write and read part in {} of runs.",
    alone="parting",
    unsaid="The logs do not tell in which shares the processes answered, so nothing says how often it should.",
)
_TESTS = msgspec.structs.replace(
    _PROCESSES,
    unsaid="When test processes get in each other's way is a matter of timing: no shares say how often it should.",
)
_LIVES = _Names(
    heading="between write and read, the holder",
    same="stayed alive",
    different="was replaced",
    never_same="In every known run the holder was replaced in between, so there is nothing to compare with yet.",
    never_different="In no known run was the holder replaced in between.",
    because="if a replaced holder makes it fail",
    happens="In {} of the runs whose logs tell it, the holder was replaced in between.",
    alone="a replaced holder",
    unsaid="The logs do not tell how often the holder was replaced, so nothing says how often it should.",
)


def group_history(group: FailureGroup) -> HistoryView | None:
    """None where it was not weighed yet."""
    if group.weighed_at is None:
        return None
    return history_view(table_of(group), lives_of(group), rates_of(group), group.kind, group.side or "")


def expected_rate(group: FailureGroup) -> float | None:
    """How often it should fail if its verdict is right; None where nothing says so."""
    if group.weighed_at is None:
        return None
    return _expected(lives_of(group), rates_of(group), group.kind == "lost_state", group.side != "test")


def _expected(lives: Table, rates: Rates, lost: bool, server: bool) -> float | None:
    if lost and lives.same + lives.different:
        return lives.different / (lives.same + lives.different)
    return rates.expected if server else None


def history_view(processes: Table, lives: Table, rates: Rates, kind: str, side: str = "server") -> HistoryView:
    """`kind` is the verdict's: which table it rests on, and what the observed rate is compared with."""
    lost, server = kind == "lost_state", side != "test"
    expected = _expected(lives, rates, lost, server)
    held = _table(lives, _LIVES, hot=lost) if lost or lives.different else None
    met = _table(processes, _PROCESSES, hot=kind == "split_state" and server)
    tables = (held, met if met.rows else None) if lost else (met, held)
    return HistoryView(
        tables=tuple(filter(None, tables)),
        rates=_rates(expected, rates, _LIVES if lost else _PROCESSES if server else _TESTS),
    )


def _table(table: Table, names: _Names, *, hot: bool) -> TableView:
    comparable, chance = _chance(table, names)
    return TableView(
        heading=names.heading,
        rows=()
        if not table.same + table.different
        else (
            TableRow(names.same, f"{table.passed_same:,}", f"{table.failed_same:,}", False),
            TableRow(
                names.different, f"{table.passed_different:,}", f"{table.failed_different:,}",
                hot and table.failed_different > 0,
            ),
        ),
        p=p_words(table.p_value) if comparable else "",
        chance=chance,
        unknown=_unknown(table),
    )  # fmt: skip


def _chance(table: Table, names: _Names) -> tuple[bool, str]:
    if not table.different and not table.same:
        return False, "In no run so far do the logs tell this, so there is nothing to compare."
    if not table.same:
        return False, names.never_same
    if not table.different:
        return False, names.never_different
    if not table.failed_different + table.failed_same:
        return False, "Among the runs whose logs tell this, none failed."
    if not table.passed_different + table.passed_same:
        return False, "Among the runs whose logs tell this, none passed."
    odds = once_in(table.p_value)
    if table.p_value >= TELLING_P:
        return True, f"If this did not matter, a table as uneven would still come up {odds}: it decides nothing."
    if table.p_value >= CERTAIN_P:
        return True, f"If this did not matter, a table as uneven would come up {odds}: a hint, no proof."
    return True, f"If this did not matter, a table as uneven would come up {odds}."


def _unknown(table: Table) -> str:
    parts = [(table.unknown_failed, "failed"), (table.unknown_passed, "passed")]
    told = [f"{count:,} {word}" for count, word in parts if count]
    if not told:
        return ""
    return f"Left out, because their logs do not tell: {' and '.join(told)}."


def once_in(p: float) -> str:
    """A probability as a tester would say it: `once in 77,000 times`, `40 times in 100`."""
    if p <= 0:
        return "practically never"
    if p >= 0.995:
        return "every time"
    if p > 0.1:
        return f"{100 * p:.0f} times in 100"
    times = 1 / p
    if times >= 1e9:
        return "less than once in a billion times"
    return f"once in {two_digits(times):,} times"


def p_words(p: float) -> str:
    """`p = 0.42`, `p = 0.0031`, `p = 0.000013`, `p < 0.000001`: two digits that mean something."""
    if p >= 0.0995:
        return f"p = {p:.2f}"
    if p < 1e-6:
        return "p < 0.000001"
    places = 1 - floor(log10(p))
    return f"p = {p:.{places}f}".rstrip("0")


def interval(hits: int, total: int) -> tuple[float, float]:
    """Wilson's interval for a share, at 95 %."""
    if total <= 0:
        return 0.0, 1.0
    share, z2 = hits / total, Z95 * Z95
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    reach = Z95 * sqrt(share * (1 - share) / total + z2 / (4 * total * total)) / (1 + z2 / total)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def share(value: float) -> str:
    """`64.7 %`; whole where it is all or nothing."""
    return f"{100 * value:.0f} %" if value in (0.0, 1.0) else f"{100 * value:.1f} %"


def _rates(expected: float | None, rates: Rates, names: _Names) -> RatesView | None:
    if rates.observed is None or not rates.runs:
        return None
    low, high = interval(round(rates.observed * rates.runs), rates.runs)
    return RatesView(
        expected=share(expected) if expected is not None else "",
        because=names.because,
        observed=share(rates.observed),
        bounds=f"{counted(rates.runs, 'run')}; 95 %: {100 * low:.0f} to {100 * high:.0f}",
        meaning=_meaning(expected, rates.observed, (low, high), names),
    )


def _meaning(expected: float | None, observed: float, bounds: tuple[float, float], names: _Names) -> str:
    """What the two rates beside each other say; `bounds` are those of the observed one."""
    if expected is None:
        return f"It fails in {share(observed)} of runs. {names.unsaid}"
    low, high = bounds
    begin = names.happens.format(share(expected))
    if high - low > FITS_ANYTHING:
        return f"{begin} So few runs fit many rates."
    if expected < low:
        return f"{begin} The test fails more often than that: something else makes it fail as well."
    if expected > high:
        return f"{begin} The test fails less often than that: {names.alone} alone does not make it fail."
    return f"{begin} The test fails about as often, which is what {names.alone} would do."
