"""A browser's worth of HTTP: one connection that is kept, somebody signed in, gzip understood."""

import gzip
import http.client
import time
from dataclasses import dataclass

from tests.bench.city import City

TOKEN = "t" * 32
COUNT = "X-Count-Queries"
WARM_UPS = 20  # one for each connection that the server's pool may hold
KEPT_SECONDS = 10.0  # the server closes a connection that was idle for longer than 15


@dataclass
class Answer:
    """What came back, and how long it took in seconds."""

    status: int
    body: bytes
    headers: dict[str, str]
    seconds: float


class Reader:
    """Somebody who is signed in to a server and keeps the connection open."""

    def __init__(self, city: City, port: int, session: str) -> None:
        self.city, self.session = city, session
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.used = 0.0

    def send(self, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """GET a path, or POST a body (JSON unless a header says otherwise); raises on an answer that is no success."""
        given = {
            "Cookie": f"sessionid={self.session}; csrftoken={TOKEN}",
            "Accept-Encoding": "gzip",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        if body is not None:
            given = {"X-CSRFToken": TOKEN, "Content-Type": "application/json", **given}
        if time.monotonic() - self.used > KEPT_SECONDS:
            self.link.close()
        self.used = time.monotonic()
        began = time.perf_counter()
        self.link.request("GET" if body is None else "POST", path, body, given)
        response = self.link.getresponse()
        data = response.read()
        seconds = time.perf_counter() - began
        if response.status >= 400:
            message = f"{path}: {response.status} {data[:300]!r}"
            raise RuntimeError(message)
        return Answer(response.status, data, {k.lower(): v for k, v in response.getheaders()}, seconds)

    def seconds(self, path: str, body: bytes | None = None, **headers: str) -> float:
        """Make a request and return how long it took."""
        return self.send(path, body, **headers).seconds

    def queries(self, path: str, body: bytes | None = None, **headers: str) -> int:
        """Make a request and return how many queries it took, on a connection to the database that is open already."""
        for _warm_up in range(WARM_UPS):
            self.send("/floor/nothing")
        return int(self.send(path, body, **{COUNT: "1"}, **headers).headers[COUNT.lower()])


def text(answer: Answer) -> str:
    """Return the text of an answer."""
    zipped = answer.headers.get("content-encoding") == "gzip"
    return (gzip.decompress(answer.body) if zipped else answer.body).decode()
