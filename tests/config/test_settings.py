"""The settings: from the environment only, refused with the variable's name, safe by default."""

import json
import os
import re
import subprocess
import sys

import pytest

from config import environment
from config.home import BASE_DIR

SHOW = """
import json
from config import settings
print(json.dumps({name: str(value) for name, value in vars(settings).items() if name.isupper()}))
"""


def settings(tmp_path, **env):
    """The settings as another process sees them."""
    base = {"PATH": os.environ["PATH"], "LINEUP_HOME": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "-c", SHOW], cwd=BASE_DIR, env=base | env, capture_output=True, text=True
    )  # fmt: skip


def values(tmp_path, **env):
    done = settings(tmp_path, **env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_two_processes_that_start_at_once_have_the_same_secret_key(tmp_path):
    command = [sys.executable, "-c", "from config.settings import SECRET_KEY; print(SECRET_KEY)"]
    env = {"PATH": os.environ["PATH"], "LINEUP_HOME": str(tmp_path / "new")}
    both = [subprocess.Popen(command, cwd=BASE_DIR, env=env, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    keys = {process.communicate()[0].strip() for process in both}
    assert len(keys) == 1
    assert len(keys.pop()) > 50
    assert oct((tmp_path / "new" / "secret-key").stat().st_mode)[-3:] == "600"


def test_production_draws_no_secret_of_its_own(tmp_path):
    done = settings(tmp_path, LINEUP_PRODUCTION="true")
    assert done.returncode != 0
    assert "SECRET_KEY must be set" in done.stderr
    assert not (tmp_path / "secret-key").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("LINEUP_PRODUCTION", "maybe"),
        ("LINEUP_MAX_PART_BYTES", "4GB"),
        ("LINEUP_LOG_LEVEL", "loud"),
        ("DATABASE_URL", "mysql://user:hunter2@host/db"),
        ("DATABASE_URL", "postgres://user:hunter2@host:port/db"),
        ("BROKER_URL", "sqs://hunter2"),
        ("BASE_URL", "lineup.example.com"),
        ("EMAIL_URL", "mail://user:hunter2@host"),
        ("TRUSTED_PROXIES", "proxy1"),
        ("OIDC_ISSUER", "http://id.example.com"),
        ("OIDC_ISSUER", "https://id.example.com"),
        ("LINEUP_PASSWORDS", "false"),
    ],
)
def test_a_bad_value_is_refused_with_the_name_of_its_variable_and_without_its_secret(tmp_path, name, value):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=BASE_DIR, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], "LINEUP_HOME": str(tmp_path), name: value},
    )  # fmt: skip
    assert done.returncode == 1
    assert name in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "hunter2" not in done.stderr


def test_behind_https_cookies_are_secure_and_browsers_are_told_to_stay(tmp_path):
    secure = values(tmp_path, BASE_URL="https://lineup.example.com/")
    assert secure["SESSION_COOKIE_SECURE"] == secure["CSRF_COOKIE_SECURE"] == "True"
    assert int(secure["SECURE_HSTS_SECONDS"]) > 0
    assert secure["CSRF_TRUSTED_ORIGINS"] == "['https://lineup.example.com']"
    assert "'lineup.example.com'" in secure["ALLOWED_HOSTS"]
    plain = values(tmp_path)
    assert plain["SESSION_COOKIE_SECURE"] == "False"
    assert "*" not in plain["ALLOWED_HOSTS"]
    assert plain["SECURE_PROXY_SSL_HEADER"] == "None"


def test_no_process_keeps_a_cache_or_sessions_of_its_own(tmp_path):
    shown = values(tmp_path)
    assert "locmem" not in shown["CACHES"].lower()
    assert shown["SESSION_ENGINE"] == "triage.sessions"


def test_an_empty_variable_counts_as_unset(tmp_path):
    assert values(tmp_path, PORT="", LINEUP_MAX_PARTS=" ")["PORT"] == "8000"


def test_a_valkey_url_is_a_redis_url_to_celery(tmp_path):
    assert values(tmp_path, BROKER_URL="valkey://h:1/0")["CELERY_BROKER_URL"] == "redis://h:1/0"
    assert values(tmp_path, BROKER_URL="amqp://u:p@h//")["CELERY_BROKER_TRANSPORT_OPTIONS"] == "{}"


def _variables_read():
    """Every name that a reader of config.environment is called with, anywhere in Lineup."""
    readers = "|".join(("text", "flag", "integer", "choice", "words", "url"))
    pattern = re.compile(rf"environment\.(?:{readers})\(\s*[\"']([A-Z_]+)[\"']")
    sources = [path for app in ("config", "ingest", "triage", "dashboard") for path in (BASE_DIR / app).rglob("*.py")]
    return {name for path in sources for name in pattern.findall(path.read_text(encoding="utf-8"))}


def _variables_listed():
    text = (BASE_DIR / ".env.example").read_text(encoding="utf-8")
    return set(re.findall(r"^([A-Z_]+)=", text, re.MULTILINE))


def _variables_of_compose():
    return set(re.findall(r"(?<!\$)\$\{(\w+)", (BASE_DIR / "docker-compose.yml").read_text(encoding="utf-8")))


def test_the_example_file_lists_every_variable_and_no_other():
    celerys_own = {"REMAP_SIGTERM"}
    assert _variables_listed() == _variables_read() | _variables_of_compose() | celerys_own


def test_what_an_operator_sets_reaches_the_containers():
    """But for what the image and docker-compose.yml fix themselves."""
    fixed = {
        "DATABASE_URL", "BROKER_URL", "LINEUP_ALIVE", "LINEUP_BIND", "LINEUP_HOME", "LINEUP_PRODUCTION",
        "LINEUP_STATIC", "REMAP_SIGTERM",
    }  # fmt: skip
    assert _variables_listed() - _variables_of_compose() == fixed


def test_only_the_readers_touch_the_environment():
    allowed = {
        "environment.py",
        "celery.py",
        "wsgi.py",
        "borrowed.py",
        "postgres.py",
        "run.py",
        "explain.py",
        "values.py",
        "split.py",
    }  # explain asks a terminal's NO_COLOR; redaction's values and a fix card name os.environ without asking it
    pattern = re.compile(r"os\.(?:environ|getenv)")
    sources = [path for app in ("config", "ingest", "triage", "dashboard") for path in (BASE_DIR / app).rglob("*.py")]
    touching = {path.name for path in sources if pattern.search(path.read_text(encoding="utf-8"))}
    assert touching <= allowed


def test_readers_say_what_would_do(monkeypatch):
    monkeypatch.setenv("X", "17")
    with pytest.raises(environment.BadVariable, match="X must be between 1 and 9"):
        environment.integer("X", 1, 1, 9)
    monkeypatch.setenv("X", " a , b,,")
    assert environment.words("X") == ("a", "b")
    monkeypatch.setenv("X", "On")
    assert environment.flag("X") is True
