"""The pieces of a part that holds several formats: a CI's console with a test run and a server's log in it.

`laid_out` finds them, `cut` shows one of them as a source of its own, `title` names it for people.
"""

from __future__ import annotations

from ingest.formats.pieces.cutting import cut
from ingest.formats.pieces.layout import laid_out, pieces_of
from ingest.formats.pieces.piece import PIECES, Layout, Piece, title

__all__ = ["PIECES", "Layout", "Piece", "cut", "laid_out", "pieces_of", "title"]
