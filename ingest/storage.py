"""Uploaded parts on disk, named by the SHA-256 of their bytes, so that the same part twice is stored once.

A part is written under `incoming/` and moved to its name only when it is whole and on the disk itself.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO

from django.conf import settings

STALE_AFTER_S = 6 * 3600  # longer than any upload may last
_SHA256 = re.compile(r"[0-9a-f]{64}")


def parts_folder() -> Path:
    return Path(settings.LINEUP_HOME) / "parts"


def incoming_folder() -> Path:
    return parts_folder() / "incoming"


def path_of(sha256: str) -> Path:
    """Where the part of that digest lies. Raises ValueError where it is no lower-case SHA-256 in hex."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"not a SHA-256 digest: {sha256!r}")
    return parts_folder() / sha256[:2] / sha256[2:4] / sha256


def open_part(sha256: str) -> BinaryIO:
    """The stored bytes as they were sent. Raises FileNotFoundError where they are gone."""
    return path_of(sha256).open("rb")


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True, mode=0o750)
    sync_folder(folder.parent)


class Incoming:
    """A part on its way in. Leaving the `with` block without `keep()` leaves nothing behind."""

    def __init__(self) -> None:
        _make_folder(incoming_folder())
        descriptor, name = tempfile.mkstemp(dir=incoming_folder(), prefix="part-")
        self._path = Path(name)
        self._file = os.fdopen(descriptor, "wb")
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def finish(self) -> None:
        """The part is whole: its bytes go to the disk itself."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def opened(self) -> BinaryIO:
        """The finished part, to be looked at before it is kept."""
        return self._path.open("rb")

    def keep(self) -> str:
        """Moves the finished part to its name, durably, and returns that name; the same bytes there are replaced."""
        target = path_of(self.sha256)
        _make_folder(target.parent)
        self._path.replace(target)
        sync_folder(target.parent)
        return self.sha256

    def discard(self) -> None:
        with suppress(OSError):  # a full disk fails again where what is buffered is written
            self._file.close()
        self._path.unlink(missing_ok=True)  # after keep() there is nothing of that name any more

    def __enter__(self) -> Incoming:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.discard()


def nameless() -> IO[bytes]:
    """A file for the time being, on the disk of the parts; closing it ends it, and so does a crash."""
    _make_folder(incoming_folder())
    return tempfile.TemporaryFile(dir=incoming_folder())


def sweep_incoming(older_than_s: float = STALE_AFTER_S) -> int:
    """Removes what killed processes left behind, and tells how many files that were."""
    folder = incoming_folder()
    if not folder.is_dir():
        return 0
    removed = 0
    oldest = time.time() - older_than_s
    for path in folder.iterdir():
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
                removed += 1
        except FileNotFoundError:
            continue  # another process sweeps too, or the upload has just ended
    return removed
