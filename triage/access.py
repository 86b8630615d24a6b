"""Tokens: how they are made, and how a request proves that it holds one."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from enum import StrEnum

from django.http import HttpRequest
from django.utils import timezone

from triage.api import ApiError
from triage.client_address import client_address
from triage.limits import QUARTER, TOKENS
from triage.models import Token
from triage.store.projects import note_token_use

PREFIX = "lineup_"  # lets secret scanners and people recognise a token that leaked
SHOWN = 12  # characters of a token that are kept, so that people can tell tokens apart
LONGEST = 200  # characters of a token that are worth hashing


class Scope(StrEnum):
    UPLOAD = "upload"
    READ = "read"
    TRIAGE = "triage"


# What each need accepts: who may change the triage state may also read it.
SUFFICES: dict[Scope, frozenset[Scope]] = {
    Scope.UPLOAD: frozenset({Scope.UPLOAD}),
    Scope.READ: frozenset({Scope.READ, Scope.TRIAGE}),
    Scope.TRIAGE: frozenset({Scope.TRIAGE}),
}


def new_secret() -> str:
    """A token of 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """What is stored of a token. It is random and long, so one plain SHA-256 cannot be searched backwards."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def parse_scopes(text: str) -> list[Scope]:
    """`upload,read` as scopes, each once, in the order of Scope. Raises ValueError with a sentence."""
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    known = [scope.value for scope in Scope]
    for name in names:
        if name not in known:
            raise ValueError(f"{name!r} is no scope; the scopes are {', '.join(known)}.")
    if not names:
        raise ValueError(f"Name at least one scope: {', '.join(known)}.")
    return [scope for scope in Scope if scope in names]


def authenticate(request: HttpRequest, needed: Scope) -> Token:
    """The token that the request carries. Raises ApiError 401 or 403; never looks at the body."""
    kind, _, secret = request.headers.get("Authorization", "").strip().partition(" ")
    secret = secret.strip()
    if not kind:
        raise _unauthorised("missing_token", "Send a token: 'Authorization: Bearer TOKEN'.")
    if kind.lower() != "bearer" or not secret:
        raise _unauthorised("bad_authorization", "The Authorization header must read 'Bearer TOKEN'.")
    digest = digest_of(secret) if len(secret) <= LONGEST else ""
    token = Token.objects.valid_with(digest)
    # The look-up finds by a hash that the sender cannot steer; the comparison leaves nothing to its timing.
    if token is None or not hmac.compare_digest(token.digest, digest):
        raise _unknown(request)
    if not SUFFICES[needed].intersection(token.scopes):
        has = ", ".join(token.scopes) or "nothing"
        raise ApiError(403, "missing_scope", f"This needs a token with the scope {needed}; this one has {has}.")
    note_token_use(token, timezone.now())
    return token


def _unknown(request: HttpRequest) -> ApiError:
    """Only wrong tokens are ever held back: a job with an old one must not lock out its neighbours at one address."""
    if TOKENS.note(client_address(request)):
        return _unauthorised(
            "unknown_token", "This token is unknown or was revoked; an admin of the project makes one."
        )
    message = "Too many wrong tokens came from this address. Put the token right; one that is known still works."
    return ApiError(429, "too_many_attempts", message, headers={"Retry-After": str(int(QUARTER.total_seconds()))})


def _unauthorised(code: str, message: str) -> ApiError:
    return ApiError(401, code, message, headers={"WWW-Authenticate": "Bearer"})
