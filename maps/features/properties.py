"""What a feature tells of a thing: names, types, titles, and by which of them it can be asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from grids.problems import Problem

ANY_WHOLE = 2**31 - 1
TRUE, FALSE = frozenset({"true", "1"}), frozenset({"false", "0"})


class Kind(StrEnum):
    """The type of a property; it is the same in every feature of a collection, or null.

    A moment or day is what `datetime` asks for. Programs turn every comparison with a moment that they do themselves
    into that parameter, whichever property it is of; so all other times are stamps, which are only text to them.
    """

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    FLAG = "flag"
    MOMENT = "moment"
    STAMP = "stamp"
    DAY = "day"


SCHEMAS: Mapping[Kind, dict[str, str]] = {
    Kind.TEXT: {"type": "string"},
    Kind.WHOLE: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.FLAG: {"type": "boolean"},
    Kind.MOMENT: {"type": "string", "format": "date-time"},
    Kind.STAMP: {"type": "string", "description": "A moment or day of RFC 3339."},
    Kind.DAY: {"type": "string", "format": "date"},
}


@dataclass(frozen=True, slots=True)
class Property:
    """One property of the features of a collection.

    `value` makes the expression that computes it, a column of its name without one. With `lookup`, the ORM's name for
    it or what makes the condition of a value, a request may ask for one value; `choices` are all that there are, with
    what each is called.
    """

    name: str
    title: str | Promise
    kind: Kind = Kind.TEXT
    value: Callable[[], Combinable] | None = None
    lookup: str | Callable[[Any], Q] = ""
    choices: Mapping[str, str | Promise] = field(default_factory=dict)

    def expression(self) -> Combinable:
        """Return what computes it."""
        return self.value() if self.value else F(self.name)

    def condition(self, value: Any) -> Q:
        """Return the condition that it has a value."""
        return self.lookup(value) if callable(self.lookup) else Q(**{self.lookup: value})

    def schema(self) -> dict[str, Any]:
        """Return its JSON Schema."""
        return {"title": str(self.title), **SCHEMAS[self.kind], **({"enum": [*self.choices]} if self.choices else {})}

    def read(self, text: str) -> Any:
        """Read a value that is asked for; raises Problem (400)."""
        if self.kind is Kind.FLAG:
            if text not in TRUE | FALSE:
                raise Problem(_("%(name)s must be true or false.") % {"name": self.name})
            return text in TRUE
        if self.kind is Kind.WHOLE:
            if not (text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= ANY_WHOLE):
                raise Problem(_("%(name)s must be a whole number.") % {"name": self.name})
            return int(text)
        if self.choices and text not in self.choices:
            raise Problem(
                _("“%(value)s” is no %(name)s; there are %(allowed)s.")
                % {"value": text, "name": self.name, "allowed": ", ".join(self.choices)}
            )
        return text
