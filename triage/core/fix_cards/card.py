"""What a team is told of one cause: what to change, what not to, where to look, and how to confirm it."""

from __future__ import annotations

import msgspec

WRITE, READ = "{write}", "{read}"  # stand for a verdict's own requests in a question


class Snippet(msgspec.Struct, frozen=True):
    """The change in one framework, as short as it can be read."""

    framework: str  # Flask, FastAPI, Django; "" where it does not differ
    before: str
    after: str


class FixCard(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    change: str  # what to change, a sentence or two
    instead_of: str = ""  # what not to do, and why it only hides the fault
    look: tuple[str, ...] = ()  # questions to ask of the code, in the order in which to ask them
    grep: str = ""  # one command that finds the usual places
    snippets: tuple[Snippet, ...] = ()
    confirm: str = ""  # the experiment that decides; {command}, {no_recycling} and {test} are put in by advice
    threads: tuple[str, ...] = ()  # public reports of the same fault, owner-less as people cite them: repo#number

    @property
    def snippet(self) -> str:
        """All snippets as one text, each behind the name of its framework."""
        return "\n\n".join(
            "\n".join(filter(None, (f"# {each.framework}" * bool(each.framework), each.before, each.after)))
            for each in self.snippets
        )

    @property
    def snippet_where(self) -> str:
        return ", ".join(each.framework for each in self.snippets if each.framework)
