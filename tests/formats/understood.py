"""How much of the corpus is understood: `python -m tests.formats.understood [FOLDER …]` prints a table."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from tests.formats.corpus import expectations, files, folders, name_of, slot_of, stretches
from tests.formats.reading import lines_outside

HEADINGS = ("folder", "files", "lines", "not understood", "in no piece", "understood", "text only", "without format")


class Sum(msgspec.Struct):
    """The lines of a folder's files."""

    files: int = 0
    lines: int = 0  # that are not blank
    lost: int = 0  # fitted nothing
    outside: int = 0  # of a file in pieces: between them, and not read
    plain: int = 0  # entries that are only text: nothing tells when, how grave, or by whom
    strange: int = 0  # pieces that no format fits

    def add(self, other: Sum) -> None:
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def cells(self) -> tuple[str, ...]:
        share = f"{100 * (1 - (self.lost + self.outside) / self.lines):.3f} %" if self.lines else ""
        numbers = (self.files, self.lines, self.lost, self.outside)
        return (*(f"{number:,}" for number in numbers), share, str(self.plain), str(self.strange))


def sum_of(folder: Path) -> Sum:
    total, expected = Sum(), expectations(folder)
    for path in files(folder):
        total.files += 1
        of_file = expected.get(name_of(folder, path), {})
        outside = lines_outside(path, slot_of(of_file))
        total.outside += outside
        total.lines += outside
        for piece in stretches(path, of_file):
            total.lines += piece.lines
            total.lost += len(piece.not_understood)
            total.plain += piece.text_only
            total.strange += piece.detection.format is None
    return total


def table(rows: Iterable[tuple[str, ...]]) -> str:
    rows = list(rows)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    )


def main(wanted: list[str]) -> None:
    rows, total = [HEADINGS], Sum()
    for folder in folders():
        if not wanted or folder.name in wanted:
            of_folder = sum_of(folder)
            total.add(of_folder)
            rows.append((folder.name, *of_folder.cells))
    print(table([*rows, ("all", *total.cells)]))


if __name__ == "__main__":
    main(sys.argv[1:])
