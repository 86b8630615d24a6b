"""docker-compose.yml, without Docker: valid by the specification, and every command of it started for real."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml

from config.embedded import running_postgres
from config.embedded.programs import free_port, valkey_server
from config.home import BASE_DIR
from config.up.plan import BEAT, WEB, worker

COMPOSE = BASE_DIR / "docker-compose.yml"
GIVEN = {
    "SECRET_KEY": "test-only-3v8Lq0Zr5Xw2Yt7Bn4Mk9Jh6Gf1Ds",
    "POSTGRES_PASSWORD": "postgrespassword",
    "VALKEY_PASSWORD": "valkeypassword",
    "BASE_URL": "https://lineup.example.com",
}
OURS = ("migrate", "web", "worker-interactive", "worker-bulk", "beat")


class Missing(Exception):
    """A variable that has to be set is not."""


def interpolate(value, given):
    """What compose does with ${NAME:?message}, ${NAME:-default} and $$, in every string of the file."""
    if isinstance(value, dict):
        return {key: interpolate(inner, given) for key, inner in value.items()}
    if isinstance(value, list):
        return [interpolate(inner, given) for inner in value]
    if not isinstance(value, str):
        return value

    def replace(match):
        if match[0] == "$$":
            return "$"
        if found := given.get(match["name"]):
            return found
        if match["how"] == ":?":
            raise Missing(match["name"])
        return match["word"]

    return re.sub(r"\$\$|\$\{(?P<name>\w+)(?P<how>:[?-])(?P<word>[^}]*)\}", replace, value)


def services(given=GIVEN):
    return interpolate(yaml.safe_load(COMPOSE.read_text()), given)["services"]


def test_it_is_valid_by_the_compose_specification():
    schema = json.loads(files("check_jsonschema").joinpath("builtin_schemas/vendor/compose-spec.json").read_text())
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    errors = [f"{e.json_path}: {e.message}" for e in validator(schema).iter_errors(yaml.safe_load(COMPOSE.read_text()))]
    assert errors == []


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_it_does_not_start_without_a_secret(name):
    with pytest.raises(Missing, match=name):
        services({key: value for key, value in GIVEN.items() if key != name})


def test_every_service_that_stays_is_checked_restarted_and_given_time_to_end():
    for name, service in services().items():
        if name == "migrate":
            assert service["restart"] == "no"
            continue
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"], name
        assert service["stop_grace_period"], name


def test_only_the_web_server_is_reachable_and_only_from_the_host_itself():
    published = {name: service["ports"] for name, service in services().items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8000:8000"]}


def test_everything_that_is_kept_lies_in_a_named_volume():
    named = set(yaml.safe_load(COMPOSE.read_text())["volumes"])
    used = {volume.split(":")[0] for service in services().values() for volume in service.get("volumes", [])}
    assert used == named


def test_it_starts_the_same_processes_as_make_up():
    def bare(command):
        return tuple(command[1:]) if command[0] in ("gunicorn", "celery") else tuple(command)

    compose = services()
    assert bare(compose["web"]["command"]) == WEB[2:]
    assert bare(compose["beat"]["command"]) == BEAT[2:]
    assert bare(compose["worker-interactive"]["command"]) == worker("interactive", 2)[2:]
    assert bare(compose["worker-bulk"]["command"]) == worker("bulk", 1)[2:]


def test_the_image_runs_as_nobody_in_particular_from_hashed_packages():
    image = (BASE_DIR / "Dockerfile").read_text()
    assert re.search(r"^USER lineup$", image, re.MULTILINE)
    assert "--require-hashes" in image
    assert "LINEUP_PRODUCTION=true" in image


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """Every service's own command, with the environment that compose would give; hosts are this machine's."""
    folder = tmp_path_factory.mktemp("compose")
    compose = services()
    shims = folder / "bin"
    shims.mkdir()
    (shims / "valkey-server").symlink_to(valkey_server())
    (shims / "docker-entrypoint.sh").write_text('#!/bin/sh\nexec "$@"\n')
    (shims / "docker-entrypoint.sh").chmod(0o755)
    path = f"{Path(sys.executable).parent}:{shims}:{os.environ['PATH']}"
    web_port, valkey_port = free_port(), free_port()
    processes = {}

    def start(name, env, cwd, *more):
        out = (folder / f"{name}.out").open("wb")
        command = [
            word.replace("valkey-server -", f"valkey-server - {' '.join(more)}") for word in compose[name]["command"]
        ]
        processes[name] = subprocess.Popen(command, env=env, cwd=cwd, stdout=out, stderr=out, start_new_session=True)
        return processes[name]

    with running_postgres(folder / "postgres", durable=False) as database:
        data = folder / "data"
        data.mkdir()
        start("valkey", {"PATH": path, **compose["valkey"]["environment"]}, data, f"--port {valkey_port}")
        try:
            for name in OURS:
                env = {key: str(value) for key, value in compose[name]["environment"].items()}
                assert "@postgres:5432/lineup" in env["DATABASE_URL"]
                env |= {
                    "PATH": path,
                    "DATABASE_URL": database,
                    "BROKER_URL": env["BROKER_URL"].replace("@valkey:6379", f"@127.0.0.1:{valkey_port}"),
                    # What the image's ENV lines say, with this machine's folders.
                    "LINEUP_PRODUCTION": "true",
                    "LINEUP_HOME": str(folder / "home"),
                    "LINEUP_ALIVE": str(folder / f"{name}.alive"),
                    "PORT": str(web_port),
                }
                process = start(name, env, BASE_DIR)
                if name == "migrate":
                    assert process.wait(60) == 0, (folder / "migrate.out").read_text()
            yield folder, processes, web_port, compose
        finally:
            # As compose does: what depends on the broker ends before it.
            for process in reversed(processes.values()):
                process.send_signal(signal.SIGTERM)
                process.wait(60)


def healthy(folder, name, port, patience=40):
    """Runs the service's own health check until it says yes."""
    test = services()[name]["healthcheck"]["test"]
    command = [sys.executable if word == "python" else word.replace(":8000", f":{port}") for word in test[1:]]
    env = {"LINEUP_ALIVE": str(folder / f"{name}.alive")}
    deadline = time.monotonic() + patience
    while subprocess.run(command, cwd=BASE_DIR, env=env, capture_output=True).returncode != 0:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.3)
    return True


@pytest.mark.parametrize("name", ["web", "worker-interactive", "worker-bulk", "beat"])
def test_a_service_started_with_its_own_command_becomes_healthy_by_its_own_check(started, name):
    folder, processes, port, _ = started
    assert healthy(folder, name, port), (folder / f"{name}.out").read_text()[-3000:]
    assert processes[name].poll() is None


def test_the_whole_is_ready_and_answers_only_to_its_own_name(started):
    folder, _, port, _ = started
    healthy(folder, "web", port)
    deadline = time.monotonic() + 30
    while (answer := _get(port, "/readyz", "lineup.example.com"))[0] != 200:
        assert time.monotonic() < deadline, answer
        time.sleep(0.3)
    assert _get(port, "/readyz", "evil.example.com")[0] == 400


def test_beat_sends_and_a_worker_takes(started):
    folder, *_ = started
    deadline = time.monotonic() + 30
    while "ingest.tasks.sweep" not in (folder / "worker-interactive.out").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.3)


def _get(port, path, host):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
