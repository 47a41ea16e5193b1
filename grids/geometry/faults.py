"""What is wrong with a geometry, said in one sentence, and the limits it must keep."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import NoReturn

POINT, LINE, POLYGON = "Point", "LineString", "Polygon"
MULTI = {"MultiPoint": POINT, "MultiLineString": LINE, "MultiPolygon": POLYGON}
KINDS = frozenset({POINT, LINE, POLYGON, *MULTI})
AREAS = frozenset({POLYGON, "MultiPolygon"})
LINES = frozenset({LINE, "MultiLineString"})


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for the translation catalogue; whoever shows it translates it."""
    return sentence


class Fault(ValueError):  # noqa: N818 - it is what is wrong, not an error of ours
    """What is wrong with a geometry, and where: a sentence for the catalogue and the values to put into it."""

    def __init__(self, sentence: str, reason: str = "", **values: object) -> None:
        super().__init__(sentence)
        self.sentence, self.reason, self.values = sentence, reason, values

    def text(self, translate: Callable[[str], str] = str) -> str:
        """Return the sentence with its values, through a translation function."""
        values = {**self.values, "reason": translate(self.reason) if self.reason else ""}
        return translate(self.sentence) % values

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a geometry may be, which kinds are wanted, and whether heights are dropped or refused."""

    bytes: int = 1_000_000
    depth: int = 12
    vertices: int = 10_000
    rings: int = 1_000
    parts: int = 1_000
    kinds: Collection[str] = field(default=KINDS)
    drop_heights: bool = False


DEFAULT = Limits()


def wanted_kind(kind: object, limits: Limits) -> str:
    if isinstance(kind, str) and kind in limits.kinds and kind in KINDS:
        return kind
    raise Fault(
        gettext_noop("The geometry's type is %(kind)s; accepted are %(accepted)s."),
        kind=f"“{kind[:40]}”" if isinstance(kind, str) else "“?”",
        accepted=", ".join(sorted(limits.kinds)),
    )


def refuse_heights() -> NoReturn:
    raise Fault(gettext_noop("The geometry has heights; give longitude and latitude only."))


def refuse_bytes(size: int, limits: Limits) -> NoReturn:
    raise Fault(
        gettext_noop("The geometry has %(size)s bytes; at most %(most)s are accepted."), size=size, most=limits.bytes
    )


def check_vertices(count: int, limits: Limits) -> None:
    if count > limits.vertices:
        raise Fault(gettext_noop("The geometry has more than %(most)s points."), most=limits.vertices)


def check_rings(count: int, limits: Limits) -> None:
    if count > limits.rings:
        raise Fault(gettext_noop("The geometry has more than %(most)s rings."), most=limits.rings)


def check_parts(count: int, limits: Limits) -> None:
    if count > limits.parts:
        raise Fault(gettext_noop("The geometry has more than %(most)s parts."), most=limits.parts)
