"""Servers on this machine that receive what channels send: HTTP with prepared answers, TLS, SMTP."""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Speak = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Got:
    """One request that came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """An HTTP server: `answers` are given in turn, the last one for ever."""

    port: int
    answers: list[Speak]
    got: list[Got] = field(default_factory=list)
    scheme: str = "http"

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    @property
    def hosts(self) -> tuple[str, ...]:
        return (f"127.0.0.1:{self.port}", f"localhost:{self.port}")


def answer(status: int, body: bytes = b"ok", **headers: str) -> Speak:
    """Prepare an ordinary answer."""

    def speak(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return speak


def giant(handler: BaseHTTPRequestHandler) -> None:
    """Answer with more than anybody reads."""
    handler.send_response(200)
    handler.end_headers()
    try:
        for _block in range(100):
            handler.wfile.write(b"x" * 1024 * 1024)
    except OSError:
        pass


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Answer a letter at a time, so that no single wait is long."""
    try:
        for letter in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 500:
            handler.wfile.write(bytes([letter]))
            handler.wfile.flush()
            time.sleep(0.02)
    except OSError:
        pass


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Take the request and say nothing."""
    handler.connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def receiving(*answers: Speak, context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Run an HTTP server for a while."""
    receiver = Receiver(0, list(answers or (answer(200),)), scheme="https" if context else "http")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.close_connection = True
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            receiver.got.append(Got(self.command, self.path, dict(self.headers), body))
            speak = receiver.answers[0] if len(receiver.answers) == 1 else receiver.answers.pop(0)
            speak(self)

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_arguments: None  # type: ignore[method-assign]
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


def certificate(folder: Path, name: str = "localhost") -> tuple[ssl.SSLContext, Path]:
    """Make a certificate for a name that signs itself; return the server's context and the file to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names: list[x509.GeneralName] = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    crt, pem = folder / "trust.pem", folder / "key.pem"
    crt.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    pem.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(crt, pem)
    return context, crt


@dataclass
class Mailbox:
    """A mail server: what came in, and with what it answers a recipient."""

    port: int = 0
    recipient: str = "250 ok"
    greeting: str = "220 here"
    got: list[str] = field(default_factory=list)


@contextmanager
def mailbox(recipient: str = "250 ok", greeting: str = "220 here") -> Iterator[Mailbox]:
    """Run a small SMTP server for a while (RFC 5321, no extensions)."""
    box = Mailbox(recipient=recipient, greeting=greeting)
    listening = socket.create_server(("127.0.0.1", 0))
    box.port = listening.getsockname()[1]

    def serve() -> None:
        while True:
            try:
                link, _peer = listening.accept()
            except OSError:
                return
            threading.Thread(target=_speak_smtp, args=(link, box), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield box
    finally:
        listening.close()


def _speak_smtp(link: socket.socket, box: Mailbox) -> None:
    with link, link.makefile("rwb") as stream:

        def say(line: str) -> None:
            stream.write(f"{line}\r\n".encode())
            stream.flush()

        say(box.greeting)
        for line in stream:
            verb = line[:4].upper()
            if verb == b"DATA":
                say("354 go on")
                text = b""
                while not text.endswith(b"\r\n.\r\n"):
                    text += stream.readline()
                box.got.append(text.decode())
                say("250 taken")
            elif verb == b"QUIT":
                say("221 bye")
                return
            else:
                say(box.recipient if verb == b"RCPT" else "250 ok")
