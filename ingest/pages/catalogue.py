"""Every format that Lineup reads, with a sample and what reading that sample really told."""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import cache

import msgspec

from ingest.formats.line_format import LineFormat, compiled
from ingest.formats.line_format.record import BadPattern
from ingest.formats.registry import FORMATS
from ingest.formats.source import PartSource
from ingest.formats.wrapping.registry import WRAPPERS
from ingest.formats.wrapping.unwrap import unwrapped
from ingest.formats.wrapping.wrapper import Wrapper
from ingest.pages.produced import GROUPS, produced
from ingest.pages.telling import Tally, Telling, of_text
from triage.core.records import Side

SIDES = {Side.SERVER: "server", Side.TESTS: "tests"}
SAMPLE_LINES, SAMPLE_WIDTH = 12, 400  # of a long sample
QUERY_LIMIT = 100
ARTICLES = ("a ", "an ", "the ")  # a title in the midst of a sentence; a command stays as it is typed
NAMES = 3  # of a sample's containers that are shown


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One format."""

    name: str
    title: str
    side: str  # server, tests or both
    group: str
    command: str = ""
    sample: str = ""
    telling: Telling | None = None
    about: str = ""
    href: str = ""  # of a project's own


class Group(msgspec.Struct, frozen=True):
    key: str
    title: str
    cards: tuple[Card, ...]


# What has no line to show.
OTHERS = (
    ("journal", "native-journal", "a journal's own file (.journal)", "cp /var/log/journal/*/system.journal .",
     "Read through journalctl on the machine that Lineup runs on; where there is none, the part says so."),
    ("archives", "gzip", "gzip", "gzip -9 server.log", "Unpacked while it is read; told by its first bytes."),
    ("archives", "zstd", "Zstandard", "zstd server.log", "Unpacked while it is read; told by its first bytes."),
    ("archives", "zip", "zip", "zip -r results.zip results/", "Every file in it is looked at as a part of its own."),
    ("archives", "tar", "tar, plain or compressed", "tar czf results.tar.gz results/",
     "Every file in it is looked at as a part of its own."),
    ("archives", "allure-archive", "Allure results in an archive", "tar czf allure.tar.gz allure-results/",
     "All results of one archive are read as one report."),
)  # fmt: skip


@cache
def cards() -> tuple[Card, ...]:
    """All of them: what they tell is the same in every process, so it is worked out once in each."""
    made = [
        _card(each.NAME, each.TITLE, SIDES[each.SIDE], each.SAMPLES, of_text(each, "\n".join(each.SAMPLES)), each.SIDE)
        for each in FORMATS
    ]
    made += [_card(each.NAME, each.TITLE, "both", each.SAMPLES, _around(each), None) for each in WRAPPERS]
    made += [
        Card(name=name, title=title, side="both", group=group, command=command, about=about)
        for group, name, title, command, about in OTHERS
    ]
    return tuple(made)


def _card(
    name: str, title: str, side: str, samples: Iterable[str], telling: Telling | None, of_side: Side | None
) -> Card:
    where = produced(name, of_side, wrapper=of_side is None)
    return Card(
        name=name, title=_alone(title), side=side, group=where.group, command=where.command, sample=_excerpt(samples),
        telling=telling,
    )  # fmt: skip


def _alone(title: str) -> str:
    return title[0].upper() + title[1:] if title.startswith(ARTICLES) else title


def _around(wrapper: Wrapper) -> Telling:
    """What a wrapper itself tells of the lines in it."""
    source = PartSource("sample", io.BytesIO("\n".join(wrapper.SAMPLES).encode("utf-8", "replace")))
    tally = Tally()
    names: dict[str, None] = {}
    inside = unwrapped(source)  # with what another wrapper inside of this one tells
    for number, _ in inside.lines():
        outer = inside.outer(number)
        if outer is not None:
            tally.stamp(outer.stamp)
            names.update(dict.fromkeys(filter(None, (outer.host, outer.unit))))
    return msgspec.structs.replace(tally.told(), names=", ".join(list(names)[:NAMES]))


def _excerpt(samples: Iterable[str]) -> str:
    lines = "\n".join(sample.rstrip("\n") for sample in samples).split("\n")
    shown = (line if len(line) <= SAMPLE_WIDTH else line[:SAMPLE_WIDTH] + "…" for line in lines[:SAMPLE_LINES])
    return "\n".join(shown) + ("\n…" if len(lines) > SAMPLE_LINES else "")


def own_cards(own: Iterable[tuple[LineFormat, str]]) -> tuple[Card, ...]:
    """A project's own line formats, each with the address of its page."""
    made = []
    for described, href in own:
        try:
            found = compiled(described)
        except BadPattern as bad:
            made.append(Card(name="", title=described.name, side=SIDES[described.side], group="own",
                             command=described.pattern, about=f"It cannot be used: {bad}", href=href))  # fmt: skip
            continue
        telling = of_text(found, described.sample) if described.sample else None
        made.append(
            Card(name=found.NAME, title=found.TITLE, side=SIDES[found.SIDE], group="own", command=described.pattern,
                 sample=_excerpt(found.SAMPLES), telling=telling, href=href)
        )  # fmt: skip
    return tuple(made)


def grouped(wanted: str, own: tuple[Card, ...] = ()) -> tuple[Group, ...]:
    """The cards that hold every word that is looked for, by group."""
    words = wanted.lower().split()
    kept = [card for card in (*own, *cards()) if all(word in _said(card) for word in words)]
    titles = (("own", "Described by this project"), *GROUPS)
    made = (Group(key, title, tuple(card for card in kept if card.group == key)) for key, title in titles)
    return tuple(group for group in made if group.cards)


def _said(card: Card) -> str:
    return f"{card.name} {card.title} {card.side} {card.group} {card.command} {card.sample} {card.about}".lower()
