"""Whether a line holds what was asked for, and where in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from triage.core.search.query import Query, Term
from triage.core.search.words import words_in


def asked_words(query: Query) -> str:
    """What a block of lines must hold, as Postgres reads a tsquery; "" where the query names no word."""
    wanted = [
        f"'{word}':*" if term.open and word is term.words[-1] else f"'{word}'"
        for term in query.terms
        for word in term.words
    ]
    wanted += [f"'{word}'" for text in (query.host, query.path) for word in words_in(text)]
    wanted += [f"'pid={query.pid}'"] if query.pid is not None else []
    if query.status:
        wanted.append(f"'status={query.status}'" + ("" if len(query.status) == 3 else ":*"))
    if query.level.isascii() and query.level.isalpha():
        wanted.append(f"'level={query.level}'")
    return " & ".join(dict.fromkeys(wanted))


def telling(term: Term) -> str:
    """The word of a term by which lines are picked before they are looked at closely."""
    return max(term.words, key=len)


def holds(texts: Iterable[str], terms: Iterable[Term]) -> bool:
    """Every term stands in one of the texts, its words side by side."""
    told = "".join(f" {' '.join(words_in(text))} \n" for text in texts)
    return all(f" {' '.join(term.words)}{'' if term.open else ' '}" in told for term in terms)


def marking(terms: Iterable[Term], *, parts: bool = False) -> re.Pattern[str] | None:
    """What is marked in a text: whole words, or `parts` of words too; None where there is nothing to mark."""
    told = []
    for term in terms:
        if parts:
            told.append(re.escape(term.text))
        elif term.words:
            inner = r"[\W_]{1,40}".join(re.escape(word) for word in term.words)
            told.append(rf"(?<![^\W_]){inner}" + ("[^\\W_]{0,60}" if term.open else r"(?![^\W_])"))
    told = sorted({each for each in told if each}, key=len, reverse=True)
    return re.compile("|".join(told), re.IGNORECASE) if told else None
