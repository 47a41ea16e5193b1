"""Secrets in links: 256 random bits, of which only a hash is kept."""

import hashlib
import re
import secrets

SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")


def new_token() -> str:
    """Return a new secret of 43 characters that may stand in an address."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """Return what is kept of a secret; nothing that is no secret of ours has a hash that is kept."""
    return hashlib.sha256(token.encode()).hexdigest() if SHAPE.fullmatch(token) else ""
