"""The course of `make up`: lock, servers, migrations, processes, ready, wait, stop."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.core.management import get_commands

from config import environment, home
from config.embedded import CannotStart, Postgres, Valkey
from config.embedded.postgres import STOP as STOP_POSTGRES
from config.embedded.programs import free_port, port_is_free
from config.embedded.valkey import STOP as STOP_VALKEY
from config.up import leftovers
from config.up.console import Console
from config.up.plan import PYTHON, Plan, plan
from config.up.ready import what_is_missing
from config.up.service import Kept, Service, kill_group

PATIENCE = 120.0  # seconds for a start; a slow disk makes a new database in ten


class Stopped(Exception):
    """Asked to stop while still starting."""


class Up:
    def __init__(self, folder: Path, port: int, verbose: bool) -> None:
        self.home = folder
        self.port = port
        self.console = Console(folder / "log", verbose)
        self.env = {**os.environ, "LINEUP_HOME": str(folder), "PORT": str(port), leftovers.MARK: str(folder)}
        self.kept: dict[str, Kept] = {}
        self.servers: list[Service] = []  # in the order in which they are stopped
        self.plan: Plan | None = None
        self.stop = asyncio.Event()
        self.hurry = asyncio.Event()

    async def run(self) -> None:
        """Start, keep running until a signal, stop. Raises CannotStart."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._asked_to_stop)
        try:
            await self._start()
            await self.stop.wait()
        except Stopped:
            pass
        finally:
            self.console.say("stopping …")
            await self._stop_all()
            home.forget_servers(self.home)
            self.console.say("stopped; everything is kept in " + str(self.home))

    def _asked_to_stop(self) -> None:
        if self.stop.is_set():
            self.hurry.set()  # asked twice: no more waiting
        self.stop.set()

    async def _start(self) -> None:
        began = time.monotonic()
        await self._start_servers()
        await self._once("prepare", "prepare")
        self.plan = plan(
            self.env,
            environment.integer("LINEUP_INTERACTIVE_WORKERS", 2, 1, 256),
            environment.integer("LINEUP_BULK_WORKERS", 1, 1, 256),
        )
        for service in self.plan.services:
            self._keep(service)
        await self._until(lambda: not what_is_missing(self.port), lambda: what_is_missing(self.port) or "")
        await self._demonstration()
        self._greet(time.monotonic() - began)

    async def _start_servers(self) -> None:
        noted: dict[str, str] = {}
        waits: list[tuple[str, Callable[[], bool]]] = []
        postgres = valkey = None
        if not self.env.get("DATABASE_URL", "").strip():
            postgres = Postgres(self.home / "postgres", free_port())
            if leftovers.end_postgres(postgres.data):
                self.console.say("ended the Postgres of an earlier start")
            if not postgres.data.exists():
                self.console.say("making the database …")
                postgres.program()  # here, where it may fail with its sentence
            server = Service(
                name="postgres", program=postgres.program, stop_signal=STOP_POSTGRES, grace=30, chatty=False
            )
            self.servers.append(server)
            self.env["DATABASE_URL"] = noted["database"] = postgres.url
            waits.append(("Postgres", postgres.is_ready))
        if not self.env.get("BROKER_URL", "").strip():
            valkey = Valkey(self.home / "valkey", free_port())
            server = Service(name="valkey", program=valkey.program, stop_signal=STOP_VALKEY, chatty=False)
            self.servers.insert(0, server)
            self.env["BROKER_URL"] = noted["broker"] = valkey.url
            waits.append(("Valkey", valkey.is_ready))
        for server in reversed(self.servers):
            self._keep(server)
        for name, is_ready in waits:
            await self._until(is_ready, lambda name=name: f"{name} does not start")  # type: ignore[misc]
        if postgres:
            await asyncio.to_thread(postgres.make_database)
        home.note_servers(self.home, web=f"http://127.0.0.1:{self.port}", **noted)

    def _keep(self, service: Service) -> None:
        if self.stop.is_set():
            raise Stopped
        self.kept[service.name] = Kept(service, self.console)

    async def _until(self, done: Callable[[], bool], why_not: Callable[[], str]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not await asyncio.to_thread(done):
            if self.stop.is_set():
                raise Stopped
            if time.monotonic() > deadline:
                raise CannotStart(f"Gave up after {PATIENCE:.0f} seconds: {why_not()}. See {self.console.folder}.")
            await asyncio.sleep(0.2)

    async def _once(self, name: str, *command: str) -> None:
        """Run a management command to its end. Raises CannotStart with its last words."""
        voice = self.console.voice(name)
        process = await asyncio.create_subprocess_exec(
            PYTHON, "manage.py", *command, env=self.env, cwd=home.BASE_DIR, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        stopped = asyncio.create_task(self.stop.wait())
        ended = asyncio.create_task(voice.listen(process.stdout))
        await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if self.stop.is_set():
            with suppress(ProcessLookupError):
                process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 10)
            kill_group(process.pid)
            await process.wait()
            raise Stopped
        if await process.wait() != 0:
            voice.last_words()
            raise CannotStart(f"`manage.py {' '.join(command)}` failed; its words are above and in {voice.path}.")

    async def _demonstration(self) -> None:
        """On the first start, fill a project to look at through the same upload that a CI job uses."""
        done = self.home / "demonstration-done"
        if done.exists() or "demo" not in get_commands():
            return
        self.console.say("filling a demonstration project …")
        try:
            await self._once("demo", "demo", "--url", f"http://127.0.0.1:{self.port}")
        except CannotStart as error:  # a missing demonstration is no reason to deny the rest
            self.console.say(str(error))
        else:
            home.write_private(done, "Remove this file to have `manage.py demo` run again at the next start.\n")

    def _greet(self, took: float) -> None:
        password = self.home / "admin-password"
        self.console.say(f"ready after {took:.1f} s")
        self.console.say("")
        self.console.say(f"  Lineup     http://127.0.0.1:{self.port}/")
        if password.exists():
            self.console.say(f"  sign in    admin   {password.read_text(encoding='utf-8').strip()}")
            self.console.say(f"             (kept in {password})")
        else:
            self.console.say("  sign in    admin, with the password that you gave it")
        self.console.say(f"  logs       {self.console.folder}")
        self.console.say("  stop       Ctrl-C")
        self.console.say("")

    async def _stop_all(self) -> None:
        self.stop.set()
        waves = [self.plan.takes_in, self.plan.works] if self.plan else []
        for wave in [*waves, *((server,) for server in self.servers)]:
            kept = [self.kept[service.name] for service in wave if service.name in self.kept]
            await asyncio.gather(*(one.stop(self.hurry) for one in kept))
        leftovers.end_marked(self.home)


def up(verbose: bool = False) -> int:
    """Run everything until a signal; the exit code."""
    folder = home.folder()
    port = environment.integer("PORT", 8000, 1, 65535)
    lock = home.Lock(folder)
    if not lock.take(f"up {os.getpid()} {port}"):
        print(_who_holds(lock, folder))
        return 1
    try:
        if leftovers.end_marked(folder):  # it may still hold the port
            print("Ended what an earlier start had left running.")
        if not port_is_free(port):
            print(f"Port {port} is in use by another program. Choose another one: PORT={port + 1} make up")
            return 1
        home.forget_servers(folder)
        try:
            asyncio.run(_run(folder, port, verbose))
        except CannotStart as error:
            print(error)
            return 1
        return 0
    finally:
        lock.release()


async def _run(folder: Path, port: int, verbose: bool) -> None:
    await Up(folder, port, verbose).run()


def _who_holds(lock: home.Lock, folder: Path) -> str:
    kind, pid, *port = [*lock.held_by().split(), "", ""][:3]
    if kind == "up":
        return f"Lineup already runs on {folder} (process {pid}): http://127.0.0.1:{port[0]}/"
    return f"A command (process {pid}) uses the database in {folder} just now: try again when it has ended."
