"""A real OpenID provider on a port of its own, which holds clients to PKCE, and can be told to lie in one respect."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
import oidc_provider_mock
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT = "lineup"
Lie = Callable[[dict[str, Any]], dict[str, Any]]


class Provider:
    """`lie` changes the claims of the ID tokens to come; they are signed with the provider's key, or with another."""

    def __init__(self) -> None:
        self.lie: Lie | None = None
        self.forges = False
        self.asked: list[dict[str, str]] = []  # what came to the authorization endpoint
        self._challenges: dict[str, str] = {}  # by code
        self._app = oidc_provider_mock.app(require_nonce=True)
        self._app.before_request(self._held_to_pkce)
        self._app.after_request(self._answered)
        self._server = make_server("127.0.0.1", 0, self._app, threaded=True)
        self.issuer = f"http://127.0.0.1:{self._server.port}"

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def knows(self, subject: str, **claims: Any) -> None:
        answer = self._app.test_client().put(f"/users/{subject}", json=claims, base_url=self.issuer)
        assert answer.status_code == 204, answer.text

    def lets_in(self, address: str, subject: str) -> str:
        """What the person's browser does there; returns where it is sent back to, with the code."""
        answer = self._app.test_client().post(address, data={"sub": subject}, base_url=self.issuer)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def denies(self, address: str) -> str:
        answer = self._app.test_client().post(address, data={"action": "deny"}, base_url=self.issuer)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def _held_to_pkce(self) -> Any:
        if flask.request.path == "/favicon.ico":  # browsers ask by themselves
            return "", 204
        if flask.request.path == "/oauth2/authorize":
            self.asked.append(dict(flask.request.args))
            if flask.request.args.get("code_challenge_method") != "S256":
                return "no code_challenge by S256", 400
        if flask.request.path == "/oauth2/token":
            digest = hashlib.sha256(flask.request.form.get("code_verifier", "").encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            if self._challenges.get(flask.request.form.get("code", "")) != challenge:
                return {"error": "invalid_grant"}, 400
        return None

    def _answered(self, response: flask.Response) -> flask.Response:
        if flask.request.path == "/oauth2/authorize" and response.status_code == 302:
            code = parse_qs(urlsplit(response.headers["Location"]).query).get("code", [""])[0]
            self._challenges[code] = flask.request.args["code_challenge"]
            if not code:  # RFC 6749, 4.1.2.1: a refusal carries the state too; this package leaves it out
                response.headers["Location"] += f"&state={flask.request.args['state']}"
        if response.mimetype == "text/html":  # its pages want a style sheet of another site
            response.set_data(re.sub(r"<link[^<>]*>", "", response.get_data(as_text=True)))
        if flask.request.path == "/oauth2/token" and response.status_code == 200 and (self.lie or self.forges):
            told = response.get_json()
            told["id_token"] = self._lied(told["id_token"])
            response.set_data(flask.json.dumps(told))
        return response

    def _lied(self, token: str) -> str:
        key = RSAKey.import_key(flask.g.oidc_provider_mock_storage.jwk.as_dict(is_private=True))
        known = jwt.decode(token, key)
        claims = self.lie(dict(known.claims)) if self.lie else dict(known.claims)
        return jwt.encode(known.header, claims, RSAKey.generate_key(2048) if self.forges else key)


@contextmanager
def running() -> Iterator[Provider]:
    provider = Provider()
    provider.start()
    try:
        yield provider
    finally:
        provider.stop()


def an_hour_ago(claims: dict[str, Any]) -> dict[str, Any]:
    return claims | {"iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600}
