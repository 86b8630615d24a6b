"""One process that is kept running: started, listened to, started again when it dies, stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psutil

from config.embedded.programs import CannotStart, Program
from config.up.console import Console, Voice

FIRST_PAUSE, LONGEST_PAUSE = 0.3, 10.0  # seconds before a dead process is started again; doubles in between
STEADY = 20.0  # seconds of life after which a death is no longer a failed start


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    name: str
    program: Callable[[], Program]
    stop_signal: int = signal.SIGTERM
    grace: float = 15.0  # seconds to end by itself before it is killed
    chatty: bool = True  # whether its warnings are for the console; servers keep theirs to their log file


class Kept:
    """A service while it is kept running."""

    def __init__(self, service: Service, console: Console) -> None:
        self.service = service
        self.voice: Voice = console.voice(service.name, service.chatty)
        self.process: subprocess.Popen[bytes] | None = None
        self._stopping = asyncio.Event()
        self._task = asyncio.create_task(self._keep(), name=service.name)

    async def _keep(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                how = await self._live_once()
            except (OSError, CannotStart) as error:
                how = f"could not be started ({error})"
            if self._stopping.is_set():
                return
            lived = time.monotonic() - began
            if lived > STEADY:
                pause = FIRST_PAUSE
            if lived < STEADY and pause == FIRST_PAUSE:  # told once, not at every further try
                self.voice.last_words()
            self.voice.say(f"{how}; starting it again in {pause:.1f} s")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _live_once(self) -> str:
        program = self.service.program()
        process = self.process = subprocess.Popen(
            program.argv,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **program.options(self.service.stop_signal),  # type: ignore[call-overload]
        )
        reader = asyncio.StreamReader()
        pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), process.stdout
        )
        listening = asyncio.create_task(self.voice.listen(reader))
        # Asked of the kernel, not waited for with asyncio: that waits for the pipe's end, too, and a child of the dead
        # process may hold the pipe.
        while (code := process.poll()) is None:
            await asyncio.sleep(0.1)
        kill_group(process.pid)  # its children have lost their master: a new one must find its port and tasks free
        with suppress(TimeoutError):
            await asyncio.wait_for(listening, 2)
        pipe.close()
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    async def stop(self, hurry: asyncio.Event) -> None:
        """Ask it to end, wait, and end it. `hurry` cuts the waiting short."""
        self._stopping.set()
        process = self.process
        if process is not None and process.poll() is None:
            with suppress(ProcessLookupError):
                process.send_signal(self.service.stop_signal)
            hurried = asyncio.create_task(hurry.wait())
            await asyncio.wait({self._task, hurried}, timeout=self.service.grace, return_when=asyncio.FIRST_COMPLETED)
            hurried.cancel()
            if not self._task.done():
                self.voice.say("does not end by itself; killing it")
                kill_tree(process.pid)
        await asyncio.wait({self._task})


def kill_group(leader: int) -> None:
    """End whatever is left of a session's process group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def kill_tree(root: int) -> None:
    """End a process and all its descendants, those in sessions of their own (as Postgres's are) included."""
    with suppress(psutil.Error):
        family = psutil.Process(root).children(recursive=True)
        kill_group(root)
        for process in family:
            with suppress(psutil.Error):
                process.kill()
