"""One message of what waits together: a headline, the first few failures with their two lines, and a count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from triage.core.meeting.outline import linked
from triage.core.notices.plain import line
from triage.core.notices.records import Event, Failure, Item, Line, Message, Section, Told

FEW = 5  # failures that a message names of each sort
Lines = Mapping[tuple[str, str], tuple[Line, ...]]  # by run and test

_TITLES = {
    Event.OPENED: ("New failure", "{n} new failures"),
    Event.CAME_BACK: ("Came back after it was resolved", "{n} failures came back after they were resolved"),
    Event.FAILED_AGAIN: ("Failed again while its fix was observed", "{n} failed again while their fix was observed"),
    Event.MENTION: ("You were mentioned", "You were mentioned {n} times"),
    Event.ASSIGNED: ("A failure is yours now", "{n} failures are yours now"),
}
_ORDER = (Event.MENTION, Event.ASSIGNED, Event.CAME_BACK, Event.FAILED_AGAIN, Event.OPENED)


def compose(project: str, slug: str, site: str, told: Sequence[Told], quoted: Lines, footer_path: str) -> Message:
    """The message that says all of `told`, which is not empty. `site`: scheme and host, without a slash at the end."""
    first = told[0]
    footer = f"Lineup · {line(project, 100)}"
    overview = f"{site}/p/{slug}/"
    if first.event == Event.MINUTES:
        title = line(first.title, 150) or "the meeting"
        return Message(
            headline=f"Minutes of {title}", url=_address(site, first.url) or overview, markdown=first.markdown,
            outline=linked(first.outline, lambda url: _linked(site, url)) if first.outline is not None else None,
            footer=footer, footer_url=site + footer_path,
        )  # fmt: skip
    if first.event == Event.TEST:
        return Message(
            headline=f"A test from Lineup, for {line(project, 100)}", url=overview,
            sections=(Section(title="If you can read this, notifications arrive here."),),
            footer=footer, footer_url=site + footer_path,
        )  # fmt: skip
    sections = [
        _section(event, [one for one in told if one.event == event], site, slug, quoted)
        for event in _ORDER
        if any(one.event == event for one in told)
    ]
    runs = [one for one in told if one.event == Event.RUN]
    named = {(one.run_id, one.test) for one in told if one.event in _ORDER}
    sections += (
        [_of_run(runs[0], site, quoted, named)] if len(runs) == 1 else [_of_runs(runs, site, overview)] if runs else []
    )
    of_runs = {one.run_id for one in told}
    return Message(
        headline=_headline(project, told, sections),
        url=_page(first, site) if len(told) == 1 else _common(of_runs, site) or f"{overview}groups",
        sections=tuple(sections),
        footer=footer,
        footer_url=site + footer_path,
    )


def quoted_of(told: Iterable[Told]) -> tuple[tuple[str, str], ...]:
    """(run, test) of the failures that `compose` may name, so that only their lines are fetched."""
    seen: dict[str, int] = {}
    found = []
    for one in told:
        seen[one.event] = seen.get(one.event, 0) + 1
        if one.event == Event.RUN and seen[one.event] == 1:
            found += [(one.run_id, failure.test) for failure in one.failures[:FEW]]
        elif one.event in _ORDER and seen[one.event] <= FEW and one.run_id and one.test:
            found.append((one.run_id, one.test))
    return tuple(dict.fromkeys(found))


def result(told: Told) -> str:
    """`2 of 9 tests failed`, `all 9 tests passed`."""
    counts = told.counts
    if counts.broken:
        return f"{counts.broken:,} of {counts.total:,} test{'s' if counts.total != 1 else ''} failed"
    if counts.passed == 1:
        return "its one test passed"
    return f"all {counts.passed:,} tests passed" if counts.passed else "no test ran"


def run_name(told: Told) -> str:
    return line(told.run or told.run_key, 100) or "a run"


def short(test: str) -> str:
    """A node id's last name, for where the whole does not fit."""
    return line(test.rsplit("::", 1)[-1], 120) or "a test"


def label(failure: Failure) -> str:
    """`Split state, likely · 93 %`; the kind alone where it says that it cannot tell."""
    kind = line(failure.kind.replace("_", " ").capitalize(), 40)
    if not kind or failure.kind == "unexplained":
        return kind
    sure = failure.confidence
    percent = "over 99 %" if sure >= 0.995 else "under 1 %" if sure < 0.01 else f"{100 * sure:.0f} %"
    return f"{kind}, {line(failure.level, 20)} · {percent}" if failure.level else kind


