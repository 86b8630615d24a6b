"""Every kind of secret, in the shapes in which programs print it."""

from __future__ import annotations

import json

import pytest

from ingest.redaction.redactor import Redactor
from tests.ingest.secrets_made import BASIC, JWT, KNOWN, PEM_BODY, WORD, pem

PW = "hunter2-" + "Xy7"

# (text with § where the secret stands, the secret, kind)
HEADERS = [
    ("Authorization: Bearer §", WORD, "bearer-token"),
    ("> Authorization: Bearer §", JWT, "bearer-token"),
    ("authorization: bearer §", WORD, "bearer-token"),
    ("< proxy-authorization: Basic §", BASIC, "basic-credentials"),
    ("{'Accept': '*/*', 'Authorization': 'Bearer §', 'X': '1'}", WORD, "bearer-token"),
    ('{"Authorization": "Token §"}', WORD, "token"),
    ('{"headers": "{\\"Authorization\\": \\"Bearer §\\"}"}', WORD, "bearer-token"),
    ("(b'Authorization', b'Bearer §'), (b'Host', b'x')", WORD, "bearer-token"),
    (r"send: b'GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer §\r\nAccept: */*\r\n\r\n'", WORD, "bearer-token"),
    ("'HTTP_AUTHORIZATION': 'Basic §',", BASIC, "basic-credentials"),
    ('Authorization: Digest §', 'username="Mufasa", realm="a", response="6629fae49393a05397450978507c4ef1"',
     "authorization"),
    ("Authorization: §", WORD, "authorization"),
    ('{"name": "Authorization", "value": "Bearer §"}', WORD, "bearer-token"),
    ("curl -H 'Authorization: Bearer §' http://x/", WORD, "bearer-token"),
    ("got Bearer § from the client", WORD, "bearer-token"),
    ("got Basic § from the client", BASIC, "basic-credentials"),
]  # fmt: skip
URLS = [
    ("postgres://u:§@h/db", PW, "url-password"),
    ("redis://:§@h:6379/0", PW, "url-password"),
    ("https://ci:§@git.example.org/a.git", PW, "url-password"),
    ("postgresql+psycopg2://user:§@[::1]:5432/x", "p@ss:w", "url-password"),
    (r'"url":"https:\/\/ci:§@h\/x"', PW, "url-password"),
    ("user:§@tcp(127.0.0.1:3306)/db", PW, "url-password"),
    ("amqp://guest:§@rabbit//", "gast", "url-password"),
    ("mongodb+srv://u:§@c0.example.net/?retryWrites=true", PW, "url-password"),
]
ESCAPED = [
    ("\x1b[1m§\x1b[0m", JWT, "jwt"),
    ("\x1b[36mpassword\x1b[0m=\x1b[35m§\x1b[0m user=bob", PW, "password"),
    ("\x1b[32mAuthorization\x1b[0m: \x1b[33mBearer §\x1b[0m", WORD, "bearer-token"),
    (r"\u001b[1m§\u001b[0m", JWT, "jwt"),
    (r"{\x22user\x22:\x22bob\x22,\x22password\x22:\x22§\x22}", PW, "password"),  # as nginx logs a body
    ("GET /x?filter=%7B%22password%22%3A%22§%22%7D HTTP/1.1", PW, "password"),
    ("GET /x?dsn=postgres%3A%2F%2Fu%3A§%40h%2Fdb HTTP/1.1", PW, "url-password"),
    ("&quot;password&quot;: &quot;§&quot;", PW, "password"),
    (r"assert 'a\n§' == ''", JWT, "jwt"),
]
NAMED = [
    ("GET /login?user=bob&password=§ HTTP/1.1", "swordfish", "password"),
    ("user=bob&passwd=§&next=/", "swordfish", "password"),
    ("login(user='bob', password='§')", "open sesame", "password"),
    ('{"user": "bob", "password": "§"}', 'hunt\\"er2', "password"),
    ("{'username': ['bob'], 'password': ['§']}", "hunter2", "password"),
    ("DB_PASSWORD=§", "swordfish", "password"),
    ("MYSQL_PWD=§", "swordfish", "password"),
    ("  password: §", "swordfish", "password"),
    ("export SECRET_KEY='§'", "django-insecure-" + WORD, "secret-key"),
    ("AWS_SECRET_ACCESS_KEY=§", WORD + WORD, "access-key"),
    ("client_secret=§&grant_type=x", WORD, "secret"),
    ('"clientSecret":"§"', WORD, "secret"),
    ("X-Api-Key: §", WORD, "api-key"),
    ("PRIVATE-TOKEN: §", WORD, "token"),
    ("'X-CSRFToken': '§'", WORD, "token"),
    ("api_key=§", WORD, "api-key"),
    ("access_token=§&expires_in=3600", WORD, "token"),
    ('"refresh_token" => "§"', WORD, "token"),
    ("pytest --password § -x", "swordfish", "password"),
    ("pytest --api-key=§ -x", WORD, "api-key"),
    ("['pytest', '--token', '§', '-x']", "swordfish", "token"),
    ("(b'x-api-key', b'§')", WORD, "api-key"),
    ('<input type="hidden" name="csrfmiddlewaretoken" value="§">', WORD, "token"),
    ('page.fill("#password", "§")', "hunter2x9", "password"),
    ("next=%2Fx%3Ftoken%3D§", WORD, "token"),
    (r'"url":"/x?token\u003d§"', WORD, "token"),
    ("AccountName=x;AccountKey=§;EndpointSuffix=core.windows.net", WORD * 4 + "==", "azure-key"),
    ("?sv=2024-01-01&sig=§&se=2026", WORD + "%2B" + WORD + "%3D", "signature"),
    ("&X-Amz-Signature=§", "0123456789abcdef" * 4, "signature"),
    ("sessionid=§ status=200", WORD, "cookie"),
    ('SELECT 1 WHERE "authtoken_token"."key" = \'§\'', WORD, "token"),
    ("user=bob,password=§,method=POST", "swordfish", "password"),
]
COOKIES = [
    ("Cookie: sessionid=§", "abc", "cookie"),
    ("< Set-Cookie: sessionid=§; expires=Thu, 01 Jan 2030 00:00:00 GMT; HttpOnly; Path=/", WORD, "cookie"),
    ("{'Cookie': 'theme=dark§'}", "1", "cookie"),
    ('{"Set-Cookie": "session=§; Path=/; HttpOnly"}', "xyz.abc", "cookie"),
    ("cookies={'sessionid': '§'}", "abc", "cookie"),
    ("<RequestsCookieJar[<Cookie sessionid=§ for localhost.local/>]>", "abc", "cookie"),
    ("(b'cookie', b'sid=§')", "abc", "cookie"),
    (r"send: b'GET / HTTP/1.1\r\nCookie: sid=§\r\n\r\n'", "abc", "cookie"),
]


