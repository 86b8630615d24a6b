"""The words of logs as a sentence can carry them: no stamp, no payload, cut at a word, with quotes that close."""

from __future__ import annotations

import re

LIMIT = 160  # characters of a sentence that is read aloud
NAME = 60  # of a step in prose
OBJECT = 24  # of the thing that a step speaks of

# matches `PASS: `, `- `, `[INFO] `, `12:04:01 | `, `[2026-11-23 03:52:28 +0000] [32443] `; must not match `POST /cars`
_FRAME = re.compile(
    r"\s{0,20}(?:[-*•>^✓✔✗✘]{1,3}\s|\[[^\]\n]{1,40}\]:?\s|\d[\d\-:.,TZ/+ ]{5,40}[\s|]{1,3}|"
    r"(?:PASS(?:ED)?|FAIL(?:ED)?|OK|INFO|DEBUG|WARN(?:ING)?|ERROR|CRITICAL|SUCCESS|STEP(?: \d{1,4})?)"
    r"(?:\s{0,3}[:|\-]\s{0,3}|\s{1,8}in [\w.]{1,60}: ))"
)
# where a payload begins: a bracket, a quote, `key=value`, a URL
_PAYLOAD = re.compile(r"[{\[(<\"“'\u2018`]|\b\w{1,40}=|https?://")
_DANGLING_WORDS = """
    with details detail data payload body response request json params values value of for to at the a an and is was
    are from as by on in via using url
"""
_DANGLING = frozenset(_DANGLING_WORDS.split())
_QUOTED = re.compile(r"[\"'“\u2018](?P<value>[\w][\w .\-]{0,40})[\"'”\u2019]")
# matches `: 'figo'` and `="figo"` in a payload
_VALUE = re.compile(r"[:=]\s?[\"'](?P<value>[\w][\w .\-]{0,40})[\"']")
_PAIRS = {"(": ")", "[": "]", "{": "}", "“": "”"}


def unframed(text: str) -> str:
    """A log message without stamps, levels and marks before it, on one line."""
    words = " ".join(text[:2_000].split())
    for _ in range(6):
        found = _FRAME.match(words)
        if found is None or found.end() >= len(words):
            break
        words = words[found.end() :]
    return words


def step_name(text: str) -> str:
    """A step in prose as one would name it: `Successfully added new car 'figo'`."""
    words = unframed(text)
    found = _PAYLOAD.search(words)
    if found is not None and found.start() < 4:
        return clipped(words, NAME).replace("“", "'").replace("”", "'") or "a step without words"
    head, payload = (words[: found.start()], words[found.start() :]) if found is not None else (words, "")
    before, colon, behind = head.partition(": ")
    if colon and len(behind.split()) > 3 and len(before.split()) > 1:
        head = before
    kept = head.rstrip(" :,;=-|").split()
    while len(kept) > 1 and kept[-1].lower() in _DANGLING:
        kept.pop()
    name = clipped(" ".join(kept), NAME) or "a step without words"
    value = _QUOTED.match(payload) or _VALUE.search(payload[:400])
    thing = value["value"].strip() if value is not None else ""
    return f"{name} '{thing}'" if thing and len(thing) <= OBJECT and thing.lower() not in name.lower() else name


def clipped(text: str, limit: int = LIMIT) -> str:
    """One line of at most `limit` characters, cut between words, with no bracket or quote left open."""
    words = " ".join(text[: 20 * limit].split())
    if len(words) > limit:
        words = words[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:=-")
        place = _left_open(words)
        if place > limit // 3:
            words = words[:place].rstrip(" ,;:=-")
        words += " …"
    return words


def _left_open(text: str) -> int:
    """Where the first bracket or quote begins that is never closed; -1 where all are."""
    waiting: list[tuple[str, int]] = []
    for place, letter in enumerate(text):
        if waiting and letter == waiting[-1][0]:
            waiting.pop()
        elif letter in _PAIRS:
            waiting.append((_PAIRS[letter], place))
        elif letter == '"' or (letter == "'" and not text[place - 1 : place].isalnum()):
            waiting.append((letter, place))
    return waiting[0][1] if waiting else -1


def said(message: str, limit: int = 90) -> str:
    """A server's line in quotes, without its frame."""
    return f"“{clipped(unframed(message), limit).rstrip('. ')}”"


def clause(text: str, word: str, limit: int = 80) -> str:
    """The clause of a line around a word (lower case): `no such table: note`, `state mismatch`."""
    at = text.lower().index(word)
    begin = max(
        text.rfind(mark, 0, at) + len(mark) for mark in ('"', "'", "{", "}", "(", "] ", "\n", " | ", "; ", "!r")
    )
    ends = [place for mark in ('"', "'", "{", "}", ")", "\n", " | ", "; ", ". ") if (place := text.find(mark, at)) > 0]
    return clipped(unframed(text[max(begin, 0, at - limit) : min(ends, default=len(text))]), limit).strip(" ,.:")
