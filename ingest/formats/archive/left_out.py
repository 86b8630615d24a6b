"""What of an archive is not read, and why, said in one sentence for one file and for many.

A reason is what is said of one file: the rest of the sentence "NAME …".
"""

from __future__ import annotations

from collections import Counter

NAMED = 3  # files that are named where several were left out
REASONS = 8
MANY = {
    "is a link": "are links",
    "is a device": "are devices",
    "is a pipe": "are pipes",
    "is a sparse file": "are sparse files",
    "is no log or report by its first lines": "are no logs or reports by their first lines",
    "is a picture, a page, a program or the like": "are pictures, pages, programs and the like",
    "is a body, a source or a picture of a Playwright trace": "are bodies, sources and pictures of a Playwright trace",
    "is a file that is there twice": "are files that are there twice",
    "is an archive that cannot be read": "are archives that cannot be read",
    "is an archive more than one level deep": "are archives more than one level deep",
    "shares its bytes with another file": "share their bytes with other files",
}
VERBS = {"is": "are", "has": "have", "names": "name", "holds": "hold", "lies": "lie"}


class LeftOut:
    def __init__(self) -> None:
        self.why: Counter[str] = Counter()
        self._named: list[str] = []

    def add(self, reason: str, count: int = 1) -> None:
        self.why[reason] += count

    def name(self, name: str, what: str) -> None:
        """Tells of one file by its name, too."""
        self._named.append(f"{name[:200]} {what}")

    def sentence(self) -> str:
        """ "" where everything is read."""
        if not self.why:
            return ""
        total = self.why.total()
        files = f"{total:,} file{'' if total == 1 else 's'}"
        told = self.why.most_common(REASONS)
        more = "; …" if len(self._named) > NAMED else ""
        examples = f" ({'; '.join(self._named[:NAMED])}{more})" if self._named else ""
        if len(self.why) == 1:
            return f"Left out of the archive: {files} that {_of(told[0][0], total)}{examples}."
        reasons = [f"{count:,} {_of(reason, count)}" for reason, count in told]
        rest = total - sum(count for _, count in told)
        reasons += [f"{rest:,} {_of('is of no use for other reasons', rest)}"] if rest else []
        return f"Left out of the archive: {files}, of which {', '.join(reasons[:-1])} and {reasons[-1]}{examples}."


def _of(reason: str, count: int) -> str:
    if count == 1:
        return reason
    verb, _, rest = reason.partition(" ")
    return MANY.get(reason) or f"{VERBS.get(verb, verb)} {rest}"
