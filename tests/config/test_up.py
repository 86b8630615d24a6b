"""`make up` as a person meets it: real processes, killed for real."""

import re
import signal
import stat
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest
import redis

from config.home import BASE_DIR, noted_server
from config.up import leftovers
from tests.config.running import Running, are_gone, environment, wait_until


@pytest.fixture(scope="module")
def lineup(tmp_path_factory):
    running = Running(tmp_path_factory.mktemp("up") / "home")
    try:
        yield running.until_ready()
    finally:
        running.stop()


def test_it_becomes_ready_and_says_where_it_is_and_how_to_sign_in(lineup):
    status, checks = lineup.readyz()
    assert status == 200
    assert set(checks) == {"database", "broker", "workers", "storage"}
    assert f"http://127.0.0.1:{lineup.port}/" in lineup.output()
    password = lineup.home / "admin-password"
    assert password.read_text().strip() in lineup.output()


def test_every_secret_is_for_its_owner_only(lineup):
    secrets = ["secret-key", "admin-password", "run/servers.json", "postgres/password", "valkey/password"]
    modes = {name: stat.S_IMODE((lineup.home / name).stat().st_mode) for name in [*secrets, "valkey/valkey.conf"]}
    assert set(modes.values()) == {0o600}, modes
    password = (lineup.home / "postgres" / "password").read_text()
    listed = subprocess.run(["ps", "-wweo", "args"], capture_output=True, text=True).stdout
    assert "gunicorn" in listed
    assert password not in listed, "visible to every user of the machine"


def test_a_second_start_on_the_same_home_says_so_and_leaves_the_first_alone(lineup):
    second = lineup.manage("up")
    assert second.returncode != 0
    assert "already runs" in second.stdout
    assert len(second.stdout.splitlines()) == 1
    assert lineup.readyz()[0] == 200


def test_a_port_that_is_taken_is_said_in_a_sentence(lineup, tmp_path):
    env = environment(tmp_path, lineup.port)
    other = subprocess.run([sys.executable, "manage.py", "up"], cwd=BASE_DIR, env=env, capture_output=True, text=True)
    assert other.returncode != 0
    assert f"Port {lineup.port} is in use" in other.stdout


def test_a_command_in_another_terminal_works_on_the_running_database(lineup):
    told = lineup.manage(
        "shell", "-v0", "-c", "from django.conf import settings as s; print(s.DATABASES['default']['PORT'])"
    )
    assert told.returncode == 0, told.stderr
    assert f":{told.stdout.strip()}/" in noted_server(lineup.home, "database")


def test_all_web_processes_share_one_key(lineup):
    keys = lineup.manage("shell", "-v0", "-c", "from django.conf import settings as s; print(s.SECRET_KEY)")
    assert keys.stdout.strip() == (lineup.home / "secret-key").read_text().strip()


@pytest.mark.parametrize("name", ["web", "beat", "interactive", "bulk", "valkey", "postgres"])
def test_what_is_killed_comes_back(lineup, name):
    old = lineup.child(name)
    family = [old, *old.children(recursive=True)]
    old.kill()
    wait_until(lambda: (now := lineup.child(name)) is not None and now.pid != old.pid, why=lineup.output()[-2000:])
    wait_until(lambda: lineup.readyz()[0] == 200, why=str(lineup.readyz()))
    wait_until(lambda: are_gone(family), why=f"children of the killed {name} live on")


def test_a_killed_broker_has_its_messages_again(lineup):
    url = noted_server(lineup.home, "broker")
    client = redis.Redis.from_url(url)
    client.rpush("a-queue-nobody-reads", "a message")
    client.close()
    lineup.child("valkey").kill()
    wait_until(lambda: lineup.readyz()[1].get("broker", {}).get("ok") is True)
    client = redis.Redis.from_url(url, retry_on_timeout=True)
    assert client.lrange("a-queue-nobody-reads", 0, -1) == [b"a message"]
    client.close()


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_readyz_answers_within_two_seconds_and_names_a_server_that_hangs(lineup, name):
    wait_until(lambda: lineup.readyz()[0] == 200)
    stopped = lineup.child(name)
    family = [stopped, *stopped.children()]
    try:
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
        began = time.monotonic()
        status, checks = lineup.readyz()
        assert time.monotonic() - began < 2
        assert status == 503
        assert checks[{"postgres": "database", "valkey": "broker"}[name]]["ok"] is False
        assert checks["storage"]["ok"] is True
    finally:
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.resume()
    wait_until(lambda: lineup.readyz()[0] == 200)


@pytest.mark.parametrize("name", ["web", "interactive"])
def test_one_of_several_processes_that_is_killed_is_replaced(lineup, name):
    old = lineup.child(name).children()
    old[0].kill()
    wait_until(lambda: are_gone(old[:1]) and len(lineup.child(name).children()) == len(old))
    assert lineup.readyz()[0] == 200


def test_after_all_that_was_killed_and_hung_tasks_still_run(lineup):
    log = lineup.home / "log" / "worker interactive.log"

    def done():
        return len(re.findall(r"Task ingest\.tasks\.sweep\S* succeeded", log.read_text()))

    before = done()
    wait_until(lambda: done() >= before + 3, why=log.read_text()[-2000:])


def test_sigterm_stops_everything_and_the_next_start_has_the_data(lineup, tmp_path_factory):
    made = lineup.manage("shell", "-v0", "-c", "from triage.models import Project; Project.objects.create(slug='kept')")
    assert made.returncode == 0, made.stderr
    family = lineup.family()
    assert len(family) > 8
    assert lineup.stop() == 0
    assert are_gone(family)
    assert leftovers.marked(lineup.home) == []
    assert not (lineup.home / "run" / "servers.json").exists()
    # Nothing runs now, so the command brings its own Postgres for as long as it takes.
    kept = lineup.manage("shell", "-v0", "-c", "from triage.models import Project; print(Project.objects.get().slug)")
    assert kept.stdout.strip() == "kept", kept.stderr
    assert not (lineup.home / "postgres" / "server" / "data" / "postmaster.pid").exists()


def test_servers_that_hang_do_not_keep_it_from_stopping(tmp_path):
    running = Running(tmp_path / "home").until_ready()
    family = running.family()
    postgres = running.child("postgres")
    for process in [postgres, *postgres.children()]:
        with suppress(psutil.NoSuchProcess):
            process.suspend()
    running.process.send_signal(signal.SIGTERM)
    wait_until(lambda: "stopping" in running.output())
    running.process.send_signal(signal.SIGTERM)  # asked twice, it does not wait
    assert running.process.wait(30) == 0
    wait_until(lambda: are_gone(family), patience=5)


def test_after_a_killed_supervisor_nothing_lives_on_and_the_next_start_works(tmp_path):
    first = Running(tmp_path / "home").until_ready()
    family = first.family()
    first.stop(signal.SIGKILL)
    second = Running(tmp_path / "home")
    try:
        second.until_ready()
        assert second.readyz()[0] == 200
        assert are_gone([p for p in family if p not in second.family()])
    finally:
        second.stop(signal.SIGINT)
    assert psutil.pid_exists(second.process.pid) is False
    assert leftovers.marked(tmp_path / "home") == []
