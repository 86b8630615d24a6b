"""What the programs that start pytest write around its session: tox, nox, make and a script's own headings."""

from __future__ import annotations

import re

# py: commands[0] /srv/app> python -m pytest -v      py: exit 1 (3.07 seconds) /srv/app> …      py: FAIL code 1 (4.18=…)
_TOX = re.compile(
    r"^ {0,2}[\w.,-]{1,60}: (?:commands(?:_pre|_post)?\[\d{1,4}\]|exit \d{1,3} \(|FAIL (?:code|\u2716)|"
    r"OK (?:\(|\u2714)|SKIP \(|(?:install_(?:deps|package)|freeze|recreate env|remove tox env|skipped because)\b)"
)
# nox > Running session tests      make: *** [Makefile:2: test] Error 1
_OTHERS = re.compile(r"^(?:nox > |make(?:\[\d{1,3}\])?: |GNU Make \d)")
_HEADING = re.compile(r"^(={2,40}|-{2,40}|#{2,40}) \S.{0,100} \1$")  # == unit ==
_SAID = ("  congratulations :)", "  evaluation failed :(")


def is_runner(text: str) -> bool:
    """Whether such a program wrote the line, outside of a session."""
    if text.startswith(_SAID) or _OTHERS.match(text) or _TOX.match(text):
        return True
    return text[:2] in ("==", "--", "##") and _HEADING.match(text) is not None
