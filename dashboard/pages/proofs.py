"""The two lines that prove a verdict, each with the words that decide marked."""

from __future__ import annotations

import re

import msgspec
from django.urls import reverse

from dashboard.pages import words
from dashboard.pages.scenes import Loaded, Proof
from dashboard.pages.words import Piece, pieces
from dashboard.timeline.scene import Scene
from dashboard.timeline.text import few_words, process_name, visible
from triage.core.findings import Verdict
from triage.models import Run

RAW_CUT = 6_000  # characters of one log line that a page shows
BRIEF = 110  # of what it says, where it is only named
KEY = re.compile(r"(?=[\w-]{0,39}\d)(?=[\w-]{0,39}[A-Za-z])[\w-]{6,40}")  # an id such as 25e3188c: letters and digits


class ProofView(msgspec.Struct, frozen=True, kw_only=True):
    anchor: str
    title: str
    who: str
    colour: str
    where: str
    text: tuple[Piece, ...]
    cut: str
    href: str
    brief: str  # what it says, in a few of its own words


def proof_views(run: Run, loaded: Loaded, verdict: Verdict | None) -> tuple[ProofView, ...]:
    if verdict is None:
        return ()
    marked = _deciding(loaded, verdict)
    named = (("Written", loaded.write), ("Read", loaded.read))
    return tuple(_proof(run, title, proof, loaded.scene, marked) for title, proof in named if proof is not None)


def _proof(run: Run, title: str, proof: Proof, scene: Scene, marked: list[str]) -> ProofView:
    end = proof.end
    known = end.process is not None and end.process < len(scene.processes)
    who = process_name(scene.processes[end.process]) if known and end.process is not None else f"{end.unit} {end.pid}"
    href = f"{reverse('lines', args=[run.pk])}?served={end.served}" if end.served is not None else ""
    hidden = len(proof.raw) - RAW_CUT
    return ProofView(
        anchor=title.lower(),
        title=title,
        who=visible(who + (f" on {end.host}" if end.host and len({p.host for p in scene.processes}) > 1 else "")),
        colour=f"p{(end.process or 0) % 8 + 1}",
        where=f"{visible(proof.part)}, line {proof.line:,}",
        text=pieces(proof.raw[:RAW_CUT].rstrip("\n"), marked),
        cut=f"{hidden:,} more characters" if hidden > 0 else "",
        href=href,
        brief=few_words(proof.message, BRIEF),
    )


def _deciding(loaded: Loaded, verdict: Verdict) -> list[str]:
    """The words that decide: the two PIDs, the paths, and what the write's line and the test's step both name."""
    ends = [end for end in (verdict.write, verdict.read) if end is not None]
    pids = [str(end.pid) for end in ends if end.pid is not None]
    found = [pid if len(pid) >= words.TELLING_DIGITS else f"[{pid}]" for pid in pids]
    found += [end.path for end in ends if end.path and len(end.path) > 1]
    if loaded.write is not None and loaded.read is not None:
        shared = set(KEY.findall(loaded.write.message[:2000])) & set(KEY.findall(loaded.read.message[:2000]))
        found += sorted(shared, key=len, reverse=True)[:3]
    steps = [s for s in loaded.scene.steps if any(e.step == s.index for e in ends)]
    if loaded.write is not None and steps:
        quoted = [word for word in loaded.write.message[:2000].replace('"', "'").split("'")[1::2] if 2 < len(word) < 40]
        said = " ".join(step.text[:2000] for step in steps)
        found += [word for word in quoted if word in said and not said.count(f"'{word}':")][:1]
    return found
