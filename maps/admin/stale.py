"""Two editors of one row: whoever saves second is told so, instead of overwriting what the first one wrote.

A form carries the last event of the history of its row, and of the rows below it, at the moment it was opened. History
is written for every way a row can change, so a change by the API, a list or a command counts too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import IntegerField, QuerySet, Value
from django.forms.models import _get_foreign_key
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from maps.admin.diffs import rows_of, tracked

FIELD = "_seen"
SENTENCE = gettext_lazy(
    "Somebody else changed this after you had opened it: nothing was written. Open the page anew to see it as it is "
    "now; what you wrote stands below until then, and the change history says what was changed."
)


def stamp(row: Any, below: Iterable[Any]) -> str:
    """Return what tells whether a row, or one below it in these inlines, has changed; one query."""
    model = type(row)
    parts: list[tuple[Any, dict[str, Any]]] = [(model, {"pgh_obj": row.pk})]
    for inline in below:
        link: Any = _get_foreign_key(model, inline.model, fk_name=inline.fk_name)
        own = inline.model._base_manager.filter(**{link.name: row.pk}).order_by().values("pk")
        parts.append((inline.model, {"pgh_obj__in": own}))
    newest = [_newest(events, which, index) for index, (one, which) in enumerate(parts) if (events := tracked(one))]
    found = newest[0].union(*newest[1:], all=True) if len(newest) > 1 else newest[0]
    return ".".join(f"{index}-{last}" for index, last in sorted(found))


def _newest(events: Any, which: dict[str, Any], index: int) -> QuerySet[Any]:
    rows = rows_of(events).filter(**which).annotate(part=Value(index, output_field=IntegerField()))
    newest: QuerySet[Any] = rows.order_by("-pgh_id").values_list("part", "pgh_id")[:1]
    return newest


def is_stale(request: HttpRequest, row: Any, below: Iterable[Any]) -> bool:
    """Whether a form that is sent was opened before the last change, or does not say when; locks the row."""
    type(row)._base_manager.select_for_update(of=("self",)).filter(pk=row.pk).values("pk").first()
    return request.POST.get(FIELD) != stamp(row, below)
