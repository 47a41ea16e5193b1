"""Strict reading of environment variables.

Every unreadable value is collected and told in one sentence that says what to set, so that a start with three
mistakes names all three at once.
"""

from collections.abc import Iterable, Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

import pyrage
from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from grids.webpush import private_key

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}
_LIBPQ_TO_DJANGO = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
_REDIS_SCHEMES = {"redis", "rediss", "unix"}
_ADDRESSING = {"auto", "path", "virtual"}


class Env:
    """Typed look-ups in a mapping of strings; `finish()` raises if any of them failed."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        """Return the value, stripped, or the default when it is absent or empty."""
        return self._environ.get(name, "").strip() or default

    def required(self, name: str, purpose: str) -> str:
        """Return the value; its absence is a problem that names what it is for."""
        value = self.text(name)
        if not value:
            self._problem(f"{name} is not set: give {purpose}.")
        return value

    def choice(self, name: str, allowed: Iterable[str], default: str) -> str:
        """Return one of the allowed words."""
        options = list(allowed)
        value = self.text(name, default)
        if value not in options:
            self._problem(f"{name} is “{value}”: set it to one of {', '.join(options)}.")
            return default
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a truth value written as 1/0, true/false, yes/no or on/off."""
        value = self._environ.get(name, "1" if default else "0").strip().lower()
        if value not in _TRUE | _FALSE:
            self._problem(f"{name} is “{value}”: set it to 1 or 0.")
            return default
        return value in _TRUE

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """Return a whole number from low to high."""
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdecimal()) or len(value) > 18 or not low <= int(value) <= high:
            self._problem(f"{name} is “{value}”: set it to a whole number from {low} to {high}.")
            return default
        return int(value)

    def words(self, name: str, default: str = "") -> list[str]:
        """Return the comma-separated words."""
        return [word for word in (part.strip() for part in self.text(name, default).split(",")) if word]

    def choices(self, name: str, allowed: Iterable[str], default: str) -> list[str]:
        """Return comma-separated words, each one of the allowed; the single word none is none of them."""
        options = list(allowed)
        words = self.words(name, default)
        if words == ["none"]:
            return []
        wrong = [word for word in words if word not in options]
        if wrong:
            self._problem(f"{name} is “{','.join(words)}”: set it to none, or to some of {', '.join(options)}.")
            return []
        return words

    def origin(self, name: str, default: str) -> str:
        """Return an http(s) origin without a path, such as https://grid.example.cn."""
        value = self.text(name, default).rstrip("/")
        try:
            parts = urlsplit(value)
            sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username
            # Nothing behind the name and the port: no path, no query, no fragment.
            sound = sound and parts.geturl() == f"{parts.scheme}://{parts.netloc}"
            _ = parts.port
        except ValueError:
            sound = False
        if not sound:
            self._problem(f"{name} is “{value}”: set it to an origin such as https://grid.example.cn.")
            return default
        return value

    def tile_origins(self, name: str) -> list[str]:
        """Return the origins an image may come from for a tile URL template; {s} becomes a wildcard."""
        value = self.text(name)
        if not value:
            return []
        try:
            parts = urlsplit(value.replace("{s}", "*"))
        except ValueError:
            parts = urlsplit("")
        if (
            parts.scheme not in {"http", "https"}
            or not parts.netloc
            or not all(p in value for p in ("{z}", "{x}", "{y}"))
        ):
            self._problem(
                f"{name} is “{value}”: set it to a template such as https://tiles.example.cn/{{z}}/{{x}}/{{y}}.png."
            )
            return []
        return [f"{parts.scheme}://{parts.netloc}"]

    def replicas(self, name: str) -> list[dict[str, object]]:
        """Return the connection settings of replicas, written as libpq strings with semicolons between."""
        return [self._connection(name, value) for value in map(str.strip, self.text(name).split(";")) if value]

    def database(self, name: str, default: str) -> dict[str, object]:
        """Return Django's connection settings from a libpq URI or key/value string."""
        return self._connection(name, self.text(name, default))

    def _connection(self, name: str, value: str) -> dict[str, object]:
        try:
            parameters = conninfo_to_dict(value)
            sound = str(parameters.get("port", "5432")).isdecimal()
            sound = sound and bool(parameters.get("dbname") or parameters.get("service"))
        except ProgrammingError:
            sound = False
        if not sound:
            self._problem(f"{name} cannot be read: set it to a libpq string such as postgresql://user@host/gridwarden.")
            parameters = {}
        settings: dict[str, object] = {
            key: str(parameters.pop(libpq)) for libpq, key in _LIBPQ_TO_DJANGO.items() if libpq in parameters
        }
        settings["OPTIONS"] = parameters
        return settings

    def mail(self, name: str) -> dict[str, str | int]:
        """Return host, port, user, password and security (none, starttls or tls) of a mail server; empty for none.

        smtp:// speaks in the clear, smtp+tls:// changes to TLS on the way (STARTTLS), smtps:// is TLS from the start.
        """
        value = self.text(name)
        if not value:
            return {}
        ways = {"smtp": ("none", 25), "smtp+tls": ("starttls", 587), "smtps": ("tls", 465)}
        try:
            parts = urlsplit(value)
            port = parts.port
            sound = parts.scheme in ways and bool(parts.hostname) and parts.path in {"", "/"} and not parts.query
        except ValueError:
            sound = False
        if not sound:
            self._problem(f"{name} cannot be read: set it to a URL such as smtps://user:password@mail.example.cn:465.")
            return {}
        security, usual = ways[parts.scheme]
        return {
            "host": parts.hostname or "",
            "port": port or usual,
            "user": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "security": security,
        }

    def template(self, name: str) -> str:
        """Return a template of an https address for text messages, empty for none; the server's name is fixed in it."""
        value = self.text(name)
        try:
            parts = urlsplit(value)
            sound = (
                parts.scheme == "https" and bool(parts.hostname) and "{" not in parts.netloc and "@" not in parts.netloc
            )
            _ = parts.port
        except ValueError:
            sound = False
        if value and not sound:
            self._problem(
                f"{name} is “{value}”: set it to an address such as https://sms.example.cn/send?to={{phone}}."
            )
            return ""
        return value

    def mailbox(self, name: str, *, needed: bool) -> str:
        """Return who mail comes from, such as 网格守望 <grid@example.cn>; a problem where it is needed and missing."""
        value = self.text(name) if needed else ""
        address = parseaddr(value)[1]
        if needed and (not address or address.count("@") != 1 or any(ord(letter) < 32 for letter in value)):
            self._problem(f"{name} is “{value}”: set it to an address such as Gridwarden <grid@example.cn>.")
            return ""
        return value

    def redis(self, name: str, default: str) -> str:
        """Return a Redis URL (redis://, rediss:// or unix://)."""
        value = self.text(name, default)
        try:
            parts = urlsplit(value)
            _ = parts.port
            sound = parts.scheme in _REDIS_SCHEMES and bool(parts.path if parts.scheme == "unix" else parts.hostname)
        except ValueError:
            sound = False
        if not sound:
            self._problem(f"{name} is “{value}”: set it to a URL such as redis://127.0.0.1:6379/0 or unix:///path.")
            return default
        return value

    def media(self, name: str, default: Path, access_key: str, secret_key: str) -> dict[str, Any]:
        """Return Django's storage settings for file:///directory or s3://bucket/prefix?endpoint=…&region=….

        `access_key` and `secret_key` belong to a bucket; without them its library looks where it always looks.
        """
        value = self.text(name, default.as_uri() if default.is_absolute() else default.absolute().as_uri())
        parts, given = _split(value)
        if parts.scheme == "file" and not parts.netloc and len(parts.path) > 1 and not given:
            options = {
                "location": unquote(parts.path),
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            }
            return {"BACKEND": "patrols.photos.durable.DurableFileSystemStorage", "OPTIONS": options}
        endpoint = _split(given.get("endpoint", "https://s3"))[0]
        known = set(given) <= {"endpoint", "region", "addressing"} and given.get("addressing", "auto") in _ADDRESSING
        reached = endpoint.scheme in {"http", "https"} and bool(endpoint.netloc)
        if parts.scheme != "s3" or not parts.netloc or not known or not reached:
            self._problem(
                f"{name} is “{value}”: set it to file:///directory or to "
                "s3://bucket/prefix?endpoint=https://s3.example.cn&region=cn-north-1."
            )
        if bool(access_key) != bool(secret_key):
            self._problem("GRIDWARDEN_S3_ACCESS_KEY and GRIDWARDEN_S3_SECRET_KEY: set both or neither.")
        return {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": parts.netloc,
                "location": parts.path.strip("/"),
                "endpoint_url": given.get("endpoint") or None,
                "region_name": given.get("region") or None,
                "addressing_style": given.get("addressing", "auto"),
                "access_key": access_key or None,
                "secret_key": secret_key or None,
                "signature_version": "s3v4",
                "default_acl": None,
                # No name is written twice: looking first whether it is there would cost a request a file.
                "file_overwrite": True,
            },
        }

    def age_keys(self, name: str) -> list[str]:
        """Return age public keys, separated by commas."""
        keys = self.words(name)
        for key in keys:
            try:
                pyrage.x25519.Recipient.from_str(key)
            except pyrage.RecipientError:
                self._problem(f"{name} holds “{key}”: set it to age public keys (age1…), separated by commas.")
                return []
        return keys

    def push_key(self, name: str) -> str:
        """Return a private key for web push (VAPID), empty for none."""
        value = self.text(name)
        try:
            sound = not value or bool(private_key(value))
        except ValueError:
            sound = False
        if not sound:
            self._problem(f"{name} cannot be read: set it to a key that `manage.py push_key` makes.")
            return ""
        return value

    def time_zone(self, name: str, default: str) -> str:
        """Return the name of an IANA time zone."""
        value = self.text(name, default)
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            self._problem(f"{name} is “{value}”: set it to an IANA time zone such as Asia/Shanghai.")
            return default
        return value

    def finish(self) -> None:
        """Raise ImproperlyConfigured with one sentence for every wrong value."""
        if self.problems:
            raise ImproperlyConfigured("\n".join(self.problems))

    def _problem(self, sentence: str) -> None:
        self.problems.append(sentence)


def _split(url: str) -> tuple[SplitResult, dict[str, str]]:
    """Return a URL's parts and its parameters; empty parts for what cannot be read."""
    try:
        parts = urlsplit(url)
        return parts, dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        return urlsplit(""), {}
