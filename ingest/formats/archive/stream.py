"""The bytes of one member as a file object that reads forward and can begin again."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator

from ingest.formats.archive.member import RATIO_FREE, RATIO_LIMIT

BLOCK = 1 << 18


class Damaged(OSError):
    """What keeps a member from being read to its end; the bytes before stand. `strerror` is the rest of a sentence."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.EIO, why)


class MemberFile:
    """What `PartSource` and `Inflow` need of a file: `read`, `seek` and `tell`. Raises Damaged from `read`."""

    def __init__(self, name: str, blocks: Callable[[], Iterator[bytes]]) -> None:
        self.name = name
        self._from_start = blocks
        self._blocks = blocks()
        self._held = b""
        self._at = 0  # of the next byte of `_held`
        self._position = 0
        self._fault: Damaged | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = 0) -> int:
        """From the beginning or from here; a place behind the end is the end. Going back reads anew."""
        if whence not in (0, 1):
            raise ValueError("a member can only be sought from its beginning or from the current place")
        target = max(0, offset + (self._position if whence == 1 else 0))
        if target < self._position:
            self._blocks, self._held, self._at, self._position = self._from_start(), b"", 0, 0
            self._fault = None
        while self._position < target and self.read(min(BLOCK, target - self._position)):
            pass
        return self._position

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, all of them unless the end comes first; b"" at the end."""
        found: list[bytes] = []
        wanted = size if size >= 0 else None
        while wanted is None or wanted > 0:
            if self._at >= len(self._held) and not self._more():
                break
            piece = self._held[self._at : None if wanted is None else self._at + wanted]
            self._at += len(piece)
            found.append(piece)
            if wanted is not None:
                wanted -= len(piece)
        data = b"".join(found)
        self._position += len(data)
        if not data and size != 0 and self._fault is not None:
            fault, self._fault = self._fault, None
            raise fault
        return data

    def _more(self) -> bool:
        if self._fault is not None:
            return False
        try:
            self._held, self._at = next(self._blocks, b""), 0
        except Damaged as fault:
            self._fault, self._held = fault, b""
        return bool(self._held)


def bounded(blocks: Iterator[bytes], size: int, packed: int) -> Iterator[bytes]:
    """The blocks, held to the size that the archive tells and to what logs can be compressed. Raises Damaged."""
    out = 0
    for block in blocks:
        room = size - out
        if len(block) > room:
            yield block[:room]
            raise Damaged("it is longer than the archive says")
        out += len(block)
        yield block
        if out > RATIO_FREE and out > RATIO_LIMIT * packed:
            raise Damaged(f"it is compressed more than {RATIO_LIMIT}:1, as no log is")
    if out < size:
        raise Damaged("it is shorter than the archive says")
