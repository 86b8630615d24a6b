"""The OpenID Connect flow with the operator's provider: code flow with PKCE, state, nonce and discovery, by Authlib.

Nothing is kept between requests but in the browser's session, which all processes share: discovery and keys are asked
for at each sign-in.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec
from authlib.integrations.base_client.errors import MismatchingStateError
from authlib.integrations.django_client import DjangoIntegration, DjangoOAuth2App, OAuthError
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from joserfc.errors import JoseError
from requests import RequestException

from triage.store.identities import Claims
from triage.store.text import clean

log = logging.getLogger(__name__)

TIMEOUT_S = 5
HOLDS_S = 30 * 60  # how long somebody may take at the provider
LEEWAY_S = 60  # that its clock and ours may differ
KEY = "openid"
# Signed with the provider's own key. Never `none`, nor with the client's secret.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]

DOWN = "The provider does not answer. Try again in a moment."
STALE = "This sign-in was used already, or took too long. Begin again."
CANCELLED = "The provider did not let you in."
WRONG = "The answer of the provider cannot be trusted, so nobody was signed in. The log of this Lineup says why."


class Failed(Exception):
    """A sentence for the person, and the status of the page that says it."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody back from the provider."""

    claims: Claims
    goes_on: str  # where they were going
    links: int  # the account that asked for the identity to be linked to it; 0 for a sign-in


def begin(request: HttpRequest, *, goes_on: str = "", links: int = 0) -> str:
    """The provider's address to send the browser to; what its answer is held against is put in the session."""
    with _failures():
        provider = _provider()
        _discover(provider)
        back = (settings.BASE_URL or f"{request.scheme}://{request.get_host()}") + reverse("single-sign-on-callback")
        made = provider.create_authorization_url(back)
        told = {"goes_on": goes_on, "links": links, "begun": int(time.time())}
        provider.save_authorize_data(request, redirect_uri=back, **told, **made)
        return str(made["url"])


def finish(request: HttpRequest) -> Came:
    """Who came back. An answer is taken once: its state is gone before anything else is asked. Raises Failed."""
    with _failures():
        provider = _provider()
        kept = _taken(provider, request)
        if request.GET.get("error"):
            raise OAuthError(request.GET["error"])
        if request.GET.get("iss", settings.SINGLE_SIGN_ON.issuer) != settings.SINGLE_SIGN_ON.issuer:  # RFC 9207
            raise ValueError("the answer names another issuer")
        _discover(provider)
        token = provider.fetch_access_token(
            redirect_uri=kept["redirect_uri"], code=request.GET.get("code", ""), code_verifier=kept["code_verifier"]
        )
        told = provider.parse_id_token(token, nonce=kept["nonce"], claims_options=_demands(), leeway=LEEWAY_S)
        return Came(claims=_claims(provider, token, told), goes_on=kept["goes_on"], links=kept["links"])


def _taken(provider: Any, request: HttpRequest) -> dict[str, Any]:
    state = request.GET.get("state", "")[:200]
    kept: dict[str, Any] | None = provider.framework.get_state_data(request.session, state)
    provider.framework.clear_state_data(request.session, state)
    if not kept or not 0 <= time.time() - kept["begun"] <= HOLDS_S:
        raise MismatchingStateError
    request.session.save()  # now, and not with the answer: whoever sends it again finds the state gone
    return kept


def _provider() -> Any:
    ours = settings.SINGLE_SIGN_ON
    return DjangoOAuth2App(
        DjangoIntegration(KEY),
        name=KEY,
        client_id=ours.client_id,
        client_secret=ours.client_secret or None,
        server_metadata_url=ours.issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile", "code_challenge_method": "S256", "default_timeout": TIMEOUT_S,
        },
    )  # fmt: skip


def _discover(provider: Any) -> None:
    """A document that calls its issuer by another name is somebody else's."""
    told = provider.load_server_metadata()
    if told.get("issuer") != settings.SINGLE_SIGN_ON.issuer:
        raise ValueError("the discovery document is of another issuer")
    offered = told.get("id_token_signing_alg_values_supported") or ["RS256"]
    told["id_token_signing_alg_values_supported"] = [name for name in offered if name in ALGORITHMS]
    ways = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if settings.SINGLE_SIGN_ON.client_secret and "client_secret_basic" not in ways and "client_secret_post" in ways:
        provider.client_kwargs["token_endpoint_auth_method"] = "client_secret_post"  # noqa: S105


def _demands() -> dict[str, Any]:
    """What must be so in the ID token, beside its signature, its times and its nonce."""
    ours = settings.SINGLE_SIGN_ON
    return {
        "iss": {"essential": True, "value": ours.issuer},
        "aud": {"essential": True, "value": ours.client_id},
        "sub": {"essential": True},
    }


def _claims(provider: Any, token: Mapping[str, Any], signed: Mapping[str, Any] | None) -> Claims:
    told: dict[str, Any] = dict(signed or {})
    subject = told.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or clean(subject) != subject:
        raise ValueError("the ID token names no subject")
    if "email" not in told and provider.server_metadata.get("userinfo_endpoint"):
        more = provider.userinfo(token=token)
        if more.get("sub") == subject:
            told |= {name: value for name, value in more.items() if name not in told}
    return Claims(
        issuer=settings.SINGLE_SIGN_ON.issuer,
        subject=subject,
        email=_word(told, "email", 254) if told.get("email_verified") in (True, "true") else "",
        name=_word(told, "name", 150),
        username=_word(told, "preferred_username", 150),
    )


def _word(told: Mapping[str, Any], name: str, limit: int) -> str:
    value = told.get(name)
    return clean(value.strip(), limit) if isinstance(value, str) else ""


@contextmanager
def _failures() -> Iterator[None]:
    """Whatever a provider or a forged answer does ends in a sentence; what it was goes to the log."""
    try:
        yield
    except MismatchingStateError:
        raise Failed(STALE, 400) from None
    except OAuthError as error:
        log.warning("single sign-on: the provider said %s", clean(str(error.error), 100))
        raise Failed(CANCELLED if error.error == "access_denied" else WRONG, 403) from None
    except RequestException as error:
        log.warning("single sign-on: the provider cannot be reached: %s", type(error).__name__)
        raise Failed(DOWN, 503) from None
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        log.warning("single sign-on: %s: %s", type(error).__name__, clean(str(error), 200))
        raise Failed(WRONG, 403) from None
