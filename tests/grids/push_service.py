"""What stands at the other end of web push: a browser that reads, and a push service that checks who sends.

Written from RFC 8188, 8291 and 8292 beside `grids.webpush`, and of nothing of it.
"""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.grids.receivers import Got, Receiver

# RFC 8291, 5 and appendix A: the keys of the example.
RFC_BROWSER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
RFC_SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
RFC_AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
# A key of the site's that only tests have.
SITE_KEY = RFC_SENDER


def written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def key_of(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(read(text)), ec.SECP256R1())


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@dataclass
class Browser:
    """A browser's subscription, with the halves that it keeps to itself."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = b"0123456789abcdef"

    @property
    def form(self) -> dict[str, str]:
        """What it tells the site."""
        return {
            "endpoint": self.endpoint,
            "p256dh": written(point(self.key.public_key())),
            "auth": written(self.auth),
        }

    def opened(self, body: bytes) -> bytes:
        """Return what a message says; fails for one that was not written to this browser."""
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert 18 <= len(sealed) <= size
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        info = b"WebPush: info\x00" + point(self.key.public_key()) + sender
        secret = _expand(_hmac(self.auth, shared), info, 32)
        base = _hmac(salt, secret)
        key = _expand(base, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = _expand(base, b"Content-Encoding: nonce\x00", 12)
        text = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\x00")
        assert text[-1:] == b"\x02"
        return text[:-1]

    def told(self, got: Got) -> dict[str, Any]:
        """Return what a request that came in tells the browser."""
        found: dict[str, Any] = json.loads(self.opened(got.body))
        return found


def browser_at(receiver: Receiver, path: str = "/push/one") -> Browser:
    """Return a browser whose push service is a server of the tests."""
    return Browser(receiver.url(path))


def claims_of(got: Got, endpoint: str, site_key: str = SITE_KEY) -> dict[str, Any]:
    """Check as a push service does who sends, and return what the signature covers (RFC 8292, 2 and 3)."""
    scheme, _space, given = got.headers["Authorization"].partition(" ")
    assert scheme == "vapid"
    parameters = dict(part.strip().split("=", 1) for part in given.split(","))
    public = read(parameters["k"])
    assert public == point(key_of(site_key).public_key())
    head, body, signature = parameters["t"].split(".")
    raw = read(signature)
    assert len(raw) == 64
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    key.verify(der, f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
    assert json.loads(read(head)) == {"typ": "JWT", "alg": "ES256"}
    claims: dict[str, Any] = json.loads(read(body))
    parts = urlsplit(endpoint)
    assert claims["aud"] == f"{parts.scheme}://{parts.netloc}"
    assert time.time() < claims["exp"] <= time.time() + 24 * 3600
    return claims


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def _expand(key: bytes, info: bytes, length: int) -> bytes:
    """The first block of HKDF's second step (RFC 5869, 2.3)."""
    return _hmac(key, info + b"\x01")[:length]
