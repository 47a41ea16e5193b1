"""What is wrong with a request, said in the form of GeoReport v2: several things at once."""

from collections.abc import Iterable
from http import HTTPStatus

from grids.problems import Problem

# The specification knows 403 for keys and 404 for what is not there; everything else that is the caller's is 400.
KEPT = frozenset({400, 403, 404, 405, 413, 415, 429, 503})


class Faults(Problem):
    """One sentence for each thing that is wrong."""

    def __init__(self, sentences: Iterable[str], status: int = HTTPStatus.BAD_REQUEST) -> None:
        self.sentences = list(sentences)
        super().__init__(" ".join(self.sentences))
        self.status = status


def status_of(status: int) -> int:
    """Return the status by which GeoReport v2 says what the rest of the site says by another."""
    return status if status in KEPT else HTTPStatus.BAD_REQUEST
