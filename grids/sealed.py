"""Sealing what nobody should read in the database or in a backup: the key is made of the site's secret.

Fernet (AES-128-CBC with HMAC-SHA-256) under a key derived by HKDF (RFC 5869). What was sealed under an earlier secret
opens as long as that stands in SECRET_KEY_FALLBACKS.
"""

import base64
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"gridwarden sealed 1"


class Unreadable(Exception):  # noqa: N818 - what it is, not that it is one
    """It was sealed under a secret that this site does not have."""


def seal(value: Any) -> bytes:
    """Return a JSON value sealed."""
    return _keys(settings.SECRET_KEY, tuple(settings.SECRET_KEY_FALLBACKS)).encrypt(json.dumps(value).encode())


def unseal(sealed: bytes | memoryview) -> Any:
    """Return the JSON value; raises Unreadable."""
    try:
        text = _keys(settings.SECRET_KEY, tuple(settings.SECRET_KEY_FALLBACKS)).decrypt(bytes(sealed))
    except InvalidToken as error:
        raise Unreadable from error
    return json.loads(text)


@lru_cache(maxsize=2)
def _keys(secret: str, earlier: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(one)) for one in (secret, *earlier)])


def _derived(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
