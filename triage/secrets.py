"""Secrets of others that Lineup has to use again, encrypted where they are kept, with a key drawn from SECRET_KEY.

With a new SECRET_KEY, what SECRET_KEY_FALLBACKS names still opens what it closed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

PURPOSE = b"lineup: secrets of notification rules"


class Unreadable(Exception):
    """A secret was closed with a key that is known no more."""


def closed(text: str) -> bytes:
    return _keys().encrypt(text.encode())


def opened(kept: bytes | memoryview) -> str:
    """Raises Unreadable."""
    try:
        return _keys().decrypt(bytes(kept)).decode()
    except InvalidToken:
        raise Unreadable from None


def named(text: str) -> str:
    """A name for something that only who has the key can make: 24 hexadecimal digits."""
    return hmac.digest(settings.SECRET_KEY.encode(), b"lineup: name\0" + text.encode(), hashlib.sha256).hex()[:24]


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(_key(text)) for text in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hmac.digest(secret.encode(), PURPOSE, hashlib.sha256))
