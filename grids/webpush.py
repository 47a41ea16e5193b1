"""Web push: a message that only one browser can read, and the signature by which its push service knows the sender.

RFC 8291 (message encryption for web push) with the content coding aes128gcm of RFC 8188 in one record, and RFC 8292
(VAPID). Keys are points of P-256 in the uncompressed form of 65 bytes, written in base64url without padding.
"""

import base64
import hashlib
import hmac
import json
import os
import time
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD_SIZE = 4096
POINT_BYTES, AUTH_BYTES, SCALAR_BYTES = 65, 16, 32
# Push services take at most a day.
VALID_S = 12 * 3600
_LAST = b"\x02"


def encode(raw: bytes) -> str:
    """Return bytes in base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return what base64url says, with or without padding; raises ValueError for anything else."""
    bare = text.rstrip("=")
    if not bare.isascii() or not all(letter.isalnum() or letter in "-_" for letter in bare):
        raise ValueError("no base64url")
    return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


def new_key() -> str:
    """Return a private key for VAPID."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return encode(number.to_bytes(SCALAR_BYTES))


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    """Return a private key from its 32 bytes; raises ValueError for what is none."""
    raw = decode(text)
    if len(raw) != SCALAR_BYTES:
        raise ValueError("not 32 bytes")
    return ec.derive_private_key(int.from_bytes(raw), ec.SECP256R1())


def public_key(private: str) -> str:
    """Return the public half of a private key: what browsers are given as applicationServerKey."""
    return encode(_point(private_key(private).public_key()))


def check_receiver(p256dh: str, auth: str) -> None:
    """Raise ValueError for what cannot be a browser's key and secret: wrong lengths, or no point of P-256."""
    if len(decode(p256dh)) != POINT_BYTES or len(decode(auth)) != AUTH_BYTES:
        raise ValueError("wrong length")
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(p256dh))


def encrypt(
    plain: bytes,
    p256dh: str,
    auth: str,
    *,
    salt: bytes | None = None,
    sender: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """Return a message encrypted for a browser. Salt and sender's key are new each time; only a test gives its own."""
    salt = salt or os.urandom(16)
    sender = sender or ec.generate_private_key(ec.SECP256R1())
    theirs = decode(p256dh)
    shared = sender.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
    ours = _point(sender.public_key())
    # RFC 8291, 3.4: the browser's secret goes into the key, so that the push service's knowledge is not enough.
    secret = HKDF(hashes.SHA256(), 32, decode(auth), b"WebPush: info\0" + theirs + ours).derive(shared)
    base = hmac.new(salt, secret, hashlib.sha256).digest()
    key = HKDFExpand(hashes.SHA256(), 16, b"Content-Encoding: aes128gcm\0").derive(base)
    nonce = HKDFExpand(hashes.SHA256(), 12, b"Content-Encoding: nonce\0").derive(base)
    head = salt + RECORD_SIZE.to_bytes(4) + len(ours).to_bytes(1) + ours
    return head + AESGCM(key).encrypt(nonce, plain + _LAST, None)


def authorization(private: str, endpoint: str, contact: str) -> str:
    """Return the header by which a push service knows who sends; `contact` is a mailto: or https: address or empty."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int(time.time()) + VALID_S}
    if contact:
        claims["sub"] = contact
    signed = ".".join(encode(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    key = private_key(private)
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    signature = encode(r.to_bytes(SCALAR_BYTES) + s.to_bytes(SCALAR_BYTES))
    return f"vapid t={signed}.{signature}, k={encode(_point(key.public_key()))}"


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