@pytest.fixture
def redactor() -> Redactor:
    return Redactor(b"the key of a project")


def _holds(text: str, secret: str, kind: str, redactor: Redactor) -> str:
    said = redactor.text(text)
    assert secret not in said, said
    assert f"[redacted {kind} " in said, said
    assert redactor.text(said) == said, "a second time changes nothing"
    return said


@pytest.mark.parametrize(("around", "secret", "kind"), [*HEADERS, *URLS, *ESCAPED, *NAMED])
def test_a_secret_goes_and_what_stands_around_it_stays(around, secret, kind, redactor):
    said = _holds(around.replace("§", secret), secret, kind, redactor)
    before, after = around.split("§")
    assert said.startswith(before)
    assert said.endswith(after)
    assert redactor.counts == {kind: 1}


@pytest.mark.parametrize(("around", "secret", "kind"), COOKIES)
def test_a_cookies_name_stays_and_its_value_goes(around, secret, kind, redactor):
    if secret == "1":
        around, secret = around.replace("dark§", "§"), "dark"
    said = _holds(around.replace("§", secret), f"={secret}", kind, redactor)
    before, after = around.split("§")
    assert said.startswith(before)
    assert said.endswith(after)


@pytest.mark.parametrize(("kind", "secret"), [(kind, each) for kind, several in KNOWN.items() for each in several])
@pytest.mark.parametrize(
    "around", ["§", "the key § was refused", '{"x": "§"}', "x=§;", "/path/§/more", "line\n§\nline"]
)
def test_a_key_of_a_known_shape_is_told_anywhere(kind, secret, around, redactor):
    said = _holds(around.replace("§", secret), secret, kind, redactor)
    before, after = around.split("§")
    assert said.startswith(before)
    assert said.endswith(after)


