"""What a channel is given to send, and what it answers: plain values, since sending knows no database."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from grids.models import Delivery

Outcome = Delivery.Outcome


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be told: what happened, about what, and where to read on (an absolute address).

    `kind` is one of `wishes.Kind`, empty for codes and tests.
    """

    what: str
    subject: str
    url: str
    urgent: bool = False
    data: dict[str, Any] = field(default_factory=dict)
    kind: str = ""

    @property
    def line(self) -> str:
        """What happened and about what, in one line."""
        return " ".join(" · ".join(filter(None, [self.what, self.subject])).split())


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one address. The id stays the same however often it is tried."""

    id: str
    channel: str
    address: dict[str, str]
    items: tuple[Item, ...]
    title: str
    language: str
    made_at: datetime
    settings_url: str = ""
    person: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an attempt. `reason` is a word of `words.REASONS`; `wait` is how long the receiver asks to wait,
    in seconds; `detail` names neither address nor secret; `gone` says that there is no such address any more.
    """

    outcome: Outcome
    reason: str = ""
    detail: str = ""
    wait: float = 0
    gone: bool = False


DELIVERED = Answer(Outcome.DELIVERED)
