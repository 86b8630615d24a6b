"""The style of a picture that stands alone: picture.css with every token resolved, in light colours.

Viewers outside a browser know neither custom properties nor light-dark(); the rules stay in one place all the same.
"""

from __future__ import annotations

import re
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static"
BEGIN, END = "/* drawn */", "/* not drawn */"
TOKEN = re.compile(r"--([a-z0-9-]{1,30}): ?([^;{}]{1,300});")
LIGHT = re.compile(r"light-dark\(([^,()]{1,60}),[^()]{1,60}\)")
VAR = re.compile(r"var\(--([a-z0-9-]{1,30})\)")
RULE = re.compile(r"([^{}]{1,900})\{([^{}]{1,900})\}")
COMMENT = re.compile(r"/\*[^*]{0,600}\*/")
PROCESSES = (*(f"p{n}" for n in range(1, 9)), "rest")
HOT = ("hot", "hot-wash")  # what a verdict emphasises: ink, except in pictures of split state


def drawing_style() -> str:
    """CSS of the part of picture.css that draws, without a custom property in it."""
    tokens = _tokens((STATIC / "lineup.css").read_text(encoding="utf-8"))
    drawn = (STATIC / "css" / "picture.css").read_text(encoding="utf-8").split(BEGIN, 1)[1].split(END, 1)[0]
    tokens |= _tokens(drawn)
    lines = []
    for selector, body in RULE.findall(COMMENT.sub("", drawn)):
        if "--" in body and not VAR.search(body):
            continue  # tokens of its own
        lines += _resolved(selector.strip(), body.strip(), tokens)
    return "\n".join(lines)


def _tokens(css: str) -> dict[str, str]:
    """Name to value in light colours; the first that is said of a name counts."""
    found: dict[str, str] = {}
    for name, value in TOKEN.findall(css):
        found.setdefault(name, LIGHT.sub(r"\1", value).strip())
    return found


def _resolved(selector: str, body: str, tokens: dict[str, str]) -> list[str]:
    """A rule that uses the colour of its process is written once a process; one that uses the verdict's, twice."""
    if "var(--c)" in body:
        shades = {f".{name}": tokens["ink-3"] if name == "rest" else tokens[name] for name in PROCESSES}
        return [_rule(selector, body, tokens | {"c": colour}, before) for before, colour in shades.items()]
    if any(f"var(--{name})" in body for name in HOT):
        split = tokens | {"hot": tokens["split"], "hot-wash": tokens["split-wash"]}
        return [_rule(selector, body, tokens), _rule(selector, body, split, ".is-split")]
    return [_rule(selector, body, tokens)]


def _rule(selector: str, body: str, tokens: dict[str, str], before: str = "") -> str:
    wanted = ", ".join(f"{before} {part.strip()}".strip() for part in selector.split(","))
    for _ in range(3):  # tokens that are made of others
        body = VAR.sub(lambda found: tokens.get(found[1], "inherit"), body)
    return f"{wanted} {{ {body} }}"