def test_a_webhooks_address_keeps_its_host(redactor):
    said = redactor.text("POST https://hooks.slack.com/services/T0" + "0000000/B00000000/" + WORD)
    assert said.startswith("POST https://hooks.slack.com/[redacted slack-webhook ")


def test_a_header_of_several_cookies_keeps_every_name(redactor):
    said = redactor.text("Cookie: sessionid=abc; csrftoken=def; theme=abc")
    one, two, three = (part.split("=")[1] for part in said.split("; "))
    assert one == three != two
    assert [part.split("=")[0] for part in said.split("; ")] == ["Cookie: sessionid", "csrftoken", "theme"]


def test_a_deleted_cookie_is_seen_to_be_deleted(redactor):
    for text in ('Set-Cookie: sessionid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT', "Set-Cookie: a=deleted; Path=/"):
        assert redactor.text(text) == text


def test_equal_secrets_stay_equal_whatever_they_were_found_as(redactor):
    found = {
        redactor.text(text)[-7:-1] for text in (f"Authorization: Bearer {JWT}", f"token={JWT}", f"Cookie: a={JWT}")
    }
    assert len(found) == 1


def test_another_projects_placeholders_cannot_be_compared(redactor):
    assert Redactor(b"another").text("password=swordfish") != redactor.text("password=swordfish")
    assert Redactor(b"x" * 5_000).text("password=swordfish") != redactor.text("password=swordfish")


@pytest.mark.parametrize("kind", ["RSA ", "", "EC ", "OPENSSH ", "ENCRYPTED "])
def test_a_private_key_loses_its_lines_and_keeps_their_number(kind, redactor):
    text = f"before\n{pem(kind)}\nafter"
    said = redactor.text(text)
    assert said.count("\n") == text.count("\n")
    assert said.startswith(f"before\n-----BEGIN {kind}PRIVATE KEY-----\n[redacted private-key ")
    assert said.endswith(f"]\n-----END {kind}PRIVATE KEY-----\nafter")
    assert not any(line in said for line in PEM_BODY)
    assert redactor.counts == {"private-key": 1}
    assert redactor.text(said) == said


def test_a_private_key_of_pgp_is_one_too(redactor):
    text = pem("PGP ").replace("KEY-----", "KEY BLOCK-----").replace(PEM_BODY[0], f"Version: 1\n\n{PEM_BODY[0]}")
    said = redactor.text(text)
    assert not any(line in said for line in PEM_BODY)


def test_a_private_key_in_a_traceback_is_found_behind_its_margin(redactor):
    said = redactor.text("\n".join(f"E       {line}" for line in pem().split("\n")))
    assert not any(line in said for line in PEM_BODY)


@pytest.mark.parametrize("escape", ["\\n", "\\r\\n", "\\\\n"])
def test_a_private_key_in_json_is_one_line(escape, redactor):
    text = '{"type": "service_account", "private_key": "' + pem(end=escape) + escape + '", "project_id": "shop"}'
    said = redactor.text(text)
    assert not any(line in said for line in PEM_BODY)
    assert said.endswith('", "project_id": "shop"}')
    if escape == "\\n":
        assert json.loads(said)["private_key"].startswith("-----BEGIN RSA PRIVATE KEY-----")


def test_a_private_key_that_is_cut_off_still_goes(redactor):
    whole = pem()
    said = redactor.text(whole[: whole.index(PEM_BODY[2])] + "\nand then a sentence.")
    assert PEM_BODY[0] not in said
    assert PEM_BODY[1] not in said
    assert said.endswith("\nand then a sentence.")
    assert PEM_BODY[0] not in redactor.text(f'"{pem(end=chr(92) + "n")[:90]}')


def test_a_public_key_and_a_certificate_stay(redactor):
    for what in ("PUBLIC KEY", "CERTIFICATE"):
        text = f"-----BEGIN {what}-----\n{PEM_BODY[0]}\n-----END {what}-----"
        assert redactor.text(text) == text
