"""What a piece is, and what the whole part came to."""

from __future__ import annotations

import msgspec

PIECES = 64  # of one part


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """One stretch of a part that is of one format; the empty Piece() is the whole part."""

    member: str = ""  # path inside an archive
    first: int = 1
    last: int | None = None  # 1-based lines of the (member) file, inclusive; None: to the end
    label: str = ""  # only the lines of this container, service or pod, where the file interleaves several
    others: tuple[str, ...] = ()  # all labels but these


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """Every line of a part in one account: that of its piece, or outside."""

    pieces: tuple[Piece, ...] = (Piece(),)
    outside: int = 0  # lines, not blank, that belong to no piece
    more: int = 0  # logs beyond the PIECES that there may be; their lines are outside
    looked_through: bool = True  # False: a long part; what lies behind the beginning was not searched for pieces

    @property
    def split(self) -> bool:
        return self.pieces != (Piece(),)

    @property
    def remark(self) -> str:
        """A sentence on the lines that were passed over; "" where there are none."""
        if not self.outside:
            return ""
        lines = "line" if self.outside == 1 else "lines"
        were = "was" if self.outside == 1 else "were"
        further = "" if self.looked_through else " Its end was not searched for more logs: the file is too long."
        logs = "log" if self.more == 1 else "logs"
        beyond = f" and of {self.more:,} {logs} more than the {PIECES} of one file that are read" if self.more else ""
        return f"{self.outside:,} {lines} of the console's own output{beyond} {were} passed over.{further}"


def title(name: str, piece: Piece) -> str:
    """A piece's name for people: `console.log, lines 310\u2013420`, `compose.log, tests-1`, `all.zip, web.log`."""
    words = [name]
    if piece.member:
        words.append(piece.member)
    if piece.last is not None and piece.last == piece.first:
        words.append(f"line {piece.first}")
    elif piece.last is not None:
        words.append(f"lines {piece.first}\u2013{piece.last}")
    elif piece.first > 1:
        words.append(f"from line {piece.first}")
    if piece.label:
        words.append(piece.label)
    elif piece.others:
        words.append(f"all but {' and '.join(piece.others[:3])}{' and others' if len(piece.others) > 3 else ''}")
    return ", ".join(words)
