"""What only looks like a secret stays: a diagnosis needs it."""

from __future__ import annotations

import pytest

from ingest.redaction.redactor import Redactor

UUID = "7f3a52c4-0d5e-4c1b-9a6e-2f64c1d7be90"
SHA = "9b1d7e0c4f5a6b7c8d9e0f1a2b3c4d5e6f708192"

STAY = [
    "",
    "csrf token missing or incorrect",
    "CSRF Failed: CSRF token missing.",
    "the password field is required",
    '"password": ["This field is required."], "token": ["This field may not be blank."]',
    'WWW-Authenticate: Bearer realm="api", error="invalid_token", error_description="The token expired"',
    "Bearer authentication is required; Basic authentication is off",
    "Authorization header missing",
    "Authorization: Bearer undefined",
    "Authorization: Bearer",
    "Authorization: ***",
    "Access-Control-Allow-Headers: authorization, content-type, x-csrf-token",
    "token=None password='' secret=null api_key=undefined token=*** password=******** secret=<hidden>",
    "token= password= secret=",
    'token: str | None = None, password: SecretStr, secret: "${DB_SECRET}"',
    "def login(user, password=None, token: Optional[str] = None):",
    "    token = response.json()['token']",
    "    client.login(user, password=password, token=self.token, secret=get_secret('x'))",
    "max_tokens=1500 total_tokens: 1523 token_count=7 tokens=12 token_type=bearer token: 42 secret_id=7",
    "password_field=7 password_reset_url=/x is_token_valid=True",
    "JSONDecodeError: Unexpected token < in JSON at position 0",
    "SyntaxError: Unexpected token: }",
    f"request_id={UUID} trace_id={SHA[:32]} span_id={SHA[:16]} commit={SHA} pid=4711",
    f"session_id={UUID}",
    f'sha256:{SHA}{SHA[:24]} etag: "{SHA[:32]}"',
    "tests/test_token.py::test_token_opens_the_profile PASSED [ 50%]",
    "tests/test_auth.py::TestToken::test_password[wrong] FAILED",
    "____________ test_token_opens_the_profile ____________",
    "GET /api/token:refresh HTTP/1.1",
    "POST /reset-password/ 302, GET /secrets?page=2 200",
    "https://example.org:8443/a@b.png http://localhost:8000/users/bob@example.org http://h:80?mail=a@b.de",
    "ssh://git@github.com/x/y.git git@github.com:x/y.git mailto:bob@example.org user@1000.service",
    "postgres://app@db/shop postgres://app:***@db/shop postgres://${USER}:${PASSWORD}@db/shop",
    "PWD=/srv/app OLDPWD=/srv",
    "Starting nginx: cookies are on; set-cookie: none",
    'SELECT "auth_user"."id", "auth_user"."password", "auth_user"."last_login" FROM "auth_user"',
    "INSERT INTO t (name, password, token) VALUES (%s, %s, %s)",
    "UPDATE auth_user SET password = %s WHERE id = %s",
    'INFO:     10.0.0.7:53412 - "GET /items/7?page=2&sort=key HTTP/1.1" 200 OK',
    "[2026-11-23 06:25:42 +0000] [15865] [INFO] Booting worker with pid: 15865",
    "fields = ['username', 'password', 'email']",
    "ERROR: ModuleNotFoundError: No module named 'secrets_manager_key'",
    'kubectl get secret web-tls; secret "default/web-tls" not found',
    "sk-learn-contrib-imbalanced-learn task-runner-with-a-long-name npm_config_registry=https://r.example.org",
    "eyJ is how a JWT begins",
    "assert 404 == 200 # key: 7",
    "AKIA is no key, nor is AIza",
    "-----BEGIN PGP SIGNATURE-----",
    "sig=SIGTERM signal=15 sig=9",
    "partition_key=7 primary_key=id public_key=abc foreign key: 9",
]


@pytest.mark.parametrize("text", STAY)
def test_what_only_looks_like_a_secret_stays(text):
    redactor = Redactor(b"key")
    assert redactor.text(text) == text
    assert not redactor.counts


@pytest.mark.parametrize("text", STAY)
def test_it_stays_behind_a_log_services_prefix_as_well(text):
    line = f"Nov 23 06:25:42 web1 gunicorn[15865]: {text}"
    assert Redactor(b"key").text(line) == line
