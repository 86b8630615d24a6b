"""What lines say was done, in the words of people: which method that suggests, and whether it was refused."""

from __future__ import annotations

import re

_SPOKEN = {
    "fetched fetch fetching got get read reading listed listing list checked loaded shown showing found": "GET",
    "added add adding created create creating posted registered accepted started queued submitted stored uploaded"
    " saved inserted login logged placed booked": "POST",
    "updated update changed change changing set replaced renamed switched edited patched": "PUT",
    "deleted delete deleting removed remove removing cleared dropped": "DELETE",
}
METHOD_OF = {verb: method for verbs, method in _SPOKEN.items() for verb in verbs.split()}
REFUSED = "refused"
# in the path of a request that begins or ends a session
SESSION_PATHS = (
    "login", "signin", "sign-in", "sign_in", "log-in", "auth", "token", "session", "oauth", "sso", "register", "signup",
)  # fmt: skip
# matches `not found`, `no session`, `unknown`; must not match `notable`
_REFUSAL = re.compile(
    r"(?i)\bnot (?:found|known|valid|allowed|authori[sz]ed|logged)\b|\bno (?:such|session|user|item|job|task)\b|"
    r"\bunknown\b|\brefused\b|\brejected\b|\bdenied\b|\binvalid\b|\bmissing\b|\bexpired\b|\bforbidden\b|\bunauthori[sz]ed\b|"
    r"\bdoes not exist\b"
)
# one of these is in all of it, and a set is quicker to ask
_REFUSALS = """
    not unknown refused rejected denied invalid missing expired forbidden unauthorized unauthorised
"""
_REFUSING = frozenset(_REFUSALS.split())
# matches `-> 404`; must not match `4045`, `12.404`
_REFUSED_STATUS = re.compile(r"4(?<![\d.,:]4)\d\d(?![\d.,:])")
_WORD = re.compile(r"[a-z]{3,12}")
LIMIT = 400  # characters of a line that are looked at


def spoken(text: str) -> frozenset[str]:
    """The methods that a line's verbs suggest, and REFUSED where it says so."""
    head = text[:LIMIT]
    lowered = head.lower()
    said = _WORD.findall(lowered)
    found = {METHOD_OF[word] for word in said if word in METHOD_OF}
    refusing = "no " in lowered or not _REFUSING.isdisjoint(said)
    if (refusing and _REFUSAL.search(head)) or _REFUSED_STATUS.search(head):
        found.add(REFUSED)
    return frozenset(found)


def suits(method: str | None, status: int | None, said: frozenset[str]) -> float:
    """How well a request with this method and status suits what a line says of it, as a log-likelihood."""
    score = 0.0
    if method is not None:
        asked = "PUT" if method == "PATCH" else method
        methods = said - {REFUSED}
        if asked in methods:
            score += 1.5
        elif methods and REFUSED not in said:
            score -= 2.5
    if status is not None:
        refused = status >= 400 or status in (302, 303, 307)
        if refused and REFUSED in said:
            score += 1.5
        elif refused != (REFUSED in said):
            score -= 1.5 if REFUSED in said else 2.0 if said else 0.7
    return score