def _headline(project: str, told: Sequence[Told], sections: Sequence[Section]) -> str:
    one, name = told[0], line(project, 60)
    if len(told) > 1:
        return f"{name}: " + ", ".join(section.title[:1].lower() + section.title[1:] for section in sections)
    match one.event:
        case Event.RUN:
            return f"{name}: {result(one)} in {run_name(one)}"
        case Event.MENTION:
            return f"{line(one.who, 60) or 'Somebody'} mentioned you: {short(one.test)}"
        case Event.ASSIGNED:
            besides = f" and {one.more:,} more" if one.more else ""
            return f"{line(one.who, 60) or 'Somebody'} gave you {short(one.test)}{besides}"
    return f"{name}: {sections[0].title[:1].lower() + sections[0].title[1:]}: {short(one.test)}"


def _section(event: Event, told: Sequence[Told], site: str, slug: str, quoted: Lines) -> Section:
    one, many = _TITLES[event]
    count = len(told) + sum(each.more for each in told)
    rest = count - min(len(told), FEW)
    return Section(
        title=one if count == 1 else many.format(n=f"{count:,}"),
        items=tuple(_item(each, site, quoted) for each in told[:FEW]),
        more=f"and {rest:,} more" if rest > 0 else "",
        url=f"{site}/p/{slug}/groups",
    )


def _item(told: Told, site: str, quoted: Lines) -> Item:
    said = line(told.sentence, 400)
    if told.event == Event.MENTION and told.text:
        said = f"{line(told.who, 60)}: {line(told.text, 600)}"
    elif told.event == Event.ASSIGNED and told.due:
        said = f"Due {line(told.due, 20)}. {said}".strip()
    return Item(
        title=short(told.test),
        url=_page(told, site),
        label=label(told.failure),
        said=said,
        facts=_facts(told) if told.run else "",
        lines=quoted.get((told.run_id, told.test), ()),
    )


def _common(runs: set[str], site: str) -> str:
    """The page of the one run that everything speaks of; "" where there are several, or none is known."""
    only = next(iter(runs)) if len(runs) == 1 else ""
    return f"{site}/runs/{quote(only)}" if only else ""


def _of_run(told: Told, site: str, quoted: Lines, named: set[tuple[str, str]]) -> Section:
    """`named`: failures that stand in the message already."""
    others = [failure for failure in told.failures if (told.run_id, failure.test) not in named]
    shown = others[:FEW]
    rest = len(others) + told.more - len(shown)
    return Section(
        title=f"{result(told)[:1].upper() + result(told)[1:]} in {_facts(told)}",
        items=tuple(
            Item(
                title=short(failure.test),
                url=site + failure.path if failure.path else _page(told, site),
                label=label(failure),
                said=line(failure.sentence, 400),
                lines=quoted.get((told.run_id, failure.test), ()),
            )
            for failure in shown
        ),
        more=f"and {rest:,} more" if rest > 0 else "",
        url=_page(told, site),
    )


def _of_runs(told: Sequence[Told], site: str, overview: str) -> Section:
    rest = len(told) - FEW
    return Section(
        title=f"{len(told):,} runs with failures",
        items=tuple(
            Item(
                title=run_name(one),
                url=_page(one, site),
                label=result(one),
                said=line(one.failures[0].sentence, 400) if one.failures else "",
                facts=_facts(one, named=False),
            )
            for one in told[:FEW]
        ),
        more=f"and {rest:,} more" if rest > 0 else "",
        url=overview,
    )


def _facts(told: Told, named: bool = True) -> str:
    """`nightly #4001 · main · 9f2c1ab`."""
    facts = (run_name(told) if named else "", line(told.branch, 100), line(told.commit, 100)[:9])
    return " · ".join(filter(None, facts))


def _page(told: Told, site: str) -> str:
    if told.event != Event.RUN and told.path:
        return _address(site, told.path)
    return f"{site}/runs/{quote(told.run_id)}" if told.run_id else site + "/"


def _address(site: str, path: str) -> str:
    """A page of ours. Whatever leads elsewhere is none."""
    if path.startswith(site + "/"):
        return path
    return site + path if path.startswith("/") and not path.startswith("//") else ""


def _linked(site: str, url: str) -> str:
    """A page of ours, or one of the web: a ticket."""
    return url if url.startswith(("https://", "http://")) else _address(site, url)
