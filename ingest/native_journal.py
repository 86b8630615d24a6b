"""A journal's own binary file (`system.journal`, also `.journal~`), read through `journalctl --file` as a Source.

The file is a stranger's and journalctl is C: it runs with bounds on memory, time and files, in an empty environment,
without a shell, and dies with its reader.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import UnsupportedOperation
from typing import IO, BinaryIO

import msgspec

from ingest.formats.decompress import RATIO_FREE, RATIO_LIMIT, Inflow
from ingest.formats.journal.fields import NAMES
from ingest.formats.source import PartSource

MAGIC = b"LPKSHHRH"
HEADER = struct.Struct("<8sII8x16s16s16s16s9Q")  # up to n_entries, of the 208 bytes that every version has
ENTRY = b"\n__CURSOR="  # how every entry begins
READ_BYTES = 1 << 18
COPY_LIMIT = 1 << 30  # bytes of a journal that has to be unpacked first

PROGRAMS = ("prlimit", "setpriv", "journalctl")
MEMORY = 1 << 30  # bytes of address space; journalctl maps a file in windows of 8 MiB
PROCESSOR_S = 180
SAID_BYTES = 1 << 16  # what journalctl may write to a file, which is its complaints
OPEN_FILES = 64
PATIENCE_S = 120.0  # of waiting for journalctl, over a whole pass; it prints a million entries in half a minute
STATUS_S = 5.0  # from the end of its output to its own
OPTIONS = ("-o", "export", "--quiet", "--no-pager", f"--output-fields={','.join(NAMES.values())}")
INSTEAD = "Send what `journalctl --file NAME -o export` prints on the machine that wrote it."


def is_native(head: bytes) -> bool:
    """Whether a file with these first bytes, decompressed, is one."""
    return head.startswith(MAGIC)


def missing() -> str:
    """Which of the programs needed is not installed; "" where all are."""
    return next((name for name in PROGRAMS[::-1] if shutil.which(name) is None), "")


@contextmanager
def exported(file: BinaryIO, limit: int, name: str = "system.journal") -> Iterator[NativeJournal]:
    """The journal in a seekable file, which may be compressed, in the export format; at most `limit` bytes of it.

    Not as JSON, whose fields journalctl prints in another order every time.

    Never raises on content or where journalctl is not installed: the source's `problem` then says so.
    """
    with ExitStack() as stack:
        opened, header, problem = _plain(file, limit, stack)
        output = _Output(opened, header)
        stack.callback(output.stop)
        yield NativeJournal(name, output, limit, problem)


class _Header(msgspec.Struct, frozen=True):
    """What the file says of itself."""

    size: int  # bytes that it should have
    entries: int


class NativeJournal(PartSource):
    """The entries as journalctl prints them; every pass prints them anew."""

    def __init__(self, name: str, output: _Output, limit: int, problem: str) -> None:
        super().__init__(name, output, limit)  # type: ignore[arg-type]  # it reads and rewinds, which is all that is asked
        self._output = output
        self._given = problem

    @property
    def problem(self) -> str | None:
        """What kept the current pass from reading everything."""
        return self._output.problem or self._given or super().problem

    @property
    def bytes_read(self) -> int:
        """About how many bytes of the stored file the current pass has gone through."""
        return self._output.progress()


class _Output:
    """journalctl's standard output, as a file that can be read from its beginning again."""

    def __init__(self, file: IO[bytes] | None, header: _Header) -> None:
        self.problem = ""
        self._file = file
        self._size = os.fstat(file.fileno()).st_size if file is not None else 0
        self._header = header
        self._process: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None
        self._patience = PATIENCE_S
        self._entries = self._bytes = 0
        self._tail = b"\n"  # of what was read: an entry may begin across two readings

    def seek(self, offset: int, whence: int = 0) -> int:
        """Starts over; there is no other place to go to."""
        if offset or whence:
            raise UnsupportedOperation("the output of a program can only be read from its beginning")
        self.stop()
        self.problem, self._patience, self._entries, self._bytes = "", PATIENCE_S, 0, 0
        self._tail = b"\n"
        absent = missing()
        if self._file is None:
            return 0
        if absent:
            package = "systemd" if absent == "journalctl" else "util-linux"
            self.problem = (
                f"This is a journal's own binary file, and {absent}, which reads such files, is not installed on this "
                f"server (Debian package {package}). {INSTEAD}"
            )
            return 0
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  # closed by stop()
        self._process = subprocess.Popen(
            _command(self._file.fileno()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env={"LC_ALL": "C", "TZ": "UTC"},
            cwd="/",
            pass_fds=(self._file.fileno(),),
            start_new_session=True,
        )
        return 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes; b"" at the end, after which `problem` tells whether that was the journal's."""
        process = self._process
        if process is None or process.stdout is None:
            return b""
        began = time.monotonic()
        waiting = select.poll()  # select() refuses descriptors from 1,024 on
        waiting.register(process.stdout, select.POLLIN | select.POLLHUP)
        ready = waiting.poll(max(0.0, self._patience) * 1000)
        self._patience -= time.monotonic() - began
        if not ready:
            self._give_up(f"journalctl took longer than {PATIENCE_S:.0f} s")
            return b""
        data = os.read(process.stdout.fileno(), size if size > 0 else READ_BYTES)
        seen = self._tail + data
        self._entries += seen.count(ENTRY)
        self._tail = seen[-len(ENTRY) + 1 :]
        self._bytes += len(data)
        if not data:
            self._ended(process)
        elif self._bytes > RATIO_FREE and self._bytes > RATIO_LIMIT * self._size:
            self._give_up(f"It unfolds to more than {RATIO_LIMIT} times its size, as no journal does")
        return data

    def progress(self) -> int:
        """How many bytes of the file the entries so far make up, if all are of one size."""
        if not self._header.entries:
            return self._size if self._bytes else 0
        return self._size * min(self._entries, self._header.entries) // self._header.entries

    def stop(self) -> None:
        """Ends the program, whether it has finished or not."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        if self._said is not None:
            self._said.close()
            self._said = None

    def _give_up(self, why: str) -> None:
        self.problem = f"{why}; {self._entries:,} entries of the journal were read. {INSTEAD}"
        self.stop()

    def _ended(self, process: subprocess.Popen[bytes]) -> None:
        try:
            status = process.wait(STATUS_S)
        except subprocess.TimeoutExpired:
            status = -signal.SIGKILL
        said = ""
        if self._said is not None:
            self._said.seek(0)
            said = self._said.read(SAID_BYTES).decode("utf-8", "replace").strip()
        self.problem = self._judged(status, said)
        self.stop()

    def _judged(self, status: int, said: str) -> str:
        """Why this is not all, in a sentence; "" where it is."""
        entries, there = self._entries, self._header.entries
        some = f"{entries:,} of its {there:,} entries could be read"
        if status < 0:
            how = "took too much time" if -status in (signal.SIGXCPU, signal.SIGKILL) else "broke down"
            return f"journalctl {how} over this journal, which may be damaged; {some}. {INSTEAD}"
        if entries >= there and (entries or not status):
            return "" if entries else "The journal holds no entries."
        if entries:
            return f"The journal is damaged or was cut short: {some}; these are used. {INSTEAD}"
        if "Protocol not supported" in said:
            return (
                "The journal was written by a newer systemd than the one installed here can read, or its header is "
                f"damaged. {INSTEAD}"
            )
        return f"The journal is damaged or was cut short: none of its entries could be read. {INSTEAD}"


def _command(descriptor: int) -> list[str]:
    return [
        str(shutil.which("prlimit")),
        f"--as={MEMORY}", f"--cpu={PROCESSOR_S}", "--core=0", f"--fsize={SAID_BYTES}", f"--nofile={OPEN_FILES}", "--",
        str(shutil.which("setpriv")), "--pdeathsig", "KILL", "--no-new-privs",
        str(shutil.which("journalctl")), "--file", f"/proc/self/fd/{descriptor}", *OPTIONS,
    ]  # fmt: skip


def _plain(file: BinaryIO, limit: int, stack: ExitStack) -> tuple[IO[bytes] | None, _Header, str]:
    """(the journal as a real, uncompressed and whole file; its header; what is wrong with it)."""
    file.seek(0)
    start = file.read(HEADER.size)
    header = _header(start)
    if header is not None and _is_real(file) and header.size <= file.seek(0, os.SEEK_END):
        return file, header, ""
    # journalctl refuses a file that is shorter than its header says: in a copy the rest is a hole, which takes no room.
    # It keeps its name while it is read: journalctl takes a file without one for deleted.
    named = tempfile.NamedTemporaryFile(prefix="lineup-", suffix=".journal")  # noqa: SIM115  # closed by the stack
    copy = stack.enter_context(named)
    inflow = Inflow(file, min(limit, COPY_LIMIT))
    for block in inflow.blocks():
        _append(copy, block)
    size = copy.seek(0, os.SEEK_END)
    copy.seek(0)
    header = _header(copy.read(HEADER.size))
    if header is None:
        return None, _Header(0, 0), f"This is no journal that could be read: it is cut off in its header. {INSTEAD}"
    if size < header.size <= limit:
        copy.truncate(header.size)
    copy.flush()
    return copy, header, inflow.problem or ""


def _append(copy: IO[bytes], block: bytes) -> None:
    """Adds a block; journald allots 8 MiB at a time, so much of a file is zeros, which become a hole."""
    end = copy.seek(0, os.SEEK_END)
    if block.count(0) == len(block):
        copy.truncate(end + len(block))
    else:
        copy.write(block)


def _header(start: bytes) -> _Header | None:
    if len(start) < HEADER.size or not is_native(start):
        return None
    fields = HEADER.unpack(start)
    return _Header(fields[7] + fields[8], fields[15])


def _is_real(file: BinaryIO) -> bool:
    try:
        return file.fileno() >= 0
    except (OSError, AttributeError):
        return False
